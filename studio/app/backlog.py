"""Writes that the disk refused, kept in order until it takes them."""

from collections import deque
from collections.abc import Callable
from typing import Any

from studio.core.errors import StudioError
from studio.project.store import Store

Work = Callable[[Store], Any]


class Backlog:
    """Lives on the engine's thread. A revision is never written before the one it grows from."""

    def __init__(self) -> None:
        self._waiting: deque[Work] = deque()

    def run(self, store: Store, work: Work) -> Any:
        """Do what is left over, then `work`; its result.

        A StudioError (a full disk, a folder gone read-only) leaves `work` and all before it waiting; any
        other exception is a bug and drops the piece that raised it.
        """
        self._waiting.append(work)
        result = None
        while self._waiting:
            try:
                result = self._waiting[0](store)
            except StudioError:
                raise
            except BaseException:
                self._waiting.popleft()
                raise
            self._waiting.popleft()
        return result

    def __len__(self) -> int:
        return len(self._waiting)
