"""Notes are drawn to the grid of their bar, straight or swung, and swayed the same for the same seed."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.music.groove import GRIDS, TRIPLET, Lines, humanise, quantise
from studio.media.music.score import END_MOST, TICKS, Meter, Note, Score, Track

STARTS = st.lists(st.integers(0, 9000), min_size=1, max_size=20)


def score_at(*starts: int, duration: int = 100, meters: tuple[Meter, ...] = (Meter(0),)) -> Score:
    notes = [Note(start, 40 + at % 60, duration) for at, start in enumerate(starts)]
    return Score(tracks=(Track(id="a").with_notes(notes),), meters=meters)


def starts_of(score: Score) -> list[int]:
    return [note.start for note in score.tracks[0].notes]


def drawn(score: Score, grid: int, strength: float = 1.0, swing: float = 0.5, ends: bool = False) -> Score:
    return quantise(score, "a", score.tracks[0].notes, grid, strength, swing, ends=ends).score


def test_starts_go_to_the_nearest_line_and_lengths_stay() -> None:
    score = drawn(score_at(5, 110, 181, 300), GRIDS["1/16"])
    assert starts_of(score) == [0, 120, 240, 240]
    assert {note.duration for note in score.tracks[0].notes} == {100}


def test_strength_is_the_share_of_the_way() -> None:
    assert starts_of(drawn(score_at(100, 500), 480, 0.5)) == [50, 490]
    assert drawn(score_at(100), 480, 0.0) == score_at(100)


def test_swing_delays_the_second_of_each_pair() -> None:
    assert starts_of(drawn(score_at(0, 240, 480, 720), 240, swing=TRIPLET)) == [0, 320, 480, 800]
    assert starts_of(drawn(score_at(0, 300), 240, swing=0.75)) == [0, 360]


def test_ends_are_drawn_too_when_asked_and_no_note_vanishes() -> None:
    score = Score(tracks=(Track(id="a").with_notes([Note(10, 60, 340), Note(480, 62, 20)]),))
    assert [(note.start, note.end) for note in drawn(score, 120, ends=True).tracks[0].notes] == [
        (0, 360),
        (480, 600),
    ]
    only_ends = quantise(score, "a", score.tracks[0].notes, 120, starts=False, ends=True).score
    assert [(note.start, note.end) for note in only_ends.tracks[0].notes] == [(10, 360), (480, 600)]


def test_the_grid_begins_anew_with_each_bar() -> None:
    # 7/8 bars are 1680 ticks: no multiple of a half note
    score = score_at(1600, 1700, 1690 + 960, meters=(Meter(0, 7, 8),))
    assert starts_of(drawn(score, GRIDS["1/2"])) == [1680, 1680, 1680 + 960]
    assert starts_of(drawn(score_at(900, 3000), GRIDS["1 bar"])) == [0, 3840]


@given(STARTS, st.sampled_from([g for g in GRIDS.values() if g]), st.floats(0.5, 0.75))
def test_quantising_twice_is_quantising_once(starts: list[int], grid: int, swing: float) -> None:
    once = drawn(score_at(*starts), grid, swing=swing)
    assert starts_of(drawn(once, grid, swing=swing)) == starts_of(once)


@given(STARTS, st.sampled_from(list(GRIDS.values())), st.floats(0.5, 0.75))
def test_no_line_is_nearer_than_the_one_taken(starts: list[int], grid: int, swing: float) -> None:
    score = score_at(*starts, meters=(Meter(0), Meter(3840, 7, 8)))
    lines = Lines(score, grid, swing)
    every = {lines.nearest(tick) for tick in range(0, 14_000, 5)}
    for start in starts:
        assert abs(lines.nearest(start) - start) == min(abs(line - start) for line in every)
        assert lines.after(start) == min(line for line in every if line > start)


@given(STARTS, st.integers(0, 2**40))
def test_the_same_seed_sways_the_same_and_within_its_width(starts: list[int], seed: int) -> None:
    score = score_at(*(start + 100 for start in starts))
    notes = score.tracks[0].notes
    once, again = (humanise(score, "a", notes, seed, ticks=12, velocity=8).score for _ in range(2))
    assert once == again
    by_pitch = {note.pitch: note for note in notes}
    if len(by_pitch) == len(notes):
        for note in once.tracks[0].notes:
            assert abs(note.start - by_pitch[note.pitch].start) <= 24
            assert abs(note.velocity - by_pitch[note.pitch].velocity) <= 16


def test_another_seed_sways_otherwise_and_a_chord_stays_together() -> None:
    chords = Score(
        tracks=(
            Track(id="a").with_notes(
                Note(at * TICKS, 40 + voice, 400) for at in range(40) for voice in range(4)
            ),
        )
    )
    notes = chords.tracks[0].notes
    swayed = humanise(chords, "a", notes, 1, ticks=20, velocity=0).score
    assert swayed != humanise(chords, "a", notes, 2, ticks=20, velocity=0).score
    groups = [
        [n.start for n in swayed.tracks[0].notes if abs(n.start - at * TICKS) < 100] for at in range(40)
    ]
    within = sum(max(group) - min(group) for group in groups) / len(groups)
    between = (
        sum(abs(a[0] - b[0] - (at * TICKS - (at + 1) * TICKS)) for at, (a, b) in enumerate(pairwise(groups)))
        / 39
    )
    assert within < between


def test_more_than_all_of_the_way_is_all_of_it_and_less_than_none_is_none() -> None:
    assert drawn(score_at(100, 500), 480, 3.0) == drawn(score_at(100, 500), 480)
    assert drawn(score_at(100, 500), 480, -1.0) == score_at(100, 500)


def test_swing_stays_within_three_quarters_either_way() -> None:
    assert starts_of(drawn(score_at(0, 300), 240, swing=5.0)) == [0, 360]
    assert starts_of(drawn(score_at(0, 100), 240, swing=-5.0)) == [0, 120]


def test_of_two_lines_as_near_the_earlier_is_taken() -> None:
    assert Lines(score_at(), 480).nearest(240) == 0


def test_behind_the_last_note_bars_go_on_in_the_last_metre() -> None:
    lines = Lines(score_at(meters=(Meter(0), Meter(1920, 3, 4))), 0)
    assert [lines.nearest(tick) for tick in (1930, 1920 + 1400, 1920 + 1440 * 5 + 10)] == [1920, 3360, 9120]


def test_a_note_never_gets_shorter_than_a_tick() -> None:
    brief = Score(tracks=(Track(id="a", notes=(Note(250, 60, 1),)),))
    assert drawn(brief, 480, 0.9, ends=True).tracks[0].notes == (Note(457, 60, 1),)


def test_nothing_is_drawn_when_neither_starts_nor_ends_are_asked_for() -> None:
    score = score_at(5, 110)
    assert quantise(score, "a", score.tracks[0].notes, 120, starts=False).score == score


def test_nothing_is_drawn_past_the_longest_piece() -> None:
    last = Score(tracks=(Track(id="a", notes=(Note(END_MOST - 10, 60, 5),)),))
    assert drawn(last, 480, ends=True).tracks[0].notes == (Note(END_MOST - 1, 60, 1),)
    swayed = [
        humanise(last, "a", last.tracks[0].notes, seed, 400, 0).score.tracks[0].notes for seed in range(9)
    ]
    assert all(note.end <= END_MOST and note.duration == 5 for notes in swayed for note in notes)


@pytest.mark.parametrize("velocity", [1, 127])
def test_swayed_velocities_stay_velocities_and_starts_in_the_piece(velocity: int) -> None:
    score = Score(tracks=(Track(id="a").with_notes(Note(at, 40 + at, 9, velocity) for at in range(40)),))
    swayed = humanise(score, "a", score.tracks[0].notes, 3, ticks=200, velocity=60).score.tracks[0].notes
    assert {1 <= note.velocity <= 127 and note.start >= 0 for note in swayed} == {True}
    assert len({note.velocity for note in swayed}) > 5


def test_the_spread_is_cut_at_twice_its_width() -> None:
    score = Score(tracks=(Track(id="a").with_notes(Note(at * 480, 60, 9, 64) for at in range(400)),))
    swayed = humanise(score, "a", score.tracks[0].notes, 4, ticks=0, velocity=10).score.tracks[0].notes
    louder = [abs(note.velocity - 64) for note in swayed]
    assert max(louder) == 20 and louder.count(20) > 4


def test_notes_of_one_pitch_that_come_upon_each_other_are_parted() -> None:
    legato = Score(tracks=(Track(id="a").with_notes(Note(at * 100, 60, 100) for at in range(30)),))
    notes = legato.tracks[0].notes
    for done in (humanise(legato, "a", notes, 5, 20, 0), quantise(legato, "a", notes, 240, 0.3)):
        over = [one for one, two in pairwise(done.score.tracks[0].notes) if one.start < two.start < one.end]
        assert not [one for one in over if one not in notes]  # what did not move keeps its length


@pytest.mark.parametrize("grid", list(GRIDS))
def test_grids_divide_a_bar_evenly(grid: str) -> None:
    assert GRIDS[grid] == 0 or 1920 % GRIDS[grid] == 0
