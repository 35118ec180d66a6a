"""The queue's order and what its buttons ask of the engine."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from studio.app.queue_desk import FINISHED_SHOWN, QueueDesk
from studio.core.jobs import ImageJob, TextJob
from studio.core.pictures import Inpaint, Upscale
from studio.engine.views import JobState, JobView
from studio.widgets.queue_view import QueueView
from tests.app.conftest import Scripted
from tests.engine.conftest import Bench


class Asked(QObject):
    """An engine that only notes what it is asked."""

    job_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[object, ...]] = []

    def cancel(self, job_id: str) -> None:
        self.calls.append(("cancel", job_id))

    def retry(self, job_id: str) -> None:
        self.calls.append(("retry", job_id))

    def move(self, job_id: str, before: str | None) -> None:
        self.calls.append(("move", job_id, before))


class Shown:
    """A queue view, its desk and the engine behind it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.view, self.engine = QueueView(), Asked()
        qtbot.addWidget(self.view)
        self.titles = {"w": "Scene 1"}
        self.desk = QueueDesk(self.view, self.engine, lambda work: self.titles.get(work, ""), self.view)

    def says(self, name: str, state: JobState, place: int = 0, **more: object) -> None:
        """The engine tells of a job."""
        job = TextJob(id=name, work="w", prompt="Once", model="m", seed=1)
        self.engine.job_changed.emit(JobView(job=job, state=state, place=place, **more))

    def order(self) -> str:
        """The ids shown, first to last."""
        return "".join(self.view._rows)


@pytest.fixture
def shown(qtbot: QtBot) -> Iterator[Shown]:
    return Shown(qtbot)


def test_running_then_waiting_in_their_places_then_finished_newest_first(shown: Shown) -> None:
    shown.says("a", "done")
    shown.says("b", "failed")
    shown.says("c", "waiting", 2)
    shown.says("d", "waiting", 1)
    shown.says("e", "running")
    assert shown.order() == "edcba"
    shown.says("e", "stopping")
    assert shown.order() == "edcba"


def test_a_job_that_ends_goes_below_those_that_wait(shown: Shown) -> None:
    shown.says("a", "running")
    shown.says("b", "waiting", 1)
    assert shown.order() == "ab"
    shown.says("a", "done")
    assert shown.order() == "ba"
    assert [view.job.id for view in shown.desk.active()] == ["b"]


@pytest.mark.parametrize(
    ("job", "delta", "asked"),
    [
        ("a", 1, [("move", "a", "c")]),
        ("b", -1, [("move", "b", "a")]),
        ("b", 1, [("move", "b", None)]),
        ("c", -1, [("move", "c", "b")]),
        ("a", -1, []),
        ("c", 1, []),
        ("r", 1, []),
        ("f", -1, []),
    ],
)
def test_sooner_and_later_ask_for_the_right_neighbour(
    shown: Shown, job: str, delta: int, asked: list[tuple[object, ...]]
) -> None:
    shown.says("r", "running")
    shown.says("f", "failed")
    for place, name in enumerate("abc", 1):
        shown.says(name, "waiting", place)
    shown.view.move_requested.emit(job, delta)
    assert shown.engine.calls == asked


def test_buttons_reach_the_engine(shown: Shown) -> None:
    shown.view.cancel_requested.emit("a")
    shown.view.retry_requested.emit("b")
    assert shown.engine.calls == [("cancel", "a"), ("retry", "b")]


def test_clear_takes_off_what_ended_and_nothing_else(shown: Shown) -> None:
    for name, state in zip("abcde", ("done", "failed", "stopped", "waiting", "running"), strict=True):
        shown.says(name, state)
    shown.view.clear_button.click()
    assert shown.order() == "ed"
    shown.says("e", "done")
    assert shown.order() == "de"


def test_reset_forgets_everything(shown: Shown) -> None:
    shown.says("a", "running")
    shown.desk.reset()
    assert shown.order() == "" and not shown.desk.active()


def test_only_so_many_finished_jobs_are_shown_the_newest(shown: Shown) -> None:
    for number in range(FINISHED_SHOWN + 5):
        shown.says(f"{number} ", "done")
    ids = list(shown.view._rows)
    assert len(ids) == FINISHED_SHOWN and ids[0] == f"{FINISHED_SHOWN + 4} "


