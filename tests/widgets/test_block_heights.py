"""Heights of thousands of paragraphs agree with plain sums."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.widgets.block_heights import BlockHeights

HEIGHTS = st.lists(st.integers(1, 9).map(float), max_size=700)


def check(heights: BlockHeights, plain: list[float]) -> None:
    assert len(heights) == len(plain)
    assert heights.total() == sum(plain)
    for index in {0, len(plain) // 2, len(plain)}:
        assert heights.top(index) == sum(plain[:index])
    for place in (-1.0, 0.0, sum(plain) / 3, sum(plain) / 2, sum(plain), sum(plain) + 9):
        place_of = [index for index in range(len(plain)) if sum(plain[: index + 1]) > place]
        assert heights.at(place) == (place_of[0] if place_of else len(plain) - 1)


@given(HEIGHTS, st.lists(st.tuples(st.integers(0, 700), st.integers(0, 300), HEIGHTS), max_size=4))
def test_heights_agree_with_a_plain_list(
    plain: list[float], changes: list[tuple[int, int, list[float]]]
) -> None:
    heights = BlockHeights()
    heights.reset(plain)
    check(heights, plain)
    for first, count, new in changes:
        first = min(first, len(plain))
        count = min(count, len(plain) - first)
        heights.replace(first, count, new)
        plain[first : first + count] = new
        check(heights, plain)
        if plain:
            grown = heights.set(len(plain) // 2, 4.0)
            assert grown == 4.0 - plain[len(plain) // 2]
            plain[len(plain) // 2] = 4.0
            assert heights.get(len(plain) // 2) == 4.0
    check(heights, plain)


def test_outside_is_an_error() -> None:
    heights = BlockHeights()
    with pytest.raises(IndexError):
        heights.get(0)
    heights.reset([1.0])
    with pytest.raises(IndexError):
        heights.get(-1)
