"""The list widget that the rows of tracks stand in: its keys, its drops, its own claim to them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtGui import QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem

from studio.media.music.score import Track
from studio.widgets.tracks.row import HEIGHT_PX, TrackRow, words_of

_ID: Final = Qt.ItemDataRole.UserRole
_ROWS_AROUND: Final = 4  # made beyond those that are seen
_PLAIN: Final = Qt.KeyboardModifier.NoModifier
_ALT: Final = Qt.KeyboardModifier.AltModifier


class TrackList(QListWidget):
    """Tells keys and drops; a drop changes nothing here: the rows come back from the piece."""

    dropped = Signal(int)  # the row it is wanted before
    stepped = Signal(int)  # -1 up, 1 down
    remove_pressed = Signal()
    rename_pressed = Signal()
    mark_pressed = Signal()
    mute_pressed = Signal()
    solo_pressed = Signal()
    lock_pressed = Signal()

    def __init__(self, join: Callable[[TrackRow], object]) -> None:
        """`join` is called with each row that is made."""
        super().__init__()
        self.rows: dict[str, TrackRow] = {}  # those that were seen
        self._join = join
        self._tracks: dict[str, Track] = {}
        self._placing = False
        self.setObjectName("trackList")
        self.setAccessibleName("Tracks")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setUniformItemSizes(True)
        self.verticalScrollBar().valueChanged.connect(self.fill)

    # -- rows ----------------------------------------------------------------------------------------

    def show_tracks(self, tracks: Sequence[Track]) -> None:
        """A line a track, in order; one is made, moved or taken out only where it must be."""
        self._tracks = {track.id: track for track in tracks}
        self._placing = True
        for at in reversed(range(self.count())):
            if self._id_at(at) not in self._tracks:
                self._take_out(at)
        there = {self._id_at(at) for at in range(self.count())}
        for at, track in enumerate(tracks):
            while track.id in there and self._id_at(at) != track.id:
                other = self._id_at(at + 1) == track.id  # the one before it went elsewhere
                gone = at if other else self._line_of(track.id)
                there.discard(self._id_at(gone))
                self._take_out(gone)
            if track.id not in there:
                self._put_in(at, track)
                there.add(track.id)
            self.item(at).setData(Qt.ItemDataRole.AccessibleTextRole, words_of(track))
            if (row := self.rows.get(track.id)) is not None and row.track != track:
                row.show_track(track)
        self._placing = False

    def fill(self) -> None:
        """Make the rows that are seen, and some around them: a row has many parts, and a piece may have 256."""
        if self._placing:
            return
        top = self.verticalScrollBar().value()
        first = max(0, top // HEIGHT_PX - _ROWS_AROUND)
        last = (top + self.viewport().height()) // HEIGHT_PX + _ROWS_AROUND
        for at in range(first, min(self.count(), last + 1)):
            self.row_of(self._id_at(at))

    def row_of(self, track_id: str) -> TrackRow:
        """The row of a track; it is made now when it was not yet seen. Raises KeyError."""
        if (row := self.rows.get(track_id)) is None:
            row = self.rows[track_id] = TrackRow(self._tracks[track_id])
            self._join(row)
            self.setItemWidget(self.item(self._line_of(track_id)), row)
        return row

    def select(self, ids: Iterable[str]) -> None:
        """Select these and no others."""
        wanted = set(ids)
        for at in range(self.count()):
            self.item(at).setSelected(self._id_at(at) in wanted)

    def selected(self) -> set[str]:
        """The tracks that are selected."""
        return {str(item.data(_ID)) for item in self.selectedItems()}

    def stand_at(self, track_id: str) -> None:
        """Put the keyboard there; nothing is selected by that."""
        if track_id in self._tracks:
            self.setCurrentRow(self._line_of(track_id), QItemSelectionModel.SelectionFlag.NoUpdate)

    def standing(self) -> str:
        """The track the keyboard stands at; "" when there is none."""
        item = self.currentItem()
        return str(item.data(_ID)) if item is not None else ""

    def _id_at(self, at: int) -> str:
        return str(self.item(at).data(_ID)) if at < self.count() else ""

    def _line_of(self, track_id: str) -> int:
        return next(at for at in range(self.count()) if self._id_at(at) == track_id)

    def _take_out(self, at: int) -> None:
        item = self.takeItem(at)  # its widget goes with it
        self.rows.pop(item.data(_ID), None)

    def _put_in(self, at: int, track: Track) -> None:
        item = QListWidgetItem()
        item.setData(_ID, track.id)
        item.setSizeHint(QSize(1, HEIGHT_PX))  # as wide as the list, however narrow
        self.insertItem(at, item)

    # -- keys and drops ------------------------------------------------------------------------------

    def _wish(self, event: QKeyEvent) -> Callable[[], None] | None:
        key, held = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if held == _ALT:
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(key, 0)
            return (lambda: self.stepped.emit(step)) if step else None
        if held != _PLAIN:
            return None
        return {
            Qt.Key.Key_Delete: self.remove_pressed.emit,
            Qt.Key.Key_F2: self.rename_pressed.emit,
            Qt.Key.Key_Space: self.mark_pressed.emit,
            Qt.Key.Key_M: self.mute_pressed.emit,
            Qt.Key.Key_S: self.solo_pressed.emit,
            Qt.Key.Key_L: self.lock_pressed.emit,
        }.get(key)

    def event(self, event: QEvent) -> bool:
        """Its keys mean a track here, whatever they mean elsewhere in the window."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._wish(event) is not None
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space, F2, Delete, M, S, L; Alt with up or down."""
        wish = self._wish(event)
        if wish is not None:
            wish()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More rows may be seen."""
        super().resizeEvent(event)
        self.fill()

    def dropEvent(self, event: QDropEvent) -> None:
        """Say where the dragged row is wanted."""
        event.ignore()
        row = self.indexAt(event.position().toPoint()).row()
        below = self.dropIndicatorPosition() == QAbstractItemView.DropIndicatorPosition.BelowItem
        self.dropped.emit(self.count() if row < 0 else row + below)
