"""Places in characters and in UTF-16 units."""

from hypothesis import given
from hypothesis import strategies as st

from studio.widgets.positions import Positions, wide_characters

TEXT = st.text(alphabet="aé中😀𝄞\n", max_size=40)


def units_before(text: str, point: int) -> int:
    return len(text[:point].encode("utf-16-le")) // 2


@given(TEXT, st.lists(st.integers(0, 40), max_size=8))
def test_places_translate_there_and_back(text: str, places: list[int]) -> None:
    positions = Positions(text)
    for place in places:
        point = min(place, len(text))
        assert positions.units(point) == units_before(text, point)
        assert positions.points(units_before(text, point)) == point


@given(TEXT, TEXT, st.integers(0, 40), st.integers(0, 40))
def test_places_stay_right_after_a_change(text: str, inserted: str, at: int, length: int) -> None:
    at = min(at, len(text))
    removed = text[at : at + length]
    positions = Positions(text)
    positions.units(len(text))
    after = text[:at] + inserted + text[at + len(removed) :]
    positions.replaced(after, at, removed, inserted)
    assert positions.length_units == units_before(after, len(after))
    for point in range(len(after) + 1):
        assert positions.points(positions.units(point)) == point
        assert positions.units(point) == units_before(after, point)


def test_the_middle_of_a_wide_character_counts_as_its_start() -> None:
    positions = Positions("a😀b")
    positions.units(3)
    assert positions.points(2) == 1
    positions.units(0)
    assert positions.points(2) == 1


def test_wide_characters_are_counted() -> None:
    assert wide_characters("a😀中𝄞") == 2
