"""A training that was killed by `kill -9`, anywhere, ends in the same weights as one that was not."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from studio.core.errors import StoppedError
from studio.core.tune_events import Noted, RunEvent, Saved, Stepped
from studio.worker.tune import callbacks
from studio.worker.tune.causal import train_text
from studio.worker.tune.run import Run
from tests.tiny_models import make_model
from tests.worker.tune.training import again, events, make_run, settings_of, write_texts

ADAPTER = "adapter_model.safetensors"


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """Sums come out the same every time."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def every_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not ten a second at most."""
    monkeypatch.setattr(callbacks, "_TOLD_EVERY_S", 0.0)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model."""
    return make_model(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Something to learn from."""
    return write_texts(tmp_path_factory.mktemp("texts"))


def killed(run: Run, when: str, step: int) -> None:
    """Train in a child until it is killed."""
    command = [
        sys.executable,
        "-m",
        "tests.worker.tune.killed_training",
        str(run.folder.path),
        when,
        str(step),
    ]
    done = subprocess.run(command, capture_output=True, timeout=600, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]


@pytest.mark.timeout(400)  # two children, each of which imports torch and transformers
@pytest.mark.skipif(sys.platform == "win32", reason="no signals there")
def test_killed_at_a_step_and_while_saving_it_ends_in_the_same_weights(
    base: Path, folder: Path, tmp_path: Path
) -> None:
    settings = settings_of("text", base, folder, steps=10, run={"checkpoint_every": 3, "validate_every": 5})
    whole = make_run(tmp_path / "a", settings)
    undisturbed = train_text(whole)
    run = make_run(tmp_path / "b", settings)
    killed(run, "step", 5)
    assert [event.step for event in events(run, Saved)] == [3]
    killed(run, "saving", 6)
    assert [path.name for path in run.folder.checkpoints.glob(".staged-*")]
    trained = train_text(again(run))
    assert not list(run.folder.checkpoints.glob(".staged-*"))
    assert (trained.adapter / ADAPTER).read_bytes() == (undisturbed.adapter / ADAPTER).read_bytes()
    ends = [one.folder.checkpoints / "step-000010" for one in (whole, run)]
    for name in ("trained.safetensors", "rng_state.pth", "optimizer.pt", "scheduler.pt"):
        assert (ends[0] / name).read_bytes() == (ends[1] / name).read_bytes(), name
    assert str(trained.losses) == str(undisturbed.losses)
    assert [note.step for note in events(run, Noted) if note.code == "resumed"] == [3, 3]


@pytest.mark.parametrize("method", ["adalora", "last_layers", "prompt"])
def test_every_kind_of_method_goes_on_exactly(method: str, base: Path, folder: Path, tmp_path: Path) -> None:
    settings = settings_of("text", base, folder, steps=6, method=method, run={"checkpoint_every": 4})
    undisturbed = make_run(tmp_path / "a", settings)
    train_text(undisturbed)

    def cancel(event: RunEvent) -> None:
        if isinstance(event, Stepped) and event.step == 5:
            run.folder.set_want("cancel")

    run = make_run(tmp_path / "b", settings, listeners=(cancel,))
    with pytest.raises(StoppedError):
        train_text(run)
    run.folder.set_want("run")
    train_text(again(run))
    ends = [
        load_file(one.folder.checkpoints / "step-000006/trained.safetensors") for one in (undisturbed, run)
    ]
    assert ends[0].keys() == ends[1].keys()
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())


def test_a_damaged_checkpoint_is_told_and_passed_over(base: Path, folder: Path, tmp_path: Path) -> None:
    settings = settings_of("text", base, folder, steps=6, run={"checkpoint_every": 2, "checkpoints": 3})
    run = make_run(tmp_path, settings)
    first = train_text(run)
    weights = (first.adapter / ADAPTER).read_bytes()
    with (run.folder.checkpoints / "step-000006/optimizer.pt").open("r+b") as file:
        file.seek(200)
        file.write(b"\0damaged\0")
    second = train_text(again(run))
    told = events(run, Noted)
    assert any("step-000006 was passed over: optimizer.pt is damaged" in note.what for note in told)
    assert [note.step for note in told if note.code == "resumed"] == [4]
    assert (second.adapter / ADAPTER).read_bytes() == weights


def test_another_training_is_not_gone_on_from(base: Path, folder: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path, settings_of("text", base, folder, steps=2, run={"checkpoint_every": 1}))
    train_text(run)
    other = settings_of("text", base, folder, steps=2, optimizer={"rate": 3e-3})
    train_text(again(run, settings=other))
    notes = events(run, Noted)
    assert any("another training" in note.what for note in notes)
    assert not [note for note in notes if note.code == "resumed"]


def test_a_finished_training_is_only_laid_down_again(base: Path, folder: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path, settings_of("text", base, folder, steps=4))
    first = train_text(run)
    weights, steps = (first.adapter / ADAPTER).read_bytes(), len(events(run, Stepped))
    second = train_text(again(run))
    assert (second.adapter / ADAPTER).read_bytes() == weights
    assert len(events(run, Stepped)) == steps
    assert second.best_step == first.best_step and str(second.losses) == str(first.losses)
