"""What a training step of the picture model sees: latents of icons, cached both ways round, and their phrases."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from picture_data import Picture
from picture_vae import to_float
from picture_words import colour_of, encode, is_common, phrase, weight
from torch import Tensor
from transformers import CLIPTokenizer

LATENTS = "latents.npy"


@torch.no_grad()
def read_latents(vae: AutoencoderKL, pixels: np.ndarray, cache: Path) -> np.ndarray:
    """Posterior means and spreads, float16 (2 ways, N, 2, 6, 16, 16), kept in `cache`; way 1 is mirrored."""
    if not cache.exists():
        found = []
        for way in (1, -1):
            parts = []
            for start in range(0, len(pixels), 32):
                seen = to_float(pixels[start : start + 32, :, ::way])
                with torch.autocast("cpu", torch.bfloat16):
                    posterior = vae.encode(seen, return_dict=False)[0]
                parts.append(
                    torch.stack([posterior.mean, posterior.std], 1).float().numpy().astype(np.float16)
                )
            found.append(np.concatenate(parts))
        part = cache.with_suffix(".part.npy")
        np.save(part, np.stack(found))
        part.replace(cache)
    return np.load(cache)


@dataclass(frozen=True)
class Batch:
    """Latents (B, 6, 16, 16) with the posterior's noise in them, and token ids (B, 32)."""

    latents: Tensor
    tokens: Tensor


class Feed:
    """Draws icons by weight and phrases them; what step N draws depends on the seed and N alone."""

    def __init__(
        self,
        pictures: Sequence[Picture],
        pixels: np.ndarray,
        latents: np.ndarray,
        tokenizer: CLIPTokenizer,
        dropped: float,
        favour: float,
    ) -> None:
        """`dropped`: share of empty phrases, for guidance; `favour`: how much oftener common things are drawn."""
        self.pictures, self.pixels, self.latents = pictures, pixels, latents
        self.tokenizer, self.dropped = tokenizer, dropped
        self.rows = np.array([i for i, picture in enumerate(pictures) if picture.side == "train"])
        weights = np.array([weight(pictures[i], favour) for i in self.rows])
        self.shares = weights / weights.sum()
        self.colours = [colour_of(one) for one in pixels]
        self.things = np.unique([picture.caption for picture in pictures], return_inverse=True)[1]

    def phrases(self, rows: np.ndarray, rng: np.random.Generator) -> list[str]:
        """A phrase for each icon."""
        return [phrase(self.pictures[i], self.colours[i], rng) for i in rows]

    def tokens(self, phrases: Sequence[str]) -> Tensor:
        """Token ids (B, 32)."""
        return torch.from_numpy(encode(self.tokenizer, phrases))

    def take(self, count: int, rng: np.random.Generator) -> Batch:
        """A training batch; a share of its phrases is empty, for guidance."""
        rows = rng.choice(self.rows, count, p=self.shares)
        ways = np.array([self._way(self.pictures[i], rng) for i in rows])
        told = ["" if rng.random() < self.dropped else one for one in self.phrases(rows, rng)]
        mean, spread = self.latents[ways, rows].astype(np.float32).swapaxes(0, 1)
        drawn = mean + spread * rng.standard_normal(mean.shape, dtype=np.float32)
        return Batch(torch.from_numpy(drawn), self.tokens(told))

    @staticmethod
    def _way(picture: Picture, rng: np.random.Generator) -> int:
        """1: mirrored. Common things look one way only: a fish that swims both ways comes out as a blob."""
        return int(picture.mirrors and not is_common(picture) and rng.random() < 0.5)

    def side(self, name: str) -> np.ndarray:
        """Rows of one side."""
        return np.array([i for i, picture in enumerate(self.pictures) if picture.side == name])

    def plain(self, rows: np.ndarray) -> Batch:
        """Icons for figures: posterior means, captions with their styles, not mirrored."""
        told = [f"{self.pictures[i].caption}, {self.pictures[i].style}" for i in rows]
        return Batch(torch.from_numpy(self.latents[0, rows, 0].astype(np.float32)), self.tokens(told))

    def contrasted(self, count: int, rng: np.random.Generator) -> tuple[np.ndarray, Tensor, np.ndarray]:
        """Pixels, token ids and things' numbers for the scorer."""
        rows = np.sort(rng.choice(self.rows, count))
        return self.pixels[rows], self.tokens(self.phrases(rows, rng)), self.things[rows]
