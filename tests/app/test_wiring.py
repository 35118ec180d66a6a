"""The window as a whole on a scripted worker: takes find their text, and nothing is left behind."""

import threading
from pathlib import Path

import psutil
import pytest
from PySide6.QtTest import QTest

from studio.app.lineage import START
from studio.engine.views import Problem, WorkerView
from studio.project.reader import Reader
from tests.app.conftest import Scripted, text_of

TEXT = " the{0} fox{0} ran{0} into{0} the{0} wood{0} and{0} sang{0}"


def test_takes_come_side_by_side_and_the_accepted_one_joins_the_text(person: Scripted) -> None:
    person.types("Once")
    takes = person.proposes()
    assert [take.text for take in takes] == [TEXT.format(i) for i in range(3)]
    person.does("take.accept")
    assert person.text == "Once" + TEXT.format(0)
    person.saved()
    with Reader(person.session.folder) as reader:
        assert reader.text_of(person.wiring.text.work).text == person.text


def test_an_accepted_take_goes_where_it_was_asked_for_though_the_text_has_changed(person: Scripted) -> None:
    person.types("Once upon")
    person.proposes()
    person.pane.editor.set_caret(0)
    person.types("Hm. ")
    person.does("take.accept")
    assert person.text == "Hm. Once upon" + TEXT.format(0)


def test_an_accepted_take_after_its_place_was_undone_still_fits(person: Scripted) -> None:
    person.types("Once")
    person.saved()
    person.types(" upon a time")
    person.proposes()
    for _ in range(3):
        person.does("edit.undo")
    assert person.text == ""
    person.does("take.accept")
    assert person.text == TEXT.format(0)
    person.saved()


def test_takes_that_end_while_another_text_is_shown_are_found_when_it_is_opened(scripted) -> None:
    person: Scripted = scripted("slow")
    person.types("Once")
    first = person.wiring.text.work
    person.does("take.propose")
    person.streams()
    person.does("work.scene")
    assert person.pane.strip.take_ids() == [] and not person.wiring.text.running
    (job,) = (view.job.id for view in person.wiring.queue.active())
    person.wiring.engine.cancel(job)
    person.sees(lambda: not person.wiring.queue.active())
    assert person.pane.strip.take_ids() == [] and person.wiring.text.takes == {}
    person.desk.choose(first)
    strip = person.pane.strip
    assert [text_of(strip, take) for take in strip.take_ids()] == [f" the{i} fox{i} ran{i}" for i in range(3)]
    assert {take.status for take in person.wiring.text.takes.values()} == {"stopped"}


def test_regenerate_in_another_text_asks_for_that_text(person: Scripted) -> None:
    person.types("Once")
    person.proposes()
    person.does("work.scene")
    person.types("Two dogs")
    (take, *_) = person.proposes("take.regenerate")
    assert (take.work, take.recipe.job.prompt) == (person.wiring.text.work, "Two dogs")


def test_two_quick_proposals_are_both_made_one_after_the_other(person: Scripted) -> None:
    person.types("Once")
    person.does("take.propose")
    person.does("take.propose")
    person.sees(lambda: len(person.wiring.text.takes) == 6 and not person.wiring.text.running)
    jobs = {take.job for take in person.wiring.text.takes.values()}
    assert len(jobs) == 2 and {take.status for take in person.wiring.text.takes.values()} == {"done"}
    shown = {person.wiring.text.takes[take].job for take in person.pane.strip.take_ids()}
    assert shown == {max(jobs)}


def test_stop_stops_all_that_runs_and_waits_for_this_text_only(scripted) -> None:
    person: Scripted = scripted("slow")
    person.types("Once")
    once = person.wiring.text.work
    person.does("take.propose")
    person.does("work.scene")
    person.types("Two")
    person.does("take.propose")
    person.does("take.propose")
    person.sees(lambda: len(person.wiring.queue.active()) == 3)
    person.sees(lambda: len(person.session.reader.takes_of(once)) == 3)
    person.qtbot.wait(1)
    assert person.wiring.text.takes == {}, "takes of another text"
    person.does("take.stop")
    person.sees(lambda: len(person.wiring.queue.active()) == 1)
    assert not person.wiring.text.running
    assert person.wiring.queue.active()[0].job.prompt == "Once"


