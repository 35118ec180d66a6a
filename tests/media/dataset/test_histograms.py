"""Charts of a folder: lengths in round bars, shapes of pictures."""

from hypothesis import given
from hypothesis import strategies as st

from studio.media.dataset.found import Document
from studio.media.dataset.histograms import BARS_MOST, Histogram, counted, lengths, shapes


def picture(width: int, height: int) -> Document:
    return Document(file="a.png", side="train", sha256="", units=width * height, width=width, height=height)


def test_even_bars_have_round_edges() -> None:
    assert lengths([3, 4, 4, 9], most=10) == Histogram(
        (3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0), (1, 2, 0, 0, 0, 1)
    )
    assert lengths([5, 104], most=10).edges == (0.0, 20.0, 40.0, 60.0, 80.0, 100.0, 120.0)
    assert lengths([100, 250, 900], most=5).edges == (0.0, 200.0, 400.0, 600.0, 800.0, 1000.0)


def test_lengths_that_differ_much_get_bars_that_grow() -> None:
    assert lengths([1, 30, 2_000]) == Histogram(
        (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000), (1, 0, 0, 0, 1, 0, 0, 0, 0, 1)
    )


def test_one_value_and_none_are_charts_too() -> None:
    assert sum(lengths([7]).counts) == 1 and lengths([]) == Histogram((), ())
    assert lengths([0, 0]).counts == (2,)


@given(st.lists(st.integers(0, 10**9), min_size=1), st.integers(3, 30))
def test_every_value_is_in_one_bar_and_there_are_few(values: list[int], most: int) -> None:
    found = lengths(values, most)
    assert sum(found.counts) == len(values)
    assert len(found.counts) <= max(most, 10) and len(found.edges) == len(found.counts) + 1
    assert list(found.edges) == sorted(set(found.edges))
    assert BARS_MOST >= 10


def test_edges_count_upwards_and_the_last_one_belongs_to_the_last_bar() -> None:
    assert counted([0, 1, 1.5, 2, 3, -1], (0, 1, 2)) == Histogram((0, 1, 2), (1, 3))


def test_shapes_of_pictures() -> None:
    found = shapes([picture(100, 100), picture(90, 100), picture(1600, 900), picture(30, 300), picture(0, 0)])
    assert found == (("1:3", 1), ("1:1", 2), ("16:9", 1))
