"""Takes of a job, or any chosen set, as large as the window allows, judged with the keyboard."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedLayout, QVBoxLayout, QWidget

from studio.core.takes import Take
from studio.widgets.icons import IconButton
from studio.widgets.labels import button, empty_state, label
from studio.widgets.picture_cell import CAPTION_PX, PictureCell
from studio.widgets.picture_keys import LOOKING, looked
from studio.widgets.picture_menu import fill_picture_menu
from studio.widgets.picture_stage import STEP, Viewpoint
from studio.widgets.reason_line import ReasonLine
from studio.widgets.take_bodies import CardFacts
from studio.widgets.take_wishes import TakeWishes

_GAP_PX: Final = 8
_EMPTY: Final = (
    "There are no takes to look at.\nPropose some with Ctrl+Return, or choose some in the gallery."
)
_HELP: Final = "Return accepts, Backspace rejects, 1-8 and arrows choose, Space shows one alone"


class _Field(QWidget):
    """The cells, placed by arithmetic so that pictures are as large as can be."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[PictureCell] = []
        self.columns = 1
        self.alone: PictureCell | None = None

    def place_cells(self) -> None:
        """Put every cell where it belongs."""
        shown = [self.alone] if self.alone is not None else self.cells
        for cell in self.cells:
            cell.setVisible(cell in shown)
        if not shown:
            return
        aspect = shown[0].proportions()
        self.columns = best_columns(len(shown), self.size(), aspect.width() / max(1.0, aspect.height()))
        rows = -(-len(shown) // self.columns)
        width = (self.width() - _GAP_PX * (self.columns - 1)) // self.columns
        height = (self.height() - _GAP_PX * (rows - 1)) // rows
        for index, cell in enumerate(shown):
            row, column = divmod(index, self.columns)
            x, y = column * (width + _GAP_PX), row * (height + _GAP_PX)
            cell.setGeometry(QRect(x, y, max(1, width), max(1, height)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All cells anew."""
        super().resizeEvent(event)
        self.place_cells()


def best_columns(count: int, room: QSize, aspect: float) -> int:
    """In how many columns `count` pictures of width/height `aspect` are largest."""

    def side(columns: int) -> float:
        rows = -(-count // columns)
        width = (room.width() - _GAP_PX * (columns - 1)) / columns
        height = (room.height() - _GAP_PX * (rows - 1)) / rows - CAPTION_PX
        return min(width, height * aspect)

    return max(range(1, max(1, count) + 1), key=lambda columns: (side(columns), -columns))


class PictureGrid(TakeWishes):
    """All cells share zoom and pan. One is chosen; the keys act on it."""

    chosen_changed = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewpoint = Viewpoint(self)
        self._field = _Field()
        self._chosen = ""
        self._empty = empty_state(_EMPTY)
        self._title = label("", "strong")
        self._zoom = label("", "muted")
        self._reason = ReasonLine(self)
        self._stack = QStackedLayout()
        self._lay_out()
        self.setAccessibleName("Takes, full size")
        self.setAccessibleDescription(f"{_HELP}. {LOOKING}.")
        self._reason.given.connect(lambda reason: self._wish("reject", reason))
        self.viewpoint.changed.connect(self._show_zoom)
        self._show_head()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(4, 0, 0, 0)
        head.setSpacing(4)
        fit = button("Fit", "Show whole pictures (0)", flat=True)
        pixels = button("100 %", "Show a picture's own pixels (A)", flat=True)
        nearer = IconButton("zoom-in", "Nearer (+)")
        farther = IconButton("zoom-out", "Farther (-)")
        one = button("One", "Show the chosen take alone, or all again (Space)", flat=True)
        compare = button("Compare…", "Compare the chosen take with another", "compare", flat=True)
        close = IconButton("close", "Back (Esc)")
        fit.clicked.connect(self.viewpoint.fit)
        pixels.clicked.connect(lambda: self._on_cell(PictureCell.show_pixels))
        nearer.clicked.connect(lambda: self._on_cell(lambda cell: cell.zoom_by(STEP)))
        farther.clicked.connect(lambda: self._on_cell(lambda cell: cell.zoom_by(1 / STEP)))
        one.clicked.connect(self.toggle_alone)
        compare.clicked.connect(lambda: self._wish("compare", ""))
        close.clicked.connect(self.closed)
        head.addWidget(self._title)
        head.addStretch(1)
        for widget in (self._zoom, farther, nearer, fit, pixels, one, compare, close):
            head.addWidget(widget)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._field)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 6, 8, 8)
        outer.setSpacing(6)
        outer.addLayout(head)
        outer.addLayout(self._stack, 1)
        outer.addWidget(self._reason)

    # -- values ---------------------------------------------------------------------------

    def show_takes(self, takes: Sequence[Take]) -> None:
        """Show exactly these, in order; pictures that are here already stay."""
        known = {cell.take.id: cell for cell in self._field.cells if cell.take is not None}
        cells: list[PictureCell] = []
        for number, take in enumerate(takes, 1):
            cell = known.pop(take.id, None) or self._new_cell(number)
            cell.set_number(number)
            cells.append(cell)
        for cell in known.values():
            if cell is self._field.alone:
                self._field.alone = None
            cell.hide()
            cell.deleteLater()
        self._field.cells = cells
        self._stack.setCurrentWidget(self._field if cells else self._empty)
        for cell, take in zip(cells, takes, strict=True):
            self._show(cell, take)
        ids = self.take_ids()
        if self._chosen not in ids:
            best = next((take.id for take in takes if take.verdict is None), "")
            self.choose(best or (ids[0] if ids else ""))
        else:
            self._mark()
        self._field.place_cells()
        self._show_head()

    def update_take(self, take: Take) -> None:
        """A take came to stand otherwise."""
        if cell := self._cell(take.id):
            self._show(cell, take)

    def show_image(self, take_id: str, image: QImage) -> None:
        """The picture of a take, or what it looks like so far; of one not shown: nothing."""
        if cell := self._cell(take_id):
            before = cell.proportions()
            cell.set_image(image)
            if cell.proportions() != before:
                self._field.place_cells()
            self._show_zoom()

    def show_step(self, take_id: str, step: int, steps: int) -> None:
        """How far a growing picture is."""
        if cell := self._cell(take_id):
            cell.show_step(step, steps)

    def take_ids(self) -> list[str]:
        """The takes shown, in order."""
        return [cell.take.id for cell in self._field.cells if cell.take is not None]

    def chosen(self) -> str | None:
        """The chosen take."""
        return self._chosen or None

    def choose(self, take_id: str) -> None:
        """Choose a take of those shown; "" chooses none."""
        changed = take_id != self._chosen
        self._chosen = take_id
        self._mark()
        if changed:
            self.chosen_changed.emit(take_id)

    def is_alone(self) -> bool:
        """Whether one take has all the room."""
        return self._field.alone is not None

    def toggle_alone(self) -> None:
        """Only the chosen take, or all again."""
        self._field.alone = None if self._field.alone is not None else self._cell(self._chosen)
        self._field.place_cells()
        self._show_zoom()

    # -- inside ---------------------------------------------------------------------------

    def _show(self, cell: PictureCell, take: Take) -> None:
        cell.show_take(take)
        if take.status != "streaming" and take.picture is not None and cell.asked != take.picture.asset:
            cell.asked = take.picture.asset
            self.image_wanted.emit(take.id)

    def _new_cell(self, number: int) -> PictureCell:
        cell = PictureCell(self.viewpoint, number, self._field)
        cell.pressed.connect(lambda: self.choose(cell.take.id if cell.take else ""))
        cell.entered.connect(self.toggle_alone)
        return cell

    def _cell(self, take_id: str) -> PictureCell | None:
        return next((cell for cell in self._field.cells if cell.take and cell.take.id == take_id), None)

    def _on_cell(self, do: Callable[[PictureCell], object]) -> None:
        cell = self._cell(self._chosen)
        if cell is not None:
            do(cell)

    def _mark(self) -> None:
        inside = self.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        for cell in self._field.cells:
            chosen = cell.take is not None and cell.take.id == self._chosen
            cell.set_chosen(chosen)
            if chosen:
                self.setFocusProxy(cell)
                if inside and not self._reason.hasFocus():
                    cell.setFocus(Qt.FocusReason.OtherFocusReason)
                if self._field.alone is not None and self._field.alone is not cell:
                    self._field.alone = cell
                    self._field.place_cells()

    def _step(self, by: int) -> None:
        ids = self.take_ids()
        if self._chosen in ids:
            at = ids.index(self._chosen) + by
            if 0 <= at < len(ids):
                self.choose(ids[at])

    def _show_head(self) -> None:
        count = len(self._field.cells)
        self._title.setText(f"{count} takes" if count != 1 else "1 take")
        self._show_zoom()

    def _show_zoom(self) -> None:
        cell = self._cell(self._chosen)
        scale = cell.scale() if cell is not None else 0.0
        self._zoom.setText(f"{scale:.0%}".replace("%", " %") if scale else "")

    # -- what the person wants ------------------------------------------------------------

    def _wish(self, what: str, detail: str = "") -> None:
        cell = self._cell(self._chosen)
        if cell is None or cell.take is None:
            return
        facts = self.facts(cell)
        if what == "ask_reason":
            self._reason.ask()
        elif (what == "accept" and not facts.may_accept) or (what == "reject" and not facts.may_reject):
            return
        else:
            self.wish(what, self._chosen, detail)

    def facts(self, cell: PictureCell) -> CardFacts:
        """What may be done with the take of a cell."""
        take = cell.take
        if take is None:
            return CardFacts()
        ended = take.status != "streaming"
        others = tuple(
            (other.take.id, f"take {number}")
            for number, other in enumerate(self._field.cells, 1)
            if other is not cell and other.take is not None
        )
        return CardFacts(
            may_accept=ended and take.verdict is None and take.picture is not None,
            may_reject=take.verdict is None,
            may_remake=ended,
            rejected=take.verdict == "rejected",
            others=others,
        )

    def menu(self) -> QMenu:
        """What can be done with the chosen take; the caller owns it."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        if cell := self._cell(self._chosen):
            shown = cell.take is not None and cell.take.picture is not None
            fill_picture_menu(menu, self.facts(cell), self._wish, shown=shown)
        return menu

    # -- Qt's events ----------------------------------------------------------------------

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the take under the pointer."""
        if self._field.cells:
            menu = self.menu()
            menu.exec(event.globalPos())
            menu.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Look, choose, judge."""
        cell = self._cell(self._chosen)
        key = event.key()
        if cell is not None and looked(cell, event):
            return
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
            return
        if Qt.Key.Key_1 <= key <= Qt.Key.Key_8:
            ids = self.take_ids()
            at = key - Qt.Key.Key_1
            if at < len(ids):
                self.choose(ids[at])
            return
        across = 1 if self._field.alone is not None else self._field.columns
        match key:
            case Qt.Key.Key_Left:
                self._step(-1)
            case Qt.Key.Key_Right:
                self._step(1)
            case Qt.Key.Key_Up:
                self._step(-across)
            case Qt.Key.Key_Down:
                self._step(across)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._wish("accept")
            case Qt.Key.Key_Backspace | Qt.Key.Key_Delete:
                self._wish("reject")
            case Qt.Key.Key_Space:
                self.toggle_alone()
            case Qt.Key.Key_Escape if self._field.alone is not None:
                self.toggle_alone()
            case Qt.Key.Key_Escape:
                self.closed.emit()
            case _:
                super().keyPressEvent(event)
