"""The number type of large models: tried once, kept, and harmless when it cannot be kept."""

import json
from pathlib import Path

import pytest
import torch

from studio.core.events import Started
from studio.worker import makers, precision
from studio.worker.precision import bf16_is_faster
from tests.worker.conftest import Models, RunJob, job_for


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> dict[torch.dtype, float]:
    """What the probe measures; it notes each try under `tries`."""
    found = {torch.float32: 1.0, torch.bfloat16: 0.5}
    monkeypatch.setattr(precision, "_seconds", lambda dtype, threads, rows: found[dtype])
    return found


@pytest.mark.parametrize(("bf16", "faster"), [(0.5, True), (0.83, True), (0.9, False), (2.0, False)])
def test_bf16_must_win_clearly(
    bf16: float, faster: bool, seconds: dict[torch.dtype, float], tmp_path: Path
) -> None:
    seconds[torch.bfloat16] = bf16
    assert bf16_is_faster(tmp_path / "new", 1) is faster


def test_the_verdict_stays(seconds: dict[torch.dtype, float], tmp_path: Path) -> None:
    assert bf16_is_faster(tmp_path, 1)
    seconds[torch.bfloat16] = 9.0
    assert bf16_is_faster(tmp_path, 1)
    assert not bf16_is_faster(tmp_path, 2)
    assert sorted(json.loads((tmp_path / "precision.json").read_text()).values()) == [False, True]


@pytest.mark.parametrize("written", ["", "[1]", '{"a": 3}', "\xff"])
def test_an_unreadable_verdict_is_tried_again(
    written: str, seconds: dict[torch.dtype, float], tmp_path: Path
) -> None:
    (tmp_path / "precision.json").write_bytes(written.encode("latin-1"))
    assert bf16_is_faster(tmp_path, 1)


def test_the_real_probe_leaves_the_threads_alone(tmp_path: Path) -> None:
    before = torch.get_num_threads()
    assert bf16_is_faster(tmp_path, 1) in (True, False)
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(("family", "dtype"), [("qwen3", "bfloat16"), ("llama", "float32")])
def test_only_models_without_the_compiled_step_change_their_type(
    family: str, dtype: str, models: Models, run_job: RunJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(makers, "LARGE", 1)
    monkeypatch.setattr(makers, "bf16_is_faster", lambda folder, threads: True)
    [made] = [event.made for event in run_job(job_for(models[family])) if isinstance(event, Started)]
    assert made.dtype == dtype
