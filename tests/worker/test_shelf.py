"""The shelf loads what is there, keeps it while it is unchanged, and says clearly what it cannot use."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.core.errors import StoppedError, StudioError
from studio.core.events import Event, Loading, Ready, Started
from studio.worker.hashing import WeightsHash
from studio.worker.shelf import Shelf
from tests.worker.conftest import Models, RunJob, job_for, never


@pytest.fixture
def copied(models: Models, tmp_path: Path) -> Path:
    """A Llama folder that may be changed."""
    return Path(shutil.copytree(models["llama"], tmp_path / "copied"))


def test_warming_tells_progress_and_readiness(models: Models) -> None:
    heard: list[Event] = []
    Shelf(heard.append).warm(str(models["llama"]))
    assert isinstance(heard[0], Loading)
    assert [event.done for event in heard if isinstance(event, Loading)][-1] == 1.0
    ready = heard[-1]
    assert isinstance(ready, Ready)
    assert (ready.family, ready.context_tokens, ready.fill_in, ready.dtype) == ("llama", 256, True, "float32")
    assert ready.parameters == sum(
        weight.numel() for weight in load_file(models["llama"] / "model.safetensors").values()
    )


def test_a_model_is_loaded_once_and_again_when_its_files_change(copied: Path, run_job: RunJob) -> None:
    def loaded() -> bool:
        return any(isinstance(event, Ready) for event in run_job(job_for(copied)))

    assert [loaded(), loaded()] == [True, False]
    weights = load_file(copied / "model.safetensors")
    save_file(
        {name: weight * 0.5 for name, weight in weights.items()},
        copied / "model.safetensors",
        {"format": "pt"},
    )
    assert loaded()


def test_the_recipe_names_the_weights_by_their_hash(copied: Path, run_job: RunJob) -> None:
    made = next(event.made for event in run_job(job_for(copied)) if isinstance(event, Started))
    assert made.model_sha256 == hashlib.sha256((copied / "model.safetensors").read_bytes()).hexdigest()


def test_hash_of_shards_changes_with_any_of_them(tmp_path: Path) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    for file in files:
        file.write_bytes(b"x")
    first = WeightsHash(files, {}).result()
    files[1].write_bytes(b"yy")
    assert WeightsHash(files, {}).result() != first


def test_cancelling_a_load_stops_it_and_the_model_loads_later(models: Models) -> None:
    shelf = Shelf(lambda event: None)
    asked = iter(range(10))
    with pytest.raises(StoppedError):
        shelf.runner(str(models["llama"]), "job", lambda: next(asked) > 1)
    assert shelf.runner(str(models["llama"]), "job", never).model.family == "llama"


def test_only_the_last_models_stay(models: Models) -> None:
    heard: list[Event] = []
    shelf = Shelf(heard.append)
    for family in ("llama", "qwen3", "gpt2", "qwen3", "llama"):
        shelf.runner(str(models[family]), "", never)
    loaded = [event.model for event in heard if isinstance(event, Loading) and event.done == 0]
    assert [Path(model).name for model in loaded] == ["llama", "qwen3", "gpt2", "llama"]


def test_which_model_is_at_work_is_told_when_it_changes(models: Models) -> None:
    heard: list[Event] = []
    shelf = Shelf(heard.append)
    for family in ("llama", "llama", "qwen3", "llama", "llama"):
        shelf.runner(str(models[family]), "", never)
    told = [event.family for event in heard if isinstance(event, Ready)]
    assert told == ["llama", "qwen3", "llama"]


@pytest.mark.parametrize("family", ["llama", "qwen3"])
def test_a_missing_tensor_is_named_instead_of_invented(family: str, models: Models, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(models[family], tmp_path / family))
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(StudioError, match=r"model\.layers\.1\.mlp\.up_proj\.weight is missing"):
        Shelf(lambda event: None).runner(str(folder), "", never)


def test_a_tensor_too_many_is_named(copied: Path) -> None:
    weights = load_file(copied / "model.safetensors")
    weights["model.layers.1.self_attn.q_norm.weight"] = torch.ones(8)
    save_file(weights, copied / "model.safetensors", {"format": "pt"})
    with pytest.raises(StudioError, match="q_norm"):
        Shelf(lambda event: None).runner(str(copied), "", never)


def test_a_model_larger_than_the_memory_is_refused(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.worker.room._SPARE_MIB", 10**9)
    with pytest.raises(StudioError, match="MiB are free"):
        Shelf(lambda event: None).runner(str(models["llama"]), "", never)


def test_a_folder_that_went_away_is_told(copied: Path, run_job: RunJob) -> None:
    run_job(job_for(copied))
    (copied / "config.json").write_text(
        json.dumps({"model_type": "unheard_of", "architectures": ["OddCausalLM"]})
    )
    with pytest.raises(StudioError, match="unheard_of"):
        run_job(job_for(copied))
    shutil.rmtree(copied)
    with pytest.raises(StudioError, match="There is no folder or file"):
        run_job(job_for(copied))
