"""The entries of a lorebook as a list: search, switch on and off, reorder, and see which would come in here."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.media.lore.entries import LoreEntry, in_list_order
from studio.media.lore.scan import Hit
from studio.widgets.icons import icon
from studio.widgets.labels import empty_state
from studio.widgets.tones import Tones, current_tones, follow_tones

_ID: Final = Qt.ItemDataRole.UserRole
_EMPTY: Final = (
    "No entries yet.\nAn entry tells the model about a person, place or thing whenever one of its keys is near"
    " the caret. Press + to write one, or import a file."
)
_NONE: Final = "Nothing matches the search."
_STATE_WIDTH_PX: Final = 28
_ORDER_WIDTH_PX: Final = 56


class _Tree(QTreeWidget):
    """Delete removes, Alt with up or down and a drop reorder."""

    delete_pressed = Signal()
    undo_pressed = Signal()
    moved = Signal(str, int)  # id, rows up or down
    dropped = Signal(str, str)  # id, id of the row it goes before ("" at the end)

    def event(self, event: QEvent) -> bool:
        """Ctrl+Z here means the lorebook, not the text."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _is_undo(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete, Ctrl+Z, Alt+Up, Alt+Down."""
        item = self.currentItem()
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if item is not None and event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        elif _is_undo(event):
            self.undo_pressed.emit()
        elif item is not None and step and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.moved.emit(item.data(0, _ID), step)
        else:
            super().keyPressEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Say where the dragged row is wanted; the rows come back from the book."""
        event.ignore()
        item, target = self.currentItem(), self.itemAt(event.position().toPoint())
        if item is None or item is target:
            return
        if target is not None and self.dropIndicatorPosition() == self.DropIndicatorPosition.BelowItem:
            target = self.itemBelow(target)
        self.dropped.emit(item.data(0, _ID), target.data(0, _ID) if target is not None else "")


def _is_undo(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Z and event.modifiers() == Qt.KeyboardModifier.ControlModifier


class LoreList(QWidget):
    """Tells what the person wants; changes nothing itself."""

    chosen = Signal(str)  # entry id, "" when none
    switched = Signal(str, bool)  # entry id, enabled
    delete_requested = Signal(str)
    duplicate_requested = Signal(str)
    undo_requested = Signal()
    order_wanted = Signal(str, int)  # entry id, its new order

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[LoreEntry] = []
        self._items: dict[str, QTreeWidgetItem] = {}
        self._hits: dict[str, Hit] = {}
        self._wanted: list[str] = []
        self._quiet = False
        self._tree = _Tree()
        self._empty = empty_state(_EMPTY)
        self._stack = QStackedLayout()
        self._lay_out()
        self._tree.currentItemChanged.connect(self._on_current)
        self._tree.itemChanged.connect(self._on_changed)
        self._tree.delete_pressed.connect(lambda: self.delete_requested.emit(self.current()))
        self._tree.undo_pressed.connect(self.undo_requested)
        self._tree.moved.connect(self._on_moved)
        self._tree.dropped.connect(self._on_dropped)
        self._tree.customContextMenuRequested.connect(self._open_menu)
        follow_tones(self._retone)

    def _lay_out(self) -> None:
        tree = self._tree
        tree.setColumnCount(3)
        tree.setHeaderLabels(["Entry", "Here", "Order"])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAccessibleName("Lorebook entries")
        tree.setToolTip(
            "Delete removes, Alt with up or down and dragging change the order, Ctrl+Z takes back"
        )
        tree.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in ((1, _STATE_WIDTH_PX + 22), (2, _ORDER_WIDTH_PX + 8)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, width)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        middle = QWidget()
        middle.setLayout(self._stack)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(tree)
        outer.addWidget(middle)

    # -- values ---------------------------------------------------------------------------

    def set_entries(self, entries: Sequence[LoreEntry]) -> None:
        """Show these; what is chosen stays chosen."""
        ordered = in_list_order(tuple(entries))
        if ordered == self._entries:
            return
        before, self._entries = self._entries, ordered
        same = [entry.id for entry in ordered] == [entry.id for entry in before]
        self._quiet = True
        if same:
            for entry, old in zip(ordered, before, strict=True):
                if entry is not old:
                    self._dress(self._items[entry.id], entry)
        else:
            self._fill()
        self._quiet = False
        if self._wanted or not same:
            self._filter()

    def set_hits(self, hits: Sequence[Hit]) -> None:
        """Mark the entries that would come in at the caret."""
        before, self._hits = self._hits, {hit.entry.id: hit for hit in hits}
        self._quiet = True
        for entry in self._entries:
            old, new = before.get(entry.id), self._hits.get(entry.id)
            if old is None or new is None or (old.matched, old.why) != (new.matched, new.why):
                self._dress(self._items[entry.id], entry)
        self._quiet = False

    def search(self, words: str) -> None:
        """Show only entries in whose title, keys, group or text all these words stand."""
        self._wanted = words.casefold().split()
        self._filter()

    def choose(self, entry_id: str) -> None:
        """Mark an entry. Not told."""
        item = self._items.get(entry_id)
        self._quiet = True
        self._tree.setCurrentItem(item)  # type: ignore[arg-type]
        self._quiet = False
        if item is not None:
            self._tree.scrollToItem(item)

    def current(self) -> str:
        """The marked entry; "" when none."""
        item = self._tree.currentItem()
        return str(item.data(0, _ID)) if item is not None else ""

    def visible_ids(self) -> list[str]:
        """What the search leaves, from the top."""
        return [entry.id for entry in self._entries if not self._items[entry.id].isHidden()]

    def _fill(self) -> None:
        chosen = self.current()
        self._tree.clear()
        self._items = {}
        items = []
        for entry in self._entries:
            item = QTreeWidgetItem()
            item.setData(0, _ID, entry.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._items[entry.id] = item
            self._dress(item, entry)
            items.append(item)
        self._tree.addTopLevelItems(items)
        if chosen in self._items:
            self._tree.setCurrentItem(self._items[chosen])

    def _dress(self, item: QTreeWidgetItem, entry: LoreEntry) -> None:
        tones = current_tones()
        hit = self._hits.get(entry.id)
        name = f"{entry.category} / {entry.name}" if entry.category else entry.name
        if item.text(0) != name:
            item.setText(0, name)
        item.setCheckState(0, Qt.CheckState.Checked if entry.enabled else Qt.CheckState.Unchecked)
        if item.text(2) != str(entry.order):
            item.setText(2, str(entry.order))
        colour = QColor(tones.text if entry.enabled else tones.faint)
        item.setForeground(0, QBrush(colour))
        item.setForeground(2, QBrush(QColor(tones.muted)))
        came = hit is not None and hit.matched
        if item.data(1, _ID) != (came, tones.scheme):
            item.setData(1, _ID, (came, tones.scheme))
            item.setIcon(1, icon("accept", tones.success, 16) if came else icon("close", tones.background, 1))
        state = f"{'In' if came else 'Out'}: {hit.why}" if hit is not None else ""
        item.setToolTip(0, "\n".join(line for line in (name, ", ".join(entry.keys)[:200], state) if line))
        item.setToolTip(1, state or "Whether it would come in at the caret")
        item.setData(1, Qt.ItemDataRole.AccessibleTextRole, state)

    def _filter(self) -> None:
        for entry in self._entries:
            words = " ".join((entry.title, *entry.keys, entry.group, entry.category, entry.text)).casefold()
            self._items[entry.id].setHidden(not all(word in words for word in self._wanted))
        shown = bool(self.visible_ids())
        self._empty.setText(_NONE if self._entries else _EMPTY)
        self._stack.setCurrentWidget(self._tree if shown else self._empty)

    def _retone(self, _tones: Tones) -> None:
        self._quiet = True
        for entry in self._entries:
            self._dress(self._items[entry.id], entry)
        self._quiet = False

    # -- what the person wants ------------------------------------------------------------

    def _on_current(self, item: QTreeWidgetItem | None) -> None:
        if not self._quiet:
            self.chosen.emit(item.data(0, _ID) if item is not None else "")

    def _on_changed(self, item: QTreeWidgetItem) -> None:
        if not self._quiet:
            self.switched.emit(item.data(0, _ID), item.checkState(0) == Qt.CheckState.Checked)

    def _on_moved(self, entry_id: str, step: int) -> None:
        ids = self.visible_ids()
        at = ids.index(entry_id)
        if 0 <= at + step < len(ids):
            before = ids[at + step] if step < 0 else (ids[at + 2] if at + 2 < len(ids) else "")
            self._on_dropped(entry_id, before)

    def _on_dropped(self, entry_id: str, before: str) -> None:
        """The list runs from the highest order to the lowest: a place is just above or below a neighbour's."""
        others = [entry for entry in self._entries if entry.id != entry_id]
        by_id = {entry.id: entry for entry in self._entries}
        gap = next((at for at, entry in enumerate(others) if entry.id == before), len(others))
        rises = gap <= self._entries.index(by_id[entry_id])
        if rises and gap < len(others):
            self.order_wanted.emit(entry_id, others[gap].order + 1)
        elif gap:
            self.order_wanted.emit(entry_id, others[gap - 1].order - 1)

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        if entry_id := self.current():
            menu.addAction(icon("copy"), "Duplicate").triggered.connect(
                lambda: self.duplicate_requested.emit(entry_id)
            )
            menu.addAction(icon("trash"), "Delete").triggered.connect(
                lambda: self.delete_requested.emit(entry_id)
            )
        menu.addAction(icon("undo"), "Take back the last change").triggered.connect(self.undo_requested)
        menu.exec(self._tree.viewport().mapToGlobal(at))
        menu.deleteLater()
