"""What a person does with notes in the piano roll beyond mouse and keys: menus, actions, dialogs, locks."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QPointF, Qt, Signal, Slot
from PySide6.QtWidgets import QMenu, QWidget

from studio.app.actions import Actions
from studio.app.piece_desk import PieceDesk
from studio.app.roll_dialogs import RollDialogs
from studio.app.roll_reasons import reasons, standing
from studio.app.settings import Settings
from studio.app.tasks import Tasks
from studio.media.music import holds
from studio.media.music.score import TICKS, Chord, Note
from studio.widgets.roll.bar_joined import join
from studio.widgets.roll.chosen_words import chosen_words, key_words
from studio.widgets.roll.menu import PlaceWish, fill_roll_menu

_LOCK_WHAT: Final = "Choose notes, or bars in the ruler above them, then press Ctrl+L to lock them."

_SWITCHES: Final = {"roll.fold": "folded", "roll.surprise": "surprise"}


class PieceEditDesk(QObject):
    """Joins roll, bar and status line; greys the roll's actions with their reasons."""

    notice = Signal(str, str)  # what, do
    redo_wanted = Signal(object)  # {track id: notes}: takes in which exactly these are others

    def __init__(
        self,
        desk: PieceDesk,
        actions: Actions,
        settings: Settings,
        tasks: Tasks,
        window: QWidget,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._desk, self._actions, self._window = desk, actions, window
        self.dialogs = RollDialogs(desk, settings, tasks, window, self)
        self.odd_notes: Callable[[], Sequence[Note]] = tuple  # the odd ones of the track in the roll
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        desk, pane = self._desk, self._desk.pane
        joined = join(pane.roll, pane.bar)
        joined.pointed.connect(pane.status.show_place)
        pane.roll.selection_changed.connect(self.refresh)
        pane.roll.menu_wanted.connect(self._open_menu)
        pane.roll.seen_changed.connect(self._show_key)
        desk.shown.connect(self.refresh)
        desk.track_shown.connect(self.refresh)
        desk.range_changed.connect(self.refresh)
        # the other arts grey what is theirs when a work is opened, and free what is not: ours come after
        desk.opened.connect(self.refresh, Qt.ConnectionType.QueuedConnection)
        pane.bar.compared.connect(desk.judged.set_compare)
        pane.bar.quantise_requested.connect(self.dialogs.quantise)
        pane.bar.quantise_settings_requested.connect(self.dialogs.ask_quantise)
        pane.bar.odd.redo_requested.connect(self.redo_odd)
        self.dialogs.notice.connect(self.notice)
        pane.bar.folded.connect(self._actions["roll.fold"].setChecked)
        pane.bar.surprise_shown.connect(self._actions["roll.surprise"].setChecked)

    def switch(self, action_id: str, on: bool) -> None:
        """Turn a view of the roll on or off; the bar shows it too."""
        self._desk.pane.bar.set_switch(_SWITCHES[action_id], on)

    # -- what is said ------------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Say what is chosen, and grey what makes no sense."""
        desk = self._desk
        roll = desk.pane.roll
        desk.pane.status.show_chosen(chosen_words(roll))
        self._show_key()
        if desk.session is None:
            return
        odd = self.odd_notes()
        for action_id, why in reasons(standing(roll, desk.range is not None, desk.damaged, odd)).items():
            self._actions.set_reason(action_id, why)

    @Slot()
    def _show_key(self) -> None:
        self._desk.pane.status.show_key(key_words(self._desk.pane.roll))

    # -- commands ----------------------------------------------------------------------------------

    def commands(self) -> dict[str, Callable[[], object]]:
        """What the roll's actions do, by id."""
        do, dialogs = self._desk.pane.roll.commands, self.dialogs
        return {
            "roll.cut": do.cut,
            "roll.copy": do.copy,
            "roll.paste": do.paste,
            "roll.delete": do.delete,
            "roll.duplicate": do.duplicate,
            "roll.select_all": do.select_all,
            "roll.select_inverse": do.select_inverse,
            "roll.select_pitch": self.select_pitches,
            "roll.select_bars": self.select_bars,
            "roll.quantise": dialogs.quantise,
            "roll.quantise_how": dialogs.ask_quantise,
            "roll.humanise": dialogs.ask_humanise,
            "roll.velocity": dialogs.ask_velocity,
            "roll.transpose": dialogs.ask_transpose,
            "roll.transpose_up": partial(do.transpose, 1),
            "roll.transpose_down": partial(do.transpose, -1),
            "roll.octave_up": partial(do.transpose, 12),
            "roll.octave_down": partial(do.transpose, -12),
            "roll.step_up": partial(do.transpose_in_key, 1),
            "roll.step_down": partial(do.transpose_in_key, -1),
            "roll.invert": do.invert,
            "roll.invert_key": partial(do.invert, in_key=True),
            "roll.reverse": do.reverse,
            "roll.legato": do.legato,
            "roll.split": do.split,
            "roll.join": do.join,
            "roll.redo_notes": self.redo_chosen,
            "roll.redo_odd": self.redo_odd,
        }

    def do(self, action_id: str) -> None:
        """Do what an action of the roll says."""
        self.commands()[action_id]()

    def select_pitches(self) -> None:
        """Choose all notes that are as high as one of the chosen ones."""
        roll = self._desk.pane.roll
        pitches = {note.pitch for note in roll.selection()}
        roll.choose(note for note in roll.track().notes if note.pitch in pitches)

    def select_bars(self) -> None:
        """Choose all notes that begin in the chosen bars."""
        bars, roll = self._desk.range, self._desk.pane.roll
        if bars is not None:
            first, last = self._desk.score.bars(at_least=bars[1] + 1).span(*bars)
            roll.choose(note for note in roll.track().notes if first <= note.start < last)

    def redo_chosen(self) -> None:
        """Ask for takes in which exactly the chosen notes are others."""
        notes = self._desk.pane.roll.selection()
        if notes:
            self.redo_wanted.emit({self._desk.track: notes})

    @Slot()
    def redo_odd(self) -> None:
        """The same for the odd ones, which are chosen, so that it is seen which."""
        notes = tuple(self.odd_notes())
        if notes:
            self._desk.pane.roll.choose(notes)
            self.redo_wanted.emit({self._desk.track: notes})

    # -- locks -------------------------------------------------------------------------------------

    @Slot()
    def toggle_lock(self) -> None:
        """Lock what is chosen, or free it where all of it is locked: notes, else bars of the chosen tracks."""
        desk = self._desk
        if desk.session is None or desk.damaged:
            return
        notes = desk.pane.roll.selection()
        if notes:
            desk.pane.roll.commands.lock(not all(note.locked for note in notes))
        elif desk.range is not None:
            tracks = desk.pane.tracks.chosen() or (desk.track,)
            locked = not holds.bars_locked(desk.score, tracks, *desk.range)
            score = holds.lock_bars(desk.score, tracks, *desk.range, locked)
            desk.revise(score, holds.words(*desk.range, locked), "locked" if locked else "unlocked")
        else:
            self.notice.emit("Nothing is chosen.", _LOCK_WHAT)

    # -- the menu over the notes -------------------------------------------------------------------

    @Slot(QPointF)
    def _open_menu(self, at: QPointF) -> None:
        grid = self._desk.pane.roll.grid
        menu = self.menu_at(at, grid)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(grid.mapToGlobal(at.toPoint()))

    def menu_at(self, at: QPointF, parent: QWidget) -> QMenu:
        """What can be done here; the caller owns it."""
        menu = QMenu(parent)
        first, last = bars = self._bars_at(at)
        words = f"bar {first + 1}" if first == last else f"bars {first + 1} to {last + 1}"

        def say(wish: PlaceWish) -> None:
            self._do_here(wish, at, bars)

        fill_roll_menu(menu, self._actions.__getitem__, words, say)
        return menu

    def _bars_at(self, at: QPointF) -> tuple[int, int]:
        """The bars that are chosen, else those of the chosen notes, else that of the place."""
        desk = self._desk
        state = desk.pane.roll.state
        if desk.range is not None:
            return desk.range
        notes = desk.pane.roll.selection()
        if notes:
            return state.bars.at(notes[0].start), state.bars.at(max(note.start for note in notes))
        here = state.bars.at(max(0, int(state.sight.tick(at.x()))))
        return here, here

    def _do_here(self, wish: PlaceWish, at: QPointF, bars: tuple[int, int]) -> None:
        roll = self._desk.pane.roll
        tick = roll.state.snap.before(max(0.0, roll.state.sight.tick(at.x())), roll.state.bars)
        if wish == "ask_bars":
            self._desk.set_range(bars)
            self._desk.pane.prompt.focus_prompt()
        elif wish == "marker":
            roll.ruler.ask_marker(tick)
        else:
            roll.chords.ask(Chord(tick, self._chord_ticks(tick), ""))

    def _chord_ticks(self, tick: int) -> int:
        """As long as the rest of the bar."""
        bars = self._desk.pane.roll.state.bars
        first, last = bars.span(bars.at(tick), bars.at(tick))
        return max(TICKS, last - max(first, tick))
