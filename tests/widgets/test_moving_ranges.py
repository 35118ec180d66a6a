"""Ranges that move with a text, against the same told character by character."""

from hypothesis import given
from hypothesis import strategies as st

from studio.media.spans import Edit
from studio.widgets.moving_ranges import MovingRanges

RANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 6)), max_size=12)
EDITS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 8), st.integers(0, 8)), max_size=8)


@given(RANGES, EDITS, st.integers(0, 60), st.integers(0, 20))
def test_untouched_ranges_stay_at_their_characters(
    spans: list[tuple[int, int]], edits: list[tuple[int, int, int]], low: int, width: int
) -> None:
    plain: list[tuple[int, int, int]] = []
    for start, length in sorted(spans):
        if not plain or start >= plain[-1][1]:
            plain.append((start, start + length, len(plain)))
    ranges = MovingRanges(plain)
    for at, removed, inserted in edits:
        ranges.follow(Edit(at=at, removed="x" * removed, inserted="y" * inserted))
        end, by = at + removed, inserted - removed
        kept = []
        for start, stop, tag in plain:
            if stop <= at:
                kept.append((start, stop, tag))
            elif start >= end:
                kept.append((start + by, stop + by, tag))
        plain = kept
        assert list(ranges.everything()) == plain
        seen = [entry for entry in plain if entry[1] > low and entry[0] < low + width]
        assert list(ranges.within(low, low + width)) == seen
    assert len(ranges) == len(plain)


def test_ranges_that_overlap_or_are_empty_are_left_out() -> None:
    ranges = MovingRanges([(5, 9, "b"), (0, 6, "a"), (9, 9, "c"), (9, 10, "d")])
    assert [tag for _, _, tag in ranges.everything()] == ["a", "d"]
