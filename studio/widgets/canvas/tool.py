"""What a tool of the canvas is, and what it may ask of the canvas."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QCursor, QKeyEvent, QPainter

from studio.media.picture.document import PictureDoc
from studio.widgets.canvas.kinds import Brush, Pointer
from studio.widgets.canvas.mask_edits import MaskEdits
from studio.widgets.canvas.scene import Scene
from studio.widgets.canvas.viewport import Viewport


class Host(Protocol):
    """The canvas, as its tools see it."""

    scene: Scene
    viewport: Viewport
    masks: MaskEdits

    def document(self) -> PictureDoc:
        """The picture as it was last told or shown."""

    def chosen(self) -> str:
        """The chosen layer's id, or ""."""

    def brush(self) -> Brush:
        """The brush."""

    def grid_px(self) -> int:
        """What sides of the frame are multiples of."""

    def preview(self, doc: PictureDoc | None) -> None:
        """Show a document that is being tried out; None goes back."""

    def commit(
        self,
        title: str,
        kind: str,
        change: Callable[[PictureDoc], PictureDoc | None],
        *,
        whole: bool = False,
    ) -> None:
        """Take a step that needs no new picture; `whole`: all layers go together, the locks with them."""

    def settle(self) -> None:
        """Tell what is still being packed now, so that a step can be tried out on it."""

    def pan(self, dx: float, dy: float) -> None:
        """Move what is seen by so many pixels of the view."""

    def refuse(self, why: str) -> None:
        """Say why something cannot be done."""

    def repaint_rect(self, rect: QRectF | QRect) -> None:
        """Paint this rectangle of the canvas anew, with what tools draw over it."""

    def repaint_all(self) -> None:
        """Paint everything anew, with what tools draw over it."""


class CanvasTool:
    """Told what the pointer does; `busy` from press to release."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.busy = False

    @property
    def begun(self) -> bool:
        """There is something that Escape gives up."""
        return self.busy

    def cursor(self, _at: Pointer) -> QCursor:
        """How the pointer looks there."""
        return QCursor(Qt.CursorShape.ArrowCursor)

    def press(self, at: Pointer) -> None:
        """The button or pen went down."""

    def move(self, at: Pointer) -> None:
        """It moved while down."""

    def release(self, at: Pointer) -> None:
        """It went up."""

    def hover(self, at: Pointer) -> None:
        """It moved while up."""

    def leave(self) -> None:
        """It left the canvas, or another tool was taken."""

    def cancel(self) -> bool:
        """Escape: give up what was begun; False when there was nothing."""
        return False

    def key(self, _event: QKeyEvent) -> bool:
        """A key while the canvas has the focus; True when it was for this tool."""
        return False

    def paint(self, painter: QPainter) -> None:
        """Draw over the picture, in pixels of the view."""
