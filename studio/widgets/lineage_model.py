"""The rows of a lineage as a Qt list, and how one row is painted."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QLineF,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.widgets.icons import icon
from studio.widgets.lineage_thumbs import THUMB_PX, LineageThumbs
from studio.widgets.lineage_tree import LineageNode, Row
from studio.widgets.tones import Tones, current_tones

ROW_ROLE: Final = Qt.ItemDataRole.UserRole
_ROW_PX: Final = 46
_LANE_PX: Final = 14
_MAX_LANES: Final = 7
_LEFT_PX: Final = 16
_DOT_PX: Final = 4.5
_ICON_PX: Final = 18
_SIGN_GAP_PX: Final = 8
_FAINT: Final = 0.45
_STATE_WORDS: Final = {
    "streaming": "writing…",
    "done": "",
    "stopped": "stopped",
    "failed": "failed",
    "accepted": "accepted",
    "rejected": "rejected",
    "": "",
}
_Index = QModelIndex | QPersistentModelIndex


def words_of(node: LineageNode) -> str:
    """All that is said of a node, also to those who cannot see it."""
    who = node.author or "you"
    parts = (node.title, node.detail, who, _state_word(node), "current" if node.current else "")
    return ", ".join(part for part in parts if part)


def _state_word(node: LineageNode) -> str:
    """A take with a sign is a picture: it is drawn, not written."""
    drawn = node.state == "streaming" and node.icon
    return "drawing…" if drawn else _STATE_WORDS[node.state]


def searched(node: LineageNode) -> str:
    """All that the search looks through, in lower case."""
    return f"{words_of(node)} {node.words}".casefold()


def clock(created_ms: int, now: datetime) -> str:
    """The time of day; of other days the date."""
    if not created_ms:
        return ""
    when = datetime.fromtimestamp(created_ms / 1000)
    return when.strftime("%H:%M") if when.date() == now.date() else when.strftime("%Y-%m-%d")


class LineageModel(QAbstractListModel):
    """Rows from the newest to the oldest."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: Sequence[Row] = ()
        self.tips: Callable[[str], str] = lambda _take: ""  # more about a take, asked for when it is hovered

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row_of(self, node_id: str) -> int:
        """Where a node is; -1 when it is not shown."""
        return next((i for i, row in enumerate(self._rows) if row.node.id == node_id), -1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row itself, or its words."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return words_of(row.node)
        if role == Qt.ItemDataRole.ToolTipRole:
            more = self.tips(row.node.take) if row.node.take else ""
            return more or row.node.detail or row.node.title
        return None


class LineageDelegate(QStyledItemDelegate):
    """Paints rails, a dot, a sign or a thumbnail, what happened, an excerpt and the time."""

    def __init__(self, thumbs: LineageThumbs, parent: QObject) -> None:
        super().__init__(parent)
        self._thumbs = thumbs

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """All rows are equally high."""
        return QSize(160, _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One row."""
        row: Row = index.data(ROW_ROLE)
        tones = current_tones()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(
                QColor(tones.focus) if state & QStyle.StateFlag.State_HasFocus else Qt.PenStyle.NoPen
            )
            painter.setBrush(QColor(tones.accent_wash))
            painter.drawRoundedRect(QRectF(rect).adjusted(2, 1, -2, -1), 6, 6)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tones.sunken))
            painter.drawRoundedRect(QRectF(rect).adjusted(2, 1, -2, -1), 6, 6)
        _paint_rails(painter, rect, row, tones)
        rails = 1 + min(_MAX_LANES, max((row.lane, *row.above, *row.below)))
        place = rect.adjusted(_LEFT_PX + rails * _LANE_PX, 4, -12, -4)
        if row.node.icon:
            self._paint_sign(painter, place, row.node, tones)
            place.setLeft(place.left() + THUMB_PX + _SIGN_GAP_PX)
        _paint_words(painter, place, row.node, option, tones)
        painter.restore()

    def _paint_sign(self, painter: QPainter, place: QRect, node: LineageNode, tones: Tones) -> None:
        """The take's thumbnail, else the icon, in a square at the left."""
        square = QRect(place.left(), place.center().y() - THUMB_PX // 2 + 1, THUMB_PX, THUMB_PX)
        pixmap = self._thumbs.of(node.take) if node.thumb else None
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tones.sunken))
        painter.drawRoundedRect(QRectF(square), 4, 4)
        if pixmap is None or pixmap.isNull():
            tone = tones.model_text if node.kind in ("take", "accepted") else tones.muted
            middle = square.center() - QPoint(_ICON_PX // 2, _ICON_PX // 2)
            icon(node.icon, tone, _ICON_PX).paint(painter, QRect(middle, QSize(_ICON_PX, _ICON_PX)))
            return
        size = pixmap.deviceIndependentSize()
        at = QPointF(square.center()) + QPointF(0.5 - size.width() / 2, 0.5 - size.height() / 2)
        if node.state in ("rejected", "failed"):
            painter.setOpacity(_FAINT)
        painter.drawPixmap(at, pixmap)
        painter.setOpacity(1.0)


def _lane_x(rect: QRect, lane: int) -> float:
    return rect.left() + _LEFT_PX + min(lane, _MAX_LANES) * _LANE_PX


def _paint_rails(painter: QPainter, rect: QRect, row: Row, tones: Tones) -> None:
    top, middle, bottom = float(rect.top()), rect.center().y() + 0.5, float(rect.bottom() + 1)
    x = _lane_x(rect, row.lane)
    painter.setPen(QPen(QColor(tones.border_strong), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for lane in row.above:
        other = _lane_x(rect, lane)
        if lane == row.lane:
            painter.drawLine(QLineF(x, top, x, middle))
        elif lane in row.joins:
            path = QPainterPath(QPointF(other, top))
            path.cubicTo(QPointF(other, middle), QPointF(other, middle), QPointF(x, middle))
            painter.drawPath(path)
        else:
            painter.drawLine(QLineF(other, top, other, middle))
    for lane in row.below:
        if lane == row.lane or lane not in row.joins:
            painter.drawLine(QLineF(_lane_x(rect, lane), middle, _lane_x(rect, lane), bottom))
    node = row.node
    colour = QColor(tones.model_text if node.kind in ("take", "accepted") else tones.text)
    if node.state in ("rejected", "failed"):
        colour = QColor(tones.faint)
    painter.setPen(QPen(colour, 1.75))
    painter.setBrush(colour if node.kind != "take" or node.state == "accepted" else QColor(tones.background))
    painter.drawEllipse(QPointF(x, middle), _DOT_PX, _DOT_PX)
    if node.current:
        painter.setPen(QPen(QColor(tones.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(x, middle), _DOT_PX + 3.5, _DOT_PX + 3.5)


def _paint_words(
    painter: QPainter, rect: QRect, node: LineageNode, option: QStyleOptionViewItem, tones: Tones
) -> None:
    font = QFont(option.font)
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * 0.9)
    upper = QRect(rect.left(), rect.top(), rect.width(), rect.height() // 2)
    lower = QRect(rect.left(), rect.top() + rect.height() // 2, rect.width(), rect.height() // 2)
    greyed = node.state in ("rejected", "failed")
    painter.setFont(small)
    painter.setPen(QColor(tones.muted))
    time = clock(node.created_ms, datetime.now())
    painter.drawText(upper, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, time)
    width = upper.width() - QFontMetrics(small).horizontalAdvance(time) - 8
    font.setBold(node.current)
    font.setStrikeOut(node.state == "rejected")
    _elided(
        painter,
        font,
        upper.adjusted(0, 0, width - upper.width(), 0),
        node.title,
        tones.muted if greyed else tones.text,
    )
    more = " · ".join(part for part in (_state_word(node), node.detail) if part)
    _elided(painter, small, lower, more, tones.muted)


def _elided(painter: QPainter, font: QFont, rect: QRect, text: str, colour: str) -> None:
    painter.setFont(font)
    painter.setPen(QColor(colour))
    line = text.replace("\n", " ")
    shown = QFontMetrics(font).elidedText(line, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
