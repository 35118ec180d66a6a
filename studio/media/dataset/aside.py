"""Runs a piece of work in a thread of its own, so that a wish to stop is heard whatever the work is doing."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from threading import Event
from typing import Final, TypeVar

from studio.core.errors import StoppedError
from studio.media.dataset.found import Stopped

_POLL_S: Final = 0.05
Result = TypeVar("Result")


def aside(work: Callable[[Stopped], Result], stopped: Stopped) -> Result:
    """What `work` gives back; it is handed a `Stopped` of its own to ask now and then.

    Raises StoppedError as soon as `stopped` says so; the work then ends by itself, at the next time that it asks.
    """
    ended = Event()
    pool = ThreadPoolExecutor(1, "aside")
    try:
        return waited(pool.submit(work, lambda: ended.is_set() or stopped()), stopped)
    finally:
        ended.set()
        pool.shutdown(wait=False, cancel_futures=True)


def waited(future: "Future[Result]", stopped: Stopped) -> Result:
    """The result of a future, or what it raised. Raises StoppedError as soon as `stopped` says so."""
    while True:
        if stopped():
            raise StoppedError("Stopped.", kept="Nothing was changed.")
        try:
            future.exception(timeout=_POLL_S)
        except NotYet:
            continue
        return future.result()
