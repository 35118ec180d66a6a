"""Whatever was drawn before, a fixed job gives the same bytes: random walks through all that a job may put on."""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from studio.core.adapter import Adapter
from studio.core.errors import StudioError
from studio.core.events import Preview, Started
from studio.core.pictures import Control, Inpaint, Reference, Upscale, Variation
from tests.tiny_pictures import FAMILIES, make_control, make_lora, make_reference
from tests.worker.image.conftest import Came, Painter, noise, png, square

STEPS = 8  # of a walk
FILES = {
    "init": png(noise(64, 64, 3)), "mask": png(square(16, 16, 40, 40)), "lock": png(square(0, 0, 20, 64)),
    "guide": png(square(10, 10, 30, 60)),
}  # fmt: skip
FIXED: Final[tuple[dict[str, Any], ...]] = (
    {"steps": 1, "takes": 2},
    {"steps": 2, "mode": "inpaint", "init": "init", "inpaint": Inpaint(mask="mask"), "strength": 0.5},
)
MODES: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"mode": "image", "init": "init"},
    {"mode": "inpaint", "init": "init", "inpaint": Inpaint(mask="mask", area="masked")},
    {"mode": "upscale", "init": "init", "upscale": Upscale(factor=1.5, tile_px=64, overlap_px=16)},
)
NO_LORA: Final = "/nowhere/style.safetensors"


class Wardrobe:
    """What can be laid over a family's model."""

    def __init__(self, base: Path, family: str, folder: Path) -> None:
        base.mkdir()
        self.loras = [
            str(make_lora(base / f"{kind}.safetensors", folder, kind, seed=seed))
            for seed, kind in enumerate(("diffusers", "kohya"), 1)
        ]
        controls = family in ("sd1", "sdxl", "sd3", "flux", "qwen_image")
        self.control = str(make_control(base / "control", folder)) if controls else ""
        self.reference = str(make_reference(base / "like", folder)) if family in ("sd1", "sdxl") else ""


def anything(chance: random.Random, wardrobe: Wardrobe, schedulers: tuple[str, ...]) -> dict[str, Any]:
    """A random job."""
    job: dict[str, Any] = dict(chance.choice(MODES))
    job |= {"steps": chance.randint(1, 3), "takes": chance.randint(1, 3), "batch": chance.choice((0, 1, 2))}
    job |= {"prompt": chance.choice(("(blue:1.4) sky", "a red fox", "the small heart, " * 9))}
    turns: list[dict[str, Any]] = [
        {"negative": "hill", "guidance": 7.5},
        {"guidance": 1.0},
        {"clip_skip": chance.randint(1, 3)},
        {"tiling": chance.choice(("x", "y", "both"))},
        {"scheduler": chance.choice(schedulers)},
        {"lock": "lock"},
        {"preview": False},
        {"rungs": ("vae_tiling",)},
        {"variation": Variation(seed=1, base_seed=2, strength=0.3)},
        {"width": 72, "height": 56},
        {
            "adapters": tuple(
                Adapter(path=path, weight=chance.choice((-1.0, 0.5)))
                for path in chance.sample(wardrobe.loras, 1)
            )
        },
        {"adapters": tuple(Adapter(path=path, weight=1.0) for path in wardrobe.loras)},
        {"adapters": (Adapter(path=NO_LORA),)},
    ]
    if wardrobe.control:
        turns.append({"controls": (Control(model=wardrobe.control, picture="guide"),)})
    if wardrobe.reference:
        turns.append({"reference": Reference(model=wardrobe.reference, picture="guide", weight=1.0)})
    for turn in chance.sample(turns, 4):
        job |= turn
    return job


def ends(chance: random.Random) -> Callable[[Came], bool]:
    """Mostly to the end; sometimes a stop before the first step or after it."""
    kind = chance.choice((None, None, Started, Preview))
    return lambda came: kind is not None and bool(came.of(kind))


@pytest.fixture(params=FAMILIES)
def walker(
    request: pytest.FixtureRequest, painters: Callable[[str], Painter], tmp_path: Path
) -> Iterator[tuple[Painter, Wardrobe, random.Random]]:
    """A family's painter of its own, and its wardrobe."""
    family = request.param
    folder = painters(family).folder
    painter = Painter(folder, tmp_path / "cache")
    yield painter, Wardrobe(tmp_path / "wardrobe", family, folder), random.Random(family)
    painter.runner.close()


def test_a_fixed_job_stays_as_it_was_after_any_other(
    walker: tuple[Painter, Wardrobe, random.Random],
) -> None:
    painter, wardrobe, chance = walker
    first = [painter.draw(FILES, **how).pngs for how in FIXED]
    drawn = 0
    for _ in range(STEPS):
        job = anything(chance, wardrobe, painter.model.card.schedulers)
        with suppress(
            StudioError
        ):  # what a family cannot do is refused, and must leave nothing behind either
            drawn += painter.draw(FILES, ends(chance), **job).end.status == "done"
        which = chance.randrange(len(FIXED))
        assert painter.draw(FILES, **FIXED[which]).pngs == first[which], job
    assert drawn >= 1
