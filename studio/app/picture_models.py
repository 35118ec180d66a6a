"""Which models draw, which is chosen, and what can be laid over it: for the image pane's lists and knobs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.app.ask import ask_path
from studio.app.models_desk import ModelsDesk, title_of_card
from studio.app.settings import Settings
from studio.catalog.card import ModelCard
from studio.engine.thread import EngineThread
from studio.panes.image.pane import PicturePane
from studio.widgets.model_menu import ModelChoice
from studio.widgets.picture_knobs import PictureModel
from studio.widgets.picture_stack import ExtraChoice

CHOSEN: Final = "model/picture"
EXTRAS: Final[Mapping[str, str]] = {"adapters": "adapter", "controls": "control", "reference": "reference"}
_NONE: Final = "No model that draws was found: add one in the model menu."
_FILTERS: Final = ("Weights (*.safetensors)", "All files (*)")


class PictureModels(QObject):
    """The chosen one is loaded in the background when a picture is open."""

    shown = Signal()  # the lists were shown, or another model chosen

    def __init__(
        self, pane: PicturePane, models: ModelsDesk, settings: Settings, engine: EngineThread, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._pane, self._models, self._settings, self._engine = pane, models, settings, engine
        self._chosen = ""
        pane.prompt.model_chosen.connect(self.choose)
        models.added.connect(self._on_added)
        self.show()

    @property
    def chosen(self) -> str:
        """The path of the model that draws; "" when there is none."""
        return self._chosen

    @property
    def card(self) -> ModelCard | None:
        """What is known of the chosen model."""
        return self._card(self._chosen)

    def _card(self, path: str) -> ModelCard | None:
        return next((card for card in self._models.cards("image") if card.path == path), None)

    def show(self) -> None:
        """Fill the lists; the model chosen last, else the first usable one, is chosen."""
        cards = self._models.cards("image")
        usable = [card.path for card in cards if card.usable]
        wanted = self._chosen or self._settings.text(CHOSEN)
        self._chosen = wanted if wanted in usable else next(iter(usable), "")
        self._pane.prompt.set_models([_choice(card) for card in cards], self._chosen)
        self._pane.prompt.set_blocked("" if self._chosen else _NONE)
        self._show_knobs()

    def _show_knobs(self) -> None:
        card = self.card
        if card is None:
            return
        self._pane.knobs.set_model(knob_model(card))
        self._pane.canvas.set_grid(card.grid_px)
        for kind, of in EXTRAS.items():
            choices = [_extra(extra, card) for extra in self._models.cards(of)]
            self._pane.knobs.set_extras(kind, choices)
        self.shown.emit()

    def start(self) -> None:
        """Load the chosen model in the background."""
        if self._chosen:
            self._engine.start_worker(self._chosen)

    def why_not(self, path: str, mode: str = "") -> str:
        """Why this model can't be used, or can't do that mode; "" when it can."""
        if not path:
            return "No model is chosen."
        card = self._card(path)
        if card is None:
            return f"The model {path} is not in the list any more."
        return card.why_not or card.modes.get(mode, "")

    def titles(self) -> dict[str, str]:
        """The models' names, by path."""
        return self._models.titles()

    @Slot(str)
    def choose(self, path: str) -> None:
        """Draw with this model from now on."""
        if not self.why_not(path) and path != self._chosen:
            self._chosen = path
            self._settings.keep(CHOSEN, path)
            self.show()
            self.start()

    async def add(self, window: QWidget, kind: str = "folder") -> None:
        """Ask for a "folder", or for a file of weights (a checkpoint or an extra), check and add it."""
        if kind != "folder":
            mode, title = QFileDialog.FileMode.ExistingFile, "Add a file of weights"
        else:
            mode, title = QFileDialog.FileMode.Directory, "Add a model folder (diffusers)"
        path = await ask_path(
            window, title, Path.home(), mode=mode, filters=_FILTERS if kind != "folder" else ()
        )
        if path is not None:
            await self._models.add(path)

    @Slot(object)
    def _on_added(self, card: ModelCard) -> None:
        if card.kind == "image" and card.usable:
            self._chosen = card.path
            self._settings.keep(CHOSEN, card.path)
            self.show()
            self.start()
        else:
            self.show()


def knob_model(card: ModelCard) -> PictureModel:
    """What the knobs need of a card."""
    return PictureModel(
        path=card.path,
        title=title_of_card(card),
        abilities=dict(card.abilities),
        modes=dict(card.modes),
        size=card.size,
        grid_px=card.grid_px,
        steps=card.steps,
        guidance=card.guidance,
        schedulers=card.schedulers,
    )


def _choice(card: ModelCard) -> ModelChoice:
    width, height = card.size
    about = f"{card.family}, {card.parameters / 1e6:.1f} M parameters, {width} × {height}"
    return ModelChoice(
        path=card.path,
        title=title_of_card(card),
        detail=about if card.usable else "",
        usable=card.usable,
        why_not=card.why_not,
    )


def _extra(extra: ModelCard, model: ModelCard) -> ExtraChoice:
    """An adapter, control or reference as a line of its list; one of another family is grey."""
    fits = not extra.family or extra.family == model.family
    why = extra.why_not or ("" if fits else f"It is for {extra.family}, this model is {model.family}.")
    return ExtraChoice(path=extra.path, title=extra.title, why_not=why)
