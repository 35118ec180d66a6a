"""Which models write notes, and which is chosen: for the music pane's list and tasks."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.app.art_models import ArtModels, ModelList
from studio.app.ask import ask_path
from studio.app.models_desk import ModelsDesk
from studio.app.settings import Settings
from studio.catalog.card import ModelCard
from studio.engine.thread import EngineThread
from studio.panes.music.pane import MusicPane

CHOSEN: Final = "model/music"


class PieceModels(ArtModels):
    """The chosen one is loaded in the background when a piece is open."""

    def __init__(
        self, pane: MusicPane, models: ModelsDesk, settings: Settings, engine: EngineThread, parent: QObject
    ) -> None:
        of = ModelList(
            kind="music",
            key=CHOSEN,
            none="No model that writes notes was found: add one in the model menu.",
            about=_about,
        )
        super().__init__(pane.prompt, of, models, settings, engine, parent)

    async def add(self, window: QWidget, _kind: str = "folder") -> None:
        """Ask for a model's folder, check and add it. Raises StudioError that names the folder and why."""
        mode = QFileDialog.FileMode.Directory
        folder = await ask_path(window, "Add a music model folder", Path.home(), mode=mode)
        if folder is not None:
            await self._models.add(folder)


def _about(card: ModelCard) -> str:
    return f"{card.family}, {card.parameters / 1e6:.1f} M parameters, reads {card.context_tokens} tokens"
