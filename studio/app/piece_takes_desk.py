"""The takes of the open piece: shows them as they are written, accepts, rejects, lays them into the notes."""

from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.piece_ghost import PieceGhost
from studio.app.piece_laying import PieceLaying
from studio.app.piece_standing import same_place, taken_in
from studio.app.piece_turns import PieceTurns, Rank
from studio.app.session import Session
from studio.core.errors import StudioError
from studio.core.pieces import PieceJob
from studio.core.takes import Take
from studio.engine.thread import EngineThread
from studio.media.music.holds import covers
from studio.media.music.score import Score
from studio.media.music.take_places import HERE, TakePlace, bar_span, written_tracks
from studio.widgets.piece_words import job_words

if TYPE_CHECKING:
    from studio.app.piece_desk import PieceDesk

BORN_MS: Final = 50  # the takes of a job are shown without those that are not born by then


class PieceTakesDesk(QObject):
    """Knows every take of the open piece; the strip shows those of one job."""

    changed = Signal()
    shown_changed = Signal(str)  # the job whose takes the strip shows; "" for none
    took = Signal(object)  # Take that stands otherwise now
    ended = Signal(object)  # Take that has just been written
    heard_changed = Signal(object)  # Score: the piece, the chosen take laid in while it is undecided
    notice = Signal(str, str)  # what, do

    def __init__(self, desk: "PieceDesk", engine: EngineThread) -> None:
        super().__init__(desk)
        self.takes: dict[str, Take] = {}
        self._desk = desk
        self._strip = desk.pane.strip
        self._session: Session | None = None
        self._work = ""
        self._shown_job = ""
        self._showing = False
        self._laying: PieceLaying | None = None
        self._standing: tuple[str, int, frozenset[str]] = ("", -1, frozenset())
        self._grown: dict[str, str] = {}  # streamed, not shown yet
        self._turns = PieceTurns(self)  # eight takes at once must not hold the window up
        self._born_job = ""
        self._born = QTimer(self, singleShot=True)
        self._born.timeout.connect(self._show_born)
        self.ghost = PieceGhost(desk, self)
        self._connect(engine)

    def _connect(self, engine: EngineThread) -> None:
        strip, desk = self._strip, self._desk
        strip.accept_requested.connect(self.accept)
        strip.reject_requested.connect(self.reject)
        strip.restore_requested.connect(self.restore)
        strip.open_requested.connect(self.look)
        strip.chosen_changed.connect(self._on_chosen)
        desk.track_shown.connect(self.ghost.show)
        engine.take_started.connect(self._on_take_started)
        engine.takes_grew.connect(self._on_takes_grew)
        engine.take_ended.connect(self._on_take_ended)

    def open(self, session: Session, work_id: str) -> None:
        """Show the takes of a work's last proposal."""
        self._session, self._work = session, work_id
        self._laying = PieceLaying(session, work_id, lambda: self._desk.score)
        takes = session.takes_of(work_id)
        self.takes = {take.id: take for take in takes if isinstance(take.recipe.job, PieceJob)}
        last = max(self.takes.values(), key=lambda take: take.created_ms, default=None)
        self._show_job(last.job if last else "")
        self.make_ready()

    @Slot()
    def make_ready(self) -> None:
        """Make cards for as many takes as the knobs say, one at a time, before they are asked for."""
        if self._session is not None:
            self._turns.put(Rank.LAST, "cards", self._make_card)

    def _make_card(self) -> None:
        if not self._strip.prepare(self._desk.knobs.settings().takes):
            self._turns.put(Rank.LAST, "cards", self._make_card)

    def leave(self) -> None:
        """Let go of the work."""
        self._session, self._work, self.takes, self._shown_job = None, "", {}, ""
        self._laying = None
        self._grown.clear()
        self._turns.clear()
        self._strip.clear()
        self.ghost.show()

    # -- what there is ---------------------------------------------------------------------------

    def job_of(self, take_id: str) -> PieceJob | None:
        """The job of a take, or of the shown takes."""
        if take_id in self.takes:
            return self.takes[take_id].recipe.composing
        return next(
            (take.recipe.composing for take in self.takes.values() if take.job == self._shown_job), None
        )

    def knows(self, job_id: str) -> bool:
        """A take of this job is among the open piece's."""
        return any(take.job == job_id for take in self.takes.values())

    def shown(self) -> list[Take]:
        """The takes of the strip, in order, as they stand now."""
        mine = [take for take in self.takes.values() if take.job == self._shown_job]
        return [self.as_shown(take) for take in sorted(mine, key=lambda take: (take.created_ms, take.index))]

    def as_shown(self, take: Take) -> Take:
        """An accept that was undone counts as undecided."""
        if take.id in self._taken_in():
            return replace(take, verdict="accepted")
        return replace(take, verdict=None) if take.verdict == "accepted" else take

    def _taken_in(self) -> frozenset[str]:
        if self._session is None:
            return frozenset()
        head, count = self._session.history(self._work).head, len(self.takes)
        if self._standing[:2] != (f"{self._work} {head}", count):
            found = taken_in(self._session.history(self._work), self.takes)
            self._standing = (f"{self._work} {head}", count, found)
        return self._standing[2]

    def chosen(self) -> Take | None:
        """The take that the keys act on."""
        return self.takes.get(self._strip.chosen() or "")

    def growing(self) -> list[Take]:
        """The takes that are being written now."""
        return [take for take in self.takes.values() if take.status == "streaming"]

    def base_of(self, take_id: str) -> Score | None:
        """The score that a take was asked for; None for a stranger."""
        take = self.takes.get(take_id)
        return self._laying.base(take) if take is not None and self._laying is not None else None

    def place_of(self, take_id: str) -> TakePlace:
        """Where a take belongs in the piece as it stands. Raises KeyError for a stranger."""
        take = self.takes[take_id]
        return self._laying.place(take) if self._laying is not None else HERE

    def laid(self, take_id: str) -> Score | None:
        """The piece as it stands with a take laid in; None when it cannot be, or there is no such take."""
        take = self.takes.get(take_id)
        if take is None or self._laying is None:
            return None
        try:
            return self._laying.laid(take)
        except StudioError:  # accepting it tells why
            return None

    def heard(self) -> Score:
        """The piece as it is to be heard: the chosen take laid in while it is undecided and whole."""
        return self.ghost.heard()

    # -- the person judges -----------------------------------------------------------------------

    def accept_chosen(self) -> None:
        """As if its card's button were pressed; it may have ended a moment ago."""
        self._turns.flush(Rank.ENDED)
        self._strip.accept_chosen()

    def reject_chosen(self) -> None:
        """The same for setting it aside."""
        self._turns.flush(Rank.ENDED)
        self._strip.reject_chosen()

    @Slot(str)
    def accept(self, take_id: str) -> None:
        """The take becomes part of the piece; what is locked stays as it is."""
        take, session = self.takes.get(take_id), self._session
        if session is None or self._desk.damaged or take is None or take.status == "streaming":
            return
        if self.as_shown(take).verdict == "accepted":
            self.notice.emit("This take is part of the piece already.", "")
        elif not take.text and take.status != "done":
            self.notice.emit("This take has no notes.", "Regenerate (Ctrl+R) for another.")
        else:
            head = session.history(self._work).head
            self._make_room(session, take)
            if not self._accept(session, take) and session.history(self._work).head != head:
                self._desk.branch(head)

    def _accept(self, session: Session, take: Take) -> bool:
        assert self._laying is not None
        place, job, now = self.place_of(take.id), take.recipe.composing, self._desk.score
        try:
            score = self._laying.laid(take)
            if score == now and _all_locked(now, job):
                self.notice.emit("All that this take would change is locked.", "Unlock it, then accept.")
                return False
            session.accept_piece(self._work, take.id, score, job_words(job, _names(now)))
        except StudioError as error:
            self.notice.emit(error.what, error.do)
            return False
        self._desk.show_head()
        self.note(replace(take, verdict="accepted"))
        self._show_track_of(take)
        if not now.note_count:
            self._desk.pane.roll.fit()  # the first notes there are: all of them in sight
        if words := place.words(job):
            self.notice.emit(words, "Undo (Ctrl+Z) takes it out again.")
        return True

    def _make_room(self, session: Session, take: Take) -> None:
        """When only another take of the same place was accepted and nothing done since, it gives way."""
        history, job = session.history(self._work), take.recipe.composing
        head = history.head
        while head != take.parent:
            node = history.node(head) if head else None
            other = self.takes.get(node.take) if node is not None and node.kind == "accepted" else None
            if node is None or other is None or not same_place(other.recipe.composing, job):
                return
            head = node.parent
        if history.head != take.parent:
            self._desk.branch(take.parent)

    @Slot(str, str)
    def reject(self, take_id: str, reason: str) -> None:
        """Set a take aside; it stays in the lineage."""
        take = self.takes.get(take_id)
        if self._session is not None and take is not None and take.status != "streaming":
            self._session.write(lambda store: store.reject(take_id, reason))
            self.note(replace(take, verdict="rejected", reason=reason))

    @Slot(str)
    def restore(self, take_id: str) -> None:
        """Take a rejection back."""
        take = self.takes.get(take_id)
        if self._session is not None and take is not None:
            self._session.write(lambda store: store.restore_take(take_id))
            self.note(replace(take, verdict=None, reason=""))

    # -- what the engine tells -------------------------------------------------------------------

    @Slot(object)
    def _on_take_started(self, take: Take) -> None:
        if self._session is not None and take.work == self._work and isinstance(take.recipe.job, PieceJob):
            self.takes[take.id] = take
            self._born_job = take.job
            here = sum(other.job == take.job for other in self.takes.values())
            self._born.start(0 if here >= take.recipe.job.takes else BORN_MS)  # born together: shown together

    @Slot()
    def _show_born(self) -> None:
        if self.knows(self._born_job):
            self._show_job(self._born_job)

    @Slot(object)
    def _on_takes_grew(self, pieces: list[tuple[str, str]]) -> None:
        for take_id, text in pieces:
            if take_id in self.takes:
                self._grown[take_id] = self._grown.get(take_id, "") + text
                self._turns.put(Rank.GREW, take_id, partial(self._show_grown, take_id))

    def _show_grown(self, take_id: str) -> None:
        text, take = self._grown.pop(take_id, ""), self.takes.get(take_id)
        if text and take is not None:
            self.takes[take_id] = replace(take, text=take.text + text)
            if take.job == self._shown_job:
                self._strip.append(take_id, text)
                self.ghost.grew(take_id)

    @Slot(object)
    def _on_take_ended(self, take: Take) -> None:
        self._grown.pop(take.id, None)  # the whole text comes with its end
        self._turns.drop(Rank.GREW, take.id)
        if take.id in self.takes:
            self.takes[take.id] = replace(take, tokens=())  # they are read when someone looks inside
            rank = Rank.CHOSEN if take.id == self._strip.chosen() else Rank.ENDED
            self._turns.put(rank, take.id, partial(self._show_ended, take.id))

    def _show_ended(self, take_id: str) -> None:
        take = self.takes[take_id]
        self._tell(take)
        self._showing = True  # whoever chooses it now is not the person
        self.ended.emit(take)
        self._showing = False
        if take_id == self._strip.chosen():
            self._turns.put(Rank.CHOSEN, "ghost", self.ghost.look)
            self._turns.put(Rank.HEARD, "ghost", self.ghost.show)

    @property
    def settled(self) -> bool:
        """All that was told of takes is shown."""
        return not self._turns.busy and not self._born.isActive()

    # -- showing ---------------------------------------------------------------------------------

    def show_take(self, take_id: str) -> None:
        """Show a take of the lineage, with its siblings, in the strip."""
        if take_id in self.takes:
            self._show_job(self.takes[take_id].job)
            self._strip.choose(take_id)
            self._show_track_of(self.takes[take_id])

    @Slot(str)
    def look(self, take_id: str) -> None:
        """Show a take in the roll: its track, its bars in sight."""
        if take_id in self.takes:
            self._strip.choose(take_id)
            self._show_track_of(self.takes[take_id])
            self.ghost.reveal()

    def refresh(self) -> None:
        """The piece stands elsewhere: show anew which takes are part of it."""
        self._show_job(self._shown_job)

    def refresh_soon(self) -> None:
        """A job has ended: the same, when the ends of its takes are shown."""
        self._turns.put(Rank.LAST, "refresh", self._refresh_at_rest)

    def _refresh_at_rest(self) -> None:
        if not self._desk.running and not self._born.isActive():  # else whoever comes looks
            self.refresh()

    @property
    def ghost_shows(self) -> bool:
        """The chosen take shows over the notes right now."""
        return self.ghost.shows

    def set_ghost(self, on: bool) -> None:
        """Whether the chosen take shows over the notes."""
        self.ghost.set_on(on)

    def set_compare(self, on: bool) -> None:
        """Whether the chosen take and the piece are laid over each other: what it leaves out, what it brings."""
        self.ghost.set_compare(on)

    @Slot(str)
    def _on_chosen(self, take_id: str) -> None:
        take = self.takes.get(take_id)
        if self._showing:
            return  # it was not the person who chose
        if take is not None:
            self._show_track_of(take)
        self.ghost.show()

    def _show_track_of(self, take: Take) -> None:
        """Where a take has nothing for the track in the roll, but for another, that one is shown."""
        there = {track.id for track in self._desk.score.tracks}
        written = [track for track in written_tracks(take.recipe.composing) if track in there]
        if written and self._desk.track not in written:
            self._desk.show_track(written[0])

    def _show_job(self, job_id: str) -> None:
        self._turns.flush(Rank.GREW)
        self._shown_job = job_id
        shown = self.shown() if self._session is not None else []
        if shown:
            base = self.base_of(shown[0].id)
            if base is not None:
                self._strip.show_score(base)
            self._showing = True
            self._strip.show_takes(shown)
            self._showing = False
        else:
            self._strip.clear()
        self.ghost.show()
        self.shown_changed.emit(job_id if shown else "")
        self.changed.emit()

    def note(self, take: Take) -> None:
        """A take stands otherwise now."""
        self.takes[take.id] = take
        self._tell(take)
        self.ghost.show()

    def _tell(self, take: Take) -> None:
        shown = self.as_shown(take)
        if self._session is not None and take.job == self._shown_job:
            self._strip.update_take(shown)
        self.took.emit(shown)
        self.changed.emit()


def _names(score: Score) -> dict[str, str]:
    return {track.id: track.name for track in score.tracks}


def _all_locked(score: Score, job: PieceJob) -> bool:
    """Nothing in the bars and tracks of a job can change."""
    start, end = bar_span(score, job.first_bar, job.last_bar)
    tracks = [track for track in score.tracks if track.id in written_tracks(job)]
    return bool(tracks) and all(track.locked or covers(track, start, end) for track in tracks)
