"""How a work is painted in the list: a dot for its status, how many words it has."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.widgets.tones import current_tones

_DOT_PX: Final = 7
_GAP_PX: Final = 6
_TONES: Final = {"idea": "faint", "draft": "warning", "revised": "accent", "final": "success"}


class RowFigures(Struct, frozen=True):
    """A scene's status ("" for none) and words (None while they are being counted)."""

    status: str = ""
    words: int | None = None

    def sentence(self) -> str:
        """Both in words."""
        words = "" if self.words is None else f"{self.words:,} word{'' if self.words == 1 else 's'}"
        return ", ".join(part for part in (self.status, words) if part)


def status_tone(status: str) -> str:
    """The name of the colour of a status; a word of the person's own has one too."""
    return _TONES.get(status.casefold(), "model_text")


class WorksDelegate(QStyledItemDelegate):
    """Leaves room at the right for dot and count."""

    def __init__(
        self, figures: Callable[[QModelIndex | QPersistentModelIndex], RowFigures], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._figures = figures

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The row as usual, its title cut where the count begins."""
        figures = self._figures(index)
        full = QStyleOptionViewItem(option)
        self.initStyleOption(full, index)
        count = "" if figures.words is None else f"{figures.words:,}"
        room = (full.fontMetrics.horizontalAdvance(count) + _GAP_PX if count else 0) + (
            _DOT_PX + _GAP_PX if figures.status else 0
        )
        style = full.widget.style()
        if room:
            text = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, full, full.widget)
            width = max(16, full.rect.right() - room - text.left() - _GAP_PX)
            full.text = full.fontMetrics.elidedText(full.text, Qt.TextElideMode.ElideRight, width)
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, full, painter, full.widget)
        if room:
            self._paint_figures(painter, full, figures.status, count)

    def _paint_figures(
        self, painter: QPainter, option: QStyleOptionViewItem, status: str, count: str
    ) -> None:
        tones = current_tones()
        area = option.rect.adjusted(0, 0, -_GAP_PX, 0)
        painter.save()
        painter.setPen(QColor(tones.muted))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        if status:
            right = area.right() - option.fontMetrics.horizontalAdvance(count) - (_GAP_PX if count else 0)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tones.role(status_tone(status))))
            painter.drawEllipse(
                QRectF(right - _DOT_PX, area.center().y() - _DOT_PX / 2 + 1, _DOT_PX, _DOT_PX)
            )
        painter.restore()
