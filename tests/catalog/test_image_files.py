"""Checkpoint files are told by their tensors; what they lack is named, with the places where it may be put."""

import json
from pathlib import Path

import pytest

from studio.catalog.catalog import Catalog
from studio.catalog.headers import read_header
from studio.catalog.image_extras import encoder_of
from studio.catalog.inspect import inspect_model
from studio.core.errors import StudioError
from tests.catalog.safetensors_file import write_file

Shapes = dict[str, tuple[int, ...]]
CORE = "model.diffusion_model."
VAE: Shapes = {"first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3)}
CLIP: Shapes = {"cond_stage_model.transformer.text_model.embeddings.position_embedding.weight": (77, 768)}
UNET: Shapes = {
    f"{CORE}input_blocks.0.0.weight": (320, 4, 3, 3),
    f"{CORE}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 768),
}
SD3: Shapes = {
    f"{CORE}joint_blocks.37.x_block.attn.ln_q.weight": (64,), f"{CORE}joint_blocks.0.x_block.mlp.fc1.weight": (8, 8),
    f"{CORE}x_embedder.proj.bias": (2432,), f"{CORE}pos_embed": (1, 36864, 4),
}  # fmt: skip
FLUX: Shapes = {
    "double_blocks.18.img_attn.qkv.weight": (9216, 8), "double_blocks.0.img_attn.qkv.weight": (9216, 8),
    "single_blocks.37.linear2.weight": (8, 8), "img_in.weight": (3072, 64),
}  # fmt: skip
XL: Shapes = {
    f"{CORE}input_blocks.0.0.weight": (320, 4, 3, 3), f"{CORE}label_emb.0.0.weight": (8, 8),
    "conditioner.embedders.0.transformer.text_model.final_layer_norm.bias": (768,),
    "conditioner.embedders.1.model.ln_final.bias": (1280,),
}  # fmt: skip
Z: Shapes = {
    f"{CORE}layers.29.adaLN_modulation.0.weight": (8, 8),
    f"{CORE}layers.0.adaLN_modulation.0.weight": (8, 8),
}
QWEN: Shapes = {f"transformer_blocks.{n}.img_mod.1.weight": (8, 8) for n in (0, 59)}


def file_of(tmp_path: Path, shapes: Shapes, name: str = "my_dream.safetensors") -> Path:
    return write_file(tmp_path / name, shapes)


def clip_words(folder: Path, count: int = 49408) -> Path:
    """A CLIP tokenizer's files with so many words."""
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps({f"word{n}": n for n in range(count)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return folder


@pytest.mark.parametrize(
    ("family", "shapes", "steps"),
    [
        ("sd1", {**UNET, **VAE, **CLIP}, 25), ("sd2", {**UNET, "cond_stage_model.model.ln_final.bias": (1024,)}, 25),
        ("sdxl", {**XL, **VAE}, 28), ("sd3", SD3, 28), ("flux", FLUX, 4),
        ("flux", {**FLUX, "guidance_in.in_layer.bias": (8,)}, 24), ("z_image", Z, 9), ("qwen_image", QWEN, 30),
    ],
)  # fmt: skip
def test_a_checkpoints_family(family: str, shapes: Shapes, steps: int, tmp_path: Path) -> None:
    card = inspect_model(file_of(tmp_path, shapes), [])
    assert (card.kind, card.family, card.title, card.steps) == ("image", family, "my dream", steps)
    assert not card.usable  # the tokenizer, at least, is never in such files
    assert card.path in card.why_not or "my_dream" in card.why_not


def test_a_missing_tokenizer_is_named_with_both_ways_out(tmp_path: Path) -> None:
    card = inspect_model(file_of(tmp_path, {**UNET, **VAE, **CLIP}), [])
    assert card.why_not == (
        "my_dream.safetensors is a Stable Diffusion 1 checkpoint that does not hold everything: the CLIP tokenizer "
        "(vocab.json and merges.txt, or tokenizer.json) (folder “tokenizer”) is missing. Add a Stable Diffusion 1 "
        f"model folder that has it to the list, or put it into the folder {tmp_path / 'my_dream'}."
    )


def test_everything_a_flux_file_lacks_is_listed(tmp_path: Path) -> None:
    why = inspect_model(file_of(tmp_path, FLUX), []).why_not
    parts = ("the VAE (folder “vae”)", "the CLIP text encoder (folder “text_encoder”)", "the T5 text encoder",
             "the CLIP tokenizer", "the T5 tokenizer", "are missing")  # fmt: skip
    assert [part for part in parts if part not in why] == []


def test_words_put_beside_the_file_are_found(tmp_path: Path) -> None:
    file = file_of(tmp_path, {**UNET, **VAE, **CLIP})
    clip_words(tmp_path / "my_dream" / "tokenizer")
    card = inspect_model(file, [])
    assert (card.usable, card.why_not) == (True, "")
    assert card.parts == {"tokenizer": str(tmp_path / "my_dream" / "tokenizer")}


def test_words_of_a_model_on_the_list_are_found_by_the_worker_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    clip_words(other / "tokenizer")
    (other / "model_index.json").write_text(json.dumps({"tokenizer": ["transformers", "CLIPTokenizer"]}))
    monkeypatch.setenv("ATELIER_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home" / "models.json").write_text(json.dumps({"folders": [str(other)]}))
    file = file_of(tmp_path, {**UNET, **VAE, **CLIP})
    assert inspect_model(file).parts == {"tokenizer": str(other / "tokenizer")}
    assert Catalog(tmp_path / "home" / "models.json").add(file).usable


def test_a_tokenizer_with_other_words_is_not_taken(tmp_path: Path) -> None:
    file = file_of(tmp_path, {**UNET, **VAE, **CLIP})
    clip_words(tmp_path / "my_dream" / "tokenizer", 600)
    assert not inspect_model(file, []).usable


def test_an_unusable_checkpoint_can_be_added_and_says_so(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "models.json")
    catalog.add(file_of(tmp_path, {**UNET, **VAE, **CLIP}))
    [card] = catalog.models()
    assert (card.kind, card.usable) == ("image", False)


@pytest.mark.parametrize(
    ("shapes", "said", "code"),
    [
        ({"some.layer.weight": (4, 4)}, "no checkpoint of an image model", "unknown_architecture"),
        ({**UNET, "conditioner.embedders.0.model.ln_final.bias": (4,)}, "an SDXL refiner", "unknown_architecture"),
        ({**FLUX, "distilled_guidance_layer.in_proj.bias": (4,)}, "a Chroma model", "unknown_architecture"),
        ({f"{CORE}single_stream_modulation.lin.weight": (4, 4)}, "a Flux 2 model", "unknown_architecture"),
        ({"control_model.time_embed.0.weight": (4, 4)}, "a control net in one file", "unknown_architecture"),
        ({**UNET, f"{CORE}input_blocks.0.0.weight": (320, 8, 3, 3)}, "reads 8 channels", "unknown_architecture"),
        ({**FLUX, "img_in.weight": (3072, 384)}, "reads 384 channels", "unknown_architecture"),
        ({**FLUX, "double_blocks.0.img_attn.qkv.scale_weight": ()}, "quantised", "quantised_model"),
    ],
)  # fmt: skip
def test_other_files_are_refused_by_name(shapes: Shapes, said: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(StudioError) as caught:
        inspect_model(file_of(tmp_path, shapes), [])
    assert said in caught.value.what
    assert caught.value.code == code
    assert caught.value.do


def test_an_inpainting_checkpoint_only_fills_masks(tmp_path: Path) -> None:
    card = inspect_model(file_of(tmp_path, {**UNET, f"{CORE}input_blocks.0.0.weight": (320, 9, 3, 3)}), [])
    assert (card.modes["inpaint"], bool(card.modes["text"])) == ("", True)


def test_pickles_are_not_opened(tmp_path: Path) -> None:
    for name in ("x.ckpt", "x.pt", "x.bin"):
        (tmp_path / name).write_bytes(b"\x80\x02")
        with pytest.raises(StudioError, match="could run foreign code") as caught:
            inspect_model(tmp_path / name)
        assert caught.value.code == "pickle_weights"


IP: Shapes = {"image_proj.proj.weight": (3072, 1024), "ip_adapter.1.to_k_ip.weight": (320, 768)}


def test_a_reference_adapter_without_its_encoder_says_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"image encoder that look\.safetensors needs") as caught:
        inspect_model(file_of(tmp_path, IP, "look.safetensors"))
    assert "image_encoder" in caught.value.do


def test_the_encoder_of_the_right_width_is_found(tmp_path: Path) -> None:
    """As the makers lay it out: sdxl_models/ has its own encoder, those for the smaller one use models/."""
    file = file_of(
        tmp_path / "sdxl_models", {**IP, "ip_adapter.1.to_k_ip.weight": (640, 2048)}, "look.safetensors"
    )
    for folder, width in (("sdxl_models", 1280), ("models", 1024)):
        encoder = tmp_path / folder / "image_encoder"
        write_file(encoder / "model.safetensors", {"vision_model.x": (2, 2)})
        (encoder / "config.json").write_text(json.dumps({"projection_dim": width}))
    assert encoder_of(file, read_header(file)) == tmp_path / "models" / "image_encoder"
    card = inspect_model(file)
    assert (card.kind, card.family) == ("reference", "sdxl")
