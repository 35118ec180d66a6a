"""The way of one job at a time: queue -> worker -> takes, whatever happens to the worker."""

import contextlib
from collections.abc import Callable
from typing import Any, Literal, Protocol

from studio.core.endpoint import is_remote
from studio.core.errors import StudioError
from studio.core.events import (
    Beat,
    Cancel,
    Checked,
    Checking,
    Delta,
    Event,
    Failed,
    Hello,
    JobEnd,
    Loading,
    Preview,
    Ready,
    Run,
    Seen,
    Started,
    TakeEnd,
    Told,
    Weighed,
)
from studio.core.jobs import ImageJob, Job, PieceJob, TextJob
from studio.core.takes import EndStatus, Take
from studio.engine.backlog import Backlog, is_refusal
from studio.engine.handing import files_for, for_endpoint
from studio.engine.recorder import Recorder
from studio.engine.remote.door import RemoteDoor
from studio.engine.running import RunningJob
from studio.engine.supervisor import Supervisor
from studio.engine.views import Held, JobView, Limits, PreviewView, Problem, WorkerView
from studio.project.records import QueueItem
from studio.project.store import Store


class Outlet(Protocol):
    """Where the engine tells what happened; called on its thread."""

    def take_started(self, take: Take) -> None: ...
    def takes_grew(self, pieces: list[tuple[str, str]]) -> None: ...
    def take_ended(self, take: Take) -> None: ...
    def previewed(self, preview: PreviewView) -> None: ...
    def told(self, told: Told) -> None: ...
    def job_changed(self, view: JobView) -> None: ...
    def worker_changed(self, view: WorkerView) -> None: ...
    def problem(self, problem: Problem) -> None: ...
    def held(self, held: Held) -> None: ...
    def looked(self, seen: Seen) -> None: ...
    def look_failed(self, problem: Problem) -> None: ...
    def checking(self, checking: Checking) -> None: ...
    def checked(self, checked: Checked) -> None: ...
    def check_failed(self, problem: Problem) -> None: ...
    def weighed(self, weighed: Weighed) -> None: ...
    def weigh_failed(self, problem: Problem) -> None: ...


