"""The engine without Qt: one inbox, one thread, the project's one writer, the queue and the worker."""

import logging
import queue
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from studio.core.errors import StudioError
from studio.core.events import Event
from studio.engine.asides import Asides
from studio.engine.job_flow import JobFlow, Outlet
from studio.engine.remote.door import RemoteDoor
from studio.engine.supervisor import Supervisor
from studio.engine.views import Limits, Problem
from studio.engine.worker_link import WorkerLink
from studio.project.store import Store

T = TypeVar("T")
IDLE_MS = 60_000.0
log = logging.getLogger(__name__)


class _Call(Struct):
    work: Callable[["Engine"], Any]
    future: Future[Any]


class _Heard(Struct):
    link: WorkerLink
    event: Event | None
    error: str


class _Said(Struct):
    """An endpoint's event."""

    event: Event


class Engine:
    """`call` may be used from any thread; everything else runs inside `run`."""

    def __init__(self, outlet: Outlet, command: tuple[str, ...], log_path: Path, limits: Limits) -> None:
        self.supervisor = Supervisor(command, log_path, limits, self._hear, outlet.worker_changed)
        self._inbox: queue.SimpleQueue[_Call | _Heard | _Said] = queue.SimpleQueue()
        self.remote = RemoteDoor(lambda event: self._inbox.put(_Said(event=event)))
        self.jobs = JobFlow(outlet, self.supervisor, self.remote, limits)
        self.asides = Asides(outlet, self.supervisor, self.remote, limits)
        self.supervisor.replaced = self.asides.worker_replaced
        self._store: Store | None = None
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
                self._guard(self.jobs.on_time)
                self.asides.on_time(job_runs=self.jobs.due_in_ms() is not None)
                self.supervisor.check_silence()
        finally:
            self._guard(self.close_project)
            self.supervisor.close()
            self.remote.close()
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
        elif isinstance(message, _Said):
            self._guard(lambda: self._on_said(message.event))
        elif self.supervisor.is_current(message.link):
            self._guard(lambda: self._on_heard(message))

    def _do(self, call: _Call) -> None:
        if not call.future.set_running_or_notify_cancel():
            return
        try:
            call.future.set_result(call.work(self))
        except BaseException as error:  # noqa: BLE001  the caller's future carries it
            call.future.set_exception(error)

    def _on_heard(self, heard: _Heard) -> None:
        if heard.event is None:
            self.asides.worker_died(heard.error, self.supervisor.log_tail())
            self.jobs.worker_died(heard.error)
        elif self.asides.heard(heard.event):
            self.supervisor.heard(heard.event)
        else:
            self.jobs.heard(heard.event)

    def _on_said(self, event: Event) -> None:
        if not self.asides.heard(event):
            self.jobs.progress(event)

    def _guard(self, work: Callable[[], None]) -> None:
        """Failures while recording must not end the thread: they are told and the job is failed."""
        try:
            work()
        except StudioError as error:
            self.jobs.break_off(Problem.of(error, details=traceback.format_exc()))
        except Exception as error:
            log.exception("a bug in the engine")
            what = f"Atelier made a mistake while recording: {error}."
            kept = "What was saved before is safe."
            self.jobs.break_off(Problem(what=what, kept=kept, details=traceback.format_exc()))

    def _wait_s(self) -> float:
        silent_ms = max(0.0, self.supervisor.silent_in_ms()) if self.supervisor.pid else IDLE_MS
        job_ms = self.jobs.due_in_ms()
        due = (job_ms, self.asides.due_in_ms(job_runs=job_ms is not None))
        return min([silent_ms, *(due_ms for due_ms in due if due_ms is not None)]) / 1000

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
        self._store = store
        self.jobs.use(store)

    def close_project(self) -> None:
        """Stop the running job and let go of the project."""
        store, self._store = self._store, None
        try:
            self.jobs.leave()
        finally:
            if store is not None:
                store.close()
