"""Tools in a person's hand: what mouse and keys do over the notes goes to the tool that is chosen."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QToolTip, QWidget

from studio.media.music.edits_placing import Done
from studio.media.music.score import Score
from studio.widgets.roll.hearing import note_words
from studio.widgets.roll.kinds import Pointer, RollKind, Tool
from studio.widgets.roll.state import RollState
from studio.widgets.roll.surface import RollSurface
from studio.widgets.roll.tool import RollTool
from studio.widgets.roll.tools_choose import ChooseTool
from studio.widgets.roll.tools_draw import DrawTool, EraseTool, PanTool, SplitTool

_PANS: Final = Qt.MouseButton.MiddleButton
_USED: Final = (_PANS, Qt.MouseButton.LeftButton)
HELP: Final = "Tab goes from note to note, arrows move the chosen ones; Escape, then Tab, leaves the roll."
_EDGE_PX: Final = 24
_AUTO_MS: Final = 30


class NoteGrid(RollSurface):
    """The field of notes. Keys go to `keys`, which answers whether they were its."""

    committed = Signal(object, str, str)  # Done, title, kind
    sounded = Signal(int, int)  # pitch, velocity
    refused = Signal(str)
    tool_changed = Signal(str)

    def __init__(self, state: RollState, parent: QWidget | None = None) -> None:
        super().__init__(state, parent)
        self.keys: Callable[[QKeyEvent], bool] = lambda _event: False
        self.is_ours: Callable[[QKeyEvent], bool] = lambda _event: False
        self._tools: dict[Tool, RollTool] = {
            "select": ChooseTool(self, free=False),
            "lasso": ChooseTool(self, free=True),
            "draw": DrawTool(self),
            "erase": EraseTool(self),
            "split": SplitTool(self),
            "pan": PanTool(self),
        }
        self._tool: Tool = "select"
        self._held_over: RollTool | None = None  # in hand for as long as the middle button is down
        self._pointer = Pointer(tick=0, pitch=60, view=QPointF())
        self._drawn = (0, 80)
        self._auto = QTimer(self, interval=_AUTO_MS)
        self._auto.timeout.connect(self._go_on)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Piano roll")
        self.setAccessibleDescription(HELP)
        state.chosen_changed.connect(self._remember)

    # -- what tools ask for --------------------------------------------------------------------------

    def commit(self, change: Callable[[Score], Done], title: str, kind: RollKind) -> None:
        """Take a step; what was dragged is let go."""
        done = change(self.state.score)
        self.state.drag(None)
        self.committed.emit(done, title, kind)

    def sound(self, pitch: int, velocity: int) -> None:
        """Let a note be heard."""
        self.sounded.emit(pitch, velocity)

    def refuse(self, why: str) -> None:
        """Say why something cannot be done."""
        self.refused.emit(why)

    def last_drawn(self) -> tuple[int, int]:
        """Length in ticks (of the note drawn or chosen last, else one step of the grid) and velocity."""
        length, velocity = self._drawn
        step = self.state.snap.step
        return length or (step if step > 1 else 120), velocity

    def forget_length(self) -> None:
        """The next note is as long as the grid's step."""
        self._drawn = (0, self._drawn[1])

    def _remember(self) -> None:
        at, table = self.state.caret, self.state.table
        if 0 <= at < len(table) and self.state.chosen[at]:
            self._drawn = int(table.end[at] - table.start[at]), int(table.velocity[at])

    def repaint_over(self) -> None:
        """Paint what tools draw over the notes anew."""
        self.update()

    def follow_pointer(self, at: Pointer) -> None:
        """Scroll for as long as a drag is held out of the view."""
        if self._hand() is self._tools["pan"]:
            return
        inside = self.rect().adjusted(_EDGE_PX, _EDGE_PX, -_EDGE_PX, -_EDGE_PX)
        if inside.contains(at.view.toPoint()):
            self._auto.stop()
        elif not self._auto.isActive():
            self._auto.start()

    def _go_on(self) -> None:
        if not self._hand().busy:
            self._auto.stop()
            return
        at, sight = self._pointer.view, self.state.sight
        dx = max(0.0, at.x() - (self.width() - _EDGE_PX)) + min(0.0, at.x() - _EDGE_PX)
        dy = max(0.0, at.y() - (self.height() - _EDGE_PX)) + min(0.0, at.y() - _EDGE_PX)
        self.state.scroll_to(sight.left + dx, sight.top + dy)
        self._hand().move(self._aim(at, self._pointer.modifiers))

    # -- tools ---------------------------------------------------------------------------------------

    def tool(self) -> Tool:
        """The tool in hand."""
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Take another tool."""
        if tool != self._tool:
            self._tools[self._tool].cancel()
            self._tool = tool
            self._point()
            self.update()
            self.tool_changed.emit(tool)

    def cancel(self) -> bool:
        """Escape: give up what was begun."""
        self._auto.stop()
        return self._hand().cancel()

    def busy(self) -> bool:
        """A drag is under way."""
        return self._hand().busy

    def _hand(self) -> RollTool:
        return self._held_over or self._tools[self._tool]

    def _aim(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> Pointer:
        sight = self.state.sight
        self._pointer = Pointer(
            tick=sight.tick(at.x()), pitch=sight.pitch_at(at.y()), view=at, modifiers=modifiers
        )
        return self._pointer

    def _point(self) -> None:
        self.setCursor(self._hand().cursor(self._pointer))

    # -- mouse and keys ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The left button uses the tool, the middle one moves what is seen."""
        at = self._aim(event.position(), event.modifiers())
        if event.button() == _PANS and not self._hand().busy:
            self._held_over = self._tools["pan"]
        if event.button() in _USED and not self._hand().busy:
            self._hand().press(at)
            self._point()
        elif event.button() == Qt.MouseButton.RightButton and not self._hand().busy:
            self._aim_menu(at)

    def _aim_menu(self, at: Pointer) -> None:
        """A menu is about the note it is asked for over."""
        found = self.state.table.at(at.tick, at.pitch)
        if found >= 0 and not self.state.chosen[found]:
            self.state.choose_one(found)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Use the tool, or show what it would do."""
        at = self._aim(event.position(), event.modifiers())
        hand = self._hand()
        if hand.busy:
            hand.move(at)
            self.follow_pointer(at)
        else:
            self._point()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The step is done."""
        at = self._aim(event.position(), event.modifiers())
        if event.button() in _USED:
            self._auto.stop()
            if self._hand().busy:
                self._hand().release(at)
            if event.button() == _PANS:
                self._held_over = None
            self._point()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """With a tool that chooses, on an empty place: a note is drawn."""
        at = self._aim(event.position(), event.modifiers())
        if event.button() == Qt.MouseButton.LeftButton and self._hand().twice(at):
            draw = self._tools["draw"]
            draw.press(at)
            if draw.busy:
                draw.release(at)
        else:
            self.mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keys that are ours while we have the focus do not trigger the window's; Tab goes from note to note."""
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and self.is_ours(event):
                event.accept()
                return True
            tabs = event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
            if event.type() == QEvent.Type.KeyPress and tabs and self.keys(event):
                return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def tip(self, at: QPointF) -> str:
        """The note that is there, in words."""
        state = self.state
        found = -1
        if not self._hand().busy:
            found = state.table.at(state.sight.tick(at.x()), state.sight.pitch_at(at.y()))
        if found < 0:
            return ""
        score, note = state.score, state.table.notes[found]
        held, drums = bool(state.fixed[found]), state.track.drums
        words = note_words(note, state.bars, score.meters, score.keys, drums=drums, held=held)
        nats = state.surprise.get(note) if state.surprise is not None else None
        return words if nats is None else f"{words}\nSurprise {nats:.1f} nats"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The roll's own keys."""
        if not self.keys(event):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """A frame says that keys come here."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keys go elsewhere."""
        super().focusOutEvent(event)
        self.update()

    def _paint_over(self, painter: QPainter, area: QRect) -> None:
        self._hand().paint(painter, area)
