"""Image pipelines are told by their model_index.json; each that cannot be used says which part and why."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.catalog.catalog import Catalog
from studio.catalog.image_families import ABILITIES, FAMILIES
from studio.catalog.image_folder import weight_files
from studio.catalog.inspect import inspect_model
from studio.core.errors import StudioError
from studio.core.pictures import MODES
from tests import tiny_pictures


@pytest.fixture(scope="module")
def pipelines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A tiny pipeline of each family."""
    base = tmp_path_factory.mktemp("pipelines")
    return {family: tiny_pictures.make_pipeline(base / family, family) for family in tiny_pictures.FAMILIES}


@pytest.mark.parametrize("family", tiny_pictures.FAMILIES)
def test_each_family_gives_its_card(family: str, pipelines: dict[str, Path]) -> None:
    card = inspect_model(pipelines[family])
    row = FAMILIES[family]
    assert (card.kind, card.family, card.usable, card.grid_px) == ("image", family, True, row.grid_px)
    assert (card.steps, card.guidance) == (row.steps, row.guidance)
    assert tuple(card.modes) == MODES
    assert not any(card.modes.values())
    assert tuple(card.abilities) == ABILITIES
    assert set(card.schedulers) == set(row.schedulers)
    files = weight_files(pipelines[family])
    assert card.size_bytes == sum(file.stat().st_size for file in files)
    assert card.parameters > 100_000
    assert card.memory_mib > 0


def test_what_a_family_cannot_do_is_a_sentence() -> None:
    said = {name: {why for why in row.abilities.values() if why} for name, row in FAMILIES.items()}
    assert said["sd1"] == said["sdxl"] == set()
    assert FAMILIES["flux"].abilities["negative"].startswith("Flux: it has no negative prompt")
    assert all(
        why.startswith(FAMILIES[name].title) and why.endswith(".") for name in said for why in said[name]
    )


def test_the_models_own_scheduler_comes_first_and_its_size_is_seen(pipelines: dict[str, Path]) -> None:
    assert inspect_model(pipelines["sdxl"]).schedulers[0] == "EulerDiscreteScheduler"
    assert inspect_model(pipelines["sd1"]).size == (64, 64)
    assert inspect_model(pipelines["qwen_image"]).size == (1328, 1328)  # its files do not say


def change(folder: Path, file: str, **values: Any) -> None:
    """Set values in a JSON file; None takes one out."""
    path = folder / file
    config = {**json.loads(path.read_text()), **values}
    path.write_text(json.dumps({key: value for key, value in config.items() if value is not None}))


def test_hints_beside_the_model_count(pipelines: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(pipelines["sd1"], tmp_path / "m")
    (folder / "atelier.json").write_text(json.dumps({"steps": 20, "guidance": 4, "size": 128}))
    card = inspect_model(folder)
    assert (card.steps, card.guidance, card.size) == (20, 4.0, (128, 128))
    (folder / "atelier.json").write_text(json.dumps({"steps": -3, "guidance": "much", "size": 10**9}))
    assert inspect_model(folder).steps == FAMILIES["sd1"].steps


def test_sd2_schnell_and_inpainting_models_are_told_apart(pipelines: dict[str, Path], tmp_path: Path) -> None:
    second = shutil.copytree(pipelines["sd1"], tmp_path / "second")
    change(second, "unet/config.json", cross_attention_dim=1024)
    assert inspect_model(second).family == "sd2"
    fast = shutil.copytree(pipelines["flux"], tmp_path / "fast")
    change(fast, "transformer/config.json", guidance_embeds=False)
    assert (inspect_model(fast).steps, inspect_model(fast).guidance) == (4, 0.0)
    fills = shutil.copytree(pipelines["sd1"], tmp_path / "fills")
    change(fills, "unet/config.json", in_channels=9)
    card = inspect_model(fills)
    assert card.modes["inpaint"] == ""
    assert "only fills masks" in card.modes["text"]


def no_unet(folder: Path) -> None:
    shutil.rmtree(folder / "unet")


def no_weights(folder: Path) -> None:
    (folder / "vae" / "diffusion_pytorch_model.safetensors").unlink()


def pickles(folder: Path) -> None:
    file = folder / "vae" / "diffusion_pytorch_model.safetensors"
    file.rename(file.with_suffix(".bin"))


def cut_short(folder: Path) -> None:
    file = folder / "unet" / "diffusion_pytorch_model.safetensors"
    file.write_bytes(file.read_bytes()[:-4])


def lost_shard(folder: Path) -> None:
    no_weights(folder)
    index = folder / "vae" / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "diffusion_pytorch_model-00001-of-00002.safetensors"}}))


def no_words(folder: Path) -> None:
    (folder / "tokenizer" / "tokenizer.json").unlink()