def test_a_project_left_while_a_job_runs_keeps_what_had_streamed(scripted, tmp_path: Path) -> None:
    person: Scripted = scripted("slow")
    person.types("Once")
    work, folder = person.wiring.text.work, person.session.folder
    person.does("take.propose")
    person.streams()
    person.waits_for(person.desk.new())
    assert person.pane.strip.take_ids() == [] and not person.wiring.text.running
    assert not person.pane.prompt.is_running()
    with Reader(folder) as reader:
        takes = reader.takes_of(work)
        assert [(take.status, take.text) for take in takes] == [
            ("stopped", f" the{i} fox{i} ran{i}") for i in range(3)
        ]


def test_a_model_that_cannot_be_used_is_told_and_nothing_is_queued(person: Scripted, starter: Path) -> None:
    person.wiring.models._cards.clear()
    person.does("take.propose")
    assert person.told and not person.wiring.queue.active() and not person.wiring.text.running


def test_a_worker_that_dies_is_told_and_the_text_stays(scripted) -> None:
    person: Scripted = scripted("crash")
    person.types("Once")
    person.does("take.propose")
    person.sees(lambda: bool(person.told))
    assert "exit code 9" in person.told and "safe" in person.told
    person.sees(lambda: not person.wiring.text.running)
    assert person.text == "Once"


def test_the_lineage_shows_the_work_that_is_open_and_leads_back(person: Scripted) -> None:
    person.types("Once")
    takes = person.proposes()
    shown: list[list[str]] = []
    person.window.lineage.set_nodes = lambda nodes: shown.append([node.id for node in nodes])
    person.does("take.accept")
    person.sees(lambda: bool(shown))
    assert shown[-1][0] == START and {take.id for take in takes[1:]} < set(shown[-1])
    person.window.lineage.branch_requested.emit(takes[1].id)
    assert person.text == "Once" and person.pane.chosen_take() == takes[1].id
    person.window.lineage.branch_requested.emit(START)
    assert person.text == ""
    person.does("work.scene")
    count = len(shown)
    person.sees(lambda: len(shown) > count)
    assert shown[-1] == [START]


@pytest.mark.parametrize(
    ("phase", "shown"),
    [("starting", True), ("loading", True), ("broken", True), ("ready", False), ("off", False)],
)
def test_how_the_worker_is_stands_below_the_text_while_it_matters(
    person: Scripted, phase: str, shown: bool
) -> None:
    person.wiring.engine.worker_changed.emit(WorkerView(phase=phase, detail="So it is."))
    assert person.window._worker_label.text() == "So it is."
    assert ("So it is." in person.pane.prompt.notice.text()) is shown


def test_a_problem_is_told_with_all_it_has(person: Scripted) -> None:
    person.wiring.engine.problem.emit(
        Problem(what="It broke.", kept="All is kept.", do="Wait.", details="at 7")
    )
    assert person.told == "It broke. All is kept. Wait."


def test_closing_while_a_job_streams_leaves_no_process_thread_or_lock(scripted) -> None:
    person: Scripted = scripted("slow")
    person.types("Once")
    person.does("take.propose")
    person.streams()
    person.types(" more")
    pid, folder, work = person.wiring.engine.worker_pid(), person.session.folder, person.wiring.text.work
    assert person.window.close()
    assert not psutil.pid_exists(pid) and person.wiring.engine.isFinished()
    assert "worker-reader" not in {thread.name for thread in threading.enumerate()}
    assert not (folder / "lock").exists() and person.desk.session is None
    with Reader(folder) as reader:
        assert reader.text_of(work).text == "Once more"
        assert {take.status for take in reader.takes_of(work)} == {"stopped"}


def test_closing_twice_and_with_a_coroutine_that_waits_is_quiet(person: Scripted, loop) -> None:
    ended: list[bool] = []
    person.wiring.ended.connect(lambda: ended.append(True))

    async def waits() -> None:
        await loop.create_future()

    task = person.wiring.tasks.start(waits())
    person.window.close()
    person.sees(task.cancelled)
    person.wiring.close()
    person.sees(lambda: not person.wiring.tasks.busy)
    assert ended


def test_the_layout_is_the_same_at_the_next_launch(scripted) -> None:
    person: Scripted = scripted()
    for action in ("view.lineage", "view.authors"):
        assert person.window.actions_by_id[action].isChecked()
        person.does(action)
    person.does("view.focus")
    assert not person.window.works.isVisible()
    person.window.close()
    again: Scripted = scripted()
    assert again.window.works.isVisible() and not again.window.lineage.isVisible()
    assert not again.window.actions_by_id["view.lineage"].isChecked()
    assert not again.window.actions_by_id["view.authors"].isChecked()
    QTest.keyClicks(again.pane.editor, "a")
    assert again.text == "a"
