"""EngineThread(QThread): the engine on a thread of its own, its outlet as signals."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from studio.core.endpoint import Endpoint
from studio.core.errors import StudioError
from studio.core.events import Check, Checked, Checking, Seen, Told, Weigh, Weighed
from studio.core.jobs import Job, TextJob
from studio.core.takes import Take
from studio.engine.engine import Engine
from studio.engine.latest import LatestPreview
from studio.engine.views import Held, JobView, Limits, PreviewView, Problem, WorkerPhase, WorkerView
from studio.engine.worker_link import WORKER_COMMAND
from studio.project.store import Store

T = TypeVar("T")
log = logging.getLogger(__name__)


class EngineThread(QThread):
    """Owns queue, worker and the project's one writing connection.

    `write(fn)` runs `fn(store)` on this thread, in order, and answers by a concurrent Future;
    the signals arrive on the thread of whoever connected.
    """

    take_started = Signal(object)  # Take
    takes_grew = Signal(object)  # list of (take id, new text)
    take_ended = Signal(object)  # Take
    previewed = Signal(object)  # PreviewView, of a slow window the latest only
    told = Signal(object)  # Told
    job_changed = Signal(object)  # JobView
    worker_changed = Signal(object)  # WorkerView
    problem = Signal(object)  # Problem
    held = Signal(object)  # Held: what waits for the disk, told before the take's end
    looked = Signal(object)  # Seen
    look_failed = Signal(object)  # Problem, its job is the look's
    checking = Signal(object)  # Checking
    checked = Signal(object)  # Checked
    check_failed = Signal(object)  # Problem, its job is the check's id
    weighed = Signal(object)  # Weighed
    weigh_failed = Signal(object)  # Problem, its job is the request's id
    _preview_waits = Signal()

    def __init__(
        self,
        log_path: Path,
        *,
        command: tuple[str, ...] = WORKER_COMMAND,
        limits: Limits | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("engine")
        self._preview = LatestPreview()
        self._preview_waits.connect(self._tell_preview, Qt.ConnectionType.QueuedConnection)
        self._engine = Engine(_SignalOutlet(self), command, log_path, limits or Limits())

    def run(self) -> None:
        """The thread's work (called by Qt)."""
        self._engine.run()

    def open_project(self, folder: Path) -> "Future[None]":
        """Take this project's lock and write to it from now on."""
        return self._engine.call(lambda engine: engine.use_project(Store.open(folder)))

    def create_project(self, folder: Path, title: str) -> "Future[None]":
        """Make a new project and write to it from now on."""
        return self._engine.call(lambda engine: engine.use_project(Store.create(folder, title)))

    def close_project(self) -> "Future[None]":
        """Let go of the open project."""
        return self._engine.call(lambda engine: engine.close_project())

    def write(self, work: Callable[[Store], T]) -> "Future[T]":
        """Run `work(store)` on the engine's thread, after everything asked before."""
        return self._engine.call(lambda engine: work(engine.jobs.project()))

    def keep(self, work: Callable[[Store], T]) -> "Future[T]":
        """The same, after all that the disk refused before. Refused itself it waits in line, and the future says so."""
        return self._engine.call(lambda engine: engine.jobs.keep(work))

    def start_worker(self, model: str) -> "Future[None]":
        """Start the worker and load a model in the background."""

        def begin(engine: Engine) -> None:
            engine.supervisor.start()
            engine.supervisor.warm(model)

        return self._engine.call(begin)

    def use_endpoints(self, endpoints: Mapping[str, Endpoint]) -> "Future[None]":
        """The text endpoints the person added, by the path that jobs name them by."""
        return self._engine.call(lambda engine: engine.remote.use(endpoints))

    def submit(self, job: Job, priority: int = 0) -> "Future[None]":
        """Queue a job; higher priority first, then first come."""
        return self._ask(lambda engine: engine.jobs.submit(job, priority))

    def cancel(self, job_id: str) -> "Future[None]":
        """Stop a job, waiting or running; or a check, whose acts tried through are told by `checked`."""

        def stop(engine: Engine) -> None:
            if not engine.asides.cancel(job_id):
                engine.jobs.cancel(job_id)

        return self._ask(stop)

    def look(self, job: TextJob) -> "Future[None]":
        """Ask what the model would read for this job: `looked` or `look_failed` tell; nothing is made."""
        return self._ask(lambda engine: engine.asides.look(job))

    def check(self, check: Check) -> "Future[None]":
        """Try a model's acts: `checking`, then `checked` or `check_failed` tell. Jobs go first."""
        return self._ask(lambda engine: engine.asides.check(check))

    def weigh(self, weigh: Weigh) -> "Future[None]":
        """Ask how much notes surprise a model: `weighed` or `weigh_failed` tell. Jobs go first, and of several only the
        latest request is answered."""
        return self._ask(lambda engine: engine.asides.weighings.ask(weigh))

    def retry(self, job_id: str) -> "Future[None]":
        """Put an ended job back into the queue."""
        return self._ask(lambda engine: engine.jobs.retry(job_id))

    def move(self, job_id: str, before: str | None) -> "Future[None]":
        """Reorder a waiting job."""
        return self._ask(lambda engine: engine.jobs.move(job_id, before))

    def tell_queue(self) -> "Future[None]":
        """Tell every job of the open project by `job_changed`, for those who begin to listen."""
        return self._ask(lambda engine: engine.jobs.tell_all())

    def _ask(self, work: Callable[[Engine], None]) -> "Future[None]":
        """Like `call`; a failure is also told by the signal `problem`, for those who do not wait."""
        future = self._engine.call(work)
        future.add_done_callback(self._tell_failure)
        return future

    def _tell_failure(self, future: "Future[None]") -> None:
        error = None if future.cancelled() else future.exception()
        if isinstance(error, StudioError) and error.code != "closing":
            self.problem.emit(Problem.of(error))
        elif error is not None and not isinstance(error, StudioError):
            log.error("a bug in the engine", exc_info=error)

    def show_preview(self, view: PreviewView) -> None:
        """Have `previewed` tell it when the window has time (called on the engine's thread)."""
        if self._preview.put(view):
            self._preview_waits.emit()

    @Slot()
    def _tell_preview(self) -> None:
        if (view := self._preview.take()) is not None:
            self.previewed.emit(view)

    def worker_pid(self) -> int | None:
        """The worker's process id, None without one."""
        return self._engine.supervisor.pid

    def worker_phase(self) -> WorkerPhase:
        """How the worker is right now."""
        return self._engine.supervisor.view.phase

    def stop(self, wait_ms: int = 8_000) -> bool:
        """End worker, project and thread, in that order; False when the thread still runs."""
        if not self.isRunning():
            return True
        self._engine.call(lambda engine: engine.stop())
        return self.wait(wait_ms)


