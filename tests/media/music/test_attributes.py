"""Levels of density, polyphony, register and duration: measured as a musician would count them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.music.attributes import Levels, level_words, levels, measure
from studio.media.music.score import Note
from studio.media.music.tokens_grid import GridNote
from studio.media.music.vocabulary import KINDS, LEVELS

CHORALE = [GridNote(step, pitch, 12) for step in range(0, 48, 12) for pitch in (48, 55, 64, 72)]


def test_a_chorale_bar_has_four_notes_a_beat_in_four_voices() -> None:
    found = measure(CHORALE, 48)
    assert (found.density, found.polyphony, found.duration) == (4.0, 4.0, 1.0)
    assert found.register == pytest.approx(59.75)
    assert found.levels == Levels(density=7, polyphony=4, register=3, duration=3)
    assert level_words("density", 7) == "4 to 6 notes a beat"
    assert level_words("polyphony", 4) == "four voices"


def test_rests_do_not_thin_out_the_voices() -> None:
    assert measure([GridNote(0, 60, 12), GridNote(36, 60, 12)], 48).polyphony == 1.0
    assert measure([GridNote(0, 60, 24), GridNote(12, 64, 24)], 48).polyphony == pytest.approx(4 / 3)
    assert measure([GridNote(0, 60, 48), GridNote(12, 64, 12)], 48).polyphony == pytest.approx(1.25)


def test_nothing_has_no_density_and_no_other_level() -> None:
    assert levels([], 48) == Levels(density=0)
    assert level_words("density", 0) == "no notes"
    assert level_words("density", 1) == "0 to 0.5 notes a beat"


def test_ticks_and_steps_measure_alike() -> None:
    ticks = [Note(note.start * 40, note.pitch, note.duration * 40) for note in CHORALE]
    assert measure(ticks, 48 * 40, quarter=480) == measure(CHORALE, 48)


def test_levels_can_be_told_in_part() -> None:
    assert levels(CHORALE, 48).only(["register"]) == Levels(register=3)


def test_every_level_has_words_and_more_is_the_highest() -> None:
    for kind in KINDS:
        words = [level_words(kind, level) for level in range(LEVELS[kind])]
        assert len(set(words)) == LEVELS[kind] and all(words)
        assert level_words(kind, 15) == words[-1]
    assert level_words("register", 0) == "below C2"
    assert level_words("register", 7) == "C6 and above"


@given(
    st.lists(st.builds(GridNote, st.integers(0, 143), st.integers(0, 127), st.integers(1, 400)), max_size=60),
    st.integers(1, 144),
)
def test_whatever_the_notes_levels_stay_inside_their_scale(notes: list[GridNote], length: int) -> None:
    found = levels(sorted(notes), length)
    for kind in KINDS:
        level = getattr(found, kind)
        assert level is None if not notes and kind != "density" else 0 <= level < LEVELS[kind]
