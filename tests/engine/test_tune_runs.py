"""Fine-tuning runs as a window sees them: asked for, started, steered and listed by files and locks alone."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from filelock import FileLock

from studio.core.errors import StudioError
from studio.core.resources import starter_model
from studio.core.tune_events import Broke, Evaluated, Finished, Phase, Stepped
from studio.core.tune_run import OVER, TURN, RunFolder
from studio.core.tuning import TuneSettings
from studio.engine.tune_runs import TuneRuns, held
from studio.media.dataset.found import Survey, kept


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[TuneRuns]:
    """Runs of this test; no runner outlives it."""
    ours = TuneRuns(tmp_path / "runs", tmp_path / "adapters", tmp_path / "models.json", wait_s=0.2)
    yield ours
    for run in ours.all():
        ours.cancel(run)
    with FileLock(ours.folder / TURN, timeout=60) if ours.folder.exists() else FileLock(tmp_path / "none"):
        pass


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A folder that takes a moment to look through and has nothing to train on: every text is empty."""
    folder = tmp_path / "My poems"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.txt").write_text(" " * number)
    return folder


def asked(texts: Path, **changes: Any) -> TuneSettings:
    usual = {"art": "text", "base": str(starter_model("story")), "folder": str(texts)}
    return TuneSettings(**usual | changes)


def until(holds: Any, seconds: float = 60) -> None:
    deadline_s = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline_s
        threading.Event().wait(0.02)


def last(run: RunFolder) -> Any:
    return run.last_events()[-1]


def test_a_new_run_waits_and_has_a_place_of_its_own_for_its_result(runs: TuneRuns, texts: Path) -> None:
    (runs.adapters / "My poems lora 2").mkdir(parents=True)
    first, second = runs.enqueue(asked(texts)), runs.enqueue(asked(texts))
    named = runs.enqueue(asked(texts, name="A/B: winter"))
    placed = runs.enqueue(asked(texts, out="/elsewhere"))
    places = [Path(run.settings().out) for run in (first, second, named, placed)]
    assert [place.name for place in places] == ["My poems lora", "My poems lora 3", "A B winter", "elsewhere"]
    assert places[0].parent == runs.adapters
    rows = runs.rows()
    assert [row.id for row in rows] == [first.id, second.id, named.id, placed.id]
    assert {row.state for row in rows} == {"waiting"} and rows[2].name == "A/B: winter"


def test_what_was_found_before_is_not_looked_for_again(runs: TuneRuns, texts: Path) -> None:
    found = Survey(art="text", folder=str(texts), seen=7)
    assert kept(runs.enqueue(asked(texts), found).data) == found


def test_a_row_says_how_a_run_stands(runs: TuneRuns, texts: Path) -> None:
    run = runs.enqueue(asked(texts, name="Mine", method="dora"))
    run.append(Phase(name="loading", done=0.5))
    assert (runs.rows()[0].phase, runs.rows()[0].done, runs.rows()[0].state) == (
        "loading",
        0.5,
        "interrupted",
    )
    run.append(Stepped(step=4, steps=9, train_loss=2.5, lr=0.1, rate=30.0, left_s=7.0))
    run.append(Evaluated(step=4, steps=9, val_loss=2.75))
    with FileLock(run.lock_file):
        row = runs.rows()[0]
    assert (row.state, row.step, row.steps, row.train_loss, row.val_loss) == ("running", 4, 9, 2.5, 2.75)
    assert (row.name, row.method, row.folder, row.left_s, row.rate) == ("Mine", "dora", str(texts), 7.0, 30.0)
    run.append(Broke(what="It broke.", do="Mend it."))
    row = runs.rows()[0]
    assert (row.state, row.what, row.do, row.at_ms) == ("failed", "It broke.", "Mend it.", last(run).at_ms)
    run.append(Phase(name="waiting"))
    assert (runs.rows()[0].state, runs.rows()[0].what) == ("waiting", "")
    run.append(Finished(step=9, steps=9, adapter="/there"))
    assert (runs.rows()[0].state, runs.rows()[0].adapter, runs.rows()[0].step) == ("done", "/there", 9)
    run.settings_file.write_text("art = 1")
    assert "art" in runs.rows()[0].what


