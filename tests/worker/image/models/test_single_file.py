"""Checkpoint files draw what the folders they were made from draw; the layouts are those of the real models."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.catalog.inspect import inspect_model
from studio.core.errors import StudioError
from studio.core.resources import resource_path
from studio.worker.image.components import class_of
from studio.worker.image.loading import load_image
from tests import tiny_checkpoints
from tests.tiny_checkpoints import SINGLE, make_checkpoint
from tests.worker.image.models.conftest import Pipelines
from tests.worker.image.models.drawing import draw, load

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning", "ignore:true_cfg_scale", "ignore:.*torchvision"
)


@pytest.mark.parametrize("family", SINGLE)
def test_a_checkpoint_draws_what_its_folder_draws(family: str, pipelines: Pipelines, tmp_path: Path) -> None:
    file = make_checkpoint(tmp_path / "dream.safetensors", pipelines[family], family)
    card = inspect_model(file, [])
    assert (card.kind, card.family, card.usable, card.title) == ("image", family, True, "dream")
    assert card.parameters == inspect_model(pipelines[family]).parameters
    told: list[float] = []
    model = load_image(card, "cpu", torch.float32, told.append)
    np.testing.assert_array_equal(
        draw(model.pipe("text"), "text"), draw(load(pipelines[family]).pipe("text"), "text")
    )
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_the_same_as_diffusers_own_reading_of_the_file(
    family: str, pipelines: Pipelines, tmp_path: Path
) -> None:
    import diffusers

    file = make_checkpoint(tmp_path / "dream.safetensors", pipelines[family], family)
    model = load_image(inspect_model(file, []), "cpu", torch.float32, lambda _done: None)
    pipe = model.pipe("text")
    folder = file.with_suffix("")
    (folder / "model_index.json").write_bytes((pipelines[family] / "model_index.json").read_bytes())
    theirs = type(pipe).from_single_file(str(file), config=str(folder), local_files_only=True)
    theirs.set_progress_bar_config(disable=True)
    assert isinstance(theirs, diffusers.DiffusionPipeline)
    np.testing.assert_array_equal(draw(pipe, "text"), draw(theirs, "text"))


def test_a_tokenizer_of_another_model_is_used_with_this_ones_padding(
    pipelines: Pipelines, tmp_path: Path
) -> None:
    missing = ("tokenizer", "tokenizer_2")
    file = make_checkpoint(tmp_path / "dream.safetensors", pipelines["sdxl"], "sdxl", leave_out=missing)
    card = inspect_model(file, [pipelines["sd1"]])
    assert card.parts == dict.fromkeys(missing, str(pipelines["sd1"] / "tokenizer"))
    model = load_image(card, "cpu", torch.float32, lambda _done: None)
    pads = [model.parts[name].pad_token for name in missing]
    assert pads == ["<|endoftext|>", "!"]


def test_encoders_and_vae_of_another_model_are_used(pipelines: Pipelines, tmp_path: Path) -> None:
    missing = ("text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "vae")
    file = make_checkpoint(tmp_path / "flow.safetensors", pipelines["flux"], "flux", leave_out=missing)
    for name in ("text_encoder", "text_encoder_2", "vae"):  # what the real ones are, told beside the file
        (file.with_suffix("") / name).mkdir(parents=True)
        config = (pipelines["flux"] / name / "config.json").read_bytes()
        (file.with_suffix("") / name / "config.json").write_bytes(config)
    card = inspect_model(file, [pipelines["sd1"], pipelines["flux"]])
    assert card.usable, card.why_not
    assert card.parts["vae"] == str(pipelines["flux"] / "vae")
    assert card.parts["text_encoder_2"] == str(pipelines["flux"] / "text_encoder_2")
    model = load_image(card, "cpu", torch.float32, lambda _done: None)
    np.testing.assert_array_equal(
        draw(model.pipe("text"), "text"), draw(load(pipelines["flux"]).pipe("text"), "text")
    )


def test_sd3_without_t5_is_drawn_with_the_clips_alone(pipelines: Pipelines, tmp_path: Path) -> None:
    left = ("text_encoder_3", "tokenizer_3")
    file = make_checkpoint(tmp_path / "three.safetensors", pipelines["sd3"], "sd3", leave_out=left)
    card = inspect_model(file, [])
    assert card.usable, card.why_not
    model = load_image(card, "cpu", torch.float32, lambda _done: None)
    assert model.parts["text_encoder_3"] is None
    assert np.isfinite(draw(model.pipe("text"), "text")).all()


def test_an_incomplete_file_says_which_part_is_broken(pipelines: Pipelines, tmp_path: Path) -> None:
    file = make_checkpoint(tmp_path / "three.safetensors", pipelines["sd3"], "sd3")
    tensors = load_file(file)
    tensors.pop("model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight")
    save_file(tensors, file)
    with pytest.raises(StudioError, match="its transformer is not complete"):
        load_image(inspect_model(file, []), "cpu", torch.float32, lambda _done: None)


# The layouts at full size, without memory

COUNTS = {  # as the makers publish them
    "sd1/unet": 859_520_964, "sd1/vae": 83_653_863, "sd1/text_encoder": 123_060_480, "sd2/unet": 865_910_724,
    "sd2/text_encoder": 340_387_840, "sdxl/unet": 2_567_463_684, "sdxl/text_encoder_2": 694_659_840,
    "sd3/transformer": 2_028_328_000, "sd3/vae": 83_819_683, "sd3/text_encoder_3": 4_762_310_656,
    "flux/transformer": 11_901_408_320, "flux/text_encoder_2": 4_762_310_656, "z_image/transformer": 6_154_908_736,
    "qwen_image/transformer": 20_430_401_088, "qwen_image/vae": 126_892_531,
}  # fmt: skip
NAMES = {
    "unet": lambda tensors: tiny_checkpoints.unet_names(tensors, 2), "vae": tiny_checkpoints.vae_names,
    "sd3": tiny_checkpoints.sd3_names, "flux": tiny_checkpoints.flux_names, "z_image": tiny_checkpoints.z_image_names,
}  # fmt: skip


def full_size(family: str, component: str) -> tuple[str, dict[str, Any], dict[str, torch.Tensor]]:
    """Class, config and the weights' shapes of a component as its layout says, on the meta device."""
    folder = resource_path("layouts", family)
    library, name = json.loads((folder / "model_index.json").read_text())[component]
    config = json.loads((folder / component / "config.json").read_text())
    kind = class_of(library, name)
    with torch.device("meta"):
        made = (
            kind.from_config(config) if library == "diffusers" else kind(kind.config_class.from_dict(config))
        )
    return name, config, {key: tensor.to("meta") for key, tensor in made.state_dict().items()}