def test_a_row_says_how_a_job_goes(shown: Shown) -> None:
    shown.says("a", "running", done=0.25, seconds=2.0, rate=41.6)
    row = shown.view._rows["a"]
    assert row.title == "Continue “Scene 1” · 3 takes"
    assert (row.state, row.progress, row.rate, row.time) == ("running", 0.25, "42 tokens/s", "6 s left")
    shown.says("a", "stopping", done=0.5, seconds=2.0)
    assert (shown.view._rows["a"].state, shown.view._rows["a"].time) == ("running", "stopping…")
    shown.says("a", "failed", seconds=2.25, error="out of memory")
    row = shown.view._rows["a"]
    assert (row.state, row.progress, row.time, row.detail) == ("failed", None, "2.2 s", "out of memory")


def test_a_running_job_without_progress_promises_no_time(shown: Shown) -> None:
    shown.says("a", "running", done=0.0, seconds=3.0)
    assert (shown.view._rows["a"].progress, shown.view._rows["a"].time) == (None, "")


def test_moving_reorders_what_the_engine_will_do(engine_with, qtbot: QtBot) -> None:
    bench: Bench = engine_with("slow")
    view = QueueView()
    qtbot.addWidget(view)
    desk = QueueDesk(view, bench.engine, lambda _work: "Scene", view)
    jobs = [bench.job() for _ in range(4)]
    for job in jobs:
        bench.engine.submit(job)
    running, first, second, third = (job.id for job in jobs)
    qtbot.waitUntil(lambda: list(view._rows) == [running, first, second, third])
    view.move_requested.emit(third, -1)
    qtbot.waitUntil(lambda: list(view._rows) == [running, first, third, second])
    view.move_requested.emit(first, 1)
    qtbot.waitUntil(lambda: list(view._rows) == [running, third, first, second])
    assert len(desk.active()) == 4
    view.cancel_requested.emit(third)
    qtbot.waitUntil(lambda: view._rows[third].state == "stopped")
    assert list(view._rows)[:3] == [running, first, second]


def test_a_failed_job_can_be_tried_again_from_the_queue(scripted) -> None:
    person: Scripted = scripted("crash")
    person.types("Once")
    person.does("take.propose")
    rows = person.window.queue._rows
    person.sees(lambda: [row.state for row in person.window.queue._rows.values()] == ["failed"])
    (job,) = person.window.queue._rows
    assert "exit code 9" in person.window.queue._rows[job].detail and rows is not None
    person.window.queue.retry_requested.emit(job)
    person.sees(lambda: len(person.wiring.text.takes) == 6 and not person.wiring.text.running)
    assert {take.status for take in person.wiring.text.takes.values()} == {"failed"}


@pytest.mark.parametrize(
    ("mode", "state", "more", "title", "rate"),
    [
        (
            "text",
            "running",
            {"step": 7, "steps": 20, "rate": 4.25},
            "Picture “Scene 1” · 4 takes, step 7 of 20",
            "4.2 steps/s",
        ),
        ("text", "stopping", {"step": 7, "steps": 20}, "Picture “Scene 1” · 4 takes, step 7 of 20", ""),
        ("text", "running", {"step": 0, "steps": 20}, "Picture “Scene 1” · 4 takes", ""),
        ("text", "waiting", {}, "Picture “Scene 1” · 4 takes", ""),
        (
            "inpaint",
            "done",
            {"step": 20, "steps": 20, "rate": 41.6},
            "Redraw a part of “Scene 1” · 4 takes",
            "42 steps/s",
        ),
        ("upscale", "failed", {"step": 3, "steps": 20}, "Enlarge “Scene 1” · 4 takes", ""),
    ],
)
def test_a_row_of_a_picture_counts_steps(
    shown: Shown, mode: str, state: JobState, more: dict[str, float], title: str, rate: str
) -> None:
    job = ImageJob(
        id="p",
        work="w",
        mode=mode,
        prompt="a fox",
        model="m",
        seed=1,
        init="" if mode == "text" else "ab",
        inpaint=Inpaint(mask="cd") if mode == "inpaint" else None,
        upscale=Upscale() if mode == "upscale" else None,
    )
    shown.engine.job_changed.emit(JobView(job=job, state=state, **more))
    row = shown.view._rows["p"]
    assert (row.title, row.rate) == (title, rate)
