"""Things that wait, as coroutines with a cancel, on the window's qasync loop.

asyncio takes a tenth of the window's start-up to import, so it is read when the first of them begins.
"""

import logging
import traceback
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from studio.core.errors import StudioError
from studio.engine.views import Problem

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")
log = logging.getLogger(__name__)


class Tasks:
    """Owns every running coroutine of the window; nothing is lost silently."""

    def __init__(self, on_problem: Callable[[Problem], None]) -> None:
        self._on_problem = on_problem
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Run it; its errors are shown to the person. The task may be cancelled."""
        import asyncio

        task = asyncio.get_event_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def cancel_all(self) -> None:
        """Cancel whatever still runs."""
        for task in list(self._running):
            task.cancel()

    async def drain(self) -> None:
        """Wait until all have ended (after `cancel_all`)."""
        import asyncio

        await asyncio.gather(*self._running, return_exceptions=True)

    @property
    def busy(self) -> bool:
        """True while something runs."""
        return bool(self._running)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._on_problem(problem_of(error))


async def done(future: "Future[T]") -> T:
    """Wait for the engine."""
    import asyncio

    return await asyncio.wrap_future(future)


async def in_thread(work: Callable[..., T], *arguments: Any) -> T:
    """Wait for something that would hold up the window."""
    import asyncio

    return await asyncio.to_thread(work, *arguments)


def problem_of(error: BaseException) -> Problem:
    """An exception in words; a bug goes to the log with its traceback."""
    details = "".join(traceback.format_exception(error))
    if isinstance(error, StudioError):
        return Problem.of(error, details=details)
    log.error("a bug: %s", details)
    return Problem(
        what=f"Atelier made a mistake: {error}.",
        kept="Everything saved before it is safe.",
        do="If it happens again, please report it with the details.",
        details=details,
    )
