"""Makes jobs of what the person wants of the music model: takes, others, more of a kind, the very same again."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.piece_asking import Ask, Packed, asked, near, onward
from studio.app.session import Session
from studio.app.tasks import Tasks, in_thread
from studio.core.errors import StudioError
from studio.core.ids import new_id
from studio.core.piece_settings import PieceSettings
from studio.core.pieces import PieceJob, Task
from studio.core.takes import Take
from studio.media.music.again import verdict_of
from studio.media.music.asking import Aim, unheld
from studio.media.music.asking_job import free_of, new_track, picks_of
from studio.media.music.carried import unpack
from studio.media.music.score import Note, Score

if TYPE_CHECKING:
    from studio.app.piece_desk import PieceDesk

SEED_BITS: Final = 32
_CHOOSE: Final = "Choose another model below the notes."


class PieceProposals(QObject):
    """Everything is asked of the open piece; scores are packed beside the window's thread."""

    notice = Signal(str, str)  # what, do
    compared = Signal(str, str, str)  # what came of making a take again: words, advice, tone

    def __init__(self, desk: "PieceDesk", tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._tasks = desk, tasks
        self._again: dict[str, Take] = {}  # by job: the take that it makes once more
        self._new_tracks: set[str] = set()  # ids that were asked for; the piece may not have them yet
        desk.pane.prompt.propose_requested.connect(self.propose)
        desk.judged.ended.connect(self._on_ended)
        strip = desk.pane.strip
        strip.regenerate_requested.connect(self.regenerate)
        strip.more_like_this.connect(self.more_like)
        strip.again_requested.connect(self.again)
        strip.branch_requested.connect(self.branch)
        strip.recall_requested.connect(self.recall)

    # -- of the piece ------------------------------------------------------------------------------

    @Slot()
    def propose(self) -> None:
        """Ask for takes of what is pointed at."""
        desk, knobs = self._desk, self._desk.knobs
        if desk.session is None or desk.damaged:
            return
        knobs.look_now()
        settings, wanted = knobs.settings(), knobs.aim()
        reason = knobs.reason(wanted) or unheld(desk.score, wanted, settings)
        if reason:
            self.notice.emit(reason, "")
        elif not self._refused(desk.models.chosen, wanted.task):
            self._ask(desk.score, wanted, settings)

    def ask(self, task: Task) -> None:
        """Propose this task; it stays the one that the next takes will be."""
        self._desk.knobs.set_task(task)
        self.propose()

    @Slot(object)
    def redo(self, picks: Mapping[str, Iterable[Note]]) -> None:
        """Write these notes anew, by tracks' ids, and leave all others as they are."""
        desk = self._desk
        notes = free_of(desk.score, picks)
        found = [note.start for some in notes.values() for note in some]
        if desk.session is None or desk.damaged or self._refused(desk.models.chosen, "vary"):
            return
        if not found:
            self.notice.emit("None of these notes may change.", "Choose notes that are not locked.")
            return
        bars = desk.score.bars()
        tracks = tuple(track.id for track in desk.score.tracks if notes.get(track.id))
        wanted = Aim(
            task="vary",
            first_bar=bars.at(min(found)),
            last_bar=bars.at(max(found)),
            tracks=tracks,
            whence="notes",
        )
        settings = desk.knobs.settings()
        if reason := desk.knobs.reason(wanted) or unheld(desk.score, wanted, settings):
            self.notice.emit(reason, "")
            return
        self._ask(desk.score, wanted, settings, picks=picks_of({track: notes[track] for track in tracks}))

    def _ask(self, score: Score, wanted: Aim, settings: PieceSettings, **more: Any) -> None:
        """Ask for takes of the open piece with these knobs."""
        desk = self._desk
        assert desk.session is not None
        bound = {
            "id": new_id(),
            "seed": self._seed(settings),
            "work": desk.work,
            "parent": desk.session.history(desk.work).head,
            "model": desk.models.chosen,
        }
        taken = {*self._new_tracks, *self._tracks_of_takes()}
        new = new_track(score, wanted, settings, taken)
        if new is not None:
            self._new_tracks.add(new.id)
        ask = Ask(score=score, aim=wanted, settings=settings, new=new, bound=bound, **more)
        self._later(settings.takes, lambda: asked(ask))

    @staticmethod
    def _seed(settings: PieceSettings) -> int:
        return secrets.randbits(SEED_BITS) if settings.seed is None else settings.seed

    def _tracks_of_takes(self) -> set[str]:
        jobs = (take.recipe.job for take in self._desk.judged.takes.values())
        return {job.new.id for job in jobs if isinstance(job, PieceJob) and job.new is not None}

    # -- packing -----------------------------------------------------------------------------------

    def _later(self, takes: int, make: Callable[[], Packed]) -> None:
        """Have `make` pack a score on another thread, keep it with the project and queue the job."""
        desk = self._desk
        work, session = desk.work, desk.session
        if not desk.jobs.live(work):
            desk.pane.strip.set_waiting(takes, "packing the piece…")
        desk.jobs.packing(work, 1)
        desk.pane.set_running(True)

        def over(_task: object) -> None:
            desk.jobs.packing(work, -1)
            if desk.work == work:
                desk.show_running()

        # told by the task, as one that is stopped before it began runs nothing of its own
        self._tasks.start(self._pack(make, session, work, desk.jobs.stops(work))).add_done_callback(over)

    async def _pack(
        self,
        make: Callable[[], Packed],
        session: Session | None,
        work: str,
        stops: int,
    ) -> None:
        with self._telling():
            made = await in_thread(make)
            if session is not None and not session.closed and self._desk.jobs.stops(work) == stops:
                session.write(lambda store: store.put_assets({made.job.score: made.data}))
                self.submit(made.job)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What stands in the way of a request is told."""
        try:
            yield
        except msgspec.ValidationError as error:
            self.notice.emit(f"These knobs do not go together: {error}.", "Change them in the knobs (F4).")
        except StudioError as error:
            self.notice.emit(error.what, error.do)

    def submit(self, job: PieceJob) -> None:
        """Queue a job; mostly one of the open piece."""
        desk, pane = self._desk, self._desk.pane
        if job.work != desk.work:
            desk.jobs.submit(job)
            return
        if not desk.jobs.live(desk.work):
            pane.strip.set_waiting(job.takes, "waiting for the model…")
            pane.set_progress(0.0)
        pane.knobs.show_seed(job.seed)
        pane.set_running(True)
        desk.jobs.submit(job)

    # -- of a take ---------------------------------------------------------------------------------

    @Slot(str)
    def regenerate(self, take_id: str = "") -> None:
        """The same request with a new seed; without an earlier one, a first proposal."""
        job = self._desk.jobs.unborn(self._desk.work) or self._desk.judged.job_of(take_id)
        if job is None:
            self.propose()
        elif not self._refused(job.model, job.task):
            self.submit(job.changed(id=new_id(), seed=secrets.randbits(SEED_BITS)))

    @Slot(str)
    def more_like(self, take_id: str) -> None:
        """Takes near a take: some of the notes it wrote are written anew."""
        take = self._finished(take_id)
        if take is None or self._refused(take.recipe.composing.model, "vary"):
            return
        read, takes = self._reading(take.recipe.composing), self._desk.pane.prompt.takes()
        seed = secrets.randbits(SEED_BITS)
        self._later(takes, lambda: near(read(), take, id=new_id(), seed=seed, takes=takes))

    @Slot(str)
    def from_take(self, take_id: str) -> None:
        """Go on behind a take, as the knobs say; the new takes hold its notes as well."""
        take = self._finished(take_id)
        desk = self._desk
        if take is None or self._refused(desk.models.chosen, "continue"):
            return
        read, settings = self._reading(take.recipe.composing), desk.knobs.settings()
        bound = {"id": new_id(), "seed": self._seed(settings), "model": desk.models.chosen}
        self._later(settings.takes, lambda: onward(read(), take, settings, bound))

    @Slot(str)
    def again(self, take_id: str) -> None:
        """Make a take's job once more, exactly; whether every note is the same is told when it is there."""
        take = self._finished(take_id, whole=True)
        if take is None:
            self.notice.emit("There is no finished take to make again.", "Choose one in the strip.")
        elif not self._refused(take.recipe.composing.model, take.recipe.composing.task):
            replay: PieceJob = take.recipe.composing.changed(id=new_id())
            self._again[replay.id] = take
            self.submit(replay)

    @Slot(object)
    def _on_ended(self, made: Take) -> None:
        first = self._again.get(made.job)
        if first is not None and made.index == first.index:
            del self._again[made.job]
            self.compared.emit(*verdict_of(first, made))

    @Slot(str)
    def branch(self, take_id: str) -> None:
        """Stand where a take grew from."""
        self._desk.branch_from(take_id)

    @Slot(str, str)
    def recall(self, take_id: str, what: str) -> None:
        """Turn the knobs to those of a take: "all", or its "seed"."""
        take = self._desk.judged.takes.get(take_id)
        if take is None:
            return
        base = self._desk.judged.base_of(take_id)
        if missing := self._desk.knobs.recall(take.recipe.composing, what, base):
            self.notice.emit(missing, "The other knobs stand as they did; another model writes other notes.")

    def _finished(self, take_id: str, whole: bool = False) -> Take | None:
        """A take that says something; `whole`: that was made to its end."""
        take = self._desk.judged.takes.get(take_id)
        if take is None or take.status == "streaming" or self._desk.session is None:
            return None
        if whole:
            return take if take.status == "done" and take.recipe.made is not None else None
        return take

    def _reading(self, job: PieceJob) -> Callable[[], Score]:
        """What reads the score of a job, on any thread. Raises StudioError when its file is lost."""
        session = self._desk.session
        assert session is not None
        return lambda: unpack(session.asset(job.score))

    def _refused(self, model: str, task: str) -> bool:
        reason = self._desk.models.why_not(model, task)
        if reason:
            self.notice.emit(reason, _CHOOSE)
        return bool(reason)
