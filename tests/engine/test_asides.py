"""Looks and checks beside the queue: answered, stopped, broken, out of the way of jobs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.core.events import Check, Checked, Checking, Seen
from studio.engine.thread import EngineThread
from studio.engine.views import Limits, Problem
from tests.engine import conftest
from tests.engine.conftest import Bench

Start = Callable[..., Bench]
QUICK = Limits(cancel_kill_ms=100, quit_ms=500)
CHECK = Check(id="check", model="fake", frames=())


@pytest.fixture(autouse=True)
def _scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "FAKE", Path(__file__).with_name("aside_worker.py"))


class Aside:
    """What the engine said beside the queue."""

    def __init__(self, engine: EngineThread) -> None:
        self.seen: list[Seen] = []
        self.look_failed: list[Problem] = []
        self.checking: list[Checking] = []
        self.checked: list[Checked] = []
        self.check_failed: list[Problem] = []
        engine.looked.connect(self.seen.append)
        engine.look_failed.connect(self.look_failed.append)
        engine.checking.connect(self.checking.append)
        engine.checked.connect(self.checked.append)
        engine.check_failed.connect(self.check_failed.append)


def test_a_look_is_answered_and_makes_nothing(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("good")
    said = Aside(bench.engine)
    job = bench.job()
    bench.engine.look(job).result()
    qtbot.waitUntil(lambda: bool(said.seen))
    assert said.seen[0].job == job.id
    assert said.seen[0].parts[0].chars == len(job.prompt)
    assert bench.heard.takes == {}
    assert bench.heard.jobs == []


def test_a_look_that_fails_is_told_to_who_looked_and_no_one_else(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("unloadable")
    said = Aside(bench.engine)
    bench.engine.look(bench.job().changed(id="l")).result()
    qtbot.waitUntil(lambda: bool(said.look_failed))
    assert (said.look_failed[0].job, said.look_failed[0].what) == ("l", "There is no such model.")
    assert bench.heard.problems == []


def test_a_check_tells_how_far_it_is_and_what_came_of_it(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("good")
    said = Aside(bench.engine)
    bench.engine.check(CHECK).result()
    qtbot.waitUntil(lambda: bool(said.checked))
    assert [event.done for event in said.checking] == [0.0, 1.0]
    assert said.checked[0].acts[0].usable


def test_a_model_that_cannot_be_loaded_is_told_in_words(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("unloadable")
    said = Aside(bench.engine)
    bench.engine.check(CHECK).result()
    qtbot.waitUntil(lambda: bool(said.check_failed))
    assert said.check_failed == bench.heard.problems
    assert said.check_failed[0].what == "There is no such model."


def test_a_worker_that_dies_during_a_check_is_told_and_replaced(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("crash")
    said = Aside(bench.engine)
    bench.engine.check(CHECK).result()
    qtbot.waitUntil(lambda: bool(said.check_failed))
    problem = said.check_failed[0]
    assert problem.job == "check"
    assert "exit code 9" in problem.what
    assert problem.kept and problem.do
    assert bench.heard.problems == [problem]
    bench.engine.look(bench.job()).result()
    qtbot.waitUntil(lambda: bool(said.seen))


def test_a_stopped_check_tells_what_was_tried_through(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("slow")
    said = Aside(bench.engine)
    bench.engine.check(CHECK).result()
    qtbot.waitUntil(lambda: bool(said.checking))
    bench.engine.cancel("check").result()
    qtbot.waitUntil(lambda: bool(said.checked))
    assert said.checked[0].acts == ()
    assert said.check_failed == []


def test_a_job_that_comes_during_a_check_is_done_first(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("slow")
    said = Aside(bench.engine)
    bench.engine.check(CHECK).result()
    qtbot.waitUntil(lambda: bool(said.checking))
    job = bench.job()
    bench.engine.submit(job).result()
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    assert bench.heard.states(job.id)[-1] == "done"
    assert said.checked == []
    bench.engine.cancel("check").result()
    qtbot.waitUntil(lambda: bool(said.checked))


def test_a_stop_that_is_not_heard_is_enforced(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("deaf", QUICK)
    said = Aside(bench.engine)
    bench.engine.check(CHECK).result()
    qtbot.waitUntil(lambda: bool(said.checking))
    pid = bench.engine.worker_pid()
    bench.engine.cancel("check").result()
    qtbot.waitUntil(lambda: bool(said.checked))
    assert said.checked[0].acts == ()
    assert bench.heard.problems == []
    qtbot.waitUntil(lambda: bench.engine.worker_pid() != pid)


def test_another_worker_in_its_place_is_asked_the_same(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("slow")
    said = Aside(bench.engine)
    bench.engine.check(CHECK).result()
    qtbot.waitUntil(lambda: bool(said.checking))
    bench.engine._engine.call(lambda engine: engine.supervisor.restart()).result()
    qtbot.waitUntil(lambda: len(said.checking) == 2)
    assert said.check_failed == []
    bench.engine.cancel("check").result()
    qtbot.waitUntil(lambda: bool(said.checked))


@pytest.mark.parametrize("mode", ["slow", "deaf"])
def test_closing_during_a_check_leaves_nothing_behind(engine_with: Start, qtbot: QtBot, mode: str) -> None:
    bench = engine_with(mode, QUICK)
    said = Aside(bench.engine)
    bench.engine.check(CHECK).result()
    qtbot.waitUntil(lambda: bool(said.checking))
    assert bench.engine.stop()
    assert bench.engine.worker_pid() is None


def test_a_worker_that_does_not_start_fails_looks_and_checks(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("unborn", Limits(early_deaths=1))
    said = Aside(bench.engine)
    bench.engine.check(CHECK).result()
    qtbot.waitUntil(lambda: bool(said.check_failed))
    qtbot.waitUntil(lambda: bench.engine.worker_phase() == "broken")
    bench.engine.look(bench.job()).result()
    qtbot.waitUntil(lambda: bool(said.look_failed))
    assert bench.engine.worker_phase() == "broken"  # a look does not start it anew


def test_what_runs_elsewhere_is_not_looked_into(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("good")
    said = Aside(bench.engine)
    model = "remote:story"
    bench.engine.look(bench.job().changed(model=model)).result()
    bench.engine.check(Check(id="check", model=model, frames=())).result()
    qtbot.waitUntil(lambda: bool(said.look_failed) and bool(said.check_failed))
    assert bench.engine.worker_pid() is None
