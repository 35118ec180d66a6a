"""The chosen take of music over the notes, and in what is heard, while it is undecided."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Slot

from studio.core.pieces import PieceJob
from studio.core.takes import Take
from studio.media.music.score import Note, Score
from studio.media.music.take_places import bar_span, between, written_tracks

if TYPE_CHECKING:
    from studio.app.piece_desk import PieceDesk
    from studio.app.piece_takes_desk import PieceTakesDesk

GROW_MS: Final = 120  # between two shows of what streams; longer for a long take
_CHARS_A_MS: Final = 200


class PieceGhost(QObject):
    """Tells the roll what to lay over its notes and which bars are being written, and knows what is to be heard."""

    def __init__(self, desk: "PieceDesk", judged: "PieceTakesDesk") -> None:
        super().__init__(judged)
        self._desk, self._judged = desk, judged
        self._roll = desk.pane.roll
        self._on = True
        self._compares = False
        self._laid: tuple[str, int, str, Score, Score | None] | None = None
        self._ghosted: tuple[object, ...] = ()
        self._region: tuple[object, ...] = ()
        self._heard = desk.score
        self._growing = QTimer(self, singleShot=True)
        self._growing.timeout.connect(self.show)
        desk.jobs.changed.connect(self._show_region)

    # -- values ----------------------------------------------------------------------------------

    def set_on(self, on: bool) -> None:
        """Whether the chosen take lies over the notes; it is heard all the same."""
        self._on = on
        self.show()

    def set_compare(self, on: bool) -> None:
        """Whether what it leaves out and what it brings are told apart."""
        self._compares = on
        self.show()

    @property
    def compares(self) -> bool:
        """Take and piece are laid over each other."""
        return self._compares

    @property
    def shows(self) -> bool:
        """A take lies over the notes right now."""
        return bool(self._ghosted) and self._ghosted[0] is not None

    def heard(self) -> Score:
        """The piece, with the chosen take laid in while it is undecided and all of it is there."""
        take = self._undecided()
        if take is None or take.status == "streaming":
            return self._desk.score
        return self._laid_in(take) or self._desk.score

    def grew(self, take_id: str) -> None:
        """More of a take is there: show it soon, not with every note."""
        chosen = self._judged.chosen()
        if chosen is not None and chosen.id == take_id and not self._growing.isActive():
            self._growing.start(GROW_MS + len(chosen.text) // _CHARS_A_MS)

    @Slot()
    def show(self, *_of: object) -> None:
        """Look anew at the chosen take, the piece and the track in the roll."""
        self.look()
        heard = self.heard()
        if heard is not self._heard:
            self._heard = heard
            self._judged.heard_changed.emit(heard)

    def look(self) -> None:
        """The same, but for the ear: the next `show` tells what is to be heard now."""
        self._show_region()
        self._show_ghost()

    def reveal(self) -> None:
        """Scroll to the bars of the chosen take."""
        take = self._judged.chosen()
        if take is not None:
            self._roll.show_tick(self._span(take)[0])

    # -- inside ----------------------------------------------------------------------------------

    def _undecided(self) -> Take | None:
        """The chosen take, unless it is part of the piece, set aside, or nothing came of it."""
        take = self._judged.chosen()
        if take is None or self._judged.as_shown(take).verdict is not None:
            return None
        return take if take.text or take.status == "done" else None

    def _laid_in(self, take: Take) -> Score | None:
        now, known = self._desk.score, self._laid
        key = take.id, len(take.text), take.status
        if known is None or known[:3] != key or known[3] is not now:
            self._laid = known = (*key, now, self._judged.laid(take.id))
        return known[4]

    def _span(self, take: Take) -> tuple[int, int]:
        job, place = take.recipe.composing, self._judged.place_of(take.id)
        return bar_span(self._desk.score, job.first_bar + place.bars, job.last_bar + place.bars)

    def _show_ghost(self) -> None:
        take = self._undecided() if self._on else None
        laid = self._laid_in(take) if take is not None else None
        notes: tuple[Note, ...] | None = None
        span, compares = None, False
        if take is not None and laid is not None:
            span = self._span(take)
            notes, compares = self._notes(take, laid, span)
        key = (notes, span if notes is not None else None, compares)
        if key != self._ghosted:
            compared = bool(self._ghosted) and bool(self._ghosted[2])
            if compared and not compares:
                self._roll.set_take_compare(False)
            self._roll.set_ghost(notes, span)
            if compares and not compared:  # comparing looks at every note of the track: once is enough
                self._roll.set_take_compare(True)
            self._ghosted = key

    def _notes(self, take: Take, laid: Score, span: tuple[int, int]) -> tuple[tuple[Note, ...] | None, bool]:
        """What lies over the track in the roll, and whether the two are compared."""
        written, shown = written_tracks(take.recipe.composing), self._desk.track
        there = {track.id for track in self._desk.score.tracks}
        if shown in written:
            notes = between(laid.track(shown), *span)
            if self._compares:
                return notes, True
            return tuple(note for note in notes if note.author == take.id), False
        for track in laid.tracks:  # one that the take would make: seen over the track that is there
            if track.id in written and track.id not in there:
                return track.notes, False
        return None, False

    @Slot()
    def _show_region(self, *_of: object) -> None:
        """The bars that are being written."""
        desk = self._desk
        running = [view.job for view in desk.jobs.live(desk.work) if isinstance(view.job, PieceJob)]
        region: tuple[object, ...] = ()
        if running:
            job = running[0]
            region = (job.first_bar, job.last_bar, written_tracks(job), desk.track)
            if region != self._region:
                self._roll.set_region(job.first_bar, job.last_bar, written_tracks(job))
        elif self._region:
            self._roll.set_region(0, 0, ())
        self._region = region
