"""A story laid out as a book, for a printer or a PDF: title page, chapters, indented paragraphs, page numbers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPagedPaintDevice,
    QPainter,
    QPalette,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextOption,
)

from studio.core.errors import StoppedError, StudioError
from studio.media.manuscript.emphasis import stretches
from studio.project.lines import kept_lines
from studio.project.records import Work

BODY_PT: Final = 10.5
TITLE_PT: Final = 24.0
CHAPTER_PT: Final = 16.0
_INDENT_EM: Final = 1.3
_LINE_PERCENT: Final = 128.0
_TITLE_LINES: Final = 11.0  # above the title
_FOOT_LINES: Final = 2.2  # below the text, for the page's number
_FAMILIES: Final = ["Libertinus Serif", "EB Garamond", "Georgia", "Noto Serif", "Noto Serif CJK SC", "serif"]
_BREAK: Final = "* * *"
_TITLED: Final = ("chapter", "note")


def print_book(
    works: Sequence[Work],
    texts: Mapping[str, str],
    title: str,
    device: QPagedPaintDevice,
    stopped: Callable[[], bool],
    pages: tuple[int, int] = (0, 0),
) -> int:
    """Paint works as a book on a printer or PDF writer; the number of pages painted.

    `title` stands on a page of its own ("" for none); `pages` are the first and last to paint, (0, 0) all.
    May run on any thread. Raises StoppedError, StudioError when the device refuses.
    """
    painter = QPainter()
    if not painter.begin(device):
        raise StudioError(
            "The pages cannot be written there.",
            kept="The project is as it was.",
            do="Choose another place or printer.",
            code="io",
        )
    try:
        area = QRectF(QPointF(0, 0), QSizeF(device.pageLayout().paintRectPixels(device.logicalDpiX()).size()))
        document = _Setter(works, texts, title, device, area).document
        return _paint(document, painter, device, area, bool(title), stopped, pages)
    finally:
        painter.end()


class _Setter:
    """Fills a document, paragraph after paragraph."""

    def __init__(
        self,
        works: Sequence[Work],
        texts: Mapping[str, str],
        title: str,
        device: QPagedPaintDevice,
        area: QRectF,
    ) -> None:
        self.document = QTextDocument()
        font = _font(BODY_PT)
        self._line_px = QFontMetricsF(font, device).height()
        self._em = self._line_px * _screen_dpi() / device.logicalDpiY()  # Qt takes margins as a screen's
        self.document.documentLayout().setPaintDevice(device)
        self.document.setDefaultFont(font)
        self.document.setDocumentMargin(0)
        self.document.setUndoRedoEnabled(False)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document.setDefaultTextOption(option)
        foot = _FOOT_LINES * self._line_px
        self.document.setPageSize(QSizeF(area.width(), area.height() - foot))
        self._cursor = QTextCursor(self.document)
        self._at_start = True
        self._new_page = False
        self._cursor.beginEditBlock()
        if title:
            self._block(QTextBlockFormat())  # Qt leaves out the space above a document's first line
            self._heading(title, TITLE_PT, top_px=_TITLE_LINES * self._em)
            self._new_page = True
        self._set(works, texts)
        self._cursor.endEditBlock()

    def _set(self, works: Sequence[Work], texts: Mapping[str, str]) -> None:
        text_before = False
        for work in works:
            text = texts.get(work.id, "")
            lines = kept_lines(text)
            if work.kind in _TITLED and work.title.strip():
                self._new_page = self._new_page or not self._at_start
                self._heading(" ".join(work.title.split()), CHAPTER_PT, top_px=3 * self._em)
                text_before = False
            if text_before and lines:
                self._block(_centred(0.8 * self._em))
                self._cursor.insertText(_BREAK)
            for number, (start, end) in enumerate(lines):
                self._paragraph(text[start:end], indented=number > 0)
            text_before = text_before or bool(lines)

    def _heading(self, words: str, points: float, top_px: float) -> None:
        form = _centred(2 * self._em)
        form.setTopMargin(top_px)
        self._block(form)
        style = QTextCharFormat()
        style.setFont(_font(points))
        self._cursor.insertText(words, style)

    def _paragraph(self, line: str, indented: bool) -> None:
        form = QTextBlockFormat()
        form.setLineHeight(_LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        form.setAlignment(Qt.AlignmentFlag.AlignJustify)
        form.setTextIndent(_INDENT_EM * self._line_px if indented else 0.0)
        self._block(form)
        for stretch in stretches(line):
            style = QTextCharFormat()
            style.setFontItalic(stretch.emph)
            style.setFontWeight(QFont.Weight.Bold if stretch.strong else QFont.Weight.Normal)
            self._cursor.insertText(line[stretch.start : stretch.end], style)

    def _block(self, form: QTextBlockFormat) -> None:
        """Begin a paragraph, on a new page when one is due."""
        if self._new_page:
            form.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
            self._new_page = False
        if self._at_start:
            self._cursor.setBlockFormat(form)
        else:
            self._cursor.insertBlock(form, QTextCharFormat())
        self._at_start = False


def _paint(
    document: QTextDocument,
    painter: QPainter,
    device: QPagedPaintDevice,
    area: QRectF,
    has_title: bool,
    stopped: Callable[[], bool],
    pages: tuple[int, int],
) -> int:
    height = document.pageSize().height()
    count = document.pageCount()
    first, last = max(1, pages[0]), min(count, pages[1] or count)
    for page in range(first, last + 1):
        if stopped():
            raise StoppedError("Stopped.", kept="The project is as it was.")
        if page > first:
            device.newPage()
        painter.save()
        painter.translate(0, -(page - 1) * height)
        _draw(document, painter, QRectF(0, (page - 1) * height, area.width(), height))
        painter.restore()
        if not (has_title and page == 1):
            painter.setFont(_font(BODY_PT - 1))
            painter.setPen(Qt.GlobalColor.black)
            foot = QRectF(0, height, area.width(), area.height() - height)
            painter.drawText(
                foot, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, str(page - has_title)
            )
    return max(0, last + 1 - first)


def _draw(document: QTextDocument, painter: QPainter, clip: QRectF) -> None:
    """Black on white, whatever the window's colours are."""
    context = QAbstractTextDocumentLayout.PaintContext()
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Text, Qt.GlobalColor.black)
    context.palette = palette
    context.clip = clip
    painter.setClipRect(clip)
    document.documentLayout().draw(painter, context)


def _centred(bottom_px: float) -> QTextBlockFormat:
    form = QTextBlockFormat()
    form.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    form.setBottomMargin(bottom_px)
    form.setTopMargin(bottom_px)
    return form


def _screen_dpi() -> float:
    """What Qt takes a text document's distances to be measured in, before it scales them to the device."""
    return QGuiApplication.primaryScreen().logicalDotsPerInchY()


def _font(points: float) -> QFont:
    font = QFont()
    font.setFamilies(_FAMILIES)
    font.setStyleHint(QFont.StyleHint.Serif)
    font.setPointSizeF(points)
    return font