class JobFlow:
    """The queue of the open project and the job that runs; everything on the engine thread."""

    def __init__(self, outlet: Outlet, supervisor: Supervisor, remote: RemoteDoor, limits: Limits) -> None:
        self._outlet = outlet
        self._supervisor = supervisor
        self._remote = remote
        self._limits = limits
        self._store: Store | None = None
        self._running: RunningJob | None = None
        self._backlog = Backlog()
        self._told_held = False

    # -- the project -----------------------------------------------------------------------------

    def use(self, store: Store) -> None:
        """Work off this project's queue from now on."""
        self._store, self._backlog, self._told_held = store, Backlog(), False
        self.tell_all()
        self._next_job()

    def tell_all(self) -> None:
        """Tell every job of the queue; nothing without a project."""
        if self._store is None:
            return
        for item in reversed(self.project().queue()):  # the newest of the finished ones comes first there
            self._tell(item)

    def leave(self) -> None:
        """Stop the running job (its takes keep what they have) and let go of the queue."""
        try:
            if (running := self._running) is not None:
                self._finish("stopped", "The project was closed.")
                self._drop(running.job)
        finally:
            self._running = self._store = None

    def project(self) -> Store:
        """The open project. Raises StudioError when there is none."""
        if self._store is None:
            raise StudioError("No project is open.", do="Open or make one in the File menu.")
        return self._store

    # -- writing ---------------------------------------------------------------------------------

    def keep(self, work: Callable[[Store], Any]) -> Any:
        """Do `work(store)` after all that the disk refused before; what comes of it.

        Raises StudioError when the disk refuses: then it waits, and is done with the next one, in order.
        """
        waited = bool(self._backlog)
        result = self._backlog.run(self.project(), work)
        if waited:
            self._told_held = False
            self._next_job()
        return result

    def _keep(self, work: Callable[[Store], Any], held: Held) -> None:
        """The same; a refusal is told, not raised: whoever has the project open tries again."""
        try:
            self._backlog.run(self.project(), work)
        except StudioError as error:
            if not is_refusal(error):
                raise
            self._outlet.held(held)
            if not self._told_held:
                self._told_held = True
                self._outlet.problem(_held_back(error))

    # -- the queue -------------------------------------------------------------------------------

    def submit(self, job: Job, priority: int = 0) -> None:
        """Put a job into the queue; it starts when its turn comes."""
        try:
            item = self.project().queue_put(job, priority)
        except StudioError as error:
            self._outlet.job_changed(JobView(job=job, state="failed", error=error.what))
            raise
        self._tell(item)
        self._next_job()

    def cancel(self, job_id: str) -> None:
        """Stop a job, running or waiting. Told at once, enforced after `cancel_kill_ms`."""
        running = self._running
        if running is not None and running.job.id == job_id:
            if running.ask_to_stop():
                if is_remote(running.job.model):
                    self._remote.cancel(job_id)
                else:
                    self._supervisor.send(Cancel(job=job_id))
                self._outlet.job_changed(running.view("stopping"))
            return
        if self.project().queue_cancel(job_id):
            self._tell(self.project().queue_item(job_id))

    def retry(self, job_id: str) -> None:
        """Put a failed or stopped job back into the queue, at its end."""
        if self.project().queue_item(job_id).state in ("failed", "stopped"):
            self._tell(self.project().queue_retry(job_id))
            self._next_job()

    def move(self, job_id: str, before: str | None) -> None:
        """Reorder a waiting job: before another, or to the end."""
        self.project().queue_move(job_id, before)
        for item in self._waiting():
            self._tell(item)

    def _next_job(self) -> None:
        """Begin with what waits first; a job that cannot even be handed over fails, and the next one's turn comes.

        While the disk takes nothing none is begun: what it made could not be kept for long.
        """
        while self._running is None and self._store is not None and not self._backlog:
            waiting = self._waiting()
            if not waiting or not self._begin(self._store, waiting[0].job):
                return

    def _begin(self, store: Store, job: Job) -> bool:
        """False when there is nobody to compute it, nor what comes after it."""
        store.queue_set(job.id, "running")
        self._running = RunningJob(job, Recorder(store, job, self._keep))
        self._outlet.job_changed(self._running.view("running"))
        there, problem = True, None
        try:
            there = self._hand_over(store, job)
            problem = None if there else self._no_worker(job.id, "")
        except StudioError as error:
            problem = Problem.of(error, job=job.id)
        if problem is not None:
            self._finish("failed", problem.what, problem)
            self._outlet.problem(problem)
        return there

    def _hand_over(self, store: Store, job: Job) -> bool:
        """Have it computed; False when there is no worker. Raises StudioError when this job cannot be."""
        if is_remote(job.model):
            self._remote.run(for_endpoint(job))
            return True
        sent = self._supervisor.send(Run(job=job, files=files_for(store, job)))
        return sent or self._supervisor.pid is not None

    def _drop(self, job: Job) -> None:
        """Whoever computes this job shall leave it, now."""
        if is_remote(job.model):
            self._remote.cancel(job.id)
        else:
            self._supervisor.restart()  # a later job must not be sent to a worker that is being killed

    def _waiting(self) -> list[QueueItem]:
        return [item for item in self.project().queue(finished=0) if item.state == "waiting"]

    def _tell(self, item: QueueItem) -> None:
        self._outlet.job_changed(
            JobView(job=item.job, state=item.state, error=item.what, place=item.position)
        )

    def _finish(
        self, state: Literal["done", "stopped", "failed"], error: str = "", problem: Problem | None = None
    ) -> None:
        """The running job is over; takes that still streamed end with what they have."""
        running = self._running
        if running is None or self._store is None:
            return
        status: EndStatus = "failed" if state == "failed" else "stopped"
        for take in running.recorder.abandon(status, error):
            self._outlet.take_ended(take)
        kept, do, job_id = (problem.kept, problem.do, running.job.id) if problem else ("", "", running.job.id)
        self._keep(lambda store: store.queue_set(job_id, state, what=error, kept=kept, do=do), Held())
        self._running = None
        self._outlet.job_changed(running.view(state, error=error))

    # -- what the worker says --------------------------------------------------------------------

    def heard(self, event: Event) -> None:
        """A frame from the worker."""
        self._supervisor.heard(event)
        if isinstance(event, Failed):
            self._supervisor.load_failed(event.what)
        self.progress(event)

    def progress(self, event: Event) -> None:
        """What the worker or an endpoint says of its job."""
        running = self._running
        match event:
            case Hello() | Beat() | Loading() | Ready():
                pass
            case Failed() as failed:
                self._on_failed(failed)
            case Started() | Delta() | Preview() | Told() | TakeEnd() | JobEnd():
                if running is not None and running.job.id == event.job:
                    self._on_progress(running, event)

    def _on_progress(
        self, running: RunningJob, event: Started | Delta | Preview | Told | TakeEnd | JobEnd
    ) -> None:
        match event:
            case Started():
                running.progress.started(event)
                for take in running.recorder.start(event):
                    self._outlet.take_started(take)
            case Delta():
                self._outlet.takes_grew(running.recorder.delta(event))
                if running.count(event):
                    self._outlet.job_changed(running.view(running.state))
            case Preview():
                self._preview(running, event)
            case Told():
                self._outlet.told(event)
            case TakeEnd():
                self._outlet.take_ended(running.recorder.end(event))
                if event.status == "done":
                    running.progress.ended()
            case JobEnd():
                running.progress.rate = event.tokens_per_s
                self._finish(event.status)
                self._next_job()

    def _preview(self, running: RunningJob, event: Preview) -> None:
        pictures = running.recorder.previews(event.pictures)
        self._outlet.previewed(
            PreviewView(job=event.job, step=event.step, steps=event.steps, pictures=pictures)
        )
        if running.count(event):
            self._outlet.job_changed(running.view(running.state))

    def _on_failed(self, failed: Failed) -> None:
        problem = Problem(
            what=failed.what, kept=failed.kept, do=failed.do, details=failed.details, job=failed.job
        )
        if self._running is not None and self._running.job.id == failed.job:
            self._finish("failed", failed.what, problem)
            self._next_job()
        self._outlet.problem(problem)

    def worker_died(self, reason: str) -> None:
        """The worker is gone: its job ends with what streamed, the next worker gets the next job."""
        running = None if self._running is None or is_remote(self._running.job.model) else self._running
        asked = running is not None and running.state == "stopping"
        tail = self._supervisor.died(reason)
        if asked:
            self._finish("stopped")
        elif running is not None:
            problem = Problem(
                what=f"The model's process stopped in the middle of this job: {reason}.",
                kept=_kept(running.job),
                do="It has been started again: press Ctrl+R to try once more.",
                details=tail,
                job=running.job.id,
            )
            if self._supervisor.view.phase == "broken":
                problem = self._no_worker(running.job.id, tail)
            self._finish("failed", problem.what, problem)
            self._outlet.problem(problem)
        elif self._supervisor.view.phase == "broken":
            self._outlet.problem(self._no_worker("", tail))
        if self._supervisor.view.phase != "broken":
            self._next_job()

    def _no_worker(self, job_id: str, details: str) -> Problem:
        """There is no process to compute with."""
        return Problem(
            what=self._supervisor.view.detail,
            kept="What had streamed is kept in the takes; your texts are safe and can be edited.",
            do="Check the installation (Help menu) to see what is missing; proposing again tries to start it anew.",
            details=details,
            job=job_id,
        )

    # -- time ------------------------------------------------------------------------------------

    def due_in_ms(self) -> float | None:
        """Milliseconds until `on_time` has something to do; None while no job runs."""
        return None if self._running is None else self._running.due_in_ms(self._limits)

    def on_time(self) -> None:
        """Put streamed text on disk; enforce a stop that was not heard."""
        if self._running is not None:
            self._running.flush_when_due(self._limits)
            if self._running.kill_is_due(self._limits):
                self._enforce_stop(self._running.job)

    def _enforce_stop(self, job: Job) -> None:
        """A stop was not heard in time: the worker is killed, an endpoint no longer listened to."""
        if is_remote(job.model):
            self._finish("stopped")
            self._next_job()
        else:
            self._supervisor.kill()

    def break_off(self, problem: Problem) -> None:
        """Recording failed: the job ends, its takes are shown as far as they got."""
        running, self._running = self._running, None
        if running is not None:
            self._drop(running.job)
            for take in running.recorder.unwritten(problem.what):
                self._outlet.take_ended(take)
            with contextlib.suppress(StudioError):  # the disk that refused the take may refuse this too
                self.project().queue_set(running.job.id, "failed", what=problem.what)
            self._outlet.job_changed(running.view("failed", error=problem.what))
        self._outlet.problem(problem)


def _held_back(error: StudioError) -> Problem:
    """The words for takes that wait for the disk."""
    return Problem(
        what=error.what,
        kept="What was made is shown and kept in memory; it is written as soon as the disk takes it.",
        do="Free some space and wait for “Saved”: closing Atelier before would lose it.",
    )


def _kept(job: Job) -> str:
    match job:
        case TextJob():
            return "What had streamed is kept in the takes; your text is safe."
        case ImageJob():
            return "Takes that were finished are kept; your picture is safe."
        case PieceJob():
            return "What had streamed is kept in the takes; your piece is safe."
