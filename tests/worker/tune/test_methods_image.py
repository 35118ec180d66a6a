"""Every method on tiny picture models: it learns, is kept, and draws the same when read back, by diffusers too."""

import shutil
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
from safetensors import safe_open
from torch import Tensor

from studio.catalog.adapter_note import read_note
from studio.catalog.inspect import inspect_model
from studio.core.adapter import Adapter
from studio.core.errors import StudioError
from studio.core.tuning import WHOLE, TuneSettings
from studio.worker.image.adapters import lay_over
from studio.worker.image.loading import ImageModel, load_image
from studio.worker.tune import methods
from studio.worker.tune.diffusers_files import load_inversion
from studio.worker.tune.methods_image import (
    apply_image,
    load_image_adapter,
    load_image_for_training,
    save_image,
    save_inversion,
)
from studio.worker.tune.optimizers import optimizer_for
from tests.tiny_pictures import make_pipeline
from tests.worker.tune.learning import settings_for

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),  # the libraries' to their own developers
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
CASES = [  # family, method, with the text encoders
    ("sd1", "lora", True), ("sd1", "dora", True), ("sd1", "adalora", True), ("sd1", "ia3", True),
    ("sd1", "bitfit", False), ("sd1", "last_layers", False), ("sd1", "full", True), ("sdxl", "lora", True),
    ("sdxl", "full", False), ("sd3", "lora", True), ("sd3", "ia3", False), ("sd3", "last_layers", False),
    ("z_image", "lora", False),
]  # fmt: skip
Bases = dict[str, Path]


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Bases:
    """A tiny pipeline of each family, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("pictures")
    return {family: make_pipeline(folder / family, family) for family in {case[0] for case in CASES}}


@pytest.fixture(scope="module")
def bare() -> dict[str, Tensor]:
    """Pictures of the base models, by family, kept for the next case."""
    return {}


def fresh(base: Path) -> ImageModel:
    """The base model, loaded as the studio loads it."""
    return load_image(inspect_model(base), "cpu", torch.float32, lambda _: None)


def draw(pipe: Any, prompt: str = "a red fox") -> Tensor:
    """A small picture, float (1, 64, 64, 3)."""
    made = torch.Generator().manual_seed(3)
    size = {"height": 64, "width": 64, "num_inference_steps": 1, "guidance_scale": 1.0}
    return torch.tensor(pipe(prompt, output_type="np", generator=made, **size).images)


def picture(model: ImageModel) -> Tensor:
    """A small picture by the studio's own model."""
    return draw(model.pipe("text"))


def learnt(base: Path, settings: TuneSettings, folder: Path) -> tuple[ImageModel, dict[str, Any]]:
    """A model after two steps towards nothing in particular; what it learnt lies in `folder`."""
    model = fresh(base)
    tuned = apply_image(model, settings, steps=2)
    optimizer = optimizer_for(tuned.values(), settings)
    for step in (1, 2):
        for part in tuned.values():
            for _, weight in methods.trainable(part):
                weight.grad = torch.randn(weight.shape, generator=torch.Generator().manual_seed(step))
        optimizer.step()
        for part in tuned.values():
            methods.after_step(part, step)
        optimizer.zero_grad()
    folder.mkdir()
    save_image(model, tuned, folder, settings)
    return model, tuned


def strong(base: Path, method: str, *, text_encoder: bool = False) -> TuneSettings:
    """Settings with steps large enough to be seen in a picture."""
    settings = settings_for(base, method, "image", text_encoder=text_encoder, alpha=8.0)
    faster: TuneSettings = settings.changed(optimizer=settings.optimizer.changed(rate=0.05))
    return faster


@pytest.mark.parametrize(("family", "method", "encoders"), CASES)
def test_method_is_kept_and_draws_the_same_when_read_back(
    family: str, method: str, encoders: bool, bases: Bases, bare: dict[str, Tensor], tmp_path: Path
) -> None:
    base, out = bases[family], tmp_path / "out"
    if family not in bare:
        bare[family] = picture(fresh(base))
    settings = strong(base, method, text_encoder=encoders)
    model, tuned = learnt(base, settings, out)
    now = picture(model)
    assert not torch.equal(now, bare[family])
    again = fresh(base)
    load_image_adapter(again, out)
    assert torch.equal(picture(again), now)
    more = load_image_for_training(fresh(base), out, settings, steps=2)
    for name, part in tuned.items():
        kept = dict(methods.trainable(part))
        assert all(torch.equal(weight, kept[where]) for where, weight in methods.trainable(more[name]))
        assert methods.trained_numbers(more[name]) == methods.trained_numbers(part)
    if method in WHOLE:
        assert torch.allclose(draw(plain(out)), now, atol=1e-5)
        return
    again = fresh(base)
    lay_over(again, [Adapter(path=str(out))])
    assert torch.allclose(picture(again), now, atol=1e-5)
    lay_over(again, [])
    assert torch.equal(picture(again), bare[family])
    if method != "ia3":
        pipe = plain(base)
        pipe.load_lora_weights(str(out))
        assert torch.allclose(draw(pipe), now, atol=1e-5)


