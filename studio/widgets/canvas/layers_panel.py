"""The layers of a picture as a list, the highest on top: choose, name, show, hold, fade, order, merge, remove."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QDropEvent, QImage, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from studio.media.picture.document import Layer
from studio.widgets.canvas.layer_row import LayerRow
from studio.widgets.canvas.slide_row import SlideRow, percent
from studio.widgets.icons import IconButton, icon
from studio.widgets.labels import empty_state, label

_ID: Final = Qt.ItemDataRole.UserRole
_EMPTY: Final = "No layers yet.\nAn accepted take becomes a layer; the brush makes a mask."


class _List(QListWidget):
    """A drop only tells: the rows come back from the document."""

    dropped = Signal(int)  # the row it is wanted before
    stepped = Signal(int)  # -1 up, 1 down
    remove_pressed = Signal()
    rename_pressed = Signal()
    toggled = Signal()

    def dropEvent(self, event: QDropEvent) -> None:
        """Say where the dragged row is wanted."""
        event.ignore()
        row = self.indexAt(event.position().toPoint()).row()
        below = self.dropIndicatorPosition() == QAbstractItemView.DropIndicatorPosition.BelowItem
        self.dropped.emit(self.count() if row < 0 else row + below)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete, F2, space; Alt and up or down reorder."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if step and event.modifiers() == Qt.KeyboardModifier.AltModifier:
            self.stepped.emit(step)
        elif event.key() == Qt.Key.Key_Delete:
            self.remove_pressed.emit()
        elif event.key() == Qt.Key.Key_F2:
            self.rename_pressed.emit()
        elif event.key() == Qt.Key.Key_Space:
            self.toggled.emit()
        else:
            super().keyPressEvent(event)


class LayersPanel(QWidget):
    """Values in (from the lowest layer to the highest), wishes out."""

    chosen = Signal(str)
    renamed = Signal(str, str)
    shown = Signal(str, bool)
    held = Signal(str, bool)
    faded_live = Signal(str, float)
    faded = Signal(str, float)
    reordered = Signal(str, int)  # id, place from below among the others
    add_requested = Signal(str)  # "mask" or "lock"
    duplicate_requested = Signal(str)
    merge_requested = Signal(str)
    flatten_requested = Signal()
    flip_requested = Signal(str, str)  # id, "x" or "y"
    turn_requested = Signal(str, int)
    remove_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers: tuple[Layer, ...] = ()
        self._rows: dict[str, LayerRow] = {}
        self._thumbs: dict[str, QImage | None] = {}
        self._quiet = False
        self._list = _List()
        self._opacity = SlideRow(
            "Opacity", "How opaque the chosen layer is", 0.0, 1.0, 1.0, words=percent, value_px=44
        )
        self._mask = IconButton("mask", "Add a mask: where the model may draw")
        self._lock = IconButton("lock", "Add a lock: what no take may change")
        self._up = IconButton("up", "Up in the stack (Alt+Up)")
        self._down = IconButton("down", "Down in the stack (Alt+Down)")
        self._copy = IconButton("copy", "Duplicate the layer")
        self._merge = IconButton("merge-down", "Merge with the layer below")
        self._flatten = IconButton("flatten", "Make one layer of all that is visible")
        self._remove = IconButton("trash", "Remove the layer; its pixels stay in the history (Delete)")
        self._empty = empty_state(_EMPTY)
        self._lay_out()
        self._connect()
        self.set_layers((), "")

    def _lay_out(self) -> None:
        rows = self._list
        rows.setAccessibleName("Layers")
        rows.setToolTip("Space shows or hides, F2 renames, Alt with up or down reorders, Delete removes")
        rows.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rows.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.setContentsMargins(8, 0, 0, 0)
        head.addWidget(label("Layers", "strong"), 1)
        for one in (self._mask, self._lock):
            head.addWidget(one)
        for one in (self._up, self._down, self._copy, self._merge, self._flatten):
            foot.addWidget(one)
        foot.addStretch(1)
        foot.addWidget(self._remove)
        slide = QHBoxLayout()
        slide.setContentsMargins(8, 0, 4, 0)
        slide.addWidget(self._opacity)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.setSpacing(6)
        box.addLayout(head)
        box.addLayout(slide)
        box.addWidget(rows, 1)
        box.addWidget(self._empty, 1)
        box.addLayout(foot)

    def _connect(self) -> None:
        self._mask.clicked.connect(lambda: self.add_requested.emit("mask"))
        self._lock.clicked.connect(lambda: self.add_requested.emit("lock"))
        self._up.clicked.connect(lambda: self._step(-1))
        self._down.clicked.connect(lambda: self._step(1))
        self._copy.clicked.connect(lambda: self._on_chosen(self.duplicate_requested))
        self._merge.clicked.connect(lambda: self._on_chosen(self.merge_requested))
        self._remove.clicked.connect(lambda: self._on_chosen(self.remove_requested))
        self._flatten.clicked.connect(self.flatten_requested)
        self._opacity.moved.connect(lambda value: self.faded_live.emit(self.current(), value))
        self._opacity.settled.connect(lambda value: self.faded.emit(self.current(), value))
        rows = self._list
        rows.currentItemChanged.connect(self._on_current)
        rows.dropped.connect(self._on_dropped)
        rows.stepped.connect(self._step)
        rows.remove_pressed.connect(lambda: self._on_chosen(self.remove_requested))
        rows.rename_pressed.connect(self._on_rename)
        rows.toggled.connect(self._on_toggled)
        rows.customContextMenuRequested.connect(self._open_menu)

    # -- values ------------------------------------------------------------------------------------

    def set_layers(self, layers: Sequence[Layer], chosen: str) -> None:
        """Show these layers, from the lowest to the highest."""
        shown = [self._list.item(at).data(_ID) for at in reversed(range(self._list.count()))]
        same = [layer.id for layer in layers] == shown  # a drag that came to nothing moved a row all the same
        self._layers = tuple(layers)
        self._quiet = True
        if not same:
            self._list.clear()
            self._rows = {}
            for layer in reversed(layers):
                self._add_row(layer)
        for layer in layers:
            self._rows[layer.id].show_layer(layer)
        self._list.setVisible(bool(layers))
        self._empty.setVisible(not layers)
        self._quiet = False
        self.choose(chosen)

    def set_thumb(self, layer_id: str, image: QImage | None) -> None:
        """What a layer looks like."""
        self._thumbs[layer_id] = image
        if row := self._rows.get(layer_id):
            row.show_thumb(image)

    def choose(self, layer_id: str) -> None:
        """Mark a layer. Not told."""
        self._quiet = True
        for index in range(self._list.count()):
            if self._list.item(index).data(_ID) == layer_id:
                self._list.setCurrentRow(index)
                break
        else:
            self._list.setCurrentRow(-1)
        self._quiet = False
        self._follow()

    def current(self) -> str:
        """The marked layer's id; "" when none is."""
        item = self._list.currentItem()
        return str(item.data(_ID)) if item is not None else ""

    def _add_row(self, layer: Layer) -> None:
        row = LayerRow(layer)
        row.renamed.connect(self.renamed)
        row.shown.connect(self.shown)
        row.held.connect(self.held)
        row.chosen.connect(self._on_row)
        row.show_thumb(self._thumbs.get(layer.id))
        item = QListWidgetItem()
        item.setData(_ID, layer.id)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{layer.name}, {layer.kind}")
        item.setSizeHint(row.sizeHint())
        self._list.addItem(item)
        self._list.setItemWidget(item, row)
        self._rows[layer.id] = row

    def _follow(self) -> None:
        """Buttons and slider for the marked layer."""
        layer = next((one for one in self._layers if one.id == self.current()), None)
        at = self._list.currentRow()
        self._up.setEnabled(at > 0)
        self._down.setEnabled(0 <= at < self._list.count() - 1)
        self._copy.setEnabled(layer is not None)
        kinds = [one.kind for one in self._layers]
        below = layer is not None and layer.kind in kinds[: self._layers.index(layer)]
        self._merge.setEnabled(below and layer is not None and not layer.held)
        self._remove.setEnabled(layer is not None and not layer.held)
        self._flatten.setEnabled(kinds.count("raster") > 1)
        self._opacity.setEnabled(layer is not None)
        if layer is not None and not self._opacity.held:
            self._opacity.set_value(layer.opacity)

    # -- what the person wants ---------------------------------------------------------------------

    def _on_chosen(self, signal: SignalInstance) -> None:
        if layer_id := self.current():
            signal.emit(layer_id)

    def _on_current(self, item: QListWidgetItem | None) -> None:
        if not self._quiet and item is not None:
            self._follow()
            self.chosen.emit(str(item.data(_ID)))

    def _on_row(self, layer_id: str) -> None:
        if layer_id != self.current():
            self.choose(layer_id)
            self.chosen.emit(layer_id)

    def _on_rename(self) -> None:
        if row := self._rows.get(self.current()):
            row.start_rename()

    def _on_toggled(self) -> None:
        if row := self._rows.get(self.current()):
            self.shown.emit(row.layer.id, not row.layer.visible)

    def _step(self, step: int) -> None:
        """Up in the list is up in the stack."""
        ids = [layer.id for layer in self._layers]
        if (layer_id := self.current()) in ids:
            self.reordered.emit(layer_id, max(0, ids.index(layer_id) - step))

    def _on_dropped(self, before_row: int) -> None:
        row = self._list.currentRow()
        if row < 0:
            return
        index = self._list.count() - before_row  # layers that stay below it, itself perhaps among them
        if before_row <= row:
            index -= 1
        self.reordered.emit(self.current(), index)

    def _open_menu(self, at: QPoint) -> None:
        menu = self.menu()
        menu.exec(self._list.viewport().mapToGlobal(at))
        menu.deleteLater()

    def menu(self) -> QMenu:
        """What can be done with the marked layer; the caller owns it."""
        menu = QMenu(self)
        layer_id = self.current()
        if layer_id:
            for name, title, wish in (
                ("edit", "Rename", self._on_rename),
                ("copy", "Duplicate", lambda: self.duplicate_requested.emit(layer_id)),
                ("flip-x", "Flip left to right", lambda: self.flip_requested.emit(layer_id, "x")),
                ("flip-y", "Flip top to bottom", lambda: self.flip_requested.emit(layer_id, "y")),
                ("turn-right", "Turn right", lambda: self.turn_requested.emit(layer_id, 1)),
                ("turn-left", "Turn left", lambda: self.turn_requested.emit(layer_id, 3)),
                ("merge-down", "Merge down", lambda: self.merge_requested.emit(layer_id)),
                ("trash", "Remove", lambda: self.remove_requested.emit(layer_id)),
            ):
                menu.addAction(icon(name), title).triggered.connect(wish)
            menu.addSeparator()
        menu.addAction(icon("mask"), "Add a mask").triggered.connect(lambda: self.add_requested.emit("mask"))
        menu.addAction(icon("lock"), "Add a lock").triggered.connect(lambda: self.add_requested.emit("lock"))
        menu.addAction(icon("flatten"), "Flatten the visible layers").triggered.connect(
            self.flatten_requested
        )
        return menu
