"""Previews: the fitted map shows the picture, is kept, and is near for every scheduler and family."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL

from studio.worker.image import preview
from studio.worker.image.latents import encoded, unpacked
from studio.worker.image.preview import RgbMap, fitted, map_for
from studio.worker.image.schedulers import fresh, predicted_original
from tests.tiny_pictures import FAMILIES
from tests.worker.image.conftest import Painter


class Shrinks:
    """Stands in the place of a VAE that was trained well: three of its channels are the picture made small."""

    def __init__(self) -> None:
        self.dtype, self.device = torch.float32, torch.device("cpu")
        self.config = AutoencoderKL(latent_channels=4, block_out_channels=(8, 8, 8, 8), norm_num_groups=4,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4).config  # fmt: skip
        self.spatial_compression_ratio = 8
        self.mix = torch.tensor([[1.0, 0.3, 0.0], [0.0, 1.0, -0.5], [0.2, 0.0, 1.0], [0.5, 0.5, 0.5]])

    def encode(self, pictures: torch.Tensor) -> Any:
        """Means of 8 x 8 pixels, mixed."""
        small = torch.nn.functional.avg_pool2d(pictures, 8)
        latents = torch.einsum("kc,nchw->nkhw", self.mix, small)

        class Encoded:
            class latent_dist:  # noqa: N801 - as diffusers has it
                mode = staticmethod(lambda: latents)

        return Encoded


def test_the_map_finds_the_picture_in_the_latents() -> None:
    vae = Shrinks()
    weight = fitted(vae)
    picture = torch.from_numpy(preview.test_pictures(3, 128)[2:]).permute(0, 3, 1, 2).float()
    latents = encoded(vae, picture / 127.5 - 1)
    [shown] = RgbMap(weight)(latents)
    assert shown.shape == (64, 64, 3)  # four pixels a latent
    small = torch.nn.functional.avg_pool2d(picture, 8)[0].permute(1, 2, 0).numpy()
    coarse = shown.reshape(16, 4, 16, 4, 3).mean(axis=(1, 3))
    assert np.abs(coarse - small).mean() < 4


def test_what_shows_the_picture_most_truly_is_used() -> None:
    vae = Shrinks()
    good, bad = RgbMap(fitted(vae)), RgbMap(torch.rand(37, 48))
    assert preview.closest([bad, good], vae) is good
    assert preview.closest([good, bad], vae) is good


def test_a_small_vae_beside_the_model_is_found_by_its_channels(tmp_path: Path) -> None:
    from tests.tiny_pictures import make_tiny_vae

    make_tiny_vae(tmp_path / "small", channels=4)
    make_tiny_vae(tmp_path / "other", channels=16)
    (tmp_path / "model").mkdir()
    loaded: list[Path] = []

    def load(folder: Path) -> Any:
        from diffusers import AutoencoderTiny

        loaded.append(folder)
        return AutoencoderTiny.from_pretrained(folder)

    [eye] = preview.tiny_decoders(tmp_path / "model", 4, load)
    assert loaded == [tmp_path / "small"]
    with torch.inference_mode():
        assert eye(torch.rand(2, 4, 8, 8))[1].shape == (64, 64, 3)
        assert max(eye(torch.rand(1, 4, 64, 64))[0].shape) == 128


def test_large_latents_get_fewer_pixels_each() -> None:
    weight = torch.rand(37, 48)
    assert RgbMap(weight)(torch.rand(1, 4, 64, 48))[0].shape == (128, 96, 3)
    assert RgbMap(weight)(torch.rand(1, 4, 150, 20))[0].shape == (150, 20, 3)
    whole = RgbMap(torch.full((37, 48), 1 / 74))  # half of all that is 1: grey
    for side in (8, 64, 150):
        grey = whole(torch.ones(1, 4, side, side))[0]
        assert (abs(grey.astype(int) - 127) <= 1).all()


def test_the_map_is_fitted_once(painter: Painter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    latents = torch.rand(1, 4, 8, 8)
    [first] = map_for(painter.model.vae, tmp_path)(latents)
    monkeypatch.setattr(preview, "fitted", lambda vae: pytest.fail("fitted again"))
    [again] = map_for(painter.model.vae, tmp_path)(latents)
    assert np.array_equal(first, again)


def test_a_damaged_map_is_fitted_anew(painter: Painter, tmp_path: Path) -> None:
    [first] = map_for(painter.model.vae, tmp_path)(torch.ones(1, 4, 8, 8))
    [file] = tmp_path.iterdir()
    file.write_bytes(b"garbage")
    [again] = map_for(painter.model.vae, tmp_path)(torch.ones(1, 4, 8, 8))
    assert np.array_equal(first, again)


@pytest.mark.parametrize(
    "name",
    ["PNDMScheduler", "DDIMScheduler", "EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler",
     "HeunDiscreteScheduler", "DPMSolverMultistepScheduler", "UniPCMultistepScheduler", "LCMScheduler",
     "EulerDiscreteScheduler:karras", "DPMSolverMultistepScheduler:exponential", "UniPCMultistepScheduler:beta"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
@pytest.mark.filterwarnings("ignore:__array__")
def test_the_original_is_predicted_by_every_scheduler(name: str, kind: str, painter: Painter) -> None:
    scheduler = fresh(painter.model.scheduler, name, ())
    scheduler.register_to_config(prediction_type=kind)
    scheduler.set_timesteps(10)
    original, noise = torch.randn(1, 4, 8, 8), torch.randn(1, 4, 8, 8)
    timestep = scheduler.timesteps[2 * scheduler.order]
    alpha = scheduler.alphas_cumprod[int(timestep)]
    mixed = alpha**0.5 * original + (1 - alpha) ** 0.5 * noise
    output = noise if kind == "epsilon" else alpha**0.5 * noise - (1 - alpha) ** 0.5 * original
    sample = mixed if float(scheduler.init_noise_sigma) < 1.5 else mixed / alpha**0.5
    scheduler.step(output, timestep, sample)
    found = predicted_original(scheduler, output, timestep, sample)
    assert torch.allclose(found, original, atol=0.05)


def test_the_original_of_a_flow_is_predicted() -> None:
    from diffusers import FlowMatchEulerDiscreteScheduler

    scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0)
    scheduler.set_timesteps(10)
    original, noise = torch.randn(1, 16, 8, 8), torch.randn(1, 16, 8, 8)
    for step in range(3):
        sigma = scheduler.sigmas[step]
        sample = (1 - sigma) * original + sigma * noise
        scheduler.step(noise - original, scheduler.timesteps[step], sample)
        found = predicted_original(scheduler, noise - original, scheduler.timesteps[step], sample)
        assert torch.allclose(found, original, atol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_shows_its_takes_while_they_are_drawn(
    family: str, painters: Callable[[str], Painter]
) -> None:
    came = painters(family).draw(takes=2)
    first = came.previews[0]
    assert (first.step, first.steps) == (1, 3 if family == "sd1" else 2)  # PNDM takes one more
    assert [small.index for small in first.pictures] == [0, 1]
    for small in first.pictures:
        assert (small.width, small.height, len(small.rgb)) == (32, 32, 3 * 32 * 32)


def test_without_previews_steps_are_told_all_the_same(painter: Painter) -> None:
    from studio.core.events import Preview

    came = painter.draw(preview=False)
    assert came.previews == []
    assert came.of(Preview)[0].step == 1


def test_packed_latents_are_laid_out_again() -> None:
    from diffusers import FluxPipeline

    latents = torch.rand(2, 16, 8, 12)
    packed = FluxPipeline._pack_latents(latents, 2, 16, 8, 12)
    assert torch.equal(unpacked(packed, 96, 64, 8), latents)
    assert torch.equal(unpacked(latents[:, :, None], 96, 64, 8), latents)