class _SignalOutlet:
    """The engine's words as the thread's signals."""

    def __init__(self, thread: EngineThread) -> None:
        self._thread = thread

    def take_started(self, take: Take) -> None:
        self._thread.take_started.emit(take)

    def takes_grew(self, pieces: list[tuple[str, str]]) -> None:
        self._thread.takes_grew.emit(pieces)

    def take_ended(self, take: Take) -> None:
        self._thread.take_ended.emit(take)

    def previewed(self, preview: PreviewView) -> None:
        self._thread.show_preview(preview)

    def told(self, told: Told) -> None:
        self._thread.told.emit(told)

    def job_changed(self, view: JobView) -> None:
        self._thread.job_changed.emit(view)

    def worker_changed(self, view: WorkerView) -> None:
        self._thread.worker_changed.emit(view)

    def problem(self, problem: Problem) -> None:
        self._thread.problem.emit(problem)

    def held(self, held: Held) -> None:
        self._thread.held.emit(held)

    def looked(self, seen: Seen) -> None:
        self._thread.looked.emit(seen)

    def look_failed(self, problem: Problem) -> None:
        self._thread.look_failed.emit(problem)

    def checking(self, checking: Checking) -> None:
        self._thread.checking.emit(checking)

    def checked(self, checked: Checked) -> None:
        self._thread.checked.emit(checked)

    def check_failed(self, problem: Problem) -> None:
        self._thread.check_failed.emit(problem)

    def weighed(self, weighed: Weighed) -> None:
        self._thread.weighed.emit(weighed)

    def weigh_failed(self, problem: Problem) -> None:
        self._thread.weigh_failed.emit(problem)
