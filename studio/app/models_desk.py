"""Joins the model menu with the models on this computer and the worker."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.app.ask import ask_path
from studio.app.places import Places
from studio.app.settings import Settings
from studio.app.tasks import in_thread
from studio.catalog.card import ModelCard
from studio.catalog.catalog import Catalog
from studio.core.endpoint import Endpoint, is_remote
from studio.core.resources import STARTERS, starter_model
from studio.engine.thread import EngineThread
from studio.panes.text.prompt_box import PromptBox
from studio.widgets.model_menu import ModelChoice

CHOSEN = "model/text"
CHARS_PER_TOKEN = 8  # generous: English has about 4
CONTEXT_TOKENS = 4_096  # when a model does not say
STARTER_TITLE = "Starter story model"
STARTER_TITLES = {
    "image": "Starter picture model",
    "music": "Starter music model",
}  # by the card's kind; the others are STARTER_TITLE
TEXT_KINDS = ("text", "unknown")  # what cannot be told stands in the writing pane's list, with the reason


class ModelsDesk(QObject):
    """Which text models there are, which is chosen; the chosen one is loaded in the background."""

    shown = Signal()  # the list was shown, or another model chosen
    added = Signal(object)  # ModelCard, of whatever kind

    def __init__(
        self, prompt: PromptBox, settings: Settings, places: Places, engine: EngineThread, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._prompt = prompt
        self._settings = settings
        self._engine = engine
        self._catalog = Catalog(places.models_file, _starters())
        self._cards: dict[str, ModelCard] = {}
        self._others: dict[str, ModelCard] = {}  # of the other arts
        self._chosen = ""
        self._endpoints: Mapping[str, Endpoint] = {}

    def show(self) -> str:
        """Read the list; choose the model chosen last, or the starter.

        Returns why the one chosen last can't be used any more, "" when it can.
        """
        self._read()
        self._chosen = self._settings.text(CHOSEN)
        reason = self.why_not(self._chosen)
        if reason:
            usable = [card.path for card in self._cards.values() if card.usable]
            reason = reason if self._chosen else ""
            self._chosen = usable[0] if usable else ""
        self._show(self._chosen)
        if not self._chosen:
            self._prompt.set_blocked("No usable model was found: add a model folder in the model menu.")
        return reason

    def start(self) -> None:
        """Load the chosen model in the background."""
        if self._chosen and not is_remote(self._chosen):
            self._engine.start_worker(self._chosen)

    def why_not(self, path: str) -> str:
        """Why this model can't be used, "" when it can."""
        if path in self._endpoints:
            return ""
        card = self._cards.get(path)
        if card is None:
            return "No model is chosen." if not path else f"The model {path} is not in the list any more."
        return card.why_not

    def context_chars(self, path: str) -> int:
        """How much text this model can use at most, in characters; more need not be sent to it."""
        if endpoint := self._endpoints.get(path):
            return CHARS_PER_TOKEN * endpoint.context_tokens
        card = self._cards.get(path)
        return CHARS_PER_TOKEN * (card.context_tokens if card and card.context_tokens else CONTEXT_TOKENS)

    def where(self, path: str) -> str:
        """Where a model lies, or which model at which address it is: what is found out about it is kept under this."""
        endpoint = self._endpoints.get(path)
        return endpoint.stamp if endpoint else path

    def titles(self) -> dict[str, str]:
        """The models' names, by path."""
        titles = {path: STARTER_TITLE if card.starter else card.title for path, card in self._cards.items()}
        titles |= {path: title_of_card(card) for path, card in self._others.items()}
        return titles | {path: endpoint.title for path, endpoint in self._endpoints.items()}

    def set_endpoints(self, endpoints: Mapping[str, Endpoint]) -> None:
        """The endpoints the person added stand in the menu after the models on this computer."""
        self._endpoints = endpoints
        if self._cards:
            if self.why_not(self._chosen):  # the chosen one was removed
                self.show()
            else:
                self._show(self._chosen)

    @Slot(str)
    def choose(self, path: str) -> None:
        """Use this model from now on."""
        if not self.why_not(path):
            self._chosen = path
            self._settings.keep(CHOSEN, path)
            self._prompt.set_blocked("")
            if not is_remote(path):
                self._engine.start_worker(path)
            self.shown.emit()

    async def add_folder(self, window: QWidget) -> None:
        """Ask for a folder; check it; add and choose it."""
        mode = QFileDialog.FileMode.Directory
        folder = await ask_path(window, "Add a model folder", Path.home(), mode=mode)
        if folder is not None:
            await self.add(folder)

    async def add_file(self, window: QWidget) -> None:
        """Ask for a GGUF file; check it; add and choose it."""
        mode, kinds = QFileDialog.FileMode.ExistingFile, ("GGUF models (*.gguf)", "All files (*)")
        file = await ask_path(window, "Add a GGUF file", Path.home(), mode=mode, filters=kinds)
        if file is not None:
            await self.add(file)

    async def add(self, folder: Path) -> None:
        """Check a folder or file, add it, choose it when it writes. Raises StudioError that names the file and why."""
        card = await in_thread(self._catalog.add, folder)
        self._read()
        if card.kind in TEXT_KINDS:
            self._show(card.path)
            self.choose(card.path)
        self.added.emit(card)

    def cards(self, kind: str) -> list[ModelCard]:
        """The models of another kind: "image", "music", "adapter", "control", "reference", "vae"."""
        if not self._cards and not self._others:
            self._read()
        return [card for card in self._others.values() if card.kind == kind]

    def _read(self) -> None:
        cards = {card.path: card for card in self._catalog.models()}
        self._cards = {path: card for path, card in cards.items() if card.kind in TEXT_KINDS}
        self._others = {path: card for path, card in cards.items() if card.kind not in TEXT_KINDS}

    def _show(self, chosen: str) -> None:
        choices = [
            ModelChoice(
                path=card.path,
                title=STARTER_TITLE if card.starter else card.title,
                detail=f"{card.family}, {card.parameters / 1e6:.1f} M parameters" if card.usable else "",
                usable=card.usable,
                why_not=card.why_not,
            )
            for card in self._cards.values()
        ]
        choices += [
            ModelChoice(
                path=path,
                title=endpoint.title,
                detail=f"{endpoint.model or 'its own model'} at {endpoint.url}; your text is sent there",
            )
            for path, endpoint in self._endpoints.items()
        ]
        self._prompt.set_models(choices, chosen)
        self.shown.emit()


def title_of_card(card: ModelCard) -> str:
    """A model's name in a list."""
    if not card.starter:
        return card.title
    return STARTER_TITLES.get(card.kind, STARTER_TITLE)


def _starters() -> list[Path]:
    """The models that came with the program."""
    story, *others = (starter_model(kind) for kind in STARTERS)
    return [story, *(folder for folder in dict.fromkeys(others) if folder.is_dir() and folder != story)]
