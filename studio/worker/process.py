"""The worker process: one thread computes, one hears commands, one says that it lives."""

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
from studio.core.events import PROTOCOL, Beat, Cancel, Command, Event, Failed, Hello, JobEnd, Quit, Run, Warm
from studio.core.jobs import Job
from studio.core.wire import FrameReader, FrameWriter, WireError

if TYPE_CHECKING:
    from studio.worker.shelf import Shelf

_BEAT_S = 1.0
_MIB = 1024 * 1024
_MEMORY_WORDS = ("not enough memory", "out of memory", "can't allocate")


class Worker:
    """Reads commands, computes, writes events, until Quit or the end of its input."""

    def __init__(self, commands: BinaryIO, events: BinaryIO) -> None:
        self._reader: FrameReader[Command] = FrameReader(commands, Command)
        self._writer = FrameWriter(events)
        self._write_lock = threading.Lock()
        self._queue: queue.SimpleQueue[Warm | Run | Quit] = queue.SimpleQueue()
        self._cancelled: set[str] = set()
        self._pending: set[str] = set()
        self._quit = threading.Event()

    def run(self) -> int:
        """Work until told to quit; the process's exit code."""
        self.send(Hello(protocol=PROTOCOL, pid=os.getpid()))
        threading.Thread(target=self._listen, name="commands", daemon=True).start()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        from studio.worker.shelf import (
            Shelf,
        )  # imports torch: seconds, during which commands are heard already

        shelf = Shelf(self.send)
        while True:
            command = self._queue.get()
            match command:
                case Warm():
                    self._guarded("", partial(shelf.warm, command.model))
                case Run():
                    self._compute(shelf, command.job)
                case Quit():
                    return 0
                case _:
                    assert_never(command)

    def send(self, event: Event) -> None:
        """Write one event. Ends the process when nobody reads any more."""
        try:
            with self._write_lock:
                self._writer.write(event)
        except OSError:
            os._exit(0)

    def _compute(self, shelf: "Shelf", job: Job) -> None:
        def stopped() -> bool:
            return job.id in self._cancelled or self._quit.is_set()

        def make() -> None:
            shelf.runner(job.model, job.id, stopped).run(job, self.send, stopped)

        self._guarded(job.id, make)
        self._pending.discard(job.id)
        self._cancelled.discard(job.id)

    def _guarded(self, job: str, act: Callable[[], None]) -> None:
        """Do it; whatever goes wrong becomes an event, and the worker goes on."""
        try:
            act()
        except StoppedError:
            self.send(JobEnd(job=job, status="stopped", seconds=0.0, tokens_per_s=0.0))
        except StudioError as error:
            self.send(Failed(job=job, what=error.what, kept=error.kept, do=error.do, code=error.code))
        except Exception as error:  # noqa: BLE001 - a bug in one job must not end the worker
            self.send(failure(job, error))

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
            case Warm():
                self._queue.put(command)
            case Quit():
                self._quit.set()
                self._queue.put(command)
            case _:
                assert_never(command)

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
            kept="What had streamed is kept.",
            do="Ask for fewer takes or a shorter text, close other programs, or choose a smaller model.",
            code="no_memory",
            details=details,
        )
    return Failed(
        job=job,
        what=f"The worker hit an error: {type(error).__name__}.",
        kept="What had streamed is kept.",
        do="Try again; if it happens again, report it with the details.",
        code="bug",
        details=details,
    )
