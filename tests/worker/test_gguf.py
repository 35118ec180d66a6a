"""GGUF models through llama.cpp: the same words as the model they were copied from."""

import builtins
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.core.errors import StudioError
from studio.core.events import Ready, Started, TakeEnd
from studio.worker.causal.llama import load_lean
from studio.worker.causal.llama_shape import lean_shape
from studio.worker.gguf_copy import copy_as_gguf
from studio.worker.text.gguf import GgufModel, library
from studio.worker.text.gguf_tokens import GgufTokens
from studio.worker.text.tokens import load_tokens
from tests import tiny_models
from tests.worker.conftest import GREEDY, RunJob, job_for, never

TEXT = "Once upon a time — in the “old” mill, 12345 foxes\n\nlived  there's naïve 狐狸. "


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Llama whose sizes fit GGUF's blocks."""
    base = tmp_path_factory.mktemp("gguf")
    return tiny_models.make_model(base / "model", "llama", head_dim=32, max_position_embeddings=512)


@pytest.fixture(scope="module")
def file(folder: Path) -> Path:
    """The same as a GGUF file in f32."""
    pytest.importorskip("llama_cpp", reason="the extra package llama-cpp-python is not installed")
    copy_as_gguf(folder, folder.parent / "model.gguf", "f32")
    return folder.parent / "model.gguf"


@pytest.fixture
def model(file: Path) -> GgufModel:
    return GgufModel(file, "llama", 1, lambda done: None)


def test_logits_agree_with_the_model_it_was_copied_from(folder: Path, model: GgufModel) -> None:
    shape = lean_shape(tiny_models.config_on_disk(folder))
    assert shape is not None
    ours = load_lean(folder, shape, "cpu", torch.float32, lambda done: None)
    found = []
    with torch.inference_mode():
        for each in (ours, model):
            cache: Any = each.empty()
            rows = [each.extend_all(cache, list(range(5, 25)))]  # type: ignore[attr-defined]
            forked = each.fork(cache, 3, 8)  # type: ignore[attr-defined]
            for at in range(4):
                rows.append(each.step(forked, torch.tensor([30 + at, 40, 50])))  # type: ignore[attr-defined]
            found.append(torch.cat(rows))
    scale = found[0].abs().max()
    assert (found[0] - found[1]).abs().max() / scale < 5e-3  # llama.cpp keeps keys and values in f16


def test_quantised_copies_stay_close(folder: Path, file: Path) -> None:
    found = []
    for kind in ("f32", "f16", "q8_0"):
        copy_as_gguf(folder, folder.parent / f"{kind}.gguf", kind)  # type: ignore[arg-type]
        each = GgufModel(folder.parent / f"{kind}.gguf", "llama", 1, lambda done: None)
        found.append(each.extend(each.empty(), list(range(5, 25))))
    for other in found[1:]:
        assert torch.corrcoef(torch.stack((found[0], other)))[0, 1] > 0.999


def test_takes_branch_crop_and_rewind(model: GgufModel) -> None:
    ids = list(range(5, 25))
    cache = model.empty()
    whole = model.extend(cache, ids)
    again = model.extend(model.cropped(cache, 12), ids[12:])
    torch.testing.assert_close(again, whole, atol=1e-3, rtol=0)
    forked = model.fork(cache, 2, 8)
    wanted = model.step(forked, [30, 31])
    model.step(forked, [32, 33])
    model.rewind(forked, 2)
    torch.testing.assert_close(model.step(forked, [30, 31]), wanted, atol=1e-3, rtol=0)
    many = model.step_many(model.fork(cache, 2, 8), [[30, 32], [31, 33]])
    torch.testing.assert_close(many[:, 0], wanted, atol=1e-3, rtol=0)


def test_dropped_caches_give_their_room_back(model: GgufModel) -> None:
    cache = model.empty()
    model.extend(cache, list(range(5, 25)))
    for _ in range(100):
        model.step(model.fork(cache, 8, 4), [7] * 8)
    with pytest.raises(StudioError, match="full"):
        held = [model.fork(cache, 8, 4) for _ in range(9)]
        del held


def test_a_prompt_beyond_the_cells_is_an_error_for_people(model: GgufModel) -> None:
    cells = [model.empty() for _ in range(9)]
    with pytest.raises(StudioError, match="full"):
        for each in cells:
            model.extend(each, [7] * model.context_tokens)


def test_the_tokenizer_is_the_same(folder: Path, model: GgufModel) -> None:
    theirs, ours = load_tokens(folder), GgufTokens(model)
    for text in (TEXT, "", "a", " a", "\n", "狐"):
        assert ours.encode(text) == theirs.encode(text)
        ids = theirs.encode(text).ids
        assert ours.decode(ids) == theirs.decode(ids) == text
    assert ours.pieces[: theirs.size] == theirs.pieces
    assert (ours.ends, ours.start, ours.fill_in) == (theirs.ends, theirs.start, theirs.fill_in)
    assert theirs.never <= ours.never
    assert ours.opens_with_space == theirs.opens_with_space
    assert ours.encode_template("<|endoftext|>a") == theirs.encode_template("<|endoftext|>a")
    assert ours.encode("<|endoftext|>").ids == theirs.encode("<|endoftext|>").ids


def test_a_file_makes_takes_like_any_other_model(folder: Path, file: Path, run_job: RunJob) -> None:
    texts = {}
    for path in (folder, file):
        events = run_job(job_for(path, sampling=GREEDY, takes=2))
        texts[path] = [event.text for event in events if isinstance(event, TakeEnd)]
    assert texts[folder] == texts[file]
    [made] = [event.made for event in events if isinstance(event, Started)]
    assert (made.kernel, made.family, made.device) == ("llama.cpp", "llama", "cpu")
    [ready] = [event for event in events if isinstance(event, Ready)]
    assert ready.fill_in


def test_the_same_seed_gives_the_same_takes(file: Path, run_job: RunJob) -> None:
    both = []
    for _ in range(2):
        events = run_job(job_for(file, "Once upon a time the fox sang. " * 4))
        both.append([event.text for event in events if isinstance(event, TakeEnd)])
    assert both[0] == both[1]


def test_a_broken_file_is_an_error_for_people(file: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(file.read_bytes()[:2000])
    with pytest.raises(StudioError, match=r"llama\.cpp cannot load bad\.gguf"):
        GgufModel(bad, "llama", 1, lambda done: None)


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name == "llama_cpp":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(StudioError) as caught:
        library()
    assert caught.value.code == "extra_missing"
    assert "atelier-studio[gguf]" in caught.value.do


def test_only_plain_llamas_are_copied(tmp_path: Path) -> None:
    folder = tiny_models.make_model(tmp_path / "m", "qwen3")
    with pytest.raises(ValueError, match="plain Llamas"):
        copy_as_gguf(folder, tmp_path / "m.gguf", "f32")
    assert not never()
