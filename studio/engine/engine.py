"""The engine without Qt: one inbox, one thread, the project's one writer, the queue and the worker."""

import logging
import queue
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from msgspec import Struct

from studio.core.errors import StudioError
from studio.core.events import (
    Beat,
    Cancel,
    Delta,
    Event,
    Failed,
    Hello,
    JobEnd,
    Loading,
    Ready,
    Run,
    Started,
    TakeEnd,
)
from studio.core.jobs import Job
from studio.core.takes import EndStatus, Take
from studio.engine.recorder import Recorder
from studio.engine.running import RunningJob
from studio.engine.supervisor import Supervisor
from studio.engine.views import JobView, Limits, Problem, WorkerView
from studio.engine.worker_link import WorkerLink
from studio.project.records import QueueItem
from studio.project.store import Store

T = TypeVar("T")
log = logging.getLogger(__name__)


class Outlet(Protocol):
    """Where the engine tells what happened; called on its thread."""

    def take_started(self, take: Take) -> None: ...
    def takes_grew(self, pieces: list[tuple[str, str]]) -> None: ...
    def take_ended(self, take: Take) -> None: ...
    def job_changed(self, view: JobView) -> None: ...
    def worker_changed(self, view: WorkerView) -> None: ...
    def problem(self, problem: Problem) -> None: ...


class _Call(Struct):
    work: Callable[["Engine"], Any]
    future: Future[Any]


class _Heard(Struct):
    link: WorkerLink
    event: Event | None
    error: str


