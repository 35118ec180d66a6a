"""The tracks of a piece: which one is in the roll, which ones takes are written into, how each of them sounds."""

from collections.abc import Callable, Iterable
from typing import Final

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from studio.media.music.score import Score, Track
from studio.widgets.icons import IconButton, icon
from studio.widgets.labels import ElidedLabel
from studio.widgets.tracks.instruments_menu import fill_instruments, instruments_menu
from studio.widgets.tracks.list import TrackList
from studio.widgets.tracks.row import HEIGHT_PX, TrackRow

_TIP: Final = (
    "Click: show a track in the roll. Ctrl or Shift: choose several; the next takes write the chosen ones.\n"
    "Space chooses, F2 renames, M mutes, S solos, L locks, Alt with up or down reorders, Delete removes"
)
_LAST: Final = "A piece keeps one track at least"
_WIDTH_LEAST_PX: Final = 184
_ROWS_LEAST: Final = 3  # seen at any time


class TracksPanel(QWidget):
    """Values in, wishes out. The track in the roll is one of the chosen ones, unless the person chose others alone."""

    track_chosen = Signal(str)  # to be shown in the roll
    chosen_changed = Signal()
    renamed = Signal(str, str)
    instrument_wanted = Signal(str, int, bool)  # id, program, drums
    mute_toggled = Signal(str, bool)
    solo_toggled = Signal(str, bool)
    lock_toggled = Signal(str, bool)
    volume_changed = Signal(str, int, bool)  # id, 0 to 127, final: False while it is being dragged
    pan_changed = Signal(str, float, bool)  # id, -1 to 1, final
    add_wanted = Signal(int, bool)  # program, drums
    duplicate_wanted = Signal(str)
    remove_wanted = Signal(object)  # tuple of ids
    moved = Signal(str, int)  # id, index among the others

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tracks: tuple[Track, ...] = ()
        self._shown = ""  # in the roll
        self._told: tuple[str, ...] = ()
        self._quiet = False
        self._list = TrackList(self._join)
        self._list.setToolTip(_TIP)
        self._said = ElidedLabel("muted")  # the dock is called “Tracks” already
        self._add = IconButton("add", "Add a track")
        self._copy = IconButton("copy", "Duplicate the track")
        self._remove = IconButton("trash", _LAST)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 0, 0)
        head.setSpacing(2)
        head.addWidget(self._said, 1)
        for one in (self._add, self._copy, self._remove):
            head.addWidget(one)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.setSpacing(6)
        box.addLayout(head)
        box.addWidget(self._list, 1)
        self.setMinimumWidth(_WIDTH_LEAST_PX)
        self._list.setMinimumHeight(_ROWS_LEAST * HEIGHT_PX)
        self.setFocusProxy(self._list)

    def _connect(self) -> None:
        rows = self._list
        self._add.clicked.connect(self.open_add_menu)
        self._copy.clicked.connect(lambda: self._with_current(self.duplicate_wanted.emit))
        self._remove.clicked.connect(self.remove_chosen)
        rows.itemSelectionChanged.connect(self._on_selection)
        rows.currentItemChanged.connect(self._on_current)
        rows.itemDoubleClicked.connect(self.rename_current)
        rows.dropped.connect(self._on_dropped)
        rows.stepped.connect(self._on_stepped)
        rows.remove_pressed.connect(self.remove_chosen)
        rows.rename_pressed.connect(self.rename_current)
        rows.mark_pressed.connect(self._on_marked)
        rows.mute_pressed.connect(lambda: self._with_row(TrackRow.toggle_mute))
        rows.solo_pressed.connect(lambda: self._with_row(TrackRow.toggle_solo))
        rows.lock_pressed.connect(lambda: self._with_row(TrackRow.toggle_lock))
        rows.customContextMenuRequested.connect(self._open_menu)

    # -- values ------------------------------------------------------------------------------------

    def show_score(self, score: Score, track_id: str) -> None:
        """Show the tracks of a piece and which one is in the roll; rows that stay are changed in place."""
        self._tracks = score.tracks
        ids = [track.id for track in score.tracks]
        chosen = [one for one in self._told if one in ids]
        self._quiet = True
        self._list.show_tracks(score.tracks)
        self._shown = track_id if track_id in ids else ids[0] if ids else ""
        if self._shown not in chosen:
            chosen = [self._shown] if self._shown else []
        if self.marked() not in chosen:
            self._list.stand_at(self._shown)
        self._list.select(chosen)
        self._quiet = False
        self._list.fill()
        self._follow()

    def chosen(self) -> tuple[str, ...]:
        """The tracks the next takes write, in the order of the piece."""
        picked = self._list.selected()
        return tuple(track.id for track in self._tracks if track.id in picked)

    def choose(self, ids: Iterable[str]) -> None:
        """Choose these and no others; the one in the roll when none of them is there."""
        self._quiet = True
        known = {track.id for track in self._tracks}
        self._list.select([one for one in ids if one in known] or [self._shown])
        self._quiet = False
        self._on_selection()

    def current(self) -> str:
        """The track in the roll; "" before a piece was shown."""
        return self._shown

    def marked(self) -> str:
        """The track the keyboard stands at: mostly the one in the roll."""
        return self._list.standing()

    def flush(self) -> None:
        """Tell what a moved slider or a name being written still holds back."""
        for row in list(self._list.rows.values()):
            row.flush()

    # -- what is chosen ------------------------------------------------------------------------------

    def _join(self, row: TrackRow) -> None:
        """A row was made: it tells through the panel."""
        for name in (
            "renamed", "instrument_wanted", "mute_toggled", "solo_toggled", "lock_toggled", "volume_changed",
            "pan_changed",
        ):  # fmt: skip
            getattr(row, name).connect(getattr(self, name))
        self._mark(row)

    def _mark(self, row: TrackRow) -> None:
        row.set_shown(row.track.id == self._shown)
        row.set_cursor(row.track.id == self.marked() != self._shown)

    def _follow(self) -> None:
        """Rows and buttons for what is chosen now; tells when that changed."""
        chosen = self.chosen()
        for row in self._list.rows.values():
            self._mark(row)
        few = len(self._tracks) < 2
        self._remove.setEnabled(not few)
        several = len(chosen) > 1
        count = len(self._tracks)
        self._said.setText(f"{len(chosen)} of {count}" if several else f"{count} track{'s' * (count > 1)}")
        self._said.setToolTip(f"The next takes write {len(chosen)} of {count} tracks")
        self._remove.set_tip(_LAST if few else f"Remove the chosen track{'s' * several} (Delete)")
        if chosen != self._told:
            self._told = chosen
            self.chosen_changed.emit()

    # -- what the person wants -----------------------------------------------------------------------

    def _with_current(self, do: Callable[[str], object]) -> None:
        if self._shown:
            do(self._shown)

    def _with_row(self, do: Callable[[TrackRow], object]) -> None:
        if track_id := self.marked():
            do(self._list.row_of(track_id))

    def _on_current(self) -> None:
        if not self._quiet:
            self._follow()

    def _on_selection(self) -> None:
        """The roll keeps its track while that is among the chosen; one that is chosen alone is shown."""
        if self._quiet or not self._tracks:
            return
        chosen = self.chosen()
        if not chosen:
            self._quiet = True
            self._list.select([self._shown])
            self._quiet = False
            chosen = (self._shown,)
        before = self._shown
        if before not in chosen:
            self._shown = self.marked() if self.marked() in chosen else chosen[0]
        self._follow()
        if self._shown != before:
            self.track_chosen.emit(self._shown)

    def _on_marked(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            item.setSelected(not item.isSelected())

    def rename_current(self) -> None:
        """Write the name of the track the keyboard stands at."""
        self._with_row(TrackRow.start_rename)

    def remove_chosen(self) -> None:
        """Ask for the chosen tracks to be removed."""
        if chosen := self.chosen():
            self.remove_wanted.emit(chosen)

    def _on_stepped(self, step: int) -> None:
        ids = [track.id for track in self._tracks]
        if (track_id := self.marked()) in ids:
            to = ids.index(track_id) + step
            if 0 <= to < len(ids):
                self.moved.emit(track_id, to)

    def _on_dropped(self, before: int) -> None:
        ids = [track.id for track in self._tracks]
        if (track_id := self.marked()) in ids:
            at = ids.index(track_id)
            to = before - (at < before)
            if to != at:
                self.moved.emit(track_id, to)

    # -- menus ---------------------------------------------------------------------------------------

    def open_add_menu(self) -> None:
        """Ask which instrument a new track has."""
        menu = instruments_menu(self, self.add_wanted.emit)
        at = self._add.mapToGlobal(QPoint(0, self._add.height()))
        menu.popup(at if self.isVisible() else QCursor.pos())

    def _open_menu(self, at: QPoint) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._list.viewport().mapToGlobal(at))

    def menu(self) -> QMenu:
        """What can be done with the track the keyboard stands at; the caller owns it."""
        menu = QMenu(self)
        if self.marked():
            self._fill_menu(menu, self._list.row_of(self.marked()))
        return menu

    def _fill_menu(self, menu: QMenu, row: TrackRow) -> None:
        track = row.track
        menu.addAction(icon("edit"), "Rename").triggered.connect(row.start_rename)
        fill_instruments(
            menu.addMenu("Instrument"),
            lambda program, drums: self.instrument_wanted.emit(track.id, program, drums),
            track.program,
            track.drums,
        )
        menu.addSeparator()
        for title, on, toggle in (
            ("Mute", track.mute, row.toggle_mute),
            ("Solo", track.solo, row.toggle_solo),
            ("Lock", track.locked, row.toggle_lock),
        ):
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(on)
            action.triggered.connect(toggle)
        menu.addSeparator()
        menu.addAction(icon("copy"), "Duplicate").triggered.connect(
            lambda: self.duplicate_wanted.emit(track.id)
        )
        menu.addAction(icon("up"), "Move up").triggered.connect(lambda: self._on_stepped(-1))
        menu.addAction(icon("down"), "Move down").triggered.connect(lambda: self._on_stepped(1))
        remove = menu.addAction(icon("trash"), self._remove.toolTip().removesuffix(" (Delete)"))
        remove.setEnabled(self._remove.isEnabled())
        remove.triggered.connect(self.remove_chosen)
