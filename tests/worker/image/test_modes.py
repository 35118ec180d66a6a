"""Every family draws in every mode it has, alike for the same seed, whatever is drawn with it."""

from collections.abc import Callable

import numpy as np
import pytest

from studio.core.errors import StudioError
from studio.core.pictures import Inpaint, Upscale, Variation
from studio.core.seeds import take_seeds
from tests.tiny_pictures import FAMILIES
from tests.worker.image.conftest import Painter, noise, png, square

INIT = noise(64, 64, 3)
FILES = {"init": png(INIT), "mask": png(square(16, 16, 40, 40))}
MODES = {
    "text": {},
    "image": {"mode": "image", "init": "init"},
    "inpaint": {"mode": "inpaint", "init": "init", "inpaint": Inpaint(mask="mask", feather_px=4)},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_draws_two_different_takes_in_each_mode(
    family: str, mode: str, painters: Callable[[str], Painter]
) -> None:
    came = painters(family).draw(FILES, takes=2, **MODES[mode])
    one, other = came.pixels
    assert one.shape == other.shape == (64, 64, 3)
    assert not np.array_equal(one, other)
    assert came.end.status == "done"
    assert [end.status for end in came.ends] == ["done", "done"]
    assert came.started.seeds == take_seeds(7, 2)
    if mode == "inpaint":
        kept = square(12, 12, 44, 44) == 0
        assert np.array_equal(one[kept], INIT[kept])
        assert not np.array_equal(one[16:40, 16:40], INIT[16:40, 16:40])


def test_the_recipe_says_how_it_was_drawn(painter: Painter) -> None:
    made = painter.draw(takes=3).started.made
    assert (made.model_sha256, made.family, made.dtype, made.threads) == ("hash", "sd1", "float32", 1)
    assert made.drawn is not None
    assert (made.drawn.scheduler, made.drawn.batches, made.drawn.rungs) == ("PNDMScheduler", (3,), ())


def test_a_size_between_the_models_steps_is_drawn(painters: Callable[[str], Painter]) -> None:
    [drawn] = painters("flux").draw(width=72, height=56).pixels
    assert drawn.shape == (56, 72, 3)


def test_a_weak_strength_still_draws_a_step(painter: Painter) -> None:
    came = painter.draw(FILES, mode="image", init="init", strength=0.01)
    assert came.previews[-1].step == 1
    assert len(came.pngs) == 1


@pytest.mark.parametrize(
    "scheduler",
    [
        *("EulerDiscreteScheduler", "DPMSolverMultistepScheduler", "LCMScheduler"),
        *("DPMSolverMultistepScheduler:karras", "EulerDiscreteScheduler:beta"),
    ],
)
def test_schedulers_are_chosen_by_name(scheduler: str, painter: Painter) -> None:
    came = painter.draw(scheduler=scheduler)
    assert came.started.made.drawn is not None
    assert came.started.made.drawn.scheduler == scheduler
    assert came.pngs != painter.draw().pngs


def test_a_scheduler_of_another_kind_is_refused(painter: Painter) -> None:
    with pytest.raises(StudioError, match="FlowMatchEulerDiscreteScheduler does not work"):
        painter.draw(scheduler="FlowMatchEulerDiscreteScheduler")


def test_a_spacing_the_scheduler_does_not_know_is_refused(painter: Painter) -> None:
    for choice in ("DDIMScheduler:karras", "EulerDiscreteScheduler:warped"):
        with pytest.raises(StudioError, match=f"{choice} does not work"):
            painter.draw(scheduler=choice)


def test_guidance_and_the_negative_prompt_change_the_picture(painter: Painter) -> None:
    drawn = [painter.draw(**how).pngs[0] for how in ({}, {"guidance": 1.0}, {"negative": "blue"})]
    assert len(set(drawn)) == 3


def test_takes_may_read_prompts_of_their_own(painter: Painter) -> None:
    both = painter.draw(takes=2, prompts=("a red fox", "blue sky"))
    same = painter.draw(takes=2)
    assert both.pngs[0] == same.pngs[0]
    assert both.pngs[1] != same.pngs[1]


def test_no_variation_is_the_seed_itself_and_a_whole_one_is_the_other(painter: Painter) -> None:
    [base] = take_seeds(7, 1)
    take = painter.draw().pngs
    assert painter.draw(variation=Variation(seed=99, base_seed=base, strength=0.0)).pngs == take
    other = painter.draw(variation=Variation(seed=base, base_seed=99, strength=1.0))
    assert other.pngs == take
    assert other.started.seeds == (base,)


def test_a_small_variation_is_near_and_several_differ(painter: Painter) -> None:
    [base] = take_seeds(7, 1)
    [own] = painter.draw().pixels
    far = painter.draw(variation=Variation(seed=99, base_seed=base, strength=0.9), takes=2)
    near = painter.draw(variation=Variation(seed=99, base_seed=base, strength=0.05), takes=2)
    assert far.pngs[0] != far.pngs[1]

    def away(picture: object) -> float:
        return float(np.abs(np.asarray(picture, float) - own).mean())

    assert 0 < away(near.pixels[0]) < away(far.pixels[0])


def test_enlarging_draws_tile_by_tile_and_keeps_transparency(painter: Painter) -> None:
    init = np.dstack([INIT, square(8, 8, 64, 64)])
    upscale = Upscale(factor=1.5, tile_px=64, overlap_px=16)
    came = painter.draw({"init": png(init)}, mode="upscale", init="init", upscale=upscale, takes=2)
    one, other = came.pixels
    assert one.shape == (96, 96, 4)
    assert (one[:8, :8, 3] == 0).all()
    assert (one[20:, 20:, 3] == 255).all()
    assert not np.array_equal(one, other)
    assert came.previews[-1].steps % 4 == 0  # four tiles


def test_enlarging_by_lanczos_needs_no_steps(painter: Painter) -> None:
    from PIL import Image

    upscale = Upscale(factor=2.0, scaler="lanczos")
    came = painter.draw(FILES, mode="upscale", init="init", upscale=upscale)
    whole = Image.fromarray(INIT).resize((128, 128), Image.Resampling.LANCZOS)
    assert np.array_equal(came.pixels[0], np.asarray(whole))
    assert came.previews == []


def test_a_picture_that_was_not_sent_is_told(painter: Painter) -> None:
    with pytest.raises(StudioError, match="not there any more"):
        painter.draw(mode="image", init="gone")
