"""Memory that runs out while training, losses that go astray: what is tried, said and kept."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.core.errors import StudioError
from studio.core.tune_events import Noted, Stepped
from studio.worker.tune import calling, causal
from studio.worker.tune.calling import Caller
from studio.worker.tune.causal import train_text
from studio.worker.tune.ladder import Ladder
from studio.worker.tune.watch import AstrayError, Watch
from tests.tiny_models import make_model
from tests.worker.tune.training import events, make_run, settings_of, write_texts


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """Sums come out the same every time."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model."""
    return make_model(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Something to learn from."""
    return write_texts(tmp_path_factory.mktemp("texts"))


def test_less_at_once_then_less_remembered_then_a_clear_end() -> None:
    ladder = Ladder(5)
    assert "with 3 at once" in ladder.step_down()
    ladder.step_down()
    ladder.step_down()
    assert ladder.micro_batch == 1 and not ladder.checkpointing
    assert "checkpointing" in ladder.step_down()
    with pytest.raises(StudioError) as caught:
        ladder.step_down()
    assert caught.value.code == "no_memory"
    with pytest.raises(StudioError):
        Ladder(1, can_checkpoint=False).step_down()


class Short:
    """A caller whose memory holds so many rows at once."""

    def __init__(self, inner: Caller, room: int) -> None:
        self.packed, self.sampled, self.pad = inner.packed, inner.sampled, inner.pad
        self._inner, self._room, self.sizes = inner, room, []

    def costs(self, model: Any, rows: Any, device: torch.device) -> torch.Tensor:
        """As the real one, but for the memory: it runs out when most is done."""
        found = self._inner.costs(model, rows, device)
        if model.training:
            self.sizes.append(len(rows))
            if len(rows) > self._room:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")
        return found


def short_of_memory(monkeypatch: pytest.MonkeyPatch, room: int) -> list[Short]:
    """Have all callers be short."""
    made: list[Short] = []

    def make(*given: Any) -> Short:
        made.append(Short(calling.Caller(*given), room))
        return made[-1]

    monkeypatch.setattr(causal, "Caller", make)
    return made


def test_out_of_memory_goes_on_in_smaller_parts_with_the_same_result(
    base: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes: dict[str, Any] = {"steps": 3, "run": {"validate_every": -1}}
    small = settings_of("text", base, folder, optimizer={"batch": 4, "micro_batch": 1}, **changes)
    plain = train_text(make_run(tmp_path / "a", small))
    made = short_of_memory(monkeypatch, room=1)
    large = settings_of("text", base, folder, optimizer={"batch": 4, "micro_batch": 4}, **changes)
    run = make_run(tmp_path / "b", large)
    trained = train_text(run)
    assert made[-1].sizes[:3] == [4, 2, 1] and set(made[-1].sizes[3:]) == {1}
    assert trained.micro_batch == 1 and trained.step == 3
    assert [note.code for note in events(run, Noted)] == ["memory", "memory"]
    weights = [one.adapter / "adapter_model.safetensors" for one in (plain, trained)]
    assert weights[0].read_bytes() == weights[1].read_bytes()  # what was tried in vain left no trace


def test_where_nothing_helps_it_fails_clearly(
    base: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_of_memory(monkeypatch, room=0)
    run = make_run(tmp_path, settings_of("text", base, folder))
    with pytest.raises(StudioError) as caught:
        train_text(run)
    assert caught.value.code == "no_memory"
    assert any("checkpointing" in note.what for note in events(run, Noted))


def test_an_error_that_is_not_of_memory_is_not_swallowed(
    base: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> torch.Tensor:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(calling.Caller, "_nats", broken)
    run = make_run(tmp_path, settings_of("text", base, folder, run={"validate_every": -1}))
    with pytest.raises(RuntimeError, match="mat1"):
        train_text(run)


def test_a_loss_that_is_no_number_or_climbs_is_noticed() -> None:
    watch = Watch()
    watch.loss(3.0)
    for value in (math.nan, math.inf):
        with pytest.raises(AstrayError) as caught:
            watch.loss(value)
        assert caught.value.why == "nan"
    with pytest.raises(AstrayError):
        watch.norm(math.nan)
    for _ in range(30):
        watch.loss(2.0)
    other = Watch()
    other.take_up(watch.kept())
    with pytest.raises(AstrayError) as caught:
        for _ in range(30):
            other.loss(5.0)
    assert caught.value.why == "diverged"
    noisy = Watch()
    for step in range(200):
        noisy.loss(3.0 + 0.8 * math.sin(step * 1.7) - step / 200)


def nan_from(monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    """Have the loss be no number from some training part on."""
    costs, seen = calling.Caller.costs, [0]

    def poisoned(self: Caller, model: Any, rows: Any, device: torch.device) -> torch.Tensor:
        found = costs(self, model, rows, device)
        seen[0] += model.training
        return found * float("nan") if model.training and seen[0] >= first else found

    monkeypatch.setattr(calling.Caller, "costs", poisoned)


def test_no_number_ends_the_training_and_the_last_good_state_is_kept(
    base: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nan_from(monkeypatch, first=11)  # two parts a step: in the sixth
    run = make_run(tmp_path, settings_of("text", base, folder))
    trained = train_text(run)
    assert trained.why == "nan" and trained.stopped and trained.step == 5
    assert trained.best_step == 4 and math.isfinite(trained.best_val)
    assert len(events(run, Stepped)) <= 5
    note = next(note for note in events(run, Noted) if note.code == "nan")
    assert "at step 6" in note.what and "lower learning rate" in note.do


def test_no_number_at_the_first_step_leaves_nothing_and_says_so(
    base: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nan_from(monkeypatch, first=1)
    run = make_run(tmp_path, settings_of("text", base, folder))
    with pytest.raises(StudioError) as caught:
        train_text(run)
    assert caught.value.code == "diverged" and not run.staged.exists()
