"""A tiny picture model of each family, one shelf for all, and jobs with what came of them."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from studio.catalog.inspect import inspect_model
from studio.core.events import Event, JobEnd, Preview, Started, TakeEnd, Told
from studio.core.pictures import ImageJob
from studio.worker.image.loading import load_image
from studio.worker.image.runner import ImageRunner
from tests.tiny_pictures import SIZE_PX, make_pipeline

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass
class Came:
    """What a job told."""

    events: list[Event] = field(default_factory=list)

    def of(self, kind: Any) -> list[Any]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def started(self) -> Started:
        """The only Started."""
        [started] = self.of(Started)
        return started

    @property
    def ends(self) -> list[TakeEnd]:
        """The takes' ends."""
        return self.of(TakeEnd)

    @property
    def end(self) -> JobEnd:
        """The job's end."""
        [end] = self.of(JobEnd)
        return end

    @property
    def told(self) -> list[str]:
        """The codes of what was told, in order."""
        return [told.code for told in self.of(Told)]

    @property
    def previews(self) -> list[Preview]:
        """Previews that show something."""
        return [preview for preview in self.of(Preview) if preview.pictures]

    @property
    def pngs(self) -> list[bytes]:
        """The takes' files."""
        return [end.image.png for end in self.ends if end.image is not None]

    @property
    def pixels(self) -> list[Pixels]:
        """The takes' pixels."""
        return [np.array(Pillow.open(io.BytesIO(png))) for png in self.pngs]


class Painter:
    """A picture model that draws jobs."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.model = load_image(inspect_model(folder), "cpu", torch.float32, lambda _done: None)
        self.runner = ImageRunner(self.model, lambda: "hash", 1, cache)

    def job(self, **changes: Any) -> ImageJob:
        """A small job."""
        given = {
            "takes": 1,
            "steps": 2,
            "width": SIZE_PX,
            "height": SIZE_PX,
            "prompt": "a red fox",
            "seed": 7,
        }
        return ImageJob(id="job", model=str(self.folder), **(given | changes))

    def draw(
        self,
        files: Mapping[str, bytes] | None = None,
        stopped: Callable[[Came], bool] = lambda _came: False,
        **changes: Any,
    ) -> Came:
        """What comes of a job."""
        came = Came()
        self.runner.run(self.job(**changes), files or {}, came.events.append, lambda: stopped(came))
        return came


def png(pixels: Pixels) -> bytes:
    """A PNG file."""
    file = io.BytesIO()
    Pillow.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def noise(*shape: int, seed: int = 0) -> Pixels:
    """Random pixels."""
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def square(left: int, top: int, right: int, bottom: int, side: int = SIZE_PX) -> Pixels:
    """A mask that is white there."""
    mask = np.zeros((side, side), np.uint8)
    mask[top:bottom, left:right] = 255
    return mask


@pytest.fixture(scope="session")
def painters(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Painter]:
    """The painter of a family, made once."""
    base, made = tmp_path_factory.mktemp("pictures"), dict[str, Painter]()

    def painter(family: str) -> Painter:
        if family not in made:
            made[family] = Painter(make_pipeline(base / family, family), base / "cache")
        return made[family]

    return painter


@pytest.fixture
def painter(painters: Callable[[str], Painter]) -> Painter:
    """The painter of the family that most models are of."""
    return painters("sd1")