def plain(folder: Path) -> Any:
    """A pipeline as diffusers itself reads it."""
    pipe = diffusers.DiffusionPipeline.from_pretrained(str(folder), local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def test_training_moves_what_it_should_through_the_network(bases: Bases) -> None:
    model = fresh(bases["sd1"])
    tuned = apply_image(model, settings_for(bases["sd1"], "lora", "image"), steps=2)
    noise, words = torch.randn(1, 4, 8, 8), torch.randn(1, 7, 32)
    model.core(noise, 5, encoder_hidden_states=words).sample.square().mean().backward()
    assert all(weight.grad is not None for _, weight in methods.trainable(tuned["unet"]))
    assert not any(
        weight.requires_grad
        for name, part in model.parts.items()
        if isinstance(part, torch.nn.Module) and name != "unet"
        for weight in part.parameters()
    )


def test_adalora_takes_layers_that_took_no_part(bases: Bases) -> None:
    model = fresh(bases["sd1"])
    settings = settings_for(bases["sd1"], "adalora", "image", text_encoder=True)
    tuned = apply_image(model, settings, steps=4)
    assert methods.extra_loss(tuned["unet"]) is not None
    model.core(
        torch.randn(1, 4, 8, 8), 5, encoder_hidden_states=torch.randn(1, 7, 32)
    ).sample.sum().backward()
    for part in tuned.values():
        methods.after_step(part, 1)  # the encoder has no gradients


def test_note_says_what_it_is(bases: Bases, tmp_path: Path) -> None:
    settings = strong(bases["sd1"], "lora", text_encoder=True)
    learnt(bases["sd1"], settings, tmp_path / "out")
    note = read_note(tmp_path / "out")
    assert note is not None
    assert (note.art, note.family, note.rank) == ("image", "sd1", 4)
    assert set(note.parts) == {"unet", "text_encoder"}
    card = inspect_model(tmp_path / "out")
    assert (card.kind, card.art, card.family, card.usable) == ("adapter", "image", "sd1", True)
    learnt(bases["sd1"], strong(bases["sd1"], "ia3"), tmp_path / "ia3")
    card = inspect_model(tmp_path / "ia3")
    assert (card.kind, card.art, card.family, card.method, card.usable) == (
        "adapter",
        "image",
        "sd1",
        "ia3",
        True,
    )


def test_whole_model_keeps_files_and_number_types_of_its_base(bases: Bases, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(bases["sd1"], base)
    model = diffusers.UNet2DConditionModel.from_pretrained(base / "unet").half()
    model.save_pretrained(base / "unet")
    (base / "extra.py").write_text("print('never copied')")
    learnt(base, strong(base, "full"), tmp_path / "out")
    with safe_open(tmp_path / "out/unet/diffusion_pytorch_model.safetensors", "pt") as file:
        assert {file.get_tensor(name).dtype for name in file.keys()} == {torch.float16}  # noqa: SIM118
    for name in (
        "vae/diffusion_pytorch_model.safetensors",
        "tokenizer/tokenizer_config.json",
        "model_index.json",
    ):
        assert (tmp_path / "out" / name).read_bytes() == (base / name).read_bytes()
    assert not list((tmp_path / "out").rglob("*.py"))


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_learnt_word_is_read_by_plain_diffusers(family: str, bases: Bases, tmp_path: Path) -> None:
    model = fresh(bases[family])
    settings = settings_for(bases[family], "textual_inversion", "image")
    encoders = [name for name in ("text_encoder", "text_encoder_2") if name in model.parts]
    vectors = {
        name: torch.randn(2, model.parts[name].get_input_embeddings().weight.shape[1]) for name in encoders
    }
    save_inversion(model, vectors, tmp_path, settings)
    pipe = plain(bases[family])
    if family == "sd1":
        pipe.load_textual_inversion(str(tmp_path), weight_name="learned_embeds.safetensors")
    else:
        load_inversion(pipe, tmp_path, "<it>")
    for name in encoders:
        tokenizer = getattr(pipe, name.replace("text_encoder", "tokenizer"))
        ids = tokenizer.convert_tokens_to_ids(["<it>", "<it>_1"])
        table = getattr(pipe, name).get_input_embeddings().weight
        assert torch.equal(table[ids], vectors[name])
    draw(pipe, "a photo of <it>")
    assert "Merge it into a model" in inspect_model(tmp_path).why_not
    with pytest.raises(ValueError, match="trains no"):
        apply_image(model, settings, steps=2)


def test_word_for_another_model_is_refused(bases: Bases, tmp_path: Path) -> None:
    settings = settings_for(bases["sd1"], "textual_inversion", "image")
    save_inversion(fresh(bases["sd1"]), {"text_encoder": torch.randn(1, 99)}, tmp_path, settings)
    with pytest.raises(StudioError, match="could not be taught"):
        load_inversion(plain(bases["sd1"]), tmp_path, "<it>")


def test_what_does_not_belong_is_refused(bases: Bases, tmp_path: Path) -> None:
    settings = strong(bases["sd1"], "lora")
    learnt(bases["sd1"], settings, tmp_path / "lora")
    with pytest.raises(StudioError, match="which the model has not"):
        load_image_adapter(fresh(bases["sd3"]), tmp_path / "lora")
    with pytest.raises(StudioError, match="trained by lora"):
        load_image_for_training(fresh(bases["sd1"]), tmp_path / "lora", strong(bases["sd1"], "dora"), steps=2)
    with pytest.raises(StudioError, match="not made by this studio"):
        load_image_for_training(fresh(bases["sd1"]), tmp_path, settings, steps=2)
    with pytest.raises(StudioError, match="no model of the same make"):
        load_image_adapter(fresh(bases["sd1"]), bases["sd3"])
    with pytest.raises(StudioError, match="no text encoder that could learn"):
        apply_image(fresh(bases["z_image"]), strong(bases["z_image"], "lora", text_encoder=True), steps=2)
