"""The slim line under the canvas: how large, where the frame lies, how near, saved or not."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.core.pictures import Box
from studio.media.picture.document import PictureDoc
from studio.widgets.labels import button, label, set_role


class PictureStatus(QWidget):
    """Values in; nothing out."""

    def __init__(self, notice: QWidget, parent: QWidget | None = None) -> None:
        """`notice` is shown in the middle."""
        super().__init__(parent)
        self._size = label("", "muted")
        self._frame = label("", "muted")
        self.zoom = button("", "How near the canvas is seen; click for its own size (Ctrl+0)", flat=True)
        self._saved = label("", "muted")
        self._size.setToolTip("The canvas, in pixels")
        self._size.setAccessibleName("Size of the canvas")
        self._frame.setToolTip("The frame: what the model draws lies in it. F moves it")
        self._frame.setAccessibleName("Frame")
        self.zoom.setObjectName("tightButton")
        self._saved.setAccessibleName("Saved state")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 16, 4)
        row.setSpacing(24)
        row.addWidget(self._size)
        row.addWidget(self._frame)
        row.addWidget(notice, 1)
        row.addWidget(self.zoom)
        row.addWidget(self._saved)
        self.set_saved(True)

    def show_document(self, doc: PictureDoc, frame: Box | None = None) -> None:
        """The canvas and its frame."""
        frame = frame or doc.frame
        whole = (frame.x, frame.y, frame.width, frame.height) == (0, 0, doc.width, doc.height)
        self._size.setText(f"{doc.width} × {doc.height}")
        self._frame.setText(
            "frame: all of it" if whole else f"frame {frame.width} × {frame.height} at {frame.x}, {frame.y}"
        )

    def set_zoom(self, factor: float) -> None:
        """1.0 is one screen pixel a pixel."""
        self.zoom.setText(f"{factor * 100:.0f} %")
        self.zoom.setAccessibleName(f"Zoom {factor * 100:.0f} %")

    def set_saved(self, saved: bool) -> None:
        """Whether all of it is on disk."""
        self._saved.setText("Saved" if saved else "Saving…")
        set_role(self._saved, "muted" if saved else "accent")

    def text(self) -> str:
        """All that the line says."""
        return "  ".join(part.text() for part in (self._size, self._frame, self.zoom, self._saved))
