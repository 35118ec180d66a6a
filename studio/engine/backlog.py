"""Writes that the disk refused, kept in order until it takes them."""

from collections import deque
from collections.abc import Callable
from typing import Any

from studio.core.errors import StudioError
from studio.project.store import Store

Work = Callable[[Store], Any]
REFUSALS = frozenset({"full", "io", "read_only"})  # what a disk may take back


def is_refusal(error: BaseException | None) -> bool:
    """The disk did not take it now and may take it later."""
    return isinstance(error, StudioError) and error.code in REFUSALS


class Backlog:
    """Lives on the engine's thread. A revision is never written before the one it grows from."""

    def __init__(self) -> None:
        self._waiting: deque[Work] = deque()

    def run(self, store: Store, work: Work) -> Any:
        """Do what is left over, then `work`; its result.

        A refusal (a full disk, a folder gone read-only) leaves `work` and all before it waiting; any other
        exception drops the piece that raised it, so that it cannot hold up what comes after.
        """
        self._waiting.append(work)
        result = None
        while self._waiting:
            try:
                result = self._waiting[0](store)
            except BaseException as error:
                if not is_refusal(error):
                    self._waiting.popleft()
                raise
            self._waiting.popleft()
        return result

    def __len__(self) -> int:
        return len(self._waiting)