@pytest.mark.parametrize("part", COUNTS)
def test_a_layout_is_that_of_the_real_model(part: str) -> None:
    family, _, component = part.partition("/")
    name, _, tensors = full_size(family, component)
    parameters = sum(
        tensor.numel()
        for key, tensor in tensors.items()
        if not key.endswith(("pos_embed.pos_embed", "encoder.embed_tokens.weight"))
    )
    assert parameters == COUNTS[part], name


CONVERTED = (
    "sd1/unet", "sd1/vae", "sd2/unet", "sdxl/unet", "sd3/transformer", "flux/transformer", "z_image/transformer",
)  # fmt: skip


@pytest.mark.parametrize("part", CONVERTED)
def test_the_makers_names_become_those_of_the_full_model(part: str) -> None:
    from diffusers.loaders.single_file_model import SINGLE_FILE_LOADABLE_CLASSES

    family, _, component = part.partition("/")
    name, config, tensors = full_size(family, component)
    theirs = (NAMES.get(component) or NAMES[family])(tensors)
    named = SINGLE_FILE_LOADABLE_CLASSES[name]["checkpoint_mapping_fn"](
        config=config, checkpoint=dict(theirs)
    )
    assert {key: tensor.shape for key, tensor in named.items()} == {
        key: t.shape for key, t in tensors.items()
    }
