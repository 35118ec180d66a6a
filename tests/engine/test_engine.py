"""Queue, supervision and recording, against workers that behave and workers that do not."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from studio.core.errors import StudioError
from studio.engine.views import Limits
from studio.project.reader import Reader
from tests.engine.conftest import Bench

Start = Callable[..., Bench]
TEXT = " the{0} fox{0} ran{0} into{0} the{0} wood{0} and{0} sang{0}"


def test_takes_stream_and_are_recorded(engine_with: Start, qtbot) -> None:
    bench = engine_with("good")
    job = bench.job()
    bench.engine.submit(job)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    assert bench.heard.states(job.id) == ["waiting", "running", "done"]
    assert sorted(bench.heard.streamed.values()) == [TEXT.format(i) for i in range(3)]
    with Reader(bench.folder) as reader:
        takes = reader.takes_of(bench.work)
        assert [(take.index, take.seed, take.status, take.text) for take in takes] == [
            (i, 1 + i, "done", TEXT.format(i)) for i in range(3)
        ]
        assert takes[0].recipe.job == job
        assert takes[0].recipe.made is not None and takes[0].recipe.made.family == "fake"
        assert reader.queue_item(job.id).state == "done"


def test_dead_worker_fails_its_job_keeps_the_text_and_is_replaced(engine_with: Start, qtbot) -> None:
    bench = engine_with("crash")
    job = bench.job()
    bench.engine.submit(job)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    assert bench.heard.states(job.id)[-1] == "failed"
    qtbot.waitUntil(lambda: bool(bench.heard.problems))  # told right after the job's end
    problem = bench.heard.problems[0]
    assert "exit code 9" in problem.what and "kept" in problem.kept and problem.do
    with Reader(bench.folder) as reader:
        for take in reader.takes_of(bench.work):
            assert take.status == "failed"
            assert take.text == f" the{take.index} fox{take.index} ran{take.index}"
            assert "exit code 9" in take.error
    qtbot.waitUntil(lambda: bench.engine.worker_pid() is not None)
    assert psutil.pid_exists(bench.engine.worker_pid())


@pytest.mark.parametrize("mode", ["garbage", "half"])
def test_garbled_frames_fail_the_job_not_the_engine(engine_with: Start, qtbot, mode: str) -> None:
    bench = engine_with(mode)
    job = bench.job(takes=1)
    bench.engine.submit(job)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    assert bench.heard.states(job.id)[-1] == "failed"
    with Reader(bench.folder) as reader:
        assert reader.takes_of(bench.work)[0].text == " the0 fox0 ran0"
    assert bench.engine.write(lambda store: store.title).result() == "Book"


def test_silent_worker_is_taken_for_dead(engine_with: Start, qtbot) -> None:
    bench = engine_with("silent", Limits(silent_kill_ms=300))
    job = bench.job()
    bench.engine.submit(job)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    assert bench.heard.states(job.id)[-1] == "failed"
    qtbot.waitUntil(lambda: bool(bench.heard.problems))
    assert "SIGKILL" in bench.heard.problems[0].what


def test_cancel_is_answered_at_once_and_heard(engine_with: Start, qtbot) -> None:
    bench = engine_with("slow")
    job = bench.job()
    bench.engine.submit(job)
    qtbot.waitUntil(lambda: len(bench.heard.streamed) == 3 and "ran2" in str(bench.heard.streamed))
    asked_s = time.monotonic()
    bench.engine.cancel(job.id)
    qtbot.waitUntil(lambda: "stopping" in bench.heard.states(job.id))
    answered_s = time.monotonic() - asked_s
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    assert bench.heard.states(job.id)[-2:] == ["stopping", "stopped"]
    assert {take.status for take in bench.heard.takes.values()} == {"stopped"}
    assert answered_s < 1.0, "a loaded machine may be slow, a second is not an answer"


def test_unheard_cancel_is_enforced_and_the_takes_keep_their_text(engine_with: Start, qtbot) -> None:
    bench = engine_with("deaf", Limits(cancel_kill_ms=200))
    job = bench.job()
    bench.engine.submit(job)
    qtbot.waitUntil(lambda: "ran2" in str(bench.heard.streamed))
    deaf = bench.engine.worker_pid()
    bench.engine.cancel(job.id)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    assert bench.heard.states(job.id)[-1] == "stopped"
    assert not bench.heard.problems
    assert {take.text for take in bench.heard.takes.values()} == {f" the{i} fox{i} ran{i}" for i in range(3)}
    qtbot.waitUntil(lambda: bench.engine.worker_pid() not in (None, deaf))


def test_worker_that_cannot_start_is_told_once_and_not_hammered(engine_with: Start, qtbot) -> None:
    bench = engine_with("unborn")
    bench.engine.start_worker("fake")
    qtbot.waitUntil(lambda: bool(bench.heard.problems))
    assert bench.heard.worker[-1].phase == "broken"
    assert "no such library" in bench.heard.problems[0].details
    assert bench.heard.problems[0].do
    assert bench.engine.worker_pid() is None
    assert bench.engine.write(lambda store: store.title).result() == "Book"


def test_jobs_wait_their_turn_and_can_be_reordered_and_cancelled(engine_with: Start, qtbot) -> None:
    bench = engine_with("slow")
    first, second, third = bench.job(), bench.job(), bench.job()
    for job in (first, second, third):
        bench.engine.submit(job)
    qtbot.waitUntil(lambda: "running" in bench.heard.states(first.id))
    bench.engine.move(third.id, second.id).result()
    waiting = bench.engine.write(lambda store: [item.job.id for item in store.queue()][:3]).result()
    assert waiting == [first.id, third.id, second.id]
    bench.engine.cancel(second.id).result()
    bench.engine.cancel(first.id)
    qtbot.waitUntil(lambda: "running" in bench.heard.states(third.id))
    assert bench.heard.states(second.id) == ["waiting", "stopped"]
    bench.engine.cancel(third.id)
    qtbot.waitUntil(lambda: bench.heard.ended(third.id))


def test_failed_job_can_be_retried(engine_with: Start, qtbot) -> None:
    bench = engine_with("crash")
    job = bench.job(takes=1)
    bench.engine.submit(job)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    bench.engine.retry(job.id)
    qtbot.waitUntil(lambda: bench.heard.states(job.id).count("failed") == 2)
    with Reader(bench.folder) as reader:
        assert len(reader.takes_of(bench.work)) == 2


def test_waiting_jobs_survive_a_restart(engine_with: Start, qtbot) -> None:
    bench = engine_with("slow")
    running, waiting = bench.job(), bench.job()
    bench.engine.submit(running)
    bench.engine.submit(waiting).result()
    qtbot.waitUntil(lambda: "ran2" in str(bench.heard.streamed))
    assert bench.engine.stop()
    again = engine_with("good", folder=bench.folder)
    again.engine.start_worker("fake")
    qtbot.waitUntil(lambda: again.heard.ended(waiting.id))
    with Reader(bench.folder) as reader:
        assert reader.queue_item(waiting.id).state == "done"
        assert reader.queue_item(running.id).state == "stopped"
        stopped = [take for take in reader.takes_of(bench.work) if take.job == running.id]
        assert {take.status for take in stopped} == {"stopped"}
        assert all("ran" in take.text for take in stopped)


def test_what_streams_is_on_disk_soon(engine_with: Start, qtbot) -> None:
    bench = engine_with("slow", Limits(part_flush_ms=50))
    job = bench.job()
    bench.engine.submit(job)
    with Reader(bench.folder) as reader:
        qtbot.waitUntil(lambda: any("ran" in take.text for take in reader.takes_of(bench.work)))
        assert {take.status for take in reader.takes_of(bench.work)} == {"streaming"}
    bench.engine.cancel(job.id)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))


def test_stopping_leaves_no_process_thread_or_lock(engine_with: Start, qtbot) -> None:
    bench = engine_with("stubborn", Limits(quit_ms=100))
    bench.engine.start_worker("fake")
    qtbot.waitUntil(lambda: bool(bench.heard.worker) and bench.heard.worker[-1].phase == "ready")
    pid = bench.engine.worker_pid()
    assert bench.engine.stop()
    assert not psutil.pid_exists(pid)
    assert "worker-reader" not in {thread.name for thread in threading.enumerate()}
    assert not (bench.folder / "lock").exists()


def test_calls_after_the_end_are_refused_not_forgotten(engine_with: Start, tmp_path: Path) -> None:
    bench = engine_with("good")
    bench.engine.close_project().result()
    with pytest.raises(StudioError, match="No project is open"):
        bench.engine.write(lambda store: store.title).result()


def test_opening_a_project_twice_names_the_owner(engine_with: Start) -> None:
    bench = engine_with("good")
    other = engine_with  # the same process holds the lock already
    with pytest.raises(StudioError) as caught:
        other("good", folder=bench.folder)
    assert caught.value.code == "locked"


def test_a_job_that_cannot_be_queued_is_told_and_ends(engine_with: Start, qtbot) -> None:
    bench = engine_with("good")
    bench.engine.close_project().result()
    job = bench.job()
    with pytest.raises(StudioError):
        bench.engine.submit(job).result()
    qtbot.waitUntil(lambda: bool(bench.heard.problems))
    assert bench.heard.states(job.id) == ["failed"]
    assert "No project is open" in bench.heard.problems[0].what


def test_a_model_that_cannot_be_loaded_is_told_and_no_longer_loading(engine_with: Start, qtbot) -> None:
    bench = engine_with("unloadable")
    bench.engine.start_worker("fake")
    qtbot.waitUntil(lambda: bool(bench.heard.problems))
    assert bench.heard.problems[0].what == "model.safetensors is cut off."
    assert bench.heard.worker[-1].phase == "failed"
    assert "cut off" in bench.heard.worker[-1].detail


def test_a_model_whose_folder_is_gone_is_not_said_to_be_starting_for_ever(engine_with: Start, qtbot) -> None:
    bench = engine_with("missing")
    bench.engine.start_worker("fake")
    qtbot.waitUntil(lambda: bool(bench.heard.problems))
    view = bench.heard.worker[-1]
    assert (view.phase, view.model, view.detail) == ("failed", "fake", "There is no folder fake.")
