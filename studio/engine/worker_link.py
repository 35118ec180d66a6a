"""One worker process: starts it, writes commands, reads its events on a thread, ends it for certain."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import psutil

from studio.core.errors import StudioError
from studio.core.events import Command, Event, Quit
from studio.core.wire import FrameReader, FrameWriter, WireError

WORKER_COMMAND = (sys.executable, "-m", "studio.worker")
LOG_TAIL_BYTES = 4_000


class Listener(Protocol):
    """Called on the reading thread."""

    def __call__(self, link: "WorkerLink", event: Event | None, error: str) -> None:
        """One event; or None with the reason why no more will come."""


class WorkerLink:
    """Owns the process, its pipes and the thread that reads them."""

    def __init__(self, command: tuple[str, ...], log_path: Path, listener: Listener) -> None:
        self.started_s = time.monotonic()
        self._log_path = log_path
        self._listener = listener
        log_path.parent.mkdir(parents=True, exist_ok=True)
        with log_path.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=os.name == "posix",
                env=_environment(),
            )
        self._writer = FrameWriter(cast(BinaryIO, self._process.stdin))
        self._thread = threading.Thread(target=self._read, name="worker-reader", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    def send(self, command: Command) -> bool:
        """False when the worker is gone (its end is reported by the listener)."""
        try:
            self._writer.write(command)
        except (OSError, ValueError):  # a closed pipe, or one closed by us
            return False
        return True

    def kill(self) -> None:
        """End the process now; the listener hears of it."""
        if self._process.poll() is not None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self._process.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
        self._process.kill()

    def close(self, grace_ms: int) -> None:
        """Ask it to end, wait, else kill; afterwards neither process nor thread is left."""
        self.send(Quit())
        with contextlib.suppress(OSError):
            cast(BinaryIO, self._process.stdin).close()
        try:
            self._process.wait(grace_ms / 1000)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self._thread.join()
        cast(BinaryIO, self._process.stdout).close()

    def log_tail(self) -> str:
        """The last words of its stderr."""
        try:
            with self._log_path.open("rb") as log:
                log.seek(max(0, self._log_path.stat().st_size - LOG_TAIL_BYTES))
                return log.read().decode("utf-8", "replace").strip()
        except OSError:
            return ""

    def _read(self) -> None:
        reader: FrameReader[Event] = FrameReader(cast(BinaryIO, self._process.stdout), Event)
        reason = ""
        try:
            while (event := reader.read()) is not None:
                self._listener(self, event, "")
        except (WireError, OSError, ValueError) as error:
            reason = error.what if isinstance(error, StudioError) else str(error)
            self.kill()
        code = self._process.wait()
        self._listener(self, None, reason or describe_exit(code))


def describe_exit(code: int) -> str:
    """An exit status in words."""
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        hint = ", often for want of memory" if name == "SIGKILL" else ""
        return f"it was ended by {name}{hint}"
    return f"it ended with exit code {code}"


def _environment() -> dict[str, str]:
    """The window's environment, less what slows imports down."""
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


Start = Callable[[Listener], WorkerLink]
