"""All pictures of a project: found, filtered, chosen, judged."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QStackedLayout, QVBoxLayout, QWidget

from studio.widgets.gallery_filters import Choice, GalleryFilters
from studio.widgets.gallery_items import GalleryItem, GalleryWants, count_words
from studio.widgets.gallery_list import GalleryList
from studio.widgets.gallery_model import GalleryModel
from studio.widgets.labels import button, empty_state
from studio.widgets.picture_menu import fill_picture_menu
from studio.widgets.reason_line import ReasonLine
from studio.widgets.take_bodies import CardFacts
from studio.widgets.take_wishes import TakeWishes

_EMPTY: Final = (
    "No pictures yet.\n"
    "Every picture that is proposed in this project is kept here, whether it was accepted or not."
)
_NONE: Final = "Nothing matches.\nRejected pictures are found too; take a filter away to see more."
_READING: Final = "Looking for this project's pictures…"
_STEP_PX: Final = 16


def runs_of(rows: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers as runs of first..last: a selection of thousands is a few of them."""
    runs: list[tuple[int, int]] = []
    for row in sorted(rows):
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs


class GalleryView(TakeWishes):
    """Values in: rows and thumbnails; signals out: what is wanted of them.

    `thumbs_wanted(request, ids)` asks for thumbnails of what is in sight; `show_thumbs` answers, now or later.
    Wishes come once for each selected take, in the order they are shown.
    """

    filter_changed = Signal(object)  # GalleryWants
    selection_changed = Signal(object)  # list of take ids
    thumbs_wanted = Signal(int, object)  # request, tuple of take ids
    side_changed = Signal(int)  # px, to be remembered
    grid_requested = Signal(object)  # list of take ids: show these at full size

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = GalleryModel(self)
        self.list = GalleryList(self._model)
        self.filters = GalleryFilters()
        self._empty = empty_state(_EMPTY)
        self._reading = False
        self._clear = button("Show all", "Take all filters away")
        self._reason = ReasonLine(self)
        self._stack = QStackedLayout()
        self.setAccessibleName("Gallery")
        self.setFocusProxy(self.list)
        self._lay_out()
        self._connect()
        self.filters.set_side_px(self.list.side_px())
        self._show_state()

    def _lay_out(self) -> None:
        nothing = QWidget()
        column = QVBoxLayout(nothing)
        column.addStretch(1)
        column.addWidget(self._empty)
        column.addWidget(self._clear, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        self._stack.addWidget(nothing)
        self._stack.addWidget(self.list)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 8, 8, 8)
        outer.setSpacing(8)
        outer.addWidget(self.filters)
        outer.addLayout(self._stack, 1)
        outer.addWidget(self._reason)

    def _connect(self) -> None:
        self.filters.changed.connect(self.filter_changed)
        self.filters.side_changed.connect(self._on_side)
        self.list.zoomed.connect(lambda step: self.filters.set_side_px(self.list.side_px() + step * _STEP_PX))
        self.list.thumbs.wanted.connect(self.thumbs_wanted)
        self.list.entered_by_key.connect(self._on_open)
        self.list.doubleClicked.connect(self._on_open)
        self.list.reject_pressed.connect(lambda: self._say("reject", ""))
        self.list.copy_pressed.connect(lambda: self._say("copy", ""))
        self.list.dragged.connect(lambda: self._say("drag", ""))
        self.list.selectionModel().selectionChanged.connect(self._on_selected)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self._reason.given.connect(lambda reason: self._say("reject", reason))
        self._clear.clicked.connect(lambda: self.filters.set_wants(GalleryWants()))

    # -- values ---------------------------------------------------------------------------

    def show_reading(self) -> None:
        """The rows are being read: until they come, nobody knows whether there are any."""
        self._reading = True
        self._show_state()

    def show_rows(self, rows: Sequence[GalleryItem]) -> None:
        """Show exactly these, newest first. What was selected and in sight stays so while it is still here."""
        self._reading = False
        chosen, anchor = self.selected(), self.list.first_seen()
        now = self.current()
        self._model.set_items(rows)
        self._show_state()
        self.list.updateGeometries()
        self.list.show_first(*anchor)
        self.select(chosen, now)
        self.list.thumbs.poke()

    def add_rows(self, rows: Sequence[GalleryItem]) -> None:
        """New takes, newest first; what is in sight stays where it is."""
        anchor = self.list.first_seen()
        self._model.prepend(rows)
        self._show_state()
        self.list.updateGeometries()
        self.list.show_first(*anchor)

    def update_row(self, row: GalleryItem) -> None:
        """A take came to stand otherwise."""
        at = self._model.row_of(row.take)
        if at >= 0:
            if self._model.item(at).asset != row.asset:
                self.list.thumbs.forget(row.take)
            self._model.replace(row)

    def show_thumbs(self, request: int, files: Mapping[str, bytes]) -> None:
        """The thumbnails of a request; an id that is not among them has none."""
        self.list.thumbs.answer(request, files)

    def answer_thumbs_with(self, thumbs: Callable[[Sequence[str]], Mapping[str, bytes]]) -> None:
        """Ask this for thumbnails from now on; it is called in the window's thread, for 24 at most."""
        self.thumbs_wanted.connect(lambda request, ids: self.show_thumbs(request, thumbs(ids)))

    def set_filter_choices(
        self, models: Sequence[Choice], adapters: Sequence[Choice], works: Sequence[Choice]
    ) -> None:
        """What can be filtered by: values and titles."""
        self.filters.set_choices(models, adapters, works)

    def wants(self) -> GalleryWants:
        """What is wanted, as the filters stand."""
        return self.filters.wants()

    def set_side_px(self, side_px: int) -> None:
        """How large thumbnails are."""
        self.filters.set_side_px(side_px)

    def selected(self) -> list[str]:
        """The selected takes, in the order they are shown."""
        runs = sorted((run.top(), run.bottom()) for run in self.list.selectionModel().selection().toList())
        return [self._model.item(row).take for first, last in runs for row in range(first, last + 1)]

    def current(self) -> str:
        """The take the keyboard is at, "" for none."""
        index = self.list.currentIndex()
        return self._model.item(index.row()).take if index.isValid() else ""

    def meant(self) -> str:
        """The selected take that an act for one is about, "" for none."""
        chosen = self.selected()
        return self._meant(chosen) if chosen else ""

    def select(self, take_ids: Sequence[str], current: str = "") -> None:
        """Select these of those shown; the keyboard goes to `current`, without scrolling."""
        flags = QItemSelectionModel.SelectionFlag
        selection = QItemSelection()
        for first, last in runs_of({self._model.row_of(take_id) for take_id in take_ids} - {-1}):
            selection.select(self._model.index(first), self._model.index(last))
        at = self._model.row_of(current)
        self.list.setAutoScroll(False)
        if at >= 0:
            self.list.selectionModel().setCurrentIndex(self._model.index(at), flags.NoUpdate)
        self.list.selectionModel().select(selection, flags.ClearAndSelect)
        self.list.setAutoScroll(True)

    def show_take(self, take_id: str) -> None:
        """Scroll to a take and choose it; one that is not here: nothing."""
        row = self._model.row_of(take_id)
        if row >= 0:
            self.select([take_id], take_id)
            self.list.scrollTo(self._model.index(row), GalleryList.ScrollHint.PositionAtCenter)

    def show_neighbour(self, step: int) -> None:
        """Choose the take `step` rows on from the one the keyboard is at; past the ends: nothing."""
        row = self.list.currentIndex().row() + step
        if 0 <= row < self._model.rowCount():
            self.show_take(self._model.item(row).take)

    # -- inside ---------------------------------------------------------------------------

    def _show_state(self) -> None:
        count = self._model.rowCount()
        filtered = self.wants() != GalleryWants()
        self._stack.setCurrentIndex(1 if count else 0)
        self._empty.setText(_READING if self._reading else _NONE if filtered else _EMPTY)
        self._clear.setVisible(filtered and not self._reading)
        self.filters.set_count(count_words(count) if count else "")

    def _on_side(self, side_px: int) -> None:
        self.list.set_side_px(side_px)
        self.side_changed.emit(side_px)

    def _on_selected(self) -> None:
        self.selection_changed.emit(self.selected())

    def _on_open(self, index: QModelIndex) -> None:
        chosen = self.selected()
        if len(chosen) > 1:
            self.grid_requested.emit(chosen)
        elif index.isValid():
            self.open_requested.emit(self._model.item(index.row()).take)

    def _say(self, what: str, detail: str = "") -> None:
        chosen = self.selected()
        if what == "ask_reason":
            if chosen:
                self._reason.ask()
        elif what in ("open", "compare", "recall", "branch", "drag", "save") and chosen:
            self._say_one(what, detail, chosen)
        else:
            for take_id in chosen:
                if what != "reject" or not self._model.item(self._model.row_of(take_id)).verdict:
                    self.wish(what, take_id, detail)

    def _say_one(self, what: str, detail: str, chosen: list[str]) -> None:
        """What is meant for one picture, or for two, whatever else is selected."""
        one = self._meant(chosen)
        if what == "open" and len(chosen) > 1:
            self.grid_requested.emit(chosen)
        elif what == "compare" and not detail and len(chosen) == 2:
            self.compare_requested.emit(chosen[0], chosen[1])
        else:
            self.wish(what, one, detail)

    def _meant(self, chosen: list[str]) -> str:
        """The one of several selected that an act for one is about: where the keyboard is, else the first."""
        return self.current() if self.current() in chosen else chosen[0]

    def menu(self) -> QMenu:
        """What can be done with the selected takes; the caller owns it."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        items = [self._model.item(self._model.row_of(take_id)) for take_id in self.selected()]
        if not items:
            return menu
        one = self._meant([item.take for item in items])
        rest = [item.take for item in items if item.take != one]
        others = ((rest[0], "the other one selected"),) if len(rest) == 1 else ()
        facts = CardFacts(
            may_accept=len(items) == 1 and not items[0].verdict,
            may_reject=any(not item.verdict for item in items),
            may_remake=len(items) == 1,
            rejected=all(item.verdict == "rejected" for item in items),
            others=others,
        )
        fill_picture_menu(menu, facts, self._say)
        return menu

    def _open_menu(self, at: QPoint) -> None:
        if self.selected():
            menu = self.menu()
            menu.exec(self.list.viewport().mapToGlobal(at))
            menu.deleteLater()
