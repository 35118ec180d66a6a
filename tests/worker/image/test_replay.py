"""A recipe drawn again gives the same file, byte for byte, whatever was drawn in between."""

from pathlib import Path

import pytest

from studio.core.adapter import Adapter
from studio.core.pictures import Variation
from tests.tiny_pictures import make_lora
from tests.worker.image.conftest import Painter, noise, png

FILES = {"init": png(noise(64, 64, 3))}


@pytest.fixture(scope="session")
def lora(tmp_path_factory: pytest.TempPathFactory, painters: object) -> Path:
    folder = painters("sd1").folder  # type: ignore[operator]
    return make_lora(tmp_path_factory.mktemp("lora") / "style.safetensors", folder, kind="diffusers")


def test_the_same_job_twice_gives_the_same_bytes(painter: Painter) -> None:
    assert painter.draw(takes=4).pngs == painter.draw(takes=4).pngs


def test_other_jobs_in_between_change_nothing(painter: Painter) -> None:
    before = painter.draw(takes=2).pngs
    painter.draw(FILES, mode="image", init="init", tiling="both", scheduler="EulerAncestralDiscreteScheduler")
    painter.draw(
        prompt="(blue:1.4) sky", clip_skip=1, variation=Variation(seed=1, base_seed=2), preview=False
    )
    assert painter.draw(takes=2).pngs == before


def test_a_lora_changes_the_picture_and_leaves_nothing_behind(painter: Painter, lora: Path) -> None:
    plain = painter.draw().pngs
    worn = painter.draw(adapters=(Adapter(path=str(lora), weight=1.0),))
    assert worn.pngs != plain
    assert worn.started.made.drawn is not None
    assert len(worn.started.made.drawn.adapters_sha256[0]) == 64
    assert painter.draw(adapters=(Adapter(path=str(lora), weight=1.0),)).pngs == worn.pngs
    assert painter.draw().pngs == plain


def test_the_batch_of_the_recipe_is_drawn_again(painter: Painter) -> None:
    whole = painter.draw(takes=4)
    pairs = painter.draw(takes=4, batch=2)
    assert [end.made for end in pairs.ends] == [None] * 4  # Started said it
    assert pairs.started.made.drawn is not None
    assert pairs.started.made.drawn.batches == (2, 2)
    assert painter.draw(takes=4, batch=2).pngs == pairs.pngs
    assert painter.draw(takes=4, batch=4).pngs == whole.pngs


def test_a_preview_changes_no_pixel(painter: Painter) -> None:
    assert painter.draw(preview=True).pngs == painter.draw(preview=False).pngs


def test_one_take_alone_begins_from_the_same_noise_as_among_others(painter: Painter) -> None:
    import numpy as np

    [alone] = painter.draw(takes=1).pixels
    among = painter.draw(takes=3).pixels[0]
    assert np.abs(alone.astype(int) - among).max() <= 1  # a bit of rounding between batch sizes
