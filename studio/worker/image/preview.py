"""What a take looks like in the middle of a run: a linear map from latents to small pictures, fitted per VAE.

Each latent and its eight neighbours give a patch of 4 x 4 pixels. The map is the least-squares answer over painted
test pictures that the VAE itself encodes; it is kept in the user's cache by a hash of the VAE.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from studio.catalog.config import read_json
from studio.core.errors import StoppedError, StudioError
from studio.worker.image.latents import encoded, shrink_of
from studio.worker.image.png import Pixels, pixels_of

_PATCH = 4  # pixels a latent along a side, at most
_SIDE_PX = 128  # of a preview
_TEST_PICTURES, _TEST_LATENTS = 24, 16  # painted for the fit; their side in latents
_RIDGE = 1e-5
_FORM = 2  # of what is kept
Eye = Callable[[Tensor], list[Pixels]]  # latents (N, C, h, w) to pictures


class RgbMap:
    """Latents (N, C, h, w) to small pictures."""

    def __init__(self, weight: Tensor) -> None:
        """`weight` is (9 C + 1, 3 * 4 * 4)."""
        self._weight = weight

    def __call__(self, latents: Tensor) -> list[Pixels]:
        """Pictures of up to 128 px a side, or one pixel a latent where that is more."""
        latents = latents.float()
        rows, columns = latents.shape[-2:]
        patch = _PATCH
        while patch > 1 and max(rows, columns) * patch > _SIDE_PX:
            patch //= 2
        flat = _neighbours(latents) @ self._as_patch(patch)
        grid = flat.view(len(latents), rows, columns, 3, patch, patch)
        drawn = grid.permute(0, 3, 1, 4, 2, 5).reshape(len(latents), 3, rows * patch, columns * patch)
        return pixels_of(drawn)

    def _as_patch(self, patch: int) -> Tensor:
        """The weights for smaller patches: their averages."""
        if patch == _PATCH:
            return self._weight
        part = _PATCH // patch
        grid = self._weight.view(-1, 3, patch, part, patch, part)
        return grid.mean(dim=(3, 5)).reshape(len(self._weight), -1)


class TinyDecoder:
    """A small VAE made for previews (taesd and its kin) in place of the map."""

    def __init__(self, vae: Any) -> None:
        self._vae = vae

    def __call__(self, latents: Tensor) -> list[Pixels]:
        """Pictures, made smaller to about 128 px a side."""
        own = latents.to(self._vae.device, self._vae.dtype)
        drawn = self._vae.decode(own, return_dict=False)[0].float().add(1).div(2).clamp(0, 1).cpu()
        shrink = max(1, max(drawn.shape[-2:]) // _SIDE_PX)
        return pixels_of(functional.avg_pool2d(drawn, shrink) if shrink > 1 else drawn)


def closest(eyes: Sequence[Eye], vae: Any) -> Eye:
    """The one that shows test pictures most truly, of latents that the VAE itself makes of them.

    A small VAE may be made for another family with as many channels: then it loses against the map.
    """
    if len(eyes) == 1:
        return eyes[0]
    with torch.inference_mode():
        side = _TEST_LATENTS * shrink_of(vae)
        pictures = torch.from_numpy(test_pictures(4, side)).permute(0, 3, 1, 2).float()
        latents = encoded(vae, pictures.div(127.5).sub(1).to(vae.device, vae.dtype)).float().cpu()

        def error(eye: Eye) -> float:
            shown = torch.from_numpy(np.stack(eye(latents))).permute(0, 3, 1, 2).float()
            small = functional.interpolate(pictures, size=shown.shape[-2:], mode="area")
            return float((shown - small).abs().mean())

        return min(eyes, key=error)


def tiny_decoders(beside: Path, channels: int, load: Callable[[Path], Any]) -> list[Eye]:
    """Small VAEs that lie beside a model and take latents of so many channels."""
    found: list[Eye] = []
    for config in sorted(beside.parent.glob("*/config.json")):
        try:
            told = read_json(config)
            if told.get("_class_name") == "AutoencoderTiny" and told.get("latent_channels", 4) == channels:
                found.append(TinyDecoder(load(config.parent)))
        except StoppedError:
            raise
        except (StudioError, OSError, ValueError, RuntimeError):
            continue  # a broken one is no reason not to draw: the map serves
    return found


def map_for(vae: Any, folder: Path) -> RgbMap:
    """The map of a VAE: the one kept in `folder`, else a new one (a second or two for a large VAE), kept there."""
    file = folder / f"{_name(vae)}.safetensors"
    channels = channels_of(vae)
    shape = (9 * channels + 1, 3 * _PATCH * _PATCH)
    with suppress(OSError, SafetensorError, KeyError, ValueError):
        kept = load_file(file)["weight"]
        if tuple(kept.shape) == shape and bool(torch.isfinite(kept).all()):
            return RgbMap(kept)
    weight = fitted(vae)
    with suppress(OSError, SafetensorError):  # it is only fitted again the next time
        _keep(file, weight)
    return RgbMap(weight)


def channels_of(vae: Any) -> int:
    """How many channels its latents have."""
    return int(vae.config.get("latent_channels") or vae.config.get("z_dim"))


def fitted(vae: Any) -> Tensor:
    """Least squares from what the VAE makes of test pictures to these pictures made small."""
    shrink = shrink_of(vae)
    pictures = torch.from_numpy(test_pictures(_TEST_PICTURES, _TEST_LATENTS * shrink)).permute(0, 3, 1, 2)
    pictures = pictures.float().div(127.5).sub(1)
    rows, wanted = [], []
    with torch.inference_mode():
        for at in range(0, len(pictures), 4):
            own = pictures[at : at + 4].to(vae.device, vae.dtype)
            latents = encoded(vae, own).float().cpu()
            height, width = latents.shape[-2:]
            small = functional.interpolate(
                pictures[at : at + 4], size=(height * _PATCH, width * _PATCH), mode="area"
            )
            patches = functional.unfold(small, _PATCH, stride=_PATCH)  # (N, 3 * 16, h * w)
            rows.append(_neighbours(latents).reshape(-1, latents.shape[1] * 9 + 1))
            wanted.append(patches.transpose(1, 2).reshape(-1, 3 * _PATCH * _PATCH).add(1).div(2))
        inputs, outputs = torch.cat(rows).double(), torch.cat(wanted).double()
        square = inputs.T @ inputs
        square += torch.eye(len(square), dtype=torch.float64) * (_RIDGE * len(inputs))
        return torch.linalg.solve(square, inputs.T @ outputs).float().clone()


def test_pictures(count: int, side_px: int) -> Pixels:
    """(count, side, side, 3): clouds of colour with hard-edged shapes on them, always the same ones."""
    chance = np.random.default_rng(11)
    across, down = np.meshgrid(np.arange(side_px), np.arange(side_px))
    pictures = []
    for _ in range(count):
        cloud = np.zeros((side_px, side_px, 3))
        for cells in (2, 4, 8):
            coarse = torch.from_numpy(chance.random((1, 3, cells, cells)))
            fine = functional.interpolate(coarse, size=side_px, mode="bicubic", align_corners=False)
            cloud += fine[0].permute(1, 2, 0).numpy() / cells
        low, high = cloud.min(), cloud.max()
        picture = (cloud - low) / (high - low) * 255
        for _ in range(int(chance.integers(2, 7))):
            x, y, wide, tall = chance.random(4) * side_px * (1, 1, 0.4, 0.4)
            inside = (abs(across - x) < wide) & (abs(down - y) < tall)
            if chance.random() < 0.5:
                inside = ((across - x) / (wide + 1)) ** 2 + ((down - y) / (tall + 1)) ** 2 < 1
            picture[inside] = chance.random(3) * 255
        pictures.append(picture.clip(0, 255).astype(np.uint8))
    return np.stack(pictures)


def _neighbours(latents: Tensor) -> Tensor:
    """(N, h * w, 9 C + 1): each latent with its neighbours (the edge repeated) and a 1."""
    padded = functional.pad(latents, (1, 1, 1, 1), mode="replicate")
    flat = functional.unfold(padded, 3).transpose(1, 2)
    return torch.cat([flat, torch.ones_like(flat[..., :1])], dim=-1)


def _name(vae: Any) -> str:
    """A hash of a VAE: its settings and the weights at both ends of the latents."""
    settings = {key: value for key, value in vae.config.items() if not key.startswith("_")}
    digest = hashlib.sha256(json.dumps([_FORM, settings], sort_keys=True, default=str).encode())
    for name, weight in sorted(vae.state_dict().items()):
        if weight.numel() <= 1 << 16:
            digest.update(name.encode() + weight.detach().float().cpu().numpy().tobytes())
    return digest.hexdigest()[:32]


def _keep(file: Path, weight: Tensor) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(dir=file.parent, suffix=".part")
    os.close(handle)
    try:
        save_file({"weight": weight.contiguous()}, fresh)
        Path(fresh).replace(file)
    finally:
        Path(fresh).unlink(missing_ok=True)
