"""The training of picture models: from its first step to what it leaves, however it is broken off."""

import math
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec.structs import replace

from studio.core.errors import StoppedError, StudioError
from studio.core.tune_events import Evaluated, Noted, Phase, Saved, Stepped
from studio.media.dataset.found import Survey
from studio.worker.tune import picture_step
from studio.worker.tune.picture import train_image
from tests.tiny_pictures import make_pipeline
from tests.worker.tune.tuned_pictures import (
    STEPS,
    at_step,
    run_for,
    same,
    settings_for,
    tensors_of,
    write_pictures,
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Stable Diffusion 1."""
    return make_pipeline(tmp_path_factory.mktemp("base") / "sd1", "sd1")


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    """Ten pictures."""
    return write_pictures(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, base: Path, survey: Survey) -> dict[str, torch.Tensor]:
    """What the plain settings learn, undisturbed."""
    return trained(tmp_path_factory.mktemp("runs") / "plain", base, survey)


def trained(folder: Path, base: Path, survey: Survey, **changes: Any) -> dict[str, torch.Tensor]:
    """What an undisturbed run learns."""
    made = train_image(run_for(folder, settings_for(base, survey, **changes), survey).run)
    return tensors_of(made.adapter)


def test_run_tells_what_happens_and_leaves_an_adapter(tmp_path: Path, base: Path, survey: Survey) -> None:
    sampled: list[int] = []

    def on_sample(step: int, model: Any) -> None:
        assert not model.core.training and not torch.is_grad_enabled()
        sampled.append(step)

    told = run_for(tmp_path / "run", settings_for(base, survey, sample_every=3), survey, on_sample=on_sample)
    made = train_image(told.run)
    assert (made.step, made.steps, made.why, made.stopped) == (STEPS, STEPS, "done", False)
    assert [event.step for event in told.of(Evaluated)] == [0, 2, 4, 6]
    [board] = (told.run.folder.path / "tensorboard").iterdir()
    assert board.stat().st_size > 500
    assert [event.step for event in told.of(Saved)] == [2, 4, 6]
    assert sampled == [0, 3, 6]
    last = told.of(Stepped)[-1]
    assert last.step == STEPS and math.isfinite(last.train_loss) and last.rate > 0 and last.left_s == 0
    names = [event.name for event in told.of(Phase)]
    assert names[:2] == ["loading", "caching"] and "evaluating" in names
    assert made.adapter == told.run.staged and (made.adapter / "pytorch_lora_weights.safetensors").is_file()
    assert [step for step, _, _ in made.losses] == [0, 2, 4, 6] and math.isnan(made.losses[0][1])
    assert made.units == STEPS * 4
    assert sorted(path.name for path in told.run.folder.checkpoints.glob("step-*")) == [
        "step-000004",
        "step-000006",
    ]


@pytest.mark.timeout(600)
def test_killed_run_goes_on_to_the_same_weights(tmp_path: Path, base: Path) -> None:
    survey = write_pictures(tmp_path / "pictures")
    folder = tmp_path / "run"
    module = "tests.worker.tune.tuned_pictures"
    arguments = [str(base), str(tmp_path / "pictures"), str(folder), "3"]
    ended = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, timeout=500, check=False
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()[-2000:]
    changes: Any = {"ema": 0.9, "flip": True, "text_encoder": True, "dropout": 0.1}
    told = run_for(folder, settings_for(base, survey, **changes), survey)
    made = train_image(told.run)
    assert [event.step for event in told.of(Noted) if event.code == "resumed"] == [2]
    assert same(tensors_of(made.adapter), trained(tmp_path / "whole", base, survey, **changes))


@pytest.mark.parametrize("method", ["adalora", "full", "textual_inversion"])
def test_stopped_run_goes_on_to_the_same_weights(
    tmp_path: Path, base: Path, survey: Survey, method: str
) -> None:
    settings = settings_for(base, survey, method, validate_every=-1)
    told = run_for(tmp_path / "run", settings, survey)
    told.run.listeners = (*told.run.listeners, at_step(3, lambda: told.run.folder.set_want("stop")))
    made = train_image(told.run)
    assert (made.step, made.stopped, made.why) == (3, True, "stopped") and any(made.adapter.iterdir())
    told.run.folder.set_want("run")
    made = train_image(run_for(tmp_path / "run", settings, survey).run)
    assert made.step == STEPS
    assert same(
        tensors_of(made.adapter), trained(tmp_path / "whole", base, survey, method=method, validate_every=-1)
    )


def test_cancelled_run_ends_at_once_and_keeps_its_checkpoints(
    tmp_path: Path, base: Path, survey: Survey
) -> None:
    told = run_for(tmp_path / "run", settings_for(base, survey), survey)
    told.run.listeners = (*told.run.listeners, at_step(3, lambda: told.run.folder.set_want("cancel")))
    with pytest.raises(StoppedError):
        train_image(told.run)
    assert told.of(Stepped)[-1].step == 3
    assert [path.name for path in told.run.folder.checkpoints.glob("step-*")] == ["step-000002"]


def test_paused_run_waits_with_a_checkpoint_and_goes_on(tmp_path: Path, base: Path, survey: Survey) -> None:
    told = run_for(tmp_path / "run", settings_for(base, survey), survey)

    def hear(event: Any) -> None:
        if isinstance(event, Stepped) and event.step == 3:
            told.run.folder.set_want("pause")
        if isinstance(event, Phase) and event.name == "paused":
            told.run.folder.set_want("run")

    told.run.listeners = (*told.run.listeners, hear)
    assert train_image(told.run).step == STEPS
    assert [event.step for event in told.of(Saved)] == [2, 3, 4, 6]


def test_what_memory_cannot_hold_at_once_is_computed_in_parts(
    tmp_path: Path,
    base: Path,
    survey: Survey,
    plain: dict[str, torch.Tensor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask = picture_step.predict

    def short_of_memory(model: Any, noisy: torch.Tensor, *others: Any) -> torch.Tensor:
        if torch.is_grad_enabled() and len(noisy) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return ask(model, noisy, *others)

    monkeypatch.setattr(picture_step, "predict", short_of_memory)
    told = run_for(tmp_path / "run", settings_for(base, survey), survey)
    made = train_image(told.run)
    assert made.step == STEPS and made.micro_batch == 1
    assert [event.code for event in told.of(Noted)] == ["memory"]
    parts = tensors_of(made.adapter)
    assert all(torch.allclose(parts[name], plain[name], atol=1e-5) for name in plain)


def test_memory_that_never_suffices_is_a_clear_error(
    tmp_path: Path, base: Path, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*_: Any) -> torch.Tensor:
        if torch.is_grad_enabled():
            raise torch.OutOfMemoryError("CUDA out of memory")
        return torch.zeros(1)

    told = run_for(tmp_path / "run", settings_for(base, survey, validate_every=-1), survey)
    monkeypatch.setattr(picture_step, "predict", no_memory)
    with pytest.raises(StudioError, match="memory does not suffice") as caught:
        train_image(told.run)
    assert caught.value.code == "no_memory"


def test_loss_that_is_no_number_ends_the_run_with_the_last_good_weights(
    tmp_path: Path, base: Path, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = run_for(tmp_path / "run", settings_for(base, survey), survey)
    errors = picture_step.squared_errors

    def spoilt(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        late = told.of(Stepped) and told.of(Stepped)[-1].step >= 3
        return errors(found, wanted) * (math.nan if late else 1.0)

    monkeypatch.setattr(picture_step, "squared_errors", spoilt)
    made = train_image(told.run)
    assert (made.step, made.why, made.stopped) == (3, "nan", True)
    assert all(torch.isfinite(tensor).all() for tensor in tensors_of(made.adapter).values())
    assert "nan" in [event.code for event in told.of(Noted)]


def test_too_high_a_rate_ends_as_diverged_with_the_best_weights(
    tmp_path: Path, base: Path, survey: Survey
) -> None:
    settings = settings_for(
        base, survey, "full", rate=5.0, clip=0.0, steps=40, schedule="constant", warmup=0.0
    )
    made = train_image(run_for(tmp_path / "run", settings, survey).run)
    assert made.why in ("diverged", "nan") and made.step < 40
    assert made.best_step == 0 and made.best_val == made.losses[0][2]
    assert all(torch.isfinite(tensor).all() for tensor in tensors_of(made.adapter).values())


def test_patience_ends_the_run_and_the_best_is_kept(tmp_path: Path, base: Path, survey: Survey) -> None:
    settings = settings_for(base, survey, "full", rate=0.05, steps=60, patience=2, schedule="constant")
    told = run_for(tmp_path / "run", settings, survey)
    made = train_image(told.run)
    values = {step: val for step, _, val in made.losses}
    assert made.why == "patience" and made.stopped and made.step < 60
    assert made.best_val == min(values.values()) == values[made.best_step]
    assert made.step == made.best_step + 4


def test_full_disk_at_a_checkpoint_keeps_the_one_before(
    tmp_path: Path, base: Path, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = run_for(tmp_path / "run", settings_for(base, survey, validate_every=-1), survey)
    from studio.worker.tune import picture_state

    write = picture_state.write

    def full(stepper: Any, folder: Path) -> None:
        write(stepper, folder)
        if told.of(Saved):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(picture_state, "write", full)
    with pytest.raises(StudioError, match="disk is full"):
        train_image(told.run)
    assert [path.name for path in told.run.folder.checkpoints.iterdir()] == ["step-000002"]


def test_picture_that_changed_meanwhile_is_left_out_and_told(tmp_path: Path, base: Path) -> None:
    survey = write_pictures(tmp_path / "pictures")
    shutil.copy(tmp_path / "pictures" / "01.png", tmp_path / "pictures" / "02.png")
    told = run_for(tmp_path / "run", settings_for(base, survey, steps=1), survey)
    train_image(told.run)
    [note] = told.of(Noted)
    assert note.code == "changed" and "02.png" in note.what


def test_prior_pictures_are_drawn_by_the_base_and_pull_the_weights(
    tmp_path: Path, base: Path, survey: Survey
) -> None:
    few = replace(survey, documents=survey.documents[1:3])
    settings = settings_for(base, few, steps=2, prior_caption="a fox", prior_weight=0.5, batch=2)
    told = run_for(tmp_path / "run", settings, few)
    made = train_image(told.run)
    drawn = sorted((told.run.folder.data / "prior").iterdir())
    assert [file.suffix for file in drawn] == [".png"] * 2
    assert made.units == 2 * 4
    assert not same(tensors_of(made.adapter), trained(tmp_path / "plain", base, few, steps=2, batch=2))


def test_training_without_a_cache_learns_the_same(
    tmp_path: Path, base: Path, survey: Survey, plain: dict[str, torch.Tensor]
) -> None:
    live = trained(tmp_path / "live", base, survey, cache=False)
    assert plain.keys() == live.keys()
    assert all(torch.allclose(plain[name], live[name], atol=1e-4) for name in plain)
    assert not [*(tmp_path / "live" / "data").rglob("*.safetensors")]
