"""How much notes surprise a model, asked beside the queue: the latest request is answered, whatever happens."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.core.events import Seen, Weigh, Weighed, Weight
from studio.engine.thread import EngineThread
from studio.engine.views import Limits, Problem
from tests.engine import conftest
from tests.engine.conftest import Bench

Start = Callable[..., Bench]


def asked(weigh_id: str, model: str = "fake") -> Weigh:
    return Weigh(id=weigh_id, model=model, score=b"", tracks=("t1",))


@pytest.fixture(autouse=True)
def _scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "FAKE", Path(__file__).with_name("aside_worker.py"))


class Said:
    """What the engine answered."""

    def __init__(self, engine: EngineThread) -> None:
        self.weighed: list[Weighed] = []
        self.failed: list[Problem] = []
        engine.weighed.connect(self.weighed.append)
        engine.weigh_failed.connect(self.failed.append)


def test_notes_are_weighed_and_nothing_is_made(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("good")
    said = Said(bench.engine)
    bench.engine.weigh(asked("w")).result()
    qtbot.waitUntil(lambda: bool(said.weighed))
    assert said.weighed == [Weighed(id="w", model="fake", tracks={"t1": (Weight(0, 60, 2.5),)})]
    assert bench.heard.jobs == []


def test_a_newer_request_takes_the_place_of_an_older_one(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("slow")
    said = Said(bench.engine)
    for weigh_id in ("one", "two", "three"):
        bench.engine.weigh(asked(weigh_id)).result()
    bench.engine.submit(bench.job()).result()
    qtbot.waitUntil(lambda: bool(said.weighed))
    assert [answer.id for answer in said.weighed] == ["three"]
    assert said.failed == []


def test_an_answer_to_an_older_request_is_passed_over(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("good")
    said = Said(bench.engine)

    def both(engine: object) -> None:  # before the worker can answer the first
        bench.engine._engine.asides.weighings.ask(asked("old"))
        bench.engine._engine.asides.weighings.ask(asked("new"))

    bench.engine._engine.call(both).result()
    qtbot.waitUntil(lambda: bool(said.weighed))
    assert [answer.id for answer in said.weighed] == ["new"]


def test_a_job_that_comes_meanwhile_is_done_first(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("slow")
    said = Said(bench.engine)
    bench.engine.weigh(asked("w")).result()
    job = bench.job()
    bench.engine.submit(job).result()
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    assert bench.heard.states(job.id)[-1] == "done"
    qtbot.waitUntil(lambda: bool(said.weighed))


def test_a_model_that_cannot_be_loaded_is_told_to_who_asked_alone(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("unloadable")
    said = Said(bench.engine)
    bench.engine.weigh(asked("w")).result()
    qtbot.waitUntil(lambda: bool(said.failed))
    assert (said.failed[0].job, said.failed[0].what) == ("w", "There is no such model.")
    assert bench.heard.problems == []
    assert bench.engine.worker_phase() == "failed"


def test_a_worker_that_dies_is_told_and_the_next_one_answers(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("crash", Limits(early_deaths=5))
    said = Said(bench.engine)
    bench.engine.weigh(asked("old")).result()
    bench.engine.weigh(asked("w")).result()
    qtbot.waitUntil(lambda: bool(said.failed))
    assert [problem.job for problem in said.failed] == ["w"]
    assert "exit code 9" in said.failed[0].what
    assert said.failed[0].kept
    seen: list[Seen] = []
    bench.engine.looked.connect(seen.append)
    bench.engine.look(bench.job()).result()
    qtbot.waitUntil(lambda: bool(seen))


def test_another_worker_in_its_place_is_asked_the_same(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("slow")
    said = Said(bench.engine)
    bench.engine.weigh(asked("w")).result()
    bench.engine._engine.call(lambda engine: engine.supervisor.restart()).result()
    bench.engine.submit(bench.job()).result()
    qtbot.waitUntil(lambda: bool(said.weighed))
    assert said.weighed[0].id == "w"
    assert said.failed == []


def test_a_worker_that_does_not_start_is_not_started_again_and_again(
    engine_with: Start, qtbot: QtBot
) -> None:
    bench = engine_with("unborn", Limits(early_deaths=1))
    said = Said(bench.engine)
    bench.engine.weigh(asked("one")).result()
    qtbot.waitUntil(lambda: bool(said.failed))
    qtbot.waitUntil(lambda: bench.heard.worker[-1:] != [] and bench.heard.worker[-1].phase == "broken")
    before = list(bench.heard.worker)
    bench.engine.weigh(asked("two")).result()
    qtbot.waitUntil(lambda: len(said.failed) == 2)
    assert said.failed[1].job == "two"
    assert bench.heard.worker == before


def test_a_model_that_runs_elsewhere_is_not_asked(engine_with: Start, qtbot: QtBot) -> None:
    bench = engine_with("good")
    said = Said(bench.engine)
    bench.engine.weigh(asked("w", "remote:song")).result()
    qtbot.waitUntil(lambda: bool(said.failed))
    assert said.failed[0].do
    assert bench.engine.worker_pid() is None
