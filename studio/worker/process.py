"""The worker process: one thread computes, one hears commands, one says that it lives."""

import contextlib
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, assert_never

import psutil

from studio.core.errors import StoppedError, StudioError
from studio.core.events import (
    PROTOCOL,
    Beat,
    Cancel,
    Check,
    Command,
    Event,
    Failed,
    Hello,
    JobEnd,
    Look,
    Quit,
    Run,
    Warm,
    Weigh,
)
from studio.core.jobs import ImageJob, Job, PieceJob, TextJob
from studio.core.wire import FrameReader, FrameWriter, WireError
from studio.worker.looker import Looker

if TYPE_CHECKING:
    from studio.worker.music.weigh import Weighing
    from studio.worker.shelf import Shelf
    from studio.worker.text.checks.trial import Trial

_BEAT_S = 1.0
_MIB = 1024 * 1024
_MEMORY_WORDS = ("not enough memory", "out of memory", "can't allocate")


class Worker:
    """Reads commands, computes, writes events, until Quit or the end of its input."""

    def __init__(self, commands: BinaryIO, events: BinaryIO) -> None:
        self._reader: FrameReader[Command] = FrameReader(commands, Command)
        self._writer = FrameWriter(events)
        self._write_lock = threading.Lock()
        self._queue: queue.SimpleQueue[Warm | Run | Check | Weigh | Quit] = queue.SimpleQueue()
        self._looker = Looker(self.send, failure)
        self._trials: list[Trial] = []  # the first is tried whenever nothing else is to be done
        self._weighing: Weighing | None = None  # the latest; goes on before them: a person waits for it
        self._cancelled: set[str] = set()
        self._pending: set[str] = set()
        self._quit = threading.Event()

    def run(self) -> int:
        """Work until told to quit; the process's exit code."""
        self.send(Hello(protocol=PROTOCOL, pid=os.getpid()))
        threading.Thread(target=self._listen, name="commands", daemon=True).start()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        self._looker.start()
        from studio.worker.causal.building import KernelBuilder
        from studio.worker.shelf import (
            Shelf,
        )  # imports torch: seconds, during which commands are heard already

        shelf, builder = Shelf(self.send), KernelBuilder()
        self._looker.use(shelf)
        while True:
            command = self._next()
            match command:
                case None:
                    self._try_on()
                case Check():
                    self._begin_trial(shelf, command)
                case Weigh():
                    self._begin_weighing(shelf, command)
                case Warm():
                    self._guarded("", partial(shelf.warm, command.model))
                case Run():
                    self._compute(shelf, command)
                    builder.want(shelf.missing_kernels())
                case Quit():
                    builder.stop()
                    return 0
                case _:
                    assert_never(command)

    def _next(self) -> Warm | Run | Check | Weigh | Quit | None:
        """The next command; None when there is none and a check or a weighing may go on."""
        if not self._trials and self._weighing is None:
            return self._queue.get()
        try:
            return self._queue.get_nowait()
        except queue.Empty:
            return None

    def send(self, event: Event) -> None:
        """Write one event. Ends the process when nobody reads any more."""
        try:
            with self._write_lock:
                self._writer.write(event)
        except OSError:
            os._exit(0)

    def _compute(self, shelf: "Shelf", run: Run) -> None:
        job = run.job

        def stopped() -> bool:
            return job.id in self._cancelled or self._quit.is_set()

        def make() -> None:
            match job:
                case TextJob():
                    runner = shelf.runner(job.model, job.id, stopped, job.adapters)
                    runner.run(job, self.send, stopped)
                case ImageJob():
                    shelf.painter(job.model, job.id, stopped).run(job, run.files, self.send, stopped)
                case PieceJob():
                    composer = shelf.composer(job.model, job.id, stopped, job.adapters)
                    composer.run(job, run.files, self.send, stopped)
                case _:
                    assert_never(job)

        self._guarded(job.id, make)
        self._pending.discard(job.id)
        self._cancelled.discard(job.id)

    def _begin_trial(self, shelf: "Shelf", check: Check) -> None:
        from studio.worker.text.checks.trial import Trial

        def begin() -> None:
            self._trials.append(
                Trial(check, lambda stopped: shelf.runner(check.model, check.id, stopped), self.send)
            )

        if not self._guarded(check.id, begin):
            self._pending.discard(check.id)

    def _begin_weighing(self, shelf: "Shelf", weigh: Weigh) -> None:
        from studio.worker.music.weigh import Weighing

        def begin() -> None:
            self._weighing = Weighing(weigh, lambda stopped: shelf.composer(weigh.model, weigh.id, stopped))

        self._weighing = None
        self._guarded(weigh.id, begin)

    def _weigh_on(self, weighing: "Weighing") -> None:
        """One more window. It is broken off, and read again, when a command comes."""

        def step() -> None:
            with contextlib.suppress(StoppedError):
                if not weighing.step(lambda: not self._queue.empty()):
                    self.send(weighing.result())
                    self._weighing = None

        if not self._guarded(weighing.weigh.id, step):
            self._weighing = None

    def _try_on(self) -> None:
        """One more window of a weighing, else one more passage of the first check. It is broken off, and tried again,
        when a command comes.
        """
        if self._weighing is not None:
            self._weigh_on(self._weighing)
            return
        trial = self._trials[0]
        check = trial.check.id

        def stopped() -> bool:
            return check in self._cancelled or not self._queue.empty()

        def step() -> None:
            going = check not in self._cancelled
            with contextlib.suppress(StoppedError):
                going = going and trial.step(stopped)
            if not going:
                self.send(trial.result())
                self._forget_trial(check)

        if not self._guarded(check, step):
            self._forget_trial(check)

    def _forget_trial(self, check: str) -> None:
        self._trials.pop(0)
        self._pending.discard(check)
        self._cancelled.discard(check)

    def _guarded(self, job: str, act: Callable[[], None]) -> bool:
        """Do it; whatever goes wrong becomes an event, and the worker goes on. True when all went well."""
        try:
            act()
            return True
        except StoppedError:
            self.send(JobEnd(job=job, status="stopped", seconds=0.0, tokens_per_s=0.0))
        except StudioError as error:
            self.send(Failed(job=job, what=error.what, kept=error.kept, do=error.do, code=error.code))
        except Exception as error:  # noqa: BLE001 - a bug in one job must not end the worker
            self.send(failure(job, error))
        return False

    # the other threads

    def _listen(self) -> None:
        """Hear commands; at the end of input the window is gone, and so is this process."""
        try:
            while (command := self._reader.read()) is not None:
                self._hear(command)
        except WireError as error:
            print(f"The worker ends: {error}", file=sys.stderr, flush=True)  # noqa: T201 - stderr is its log
            os._exit(2)
        os._exit(0)

    def _hear(self, command: Command) -> None:
        match command:
            case Cancel():
                if command.job in self._pending:
                    self._cancelled.add(command.job)
            case Run():
                self._pending.add(command.job.id)
                self._queue.put(command)
            case Check():
                self._pending.add(command.id)
                self._queue.put(command)
            case Look():
                self._look(command.job)
            case Warm() | Weigh():
                self._queue.put(command)
            case Quit():
                self._quit.set()
                self._queue.put(command)
            case _:
                assert_never(command)

    def _look(self, job: Job) -> None:
        if isinstance(job, TextJob):
            self._looker.look(job)
        else:
            self.send(
                Failed(job=job.id, what="This model reads what it is asked as it stands.", code="no_look")
            )

    def _beat(self) -> None:
        process = psutil.Process()
        while not self._quit.wait(_BEAT_S):
            self.send(Beat(rss_mib=process.memory_info().rss / _MIB))


def failure(job: str, error: Exception) -> Failed:
    """The event for an exception that is no StudioError: memory ran out, or a bug of ours."""
    details = "".join(traceback.format_exception(error))
    words = str(error).lower()
    if isinstance(error, MemoryError) or any(word in words for word in _MEMORY_WORDS):
        return Failed(
            job=job,
            what="The computer's memory did not suffice for this.",
            kept="What had come is kept.",
            do="Ask for fewer takes or for less at a time, close other programs, or choose a smaller model.",
            code="no_memory",
            details=details,
        )
    return Failed(
        job=job,
        what=f"The worker hit an error: {type(error).__name__}.",
        kept="What had come is kept.",
        do="Try again; if it happens again, report it with the details.",
        code="bug",
        details=details,
    )
