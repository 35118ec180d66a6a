"""Masks for every plain UNet: diffusers' inpainting pipeline knows those with 4 and 9 input channels only."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PLAIN = 4  # what the pipeline takes for "a plain UNet: keep what is not masked, step by step"


@contextmanager
def plain_masks(pipe: Any) -> Iterator[None]:
    """While this holds, a UNet that reads nothing but latents counts as plain, however many channels they have.

    The pipeline asks the UNet's config for its input channels, once, and for nothing else of it; the latents' own
    number it takes from the VAE.
    """
    unet, vae = getattr(pipe, "unet", None), getattr(pipe, "vae", None)
    if unet is None or vae is None or "Inpaint" not in type(pipe).__name__:
        yield
        return
    channels = unet.config.in_channels
    if channels == PLAIN or channels != vae.config.latent_channels:
        yield
        return
    from diffusers.configuration_utils import FrozenDict

    before = unet._internal_dict
    unet._internal_dict = FrozenDict({**before, "in_channels": PLAIN})
    try:
        yield
    finally:
        unet._internal_dict = before
