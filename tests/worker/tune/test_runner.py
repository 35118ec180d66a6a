"""A run from the person's folder to its end, whatever that is: the runner around a trainer."""

import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from studio.core.errors import StoppedError, StudioError
from studio.core.resources import starter_model
from studio.core.tune_events import Broke, Finished, Noted, Phase, RunEvent, Stepped, Surveyed
from studio.core.tune_run import TURN, RunFolder, state_of
from studio.core.tuning import TuneSettings, read_settings
from studio.media.dataset.found import kept
from studio.worker.tune.queue import holding, is_waiting, next_waiting, start_next
from studio.worker.tune.run import Run, Trained
from studio.worker.tune.runner import main, work
from tests.worker.tune.small_result import FINISHED, files_of, write_result

TEXT = "It was a cold and quiet morning, and the fox had nothing left to eat but snow. "


class SmallTrainer:
    """Makes as many steps as are asked for, leaves a small result, remembers the runs it was given."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.runs: list[Run] = []

    def train(self, run: Run) -> Trained:
        self.runs.append(run)
        run.phase("training")
        for step in range(1, run.settings.steps + 1):
            run.tell(Stepped(step=step, steps=run.settings.steps, train_loss=1 / step, lr=0.1))
        if self.error is not None:
            raise self.error
        steps, stopped = run.settings.steps, run.want() == "stop"
        return Trained(
            step=0 if stopped else steps, steps=steps, stopped=stopped, best_step=steps, best_val=0.5, losses=(),
            adapter=write_result(run.staged), why="stopped" if stopped else "done",
        )  # fmt: skip

    def finish(self, run: Run, trained: Trained) -> Finished:
        return msgspec.structs.replace(
            FINISHED, step=trained.step, steps=trained.steps, stopped=trained.stopped
        )


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(12):
        words = random.Random(number).choices(TEXT.split(), k=150)
        (folder / f"{number}.txt").write_text(" ".join(words) + ".\n")
    return folder


def begun(tmp_path: Path, texts: Path, **changes: Any) -> RunFolder:
    """A run that waits."""
    usual = {"art": "text", "base": str(starter_model("story")), "folder": str(texts), "steps": 3}
    return RunFolder.create(tmp_path / "runs", TuneSettings(**usual | changes))


def worked(run: RunFolder, trainer: SmallTrainer, models: Path | None = None) -> list[RunEvent]:
    assert work(run, models, trainer.train, trainer.finish)
    return told(run)


def told(run: RunFolder) -> list[RunEvent]:
    return [event for event, _ in run.events()]


def test_a_run_is_surveyed_completed_trained_weighed_and_published(tmp_path: Path, texts: Path) -> None:
    run, trainer = begun(tmp_path, texts, out=str(tmp_path / "mine")), SmallTrainer()
    events = worked(run, trainer, tmp_path / "models.json")
    names = [event.name if isinstance(event, Phase) else type(event).__name__ for event in events]
    order = ["survey", "Surveyed", "training", "Stepped", "publishing", "Finished"]
    assert [name for at, name in enumerate(names) if name not in names[:at]] == order
    found = next(event for event in events if isinstance(event, Surveyed))
    assert sum(found.documents.values()) == 12 and found.units["train"] > 1000
    given = trainer.runs[0]
    assert read_settings(found.settings) == given.settings == read_settings(run.complete_file.read_text())
    assert given.settings.optimizer.rate > 0 and given.settings.name and run.settings().optimizer.rate == 0
    assert len(given.survey.documents) == 12 and kept(run.data) == given.survey
    end = events[-1]
    assert isinstance(end, Finished) and end.adapter == str(tmp_path / "mine") and end.seconds > 0
    assert end.run == run.id and end.at_ms > 0
    assert files_of(tmp_path / "mine") == files_of(run.result)
    assert state_of(run, held=False) == "done"


def test_a_run_that_goes_on_has_the_files_and_settings_it_began_with(tmp_path: Path, texts: Path) -> None:
    run, trainer = (
        begun(tmp_path, texts),
        SmallTrainer(StudioError("The disk is full.", kept="All.", do="Make room.")),
    )
    worked(run, trainer)
    end = told(run)[-1]
    assert isinstance(end, Broke) and (end.what, end.kept, end.do) == (
        "The disk is full.",
        "All.",
        "Make room.",
    )
    assert state_of(run, held=False) == "failed"
    (texts / "0.txt").unlink()
    (texts / "more.txt").write_text(TEXT * 50)
    trainer.error = None
    worked(run, trainer)
    first, second = trainer.runs
    assert first.survey == second.survey and first.settings == second.settings
    assert state_of(run, held=False) == "done"


def test_a_sealed_run_is_published_without_being_trained_again(tmp_path: Path, texts: Path) -> None:
    run, trainer = begun(tmp_path, texts, out=str(tmp_path / "mine")), SmallTrainer()
    worked(run, trainer)
    (tmp_path / "mine" / "README.md").unlink()  # as if it had died while it was copied
    events = worked(run, trainer)
    assert len(trainer.runs) == 1 and isinstance(events[-1], Finished)
    assert events[-1].adapter == str(tmp_path / "mine 2") and len(files_of(tmp_path / "mine 2")) == 3


@pytest.mark.parametrize("error", [StudioError("A picture is gone."), ZeroDivisionError("by zero")])
def test_a_report_that_cannot_be_made_does_not_cost_what_was_learnt(
    tmp_path: Path, texts: Path, error: Exception
) -> None:
    run, trainer = begun(tmp_path, texts), SmallTrainer()

    def finish(_run: Run, _trained: Trained) -> Finished:
        raise error

    assert work(run, None, trainer.train, finish)
    note, _, end = told(run)[-3:]
    assert isinstance(note, Noted) and note.code == "no_report" and str(error).split()[0] in note.what
    assert isinstance(end, Finished) and (end.step, end.steps) == (3, 3) and end.card == ""
    assert len(files_of(run.result)) == 3


def test_a_run_given_up_while_it_is_weighed_has_no_result(tmp_path: Path, texts: Path) -> None:
    run, trainer = begun(tmp_path, texts), SmallTrainer()

    def finish(_run: Run, _trained: Trained) -> Finished:
        raise StoppedError("The run was cancelled.")

    assert work(run, None, trainer.train, finish)
    assert state_of(run, held=False) == "cancelled" and not run.result.exists()


@pytest.mark.parametrize(
    ("error", "code", "state"),
    [
        (StoppedError("The run was cancelled.", kept="Checkpoints."), "cancelled", "cancelled"),
        (OSError(28, "No space left on device"), "full", "failed"),
        (ZeroDivisionError("by zero"), "bug", "failed"),
    ],
)
def test_what_a_trainer_raises_is_told_as_the_end(
    tmp_path: Path, texts: Path, error: Exception, code: str, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = begun(tmp_path, texts)
    end = worked(run, SmallTrainer(error))[-1]
    assert isinstance(end, Broke) and end.code == code and end.kept
    assert state_of(run, held=False) == state
    assert ("ZeroDivisionError" in end.details) is ("Traceback" in capsys.readouterr().err and code == "bug")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"base": "/nowhere"}, "missing_model"),
        ({"art": "music"}, "method"),
        ({"folder": "/nowhere"}, "no_folder"),
        ({"from_adapter": "/nowhere"}, "method"),
    ],
)
def test_what_cannot_be_trained_is_said_before_anything_is_trained(
    tmp_path: Path, texts: Path, changes: dict[str, str], code: str
) -> None:
    run, trainer = begun(tmp_path, texts, **changes), SmallTrainer()
    end = worked(run, trainer)[-1]
    assert isinstance(end, Broke) and end.code == code and end.what and end.do
    assert not trainer.runs


def test_a_folder_with_nothing_to_train_on_is_said(tmp_path: Path, texts: Path) -> None:
    for file in texts.iterdir():
        file.rename(file.with_suffix(".exe"))
    run, trainer = begun(tmp_path, texts), SmallTrainer()
    end = worked(run, trainer)[-1]
    assert isinstance(end, Broke) and end.code == "no_data" and str(texts) in end.what and end.do
    assert not trainer.runs


@pytest.mark.parametrize("want", ["stop", "cancel"])
def test_a_run_that_is_not_wanted_any_more_ends_while_it_looks_through_the_folder(
    tmp_path: Path, texts: Path, want: Any
) -> None:
    run, trainer = begun(tmp_path, texts), SmallTrainer()
    run.set_want(want)
    end = worked(run, trainer)[-1]
    assert isinstance(end, Broke) and end.code == "cancelled" and not trainer.runs


def test_a_run_that_is_stopped_before_its_first_step_has_no_result(tmp_path: Path, texts: Path) -> None:
    run, trainer = begun(tmp_path, texts), SmallTrainer()

    def train(given: Run) -> Trained:
        run.set_want("stop")
        return trainer.train(given)

    assert work(run, None, train, trainer.finish)
    end = told(run)[-1]
    assert isinstance(end, Broke) and end.code == "cancelled" and not run.result.exists()


def test_settings_that_cannot_be_read_end_the_run(tmp_path: Path, texts: Path) -> None:
    run = begun(tmp_path, texts)
    run.settings_file.write_text("art = 3")
    end = worked(run, SmallTrainer())[-1]
    assert isinstance(end, Broke) and end.code == "config"


def test_a_line_torn_by_a_crash_does_not_swallow_the_next_one(tmp_path: Path, texts: Path) -> None:
    run, trainer = begun(tmp_path, texts), SmallTrainer()
    worked(run, trainer)
    whole = run.events_file.read_bytes()
    run.events_file.write_bytes(whole[:-20])
    before = len(told(run))
    run.append(Noted(what="Went on."))
    events = told(run)
    assert len(events) == before + 1 and isinstance(events[-1], Noted)


def test_where_not_even_the_end_can_be_written_no_other_run_is_begun(tmp_path: Path, texts: Path) -> None:
    run = begun(tmp_path, texts)
    run.events_file.mkdir()
    assert not work(run, None, SmallTrainer().train, SmallTrainer().finish)


def test_one_runner_at_a_time_has_the_turn(tmp_path: Path) -> None:
    with holding(tmp_path / TURN) as first, holding(tmp_path / TURN, wait_s=0.05) as second:
        assert first and not second
    with holding(tmp_path / TURN, wait_s=0.05) as third:
        assert third


def test_the_queue_begins_the_oldest_run_that_waits_and_is_not_held_back(tmp_path: Path, texts: Path) -> None:
    runs = [begun(tmp_path, texts) for _ in range(3)]
    runs[0].append(Broke(what="It broke."))
    runs[1].set_want("pause")
    assert [is_waiting(run) for run in runs] == [False, False, True]
    following = next_waiting(tmp_path / "runs")
    assert following is not None and following.id == runs[2].id
    runs[0].append(Phase(name="waiting"))  # asked for again
    following = next_waiting(tmp_path / "runs")
    assert following is not None and following.id == runs[0].id
    assert start_next(tmp_path / "none", None) is None


def test_the_runner_works_through_the_queue_one_run_after_the_other(tmp_path: Path, texts: Path) -> None:
    """The real program: runs that end at once, for their base model is not there."""
    runs = [begun(tmp_path, texts, base=str(tmp_path / "nowhere")) for _ in range(3)]
    program = [
        sys.executable,
        "-m",
        "studio.worker",
        "run",
        str(runs[1].path),
        "--models",
        str(tmp_path / "m.json"),
    ]
    assert subprocess.run(program, timeout=60, check=False).returncode == 0
    ends = [wait_for_end(run) for run in runs]
    assert all(isinstance(end, Broke) and end.code == "missing_model" for end in ends)
    assert ends[1].at_ms < ends[0].at_ms < ends[2].at_ms, "the one that was asked for, then the oldest"
    begins = [next(iter(told(run))).at_ms for run in runs]
    assert begins[0] >= ends[1].at_ms and begins[2] >= ends[0].at_ms
    assert "missing" in runs[0].log_file.read_text() or "no folder" in runs[0].log_file.read_text()


def wait_for_end(run: RunFolder, seconds: float = 60) -> RunEvent:
    """The last line of a run that a process elsewhere works on."""
    deadline_s = time.monotonic() + seconds
    while state_of(run, held=False) not in ("failed", "done", "stopped", "cancelled"):
        assert time.monotonic() < deadline_s, told(run)
        threading.Event().wait(0.05)
    with holding(run.path.parent / TURN):  # until the runner let go
        return told(run)[-1]


def test_a_runner_without_work_ends(tmp_path: Path, texts: Path) -> None:
    run = begun(tmp_path, texts)
    run.append(Broke(what="Cancelled.", code="cancelled"))
    assert main([str(run.path)]) == 0
    assert len(told(run)) == 1
