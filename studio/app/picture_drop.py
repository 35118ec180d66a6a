"""Pictures dropped or pasted anywhere in the window: files, and pixels from other programs."""

from pathlib import Path
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

PNG_MIME: Final = "image/png"
FILES_MOST: Final = 20


class Arrived(Struct, frozen=True, kw_only=True):
    """What came: files, or the bytes of one picture."""

    paths: tuple[Path, ...] = ()
    png: bytes = b""
    image: QImage | None = None


def arrived(mime: QMimeData) -> Arrived | None:
    """The pictures in what was dropped or pasted; None when there are none.

    Bytes are taken before pixels: a recipe may lie in them.
    """
    paths = tuple(Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())
    pictures = tuple(path for path in paths if _is_picture(path))
    if paths:
        return Arrived(paths=pictures[:FILES_MOST]) if len(pictures) == len(paths) else None
    if mime.hasFormat(PNG_MIME) and (png := mime.data(PNG_MIME).data()):
        return Arrived(png=bytes(png))
    if mime.hasImage():
        image = mime.imageData()
        if isinstance(image, QImage) and not image.isNull():
            return Arrived(image=image)
    return None


def holds_picture(mime: QMimeData) -> bool:
    """Whether `arrived` would find something; nothing is fetched for that."""
    urls = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    if urls:
        return all(_is_picture(path) for path in urls)
    return mime.hasImage() or mime.hasFormat(PNG_MIME)


def _is_picture(path: Path) -> bool:
    from studio.media.picture.files import is_picture_name  # with the first drop, not with the window

    return is_picture_name(path)


class PictureDrop(QObject):
    """Watches the window for drops, and whatever has the keyboard for a paste that its own would not understand."""

    dropped = Signal(object)  # Arrived
    pasted = Signal(object)  # Arrived

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._watched: QWidget | None = None
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus)

    @Slot(QWidget, QWidget)
    def _on_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Only one widget at a time is watched: a filter over all of the program would slow every stroke."""
        if self._watched is not None and self._watched is not self._window:
            self._watched.removeEventFilter(self)
            self._watched.destroyed.disconnect(self._forget)
        self._watched = new if new is not None and new.window() is self._window else None
        if self._watched is not None and self._watched is not self._window:
            self._watched.installEventFilter(self)
            self._watched.destroyed.connect(self._forget)

    @Slot()
    def _forget(self) -> None:
        self._watched = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take pictures; let everything else go where it was going."""
        match event.type():
            case QEvent.Type.DragEnter if watched is self._window and isinstance(event, QDragEnterEvent):
                if holds_picture(event.mimeData()):
                    event.acceptProposedAction()
                    return True
            case QEvent.Type.Drop if watched is self._window and isinstance(event, QDropEvent):
                found = arrived(event.mimeData())
                if found is not None:
                    event.acceptProposedAction()
                    self.dropped.emit(found)
                    return True
            case QEvent.Type.KeyPress if isinstance(event, QKeyEvent):
                if event.matches(QKeySequence.StandardKey.Paste):
                    writes = Qt.WidgetAttribute.WA_InputMethodEnabled  # a field or a page: words go there
                    takes_words = isinstance(watched, QWidget) and watched.testAttribute(writes)
                    return self.paste(beside_text=not takes_words)
            case _:
                pass
        return False

    def paste(self, *, beside_text: bool = True) -> bool:
        """Take the picture on the clipboard; False when there is none.

        Without `beside_text` a picture is left alone that came together with words, as from a text program.
        """
        mime = QGuiApplication.clipboard().mimeData() or QMimeData()  # None where nothing was ever copied
        words = mime.hasText() and not mime.urls()
        if not holds_picture(mime) or (words and not beside_text):
            return False
        found = arrived(mime)
        if found is not None:
            self.pasted.emit(found)
        return found is not None
