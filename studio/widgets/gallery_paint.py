"""Paints one cell of a gallery: the thumbnail, its prompt, how the take stands."""

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen

from studio.widgets.gallery_items import GalleryItem
from studio.widgets.gallery_layout import CAPTION_PX
from studio.widgets.tones import Tones

_REJECTED_OPACITY: Final = 0.35
_MARK_PX: Final = 7
_FONT_PX: Final = 11
_MOST_WORDS: Final = 4000  # elided captions that are kept


class CellPainter:
    """Holds what is the same for all cells, so that a cell costs three or four strokes."""

    def __init__(self) -> None:
        self._elided: dict[tuple[str, int], str] = {}
        self._font = QFont()
        self._font.setPixelSize(_FONT_PX)
        self._metrics = QFontMetrics(self._font)

    def set_font(self, font: QFont) -> None:
        """The view's own font, made smaller."""
        self._font = QFont(font)
        self._font.setPixelSize(_FONT_PX)
        self._metrics = QFontMetrics(self._font)
        self._elided.clear()

    def paint(
        self,
        painter: QPainter,
        rect: QRect,
        item: GalleryItem,
        thumb: QImage | None,
        tones: Tones,
        *,
        selected: bool,
        current: bool,
    ) -> None:
        """One cell into `rect`."""
        square = QRect(rect.left(), rect.top(), rect.width(), rect.height() - CAPTION_PX)
        if selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tones.accent_wash))
            painter.drawRoundedRect(rect.adjusted(-4, -4, 4, 2), 6, 6)
        picture = place_of(item, square)
        if thumb is None:
            painter.fillRect(picture, QColor(tones.sunken))
        else:
            faded = item.verdict == "rejected"
            if faded:
                painter.setOpacity(_REJECTED_OPACITY)
            if thumb.size() == picture.size() * painter.device().devicePixelRatio():
                painter.drawImage(picture.topLeft(), thumb)
            else:
                painter.drawImage(picture, thumb)
            if faded:
                painter.setOpacity(1.0)
        self._paint_mark(painter, picture, item, tones)
        self._paint_words(painter, rect, item, tones)
        if current or selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tones.focus if current else tones.accent), 2 if current else 1))
            painter.drawRoundedRect(rect.adjusted(-4, -4, 3, 1), 6, 6)

    def _paint_words(self, painter: QPainter, rect: QRect, item: GalleryItem, tones: Tones) -> None:
        key = (item.prompt, rect.width())
        words = self._elided.get(key)
        if words is None:
            if len(self._elided) > _MOST_WORDS:
                self._elided.clear()
            flat = " ".join(item.prompt[:200].split())
            words = self._metrics.elidedText(flat, Qt.TextElideMode.ElideRight, rect.width())
            self._elided[key] = words
        painter.setFont(self._font)
        painter.setPen(QColor(tones.muted))
        painter.drawText(rect.left(), rect.bottom() - 5, words)

    def _paint_mark(self, painter: QPainter, picture: QRect, item: GalleryItem, tones: Tones) -> None:
        """A tick, a cross or a square in the corner: shape tells, not only colour."""
        if not item.verdict and not item.preview:
            return
        role = {"accepted": "success", "rejected": "danger"}.get(item.verdict, "warning")
        middle = QPointF(picture.right() - 13, picture.top() + 14)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tones.raised))
        painter.drawEllipse(middle, _MARK_PX + 2, _MARK_PX + 2)
        painter.setPen(QPen(QColor(tones.role(role)), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        x, y = middle.x(), middle.y()
        if item.verdict == "accepted":
            painter.drawPolyline([QPointF(x - 4, y), QPointF(x - 1, y + 3), QPointF(x + 4, y - 3)])
        elif item.verdict == "rejected":
            painter.drawLine(QPointF(x - 3, y - 3), QPointF(x + 3, y + 3))
            painter.drawLine(QPointF(x - 3, y + 3), QPointF(x + 3, y - 3))
        else:
            painter.drawRect(QRectF(x - 2.5, y - 2.5, 5, 5))


def place_of(item: GalleryItem, square: QRect) -> QRect:
    """Where a thumbnail of the take's proportions lies in its square."""
    width, height = max(1, item.width), max(1, item.height)
    side = square.width()
    if width >= height:
        across, down = side, max(1, round(side * height / width))
    else:
        across, down = max(1, round(side * width / height)), side
    return QRect(square.left() + (side - across) // 2, square.top() + (side - down) // 2, across, down)
