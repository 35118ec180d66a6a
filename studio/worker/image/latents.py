"""Latents of all families in one form: (N, C, h, w), as the network sees them."""

from typing import Any

import torch
from torch import Tensor


def unpacked(latents: Tensor, width: int, height: int, shrink: int) -> Tensor:
    """(N, C, h, w) of a step's latents for a picture of that size; `shrink` is pixels a latent.

    Flux and Qwen-Image pack 2 x 2 latents into the channels of a row of (h/2 * w/2), video VAEs have an axis of
    frames.
    """
    if latents.ndim == 5:
        return latents[:, :, 0] if latents.shape[2] == 1 else latents[:, 0]
    if latents.ndim == 4:
        return latents
    batch, _, channels = latents.shape
    rows, columns = height // (2 * shrink), width // (2 * shrink)
    grid = latents.view(batch, rows, columns, channels // 4, 2, 2)
    return grid.permute(0, 3, 1, 4, 2, 5).reshape(batch, channels // 4, rows * 2, columns * 2)


def shrink_of(vae: Any) -> int:
    """Pixels a latent, along a side."""
    if hasattr(vae, "spatial_compression_ratio"):
        return int(vae.spatial_compression_ratio)
    steps = getattr(vae, "temperal_downsample", None) or getattr(vae, "temporal_downsample", None)
    return int(2 ** len(steps)) if steps is not None else int(2 ** (len(vae.config.block_out_channels) - 1))


def encoded(vae: Any, pictures: Tensor) -> Tensor:
    """(N, C, h, w) of pictures (N, 3, H, W) in -1..1, as the network would see them."""
    mean, std = _moments(vae)
    if _has_frames(vae):
        latents = likeliest(vae.encode(pictures.unsqueeze(2)))[:, :, 0]
    else:
        latents = likeliest(vae.encode(pictures))
    return (latents - mean) / std


def likeliest(found: Any) -> Tensor:
    """The latents in what an encoder answers: the mode of its distribution, or what it says outright."""
    latents: Tensor = found.latent_dist.mode() if hasattr(found, "latent_dist") else found.latents
    return latents


def _has_frames(vae: Any) -> bool:
    return "QwenImage" in type(vae).__name__ or "Wan" in type(vae).__name__


def _moments(vae: Any) -> tuple[Tensor, Tensor]:
    """What is taken from latents, and what they are divided by then, before a network sees them."""
    config = vae.config
    if config.get("latents_mean") is not None and config.get("latents_std") is not None:
        mean, std = torch.tensor(config.latents_mean), torch.tensor(config.latents_std)
        if config.get("scaling_factor") is not None:
            std = std / config.scaling_factor
    else:
        mean = torch.tensor([config.get("shift_factor") or 0.0])
        std = torch.tensor([1.0 / config.get("scaling_factor", 1.0)])
    place = {"device": vae.device, "dtype": vae.dtype}
    return mean.view(1, -1, 1, 1).to(**place), std.view(1, -1, 1, 1).to(**place)
