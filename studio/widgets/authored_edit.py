"""The editor for texts in which every character has an author."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from studio.media.spans import Edit, Run, Runs, SpanText, moved, runs_of
from studio.widgets.authored_text import Part, clean
from studio.widgets.clipboard import copied, pasted
from studio.widgets.edit_menu import edit_menu
from studio.widgets.fonts import READING_PT
from studio.widgets.ghost_text import GhostText
from studio.widgets.lock_guard import REFUSED, would_break
from studio.widgets.marked_edit import MarkedEdit

_SAME_CARET = -2  # whatever Qt does with the caret now is no jump


class AuthoredEdit(MarkedEdit):
    """A plain-text editor that knows who wrote each character. Qt's own undo is off.

    Positions are characters. What the person does is told by `edited`; what comes in through
    `load` and `apply` is not echoed.
    """

    edited = Signal(object, str)  # Edit, "typed" | "pasted"
    undo_requested = Signal()
    redo_requested = Signal()
    caret_moved = Signal(int)
    jumped = Signal()  # the caret went elsewhere, not by writing
    focus_left = Signal()
    refused = Signal(str)  # why the text stays as it is
    ghost_accepted = Signal(str)  # "word" | "sentence" | "paragraph"
    ghost_typed = Signal(int)  # so many of the ghost's characters were typed by the person
    ghost_cleared = Signal()  # by the person

    def __init__(self, parent: QWidget | None = None, *, size_pt: float = READING_PT) -> None:
        super().__init__(parent, size_pt=size_pt)
        self._expected_caret = -1
        self._typing = False
        self._pressed: QPoint | None = None
        self._ghost = GhostText(self, self.text, self.paint)
        self._ghost.typed.connect(self.ghost_typed)
        self._ghost.cleared.connect(self.ghost_cleared)
        self.text.followed.connect(self._on_followed)
        self.text.changed.connect(self.edited)
        self.text.refused.connect(self._refuse)
        self.cursorPositionChanged.connect(self._on_caret)
        self.selectionChanged.connect(self._ghost.refresh)
        self.load(SpanText())

    # -- values ---------------------------------------------------------------------------

    def load(self, value: SpanText) -> None:
        """Show another text, the caret at its start."""
        self._ghost.forget()
        self.marks.clear()
        self.text.load(value)
        self._expected_caret = 0
        self.set_caret(0)
        self.settle()

    def apply(self, edit: Edit) -> None:
        """Take over a change made elsewhere (undo, accept). Raises ValueError when it does not fit."""
        self._expected_caret = _SAME_CARET
        try:
            with self._ghost.suspended():
                self.text.apply(edit)
        finally:
            self._expected_caret = self.caret()

    def value(self) -> SpanText:
        """The text with its authors."""
        return self.text.value

    def caret(self) -> int:
        """The caret's place, in characters."""
        return self.text.positions.points(self.textCursor().position())

    def selection(self) -> tuple[int, int]:
        """First and last place of what is selected; twice the caret when nothing is."""
        cursor = self.textCursor()
        places = self.text.positions
        return places.points(cursor.selectionStart()), places.points(cursor.selectionEnd())

    def set_caret(self, at: int) -> None:
        """Put the caret there; places outside the text count as its ends."""
        self.setTextCursor(self.cursor_over(at, at))
        self.follow_caret()

    def select(self, start: int, end: int) -> None:
        """Select characters start..end and scroll to them."""
        self.setTextCursor(self.cursor_over(start, end))
        self.ensureCursorVisible()
        self.follow_caret()

    # -- what the person does through us --------------------------------------------------

    def insert_text(self, text: str, runs: Runs | None = None) -> None:
        """Write at the caret as the person would, replacing what is selected."""
        text = clean(text)
        start, end = self.selection()
        self._replace(start, end, text, runs_of(text) if runs is None else runs)

    def replace_range(self, start: int, end: int, text: str) -> bool:
        """Replace characters start..end by the person's text. False, and `refused`: they are locked."""
        return self.replace_ranges([(start, end, text)])

    def replace_ranges(self, changes: Sequence[tuple[int, int, str]]) -> bool:
        """Replace several stretches that do not overlap, as one edit of the person. All or (False) nothing."""
        parts = [Part(start, end, clean(text), runs_of(clean(text))) for start, end, text in sorted(changes)]
        at = self.caret()
        with self._ghost.suspended():
            done = not parts or self.text.replace(parts)
        if done:
            single = [Edit(at=p.start, removed=" " * (p.end - p.start), inserted=p.text) for p in parts]
            self.set_caret(moved(at, reversed(single)))
        return done

    def _replace(self, start: int, end: int, text: str, runs: Runs) -> bool:
        with self._ghost.suspended():
            done = self.text.insert(start, end, text, runs)
        if done:
            self.set_caret(start + len(text))
            self.ensureCursorVisible()
        return done

    def _refuse(self) -> None:
        self.refused.emit(REFUSED)

    # -- ghost text -----------------------------------------------------------------------

    def set_ghost(self, at: int, text: str) -> None:
        """Show what a model proposes at a place; it is seen while the caret stands there. "" shows none."""
        self._ghost.set(at, clean(text))
        self.follow_caret()

    def clear_ghost(self) -> None:
        """Show no ghost text."""
        self._ghost.clear()

    def ghost(self) -> str:
        """What is left of the ghost text, seen or waiting for the caret."""
        return self._ghost.text

    def ghost_at(self) -> int:
        """The ghost text's place; -1 for none."""
        return self._ghost.at

    def ghost_shows(self) -> bool:
        """Whether ghost text is seen."""
        return self._ghost.shows()

    def set_editable(self, on: bool) -> None:
        """Whether the person may write; reading and copying always work."""
        self.setReadOnly(not on)

    # -- what happened --------------------------------------------------------------------

    def _on_followed(self, edit: Edit, by_person: bool) -> None:
        self.marks.follow(edit)
        if by_person:
            self._expected_caret = edit.at + len(edit.inserted)
            self._typing = True
        self._ghost.follow(edit, by_person)

    def _on_caret(self) -> None:
        at = self.caret()
        self._ghost.refresh()
        self.caret_moved.emit(at)
        if self._expected_caret in (_SAME_CARET, at):
            return
        self._expected_caret = at
        if self._typing:
            self._typing = False
            self.viewport().update()  # the word that was being written may be marked now
        self.jumped.emit()

    def _typed_word(self) -> int:
        return self.textCursor().position() if self._typing else -1

    # -- keys -----------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """While ghost text is seen, its keys are ours before they are the window's."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self.ghost_shows()
            and (event.key() == Qt.Key.Key_Escape or _ghost_step(event))
        ):
            event.accept()
            return True
        return super().event(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab takes the ghost's next word when there is one, and leaves the text otherwise."""
        if forward and self.ghost_shows():
            self.ghost_accepted.emit("word")
            return True
        return super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Undo and redo are asked for, not done; a soft line break is a paragraph; locked text stays."""
        if self.ghost_shows() and self._ghost_key(event):
            return
        control = Qt.KeyboardModifier.ControlModifier
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo_requested.emit()
        elif event.matches(QKeySequence.StandardKey.Redo) or (
            event.key() == Qt.Key.Key_Y and event.modifiers() == control
        ):
            self.redo_requested.emit()
        elif not self.isReadOnly() and would_break(event, self.text, self.textCursor()):
            self._refuse()
        else:
            with self._ghost.suspended():
                if event.matches(QKeySequence.StandardKey.InsertLineSeparator) and not self.isReadOnly():
                    self.textCursor().insertBlock()
                    self.ensureCursorVisible()
                else:
                    super().keyPressEvent(event)
            self.follow_caret()

    def _ghost_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self._ghost.clear(tell=True)
        elif step := _ghost_step(event):
            self.ghost_accepted.emit(step)
        else:
            return False
        event.accept()
        return True

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Composing ends ghost text; nothing is composed over locked text."""
        if event.preeditString() or event.commitString():
            self._ghost.clear(tell=True)
            if self.value().is_locked(*self.selection()):
                event.accept()
                self._refuse()
                return
        with self._ghost.suspended():
            super().inputMethodEvent(event)
            self._ghost.set_composing(bool(event.preeditString()))
        self.follow_caret()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell that the person turned elsewhere."""
        super().focusOutEvent(event)
        self.focus_left.emit()

    # -- mouse ----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The text under the mouse stays there, though ghost text above it gives way."""
        self._mouse_down = True
        self._pressed = (
            event.globalPosition().toPoint() if event.button() == Qt.MouseButton.LeftButton else None
        )
        if self.ghost_shows():
            at = self.hit(event.position())
            before = self._ghost_free_top(at)
            self._ghost.suspend()
            self._scroll_by(self.cursorRect(self.cursor_over(at, at)).top() - before)
        else:
            self._ghost.suspend()
        super().mousePressEvent(event)

    def _ghost_free_top(self, at: int) -> int:
        """The top of the line a place is in, as it is seen, the ghost's lines counted."""
        cursor = self.cursor_over(at, at)
        if at <= self._ghost.at or cursor.block() != self.textCursor().block():
            return self.cursorRect(cursor).top()
        return self.cursorRect(self.cursor_over(self._ghost.at, self._ghost.at)).top()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A plain click on a model's word may look inside it."""
        super().mouseReleaseEvent(event)
        self._mouse_down = False
        self._ghost.resume()
        pressed, self._pressed = self._pressed, None
        point = event.globalPosition().toPoint()
        plain = pressed is not None and (point - pressed).manhattanLength() < 4 and not event.modifiers()
        if self._inspect and plain and not self.textCursor().hasSelection():
            self.look_inside(self.hit(event.position(), exactly=True), point)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Our own menu: Qt's would offer its own undo."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        at = self.hit(QPointF(event.pos()), exactly=True) if by_mouse else self.caret()
        menu = self.context_menu(at, event.globalPos())
        menu.exec(event.globalPos())
        menu.deleteLater()

    def context_menu(self, at: int = -1, point: QPoint | None = None) -> QMenu:
        """What can be done, at a character (-1: none in particular); the caller owns the menu."""
        return edit_menu(self, at, point or QPoint())

    # -- copy, paste, drop ----------------------------------------------------------------

    def createMimeDataFromSelection(self) -> QMimeData:
        """The selected text, and beside it who wrote it."""
        return copied(self.value(), *self.selection())

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Text in, nothing else; a file is the window's business, and its address is no text to write."""
        return source.hasText() and not any(url.isLocalFile() for url in source.urls())

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste: text from here keeps its authors, any other is the person's."""
        text, runs = pasted(source)
        if text:
            self._replace(*self.selection(), text, runs)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Ghost text gives way to what is dragged."""
        self._ghost.clear(tell=True)
        super().dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take in what is dropped; what is dragged within this text moves, as one edit."""
        if self.isReadOnly() or not self.canInsertFromMimeData(event.mimeData()):
            event.ignore()
            return
        text, runs = pasted(event.mimeData())
        at = self.hit(event.position())
        inside = event.source() in (self, self.viewport())
        self._mouse_down = False
        self._drop(at, text, runs, inside and event.dropAction() == Qt.DropAction.MoveAction)
        if inside:
            event.setDropAction(Qt.DropAction.CopyAction)  # the source has nothing left to take away
        event.accept()
        self._end_drag()

    def _drop(self, at: int, text: str, runs: Runs, move: bool) -> None:
        start, end = self.selection()
        if not move or start == end:
            self._replace(at, at, text, runs)
        elif not start <= at <= end:
            gone = Part(start, end, "", ())
            here = Part(at, at, text, runs)
            with self._ghost.suspended():
                done = self.text.replace([here, gone] if at < start else [gone, here])
            if done:
                self.set_caret(at + len(text) if at < start else at - (end - start) + len(text))

    def _end_drag(self) -> None:
        """Qt's drag feedback (a second caret) goes when it hears that the drag left."""
        leave = QEvent(QEvent.Type.DragLeave)
        super().viewportEvent(leave)


def _ghost_step(event: QKeyEvent) -> str:
    """What a key takes of ghost text; "" for other keys."""
    control = Qt.KeyboardModifier.ControlModifier
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if event.key() == Qt.Key.Key_Tab and not held:
        return "word"
    if held == control:
        return {Qt.Key.Key_Right: "sentence", Qt.Key.Key_Down: "paragraph"}.get(Qt.Key(event.key()), "")
    return ""


def by_take(text: str, take_id: str) -> SpanText:
    """A text all of which came from one take."""
    return SpanText(text=text, runs=(Run(length=len(text), author=take_id),) if text else ())
