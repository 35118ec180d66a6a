"""Pictures as a trainer takes them: which ones at which step, how they are cut, and their pixels."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from msgspec import Struct
from PIL import Image, ImageEnhance
from torch import Tensor

from studio.core.tuning import ImageSettings
from studio.media.dataset.buckets import Fit, batches, bucket_for, buckets, fit
from studio.media.dataset.found import Document
from studio.media.picture.files import open_picture

_CUTS: Final = 4  # ways of cutting and colouring a picture that are kept, where either is asked for
_ENDLESS: Final = 2**31  # ways where nothing is kept
_ART_PX: Final = 96  # pictures of pixels, in few colours, are enlarged in squares
_ART_COLOURS: Final = 256
_STEP_PX: Final = 64  # between the sides of large shapes, as trainers have it
_WHITE: Final = (255, 255, 255, 255)


class Example(Struct, frozen=True, kw_only=True):
    """A picture to learn from. `bucket` is the width and height it is cut to; `prior`: it is of the class."""

    file: str
    path: Path
    sha256: str
    caption: str
    width: int
    height: int
    bucket: tuple[int, int]
    prior: bool = False


class Shot(Struct, frozen=True):
    """How a picture is shown: mirrored, cut (0..1 across and down), and brightness, contrast and colour times these."""

    flip: bool = False
    across: float = 0.5
    down: float = 0.5
    colours: tuple[float, float, float] = (1.0, 1.0, 1.0)


class Pick(Struct, frozen=True):
    """One picture of a step: its place among the examples, which way it is shown, and what is said of it."""

    at: int
    variant: int
    caption: str


def shapes_for(settings: ImageSettings, grid_px: int) -> tuple[tuple[int, int], ...]:
    """The shapes pictures are cut to, in sides of whole `grid_px`: those about as large as the square, or it alone."""
    side = max(grid_px, settings.size // grid_px * grid_px)
    step = grid_px * max(1, min(side, _STEP_PX) // grid_px) if side >= 8 * _STEP_PX else grid_px
    return buckets(side, step) if settings.buckets else ((side, side),)


def example_of(document: Document, path: Path, shapes: Sequence[tuple[int, int]]) -> Example:
    """A document of the survey as something to learn from."""
    return Example(
        file=document.file,
        path=path,
        sha256=document.sha256,
        caption=document.caption,
        width=document.width,
        height=document.height,
        bucket=shapes[bucket_for(document.width, document.height, shapes)],
    )


def variants(settings: ImageSettings) -> int:
    """In how many ways each picture is shown; way 0 is as it is, cut in the middle."""
    if settings.crop or settings.colour:
        return _CUTS * (1 + settings.flip) if settings.cache else _ENDLESS
    return 1 + settings.flip


def shot_of(example: Example, variant: int, settings: ImageSettings) -> Shot:
    """A way of showing a picture: the same for the same picture and number on every machine."""
    if variant == 0:
        return Shot()
    chance = random.Random(f"{example.sha256} {variant}")
    across, down = (chance.random(), chance.random()) if settings.crop else (0.5, 0.5)
    most = settings.colour
    colours = tuple(1.0 + most * (2 * chance.random() - 1) for _ in range(3)) if most else (1.0, 1.0, 1.0)
    return Shot(settings.flip and variant % 2 == 1, across, down, (colours[0], colours[1], colours[2]))


def fit_of(example: Example, shot: Shot) -> Fit:
    """How it is scaled and cut."""
    return fit(example.width, example.height, example.bucket, shot.across, shot.down)


def framed(example: Example, shot: Shot) -> Tensor:
    """What SDXL is told of a picture's cut, float (6,): its size, where the cut begins, the size of the cut."""
    cut = fit_of(example, shot)
    wide, high = example.bucket
    return torch.tensor([example.height, example.width, cut.top, cut.left, high, wide], dtype=torch.float32)


def pixels(example: Example, shot: Shot) -> Tensor:
    """The picture, float (3, height, width) in -1..1, on white where it is clear. Raises StudioError for a bad file."""
    picture = open_picture(example.path)
    cut = fit_of(example, shot)
    picture = _on_white(picture).resize((cut.width, cut.height), _filter(picture, cut.width))
    wide, high = example.bucket
    picture = picture.crop((cut.left, cut.top, cut.left + wide, cut.top + high))
    if shot.flip:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    enhancers = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)
    for enhancer, factor in zip(enhancers, shot.colours, strict=True):
        if factor != 1.0:
            picture = enhancer(picture).enhance(factor)
    array = np.asarray(picture, dtype=np.float32)  # (height, width, 3)
    return torch.from_numpy(array / 127.5 - 1.0).permute(2, 0, 1).contiguous()


def _on_white(picture: Image.Image) -> Image.Image:
    ground = Image.new("RGBA", picture.size, _WHITE)
    return Image.alpha_composite(ground, picture).convert("RGB")


def _filter(picture: Image.Image, width: int) -> Image.Resampling:
    """Small pictures of few colours are pixel art: their squares stay squares."""
    small = max(picture.size) <= _ART_PX and width >= 2 * picture.width
    if small and picture.getcolors(_ART_COLOURS) is not None:
        return Image.Resampling.NEAREST
    return Image.Resampling.LANCZOS


class Feed:
    """Which pictures are learnt from at which step: all of them once an epoch, a batch of one shape where it can be.

    A step's pictures follow from the seed and its number alone, so a run that was resumed goes on with the same.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        prior: Sequence[Example],
        settings: ImageSettings,
        batch: int,
        seed: int,
        keep_captions: bool = False,
    ) -> None:
        """`prior`: pictures of the class, of which as many go beside each batch. `keep_captions`: none is dropped."""
        self.examples, self.count = (*examples, *prior), len(examples)  # a Pick's `at` counts both
        self._prior = len(prior)
        self._settings, self.batch, self._seed = settings, batch, seed
        self._dropped = 0.0 if keep_captions else settings.caption_dropout
        shapes = sorted({example.bucket for example in examples})
        self._shape_of = [shapes.index(example.bucket) for example in examples]
        self._epoch, self._places = -1, [0]

    @property
    def steps_an_epoch(self) -> int:
        """Steps in which each picture is seen once."""
        return -(-self.count // self.batch)

    def picks(self, step: int) -> list[Pick]:
        """The pictures of a step, counted from 0."""
        epoch, place = divmod(step, self.steps_an_epoch)
        chance = np.random.default_rng((self._seed, step))
        order = self._order(epoch)
        first = place * self.batch
        picks = [self._pick(order[at % self.count], chance) for at in range(first, first + self.batch)]
        for at in range(step * self.batch, (step + 1) * self.batch) if self._prior else ():
            picks.append(self._pick(self.count + at % self._prior, chance))
        return picks

    def _pick(self, at: int, chance: np.random.Generator) -> Pick:
        variant = int(chance.integers(variants(self._settings)))
        dropped = chance.random() < self._dropped
        return Pick(at, variant, "" if dropped else self.examples[at].caption)

    def _order(self, epoch: int) -> list[int]:
        """An epoch's pictures: whole batches of one shape first, what is left over follows mixed."""
        if epoch != self._epoch:
            found = batches(self._shape_of, self.batch, self._seed, epoch)
            whole = [at for batch in found if len(batch) == self.batch for at in batch]
            rest = [at for batch in found if len(batch) < self.batch for at in batch]
            self._epoch, self._places = epoch, whole + rest
        return self._places
