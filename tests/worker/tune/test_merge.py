"""Merging: the new model says what the base with its adapters says, and nothing is written over or left behind."""

from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
from safetensors.torch import load_file

from studio.catalog.adapter_note import read_note
from studio.catalog.inspect import inspect_model
from studio.core.adapter import Adapter
from studio.core.errors import StoppedError, StudioError
from studio.worker.image.loading import load_image
from studio.worker.tune import methods
from studio.worker.tune.merge import base_sha256, merge
from studio.worker.tune.methods_image import apply_image, save_image, save_inversion
from tests.tiny_models import make_model
from tests.tiny_pictures import make_lora, make_pipeline
from tests.worker.tune.learning import Training, fresh, logits, rows, settings_for
from tests.worker.tune.test_methods import halve


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with biases, so that nothing is spared."""
    return make_model(tmp_path_factory.mktemp("bases") / "gpt2", "gpt2")


def learnt(base: Path, method: str, folder: Path, seed: int = 0) -> Adapter:
    """An adapter after two steps."""
    settings = settings_for(base, method).changed(seed=seed)
    model = methods.apply(fresh(base), settings, steps=2)
    Training(model, settings, 2).steps([1 + seed, 2])
    folder.mkdir()
    methods.save(model, folder, settings, inspect_model(base), base_sha256=base_sha256(inspect_model(base)))
    return Adapter(path=str(folder))


@pytest.mark.parametrize("method", ["lora", "dora", "adalora", "ia3"])
def test_merged_model_says_what_base_and_adapter_say(method: str, base: Path, tmp_path: Path) -> None:
    adapter = learnt(base, method, tmp_path / "adapter")
    out = merge(inspect_model(base), [adapter], tmp_path / "merged")
    together = logits(methods.load(fresh(base), tmp_path / "adapter"), rows())
    assert torch.allclose(logits(fresh(out), rows()), together, atol=1e-4)
    assert not torch.allclose(logits(fresh(base), rows()), together, atol=1e-4)
    assert inspect_model(out).usable
    note = read_note(out)
    assert note is not None
    assert note.merged == ((str(tmp_path / "adapter"), 1.0),)


def test_several_adapters_add_up_with_their_weights(base: Path, tmp_path: Path) -> None:
    first, second = learnt(base, "lora", tmp_path / "a"), learnt(base, "ia3", tmp_path / "b", seed=4)
    mixed = [first.changed(weight=0.5), second.changed(weight=-1.5), second.changed(weight=0.5)]
    card = inspect_model(base)
    parts = [
        load_file(merge(card, chosen, tmp_path / f"m{number}") / "model.safetensors")
        for number, chosen in enumerate(([first], [second], mixed))
    ]
    own = load_file(base / "model.safetensors")
    for name, weight in own.items():
        sum_of = weight + 0.5 * (parts[0][name] - weight) - 1.0 * (parts[1][name] - weight)
        assert torch.allclose(parts[2][name], sum_of, atol=1e-5), name


def test_merging_keeps_the_number_type_and_the_base(tmp_path: Path) -> None:
    base = make_model(tmp_path / "base", "llama")
    halve(base)
    before = (base / "model.safetensors").read_bytes()
    adapter = learnt(base, "lora", tmp_path / "adapter")
    out = merge(inspect_model(base), [adapter], tmp_path / "merged", name="Mine")
    assert {tensor.dtype for tensor in load_file(out / "model.safetensors").values()} == {torch.float16}
    assert (base / "model.safetensors").read_bytes() == before
    assert (out / "tokenizer.json").read_bytes() == (base / "tokenizer.json").read_bytes()
    note = read_note(out)
    assert note is not None
    assert note.name == "Mine"


def test_nothing_is_written_over_and_nothing_left_behind(base: Path, tmp_path: Path) -> None:
    card, place = inspect_model(base), tmp_path / "place"
    adapter = learnt(base, "lora", tmp_path / "adapter")
    soft = learnt(base, "prompt", tmp_path / "soft")
    refused: list[tuple[Any, str, type[Exception]]] = [
        ([soft], "can't be merged", StudioError),
        ([], "no adapter to merge", StudioError),
        ([adapter.changed(weight=0.0)], "no adapter to merge", StudioError),
        ([Adapter(path=str(tmp_path / "nowhere"))], "nowhere", StudioError),
    ]
    for adapters, words, kind in refused:
        with pytest.raises(kind, match=words):
            merge(card, adapters, place / "out")
    with pytest.raises(StoppedError):
        merge(card, [adapter], place / "out", stopped=lambda: True)
    assert not place.exists() or list(place.iterdir()) == []
    (place / "out").mkdir(parents=True)
    (place / "out" / "mine.txt").write_text("mine")
    with pytest.raises(StudioError, match="something in") as told:
        merge(card, [adapter], place / "out")
    assert told.value.code == "exists"
    assert [file.name for file in place.rglob("*")] == ["out", "mine.txt"]


def test_picture_model_takes_adapters_of_every_kind_at_once(tmp_path: Path) -> None:
    base = make_pipeline(tmp_path / "base")
    card = inspect_model(base)
    settings = settings_for(base, "dora", "image")
    model = load_image(card, "cpu", torch.float32, lambda _: None)
    tuned = apply_image(model, settings, steps=2)
    for _, weight in methods.trainable(tuned["unet"]):
        weight.data += 0.1 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(1))
    (tmp_path / "dora").mkdir()
    save_image(model, tuned, tmp_path / "dora", settings)
    make_lora(tmp_path / "plain.safetensors", base)
    word = settings_for(base, "textual_inversion", "image")
    (tmp_path / "word").mkdir()
    save_inversion(model, {"text_encoder": torch.ones(1, 32)}, tmp_path / "word", word)
    paths = ("dora", "plain.safetensors", "word")
    out = merge(card, [Adapter(path=str(tmp_path / path)) for path in paths], tmp_path / "out")

    noise = (torch.randn(1, 4, 8, 8), 5)
    words = torch.randn(1, 7, 32)
    merged = diffusers.UNet2DConditionModel.from_pretrained(out / "unet").eval()
    pipe = diffusers.StableDiffusionPipeline.from_pretrained(base, safety_checker=None)
    pipe.load_lora_weights(str(tmp_path / "plain.safetensors"))
    pipe.fuse_lora()
    pipe.unload_lora_weights()
    once = pipe.unet.state_dict()
    own = load_file(base / "unet/diffusion_pytorch_model.safetensors")
    alone = load_file(
        merge(card, [Adapter(path=str(tmp_path / "dora"))], tmp_path / "o2") / "unet" / _WEIGHTS
    )
    for name, weight in own.items():
        sum_of = weight + (once[name] - weight) + (alone[name] - weight)
        assert torch.allclose(merged.state_dict()[name], sum_of, atol=1e-4), name
    with torch.no_grad():
        tuned["unet"].eval()
        adapted = model.core(*noise, encoder_hidden_states=words).sample
        merged.load_state_dict(alone)
        assert torch.allclose(merged(*noise, encoder_hidden_states=words).sample, adapted, atol=1e-4)
    taught = diffusers.StableDiffusionPipeline.from_pretrained(out, safety_checker=None)
    token = taught.tokenizer.convert_tokens_to_ids("<it>")
    assert torch.equal(taught.text_encoder.get_input_embeddings().weight[token], torch.ones(32))
    assert inspect_model(out).usable


_WEIGHTS = "diffusion_pytorch_model.safetensors"
