"""Joins a panel of knobs with its preset files."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.app.ask import ask_path
from studio.app.preset_import import foreign_preset
from studio.app.presets import Presets
from studio.app.tasks import Tasks
from studio.core.checked import Checked
from studio.core.errors import StudioError
from studio.core.piece_settings import PieceSettings
from studio.core.resources import resource_path
from studio.core.sampling import Sampling
from studio.media.picture.settings import PicturePreset
from studio.widgets.preset_bar import PresetName

K = TypeVar("K", bound=Checked)


class KnobsPanel(Protocol[K]):
    """What the desk needs of a panel: its knobs, and what the person wants done with presets."""

    opened: SignalInstance
    preset_save_requested: SignalInstance  # title
    preset_renamed: SignalInstance  # id, title
    preset_deleted: SignalInstance  # id
    preset_import_requested: SignalInstance

    def preset(self) -> K: ...
    def use_preset(self, knobs: K) -> None: ...
    def set_presets(self, presets: Sequence[PresetName]) -> None: ...
    def say(self, text: str, role: str = "muted") -> None: ...


class PresetsDesk(QObject, Generic[K]):
    """Reads the files when the panel is opened; saves, renames, deletes and imports."""

    notice = Signal(str, str)  # what, do

    def __init__(
        self,
        knobs: KnobsPanel[K],
        presets: Presets[K],
        tasks: Tasks,
        window: QWidget,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._knobs, self._tasks, self._window = knobs, tasks, window
        self.presets = presets
        knobs.opened.connect(self.refresh)
        knobs.preset_save_requested.connect(self._save)
        knobs.preset_renamed.connect(self._rename)
        knobs.preset_deleted.connect(self._delete)
        knobs.preset_import_requested.connect(self._ask_import)

    @Slot()
    def refresh(self) -> None:
        """Show the presets that there are now."""
        found = self.presets.all()
        self._knobs.set_presets(
            [
                PresetName(
                    id=preset.id,
                    title=preset.title,
                    knobs=preset.knobs,
                    about=preset.about,
                    own=preset.own,
                )
                for preset in found
            ]
        )
        if self.presets.problems:
            self._knobs.say(str(self.presets.problems[0]), "danger")

    @Slot(str)
    def _save(self, title: str) -> None:
        self._do(lambda: f"Saved as “{self.presets.save(title, self._knobs.preset()).title}”.")

    @Slot(str, str)
    def _rename(self, preset_id: str, title: str) -> None:
        self._do(lambda: f"It is “{self.presets.rename(preset_id, title).title}” now.")

    @Slot(str)
    def _delete(self, preset_id: str) -> None:
        def delete() -> str:
            self.presets.delete(preset_id)
            return "Deleted. The knobs stay as they are."

        self._do(delete)

    def _do(self, act: Callable[[], str]) -> None:
        """Change the files and say so in the panel, or why not."""
        try:
            said, role = act(), "muted"
        except StudioError as error:
            said, role = str(error), "danger"
        self.refresh()
        self._knobs.say(said, role)

    @Slot()
    def _ask_import(self) -> None:
        self._tasks.start(self._choose_file())

    async def _choose_file(self) -> None:
        path = await ask_path(
            self._window,
            "Import a preset",
            Path.home(),
            mode=QFileDialog.FileMode.ExistingFile,
            filters=("Presets (*.json *.settings)", "All files (*)"),
        )
        if path is not None:
            self.import_file(path)

    def import_file(self, path: Path) -> None:
        """Keep a preset file of Atelier, KoboldAI Lite or SillyTavern, turn the knobs to it, say what it lost.

        Raises StudioError, and changes nothing, when it holds none.
        """
        imported = self.presets.import_file(path)
        self.refresh()
        self._knobs.use_preset(imported.preset.knobs)
        left = ", ".join(imported.left_out[:12]) + (" …" if len(imported.left_out) > 12 else "")
        self.notice.emit(
            f"The preset “{imported.preset.title}” was imported.",
            f"Not taken over, as Atelier has no such setting: {left}."
            if left
            else "All of it was taken over.",
        )


def sampling_presets(own: Path) -> Presets[Sampling]:
    """The presets of the writing pane; the person's lie in `own`."""
    return Presets(own, resource_path("presets", "text"), Sampling, foreign_preset)


def picture_presets(own: Path) -> Presets[PicturePreset]:
    """The presets of the image pane; the person's lie in `own`."""
    return Presets(own, resource_path("presets", "picture"), PicturePreset)


def piece_presets(own: Path) -> Presets[PieceSettings]:
    """The presets of the music pane; the person's lie in `own`."""
    return Presets(own, resource_path("presets", "music"), PieceSettings)
