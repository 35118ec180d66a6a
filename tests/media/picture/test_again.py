"""Making a take again: it is drawn among as many others as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.picture.again import batch_of


@pytest.mark.parametrize(
    ("batches", "index", "batch"),
    [
        ((4,), 3, 4),
        ((3, 3, 1), 6, 3),
        ((4, 2, 2), 0, 4),
        ((4, 2, 2), 5, 2),
        ((4, 3), 5, 4),
        ((), 0, 0),
        ((2,), 2, 0),
    ],
)
def test_the_batch_that_held_the_take_is_drawn_again(
    batches: tuple[int, ...], index: int, batch: int
) -> None:
    assert batch_of(batches, index) == batch


@given(st.integers(1, 8), st.integers(1, 8), st.integers(0, 7))
def test_whatever_the_memory_did_the_batch_is_as_large_again(first: int, takes: int, index: int) -> None:
    size, batches = min(first, takes), list[int]()
    while (left := takes - sum(batches)) > 0:
        batches.append(min(size, left))
        size = max(1, size // 2)  # after each batch there was less memory
    index %= takes
    chosen = batch_of(tuple(batches), index)
    start = index - index % chosen
    own = next(size for at, size in enumerate(batches) if sum(batches[: at + 1]) > index)
    assert own <= chosen
    assert chosen == own or min(chosen, takes - start) == own
