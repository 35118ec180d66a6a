"""What `atelier tune` says of a run: lines for scripts, words for people, its end."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studio.cli import tune_follow
from studio.cli.console import CANCELLED, FAILED, OK, PARTLY
from studio.cli.parser import build_parser, run
from studio.cli.tune import _resumed
from studio.cli.tune_follow import Following
from studio.core.errors import StudioError
from studio.core.resources import starter_model
from studio.core.tune_events import (
    Broke,
    Evaluated,
    Finished,
    Interval,
    Noted,
    Phase,
    RunEvent,
    Sampled,
    Saved,
    Stepped,
    Surveyed,
)
from studio.core.tune_run import RunFolder
from studio.core.tuning import TuneSettings
from studio.engine.tune_runs import TuneRuns

FIELDS = ("run", "step", "steps", "train_loss", "val_loss", "lr", "rate", "memory_mib")
WHOLE: list[RunEvent] = [
    Phase(name="survey", done=0.5, words="Reading"),
    Surveyed(documents={"train": 8, "validation": 1, "test": 1}, units={"train": 900}, left_out=2),
    Evaluated(step=0, steps=2, val_loss=3.0),
    Sampled(step=0, index=0, prompt="Once", file="samples/0.txt", seed=5),
    Stepped(step=1, steps=2, train_loss=2.5, lr=0.1, rate=50.0, memory_mib=400.0),
    Noted(what="Memory is short.", do="Close something."),
    Evaluated(step=2, steps=2, val_loss=2.0, best=True),
    Saved(step=2, steps=2, folder="checkpoints/step-000002"),
]
DONE = Finished(
    step=2, steps=2, adapter="/mine", card="/mine/README.md", documents=1, memorised=1, longest=12, seconds=3.0,
    test={
        "before": Interval(mean=3.0, low=2.9, high=3.1), "after": Interval(mean=2.4, low=2.3, high=2.5),
        "gain": Interval(mean=0.2, low=0.15, high=0.25),
    },
    forgetting={"before": Interval(mean=1.0, low=0.9, high=1.1), "after": Interval(mean=1.1, low=1.0, high=1.2)},
    diagnosis=("Too few steps.",),
)  # fmt: skip


@pytest.fixture
def runs(tmp_path: Path) -> TuneRuns:
    home = tmp_path / "home"
    return TuneRuns(home / "runs", home / "adapters", home / "models.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "poems").mkdir()
    return tmp_path / "poems"


def begun(runs: TuneRuns, folder: Path, *events: RunEvent, **changes: Any) -> RunFolder:
    usual = {"art": "text", "base": str(starter_model("story")), "folder": str(folder)}
    made = runs.enqueue(TuneSettings(**usual | changes))
    for event in events:
        made.append(event)
    return made


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_line_has_the_fields_that_scripts_count_on(runs, folder, capsys) -> None:
    made, words = begun(runs, folder, *WHOLE, DONE), []
    report = Following(runs, made, words.append).until_over()
    lines = [*lines_of(capsys), report.body]
    kinds = ["found", "eval", "sample", "step", "eval", "checkpoint", "done"]
    assert [line["event"] for line in lines] == kinds and report.status == OK
    assert all(set(FIELDS) <= set(line) and line["run"] == made.id for line in lines)
    step = next(line for line in lines if line["event"] == "step")
    assert [step[name] for name in FIELDS[1:]] == [1, 2, 2.5, None, 0.1, 50.0, 400.0]
    assert lines[0]["documents"] == {"train": 8, "validation": 1, "test": 1} and lines[0]["left_out"] == 2
    assert (lines[4]["val_loss"], lines[4]["best"]) == (2.0, True)
    assert any("Memory is short" in line for line in words) and words[-1].startswith("Done: /mine")


def test_the_last_line_says_the_figures_of_the_run(runs, folder) -> None:
    body = Following(runs, begun(runs, folder, *WHOLE, DONE), str).until_over().body
    assert (body["adapter"], body["card"], body["memorised"], body["stopped"]) == (
        "/mine",
        "/mine/README.md",
        1,
        False,
    )
    assert (body["train_loss"], body["val_loss"], body["lr"]) == (2.5, 2.0, 0.1)
    test, forgetting = body["test"], body["forgetting"]
    assert (test["before"], test["after"], test["ci95"], test["documents"]) == (3.0, 2.4, [0.15, 0.25], 1)
    assert (forgetting["before"], forgetting["after"], forgetting["ci95"]) == (1.0, 1.1, [1.0, 1.2])
    assert body["diagnosis"] == ["Too few steps."]


@pytest.mark.parametrize(("code", "status"), [("full", FAILED), ("cancelled", CANCELLED)])
def test_a_run_that_broke_says_why(runs, folder, code: str, status: int) -> None:
    broke = Broke(
        what="The disk is full.", kept="Checkpoints.", do="Make room.", code=code, details="Traceback …"
    )
    report = Following(runs, begun(runs, folder, *WHOLE, broke), str).until_over()
    assert report.status == status and report.body["event"] == "failed" and report.error is not None
    assert (report.error.what, report.error.do, report.body["step"]) == ("The disk is full.", "Make room.", 2)


def test_stopped_by_the_person_is_partly_done_and_stopped_by_patience_is_done(runs, folder) -> None:
    stopped = Finished(step=1, steps=2, adapter="/mine", stopped=True)
    made = begun(runs, folder, *WHOLE, stopped)
    assert Following(runs, made, str).until_over().status == OK
    made.set_want("stop")
    assert Following(runs, made, str).until_over().status == PARTLY


def test_a_runner_that_died_is_noticed(runs, folder) -> None:
    made = begun(runs, folder, *WHOLE)
    made.log_file.write_text("Segmentation fault\n")
    with pytest.raises(StudioError) as died:
        Following(runs, made, str).until_over()
    assert died.value.code == "interrupted" and "--resume" in died.value.do
    assert "Segmentation fault" in died.value.__notes__[0]


def test_a_runner_that_cannot_be_started_is_noticed(runs, folder, monkeypatch) -> None:
    made = begun(runs, folder)
    monkeypatch.setattr("studio.engine.tune_runs.RUNNER", ("/no/such/program",))
    with pytest.raises(StudioError) as died:
        Following(runs, made, str).until_over()
    assert died.value.code == "not_started" and "no/such/program" in died.value.__notes__[0]


def test_the_first_interrupt_stops_the_second_cancels_the_third_leaves(runs, folder, monkeypatch) -> None:
    made, wants = begun(runs, folder, *WHOLE), []

    def interrupt(_seconds: float) -> None:
        wants.append(made.want())
        raise KeyboardInterrupt

    monkeypatch.setattr(tune_follow.time, "sleep", interrupt)
    monkeypatch.setattr(runs, "state", lambda _run: "running")
    monkeypatch.setattr(runs, "_end_unbegun", lambda _run: None)  # a runner is at work
    with pytest.raises(KeyboardInterrupt):
        Following(runs, made, str).until_over()
    assert wants == ["run", "stop", "cancel"]


def test_where_nobody_reads_the_lines_it_leaves_the_run_alone(runs, folder, tmp_path: Path) -> None:
    begun(runs, folder, *WHOLE, DONE)
    program = (
        "import sys; from pathlib import Path; from studio.cli.tune_follow import Following;"
        "from studio.engine.tune_runs import TuneRuns; from studio.core.errors import StudioError\n"
        "home = Path(sys.argv[1]); runs = TuneRuns(home / 'runs', home, home / 'm.json')\n"
        "try:\n    Following(runs, runs.all()[0], str).until_over()\n"
        "except StudioError as error:\n    print(error.code, file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "home")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == "closed\n"
    assert runs.all()[0].want() == "run"


def resumed(runs: TuneRuns, folder: Path, *words: str) -> tuple[RunFolder, int]:
    options = build_parser().parse_args(["tune", "text", str(folder), "--resume", *words])
    return _resumed(options, runs, str)


def test_resume_takes_the_newest_run_of_the_folder_that_was_asked_for_like_this(runs, folder) -> None:
    training = Phase(name="training")
    first, second = begun(runs, folder, training, steps=4), begun(runs, folder, training, steps=5)
    begun(runs, folder.parent, training), begun(runs, folder, training, art="music")
    run_, offset = resumed(runs, folder)
    assert run_.id == second.id and offset == 0 + sum(
        map(len, second.events_file.read_bytes().splitlines(True)[:1])
    )
    assert runs.state(second) == "waiting"
    assert resumed(runs, folder, "--steps", "4")[0].id == first.id


def test_resume_says_what_differs_and_when_there_is_nothing(runs, folder) -> None:
    with pytest.raises(StudioError) as none:
        resumed(runs, folder)
    assert none.value.code == "no_run" and str(folder) in none.value.what
    begun(runs, folder, Phase(name="training"), steps=4)
    with pytest.raises(StudioError) as other:
        resumed(runs, folder, "--steps", "5")
    assert "steps 4" in other.value.what


def test_resuming_a_finished_run_says_its_end_again(runs, folder, capsys) -> None:
    begun(runs, folder, *WHOLE, DONE)
    assert run(["tune", "text", str(folder), "--resume", "--json"]) == OK
    lines = lines_of(capsys)
    assert [line["event"] for line in lines] == ["done"] and lines[0]["adapter"] == "/mine"
    assert (lines[0]["schema"], lines[0]["command"], lines[0]["ok"]) == (1, "tune", True)


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (["text", "nowhere"], 1, "no_folder"),
        (["text", "poems", "--out", "poems"], 2, "usage"),
        (["text", "poems", "--steps", "many"], 2, "usage"),
        (["text", "poems", "--method", "magic"], 2, "usage"),
        (["text", "poems", "--config", "none.toml"], 1, "config"),
    ],
)
def test_what_cannot_be_begun_is_one_line_that_failed(
    words: list[str], status: int, code: str, folder: Path, monkeypatch, capsys
) -> None:
    (folder / "a.txt").write_text("a")
    monkeypatch.chdir(folder.parent)
    assert run(["tune", *words]) == status
    lines = lines_of(capsys)
    assert [(line["event"], line["error"]["code"], line["ok"]) for line in lines] == [("failed", code, False)]
