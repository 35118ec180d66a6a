"""Tidies notes after they were made: shown note by note and over the roll, done in one step."""

import msgspec
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from studio.app.ask import run_dialog
from studio.app.piece_desk import PieceDesk
from studio.app.roll_preview import RollPreview, stand_beside
from studio.app.settings import Settings
from studio.app.tasks import Tasks
from studio.dialogs.tidy_changes import SHORT
from studio.dialogs.tidy_notes import TidyNotesDialog, TidyScope
from studio.media.music.score import Note, Score
from studio.media.music.tidying import TIDYINGS, Tidied, TidyWish

_KEPT = "roll/tidy"


class PieceTidyDesk(QObject):
    """One dialog, about what is chosen, the chosen bars, the track or all of the piece."""

    notice = Signal(str, str)  # what, do

    def __init__(
        self,
        desk: PieceDesk,
        preview: RollPreview,
        settings: Settings,
        tasks: Tasks,
        window: QWidget,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._desk, self._preview, self._settings = desk, preview, settings
        self._tasks, self._window = tasks, window

    @Slot()
    def tidy(self) -> None:
        """Ask what shall be tidied."""
        desk = self._desk
        if desk.session is None or desk.damaged:
            return
        if not desk.score.note_count:
            self.notice.emit("There are no notes to tidy yet.", "Draw some (B), or let the model write some.")
            return
        self._tasks.start(self._run(TidyNotesDialog(desk.score, self.scopes(), self._last(), self._window)))

    def scopes(self) -> tuple[TidyScope, ...]:
        """What can be looked at, the narrowest first."""
        desk, roll = self._desk, self._desk.pane.roll
        out: list[TidyScope] = []
        name = roll.track().name or "this track"
        chosen = roll.selection()
        if chosen:
            many = "The chosen note" if len(chosen) == 1 else f"The {len(chosen):,} chosen notes"
            out.append(TidyScope(title=many, picks={desk.track: chosen}))
        if desk.range is not None:
            out += self._scopes_of_bars(desk.score, desk.range, name)
        if roll.track().notes:
            out.append(TidyScope(title=f"All of {name}", picks={desk.track: roll.track().notes}))
        if len(desk.score.tracks) > 1:
            out.append(TidyScope(title="All tracks"))
        return tuple(out) or (TidyScope(title="All tracks"),)

    def _scopes_of_bars(self, score: Score, bars: tuple[int, int], name: str) -> list[TidyScope]:
        first, last = score.bars(at_least=bars[1] + 1).span(*bars)
        picks = {
            track.id: tuple(note for note in track.notes if first <= note.start < last)
            for track in score.tracks
        }
        words = f"Bar {bars[0] + 1}" if bars[0] == bars[1] else f"Bars {bars[0] + 1} to {bars[1] + 1}"
        here: dict[str, tuple[Note, ...]] = {self._desk.track: picks[self._desk.track]}
        out = [TidyScope(title=f"{words} of {name}", picks=here)] if here[self._desk.track] else []
        if len(score.tracks) > 1 and any(picks.values()):
            out.append(TidyScope(title=f"{words} of all tracks", picks=picks))
        return out

    def _last(self) -> TidyWish:
        """What was wanted last; the usual where that cannot be read."""
        kept = self._settings.text(_KEPT)
        try:
            return msgspec.json.decode(kept, type=TidyWish) if kept else TidyWish()
        except (msgspec.DecodeError, msgspec.ValidationError):
            return TidyWish()

    async def _run(self, dialog: TidyNotesDialog) -> None:
        desk = self._desk
        before = desk.score

        def show(now: Tidied) -> None:
            self._preview.show(now.score.track(desk.track).notes)

        def look_at(track: str, tick: int) -> None:
            if track == desk.track:
                desk.pane.roll.show_tick(tick)

        dialog.previewed.connect(show)
        if dialog.settled:  # it was quicker than we
            show(dialog.now())
        dialog.looked_at.connect(look_at)
        stand_beside(dialog, desk.pane.roll)
        try:
            done = await run_dialog(dialog)
        finally:
            self._preview.end()
        if not done:
            return
        self._settings.keep(_KEPT, msgspec.json.encode(dialog.wish()).decode())
        if desk.score != before:
            self.notice.emit("The piece has changed meanwhile, so nothing was tidied.", "Tidy it again.")
        elif dialog.now().made:
            desk.revise(dialog.now().score, tidy_words(dialog.now()), "tidied")


def tidy_words(done: Tidied) -> str:
    """ "Tidy: 12 changes (key, overlap)"."""
    made = [step for step in done.steps if step.made]
    changes = "a change" if len(made) == 1 else f"{len(made):,} changes"
    kinds = {step.place.kind for step in made}
    return f"Tidy: {changes} ({', '.join(SHORT[kind].lower() for kind in TIDYINGS if kind in kinds)})"
