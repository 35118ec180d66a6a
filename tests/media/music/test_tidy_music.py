"""Tidying proposes and does not apply; what it proposes is tidy, twice tidied is once tidied, locks hold."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.media.music import tidy
from studio.media.music.instruments import comfortable
from studio.media.music.score import Key, Note, Score, Track
from studio.media.music.theory import scale_classes

D_MINOR = Key(0, 2, "minor")


def piece(*notes: Note, keys: tuple[Key, ...] = (D_MINOR,), **more: object) -> Score:
    track = Track(id="a", program=40).with_notes(notes)
    return Score(tracks=(replace(track, **more),), keys=keys)


def notes_of(proposal: tidy.Proposal) -> tuple[Note, ...]:
    return proposal.score.tracks[0].notes


def test_notes_are_moved_into_the_scale_and_keep_their_author() -> None:
    score = piece(Note(0, 62, 480), Note(480, 61, 480, 80, "take1"))
    proposal = tidy.snap_to_scale(score)
    assert notes_of(proposal) == (Note(0, 62, 480), Note(480, 60, 480, 80, "take1"))
    assert proposal.changes == (
        tidy.Change("a", Note(480, 61, 480, 80, "take1"), Note(480, 60, 480, 80, "take1")),
    )
    assert proposal.words == "1 of 2 notes would be moved into D minor."
    assert notes_of(tidy.snap_to_scale(score, way="up"))[1].pitch == 62
    assert (
        "D minor, harmonic minor" in tidy.snap_to_scale(piece(Note(0, 60, 9)), scale="harmonic minor").words
    )


def test_each_note_goes_into_the_key_of_its_time() -> None:
    score = piece(Note(0, 66, 480), Note(1920, 66, 480), keys=(Key(0, 0), Key(1920, 7)))
    assert [note.pitch for note in notes_of(tidy.snap_to_scale(score))] == [65, 66]
    assert [note.pitch for note in notes_of(tidy.snap_to_scale(score, Key(0, 2)))] == [66, 66]


def test_without_a_key_nothing_is_snapped_and_that_is_said() -> None:
    proposal = tidy.snap_to_scale(piece(Note(0, 61, 9), keys=()))
    assert (proposal.changes, proposal.words) == ((), "The piece has no key: choose one.")


def test_drums_have_neither_scale_nor_range() -> None:
    score = piece(Note(0, 36, 480), Note(480, 1, 480), drums=True)
    assert not tidy.snap_to_scale(score).changes
    assert not tidy.in_range(score).changes
    assert tidy.quantised(piece(Note(5, 36, 480), drums=True), 120).changes


def test_starts_go_to_the_grid_and_lengths_stay() -> None:
    proposal = tidy.quantised(piece(Note(7, 60, 300), Note(480, 62, 100)), 120)
    assert notes_of(proposal) == (Note(0, 60, 300), Note(480, 62, 100))
    assert proposal.words == "1 of 2 notes would be moved to the grid."


def test_doubles_go_and_overlaps_end_where_the_next_begins() -> None:
    long, short, later = Note(0, 60, 960), Note(0, 60, 100, 127), Note(480, 60, 480)
    proposal = tidy.without_overlaps(piece(long, short, later, Note(0, 64, 960)))
    assert notes_of(proposal) == (Note(0, 60, 480), Note(0, 64, 960), later)
    assert tidy.Change("a", short, None) in proposal.changes
    twice = Note(0, 50, 10)
    assert notes_of(tidy.without_overlaps(piece(twice, twice))) == (twice,)


def test_of_doubles_the_locked_one_stays() -> None:
    locked = Note(0, 60, 10, locked=True)
    assert notes_of(tidy.without_overlaps(piece(locked, Note(0, 60, 960)))) == (locked,)


def test_notes_come_by_octaves_into_the_range_of_their_instrument() -> None:
    low, high = comfortable(40)
    proposal = tidy.in_range(piece(Note(0, low - 1, 9), Note(1, high + 13, 9), Note(2, 60, 9)))
    assert [note.pitch for note in notes_of(proposal)] == [low + 11, high - 11, 60]
    narrow = tidy.in_range(piece(Note(0, 40, 9), Note(1, 90, 9)), {"a": (60, 64)})
    assert [note.pitch for note in notes_of(narrow)] == [64, 64]
    fits = tidy.in_range(piece(Note(0, 49, 9), Note(1, 87, 9)), {"a": (60, 64)})
    assert [note.pitch for note in notes_of(fits)] == [61, 63]


def test_velocities_are_drawn_to_those_around_them() -> None:
    notes = [Note(at * 240, 60, 200, 120 if at == 4 else 60) for at in range(9)]
    smooth = notes_of(tidy.smoothed(piece(*notes), 1.0, 480))
    assert [note.velocity for note in smooth] == [60, 60, 72, 75, 72, 72, 72, 60, 60] or smooth[
        4
    ].velocity == 72
    half = notes_of(tidy.smoothed(piece(*notes), 0.5, 480))
    assert smooth[4].velocity < half[4].velocity < 120
    assert not tidy.smoothed(piece(*notes), 0.0).changes


def test_the_neighbourhood_of_a_velocity_reaches_as_far_before_as_behind_to_the_tick() -> None:
    notes = [Note(0, 60, 9, 20), Note(100, 60, 9, 80), Note(200, 60, 9, 20)]
    assert [note.velocity for note in notes_of(tidy.smoothed(piece(*notes), 1.0, 100))] == [50, 40, 50]
    assert not tidy.smoothed(piece(*notes), 1.0, 99).changes
    assert [note.velocity for note in notes_of(tidy.smoothed(piece(*notes), 9.0, 100))] == [127, 1, 127]


def test_of_doubles_as_long_the_loudest_stays_and_length_comes_first() -> None:
    soft, loud, long = Note(0, 60, 100, 20), Note(0, 60, 100, 90), Note(0, 60, 101, 5)
    assert notes_of(tidy.without_overlaps(piece(soft, loud))) == (loud,)
    assert notes_of(tidy.without_overlaps(piece(soft, loud, long))) == (long,)


def test_drawing_to_a_grid_may_be_partial_and_swung() -> None:
    score = piece(Note(100, 60, 50), Note(300, 62, 50))
    assert [note.start for note in notes_of(tidy.quantised(score, 240, 0.5))] == [50, 270]
    assert [note.start for note in notes_of(tidy.quantised(score, 240, 1.0, 2 / 3))] == [0, 320]


def test_locked_notes_that_were_left_are_counted_in_words() -> None:
    free, fixed = Note(0, 61, 9), Note(5, 61, 9, locked=True)
    one = tidy.snap_to_scale(piece(free, fixed))
    assert (one.left, one.words) == (
        1,
        "1 of 2 notes would be moved into D minor. 1 locked note stays as it is.",
    )
    two = tidy.snap_to_scale(piece(fixed, replace(fixed, start=9)))
    assert two.words == "Nothing to change in 2 notes. 2 locked notes stay as they are."
    assert tidy.snap_to_scale(piece(Note(0, 62, 9))).words == "Nothing to change in 1 note."


def test_picks_that_name_no_note_look_at_none() -> None:
    every: list[dict[str, list[Note]]] = [{}, {"a": []}, {"z": [Note(0, 61, 9)]}]
    for picks in every:
        assert tidy.snap_to_scale(piece(Note(0, 61, 9)), picks=picks).words == "Nothing to change in 0 notes."


def test_a_given_key_counts_where_the_piece_has_none() -> None:
    assert tidy.snap_to_scale(piece(Note(0, 61, 9), keys=()), Key(0, 0)).words.endswith("moved into C major.")
    plain = tidy.snap_to_scale(piece(Note(0, 61, 9)), scale="natural minor")
    assert plain.words.endswith("moved into D minor.")  # the key's own scale needs no name
    down = tidy.snap_to_scale(piece(Note(0, 61, 9), keys=()), Key(0, 0), way="down")
    assert notes_of(down)[0].pitch == 60


def test_equal_notes_are_changed_one_by_one_and_tracks_that_are_not_named_stay_the_same() -> None:
    twice = Note(0, 60, 10)
    score = piece(twice, twice)
    change = tidy.Change("a", twice, replace(twice, pitch=62))
    assert tidy.applied(score, [change]).tracks[0].notes == (twice, replace(twice, pitch=62))
    assert tidy.applied(score, [change, tidy.Change("a", twice, None)]).note_count == 1
    assert tidy.applied(score, [tidy.Change("z", twice, None)]) == score


def test_only_chosen_notes_are_looked_at() -> None:
    first, second = Note(0, 61, 480), Note(480, 61, 480)
    proposal = tidy.snap_to_scale(piece(first, second), picks={"a": [second]})
    assert notes_of(proposal) == (first, Note(480, 60, 480))
    assert proposal.words == "1 of 1 note would be moved into D minor."


def test_a_part_of_a_proposal_can_be_taken() -> None:
    score = piece(Note(0, 61, 480), Note(480, 61, 480), Note(960, 61, 10))
    proposal = tidy.snap_to_scale(score)
    some = tidy.applied(score, proposal.changes[:1])
    assert [note.pitch for note in some.tracks[0].notes] == [60, 61, 61]
    assert tidy.applied(some, proposal.changes[:1]) == some  # that note is no longer there
    assert tidy.applied(score, proposal.changes) == proposal.score


NOTES = st.builds(
    Note,
    st.integers(0, 3000),
    st.integers(0, 127) | st.integers(59, 62),
    st.integers(1, 1200),
    st.integers(1, 127),
    st.sampled_from(["", "take1"]),
    st.booleans() | st.just(False),
)
TIDIERS: tuple[Callable[[Score], tidy.Proposal], ...] = (
    tidy.snap_to_scale,
    lambda score: tidy.quantised(score, 120),
    tidy.without_overlaps,
    tidy.in_range,
    tidy.smoothed,
)


@pytest.mark.parametrize("tidier", TIDIERS)
@given(notes=st.lists(NOTES, max_size=12), locked=st.booleans())
def test_locks_hold_nothing_is_applied_and_the_changes_are_all_there_is(
    tidier: Callable[[Score], tidy.Proposal], notes: list[Note], locked: bool
) -> None:
    score = piece(*notes, locked=locked)
    proposal = tidier(score)
    after = Counter(notes_of(proposal))
    held = Counter(note for note in notes if locked or note.locked)
    assert not held - after
    assert not (proposal.changes and locked)
    expected = Counter(notes)
    for change in proposal.changes:
        assert not change.before.locked
        expected[change.before] -= 1
        if change.after is not None:
            expected[change.after] += 1
            assert change.after.author == change.before.author
    assert +expected == after
    assert list(notes_of(proposal)) == sorted(notes_of(proposal))


@pytest.mark.parametrize("tidier", TIDIERS[:4])
@given(notes=st.lists(NOTES, max_size=12))
def test_what_is_tidy_stays(tidier: Callable[[Score], tidy.Proposal], notes: list[Note]) -> None:
    once = tidier(piece(*notes)).score
    assert not tidier(once).changes


@given(st.lists(NOTES, max_size=12))
def test_tidied_notes_are_what_was_promised(notes: list[Note]) -> None:
    free = [replace(note, locked=False) for note in notes]
    score = piece(*free)
    assert {note.pitch % 12 for note in notes_of(tidy.snap_to_scale(score))} <= scale_classes(D_MINOR)
    low, high = comfortable(40)
    assert all(low <= note.pitch <= high for note in notes_of(tidy.in_range(score)))
    apart = notes_of(tidy.without_overlaps(score))
    assert {(note.start, note.pitch) for note in apart} == {(note.start, note.pitch) for note in free}
    for note in apart:
        over = [o for o in apart if o.pitch == note.pitch and o.start < note.end and note.start < o.end]
        assert over == [note]
