"""Jobs for endpoints in the engine's queue: recorded, stopped, retried, untouched by the worker's fate."""

from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from studio.core.endpoint import Endpoint
from studio.core.jobs import TextJob
from studio.project.reader import Reader
from tests.engine.conftest import Bench, engine_with
from tests.engine.remote.server import WORDS, Answer, Handler, Server, good

__all__ = ["engine_with"]
TEXT = "".join(WORDS)
Start = Callable[..., Bench]


def slow(handler: Handler, said: dict[str, Any]) -> None:
    """One word, then nothing until the test is over."""
    handler.begin()
    handler.piece(" the old")
    handler.server.go_on.wait(20)


class Far(Bench):
    """A bench whose jobs go to a server."""

    def __init__(self, bench: Bench, server: Server) -> None:
        self.engine, self.folder, self.work, self.heard = bench.engine, bench.folder, bench.work, bench.heard
        self.server = server
        endpoint = Endpoint(id="e", title="Here", url=server.url, model="tiny")
        self.engine.use_endpoints({endpoint.path: endpoint}).result()

    def job(self, takes: int = 2, seed: int = 1) -> TextJob:
        return super().job(takes, seed).changed(model="remote:e")


@pytest.fixture
def far(engine_with: Start) -> Iterator[Callable[..., Far]]:
    servers: list[Server] = []

    def start(answer: Answer = good, mode: str = "good") -> Far:
        servers.append(Server(answer))
        return Far(engine_with(mode), servers[-1])

    yield start
    for server in servers:
        server.close()


def test_takes_of_an_endpoint_are_recorded_with_their_recipe(far: Callable[..., Far], qtbot) -> None:
    bench = far()
    job = bench.job()
    bench.engine.submit(job)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    assert bench.heard.states(job.id) == ["waiting", "running", "done"]
    with Reader(bench.folder) as reader:
        takes = reader.takes_of(bench.work)
        assert [take.text for take in takes] == [TEXT] * 2
        made = takes[0].recipe.made
        assert made is not None
        assert (made.family, made.device) == ("tiny", bench.server.url)


def test_no_worker_is_started_for_an_endpoint(far: Callable[..., Far], qtbot) -> None:
    bench = far()
    job = bench.job()
    bench.engine.submit(job)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    assert bench.engine.worker_pid() is None


def test_a_stop_is_heard_and_the_next_job_begins(far: Callable[..., Far], qtbot) -> None:
    bench = far(slow)
    job = bench.job()
    bench.engine.submit(job)
    qtbot.waitUntil(lambda: len(bench.heard.streamed) == 2)
    bench.server.answer = good
    after = bench.job()
    bench.engine.submit(after)
    bench.engine.cancel(job.id)
    qtbot.waitUntil(lambda: bench.heard.ended(after.id))
    assert bench.heard.states(job.id)[-1] == "stopped"
    assert bench.heard.states(after.id)[-1] == "done"
    stopped = [take for take in bench.heard.takes.values() if take.job == job.id]
    assert [(take.text, take.status) for take in stopped] == [(" the old", "stopped")] * 2


def test_the_worker_s_death_does_not_touch_an_endpoint_s_job(far: Callable[..., Far], qtbot) -> None:
    bench = far(slow)
    bench.engine.start_worker("fake").result()
    job = bench.job()
    bench.engine.submit(job)
    qtbot.waitUntil(lambda: len(bench.heard.streamed) == 2)
    pid = bench.engine.worker_pid()
    psutil.Process(pid).kill()
    qtbot.waitUntil(lambda: bench.engine.worker_pid() not in (None, pid))
    assert bench.heard.states(job.id)[-1] == "running"
    bench.engine.cancel(job.id)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))


def test_closing_the_project_stops_the_stream_and_keeps_it(far: Callable[..., Far], qtbot) -> None:
    bench = far(slow)
    job = bench.job()
    bench.engine.submit(job)
    qtbot.waitUntil(lambda: len(bench.heard.streamed) == 2)
    bench.engine.close_project().result()
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    with Reader(bench.folder) as reader:
        assert [take.text for take in reader.takes_of(bench.work)] == [" the old"] * 2


def test_a_failed_job_can_be_retried_when_the_server_is_well(far: Callable[..., Far], qtbot) -> None:
    bench = far(lambda handler, said: handler.reply(500, {"error": "broken"}))
    job = bench.job()
    bench.engine.submit(job)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    assert bench.heard.states(job.id)[-1] == "failed"
    qtbot.waitUntil(lambda: bool(bench.heard.problems))
    assert "broken" in bench.heard.problems[0].what
    bench.server.answer = good
    bench.engine.retry(job.id)
    qtbot.waitUntil(lambda: bench.heard.states(job.id)[-1] == "done")


def test_a_window_without_endpoints_never_loads_http() -> None:
    import subprocess
    import sys

    code = "import sys, studio.app.main, studio.engine.thread; print('httpx2' in sys.modules, 'keyring' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "False"]