def test_a_lock_is_seen_without_being_taken(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    assert not held(tmp_path / "lock") and not (tmp_path / "lock").exists()
    with lock:
        assert held(tmp_path / "lock")
    assert not held(tmp_path / "lock")


@pytest.mark.parametrize("end", ["stop", "cancel"])
def test_a_run_that_waits_is_ended_at_once(runs: TuneRuns, texts: Path, end: str) -> None:
    run = runs.enqueue(asked(texts))
    getattr(runs, end)(run)
    assert runs.state(run) == "cancelled" and runs.start() is None
    runs.resume(run)
    assert runs.state(run) == "waiting" and run.want() == "run"


def test_a_run_that_is_held_back_is_passed_over(runs: TuneRuns, texts: Path) -> None:
    run = runs.enqueue(asked(texts))
    runs.pause(run)
    assert runs.start() is None and runs.state(run) == "waiting" and runs.rows()[0].want == "pause"


@pytest.mark.parametrize("ends", [(), (Broke(what="Full."),), (Broke(what="Enough.", code="cancelled"),)])
def test_what_broke_off_waits_again_when_it_is_resumed(
    runs: TuneRuns, texts: Path, ends: tuple[Broke, ...]
) -> None:
    run = runs.enqueue(asked(texts))
    for event in (Phase(name="training"), *ends):
        run.append(event)
    run.set_want("stop")
    assert runs.state(run) != "waiting"
    runs.resume(run)
    assert runs.state(run) == "waiting" and run.want() == "run"
    before = len(run.last_events())
    runs.resume(run)
    assert len(run.last_events()) == before, "it waits already"


def test_a_stopped_run_goes_on_and_keeps_what_it_had_made(runs: TuneRuns, texts: Path) -> None:
    run = runs.enqueue(asked(texts))
    for number in (1, 2):
        run.result.mkdir()
        (run.result / "README.md").write_text(str(number))
        run.finished_file.write_text("{}")
        run.append(Finished(step=3, steps=9, adapter=str(run.result), stopped=True))
        runs.resume(run)
        assert runs.state(run) == "waiting" and not run.finished_file.exists() and not run.result.exists()
        assert (run.path / f"result-{number}" / "README.md").read_text() == str(number)


def test_what_was_made_is_gone_on_from_with_what_was_added_since(runs: TuneRuns, texts: Path) -> None:
    run = runs.enqueue(asked(texts, seed=4, steps=7))
    with pytest.raises(StudioError) as refused:
        runs.again(run)
    assert refused.value.code == "no_result"
    run.result.mkdir()
    run.append(Finished(step=7, steps=7, adapter=str(run.result)))
    onward = runs.again(run)
    assert (onward.from_adapter, onward.data.since, onward.seed) == (str(run.result), str(run.path), 5)
    assert (onward.base, onward.steps, onward.out) == (run.settings().base, 7, "")
    whole = runs.enqueue(asked(texts, method="full"))
    whole.append(Finished(step=7, steps=7, adapter=str(run.result)))
    assert (runs.again(whole).base, runs.again(whole).from_adapter) == (str(run.result), "")


def test_a_finished_run_and_one_at_work_are_not_resumed(runs: TuneRuns, texts: Path) -> None:
    run = runs.enqueue(asked(texts))
    run.append(Finished(step=9, steps=9, adapter="/there"))
    with pytest.raises(StudioError) as refused:
        runs.resume(run)
    assert refused.value.code == "done"
    with FileLock(run.lock_file):
        for act in (runs.resume, runs.remove):
            with pytest.raises(StudioError) as busy:
                act(run)
            assert busy.value.code == "busy" and busy.value.do


def test_a_removed_run_is_gone_and_others_stay(runs: TuneRuns, texts: Path) -> None:
    run, other = runs.enqueue(asked(texts)), runs.enqueue(asked(texts))
    (runs.folder / ".removed-before" / "data").mkdir(parents=True)
    runs.remove(run)
    assert [row.id for row in runs.rows()] == [other.id] and not run.path.exists()
    assert sorted(path.name for path in runs.folder.iterdir() if path.is_dir()) == [other.id]
    with pytest.raises(StudioError) as refused:
        runs.run(run.id)
    assert refused.value.code == "no_run" and runs.run(other.id).path == other.path


def test_a_runner_is_nobodys_child_and_works_through_what_waits(runs: TuneRuns, texts: Path) -> None:
    assert runs.start() is None, "nothing waits"
    waiting = [runs.enqueue(asked(texts, base="/nowhere")) for _ in range(2)]
    with FileLock(runs.folder / TURN):
        assert runs.at_work() and runs.start() is None
    pid = runs.start()
    assert pid is not None and pid not in [child.pid for child in psutil.Process().children()]
    until(lambda: all(runs.state(run) == "failed" for run in waiting))
    assert [last(run).code for run in waiting] == ["missing_model"] * 2


def test_started_by_several_at_once_each_run_is_begun_once(runs: TuneRuns, texts: Path) -> None:
    waiting = [runs.enqueue(asked(texts, base="/nowhere")) for _ in range(3)]
    threads = [threading.Thread(target=runs.start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: all(runs.state(run) == "failed" for run in waiting))
    until(lambda: not runs.at_work())
    for run in waiting:
        events = [event for event, _ in run.events()]
        assert [type(event) for event in events] == [Phase, Broke]


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of Unix")
def test_a_runner_that_was_killed_leaves_a_run_that_goes_on(runs: TuneRuns, texts: Path) -> None:
    """Killed while it looks through the folder, held there by a pause."""
    run, other = runs.enqueue(asked(texts)), runs.enqueue(asked(texts, base="/nowhere"))
    pid = runs.start()
    assert pid is not None
    until(lambda: bool(run.last_events()))
    runs.pause(run)
    until(lambda: runs.state(run) == "paused")
    assert psutil.Process(pid).nice() >= 10, "it lets everything else go first"
    assert runs.start() is None, "one at a time"
    psutil.Process(pid).kill()
    until(lambda: not runs.at_work())
    assert [row.state for row in runs.rows()] == ["interrupted", "waiting"]
    runs.resume(run)
    assert runs.state(run) == "waiting"
    runs.start()
    until(lambda: runs.state(run) in OVER and runs.state(other) in OVER)
    assert last(run).code == "no_data" and last(other).code == "missing_model"
