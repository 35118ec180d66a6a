"""The dialogs about chosen notes: tried in the roll while they are open, done when they close, remembered."""

from collections.abc import Callable
from typing import Final, TypeVar

import msgspec
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from studio.app.ask import run_dialog
from studio.app.piece_desk import PieceDesk
from studio.app.roll_preview import RollPreview, stand_beside
from studio.app.settings import Settings
from studio.app.tasks import Tasks
from studio.dialogs.humanise import HumaniseDialog
from studio.dialogs.notes_dialog import NotesDialog
from studio.dialogs.quantise import QuantiseDialog
from studio.dialogs.transpose import TransposeDialog
from studio.dialogs.velocity import VelocityDialog
from studio.media.music.score import Note
from studio.media.music.theory import key_at, key_name
from studio.media.music.wishes import HumaniseWish, NotesWish, QuantiseWish, TransposeWish, VelocityWish
from studio.widgets.roll.drag_notes import counted
from studio.widgets.roll.kinds import LOCKED_TRACK, RollKind

_SEED_STEP: Final = 1
Wish = TypeVar("Wish", QuantiseWish, HumaniseWish, TransposeWish, VelocityWish)


class RollDialogs(QObject):
    """One dialog at a time, about the chosen notes, or where none is chosen about all of the track."""

    notice = Signal(str, str)

    def __init__(
        self, desk: PieceDesk, settings: Settings, tasks: Tasks, window: QWidget, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._desk, self._settings, self._tasks, self._window = desk, settings, tasks, window
        pane = desk.pane
        self.preview = RollPreview(pane.roll)
        pane.bar.set_quantise(self._last("quantise", QuantiseWish()).words)

    # -- what is remembered ------------------------------------------------------------------------

    def _last(self, name: str, usual: Wish) -> Wish:
        """What was chosen last; the usual where that cannot be read."""
        kept = self._settings.text(f"roll/{name}")
        try:
            return msgspec.json.decode(kept, type=type(usual)) if kept else usual
        except (msgspec.DecodeError, msgspec.ValidationError):
            return usual

    def _keep(self, name: str, wish: NotesWish) -> None:
        self._settings.keep(f"roll/{name}", msgspec.json.encode(wish).decode())

    # -- the dialogs -------------------------------------------------------------------------------

    @Slot()
    def quantise(self) -> None:
        """As it was done last, without asking."""
        notes = self._notes(or_all=True)
        if notes:
            self._do(self._last("quantise", QuantiseWish()), notes, "Quantise {}", "adjusted")

    @Slot()
    def ask_quantise(self) -> None:
        """Grid, strength, swing."""

        def remember(wish: NotesWish) -> None:
            assert isinstance(wish, QuantiseWish)
            self._keep("quantise", wish)
            self._desk.pane.bar.set_quantise(wish.words)

        self._ask(
            lambda about: QuantiseDialog(about, self._last("quantise", QuantiseWish()), self._window),
            "Quantise {}",
            "adjusted",
            remember,
            or_all=True,
        )

    @Slot()
    def ask_humanise(self) -> None:
        """Timing, velocity; the next time with another seed."""

        def remember(wish: NotesWish) -> None:
            assert isinstance(wish, HumaniseWish)
            self._keep("humanise", msgspec.structs.replace(wish, seed=wish.seed + _SEED_STEP))

        self._ask(
            lambda about: HumaniseDialog(about, self._last("humanise", HumaniseWish()), self._window),
            "Humanise {}",
            "adjusted",
            remember,
            or_all=True,
        )

    @Slot()
    def ask_transpose(self) -> None:
        """By semitones or steps."""

        def make(about: str) -> TransposeDialog:
            notes = self._desk.pane.roll.selection()
            key = key_at(self._desk.score.keys, notes[0].start if notes else 0)
            named = key_name(key) if key is not None else ""
            return TransposeDialog(about, named, self._last("transpose", TransposeWish()), self._window)

        self._ask(make, "Transpose {}", "drawn", lambda wish: self._keep("transpose", wish))

    @Slot()
    def ask_velocity(self) -> None:
        """How strong."""
        self._ask(
            lambda about: VelocityDialog(about, self._last("velocity", VelocityWish()), self._window),
            "Velocity of {}",
            "adjusted",
            lambda wish: self._keep("velocity", wish),
        )

    # -- asking and doing --------------------------------------------------------------------------

    def _notes(self, *, or_all: bool = False) -> tuple[Note, ...]:
        """The notes it is about; with none, or in a locked track, why is told."""
        desk = self._desk
        if desk.session is None or desk.damaged:
            return ()
        notes = desk.pane.roll.commands.notes(or_all=or_all)
        if desk.pane.roll.track().locked:
            self.notice.emit(LOCKED_TRACK, "")
            return ()
        if not notes:
            what = "There are no notes in this track yet." if or_all else "No notes are chosen."
            self.notice.emit(what, "Draw some first (B)." if or_all else "Choose notes first.")
        return notes

    def _ask(
        self,
        make: Callable[[str], NotesDialog],
        title: str,
        kind: RollKind,
        remember: Callable[[NotesWish], object],
        *,
        or_all: bool = False,
    ) -> None:
        notes = self._notes(or_all=or_all)
        if notes:
            dialog = make(self._about(notes))
            self._tasks.start(self._run(dialog, notes, title, kind, remember))

    def _about(self, notes: tuple[Note, ...]) -> str:
        roll = self._desk.pane.roll
        if roll.selection():
            return "1 chosen note" if len(notes) == 1 else f"{len(notes):,} chosen notes"
        return f"All {counted(len(notes))} of {roll.track().name or 'the track'}"

    async def _run(
        self,
        dialog: NotesDialog,
        notes: tuple[Note, ...],
        title: str,
        kind: RollKind,
        remember: Callable[[NotesWish], object],
    ) -> None:
        def show(wish: NotesWish) -> None:
            dialog.show_effect(self._show(wish, notes))

        dialog.changed.connect(show)
        show(dialog.choice())
        stand_beside(dialog, self._desk.pane.roll)
        try:
            done = await run_dialog(dialog)
        finally:
            self.preview.end()
        if done:
            remember(dialog.choice())
            self._do(dialog.choice(), notes, title, kind)

    def _show(self, wish: NotesWish, notes: tuple[Note, ...]) -> str:
        """Lay what it would do over the roll; say how much that is."""
        roll = self._desk.pane.roll
        done = wish.of(roll.score(), roll.track().id, notes)
        count = self.preview.show(done.score.track(roll.track().id).notes)
        words = "Nothing would change." if not count else f"{counted(count)} would change.".capitalize()
        return f"{words} {done.words}".strip()

    def _do(self, wish: NotesWish, notes: tuple[Note, ...], title: str, kind: RollKind) -> None:
        roll = self._desk.pane.roll
        done = wish.of(roll.score(), roll.track().id, notes)
        roll.take(done, title.format(counted(len(notes))), kind)
