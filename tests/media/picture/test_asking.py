"""What the next takes will be, from what lies in the frame; in which size; where a frame of another size goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.pictures import Box
from studio.media.picture.asking import (
    LARGEST,
    FrameFacts,
    centred,
    fresh_document,
    job_size,
    mode_for,
    why_not,
    words_for,
)
from studio.media.picture.document import PictureDoc

EMPTY = FrameFacts()
FULL = FrameFacts(empty=False)
MASKED = FrameFacts(empty=False, masked=True)
GAPS = FrameFacts(empty=False, gaps=True)


@pytest.mark.parametrize(
    ("facts", "wanted", "mode", "words"),
    [
        (EMPTY, "", "text", "Draw"),
        (FrameFacts(masked=True), "", "text", "Draw"),
        (FULL, "", "image", "Redraw 35 %"),
        (MASKED, "", "inpaint", "Fill the mask"),
        (GAPS, "", "inpaint", "Draw what is missing"),
        (FULL, "text", "text", "Draw"),
        (MASKED, "image", "image", "Redraw 35 %"),
        (FULL, "upscale", "upscale", "Enlarge 2 ×"),
        (EMPTY, "upscale", "text", "Draw"),
        (FULL, "inpaint", "image", "Redraw 35 %"),
    ],
)
def test_the_mode_follows_the_frame_or_the_wish_where_that_makes_sense(
    facts: FrameFacts, wanted: str, mode: str, words: str
) -> None:
    assert mode_for(facts, wanted) == mode
    assert words_for(mode_for(facts, wanted), facts, 0.35, 2.0) == words


def test_what_makes_no_sense_says_why() -> None:
    assert not why_not(EMPTY, "text") and "Nothing lies in the frame" in why_not(EMPTY, "inpaint")
    assert "Nothing is masked" in why_not(FULL, "inpaint") and not why_not(GAPS, "inpaint")


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (512, 512, (512, 512)),
        (64, 64, (512, 512)),
        (128, 64, (728, 360)),
        (768, 512, (768, 512)),
        (4096, 4096, (1024, 1024)),
    ],
)
def test_a_small_frame_is_drawn_large_and_a_huge_one_no_larger_than_the_model_bears(
    width: int, height: int, size: tuple[int, int]
) -> None:
    assert job_size(Box(x=3, y=4, width=width, height=height), (512, 512), 8) == size


sides = st.integers(1, 16_000)


@given(sides, sides, st.sampled_from([8, 16, 64]))
def test_a_size_fits_every_job(width: int, height: int, grid: int) -> None:
    across, down = job_size(Box(x=0, y=0, width=width, height=height), (512, 512), grid)
    assert across % grid == down % grid == 0 and 16 <= across <= 8192 and 16 <= down <= 8192
    if 1 / 8 < width / height < 8:
        assert across * down <= LARGEST * 512 * 512 * 1.3


@given(st.integers(-300, 300), st.integers(1, 600), st.integers(1, 600))
def test_a_frame_of_another_size_keeps_its_middle_or_is_pushed_onto_the_canvas(
    x: int, old: int, new: int
) -> None:
    doc = PictureDoc(width=400, height=400)
    box = centred(Box(x=x, y=0, width=old, height=400), new, 400, doc)
    assert (box.width, box.height, box.y) == (new, 400, 0)
    if new <= 400:
        assert box.x >= 0 and box.x + new <= 400
    else:
        assert abs((box.x * 2 + new) - (x * 2 + old)) <= 1


def test_a_fresh_picture_is_as_large_as_the_model_draws() -> None:
    doc = fresh_document((96, 64))
    assert (doc.width, doc.height, doc.frame, doc.layers) == (96, 64, Box(x=0, y=0, width=96, height=64), ())
