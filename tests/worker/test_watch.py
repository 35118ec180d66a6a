"""Stops and banned phrases are found where they stand, and their beginnings are held back."""

import re

from hypothesis import given
from hypothesis import strategies as st

from studio.worker.text.watch import Watch, folded

letters = st.text("abAB ", min_size=1, max_size=4)


@given(phrases=st.lists(letters, max_size=4), text=st.text("abAB ", max_size=30), cut=st.integers(0, 30))
def test_a_banned_phrase_is_found_where_a_plain_search_finds_it(
    phrases: list[str], text: str, cut: int
) -> None:
    grown = min(cut, len(text))
    hits = [
        hit.start()
        for phrase in phrases
        for hit in re.finditer(f"(?=({re.escape(phrase)}))", text, re.IGNORECASE)
        if hit.start() + len(phrase) > grown
    ]
    assert Watch((), phrases).banned(text, grown) == min(hits, default=-1)


@given(
    stops=st.lists(letters, max_size=4),
    text=st.text("abAB ", max_size=30),
    cut=st.integers(0, 30),
    new=st.integers(0, 6),
)
def test_a_stop_is_found_where_it_ends_in_new_text_and_never_in_the_lead(
    stops: list[str], text: str, cut: int, new: int
) -> None:
    lead = min(cut, len(text))
    grown = max(len(text) - new, lead)
    ends = [
        hit.start()
        for stop in stops
        for hit in re.finditer(f"(?={re.escape(stop)})", text)
        if hit.start() >= lead and hit.start() + len(stop) > grown
    ]
    assert Watch(stops, ()).stop(text, grown, lead) == min(ends, default=-1)


@given(
    phrases=st.lists(letters, max_size=3),
    stops=st.lists(letters, max_size=3),
    text=st.text("abAB ", max_size=20),
)
def test_what_is_held_is_the_longest_end_that_may_go_on_to_one(
    phrases: list[str], stops: list[str], text: str
) -> None:
    def may(end: str) -> bool:
        longer = any(stop.startswith(end) and stop != end for stop in stops)
        return longer or any(p.lower().startswith(end.lower()) and len(p) > len(end) for p in phrases)

    held = next((place for place in range(len(text)) if may(text[place:])), len(text))
    assert Watch(stops, phrases).held(text) == held


def test_small_letters_keep_every_place() -> None:
    assert folded("İSTANBUL ẞ") == "İstanbul ß"
    assert Watch((), ("ISTANBUL",)).banned("in istanbul", 0) == 3
