"""Which models make an art, and which is chosen: what the lists of the image and the music pane have in common."""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct
from PySide6.QtCore import QObject, Signal, SignalInstance, Slot

from studio.app.models_desk import ModelsDesk, title_of_card
from studio.app.settings import Settings
from studio.catalog.card import ModelCard, ModelKind
from studio.engine.thread import EngineThread
from studio.widgets.model_menu import ModelChoice


class ModelPrompt(Protocol):
    """What is asked of a pane's prompt box."""

    @property
    def model_chosen(self) -> SignalInstance:
        """Signal(str): the path of a model."""

    def set_models(self, models: list[ModelChoice], chosen: str) -> None: ...
    def set_blocked(self, reason: str) -> None: ...


class ModelList(Struct, frozen=True, kw_only=True):
    """What differs from art to art: the kind of card, where the choice is kept, what is said where there is none, and
    what is told of a model beside its name."""

    kind: ModelKind
    key: str
    none: str
    about: Callable[[ModelCard], str]


class ArtModels(QObject):
    """The chosen one is loaded in the background when a work of the art is open."""

    shown = Signal()  # the lists were shown, or another model chosen

    def __init__(
        self,
        prompt: ModelPrompt,
        of: ModelList,
        models: ModelsDesk,
        settings: Settings,
        engine: EngineThread,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._prompt, self._of = prompt, of
        self._models, self._settings, self._engine = models, settings, engine
        self._chosen = ""
        prompt.model_chosen.connect(self.choose)
        models.added.connect(self._on_added)
        self.show()

    @property
    def chosen(self) -> str:
        """The path of the model that makes takes; "" when there is none."""
        return self._chosen

    @property
    def card(self) -> ModelCard | None:
        """What is known of the chosen model."""
        return self._card(self._chosen)

    def _card(self, path: str) -> ModelCard | None:
        return next((card for card in self._models.cards(self._of.kind) if card.path == path), None)

    def show(self) -> None:
        """Fill the lists; the model chosen last, else the first usable one, is chosen."""
        cards = self._models.cards(self._of.kind)
        usable = [card.path for card in cards if card.usable]
        wanted = self._chosen or self._settings.text(self._of.key)
        self._chosen = wanted if wanted in usable else next(iter(usable), "")
        self._prompt.set_models([self._choice(card) for card in cards], self._chosen)
        self._prompt.set_blocked("" if self._chosen else self._of.none)
        self._show_more()
        self.shown.emit()

    def _show_more(self) -> None:
        """What else a pane shows of the chosen model."""

    def _choice(self, card: ModelCard) -> ModelChoice:
        return ModelChoice(
            path=card.path,
            title=title_of_card(card),
            detail=self._of.about(card) if card.usable else "",
            usable=card.usable,
            why_not=card.why_not,
        )

    def start(self) -> None:
        """Load the chosen model in the background."""
        if self._chosen:
            self._engine.start_worker(self._chosen)

    def why_not(self, path: str, mode: str = "") -> str:
        """Why this model can't be used, or can't do that mode or task; "" when it can."""
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
        """Make takes with this model from now on."""
        if not self.why_not(path) and path != self._chosen:
            self._take(path)

    @Slot(object)
    def _on_added(self, card: ModelCard) -> None:
        if card.kind == self._of.kind and card.usable:
            self._take(card.path)
        else:
            self.show()

    def _take(self, path: str) -> None:
        self._chosen = path
        self._settings.keep(self._of.key, path)
        self.show()
        self.start()
