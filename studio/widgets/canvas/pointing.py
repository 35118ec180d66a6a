"""Tools in a person's hand: what mouse, pen and keys do on the canvas goes to the tool that is chosen."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QTabletEvent,
)
from PySide6.QtWidgets import QWidget

from studio.widgets.canvas.kinds import BRUSH_MOST_PX, Brush, Pointer, Tool
from studio.widgets.canvas.surface import CanvasSurface
from studio.widgets.canvas.tool import CanvasTool

_PANS: Final = Qt.MouseButton.MiddleButton
_KEYS: Final[Mapping[int, Tool]] = {
    Qt.Key.Key_B: "brush",
    Qt.Key.Key_E: "eraser",
    Qt.Key.Key_L: "lasso",
    Qt.Key.Key_R: "rectangle",
    Qt.Key.Key_M: "move",
    Qt.Key.Key_C: "crop",
    Qt.Key.Key_F: "frame",
    Qt.Key.Key_H: "pan",
}
_FINER: Final = {Qt.Key.Key_BracketLeft: 1 / 1.2, Qt.Key.Key_BracketRight: 1.2}
_HELD: Final = (Qt.Key.Key_Space, Qt.Key.Key_Backslash)
_LOOKS: Final = (
    Qt.Key.Key_Plus,
    Qt.Key.Key_Equal,
    Qt.Key.Key_Minus,
    Qt.Key.Key_Underscore,
    Qt.Key.Key_0,
    Qt.Key.Key_1,
)


class Hand(CanvasSurface):
    """Holds one tool; `_take_tools` gives it all there are."""

    selection_changed = Signal()  # the chosen layer, the tool or the brush

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tools: dict[Tool, CanvasTool] = {}
        self._tool: Tool = "brush"
        self._held_over: CanvasTool | None = None  # in hand for as long as a key or button is down
        self._brush = Brush()
        self._pointer = Pointer(at=QPointF(), view=QPointF())
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TabletTracking)
        self.setAccessibleName("Canvas")
        self.setAccessibleDescription("The picture. Its tools have single keys while it has the focus.")

    def _take_tools(self, tools: Mapping[Tool, CanvasTool]) -> None:
        self._tools = dict(tools)

    def tool(self) -> Tool:
        """The tool in hand."""
        return self._tool

    def tool_named(self, tool: Tool) -> CanvasTool:
        """One of the tools."""
        return self._tools[tool]

    def set_tool(self, tool: Tool) -> None:
        """Take another tool."""
        if tool != self._tool:
            self._tools[self._tool].cancel()
            self._tools[self._tool].leave()
            self._tool = tool
            self._point()
            self.update()
            self.selection_changed.emit()

    def brush(self) -> Brush:
        """The brush."""
        return self._brush

    def set_brush(self, brush: Brush) -> None:
        """Take another brush."""
        if brush != self._brush:
            self._brush = brush
            self._brush_taken(brush)
            self.update()
            self.selection_changed.emit()

    def _brush_taken(self, brush: Brush) -> None:
        """Another brush is in hand."""

    def _let_go(self) -> None:
        """A drag under way ends where it is."""
        if self._hand().busy:
            self._hand().release(self._pointer)

    # -- mouse, pen and keys -------------------------------------------------------------------------

    def _hand(self) -> CanvasTool:
        return self._held_over or self._tools[self._tool]

    def _aim(self, at: QPointF, modifiers: Qt.KeyboardModifier, pressure: float = 1.0) -> Pointer:
        self._pointer = Pointer(at=self.canvas_point(at), view=at, modifiers=modifiers, pressure=pressure)
        return self._pointer

    def _point(self) -> None:
        self.setCursor(self._hand().cursor(self._pointer))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The left button uses the tool, the middle one pans."""
        at = self._aim(event.position(), event.modifiers())
        if event.button() == _PANS:
            self._held_over = self._held_over or self._tools["pan"]
        if event.button() in (_PANS, Qt.MouseButton.LeftButton):
            self._hand().press(at)
            self._point()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Use the tool, or show what it would touch."""
        self._moved(self._aim(event.position(), event.modifiers()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The step is done."""
        at = self._aim(event.position(), event.modifiers())
        if event.button() in (_PANS, Qt.MouseButton.LeftButton):
            self._released(at)
            if event.button() == _PANS:
                self._held_over = None
            self._point()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A second press is a press: quick dabs are all painted."""
        self.mousePressEvent(event)

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen: like the left button, with its pressure; its other end erases."""
        at = self._aim(event.position(), event.modifiers(), event.pressure())
        match event.type():
            case QEvent.Type.TabletPress if event.button() == Qt.MouseButton.LeftButton:
                if event.pointerType() == event.pointingDevice().PointerType.Eraser:
                    self._held_over = self._tools["eraser"]
                self._hand().press(at)
            case QEvent.Type.TabletMove:
                self._moved(at)
            case QEvent.Type.TabletRelease if self._hand().busy:
                self._released(at)
                self._held_over = None
        self._point()
        event.accept()

    def _moved(self, at: Pointer) -> None:
        hand = self._hand()
        if hand.busy:
            hand.move(at)
        else:
            hand.hover(at)
            self._point()

    def _released(self, at: Pointer) -> None:
        if self._hand().busy:
            self._hand().release(at)

    def enterEvent(self, event: QEnterEvent) -> None:
        """The outline appears."""
        if not self._hand().busy:
            self._moved(self._aim(event.position(), Qt.KeyboardModifier.NoModifier))

    def leaveEvent(self, _event: QEvent) -> None:
        """The outline goes."""
        if not self._hand().busy:
            self._hand().leave()

    def event(self, event: QEvent) -> bool:
        """Keys that are ours while we have the focus do not trigger the window's."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and self._is_ours(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def _is_ours(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            return self._hand().begun
        if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
            return False
        return key in _KEYS or key in _FINER or key in _HELD or key in _LOOKS

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tools by single keys, the brush's size by brackets, space pans, backslash shows the picture before."""
        plain = not event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        )
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self._hand().cancel():
            return
        if self._hand().key(event):
            return
        if not plain:
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Space:
            if not self._hand().busy:
                self._held_over = self._tools["pan"]
                self._point()
        elif key == Qt.Key.Key_Backslash:
            self.hide_live(True)
        elif key in _KEYS and not event.isAutoRepeat():
            self.set_tool(_KEYS[key])
        elif not self._look_key(key):
            super().keyPressEvent(event)

    def _look_key(self, key: Qt.Key) -> bool:
        """Keys for the brush's size and for the zoom."""
        if key in _FINER:
            size = self._brush.size_px
            wanted = (
                max(size + 1, size * _FINER[key]) if _FINER[key] > 1 else min(size - 1, size * _FINER[key])
            )
            self.set_brush(self._brush.changed(size_px=float(min(BRUSH_MOST_PX, max(1, round(wanted))))))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom_out()
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key == Qt.Key.Key_1:
            self.actual_size()
        else:
            return False
        return True

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space and backslash are let go."""
        if event.isAutoRepeat():
            return
        if event.key() == Qt.Key.Key_Space and self._held_over is self._tools["pan"]:
            self._held_over.release(self._pointer)
            self._held_over = None
            self._point()
        elif event.key() == Qt.Key.Key_Backslash:
            self.hide_live(False)
        else:
            super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """A frame says that keys come here."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keys held down are let go elsewhere."""
        self._held_over = None
        self.hide_live(False)
        super().focusOutEvent(event)
        self.update()

    def _paint_over(self, painter: QPainter) -> None:
        super()._paint_over(painter)
        self._hand().paint(painter)
