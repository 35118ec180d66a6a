"""A row of the context's table: a spot in the part's colour, its title, why it is in or out, its tokens."""

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QTreeWidgetItem

from studio.core.takes import PartSeen
from studio.widgets.context_bar import colour_of
from studio.widgets.tones import current_tones

KINDS: Final = {
    "memory": "Memory",
    "summary": "Running summary",
    "lore": "Lorebook",
    "note": "Author's note",
    "frame": "Frame of the act",
    "text": "Your text",
    "selection": "Selected passage",
    "suffix": "Text after the caret",
    "lead": "Beginning of the takes",
}
PART_ROLE: Final = Qt.ItemDataRole.UserRole
_STATES: Final = {"in": "", "cut": "Cut: ", "out": "Out: "}
_WRAP: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
_SPOT_PX: Final = 10
_PAD_PX: Final = 6


def title_of(part: PartSeen) -> str:
    """What a part is called."""
    return part.title or KINDS.get(part.kind, part.kind)


def why_of(part: PartSeen) -> str:
    """Its state and why, in words."""
    return f"{_STATES[part.state]}{part.why}" if part.why else _STATES[part.state].rstrip(": ")


def row_of(part: PartSeen) -> QTreeWidgetItem:
    """A part as a row of two columns."""
    tokens = "–" if part.state == "out" else f"{part.tokens:,}"
    item = QTreeWidgetItem([title_of(part), tokens])
    item.setData(0, PART_ROLE, part)
    item.setData(1, PART_ROLE, part)
    said = ". ".join(
        words for words in (KINDS.get(part.kind, part.kind), title_of(part), why_of(part)) if words
    )
    item.setToolTip(0, said)
    item.setData(0, Qt.ItemDataRole.AccessibleTextRole, said)
    return item


class PartDelegate(QStyledItemDelegate):
    """All of the why is shown, on as many lines as it takes."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As high as the title and the why are."""
        part: PartSeen = index.data(PART_ROLE)
        line = option.fontMetrics.height()
        if index.column() == 1:
            return QSize(option.fontMetrics.horizontalAdvance("00,000") + 2 * _PAD_PX, line + 2 * _PAD_PX)
        view = option.widget
        width = view.columnWidth(0) if isinstance(view, QTreeView) else option.rect.width()
        room = QRect(0, 0, max(width - _SPOT_PX - 3 * _PAD_PX, 40), 10_000)
        height = option.fontMetrics.boundingRect(room, _WRAP, title_of(part)).height()
        if why := why_of(part):
            height += option.fontMetrics.boundingRect(room, _WRAP, why).height()
        return QSize(room.width(), height + 2 * _PAD_PX)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The row's background as the sheet says, then spot and words."""
        part: PartSeen = index.data(PART_ROLE)
        tones = current_tones()
        option.widget.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
        out = part.state == "out"
        rect = option.rect.adjusted(_PAD_PX, _PAD_PX, -_PAD_PX, -_PAD_PX)
        painter.save()
        painter.setPen(QColor(tones.muted if out else tones.text))
        if index.column() == 1:
            painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, index.data())
        else:
            if not out:
                middle = rect.top() + (option.fontMetrics.height() - _SPOT_PX) // 2
                painter.fillRect(rect.left(), middle, _SPOT_PX, _SPOT_PX, colour_of(part.kind, tones))
            words = rect.adjusted(_SPOT_PX + _PAD_PX, 0, 0, 0)
            painter.drawText(words, _WRAP, title_of(part))
            painter.setPen(QColor(tones.muted))
            below = option.fontMetrics.boundingRect(words, _WRAP, title_of(part)).height()
            painter.drawText(words.adjusted(0, below, 0, 0), _WRAP, why_of(part))
        painter.restore()
