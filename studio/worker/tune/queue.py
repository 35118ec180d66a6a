"""One run at a time: whose turn it is, told by locks that the system drops when a process dies."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from studio.core.detached import start_detached
from studio.core.tune_run import RunFolder, runs_in, state_of

_WAIT_S: Final = 5.0  # others hold a lock for an instant, to look or to steer; a runner for hours


@contextmanager
def holding(lock_file: Path, wait_s: float = _WAIT_S) -> Iterator[bool]:
    """Hold a lock inside the block; False when another process has it. Raises OSError."""
    lock = FileLock(lock_file, timeout=wait_s)
    try:
        lock.acquire(poll_interval=0.02)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def next_waiting(runs: Path) -> RunFolder | None:
    """The oldest run that waits and is not held back; only for whoever has the turn, or just gave it away."""
    return next((run for run in runs_in(runs) if is_waiting(run)), None)


def is_waiting(run: RunFolder) -> bool:
    """Whether a run that nobody works on is to be begun."""
    return run.settings_file.is_file() and run.want() != "pause" and state_of(run, held=False) == "waiting"


def start_next(runs: Path, models_file: Path | None) -> int | None:
    """Start the runner of the next waiting run, in a process of its own: the memory of this one is given back.

    To be called after the turn was given away: a run asked for until then saw a runner at work and started none.
    Its process id, None where nothing waits. Raises OSError.
    """
    following = next_waiting(runs)
    if following is None:
        return None
    models = ("--models", str(models_file)) if models_file is not None else ()
    command = (sys.executable, "-m", "studio.worker", "run", str(following.path), *models)
    return start_detached(command, following.log_file)
