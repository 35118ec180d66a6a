"""Every family of picture models learns, and what it learnt draws: here and in plain diffusers."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import DiffusionPipeline, StableDiffusionPipeline
from torch import Tensor

from studio.catalog.inspect import inspect_model
from studio.core.adapter import Adapter
from studio.worker.image.adapters import lay_over
from studio.worker.image.latents import unpacked
from studio.worker.image.loading import ImageModel, load_image
from studio.worker.tune.picture import train_image
from studio.worker.tune.picture_families import packed, predict, read_captions
from tests.tiny_pictures import FAMILIES, make_pipeline
from tests.worker.tune.tuned_pictures import SIZE_PX, run_for, settings_for, write_pictures

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning", "ignore:true_cfg_scale", "ignore:.*torchvision"
)
CAPTIONS = ("a red fox", "", "the small blue heart on the hill")


@pytest.fixture(autouse=True)
def no_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread of progress bars would outlive the test."""
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)


@pytest.fixture(scope="module", params=FAMILIES)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model of each family."""
    return make_pipeline(tmp_path_factory.mktemp("base") / request.param, request.param)


def loaded(base: Path) -> ImageModel:
    """It as the worker reads it."""
    return load_image(inspect_model(base), "cpu", torch.float32, lambda _: None)


def drawn(pipe: Any) -> Tensor:
    """What a pipeline draws from a fixed seed in two steps, before it is rounded."""
    pipe.set_progress_bar_config(disable=True)
    picture = pipe(
        "a red fox", width=SIZE_PX, height=SIZE_PX, num_inference_steps=2, output_type="pt",
        generator=torch.Generator().manual_seed(0), return_dict=False,
    )[0]  # fmt: skip
    found: Tensor = picture.detach()
    return found


def test_what_is_learnt_draws_alike_here_and_in_plain_diffusers(tmp_path: Path, base: Path) -> None:
    survey = write_pictures(tmp_path / "pictures", 5)
    settings = settings_for(base, survey, steps=2, rate=0.1, validate_every=-1, warmup=0.0)
    made = train_image(run_for(tmp_path / "run", settings, survey).run)
    model = loaded(base)
    before = drawn(model.pipe("text"))
    lay_over(model, [Adapter(path=str(made.adapter), weight=1.0)])
    here = drawn(model.pipe("text"))
    assert not torch.allclose(before, here, atol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = DiffusionPipeline.from_pretrained(base, local_files_only=True)
        plain.load_lora_weights(str(made.adapter))
    assert torch.allclose(drawn(plain), here, atol=1e-4)


def test_batch_is_answered_as_each_picture_alone(base: Path) -> None:
    model = loaded(base)
    channels = model.core.config.in_channels // (4 if model.family in ("flux", "qwen_image") else 1)
    noisy = torch.randn(3, channels, 4, 8, generator=torch.Generator().manual_seed(0))
    times = torch.tensor([10, 500, 990])
    framed = torch.tensor([[32.0, 64, 0, 0, 32, 64]] * 3)
    with torch.no_grad():
        told = read_captions(model, CAPTIONS)
        together = predict(model, noisy, times, told, framed)
        for at, caption in enumerate(CAPTIONS):
            one = read_captions(model, [caption])
            alone = predict(model, noisy[at : at + 1], times[at : at + 1], one, framed[:1])
            assert together[at : at + 1].shape == alone.shape == (1, channels, 4, 8)
            assert torch.allclose(together[at], alone[0], atol=2e-4)


@pytest.fixture
def asked(base: Path) -> Iterator[tuple[ImageModel, list[tuple[Any, ...]]]]:
    """A model, and how its pipeline calls the network."""
    model = loaded(base)
    calls: list[tuple[Any, ...]] = []
    yield model, calls
    model.close()


def test_network_is_asked_as_its_pipeline_asks_it(asked: tuple[ImageModel, list[tuple[Any, ...]]]) -> None:
    model, _ = asked
    pipe, core = model.pipe("text"), model.core
    seen: list[tuple[dict[str, Any], Tensor]] = []

    def hook(_module: Any, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        seen.append(({"args": args, **kwargs}, output))

    handle = core.register_forward_hook(hook, with_kwargs=True)
    guided = {"guidance_scale": 1.0} if model.family != "qwen_image" else {"true_cfg_scale": 1.0}
    own = {} if model.family != "z_image" else {"guidance_scale": 0.0}
    latents: list[tuple[Tensor, Any]] = []
    scheduler_step = pipe.scheduler.step

    def step(output: Tensor, timestep: Any, sample: Tensor, *args: Any, **options: Any) -> Any:
        latents.append((output, timestep))
        return scheduler_step(output, timestep, sample, *args, **options)

    pipe.scheduler.step = step
    with torch.no_grad():
        pipe(
            CAPTIONS[0], width=64, height=32, num_inference_steps=1, output_type="latent",
            generator=torch.Generator().manual_seed(0), **{**guided, **own},
        )  # fmt: skip
        handle.remove()
        given = first_input(seen[0][0])
        noisy = unpacked(given, 8, 4, 1) if given.ndim == 3 else given
        noisy = noisy if noisy.ndim == 4 else noisy.squeeze(2)
        times = torch.as_tensor(float(latents[0][1])).view(1)
        framed = torch.tensor([[32.0, 64, 0, 0, 32, 64]])
        found = predict(model, noisy, times, read_captions(model, CAPTIONS[:1]), framed)
    said = latents[0][0]
    said = said if said.ndim == 4 else unpacked(said, 8, 4, 1)
    assert torch.allclose(found, said.view_as(found), atol=1e-4)


def first_input(call: dict[str, Any]) -> Tensor:
    """The noisy latents of a call."""
    given = call.get("hidden_states", call.get("sample", call["args"][0] if call["args"] else None))
    if isinstance(given, list):
        return torch.stack(given)
    assert isinstance(given, Tensor)
    return given


def test_packing_goes_back_to_the_same_latents() -> None:
    latents = torch.arange(2 * 3 * 4 * 8.0).view(2, 3, 4, 8)
    assert torch.equal(unpacked(packed(latents), 8, 4, 1), latents)


def test_empty_caption_of_sdxl_is_nothing_at_all(tmp_path: Path) -> None:
    model = loaded(make_pipeline(tmp_path / "sdxl", "sdxl"))
    with torch.no_grad():
        full, empty = read_captions(model, ["a red fox", ""])
    assert not empty["tokens"].any() and not empty["pooled"].any() and full["tokens"].any()


def test_learnt_word_is_read_by_plain_diffusers(tmp_path: Path) -> None:
    base = make_pipeline(tmp_path / "sd1", "sd1")
    survey = write_pictures(tmp_path / "pictures", 5)
    settings = settings_for(base, survey, "textual_inversion", steps=2, rate=0.1, warmup=0.0)
    made = train_image(run_for(tmp_path / "run", settings, survey).run)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipe = StableDiffusionPipeline.from_pretrained(base, local_files_only=True)
    pipe.load_textual_inversion(str(made.adapter / "learned_embeds.safetensors"), token="<it>")
    pipe.set_progress_bar_config(disable=True)
    with torch.no_grad():
        plain = pipe.encode_prompt("a <it> fox", "cpu", 1, False)[0]
        other = pipe.encode_prompt("a red fox", "cpu", 1, False)[0]
    assert not torch.allclose(plain, other)
    assert len(pipe.tokenizer("<it> <it>_1", add_special_tokens=False).input_ids) == 2