BROKEN: list[tuple[Callable[[Path], None], str, str]] = [
    (no_unet, "config.json is missing", "missing_file"),
    (no_weights, "no weights (.safetensors) in", "missing_file"),
    (pickles, "diffusion_pytorch_model.bin in", "pickle_weights"),
    (cut_short, "cut short", "damaged_model"),
    (lost_shard, "diffusion_pytorch_model-00001-of-00002.safetensors is missing", "missing_file"),
    (no_words, "tokenizer's files", "missing_file"),
    (lambda f: (f / "model_index.json").write_text("["), "model_index.json", "damaged_model"),
    (lambda f: change(f, "model_index.json", _class_name=None), "names no pipeline", "damaged_model"),
    (lambda f: change(f, "model_index.json", _class_name="WanPipeline"), "WanPipeline", "unknown_architecture"),
    (lambda f: change(f, "model_index.json", _class_name=["my_pipe", "Odd"]), "run code", "remote_code"),
    (lambda f: change(f, "model_index.json", unet=["my_unet", "Odd"]), "takes its unet from 'my_unet'", "remote_code"),
    (lambda f: change(f, "model_index.json", vae=["diffusers", "OddVae"]), "OddVae", "unknown_architecture"),
    (lambda f: change(f, "model_index.json", text_encoder=[None, None]), "names no text_encoder", "missing_file"),
    (lambda f: change(f, "unet/config.json", auto_map={"a": "b"}), "config.json in", "remote_code"),
    (lambda f: change(f, "tokenizer/tokenizer_config.json", auto_map={"a": "b"}), "run code", "remote_code"),
    (lambda f: change(f, "unet/config.json", quantization_config={"bits": 4}), "quantised", "quantised_model"),
    (lambda f: change(f, "unet/config.json", layers_per_block=10**9), "layers_per_block is", "damaged_model"),
    (lambda f: change(f, "unet/config.json", block_out_channels=[10**9]), "block_out_channels is", "damaged_model"),
    (
        lambda f: change(f, "scheduler/scheduler_config.json", num_train_timesteps=10**9),
        "num_train_timesteps is 1000000000", "damaged_model",
    ),
    (lambda f: change(f, "unet/config.json", sample_size=10**6), "sample_size is 1000000", "damaged_model"),
    (lambda f: change(f, "unet/config.json", in_channels=8), "reads 8 channels", "unknown_architecture"),
]  # fmt: skip


@pytest.mark.parametrize(("breaks", "named", "code"), BROKEN, ids=[named for _, named, _ in BROKEN])
def test_an_unusable_pipeline_names_what_stands_in_the_way(
    breaks: Callable[[Path], None], named: str, code: str, pipelines: dict[str, Path], tmp_path: Path
) -> None:
    folder = shutil.copytree(pipelines["sd1"], tmp_path / "m")
    breaks(folder)
    with pytest.raises(StudioError) as caught:
        inspect_model(folder)
    assert named in caught.value.what
    assert caught.value.code == code
    assert caught.value.do
    shown = Catalog(tmp_path / "models.json", [folder]).models()[0]
    assert (shown.kind, shown.usable) == (
        "image",
        False,
    )  # it stands in the image pane's list, with the reason


def test_a_safety_checker_is_neither_needed_nor_weighed(pipelines: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(pipelines["sd1"], tmp_path / "m")
    before = inspect_model(folder)
    (folder / "safety_checker").mkdir()
    (folder / "safety_checker" / "pytorch_model.bin").write_bytes(b"\x80")
    change(folder, "model_index.json", safety_checker=["stable_diffusion", "StableDiffusionSafetyChecker"])
    after = inspect_model(folder)
    assert (after.parameters, after.usable) == (before.parameters, True)
    assert weight_files(folder) == tuple(
        folder / file.relative_to(before.path) for file in weight_files(folder)
    )


def test_the_list_takes_every_kind(pipelines: dict[str, Path], tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "models.json")
    added = [
        pipelines["sd1"],
        tiny_pictures.make_lora(tmp_path / "style.safetensors", pipelines["sd1"]),
        tiny_pictures.make_control(tmp_path / "lines", pipelines["sd1"]),
        tiny_pictures.make_reference(tmp_path / "look", pipelines["sd1"]),
        tiny_pictures.make_tiny_vae(tmp_path / "small"),
    ]
    for path in added:
        catalog.add(path)
    kinds = [(card.kind, card.family, card.usable) for card in catalog.models()]
    assert kinds == [
        ("image", "sd1", True), ("adapter", "sd1", True), ("control", "sd1", True), ("reference", "sd1", True),
        ("vae", "", True),
    ]  # fmt: skip
