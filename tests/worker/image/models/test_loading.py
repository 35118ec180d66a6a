"""Every family is read by our own code, mode by mode, and draws what diffusers' own loading draws."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.catalog.inspect import inspect_model
from studio.core.errors import StoppedError, StudioError
from studio.core.pictures import MODES, Mode
from studio.worker.image.loading import load_image
from tests.tiny_pictures import FAMILIES
from tests.worker.image.models.conftest import Pipelines
from tests.worker.image.models.drawing import draw, load

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning", "ignore:true_cfg_scale", "ignore:.*torchvision"
)


@pytest.mark.parametrize("family", FAMILIES)
def test_each_mode_draws_as_diffusers_own_loading_does(family: str, pipelines: Pipelines) -> None:
    import diffusers

    model = load(pipelines[family])
    theirs = diffusers.DiffusionPipeline.from_pretrained(pipelines[family], local_files_only=True)
    for mode in MODES:
        pipe = model.pipe(mode)
        other = type(pipe)(**theirs.components)
        other.set_progress_bar_config(disable=True)
        kind: Mode = "image" if mode == "upscale" else mode
        np.testing.assert_allclose(draw(pipe, kind), draw(other, kind), atol=2e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_pipelines_of_a_model_share_its_weights_but_no_scheduler(
    family: str, pipelines: Pipelines
) -> None:
    model = load(pipelines[family])
    text, image, inpaint = (model.pipe(mode) for mode in ("text", "image", "inpaint"))
    assert model.pipe("text") is text
    assert model.pipe("upscale") is image
    for name, part in model.parts.items():
        shared = [getattr(pipe, name) is part for pipe in (text, image, inpaint)]
        assert shared == [name != "scheduler"] * 3, name
    assert len({id(pipe.scheduler) for pipe in (text, image, inpaint)}) == 3
    assert model.core.dtype == torch.float32
    assert not any(weight.requires_grad for weight in model.core.parameters())
    assert model.parameters == inspect_model(pipelines[family]).parameters


def test_weights_are_cast_as_they_are_read(pipelines: Pipelines) -> None:
    model = load(pipelines["sd3"], torch.bfloat16)
    for part in ("transformer", "vae", "text_encoder_3"):
        assert {weight.dtype for weight in model.parts[part].parameters()} == {torch.bfloat16}
    assert np.isfinite(draw(model.pipe("text"), "text")).all()


def test_what_must_stay_in_full_precision_stays(pipelines: Pipelines) -> None:
    model = load(pipelines["flux"], torch.float16)
    encoder = model.parts["text_encoder_2"].encoder.block[0].layer[1].DenseReluDense
    assert (encoder.wo.weight.dtype, encoder.wi_0.weight.dtype) == (torch.float32, torch.float16)


def test_the_load_tells_how_far_it_is(pipelines: Pipelines) -> None:
    told: list[float] = []
    load_image(inspect_model(pipelines["sdxl"]), "cpu", torch.float32, told.append)
    assert told[0] == 0.0
    assert told[-1] == 1.0
    assert told == sorted(told)
    assert len({round(done, 1) for done in told}) >= 8


@pytest.mark.parametrize("at", [0.0, 0.3, 0.7, 0.98])
def test_a_cancel_is_heard_anywhere_in_the_load(at: float, pipelines: Pipelines) -> None:
    heard: list[float] = []

    def tick(done: float) -> None:
        heard.append(done)
        if done >= at:
            raise StoppedError

    with pytest.raises(StoppedError):
        load_image(inspect_model(pipelines["sd1"]), "cpu", torch.float32, tick)
    assert heard[-1] >= at
    assert [done for done in heard if done >= at] == heard[-1:]


def test_shards_and_a_half_precision_variant_are_read(pipelines: Pipelines, tmp_path: Path) -> None:
    folder = shutil.copytree(pipelines["sd1"], tmp_path / "m")
    whole = folder / "unet" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(whole)
    names = sorted(tensors)
    halves = (names[: len(names) // 2], names[len(names) // 2 :])
    shards = [f"diffusion_pytorch_model-0000{n}-of-00002.safetensors" for n in (1, 2)]
    for shard, part in zip(shards, halves, strict=True):
        save_file({name: tensors[name] for name in part}, whole.with_name(shard))
    map_of = {name: shard for shard, part in zip(shards, halves, strict=True) for name in part}
    whole.with_name("diffusion_pytorch_model.safetensors.index.json").write_text(
        json.dumps({"weight_map": map_of})
    )
    whole.unlink()
    vae = folder / "vae" / "diffusion_pytorch_model.safetensors"
    vae.rename(vae.with_name("diffusion_pytorch_model.fp16.safetensors"))
    assert (
        draw(load(folder).pipe("text"), "text") == draw(load(pipelines["sd1"]).pipe("text"), "text")
    ).all()


def test_a_missing_tensor_and_one_of_another_size_are_named(pipelines: Pipelines, tmp_path: Path) -> None:
    folder = shutil.copytree(pipelines["sd1"], tmp_path / "m")
    file = folder / "unet" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(file)
    first = tensors.pop("conv_in.weight")
    save_file(tensors, file)
    with pytest.raises(StudioError, match=r"not complete: the tensor conv_in\.weight is missing"):
        load(folder)
    save_file({**tensors, "conv_in.weight": first[:, :2].contiguous()}, file)
    with pytest.raises(StudioError, match=r"conv_in\.weight is 16 x 2 x 3 x 3, .* wants 16 x 4 x 3 x 3"):
        load(folder)


def test_a_damaged_tokenizer_and_a_senseless_config_are_refused(pipelines: Pipelines, tmp_path: Path) -> None:
    folder = shutil.copytree(pipelines["sd1"], tmp_path / "m")
    card = inspect_model(folder)
    words = (folder / "tokenizer" / "tokenizer.json").read_text()
    (folder / "tokenizer" / "tokenizer.json").write_text("{}")
    with pytest.raises(StudioError, match=r"tokenizer could not be read"):
        load_image(card, "cpu", torch.float32, lambda _done: None)
    (folder / "tokenizer" / "tokenizer.json").write_text(words)
    config = json.loads((folder / "unet" / "config.json").read_text())
    (folder / "unet" / "config.json").write_text(json.dumps({**config, "block_out_channels": "wide"}))
    with pytest.raises(StudioError, match=r"config\.json in .*unet could not be used"):
        load_image(card, "cpu", torch.float32, lambda _done: None)


def test_a_unet_made_for_masks_does_nothing_else(pipelines: Pipelines, tmp_path: Path) -> None:
    from tests.tiny_pictures import make_pipeline

    model = load(make_pipeline(tmp_path / "fills", "sd1", in_channels=9))
    assert draw(model.pipe("inpaint"), "inpaint").shape == (64, 64, 3)
    with pytest.raises(StudioError, match="only fills masks"):
        model.pipe("text")


def test_closing_lets_go_of_everything(pipelines: Pipelines) -> None:
    import gc
    import weakref

    model = load(pipelines["sd1"])
    held = [weakref.ref(model.pipe("text")), weakref.ref(model.core), weakref.ref(model.vae)]
    model.close()
    gc.collect()
    assert [ref() for ref in held] == [None, None, None]
