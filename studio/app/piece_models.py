"""Which models write notes, and which is chosen: for the music pane's list and tasks."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.app.ask import ask_path
from studio.app.models_desk import ModelsDesk, title_of_card
from studio.app.settings import Settings
from studio.catalog.card import ModelCard
from studio.engine.thread import EngineThread
from studio.panes.music.pane import MusicPane
from studio.widgets.model_menu import ModelChoice

CHOSEN: Final = "model/music"
_NONE: Final = "No model that writes notes was found: add one in the model menu."


class PieceModels(QObject):
    """The chosen one is loaded in the background when a piece is open."""

    shown = Signal()  # the list was shown, or another model chosen

    def __init__(
        self, pane: MusicPane, models: ModelsDesk, settings: Settings, engine: EngineThread, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._pane, self._models, self._settings, self._engine = pane, models, settings, engine
        self._chosen = ""
        pane.prompt.model_chosen.connect(self.choose)
        models.added.connect(self._on_added)
        self.show()

    @property
    def chosen(self) -> str:
        """The path of the model that writes; "" when there is none."""
        return self._chosen

    @property
    def card(self) -> ModelCard | None:
        """What is known of the chosen model."""
        return self._card(self._chosen)

    def _card(self, path: str) -> ModelCard | None:
        return next((card for card in self._models.cards("music") if card.path == path), None)

    def show(self) -> None:
        """Fill the list; the model chosen last, else the first usable one, is chosen."""
        cards = self._models.cards("music")
        usable = [card.path for card in cards if card.usable]
        wanted = self._chosen or self._settings.text(CHOSEN)
        self._chosen = wanted if wanted in usable else next(iter(usable), "")
        self._pane.prompt.set_models([_choice(card) for card in cards], self._chosen)
        self._pane.prompt.set_blocked("" if self._chosen else _NONE)
        self.shown.emit()

    def start(self) -> None:
        """Load the chosen model in the background."""
        if self._chosen:
            self._engine.start_worker(self._chosen)

    def why_not(self, path: str, task: str = "") -> str:
        """Why this model can't be used, or can't do that task; "" when it can."""
        if not path:
            return "No model is chosen."
        card = self._card(path)
        if card is None:
            return f"The model {path} is not in the list any more."
        return card.why_not or card.modes.get(task, "")

    def titles(self) -> dict[str, str]:
        """The models' names, by path."""
        return self._models.titles()

    @Slot(str)
    def choose(self, path: str) -> None:
        """Write with this model from now on."""
        if not self.why_not(path) and path != self._chosen:
            self._chosen = path
            self._settings.keep(CHOSEN, path)
            self.show()
            self.start()

    async def add(self, window: QWidget, _kind: str = "folder") -> None:
        """Ask for a model's folder, check and add it. Raises StudioError that names the folder and why."""
        mode = QFileDialog.FileMode.Directory
        folder = await ask_path(window, "Add a music model folder", Path.home(), mode=mode)
        if folder is not None:
            await self._models.add(folder)

    @Slot(object)
    def _on_added(self, card: ModelCard) -> None:
        if card.kind == "music" and card.usable:
            self._chosen = card.path
            self._settings.keep(CHOSEN, card.path)
            self.show()
            self.start()
        else:
            self.show()


def _choice(card: ModelCard) -> ModelChoice:
    about = f"{card.family}, {card.parameters / 1e6:.1f} M parameters, reads {card.context_tokens} tokens"
    return ModelChoice(
        path=card.path,
        title=title_of_card(card),
        detail=about if card.usable else "",
        usable=card.usable,
        why_not=card.why_not,
    )
