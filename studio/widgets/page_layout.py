"""Lays out a plain text of any length: only the paragraphs that are looked at, the others by an estimate.

Qt's own layout moves every following paragraph at every key; a novel in one scene then cannot be typed into.
"""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFontMetricsF,
    QPainter,
    QTextBlock,
    QTextDocument,
    QTextFrame,
    QTextLayout,
    QTextLine,
    QTextOption,
)

from studio.widgets.block_heights import BlockHeights
from studio.widgets.positions import utf16_length

LINE_HEIGHT: Final = 1.45
PARAGRAPH_GAP_PX: Final = 10.0
_AT_ONCE: Final = 8  # so many changed paragraphs are laid out straight away; more when they are looked at
_WIDE_PX: Final = 1e7
_LINE_END: Final = "\u2028"

BlockPainter = Callable[[QPainter, QTextBlock, QPointF, QAbstractTextDocumentLayout.PaintContext], None]
Formats = Callable[[QTextBlock], list[QTextLayout.FormatRange]]


class PageLayout(QAbstractTextDocumentLayout):
    """Paragraphs below each other, each line 1.45 times as high as its letters.

    `formats` gives a paragraph's letter formats when it is laid out, `paint` paints it. A preedit area (of an
    input method, or ghost text) takes its room in the paragraph; places given out are those of the document.
    """

    def __init__(
        self,
        document: QTextDocument,
        formats: Formats,
        paint: BlockPainter,
        repaint: Callable[[QRectF], None],
    ) -> None:
        super().__init__(document)
        self._formats = formats
        self._paint = paint
        self._repaint = repaint  # emitting Qt's own `update` from Python crashes (PySide6 6.11)
        self._heights = BlockHeights()
        self._epoch = 0  # a paragraph whose user state is this is laid out
        self._width_px = 0.0
        self._pad_px = (0.0, 0.0)
        self._told = QSizeF()
        self._unsettled = False  # something had to be laid out while it was painted
        self._option = QTextOption()
        self._option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._rtl_option = QTextOption(self._option)
        self._rtl_option.setAlignment(Qt.AlignmentFlag.AlignRight)  # Qt's own layout does so too

    # -- what Qt asks ---------------------------------------------------------------------

    def documentChanged(self, start: int, _removed: int, added: int) -> None:
        """Forget the layout of what changed; lay out a few paragraphs at once."""
        document = self.document()
        margin = document.documentMargin()
        self._width_px = max(40.0, document.pageSize().width() - 2 * margin)
        count = document.blockCount()
        first = document.findBlock(start)
        last = document.findBlock(start + added)
        low = first.blockNumber()
        high = last.blockNumber() if last.isValid() else count - 1
        before = len(self._heights)
        if not before or (low == 0 and high == count - 1 and count > _AT_ONCE):
            self._start_over()
            return
        gone = before - (count - (high - low + 1))
        if gone != high - low + 1:
            self._heights.replace(low, gone, self._guesses(self._lengths(first, high)))
        block = first
        for _ in range(low, high + 1):
            block.setUserState(-1)
            block = block.next()
        self._after_change(first, low, high)

    def _after_change(self, first: QTextBlock, low: int, high: int) -> None:
        old_px = self._heights.total()
        if high - low < _AT_ONCE:
            block = first
            for _ in range(low, high + 1):
                self.lay_out(block)
                block = block.next()
        top = self.block_top(low)
        moved = self._tell_size() or old_px != self._heights.total() or high != low
        height = _WIDE_PX if moved else self._heights.get(low)
        self._repaint(QRectF(0, top - 2, _WIDE_PX, height + 4))

    def _start_over(self) -> None:
        self._epoch += 1
        document = self.document()
        lengths = self._lengths(document.begin(), document.blockCount() - 1)
        self._heights.reset(self._guesses(lengths))
        if len(lengths) <= _AT_ONCE:
            for number in range(len(lengths)):
                self.lay_out(document.findBlockByNumber(number))
        self._tell_size()
        self._repaint(QRectF(0, 0, _WIDE_PX, _WIDE_PX))

    def draw(self, painter: QPainter, context: QAbstractTextDocumentLayout.PaintContext) -> None:
        """Paint the paragraphs inside the clip."""
        clip = context.clip
        block = self.block_at(clip.top()) if clip.isValid() else self.document().begin()
        bottom = clip.bottom() if clip.isValid() else _WIDE_PX
        left = self.document().documentMargin()
        top = self.block_top(block.blockNumber())
        while block.isValid() and top <= bottom:
            self._unsettled |= self.lay_out(block)
            self._paint(painter, block, QPointF(left, top), context)
            top += self._heights.get(block.blockNumber())
            block = block.next()

    def hitTest(self, point: QPointF, accuracy: Qt.HitTestAccuracy) -> int:  # type: ignore[override,unused-ignore]
        """The document's place under a point; -1 when exactly none lies there."""
        block = self.block_at(point.y())
        rect = self.blockBoundingRect(block)
        x, y = point.x() - rect.left(), point.y() - rect.top()
        exact = accuracy == Qt.HitTestAccuracy.ExactHit
        layout = block.layout()
        if exact and not 0 <= y < rect.height():
            return -1
        if y < 0 and block == self.document().begin():
            y = 0.0
        line = _line_at(layout, y)
        if line is None:
            return block.position()
        natural = line.naturalTextRect()
        if exact and not natural.left() <= x <= natural.right():
            return -1
        mode = (
            QTextLine.CursorPosition.CursorOnCharacter
            if exact
            else QTextLine.CursorPosition.CursorBetweenCharacters
        )
        found = line.xToCursor(x, mode)
        area, length = layout.preeditAreaPosition(), utf16_length(layout.preeditAreaText())
        if length and found > area:
            if exact and found < area + length:
                return -1
            found = max(area, found - length)
        return min(block.position() + found, block.position() + block.length() - 1)

    def pageCount(self) -> int:
        """It is one page."""
        return 1

    def documentSize(self) -> QSizeF:
        """The whole text's size in px, what was not laid out yet by an estimate."""
        margin = self.document().documentMargin()
        height = self._heights.total() + 2 * margin + sum(self._pad_px)
        return QSizeF(self._width_px + 2 * margin, height)

    def frameBoundingRect(self, _frame: QTextFrame) -> QRectF:
        """The whole text."""
        return QRectF(QPointF(0, 0), self.documentSize())

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:
        """A paragraph's place; lays it out."""
        number = block.blockNumber()
        if not block.isValid() or number >= len(self._heights):
            return QRectF()
        if self.lay_out(block):
            self._tell_size()
        left = self.document().documentMargin()
        return QRectF(left, self.block_top(number), self._width_px, self._heights.get(number))

    # -- what the editor asks -------------------------------------------------------------

    def set_padding(self, above_px: float, below_px: float) -> None:
        """Empty room before and after the text, that its ends may be scrolled to the middle."""
        if (above_px, below_px) != self._pad_px:
            self._pad_px = (above_px, below_px)
            self._tell_size()
            self._repaint(QRectF(0, 0, _WIDE_PX, _WIDE_PX))

    def padding(self) -> tuple[float, float]:
        """The room before and after the text."""
        return self._pad_px

    def block_top(self, number: int) -> float:
        """Where a paragraph begins, in px from the document's top."""
        return self._pad_px[0] + self.document().documentMargin() + self._heights.top(number)

    def block_at(self, y_px: float) -> QTextBlock:
        """The paragraph at a height; the first or last one outside."""
        number = self._heights.at(y_px - self._pad_px[0] - self.document().documentMargin())
        return self.document().findBlockByNumber(max(0, number))

    def is_laid_out(self, block: QTextBlock) -> bool:
        """Whether a paragraph's height is known, not guessed."""
        return block.userState() == self._epoch

    def lay_out_view(self, top_px: float, height_px: float, keep: int) -> float:
        """Lay out all that lies in view; gives by how much the view must be moved so that `keep` stays.

        `keep` is the number of a paragraph in view (the caret's), or -1 for the first one in view that was laid out.
        """
        block = self.block_at(top_px)
        first = block.blockNumber()
        place = self.block_top(first)
        todo: list[QTextBlock] = []
        while block.isValid() and place < top_px + height_px:
            if not self.is_laid_out(block):
                todo.append(block)
            elif keep < 0:
                keep = block.blockNumber()
            place += self._heights.get(block.blockNumber())
            block = block.next()
        keep = max(first, keep)
        before = self.block_top(keep)
        for block in todo:
            self.lay_out(block)
        if todo:
            self._tell_size()
        return self.block_top(keep) - before

    def take_unsettled(self) -> bool:
        """Whether heights changed while painting, so that the size must be told; asked once."""
        unsettled, self._unsettled = self._unsettled, False
        return unsettled

    def relayout(self) -> None:
        """Lay everything out anew, when it is looked at: the letters changed."""
        self._start_over()

    # -- one paragraph --------------------------------------------------------------------

    def lay_out(self, block: QTextBlock) -> bool:
        """Break a paragraph into lines, unless that is done; gives whether its height changed."""
        if block.userState() == self._epoch:
            return False
        layout = block.layout()
        rtl = block.textDirection() == Qt.LayoutDirection.RightToLeft
        layout.setTextOption(self._rtl_option if rtl else self._option)
        layout.setFormats(self._formats(block))
        layout.setCacheEnabled(True)
        layout.beginLayout()
        y = 0.0
        ends = _preedit_line_ends(layout)
        while (line := layout.createLine()).isValid():
            line.setLineWidth(self._width_px)
            height = line.height()
            lead = height * (LINE_HEIGHT - 1) / 2
            line.setPosition(QPointF(0, y + lead))
            y += height * LINE_HEIGHT
            if line.textStart() + line.textLength() in ends:
                y += PARAGRAPH_GAP_PX
        layout.endLayout()
        block.setUserState(self._epoch)
        return bool(self._heights.set(block.blockNumber(), float(round(y + PARAGRAPH_GAP_PX))))

    def _guesses(self, lengths: list[int]) -> list[float]:
        metrics = QFontMetricsF(self.document().defaultFont())
        letter, line = metrics.averageCharWidth() * 0.96 / self._width_px, metrics.height() * LINE_HEIGHT
        return [float(round((int(length * letter) + 1) * line + PARAGRAPH_GAP_PX)) for length in lengths]

    @staticmethod
    def _lengths(block: QTextBlock, last: int) -> list[int]:
        lengths = []
        for _ in range(block.blockNumber(), last + 1):
            lengths.append(block.length())
            block = block.next()
        return lengths

    def _tell_size(self) -> bool:
        size = self.documentSize()
        if size == self._told:
            return False
        self._told = size
        self.documentSizeChanged.emit(size)
        return True


def _line_at(layout: QTextLayout, y: float) -> QTextLine | None:
    """The line at a height; the room between two lines belongs to both by halves."""
    count = layout.lineCount()
    for number in range(count):
        line = layout.lineAt(number)
        if number == count - 1 or y < line.y() + line.height() * (1 + LINE_HEIGHT) / 2:
            return line
    return None


def _preedit_line_ends(layout: QTextLayout) -> frozenset[int]:
    """The places in a paragraph at which a paragraph of ghost text ends."""
    area = layout.preeditAreaText()
    if _LINE_END not in area:
        return frozenset()
    at = layout.preeditAreaPosition()
    units = area.encode("utf-16-le")
    mark = _LINE_END.encode("utf-16-le")
    return frozenset(at + i // 2 + 1 for i in range(0, len(units), 2) if units[i : i + 2] == mark)
