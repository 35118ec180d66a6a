"""Latents of every family in one form, as its network sees them."""

from collections.abc import Callable

import pytest
import torch

from studio.worker.image.latents import encoded, shrink_of, unpacked
from tests.tiny_pictures import FAMILIES
from tests.worker.image.conftest import Painter, noise


def test_a_frame_is_found_on_either_axis() -> None:
    latents = torch.rand(2, 16, 8, 12)
    assert torch.equal(unpacked(latents[:, :, None], 96, 64, 8), latents)
    assert torch.equal(unpacked(latents[:, None], 96, 64, 8), latents)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_picture_becomes_what_the_familys_own_decoding_undoes(
    family: str, painters: Callable[[str], Painter]
) -> None:
    """What a pipeline does to latents before it decodes them leads back to what the VAE encoded."""
    vae = painters(family).model.vae
    config = vae.config
    picture = torch.from_numpy(noise(1, 3, 64, 64)).float() / 127.5 - 1
    with torch.inference_mode():
        if family == "qwen_image":
            own = vae.encode(picture[:, :, None]).latent_dist.mode()[:, :, 0]
            mean, std = (
                torch.tensor(config[name]).view(1, -1, 1, 1) for name in ("latents_mean", "latents_std")
            )
            undone = encoded(vae, picture) * std + mean
        else:
            own = vae.encode(picture).latent_dist.mode()
            undone = encoded(vae, picture) / config.scaling_factor + (config.get("shift_factor") or 0.0)
    assert own.shape[-1] == 64 // shrink_of(vae)
    assert torch.allclose(undone, own, atol=1e-5)
