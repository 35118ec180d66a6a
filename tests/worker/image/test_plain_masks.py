"""A plain UNet of six latent channels fills a mask like one of four does."""

from pathlib import Path

import pytest
from tqdm import tqdm

from studio.worker.image.plain_masks import plain_masks
from tests.tiny_pictures import make_pipeline


@pytest.fixture
def six(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from diffusers import AutoencoderKL, StableDiffusionInpaintPipeline, StableDiffusionPipeline

    from tests.tiny_pictures import kl_vae

    monkeypatch.setattr(tqdm, "monitor_interval", 0)  # no thread for bars that nobody sees

    folder = make_pipeline(tmp_path / "six", "sd1", in_channels=6, out_channels=6)
    vae: AutoencoderKL = kl_vae(channels=6)
    pipe = StableDiffusionPipeline.from_pretrained(folder, vae=vae, safety_checker=None)
    return StableDiffusionInpaintPipeline.from_pipe(pipe, safety_checker=None)


def test_a_mask_is_filled_and_the_config_is_as_it_was(six) -> None:
    import torch

    picture = torch.zeros(1, 3, 64, 64)
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., :32] = 1.0
    options = {
        "prompt": "a",
        "image": picture,
        "mask_image": mask,
        "num_inference_steps": 2,
        "output_type": "pt",
    }
    with pytest.raises(ValueError, match="4 or 9"):
        six(height=64, width=64, **options)
    with plain_masks(six):
        out = six(height=64, width=64, generator=torch.Generator().manual_seed(1), **options)[0]
    assert out.shape == (1, 3, 64, 64) and bool(torch.isfinite(out).all())
    assert six.unet.config.in_channels == 6