class Engine:
    """`call` may be used from any thread; everything else runs inside `run`."""

    def __init__(self, outlet: Outlet, command: tuple[str, ...], log_path: Path, limits: Limits) -> None:
        self.store: Store | None = None
        self.supervisor = Supervisor(command, log_path, limits, self._hear, outlet.worker_changed)
        self._outlet = outlet
        self._limits = limits
        self._inbox: queue.SimpleQueue[_Call | _Heard] = queue.SimpleQueue()
        self._running: RunningJob | None = None
        self._stopping = False

    # -- from any thread -------------------------------------------------------------------------

    def call(self, work: Callable[["Engine"], T]) -> "Future[T]":
        """Have `work(engine)` done on the engine's thread, in the order of the calls."""
        future: Future[T] = Future()
        self._inbox.put(_Call(work=work, future=future))
        return future

    def _hear(self, link: WorkerLink, event: Event | None, error: str) -> None:
        self._inbox.put(_Heard(link=link, event=event, error=error))

    # -- the thread ------------------------------------------------------------------------------

    def run(self) -> None:
        """Work until `stop`; at the end neither worker, thread nor lock is left."""
        try:
            while not self._stopping:
                self._take_one(self._wait_s())
                self._on_time()
        finally:
            self.close_project()
            self.supervisor.close()
            self._refuse_the_rest()

    def stop(self) -> None:
        """End `run` after the call that does this."""
        self._stopping = True

    def _take_one(self, wait_s: float) -> None:
        try:
            message = self._inbox.get(timeout=wait_s)
        except queue.Empty:
            return
        if isinstance(message, _Call):
            self._do(message)
        elif self.supervisor.is_current(message.link):
            self._guard(lambda: self._on_heard(message))

    def _do(self, call: _Call) -> None:
        if not call.future.set_running_or_notify_cancel():
            return
        try:
            call.future.set_result(call.work(self))
        except BaseException as error:  # noqa: BLE001  the caller's future carries it
            call.future.set_exception(error)

    def _guard(self, work: Callable[[], None]) -> None:
        """Failures while recording must not end the thread: they are told and the job is failed."""
        try:
            work()
        except StudioError as error:
            self._break_off(Problem.of(error, details=traceback.format_exc()))
        except Exception as error:
            log.exception("a bug in the engine")
            what = f"Atelier made a mistake while recording: {error}."
            kept = "What was saved before is safe."
            self._break_off(Problem(what=what, kept=kept, details=traceback.format_exc()))

    def _break_off(self, problem: Problem) -> None:
        running, self._running = self._running, None
        if running is not None:
            self.supervisor.kill()
            for take in running.recorder.unwritten(problem.what):
                self._outlet.take_ended(take)
            self._outlet.job_changed(running.view("failed", error=problem.what))
        self._outlet.problem(problem)

    def _wait_s(self) -> float:
        waits_ms = [max(0.0, self.supervisor.silent_in_ms())] if self.supervisor.pid else [60_000.0]
        if self._running is not None:
            waits_ms.append(self._running.due_in_ms(self._limits))
        return min(waits_ms) / 1000

    def _on_time(self) -> None:
        running = self._running
        if running is not None:
            self._guard(lambda: running.flush_when_due(self._limits))
            if running.kill_is_due(self._limits):
                self.supervisor.kill()
        self.supervisor.check_silence()

    def _refuse_the_rest(self) -> None:
        while True:
            try:
                message = self._inbox.get_nowait()
            except queue.Empty:
                return
            if isinstance(message, _Call) and message.future.set_running_or_notify_cancel():
                message.future.set_exception(StudioError("Atelier is closing.", code="closing"))

    # -- the project -----------------------------------------------------------------------------

    def use_project(self, store: Store) -> None:
        """Write to this store from now on; jobs that were waiting in it go on."""
        self.close_project()
        self.store = store
        for item in store.queue():
            self._tell(item)
        self._next_job()

    def close_project(self) -> None:
        """Stop the running job (its takes keep what they have) and let go of the project."""
        if self._running is not None:
            self._finish("stopped", "The project was closed.")
            self.supervisor.kill()
        if self.store is not None:
            self.store.close()
            self.store = None

    def project(self) -> Store:
        """The open project. Raises StudioError when there is none."""
        if self.store is None:
            raise StudioError("No project is open.", do="Open or make one in the File menu.")
        return self.store

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
                self.supervisor.send(Cancel(job=job_id))
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
        if self._running is not None or self.store is None or self._stopping:
            return
        waiting = self._waiting()
        if not waiting:
            return
        job = waiting[0].job
        self.store.queue_set(job.id, "running")
        self._running = RunningJob(job, Recorder(self.store, job))
        self._outlet.job_changed(self._running.view("running"))
        self.supervisor.send(Run(job=job))

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
        running, self._running = self._running, None
        if running is None or self.store is None:
            return
        status: EndStatus = "failed" if state == "failed" else "stopped"
        for take in running.recorder.abandon(status, error):
            self._outlet.take_ended(take)
        kept, do = (problem.kept, problem.do) if problem else ("", "")
        self.store.queue_set(running.job.id, state, what=error, kept=kept, do=do)
        self._outlet.job_changed(running.view(state, error=error))

    # -- what the worker says --------------------------------------------------------------------

    def _on_heard(self, heard: _Heard) -> None:
        if heard.event is None:
            self._on_death(heard.error)
            return
        self.supervisor.heard(heard.event)
        running = self._running
        match heard.event:
            case Hello() | Beat() | Loading() | Ready():
                pass
            case Failed() as failed:
                self._on_failed(failed)
            case (Started() | Delta() | TakeEnd() | JobEnd()) as event:
                if running is not None and running.job.id == event.job:
                    self._on_progress(running, event)

    def _on_progress(self, running: RunningJob, event: Started | Delta | TakeEnd | JobEnd) -> None:
        match event:
            case Started():
                for take in running.recorder.start(event):
                    self._outlet.take_started(take)
            case Delta():
                self._outlet.takes_grew(running.recorder.delta(event))
                if running.count(event):
                    self._outlet.job_changed(running.view(running.state))
            case TakeEnd():
                self._outlet.take_ended(running.recorder.end(event))
            case JobEnd():
                running.rate = event.tokens_per_s
                self._finish(event.status)
                self._next_job()

    def _on_failed(self, failed: Failed) -> None:
        problem = Problem(
            what=failed.what, kept=failed.kept, do=failed.do, details=failed.details, job=failed.job
        )
        if self._running is not None and self._running.job.id == failed.job:
            self._finish("failed", failed.what, problem)
            self._next_job()
        self._outlet.problem(problem)

    def _on_death(self, reason: str) -> None:
        running = self._running
        asked = running is not None and running.state == "stopping"
        tail = self.supervisor.died(reason)
        if asked:
            self._finish("stopped")
        elif running is not None:
            problem = Problem(
                what=f"The model's process stopped in the middle of this job: {reason}.",
                kept="What had streamed is kept in the takes; your text is safe.",
                do="It has been started again: press Ctrl+R to try once more.",
                details=tail,
                job=running.job.id,
            )
            self._finish("failed", problem.what, problem)
            self._outlet.problem(problem)
        elif self.supervisor.view.phase == "broken":
            self._outlet.problem(
                Problem(
                    what=self.supervisor.view.detail,
                    kept="Your texts are safe and can be edited.",
                    do="Run “atelier doctor” to see what is missing; proposing again tries to start it anew.",
                    details=tail,
                )
            )
        if self.supervisor.view.phase != "broken":
            self._next_job()
