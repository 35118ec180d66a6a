"""The engine's way to the endpoints; what speaks HTTP is imported with the first job that goes there."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from studio.core.endpoint import Endpoint
from studio.core.events import Check, Event
from studio.core.jobs import TextJob

if TYPE_CHECKING:
    from studio.engine.remote.maker import RemoteMaker


class RemoteDoor:
    """Belongs to the engine thread; `send` is called from the maker's."""

    def __init__(self, send: Callable[[Event], None]) -> None:
        self._send = send
        self._endpoints: dict[str, Endpoint] = {}
        self._maker: RemoteMaker | None = None

    def use(self, endpoints: Mapping[str, Endpoint]) -> None:
        """The endpoints there are from now on, by path."""
        self._endpoints = dict(endpoints)
        if self._maker is not None:
            self._maker.use(self._endpoints)

    def run(self, job: TextJob) -> None:
        """Make this job's takes; its events come by `send` and end in JobEnd or Failed."""
        self._opened().run(job)

    def _opened(self) -> "RemoteMaker":
        if self._maker is None:
            from studio.engine.remote.maker import RemoteMaker

            self._maker = RemoteMaker(self._send)
            self._maker.use(self._endpoints)
        return self._maker

    def check(self, check: Check) -> None:
        """Try acts on an endpoint's model; its events come by `send` and end in Checked or Failed."""
        self._opened().check(check)

    def cancel(self, job_id: str) -> None:
        """Stop a job."""
        if self._maker is not None:
            self._maker.cancel(job_id)

    def close(self) -> None:
        """Stop everything; no thread is left."""
        maker, self._maker = self._maker, None
        if maker is not None:
            maker.close()
