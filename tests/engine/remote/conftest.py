"""Servers, endpoints and a maker that are ended with the test."""

import queue
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from studio.core.endpoint import Endpoint
from studio.core.events import Event, Failed, JobEnd
from studio.core.jobs import TextJob
from studio.engine.remote.maker import RemoteMaker
from studio.engine.remote.stream import Patience
from tests.engine.remote.server import Answer, Server, good

QUICK = Patience(connect_s=2.0, first_s=1.5, between_s=0.5, busy_s=(0.01, 0.01), longest_busy_s=0.05)
PATIENT_S = 20.0


class Asking:
    """Sends jobs to one server and hears the events."""

    def __init__(self, server: Server, patience: Patience, **endpoint: Any) -> None:
        self.server = server
        self.endpoint = Endpoint(
            **{"id": "e1", "title": "Here", "url": server.url, "model": "tiny", **endpoint}
        )
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.heard: list[Event] = []
        self.maker = RemoteMaker(self._events.put, patience)
        self.maker.use({self.endpoint.path: self.endpoint})

    def job(self, **values: Any) -> TextJob:
        said = {"id": "j1", "prompt": "Once upon a time", "model": self.endpoint.path, "seed": 7, "takes": 1}
        return TextJob(**(said | values))

    def ask(self, **values: Any) -> list[Event]:
        """All events of a job."""
        self.maker.run(self.job(**values))
        return self.hear(lambda event: isinstance(event, JobEnd | Failed))

    def hear(self, last: Callable[[Event], bool]) -> list[Event]:
        """Events until one is the wanted one."""
        while True:
            event = self._events.get(timeout=PATIENT_S)
            self.heard.append(event)
            if last(event):
                return self.heard


@pytest.fixture
def asking() -> Iterator[Callable[..., Asking]]:
    """asking(answer, **endpoint) starts a server that answers so, and a maker that knows it."""
    opened: list[Asking] = []

    def start(answer: Answer = good, patience: Patience = QUICK, **endpoint: Any) -> Asking:
        opened.append(Asking(Server(answer), patience, **endpoint))
        return opened[-1]

    yield start
    for one in opened:
        one.maker.close()
        one.server.close()
