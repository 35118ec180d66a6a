"""Joins what stands over all tracks with the open piece: tempo, metre, keys, bars, chords, markers."""

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from studio.app.ask import run_dialog
from studio.app.piece_desk import PieceDesk
from studio.app.tasks import Tasks, in_thread
from studio.core.errors import StudioError
from studio.dialogs.bars import DeleteBarsDialog, InsertBarsDialog
from studio.dialogs.chords import ChordsDialog
from studio.dialogs.find_chords import FindChordsDialog, Per
from studio.dialogs.key import KeyDialog
from studio.dialogs.meter import MeterDialog
from studio.dialogs.tempo import TempoDialog, tempo_at
from studio.dialogs.time_step import TimeStepDialog, bars_words
from studio.media.music.chordfinding import find_chords
from studio.media.music.edits_time import clear_chords, set_tempo
from studio.media.music.keyfinding import find_keys
from studio.media.music.score import Bars, Score
from studio.media.music.theory import key_name
from studio.project.records import RevisionKind

D = TypeVar("D", bound=TimeStepDialog)


class PieceTimeDesk(QObject):
    """Opens the dialogs at the chosen bars, or where the piece plays, and makes steps of what comes of them."""

    notice = Signal(str, str)  # what, do

    def __init__(self, desk: PieceDesk, tasks: Tasks, window: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._tasks, self._window = desk, tasks, window
        self._open: TimeStepDialog | None = None
        self._progression = ""  # the last one that was laid, offered again
        transport = desk.pane.transport
        transport.tempo_wanted.connect(self.set_tempo)
        transport.meter_wanted.connect(self.ask_meter)
        transport.key_wanted.connect(self.ask_key)
        desk.leaving.connect(self._on_leaving)

    # -- where -----------------------------------------------------------------------------------------

    def here(self) -> int:
        """The bar that is meant: the first of the chosen ones, else where the piece plays, else the chosen notes'."""
        desk = self._desk
        if desk.range is not None:
            return desk.range[0]
        return self._bar_at(self._tick())

    def bars(self) -> tuple[int, int]:
        """The chosen bars, else the one that is meant."""
        return self._desk.range or (self.here(), self.here())

    def _tick(self) -> int:
        roll = self._desk.pane.roll
        if roll.state.playhead > 0:
            return roll.state.playhead
        chosen = roll.selection()
        return min((note.start for note in chosen), default=0)

    def _bar_at(self, tick: int) -> int:
        """The bar a tick lies in, also behind the end."""
        return Bars.of(self._desk.score.meters, tick + 1).at(tick)

    # -- tempo, metre, key -----------------------------------------------------------------------------

    @Slot(float)
    def set_tempo(self, per_minute: float) -> None:
        """Make the tempo that holds where the piece plays another one."""
        score = self._desk.score
        held = tempo_at(score, self._tick())
        if round(held.per_minute, 2) == round(per_minute, 2):
            return
        since = self._bar_at(held.tick)
        words = f"Tempo {per_minute:g}" + (f" from bar {since + 1}" if held.tick else "")
        self._step(lambda s: set_tempo(s, held.tick, per_minute), words)

    @Slot()
    def ask_tempo(self) -> None:
        """Set the tempo from a bar on, or take a change away."""
        self._ask(lambda: TempoDialog(self._desk.score, self.here(), self._window))

    @Slot()
    def ask_meter(self) -> None:
        """Set the metre from a bar on, or take a change away."""
        self._ask(lambda: MeterDialog(self._desk.score, self.here(), self._window))

    @Slot()
    def ask_key(self) -> None:
        """Set the key from a bar on, or take a change away."""
        self._ask(lambda: KeyDialog(self._desk.score, self.here(), self._window))

    @Slot()
    def find_keys(self) -> None:
        """Set the keys of the whole piece as the notes sound, in place of those it has."""
        if self._ready():
            self._tasks.start(self._find_keys())

    async def _find_keys(self) -> None:
        score = self._desk.score
        keys = await in_thread(find_keys, score)
        if score is not self._desk.score:
            self.notice.emit("The piece changed while its keys were looked for.", "Ask again.")
            return
        if not keys:
            self.notice.emit("There are no notes a key could be found from.", "Write some first.")
            return
        starts = [f"{key_name(key)} from bar {self._bar_at(key.tick) + 1}" for key in keys[1:]]
        found = ", ".join([key_name(keys[0]), *starts])
        if score.keys == keys:
            self.notice.emit(f"The piece sounds like what is set: {found}.", "")
            return
        self._step(lambda s: replace(s, keys=keys), "Find the keys")
        self.notice.emit(f"Found {found}.", "Ctrl+Z brings back what was set.")

    # -- bars ------------------------------------------------------------------------------------------

    @Slot()
    def ask_insert_bars(self) -> None:
        """Put empty bars in; they are the chosen ones then."""

        def done(dialog: InsertBarsDialog) -> None:
            self._desk.set_range(dialog.span())

        first, last = self.bars()
        self._ask(lambda: InsertBarsDialog(self._desk.score, first, last - first + 1, self._window), done)

    @Slot()
    def ask_delete_bars(self) -> None:
        """Take bars out."""

        def done(_dialog: DeleteBarsDialog) -> None:
            self._desk.set_range(None)

        last = len(self._desk.score.bars()) - 1
        first, stop = (min(bar, last) for bar in self.bars())
        self._ask(lambda: DeleteBarsDialog(self._desk.score, (first, stop), self._window), done)

    # -- chords ----------------------------------------------------------------------------------------

    @Slot()
    def ask_chords(self) -> None:
        """Lay a progression over bars."""

        def done(dialog: ChordsDialog) -> None:
            self._progression = dialog.progression()

        desk = self._desk
        self._ask(
            lambda: ChordsDialog(desk.score, desk.range, self.here(), self._progression, self._window), done
        )

    @Slot()
    def ask_find_chords(self) -> None:
        """Find the chords of bars in their notes."""

        def make() -> FindChordsDialog:
            score = self._desk.score
            dialog = FindChordsDialog(score, self._desk.range, self._window)
            asked: set[str] = set()  # the dialog asks at every touch while it waits

            async def find(per: Per) -> None:
                chords = await in_thread(find_chords, score, per)
                if self._open is dialog:
                    dialog.show_found(per, chords)

            def listen(per: Per) -> None:
                if per not in asked:
                    asked.add(per)
                    self._tasks.start(find(per))

            dialog.wanted.connect(listen)
            dialog.look()
            return dialog

        if not any(not track.drums and track.notes for track in self._desk.score.tracks):
            self.notice.emit("There are no notes chords could be found from.", "Write some first.")
            return
        self._ask(make)

    @Slot()
    def clear_chords(self) -> None:
        """Take the chords of the chosen bars away; with none chosen, all."""
        desk = self._desk
        score, chosen = desk.score, desk.range
        if not score.chords:
            self.notice.emit("The chord track is empty.", "")
            return
        if chosen is None:
            self._step(lambda s: clear_chords(s, 0, s.end), "Clear the chords")
            return
        begin, end = score.bars(chosen[1] + 1).span(*chosen)
        if clear_chords(score, begin, end) == score:
            self.notice.emit(f"No chord stands over {bars_words(*chosen)}.", "")
            return
        self._step(lambda s: clear_chords(s, begin, end), f"Clear the chords of {bars_words(*chosen)}")

    @Slot()
    def ask_marker(self) -> None:
        """Write a marker over the bar that is meant."""
        if self._ready():
            bar = self.here()
            self._desk.pane.roll.ruler.ask_marker(self._desk.score.bars(bar + 1).starts[bar])

    # -- steps -----------------------------------------------------------------------------------------

    def _ready(self) -> bool:
        return self._desk.session is not None and not self._desk.damaged

    def _ask(self, make: Callable[[], D], done: Callable[[D], object] | None = None) -> None:
        """Open a dialog that goes on beside the window; its step is made when it is accepted."""
        if self._ready() and self._open is None:
            dialog = self._open = make()
            self._tasks.start(self._run(self._desk.work, dialog, done))

    async def _run(self, work: str, dialog: D, done: Callable[[D], object] | None) -> None:
        try:
            if self._desk.work != work or not await run_dialog(dialog) or self._desk.work != work:
                return
            if self._step(dialog.change, dialog.words) and done is not None:
                done(dialog)
        finally:
            self._open = None

    def _step(self, change: Callable[[Score], Score], words: str, kind: RevisionKind = "arranged") -> bool:
        """Make a step of a change; what is locked and would move is told, and nothing happens. False: no step."""
        desk = self._desk
        if not self._ready():
            return False
        try:
            score = change(desk.score)
        except StudioError as error:
            self.notice.emit(" ".join(part for part in (error.what, error.kept) if part), error.do)
            return False
        if score == desk.score:
            return False
        desk.revise(score, words, kind)
        return True

    @Slot()
    def _on_leaving(self) -> None:
        if self._open is not None:
            self._open.reject()
