"""One word inside the model: how likely it was, and what could have stood there instead."""

import math
from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.widgets.labels import label
from studio.widgets.tones import current_tones

_WIDTH_PX: Final = 320
_ROW_PX: Final = 28
_BAR_PX: Final = 84
_SHARE_PX: Final = 60
_PAD_PX: Final = 10
_ROLE: Final = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


class OtherWord(Struct, frozen=True, kw_only=True):
    """A token that could have stood there: its text and its probability in 0..1; `current`: it does stand there."""

    text: str
    share: float
    current: bool = False


class TokenInside(Struct, frozen=True, kw_only=True):
    """What the popover shows. `rank` counts from 1 (0: not known); `why_not` says why none can be chosen."""

    text: str
    share: float
    rank: int = 0
    others: tuple[OtherWord, ...] = ()
    why_not: str = ""


def seen(text: str) -> str:
    """A token's text with its white space made visible."""
    words = text.replace("\n", "↵").replace("\t", "⇥")
    spaces = len(words) - len(words.lstrip(" "))
    return "␣" * spaces + words[spaces:] if words.strip(" ") else "␣" * len(words)


def per_cent(share: float) -> str:
    """A probability, as exact as it is worth reading."""
    percent = share * 100
    if percent >= 99.95:
        return "100 %"
    if percent >= 0.1:
        return f"{percent:.1f} %"
    return f"{percent:.2g} %" if percent > 0 and math.isfinite(percent) else "0 %"


class _Row(QStyledItemDelegate):
    """Paints a word, a bar as long as its probability, and the probability."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """All rows are equally high."""
        return QSize(_WIDTH_PX - 40, _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One row."""
        word: OtherWord = index.data(_ROLE)
        tones = current_tones()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tones.accent_wash))
            painter.drawRoundedRect(QRectF(rect).adjusted(0, 1, 0, -1), 5, 5)
        inner = rect.adjusted(_PAD_PX, 0, -_PAD_PX, 0)
        font = option.font
        font.setBold(word.current)
        painter.setFont(font)
        painter.setPen(QColor(tones.text))
        room = inner.adjusted(0, 0, -(_BAR_PX + _SHARE_PX), 0)
        shown = painter.fontMetrics().elidedText(seen(word.text), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        bar = QRectF(inner.right() - _BAR_PX - _SHARE_PX + 8, rect.center().y() - 2, _BAR_PX, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tones.sunken))
        painter.drawRoundedRect(bar, 3, 3)
        painter.setBrush(QColor(tones.accent))
        painter.drawRoundedRect(
            QRectF(bar.x(), bar.y(), max(2.0, bar.width() * word.share), bar.height()), 3, 3
        )
        painter.setPen(QColor(tones.muted))
        painter.drawText(
            inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, per_cent(word.share)
        )
        painter.restore()


class TokenPopover(QFrame):
    """Choosing another word (click, or arrows and Return) asks to go on from it; Esc closes."""

    chosen = Signal(int)  # which of `others`

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("knobs")
        self.setAccessibleName("Inside the model")
        self.setFixedWidth(_WIDTH_PX)
        self._word = label("", "strong")
        self._figures = label("", "muted")
        self._figures.setWordWrap(True)
        self._list = QListWidget()
        self._list.setItemDelegate(_Row(self._list))
        self._list.setAccessibleName("What could have stood there")
        self._list.setToolTip("Choose a word to go on from it; nothing is overwritten")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._foot = label("", "muted")
        self._foot.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        for widget in (self._word, self._figures, self._list, self._foot):
            column.addWidget(widget)
        self._why_not = ""
        self._list.itemClicked.connect(self._on_item)
        self._list.itemActivated.connect(self._on_item)

    def show_token(self, inside: TokenInside, point: QPoint) -> None:
        """Open at a point of the screen."""
        self._why_not = inside.why_not
        self._word.setText(f"“{seen(inside.text)}”")
        rank = {0: "its rank is not known", 1: "the likeliest word here"}.get(
            inside.rank, f"number {inside.rank} of the words here"
        )
        self._figures.setText(f"{per_cent(inside.share)} likely, {rank}")
        self._fill(inside.others)
        self._foot.setText(
            inside.why_not or "Choose a word to go on from it: new takes on a branch of their own."
        )
        self.adjustSize()
        self.move(self._beside(point))
        self.show()
        self._list.setFocus(Qt.FocusReason.PopupFocusReason)

    def _fill(self, others: Sequence[OtherWord]) -> None:
        self._list.clear()
        for word in others:
            item = QListWidgetItem()
            item.setData(_ROLE, word)
            words = f"{seen(word.text)}, {per_cent(word.share)}" + (", stands there" if word.current else "")
            item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
            item.setToolTip(words)
            self._list.addItem(item)
        self._list.setVisible(bool(others))
        self._list.setFixedHeight(max(1, len(others)) * _ROW_PX + 6)
        if others:
            now = next((i for i, word in enumerate(others) if word.current), 0)
            self._list.setCurrentRow(now)

    def _beside(self, point: QPoint) -> QPoint:
        """Under the word, inside the screen; above it where there is no room."""
        screen = QGuiApplication.screenAt(point) or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        size = self.sizeHint()
        x = max(room.left(), min(point.x() - 24, room.right() - self.width()))
        below = point.y() + 20
        y = (
            below
            if below + size.height() <= room.bottom()
            else max(room.top(), point.y() - size.height() - 20)
        )
        return QPoint(x, y)

    def _on_item(self, item: Any) -> None:
        if not self._why_not and self.isVisible():
            row = self._list.row(item)
            self.close()
            self.chosen.emit(row)
