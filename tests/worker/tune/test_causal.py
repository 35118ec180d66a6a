"""Training of text and music: it learns, keeps the best, is paused, stopped and cancelled, and leaves an adapter."""

import json
import math
import threading
import warnings
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
import transformers
from safetensors.torch import load_file

from studio.catalog.inspect import inspect_model
from studio.core.errors import StoppedError, StudioError
from studio.core.tune_events import Broke, Evaluated, Noted, Phase, RunEvent, Saved, Stepped
from studio.media.music.vocabulary import PAD, SAMPLED
from studio.worker.text.tokens import load_tokens
from studio.worker.tune import callbacks, methods
from studio.worker.tune.calling import Caller
from studio.worker.tune.causal import train_music, train_text
from studio.worker.tune.loading import read_causal
from studio.worker.tune.material import documents_of
from studio.worker.tune.weighing import mean_loss, weigh_documents
from tests.tiny_models import make_model, make_music_model
from tests.worker.tune.training import events, make_run, settings_of, write_pieces, write_texts


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


def at(step: int, do: Any) -> Any:
    """A listener that does something when a step is told."""

    def listen(event: RunEvent) -> None:
        if isinstance(event, Stepped) and event.step == step:
            do()

    return listen


def test_text_is_learnt_and_the_best_is_an_adapter_that_peft_loads(
    base: Path, folder: Path, tmp_path: Path
) -> None:
    sampled: list[tuple[int, bool]] = []

    def on_sample(step: int, model: Any) -> None:
        torch.rand(3)
        sampled.append((step, model.training or torch.is_grad_enabled()))

    settings = settings_of(
        "text", base, folder, steps=20, run={"tensorboard": True, "validate_every": 5, "sample_every": 10}
    )
    run = make_run(tmp_path / "a", settings, on_sample=on_sample)
    trained = train_text(run)
    assert (trained.step, trained.why, trained.stopped) == (20, "done", False)
    values = [value for _, _, value in trained.losses]
    assert [step for step, _, _ in trained.losses] == [0, 5, 10, 15, 20]
    assert math.isnan(trained.losses[0][1]) and trained.best_val == min(values[1:]) < 0.9 * values[0]
    assert sampled == [(0, False), (10, False), (20, False)]
    steps, saved = events(run, Stepped), events(run, Saved)
    assert steps[-1].step == 20 and steps[-1].rate > 0 and steps[-1].memory_mib > 10 and steps[-1].left_s == 0
    assert {one.lr for one in steps} != {steps[0].lr}
    assert [one.step for one in saved] == [4, 8, 12, 16, 20]
    assert (run.folder.path / saved[-1].folder / "manifest.json").is_file()
    assert sorted(path.name for path in run.folder.checkpoints.glob("step-*")) == [
        "step-000016",
        "step-000020",
    ]
    assert [one.val_loss for one in events(run, Evaluated)] == values
    assert list((run.folder.path / "tensorboard").iterdir())
    model = transformers.AutoModelForCausalLM.from_pretrained(base)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers in words of yesterday
        with_adapter = peft.PeftModel.from_pretrained(model, str(trained.adapter)).eval()
    held = documents_of(run, inspect_model(base), "validation", load_tokens(base))
    found = mean_loss(weigh_documents(with_adapter, held, Caller(False)))
    assert found == pytest.approx(trained.best_val, rel=1e-4)
    quiet = train_text(
        make_run(tmp_path / "b", settings_of("text", base, folder, steps=20, run={"validate_every": 5}))
    )
    files = [one.adapter / "adapter_model.safetensors" for one in (trained, quiet)]
    assert files[0].read_bytes() == files[1].read_bytes()  # samples leave no trace


def test_music_is_learnt_in_the_mix_of_tasks(tmp_path: Path) -> None:
    base = make_music_model(tmp_path / "base", context=512)
    settings = settings_of("music", base, write_pieces(tmp_path / "songs"), steps=12)
    run = make_run(tmp_path / "runs", settings)
    trained = train_music(run)
    values = [value for _, _, value in trained.losses]
    assert trained.best_val == min(values[1:]) < 0.97 * values[0]
    model = methods.load(read_causal(base), trained.adapter)
    held = documents_of(run, inspect_model(base), "validation", None)
    caller = Caller(True, sampled=SAMPLED, pad=PAD)
    assert mean_loss(weigh_documents(model, held, caller)) < values[0]


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_other_number_types_train_too(precision: str, base: Path, folder: Path, tmp_path: Path) -> None:
    settings = settings_of("text", base, folder, steps=4, optimizer={"precision": precision})
    trained = train_text(make_run(tmp_path, settings))
    assert trained.precision == ("bf16" if precision == "bf16" else "fp32")  # fp16 is for graphics cards
    assert all(
        value.dtype == torch.float32
        for value in load_file(trained.adapter / "adapter_model.safetensors").values()
    )
    assert trained.losses[-1][2] < trained.losses[0][2]


@pytest.mark.parametrize("method", ["dora", "ia3", "prefix", "prompt", "bitfit"])
def test_every_method_trains_in_bf16(method: str, base: Path, folder: Path, tmp_path: Path) -> None:
    family = make_model(tmp_path / "gpt2", "gpt2") if method == "bitfit" else base
    settings = settings_of("text", family, folder, steps=2, method=method, optimizer={"precision": "bf16"})
    trained = train_text(make_run(tmp_path, settings))
    assert (
        trained.step == 2 and math.isfinite(trained.best_val) and any(trained.adapter.glob("*.safetensors"))
    )


