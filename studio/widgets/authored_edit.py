"""The editor for texts in which every character has an author."""

from typing import Any, Final

import msgspec
from PySide6.QtCore import QEasingCurve, QMimeData, Qt, QVariantAnimation, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QMenu, QTextEdit, QWidget

from studio.media.spans import Edit, Run, Runs, SpanText, runs_of
from studio.widgets.author_highlighter import AuthorHighlighter
from studio.widgets.authored_text import AuthoredText, clean, shown
from studio.widgets.fonts import READING_PT, reading_font
from studio.widgets.icons import icon
from studio.widgets.tones import Tones, current_tones, follow_tones

MIME_SPANS: Final = "application/x-atelier-spans"
MEASURE_CHARS: Final = 68
_MIN_MARGIN_PX: Final = 24
_ZOOM_STEP: Final = 1.1
_ZOOM_RANGE: Final = (0.6, 3.0)
_FLASH_MS: Final = 1400


class AuthoredEdit(QTextEdit):
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

    def __init__(self, parent: QWidget | None = None, *, size_pt: float = READING_PT) -> None:
        super().__init__(parent)
        self._size_pt = size_pt
        self._zoom = 1.0
        self._measure_chars = MEASURE_CHARS
        self._min_margin_px = _MIN_MARGIN_PX
        self._top_margin_px = _MIN_MARGIN_PX
        self._expected_caret = -1
        self._flash = QVariantAnimation(self)
        self._flash_range = (0, 0)
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCursorWidth(2)
        self.document().setDocumentMargin(4)
        self.text = AuthoredText(self.document(), self)
        self.text.changed.connect(self._on_edited)
        self._highlighter = AuthorHighlighter(self.text, self.document())
        self.setFont(reading_font(size_pt))
        self.cursorPositionChanged.connect(self._on_caret)
        self._flash.setDuration(_FLASH_MS)
        self._flash.setEasingCurve(QEasingCurve.Type.InQuad)
        self._flash.valueChanged.connect(self._paint_flash)
        self._flash.finished.connect(lambda: self.setExtraSelections([]))
        self.text.load(SpanText())
        follow_tones(self._retone)

    # -- values ---------------------------------------------------------------------------

    def load(self, value: SpanText) -> None:
        """Show another text, the caret at its start."""
        self._flash.stop()
        self.setExtraSelections([])
        self.text.load(value)
        self._expected_caret = 0
        self.set_caret(0)

    def apply(self, edit: Edit) -> None:
        """Take over a change made elsewhere (undo, accept). Raises ValueError when it does not fit."""
        self._expected_caret = -2  # whatever Qt does with the caret now is no jump
        try:
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
        cursor = self.textCursor()
        cursor.setPosition(self.text.positions.units(max(0, min(at, len(self.value().text)))))
        self.setTextCursor(cursor)

    def reveal(self, at: int) -> None:
        """Scroll so that this place is seen; the caret stays."""
        rect = self.cursorRect(self._cursor(at, at))
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        if rect.top() < 0 or rect.bottom() > height:
            bar.setValue(bar.value() + rect.center().y() - height // 2)

    def insert_text(self, text: str, runs: Runs | None = None) -> None:
        """Write at the caret as the person would, replacing what is selected."""
        text = clean(text)
        self.text.insert(self.textCursor(), text, runs_of(text) if runs is None else runs)
        self.ensureCursorVisible()

    # -- looks ----------------------------------------------------------------------------

    def set_show_authors(self, on: bool) -> None:
        """Tint what models wrote, or do not."""
        self._highlighter.set_shown(on)

    def set_editable(self, on: bool) -> None:
        """Whether the person may write; reading and copying always work."""
        self.setReadOnly(not on)

    def set_hint(self, text: str) -> None:
        """What stands in the empty editor."""
        self.setPlaceholderText(text)

    def set_measure(
        self, chars: int, min_margin_px: int = _MIN_MARGIN_PX, top_px: int = _MIN_MARGIN_PX
    ) -> None:
        """The widest line, in average characters; 0 fills the width."""
        self._measure_chars = chars
        self._min_margin_px = min_margin_px
        self._top_margin_px = top_px
        self._set_margins()

    def zoom_by(self, steps: int) -> None:
        """Larger (positive) or smaller letters."""
        self._zoom = min(_ZOOM_RANGE[1], max(_ZOOM_RANGE[0], self._zoom * _ZOOM_STEP**steps))
        self.setFont(reading_font(self._size_pt * self._zoom))
        self._set_margins()

    def zoom_reset(self) -> None:
        """Letters in their usual size."""
        self._zoom = 1.0
        self.zoom_by(0)

    def flash(self, at: int, length: int) -> None:
        """Light up some characters for a moment."""
        self._flash.stop()
        self._flash_range = (at, at + length)
        self._flash.setStartValue(1.0)
        self._flash.setEndValue(0.0)
        self._flash.start()

    def _paint_flash(self, strength: Any) -> None:
        mark = QTextEdit.ExtraSelection()  # type: ignore[attr-defined,unused-ignore]
        colour = QColor(current_tones().flash)
        colour.setAlphaF(float(strength))
        mark.format.setBackground(colour)
        mark.cursor = self._cursor(*self._flash_range)
        self.setExtraSelections([mark])

    def _cursor(self, start: int, end: int) -> QTextCursor:
        length = len(self.value().text)
        cursor = QTextCursor(self.document())
        cursor.setPosition(self.text.positions.units(min(start, length)))
        cursor.setPosition(self.text.positions.units(min(end, length)), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _retone(self, tones: Tones) -> None:
        self._highlighter.set_tones(tones)

    def _set_margins(self) -> None:
        margin = self._min_margin_px
        if self._measure_chars:
            column = QFontMetricsF(self.font()).averageCharWidth() * self._measure_chars
            margin = max(margin, round((self.width() - column) / 2))
        if self.viewportMargins().left() != margin:
            self.setViewportMargins(margin, self._top_margin_px, margin, 0)

    # -- what happened --------------------------------------------------------------------

    def _on_edited(self, edit: Edit, kind: str) -> None:
        self._expected_caret = edit.at + len(edit.inserted)
        self.edited.emit(edit, kind)

    def _on_caret(self) -> None:
        at = self.caret()
        self.caret_moved.emit(at)
        if self._expected_caret == -2 or at == self._expected_caret:
            return
        self._expected_caret = at
        self.jumped.emit()

    # -- Qt's events ----------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the column centred."""
        self._set_margins()
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Undo and redo are asked for, not done; a soft line break is a paragraph."""
        control = Qt.KeyboardModifier.ControlModifier
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo_requested.emit()
        elif event.matches(QKeySequence.StandardKey.Redo) or (
            event.key() == Qt.Key.Key_Y and event.modifiers() == control
        ):
            self.redo_requested.emit()
        elif event.matches(QKeySequence.StandardKey.InsertLineSeparator) and not self.isReadOnly():
            self.textCursor().insertBlock()
            self.ensureCursorVisible()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell that the person turned elsewhere."""
        super().focusOutEvent(event)
        self.focus_left.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl and the wheel change the size of letters."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            turn = event.angleDelta().y()
            if turn:
                self.zoom_by(1 if turn > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Our own menu: Qt's would offer its own undo."""
        menu = self.context_menu()
        menu.exec(event.globalPos())
        menu.deleteLater()

    def context_menu(self) -> QMenu:
        """Undo, redo, cut, copy, paste, select all; the caller owns it."""
        menu = QMenu(self)
        writable = not self.isReadOnly()
        selected = self.textCursor().hasSelection()
        entries = (
            ("Undo", "undo", QKeySequence.StandardKey.Undo, self.undo_requested.emit, writable),
            ("Redo", "redo", QKeySequence.StandardKey.Redo, self.redo_requested.emit, writable),
            None,
            ("Cut", "cut", QKeySequence.StandardKey.Cut, self.cut, writable and selected),
            ("Copy", "copy", QKeySequence.StandardKey.Copy, self.copy, selected),
            ("Paste", "paste", QKeySequence.StandardKey.Paste, self.paste, writable and self.canPaste()),
            None,
            ("Select all", "", QKeySequence.StandardKey.SelectAll, self.selectAll, bool(self.value().text)),
        )
        for entry in entries:
            if entry is None:
                menu.addSeparator()
                continue
            title, name, key, slot, enabled = entry
            action = menu.addAction(title)
            if name:
                action.setIcon(icon(name))
            action.setShortcut(QKeySequence(key))
            action.setEnabled(enabled)
            action.triggered.connect(slot)
        return menu

    # -- copy and paste -------------------------------------------------------------------

    def createMimeDataFromSelection(self) -> QMimeData:
        """The selected text, and beside it who wrote it."""
        start, end = self.selection()
        value = self.value()
        piece = SpanText(text=value.text[start:end], runs=value.slice_runs(start, end))
        data = QMimeData()
        data.setText(piece.text)
        data.setData(MIME_SPANS, msgspec.msgpack.encode(piece))
        return data

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Text in, nothing else."""
        return source.hasText()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste or drop: text from here keeps its authors, any other is the person's."""
        piece = _authored_piece(source)
        text = clean(source.text()) if piece is None else piece.text
        if text:
            self.insert_text(text, None if piece is None else piece.runs)


def _authored_piece(source: QMimeData) -> SpanText | None:
    """What a copy made here says about its authors; None when it is not one or was changed on the way."""
    if not source.hasFormat(MIME_SPANS):
        return None
    try:
        piece = msgspec.msgpack.decode(source.data(MIME_SPANS).data(), type=SpanText)
    except msgspec.DecodeError:
        return None
    fits = sum(run.length for run in piece.runs) == len(piece.text) and clean(piece.text) == piece.text
    return piece if fits and shown(piece.text) == shown(clean(source.text())) else None


def by_take(text: str, take_id: str) -> SpanText:
    """A text all of which came from one take."""
    return SpanText(text=text, runs=(Run(length=len(text), author=take_id),) if text else ())
