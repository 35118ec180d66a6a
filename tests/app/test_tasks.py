"""Coroutines of the window: errors are shown, bugs are also logged, cancelling is quiet."""

import asyncio
import logging

import pytest
from qasync import QEventLoop

from studio.app.tasks import Tasks, problem_of
from studio.core.errors import StudioError
from studio.engine.views import Problem


class Kept:
    """Tasks and the problems they told."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.tasks = Tasks(self.problems.append)


@pytest.fixture
def kept(loop: QEventLoop) -> Kept:
    return Kept()


def test_a_users_error_is_shown_in_its_own_words(kept: Kept, qtbot, caplog) -> None:
    async def fails() -> None:
        raise StudioError("The disk is full.", kept="Nothing is lost.", do="Make room.")

    kept.tasks.start(fails())
    assert kept.tasks.busy
    qtbot.waitUntil(lambda: not kept.tasks.busy)
    (problem,) = kept.problems
    assert (problem.what, problem.kept, problem.do) == ("The disk is full.", "Nothing is lost.", "Make room.")
    assert "fails" in problem.details
    assert not caplog.records


def test_a_bug_is_shown_and_logged_with_its_traceback(kept: Kept, qtbot, caplog) -> None:
    async def stumbles() -> None:
        raise ZeroDivisionError("by zero")

    with caplog.at_level(logging.ERROR):
        kept.tasks.start(stumbles())
        qtbot.waitUntil(lambda: not kept.tasks.busy)
    (problem,) = kept.problems
    assert "by zero" in problem.what and problem.kept and problem.do
    assert "stumbles" in problem.details and "ZeroDivisionError" in problem.details
    assert "stumbles" in caplog.text


def test_cancelling_ends_all_and_says_nothing(kept: Kept, qtbot, caplog) -> None:
    cleaned: list[int] = []

    async def waits(number: int) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            cleaned.append(number)

    tasks = [kept.tasks.start(waits(number)) for number in range(3)]
    qtbot.wait(1)
    kept.tasks.cancel_all()
    qtbot.waitUntil(lambda: not kept.tasks.busy)
    assert all(task.cancelled() for task in tasks)
    assert sorted(cleaned) == [0, 1, 2] and kept.problems == [] and not caplog.records


def test_a_good_end_says_nothing_and_gives_the_result(kept: Kept, qtbot) -> None:
    async def works() -> int:
        return 7

    task = kept.tasks.start(works())
    qtbot.waitUntil(lambda: not kept.tasks.busy)
    assert task.result() == 7 and kept.problems == []


def test_one_failure_leaves_the_others_running(kept: Kept, qtbot) -> None:
    async def fails() -> None:
        raise StudioError("No.")

    async def waits() -> None:
        await asyncio.get_running_loop().create_future()

    other = kept.tasks.start(waits())
    kept.tasks.start(fails())
    qtbot.waitUntil(lambda: bool(kept.problems))
    assert kept.tasks.busy and not other.done()
    kept.tasks.cancel_all()
    qtbot.waitUntil(lambda: not kept.tasks.busy)


def test_words_of_a_problem_carry_the_job_of_none() -> None:
    assert problem_of(StudioError("No.")).job == ""