def test_a_stop_keeps_what_was_learnt(base: Path, folder: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path, settings_of("text", base, folder, steps=50))
    run.listeners = (at(5, lambda: run.folder.set_want("stop")),)
    trained = train_text(run)
    assert trained.stopped and trained.why == "stopped" and trained.step == 5
    assert [step for step, _, _ in trained.losses] == [0, 4, 5]
    assert events(run, Saved)[-1].step == 5
    assert (trained.adapter / "adapter_config.json").is_file()
    run.folder.set_want("run")
    run.listeners = (at(7, lambda: run.folder.set_want("stop")),)
    assert train_text(run).step == 7  # it goes on when it is asked to


def test_a_pause_holds_it_in_place_and_leaves_a_checkpoint(base: Path, folder: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path, settings_of("text", base, folder, steps=6, run={"checkpoint_every": -1}))
    held = threading.Event()

    def listen(event: RunEvent) -> None:
        if isinstance(event, Stepped) and event.step == 3:
            run.folder.set_want("pause")
        if isinstance(event, Phase) and event.name == "paused":
            assert [path.name for path in run.folder.checkpoints.glob("step-*")] == ["step-000003"]
            held.set()
            run.folder.set_want("run")

    run.listeners = (listen,)
    trained = train_text(run)
    assert held.is_set() and trained.step == 6 and trained.why == "done"
    names = [event.name for event in events(run, Phase)]
    assert names[names.index("paused") + 1] == "training"


def test_a_cancel_ends_it_at_once_and_keeps_the_checkpoints(base: Path, folder: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path, settings_of("text", base, folder, steps=50))
    run.listeners = (at(6, lambda: run.folder.set_want("cancel")),)
    with pytest.raises(StoppedError) as caught:
        train_text(run)
    assert caught.value.code == "cancelled" and not run.staged.exists()
    assert events(run, Stepped)[-1].step == 6 and [one.step for one in events(run, Saved)] == [4]
    assert not events(run, Broke)  # that is the runner's to tell


def test_patience_ends_it_and_the_best_is_what_is_kept(base: Path, folder: Path, tmp_path: Path) -> None:
    settings = settings_of(
        "text",
        base,
        folder,
        steps=60,
        optimizer={"rate": 0.3, "schedule": "constant"},
        run={"validate_every": 2, "patience": 2},
    )
    run = make_run(tmp_path, settings)
    trained = train_text(run)
    assert trained.why == "patience" and trained.stopped and trained.step == trained.best_step + 4
    assert trained.best_val == min(value for step, _, value in trained.losses if step)
    steps = len(events(run, Stepped))
    again = train_text(run)  # a crash before it was published: nothing is trained once more
    assert (again.why, again.step, again.best_step) == ("patience", trained.step, trained.best_step)
    assert len(events(run, Stepped)) == steps


def test_the_time_that_was_given_ends_it(base: Path, folder: Path, tmp_path: Path) -> None:
    trained = train_text(
        make_run(tmp_path, settings_of("text", base, folder, steps=500, run={"minutes": 0.001}))
    )
    assert trained.why == "minutes" and 0 < trained.step < 500 and trained.stopped


def test_without_a_validation_side_the_last_weights_are_kept(
    base: Path, folder: Path, tmp_path: Path
) -> None:
    settings = settings_of("text", base, folder, steps=3, data={"validation": 0.0, "test": 0.0})
    trained = train_text(make_run(tmp_path, settings))
    assert trained.losses == () and trained.best_step == 3 and math.isnan(trained.best_val)


def test_it_goes_on_from_an_adapter(base: Path, folder: Path, tmp_path: Path) -> None:
    first = train_text(make_run(tmp_path / "a", settings_of("text", base, folder, steps=12)))
    kept = tmp_path / "kept"
    first.adapter.rename(kept)
    settings = settings_of("text", base, folder, steps=4, from_adapter=str(kept))
    second = train_text(make_run(tmp_path / "b", settings))
    assert second.losses[0][2] == pytest.approx(first.best_val, rel=1e-4)


def test_a_damaged_base_is_said_so(folder: Path, tmp_path: Path) -> None:
    base = make_model(tmp_path / "base")
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))
    run = make_run(tmp_path / "runs", settings_of("text", base, folder))
    with pytest.raises(StudioError) as caught:
        train_text(run)
    assert caught.value.code in ("damaged_model", "model")


def test_weights_and_biases_is_missed_with_a_word(base: Path, folder: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path, settings_of("text", base, folder, steps=1, run={"wandb": True}))
    train_text(run)
    notes = [note.code for note in events(run, Noted)]
    assert notes == ([] if (run.folder.path / "wandb").is_dir() else ["no_wandb"])


def test_the_last_line_that_a_power_cut_tore_is_ended_first(tmp_path: Path, folder: Path, base: Path) -> None:
    run = make_run(tmp_path, settings_of("text", base, folder))
    run.folder.events_file.write_bytes(b'{"event":"step","ru')
    run.note("one")
    run.note("two")
    assert [note.what for note in events(run, Noted)] == ["one", "two"]
    assert run.folder.events_file.read_bytes().count(b"\n") == 3
