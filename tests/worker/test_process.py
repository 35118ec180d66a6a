"""The real worker process over real pipes."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from studio.core.events import (
    PROTOCOL,
    Beat,
    Cancel,
    Command,
    Delta,
    Event,
    Failed,
    Hello,
    JobEnd,
    Quit,
    Ready,
    Run,
    Started,
    TakeEnd,
    Warm,
)  # fmt: skip
from studio.core.wire import FrameReader, FrameWriter
from studio.worker.process import failure
from tests.worker.conftest import Models, job_for

E = TypeVar("E")
END_S = 20


class Child:
    """A worker process and both ends of its wire."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studio.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "ATELIER_THREADS": "1"},
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin = self.process.stdin
        self._writer = FrameWriter(self.stdin)
        self._reader: FrameReader[Event] = FrameReader(self.process.stdout, Event)

    def tell(self, command: Command) -> None:
        """Send a command."""
        self._writer.write(command)

    def until(self, kind: type[E], fits: Callable[[E], bool] = lambda event: True) -> E:
        """Read events until one of that kind."""
        while (event := self._reader.read()) is not None:
            if isinstance(event, kind) and fits(event):
                return event
        raise AssertionError(f"the worker ended without a {kind.__name__}")

    def end(self) -> int:
        """Wait for its end; the exit code."""
        return self.process.wait(END_S)


@pytest.fixture
def child() -> Iterator[Child]:
    worker = Child()
    yield worker
    worker.process.kill()
    worker.end()
    for pipe in (worker.process.stdin, worker.process.stdout, worker.process.stderr):
        assert pipe is not None
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


def test_a_worker_greets_warms_streams_cancels_and_quits(child: Child, models: Models) -> None:
    hello = child.until(Hello)
    assert (hello.protocol, hello.pid) == (PROTOCOL, child.process.pid)
    child.tell(Warm(model=str(models["llama"])))
    assert child.until(Ready).model == str(models["llama"])
    child.tell(Run(job=job_for(models["llama"], id="short")))
    assert child.until(Started).job == "short"
    assert child.until(JobEnd).status == "done"
    long = job_for(models["llama"], id="long", takes=8, tokens=200)
    child.tell(Run(job=long))
    child.tell(Run(job=long.changed(id="waiting")))
    child.until(Delta)
    child.tell(Cancel(job="long"))
    child.tell(Cancel(job="waiting"))
    assert child.until(TakeEnd, lambda end: len(end.tokens) < 200).job == "long"
    assert child.until(JobEnd).status == "stopped"
    waiting = child.until(JobEnd)
    assert (waiting.job, waiting.status) == ("waiting", "stopped")
    child.tell(Quit())
    assert child.end() == 0


def test_a_job_that_fails_does_not_end_the_worker(child: Child, models: Models) -> None:
    child.tell(Run(job=job_for(models["llama"].parent / "nowhere", id="bad")))
    failed = child.until(Failed)
    assert (failed.job, failed.code) == ("bad", "missing_model")
    assert failed.do
    child.tell(Run(job=job_for(models["llama"], id="good")))
    assert child.until(JobEnd).job == "good"
    assert child.until(Beat).rss_mib > 50


def test_the_end_of_input_ends_a_computing_worker_at_once(child: Child, models: Models) -> None:
    child.tell(Run(job=job_for(models["llama"], takes=8, tokens=240)))
    child.until(Delta)
    child.stdin.close()
    assert child.end() == 0


def test_the_end_of_input_ends_a_worker_that_is_still_importing(child: Child) -> None:
    child.until(Hello)
    child.stdin.close()
    assert child.end() == 0


def test_ctrl_c_in_the_terminal_is_left_to_the_parent(child: Child, models: Models) -> None:
    child.until(Hello)
    child.process.send_signal(signal.SIGINT)
    child.tell(Run(job=job_for(models["llama"], id="after")))
    assert child.until(JobEnd).job == "after"


def test_garbage_ends_the_worker_with_a_message(child: Child) -> None:
    child.stdin.write(b"\xff" * 64)
    child.stdin.close()
    assert child.end() == 2
    assert child.process.stderr is not None
    assert b"The worker ends" in child.process.stderr.read()


def test_running_out_of_memory_has_its_own_message() -> None:
    assert failure("j", MemoryError()).code == "no_memory"
    allocator = RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate")
    assert failure("j", allocator).code == "no_memory"
    bug = failure("j", KeyError("x"))
    assert bug.code == "bug"
    assert "KeyError" in bug.details
