"""Takes drawn together or in turn: each its own, booked as it was, and drawn again from any one's recipe."""

from typing import Any

import numpy as np
import pytest

from studio.core.events import TakeEnd
from studio.core.pictures import Upscale
from studio.core.seeds import take_seeds
from studio.core.takes import Recipe
from studio.media.picture.again import again
from studio.worker.image import runner as runner_module
from tests.worker.image.conftest import Came, Painter, noise, png

FILES = {"init": png(noise(64, 64, 3))}


@pytest.mark.parametrize(
    ("takes", "batch", "booked"),
    [(1, 0, (1,)), (1, 8, (1,)), (2, 1, (1, 1)), (3, 2, (2, 1)), (5, 2, (2, 2, 1)), (5, 3, (3, 2)), (8, 3, (3, 3, 2)),
     (8, 0, (8,)), (7, 8, (7,))],
)  # fmt: skip
def test_the_recipe_books_every_take_once_and_any_one_is_made_again_from_it(
    takes: int, batch: int, booked: tuple[int, ...], painter: Painter
) -> None:
    came = painter.draw(takes=takes, batch=batch, steps=1)
    made = came.started.made
    assert made.drawn is not None
    assert made.drawn.batches == booked
    assert came.started.seeds == take_seeds(7, takes)
    assert [end.index for end in came.ends] == list(range(takes))
    assert len(set(came.pngs)) == takes
    job = painter.job(takes=takes, steps=1)  # as it is kept: without the batch that was drawn
    last = takes - 1
    replay = again(Recipe(job=job, index=last, made=made))
    assert painter.draw(takes=takes, steps=1, batch=replay.batch).pngs[last] == came.pngs[last]


def test_each_take_in_turn_is_the_take_it_would_be_among_all(painter: Painter) -> None:
    words = ("a red fox", "blue sky", "the small heart", "a photo")
    together = painter.draw(takes=4, prompts=words).pixels
    for batch in (1, 3):
        for one, other in zip(
            painter.draw(takes=4, prompts=words, batch=batch).pixels, together, strict=True
        ):
            assert np.abs(one.astype(int) - other).max() <= 1  # a bit of rounding between batch sizes


@pytest.mark.parametrize(
    "how",
    [
        {"mode": "image", "init": "init"},
        {"mode": "upscale", "init": "init", "upscale": Upscale(factor=1.5, tile_px=64, overlap_px=16)},
    ],
)
def test_takes_from_a_picture_differ_in_turn_as_they_do_together(
    how: dict[str, Any], painter: Painter
) -> None:
    together = painter.draw(FILES, takes=3, **how).pixels
    in_turn = painter.draw(FILES, takes=3, batch=1, **how).pixels
    assert len({picture.tobytes() for picture in in_turn}) == 3
    for one, other in zip(in_turn, together, strict=True):
        assert np.abs(one.astype(int) - other).max() <= 1


def test_what_a_stop_cut_off_is_booked_as_it_was_begun(painter: Painter) -> None:
    came = painter.draw(stopped=lambda came: len(came.of(TakeEnd)) >= 2, takes=5, batch=2)
    assert [end.status for end in came.ends] == ["done", "done", "stopped", "stopped", "stopped"]
    assert came.started.made.drawn is not None
    assert came.started.made.drawn.batches == (2, 2, 1)


def test_a_recipes_batch_is_kept_where_memory_looks_short(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was drawn four at a time is made again four at a time: if that fails, the ladder says so."""
    four = painter.draw(takes=4, batch=4).pngs
    monkeypatch.setattr(runner_module, "free_mib", lambda _device: 0)
    again_ = painter.draw(takes=4, batch=4)
    assert again_.told == []
    assert again_.pngs == four


def test_memory_that_the_model_holds_already_is_not_asked_for_twice(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = painter.runner._tools
    need = tools.need_mib(64, 64, 4)
    monkeypatch.setattr(tools, "resident_mib", 100)
    monkeypatch.setattr(runner_module, "free_mib", lambda _device: need - 100)
    assert painter.draw(takes=4).told == []
    monkeypatch.setattr(runner_module, "free_mib", lambda _device: need - 101)
    assert painter.draw(takes=4).told[:1] == ["smaller_batch"]


def test_after_every_job_memory_is_given_back(painter: Painter, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    monkeypatch.setattr(runner_module, "give_back", given.append)

    def bug(_came: Came) -> bool:
        raise RuntimeError("bug")

    painter.draw()
    painter.draw(stopped=lambda _came: True)
    with pytest.raises(RuntimeError, match="bug"):
        painter.draw(stopped=bug)
    assert given == ["cpu"] * 3


def test_what_a_failed_try_took_is_given_back_before_the_next_one(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    decode = painter.model.vae._decode

    def short(latents: Any, return_dict: bool = True) -> Any:
        happened.append("decode")
        if len(latents) > 1:
            raise MemoryError
        return decode(latents, return_dict=return_dict)

    monkeypatch.setattr(painter.model.vae, "_decode", short)
    monkeypatch.setattr(runner_module, "give_back", lambda _device: happened.append("given back"))
    assert painter.draw(takes=2).told == ["smaller_batch"]
    assert happened == ["decode", "given back", "decode", "decode", "given back"]
