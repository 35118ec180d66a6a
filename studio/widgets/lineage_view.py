"""What happened to the open work: revisions and takes, branches beside each other, found by search."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListView, QStackedLayout, QVBoxLayout, QWidget

from studio.widgets.labels import button, empty_state
from studio.widgets.lineage_model import ROW_ROLE, LineageDelegate, LineageModel, searched
from studio.widgets.lineage_thumbs import LineageThumbs, Source
from studio.widgets.lineage_tree import LineageNode, Row, laid_out

__all__ = ["LineageNode", "LineageView"]
_EMPTY = (
    "Nothing has happened to this work yet.\nAll that you write and all that the model proposes is kept here."
)
_NONE = "Nothing matches.\nRejected takes are found too."


class _List(QListView):
    """Return asks for a branch, like a double click."""

    entered_by_key = Signal(QModelIndex)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return and Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            if self.currentIndex().isValid():
                self.entered_by_key.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class LineageView(QWidget):
    """The newest on top; the current one has a ring; nothing here is ever overwritten."""

    node_chosen = Signal(str)
    branch_requested = Signal(str)
    take_chosen = Signal(str)
    compare_requested = Signal(
        str, str
    )  # older and newer node; with one chosen, that one and the current one

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._search = QLineEdit()
        self._list = _List()
        self._model = LineageModel(self)
        self._thumbs = LineageThumbs(self)
        self._empty = empty_state(_EMPTY)
        self._branch = button(
            "Work from here", "Take up the work as it stood at the chosen line; nothing is lost", "branch"
        )
        self._compare = button(
            "Compare",
            "Show what differs: between two chosen lines, or one and the text as it stands",
            "compare",
        )
        self._lay_out()
        self._search.textChanged.connect(self._show_rows)
        self._list.doubleClicked.connect(self._on_enter)
        self._list.entered_by_key.connect(self._on_enter)
        self._list.selectionModel().currentChanged.connect(self._on_current)
        self._list.selectionModel().selectionChanged.connect(self._show_buttons)
        self._branch.clicked.connect(lambda: self._on_enter(self._list.currentIndex()))
        self._compare.clicked.connect(self.compare)
        self._thumbs.came.connect(self._list.viewport().update)
        self._show_rows()

    def _lay_out(self) -> None:
        self._search.setPlaceholderText("Search what happened")
        self._search.setAccessibleName("Search the lineage")
        self._search.setToolTip("Finds revisions and takes, rejected ones too")
        self._search.setClearButtonEnabled(True)
        self._list.setModel(self._model)
        self._list.setItemDelegate(LineageDelegate(self._thumbs, self._list))
        self._list.setUniformItemSizes(True)
        self._list.setMouseTracking(True)
        self._list.setAccessibleName("Lineage")
        self._list.setToolTip(
            "Double click or Return: work from that line. Ctrl and click chooses a second one."
        )
        self._list.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 8, 8, 8)
        outer.setSpacing(8)
        outer.addWidget(self._search)
        middle = QWidget()
        self._stack = QStackedLayout(middle)
        self._stack.addWidget(self._list)
        self._stack.addWidget(self._empty)
        outer.addWidget(middle, 1)
        foot = QHBoxLayout()
        foot.addWidget(self._branch)
        foot.addWidget(self._compare)
        foot.addStretch(1)
        outer.addLayout(foot)

    def set_nodes(self, nodes: Sequence[LineageNode]) -> None:
        """Show these, in any order; what was chosen stays chosen and where it was."""
        self._rows = laid_out(nodes)
        self._show_rows()

    def thumbs_from(self, source: Source | None) -> None:
        """Where the thumbnails of takes come from: called with take ids, answers their files at once."""
        self._thumbs.come_from(source)

    def tips_from(self, source: Callable[[str], str]) -> None:
        """What is told of a take on hovering, by its id; "" for what the row says already."""
        self._model.tips = source

    def choose(self, node_id: str) -> None:
        """Mark a node and scroll to it. Not told."""
        at = self._model.row_of(node_id)
        index = self._model.index(at) if at >= 0 else QModelIndex()
        selection = self._list.selectionModel()
        blocked = selection.blockSignals(True)
        selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        selection.blockSignals(blocked)
        self._list.viewport().update()
        self._show_buttons()
        if index.isValid():
            self._list.scrollTo(index)

    def chosen(self) -> str:
        """The marked node; "" when none."""
        row = self._list.currentIndex().data(ROW_ROLE)
        return row.node.id if isinstance(row, Row) else ""

    def picked(self) -> tuple[str, ...]:
        """The chosen nodes, the oldest first."""
        rows = sorted((index.row() for index in self._list.selectionModel().selectedIndexes()), reverse=True)
        found = (self._model.index(row).data(ROW_ROLE) for row in rows)
        return tuple(row.node.id for row in found if isinstance(row, Row))

    def compare(self) -> None:
        """As if Compare were pressed."""
        picked = self.picked()
        if len(picked) == 1:
            current = next((row.node.id for row in self._rows if row.node.current), "")
            self.compare_requested.emit(picked[0], current)
        elif len(picked) == 2:
            self.compare_requested.emit(*picked)

    def _show_buttons(self) -> None:
        count = len(self._list.selectionModel().selectedIndexes())
        self._branch.setEnabled(count == 1)
        self._compare.setEnabled(1 <= count <= 2)

    def reveal_current(self) -> None:
        """Mark where the work stands."""
        self.choose(next((row.node.id for row in self._rows if row.node.current), ""))

    def focus_search(self) -> None:
        """Put the keyboard into the search field."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_rows(self) -> None:
        chosen = self.chosen()
        offset = self._list.verticalScrollBar().value()
        wanted = self._search.text().casefold().split()
        rows = self._rows
        if wanted:
            found = (row for row in rows if all(word in searched(row.node) for word in wanted))
            rows = [Row(node=row.node, lane=0) for row in found]
        self._model.set_rows(rows)
        self._empty.setText(_NONE if self._rows else _EMPTY)
        self._stack.setCurrentWidget(self._list if rows else self._empty)
        self._list.doItemsLayout()
        self._list.verticalScrollBar().setValue(offset)
        self._show_buttons()
        if chosen and self._model.row_of(chosen) >= 0:
            self.choose(chosen)

    def _on_current(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if isinstance(row, Row):
            self.node_chosen.emit(row.node.id)
            if row.node.take:
                self.take_chosen.emit(row.node.take)

    def _on_enter(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if isinstance(row, Row):
            self.branch_requested.emit(row.node.id)
