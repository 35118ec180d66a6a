"""Music files dropped anywhere on the window."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

# those of media.music.exchange, told here so that no music is imported to look at what is dropped
SUFFIXES: Final = (".mid", ".midi", ".kar", ".rmi", ".smf", ".musicxml", ".mxl", ".xml", ".abc")
FILES_MOST: Final = 20


class MusicDropped(Struct, frozen=True, kw_only=True):
    """Files that came; `into`: the person held Shift, so that they go into the open piece."""

    paths: tuple[Path, ...]
    into: bool = False


def is_music_name(path: Path) -> bool:
    """Whether a file is music by its name."""
    return path.suffix.lower() in SUFFIXES


def music_in(mime: QMimeData) -> tuple[Path, ...]:
    """The music files in what is dropped; none when anything else is among them."""
    urls = mime.urls()
    paths = tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile())
    return paths if len(paths) == len(urls) and _all_music(paths) else ()


def _all_music(paths: Sequence[Path]) -> bool:
    return all(is_music_name(path) for path in paths)


class PieceDrop(QObject):
    """Watches the window for music files; what its parts take themselves stays theirs."""

    dropped = Signal(object)  # MusicDropped

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Take music; let everything else go where it was going."""
        kinds = (QEvent.Type.DragEnter, QEvent.Type.Drop)
        if event.type() not in kinds or not isinstance(event, QDropEvent):
            return False
        paths = music_in(event.mimeData())
        if not paths or event.source() is not None:  # a take that is dragged out and comes back is none
            return False
        _copies(event)
        if event.type() == QEvent.Type.Drop:
            into = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.dropped.emit(MusicDropped(paths=paths[:FILES_MOST], into=into))
        return True


def _copies(event: QDropEvent) -> None:
    """Shift means “move” to the program the file comes from: it would remove it."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
