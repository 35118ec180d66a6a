"""Any command by a few of its letters."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.widgets.fuzzy import score
from studio.widgets.labels import empty_state
from studio.widgets.tones import current_tones

_ENTRY: Final = Qt.ItemDataRole.UserRole
_WIDTH_PX: Final = 560
_ROW_PX: Final = 36
_ROWS: Final = 10
_Index = QModelIndex | QPersistentModelIndex


class PaletteEntry(Struct, frozen=True, kw_only=True):
    """A command: what it is called, its keys as shown, and what it belongs to."""

    id: str
    title: str
    shortcut: str = ""
    group: str = ""
    enabled: bool = True


class _Delegate(QStyledItemDelegate):
    """Title on the left, group and keys on the right."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """All rows are equally high."""
        return QSize(_WIDTH_PX - 40, _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One command."""
        entry: PaletteEntry = index.data(_ENTRY)
        tones = current_tones()
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tones.accent_wash))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        inner = rect.adjusted(12, 0, -12, 0)
        painter.setPen(QColor(tones.text if entry.enabled else tones.faint))
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, entry.title)
        painter.setPen(QColor(tones.muted if entry.enabled else tones.faint))
        right = "     ".join(part for part in (entry.group, entry.shortcut) if part)
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, right)
        painter.restore()


class CommandPalette(QDialog):
    """Type, go with the arrows, Return runs, Esc closes."""

    triggered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setWindowTitle("Commands")
        self.setAccessibleName("Command palette")
        self._entries: Sequence[PaletteEntry] = ()
        self._field = QLineEdit()
        self._list = QListWidget()
        self._none = empty_state("No command is called that.")
        frame = QFrame(self)
        frame.setObjectName("palette")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(12, 12, 12, 12)
        inner.setSpacing(8)
        inner.addWidget(self._field)
        inner.addWidget(self._list)
        inner.addWidget(self._none)
        self._field.setPlaceholderText("What do you want to do?")
        self._field.setAccessibleName("Search commands")
        self._field.installEventFilter(self)
        self._list.setItemDelegate(_Delegate(self._list))
        self._list.setUniformItemSizes(True)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setAccessibleName("Commands found")
        self._field.textChanged.connect(self._show_found)
        self._field.returnPressed.connect(self._run)
        self._list.itemClicked.connect(self._run)

    def open_with(self, entries: Sequence[PaletteEntry]) -> None:
        """Show over the parent's window with an empty search."""
        self._entries = entries
        self._field.clear()
        self._show_found("")
        self.setFixedWidth(_WIDTH_PX)
        self.adjustSize()
        if parent := self.parentWidget():
            window = parent.window()
            corner = QPoint((window.width() - _WIDTH_PX) // 2, max(24, window.height() // 8))
            self.move(window.mapToGlobal(corner))
        self.show()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)

    def found(self) -> list[str]:
        """The ids of the commands shown, best first."""
        return [self._list.item(i).data(_ENTRY).id for i in range(self._list.count())]

    def _show_found(self, wanted: str) -> None:
        scored = [(score(wanted, f"{entry.title} {entry.group}"), entry) for entry in self._entries]
        hits = [(points, entry) for points, entry in scored if points is not None]
        hits.sort(
            key=lambda hit: (not hit[1].enabled, -hit[0]) if wanted.strip() else (not hit[1].enabled, 0)
        )
        self._list.clear()
        for _, entry in hits:
            item = QListWidgetItem(entry.title)
            item.setData(_ENTRY, entry)
            if not entry.enabled:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self._list.addItem(item)
        self._list.setFixedHeight(_ROW_PX * _ROWS)
        self._list.setVisible(bool(hits))
        self._none.setFixedHeight(_ROW_PX * _ROWS)
        self._none.setVisible(not hits)
        if hits and hits[0][1].enabled:
            self._list.setCurrentRow(0)

    def _run(self) -> None:
        item = self._list.currentItem()
        if item is not None and item.flags() & Qt.ItemFlag.ItemIsEnabled:
            command = item.data(_ENTRY).id
            self.close()
            self.triggered.emit(command)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows in the field go through the list."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}.get(
                Qt.Key(event.key()), 0
            )
            usable = sum(1 for i in range(self._list.count()) if self._list.item(i).flags())
            if step and usable:
                row = self._list.currentRow() + step
                self._list.setCurrentRow(row % usable if abs(step) == 1 else max(0, min(usable - 1, row)))
                return True
        return super().eventFilter(watched, event)
