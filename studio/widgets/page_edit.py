"""A text edit that lays out only what is seen, and its looks: column, size of letters, flash, typewriter scroll."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from PySide6.QtCore import QEasingCurve, QPointF, QRect, QRectF, Qt, QTimer, QVariantAnimation
from PySide6.QtGui import (
    QFontMetricsF,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from studio.widgets.authored_text import AuthoredText
from studio.widgets.fonts import READING_PT, reading_font
from studio.widgets.page_layout import PageLayout
from studio.widgets.page_marks import PageMarks
from studio.widgets.page_paint import PagePaint
from studio.widgets.spell_marks import SpellMarks
from studio.widgets.tones import Tones, current_tones, follow_tones

MEASURE_CHARS: Final = 68
CARET_PX: Final = 2
TYPEWRITER_AT: Final = 0.45  # of the view's height
_MIN_MARGIN_PX: Final = 24
_DOCUMENT_MARGIN_PX: Final = 8
_ZOOM_STEP: Final = 1.1
_ZOOM_RANGE: Final = (0.6, 3.0)
_FLASH_MS: Final = 1400


class PageEdit(QTextEdit):
    """How a text with authors is shown; what the person does to it is told elsewhere."""

    def __init__(self, parent: QWidget | None = None, *, size_pt: float = READING_PT) -> None:
        super().__init__(parent)
        self._size_pt = size_pt
        self._zoom = 1.0
        self._measure_chars = MEASURE_CHARS
        self._min_margin_px = _MIN_MARGIN_PX
        self._top_margin_px = _MIN_MARGIN_PX
        self._typewriter = False
        self._settling = False
        self._mouse_down = False
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(_DOCUMENT_MARGIN_PX)
        self.text = AuthoredText(self.document(), self)
        self.text.set_caret_source(lambda: self.textCursor().position())
        self.marks = PageMarks()
        self.spelling = SpellMarks(self, self.viewport().update, self._typed_word)
        self.paint = PagePaint(self.text, self.marks, self.spelling.misspelt, current_tones(), CARET_PX)
        self.page = PageLayout(self.document(), self.paint.formats, self.paint.paint, self._repaint)
        self.page.setPaintDevice(self.viewport())
        self.document().setDocumentLayout(self.page)
        self.setCursorWidth(CARET_PX)
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.settle)
        self.verticalScrollBar().valueChanged.connect(self.settle)
        self.page.documentSizeChanged.connect(self.settle)
        self._flash = QVariantAnimation(self, duration=_FLASH_MS)
        self._flash.setEasingCurve(QEasingCurve.Type.InQuad)
        self._flash.valueChanged.connect(self._paint_flash)
        self.setFont(reading_font(size_pt))
        follow_tones(self._retone)

    def _typed_word(self) -> int:
        """The caret's UTF-16 place while the person writes there, -1 otherwise."""
        return -1

    def _repaint(self, rect: QRectF) -> None:
        top = rect.top() - self.verticalScrollBar().value()
        height = self.viewport().height()
        if top < height and top + rect.height() > 0:
            first = max(0, int(top))
            last = min(height, int(top + rect.height()) + 2)
            self.viewport().update(0, first, self.viewport().width(), last - first)

    # -- places ---------------------------------------------------------------------------

    def cursor_over(self, start: int, end: int) -> QTextCursor:
        """A cursor of its own that selects characters start..end; places outside count as the ends."""
        length = len(self.text.value.text)
        cursor = QTextCursor(self.document())
        cursor.setPosition(self.text.positions.units(max(0, min(start, length))))
        cursor.setPosition(
            self.text.positions.units(max(0, min(end, length))), QTextCursor.MoveMode.KeepAnchor
        )
        return cursor

    def rect_of(self, at: int) -> QRect:
        """Where the caret would be at a place, in px of the viewport."""
        self.settle()
        return self.cursorRect(self.cursor_over(at, at))

    def reveal(self, at: int) -> None:
        """Scroll so that this place is seen; the caret stays."""
        rect = self.rect_of(at)
        height = self.viewport().height()
        if rect.top() < 0 or rect.bottom() > height:
            self._scroll_by(rect.center().y() - height // 2)

    def _scroll_by(self, by_px: int) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + by_px)

    def settle(self, *_what_changed: object) -> None:
        """Lay out what is in view; what the person looks at stays where it is."""
        if self._settling:
            return
        self._settling = True
        bar = self.verticalScrollBar()
        try:
            for _ in range(4):
                top, height = bar.value(), self.viewport().height()
                caret = self.textCursor().block().blockNumber()
                seen = top <= self.page.block_top(caret) < top + height
                moved_px = round(self.page.lay_out_view(top, height, caret if seen else -1))
                if not moved_px:
                    break
                bar.setValue(top + moved_px)
        finally:
            self._settling = False

    @contextmanager
    def _staying(self, height_px: int = 0) -> Iterator[None]:
        """All is laid out anew meanwhile; what the person looks at is where it was: the caret, else the top line.

        `height_px`: the view's height before, when it is another now.
        """
        bar = self.verticalScrollBar()
        at_top, caret = bar.value() == 0, self.textCursor()
        seen = 0 <= self.cursorRect().top() < max(height_px, self.viewport().height())
        if not seen:
            caret.setPosition(max(0, self.page.hitTest(QPointF(0, bar.value()), Qt.HitTestAccuracy.FuzzyHit)))
        top = self.cursorRect(caret).top()
        yield
        self.settle()
        if not at_top:
            for _ in range(2):  # what comes into view may be laid out only then
                self._scroll_by(self.cursorRect(caret).top() - top)
        if seen:
            self.ensureCursorVisible()

    # -- looks ----------------------------------------------------------------------------

    def set_show_authors(self, on: bool) -> None:
        """Tint what models wrote, or do not."""
        if self.paint.set_show_authors(on):
            self._relook()

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
        with self._staying():
            self.setFont(reading_font(self._size_pt * self._zoom))
            self._set_margins()

    def zoom_reset(self) -> None:
        """Letters in their usual size."""
        self._zoom = 1.0
        self.zoom_by(0)

    def set_typewriter(self, on: bool) -> None:
        """Keep the line that is written at 45 % of the height."""
        self._typewriter = on
        with self._staying():
            self._set_padding()
        if on:
            self.follow_caret()

    def follow_caret(self) -> None:
        """Bring the caret's line to its height in typewriter scroll; never while the mouse is in use."""
        if self._mouse_down or not self.isVisible():
            return
        if not self._typewriter:
            if self.textCursor().position() == 0:
                self.verticalScrollBar().setValue(0)  # with the room above the first line
            return
        for _ in range(2):  # what comes into view may be laid out only then
            self._scroll_by(self.cursorRect().center().y() - round(self.viewport().height() * TYPEWRITER_AT))

    def flash(self, at: int, length: int) -> None:
        """Light up some characters for a moment."""
        self._flash.stop()
        self.marks.flash = (at, at + length, 1.0)
        self._flash.setStartValue(1.0)
        self._flash.setEndValue(0.0)
        self._flash.start()

    def _paint_flash(self, strength: Any) -> None:
        start, end, _ = self.marks.flash
        self.marks.flash = (start, end, float(strength))
        self.viewport().update()

    def _relook(self) -> None:
        """The letters' formats changed everywhere."""
        with self._staying():
            self.page.relayout()

    def _retone(self, tones: Tones) -> None:
        self.paint.set_tones(tones)
        self._relook()

    def _set_margins(self) -> None:
        margin = self._min_margin_px
        if self._measure_chars:
            column = QFontMetricsF(self.font()).averageCharWidth() * self._measure_chars
            margin = max(margin, round((self.width() - column) / 2))
        if self.viewportMargins().left() != margin:
            self.setViewportMargins(margin, self._top_margin_px, margin, 0)

    def _set_padding(self) -> None:
        height = self.viewport().height() if self._typewriter else 0
        self.page.set_padding(height * TYPEWRITER_AT, height * (1 - TYPEWRITER_AT))

    def hit(self, point: QPointF, exactly: bool = False) -> int:
        """The character under a point of the viewport; -1 when exactly none is."""
        accuracy = Qt.HitTestAccuracy.ExactHit if exactly else Qt.HitTestAccuracy.FuzzyHit
        unit = self.page.hitTest(point + QPointF(0, self.verticalScrollBar().value()), accuracy)
        return -1 if unit < 0 else self.text.positions.points(unit)

    # -- Qt's events ----------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the column centred."""
        with self._staying(event.oldSize().height()):
            self._set_margins()
            super().resizeEvent(event)
            self._set_padding()
        if self._typewriter:
            self.follow_caret()

    def showEvent(self, event: QShowEvent) -> None:
        """Lay out what is seen first."""
        super().showEvent(event)
        self.settle()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Should something have been laid out only now, its size is told afterwards."""
        super().paintEvent(event)
        if self.page.take_unsettled():
            self._later.start()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl and the wheel change the size of letters."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            turn = event.angleDelta().y()
            if turn:
                self.zoom_by(1 if turn > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)
