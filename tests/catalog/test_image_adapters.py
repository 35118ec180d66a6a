"""LoRA files are told by their tensors' names, and the family they fit by names, widths and the trainer's notes."""

import json
from pathlib import Path

import pytest

from studio.catalog.inspect import inspect_model
from studio.core.errors import StudioError
from tests.catalog.safetensors_file import write_file
from tests.tiny_pictures import FAMILIES, make_lora, make_pipeline

Shapes = dict[str, tuple[int, ...]]


def pair(layer: str, wide: int, narrow: int, style: str = "diffusers") -> Shapes:
    """One layer's halves as a trainer names them."""
    down, up = {
        "diffusers": ("lora_A.weight", "lora_B.weight"),
        "kohya": ("lora_down.weight", "lora_up.weight"),
        "old": ("lora.down.weight", "lora.up.weight"),
    }[style]
    return {f"{layer}.{down}": (4, narrow), f"{layer}.{up}": (wide, 4)}


NOTED = {"modelspec.architecture": "qwen-image/lora"}
SD = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
KNOWN: list[tuple[str, Shapes, dict[str, str]]] = [
    ("sd1", pair(SD, 640, 768, "kohya"), {}),
    ("sd2", pair(SD, 640, 1024, "kohya"), {}),
    ("sdxl", pair(SD, 640, 2048, "kohya"), {}),
    ("sdxl", pair("lora_unet_input_blocks_4_1_transformer_blocks_1_attn1_to_q", 640, 640, "kohya"), {}),
    ("sdxl", pair("lora_te2_text_model_encoder_layers_0_mlp_fc1", 5120, 1280, "kohya"), {}),
    ("sd1", pair("lora_te_text_model_encoder_layers_0_mlp_fc1", 3072, 768, "kohya"), {}),
    ("sd1", pair("unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q", 1280, 1280, "old"), {}),
    ("sd2", pair("unet.mid_block.attentions.0.proj_in", 1280, 1280), {"ss_base_model_version": "sd_v2_768"}),
    ("sd3", pair("transformer.transformer_blocks.0.attn.to_q", 1536, 1536), {}),
    ("sd3", pair("transformer.transformer_blocks.0.attn.to_q", 2432, 2432), {}),
    ("sd3", pair("lora_unet_joint_blocks_0_x_block_attn_qkv", 4608, 1536, "kohya"), {}),
    ("flux", pair("transformer.transformer_blocks.0.attn.to_q", 3072, 3072), {}),
    ("flux", pair("transformer.single_transformer_blocks.0.attn.to_q", 3072, 3072), {}),
    ("flux", pair("lora_unet_double_blocks_0_img_attn_qkv", 9216, 3072, "kohya"), {}),
    ("qwen_image", pair("transformer.transformer_blocks.40.attn.to_q", 3072, 3072), {}),
    ("qwen_image", pair("diffusion_model.transformer_blocks.0.img_mlp.net.2", 3072, 12288), {}),
    ("qwen_image", pair("transformer.transformer_blocks.0.attn.to_q", 3072, 3072), NOTED),
    ("z_image", pair("transformer.layers.0.attention.to_q", 3840, 3840), {}),
    ("z_image", pair("diffusion_model.layers.3.feed_forward.w1", 10240, 3840), {}),
]  # fmt: skip


IDS = [f"{family}-{next(iter(shapes))[:44]}" for family, shapes, _ in KNOWN]


@pytest.mark.parametrize(("family", "shapes", "notes"), KNOWN, ids=IDS)
def test_the_family_a_lora_fits(family: str, shapes: Shapes, notes: dict[str, str], tmp_path: Path) -> None:
    card = inspect_model(write_file(tmp_path / "my_style-v2.safetensors", shapes, notes))
    assert (card.kind, card.family, card.title, card.usable) == ("adapter", family, "my style v2", True)
    assert card.parameters == sum(a * b for a, b in shapes.values())


@pytest.mark.parametrize("family", FAMILIES)
def test_those_of_tiny_pipelines_are_told_too(family: str, tmp_path: Path) -> None:
    pipeline = make_pipeline(tmp_path / family, family)
    for kind, name in (("diffusers", "d.safetensors"), ("kohya", "k.safetensors"), ("peft", "p")):
        assert inspect_model(make_lora(tmp_path / name, pipeline, kind)).family == family


def test_a_folder_with_one_lora_in_it_is_that_lora(tmp_path: Path) -> None:
    write_file(tmp_path / "style" / "pytorch_lora_weights.safetensors", KNOWN[0][1])
    card = inspect_model(tmp_path / "style")
    assert (card.kind, card.path) == ("adapter", str(tmp_path / "style"))


def test_an_adapter_of_a_language_model_is_no_adapter_of_an_image_model(tmp_path: Path) -> None:
    layer = "base_model.model.model.layers.0.self_attn.q_proj"
    write_file(tmp_path / "a" / "adapter_model.safetensors", pair(layer, 64, 64))
    (tmp_path / "a" / "adapter_config.json").write_text(json.dumps({"r": 4}))
    with pytest.raises(StudioError, match=r"adapter_config\.json") as caught:
        inspect_model(tmp_path / "a")
    assert caught.value.code == "adapter"


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        (
            {"lora_unet_x.hada_w1_a": (4, 4), "lora_unet_x.alpha": (), **pair("lora_unet_x", 4, 4, "kohya")},
            "LyCORIS",
        ),
        (pair("encoder.odd.layer", 8, 8), "no family of image models"),
    ],
)
def test_what_cannot_be_laid_over_a_model_says_why(shapes: Shapes, said: str, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=said) as caught:
        inspect_model(write_file(tmp_path / "x.safetensors", shapes))
    assert (caught.value.code, bool(caught.value.do)) == ("unknown_adapter", True)
