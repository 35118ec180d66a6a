"""Editing notes does what was asked, loses nothing, stays in bounds, keeps order, and never touches what is locked."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.music import edits
from studio.media.music.edits_placing import Done, added, altered, bounded, places_of
from studio.media.music.groove import humanise, quantise
from studio.media.music.score import END_MOST, TICKS, Key, Note, Score, Track
from studio.media.music.theory import scale_classes

C_MAJOR = scale_classes(Key(0, 0))


def score_of(*notes: Note, locked: bool = False) -> Score:
    return Score(tracks=(Track(id="other"), Track(id="a", locked=locked).with_notes(notes)))


def notes_of(done: Done | Score) -> tuple[Note, ...]:
    return (done.score if isinstance(done, Done) else done).track("a").notes


def model(start: int, pitch: int, duration: int = 480, velocity: int = 80, locked: bool = False) -> Note:
    return Note(start, pitch, duration, velocity, "take1", locked)


def mine(start: int, pitch: int, duration: int = 480, velocity: int = 80) -> Note:
    return Note(start, pitch, duration, velocity)


# -- each operation ------------------------------------------------------------------------------


def test_drawn_notes_are_put_in_order_and_brought_into_bounds() -> None:
    done = edits.draw(score_of(model(480, 60)), "a", [Note(960, 200, 0, 0), Note(-5, 50, 480, 300)])
    assert notes_of(done) == (Note(0, 50, 480, 127), model(480, 60), Note(960, 127, 1, 1))
    assert done.notes == (Note(0, 50, 480, 127), Note(960, 127, 1, 1))


def test_removed_notes_are_gone_and_no_others() -> None:
    score = score_of(model(0, 60), model(0, 60), model(480, 62))
    assert notes_of(edits.remove(score, "a", [model(0, 60)])) == (model(0, 60), model(480, 62))


def test_moved_notes_become_the_persons_and_others_keep_their_author() -> None:
    done = edits.move(score_of(model(0, 60), model(480, 62)), "a", [model(0, 60)], 960, 2)
    assert notes_of(done) == (model(480, 62), mine(960, 62))
    assert done.notes == (mine(960, 62),)
    assert done.words == ""


def test_a_move_by_nothing_changes_no_author_and_no_score() -> None:
    score = score_of(model(0, 60))
    assert edits.move(score, "a", [model(0, 60)]).score is score


def test_notes_move_together_as_far_as_the_first_can_go() -> None:
    score = score_of(mine(240, 100), mine(960, 120))
    assert notes_of(edits.move(score, "a", notes_of(score), -1000, 20)) == (mine(0, 107), mine(720, 127))
    assert notes_of(edits.transpose(score, "a", notes_of(score), -127)) == (mine(240, 0), mine(960, 20))
    far = edits.move(score, "a", notes_of(score), END_MOST)
    assert notes_of(far)[-1].end == END_MOST


def test_a_transposition_in_the_scale_stays_in_it_and_stops_for_all_at_the_bounds() -> None:
    score = score_of(mine(0, 60), mine(480, 64), mine(960, 71))
    up = edits.transpose_in_scale(score, "a", notes_of(score), 2, C_MAJOR)
    assert [note.pitch for note in notes_of(up)] == [64, 67, 74]
    high = score_of(mine(0, 120), mine(480, 125))
    stopped = edits.transpose_in_scale(high, "a", notes_of(high), 9, C_MAJOR)
    assert [note.pitch for note in notes_of(stopped)] == [122, 127]


def test_copies_keep_their_author_and_are_free() -> None:
    done = edits.duplicate(score_of(model(0, 60, locked=True)), "a", [model(0, 60, locked=True)], 480, 12)
    assert notes_of(done) == (model(0, 60, locked=True), model(480, 72))
    assert done.notes == (model(480, 72),)


def test_an_end_is_moved_but_never_under_the_shortest() -> None:
    score = score_of(model(0, 60), mine(480, 62, 5))
    assert notes_of(edits.resize(score, "a", [model(0, 60)], 120))[0] == mine(0, 60, 600)
    shorter = edits.resize(score, "a", notes_of(score), -5000)
    assert notes_of(shorter) == (mine(0, 60, edits.SHORTEST), mine(480, 62, 5))


def test_a_start_is_moved_and_the_end_stays() -> None:
    score = score_of(model(480, 60))
    assert notes_of(edits.resize(score, "a", notes_of(score), -120, from_start=True)) == (mine(360, 60, 600),)
    assert notes_of(edits.resize(score, "a", notes_of(score), -900, from_start=True)) == (mine(0, 60, 960),)
    late = edits.resize(score, "a", notes_of(score), 900, from_start=True)
    assert notes_of(late) == (mine(960 - edits.SHORTEST, 60, edits.SHORTEST),)


def test_a_split_cuts_what_sounds_across_and_a_join_mends_it() -> None:
    score = score_of(mine(0, 60), mine(0, 64, 240))
    cut = edits.split(score, "a", notes_of(score), 240)
    assert notes_of(cut) == (mine(0, 60, 240), mine(0, 64, 240), mine(240, 60, 240))
    assert notes_of(edits.join(cut.score, "a", cut.notes)) == notes_of(score)


def test_a_join_spans_gaps_but_no_other_note_of_the_pitch() -> None:
    between = mine(960, 60, 100)
    score = score_of(mine(0, 60), mine(600, 60, 100), between, mine(1200, 60))
    chosen = [note for note in notes_of(score) if note != between]
    assert notes_of(edits.join(score, "a", chosen)) == (mine(0, 60, 700), between, mine(1200, 60))


def test_an_inversion_turns_about_its_middle_or_along_the_scale() -> None:
    score = score_of(mine(0, 60), mine(480, 62), mine(960, 67))
    assert [note.pitch for note in notes_of(edits.invert(score, "a", notes_of(score)))] == [67, 65, 60]
    scale = edits.invert(score, "a", notes_of(score), C_MAJOR)
    assert [note.pitch for note in notes_of(scale)] == [67, 65, 60]
    score = score_of(mine(0, 60), mine(480, 64), mine(960, 65))
    assert [note.pitch for note in notes_of(edits.invert(score, "a", notes_of(score), C_MAJOR))] == [
        65,
        62,
        60,
    ]


def test_a_reversal_turns_time_about() -> None:
    score = score_of(mine(480, 60, 120), mine(600, 62, 360))
    assert notes_of(edits.reverse(score, "a", notes_of(score))) == (mine(480, 62, 360), mine(840, 60, 120))


def test_legato_lasts_until_the_next_chord() -> None:
    score = score_of(mine(0, 60, 100), mine(0, 64, 900), mine(480, 62, 60), mine(960, 60, 30))
    assert notes_of(edits.legato(score, "a", notes_of(score), 10)) == (
        *(mine(0, 60, 470), mine(0, 64, 470), mine(480, 62, 470), mine(960, 60, 30)),
    )


def test_velocities_are_set_scaled_and_ramped_within_bounds() -> None:
    score = score_of(mine(0, 60, velocity=40), mine(480, 62, velocity=80), mine(960, 64, velocity=120))
    low, middle, high = notes_of(score)

    def velocities(done: Done) -> list[int]:
        return [note.velocity for note in notes_of(done)]

    assert velocities(edits.set_velocities(score, "a", {low: 0, high: 500})) == [1, 80, 127]
    assert velocities(edits.scale_velocities(score, "a", notes_of(score), 0.5)) == [20, 40, 60]
    assert velocities(edits.scale_velocities(score, "a", notes_of(score), 2.0, about=80)) == [1, 80, 127]
    assert velocities(edits.ramp_velocities(score, "a", notes_of(score), 20, 100)) == [20, 60, 100]
    assert velocities(edits.ramp_velocities(score, "a", [middle], 20, 100)) == [40, 20, 120]


def test_locking_keeps_the_author_and_unlocking_frees() -> None:
    done = edits.lock(score_of(model(0, 60), model(480, 60)), "a", [model(0, 60)])
    assert notes_of(done) == (model(0, 60, locked=True), model(480, 60))
    assert notes_of(edits.lock(done.score, "a", done.notes, False)) == (model(0, 60), model(480, 60))


# -- notes of the same pitch ---------------------------------------------------------------------


def test_the_earlier_note_ends_where_the_later_begins() -> None:
    score = score_of(model(0, 60, 960), mine(2000, 60))
    into = edits.move(score, "a", [mine(2000, 60)], -1520)
    assert notes_of(into) == (model(0, 60, 480), mine(480, 60))  # trimmed, and still the model's
    over = edits.draw(score_of(model(480, 60)), "a", [mine(0, 60, 900)])
    assert notes_of(over) == (mine(0, 60, 480), model(480, 60))


def test_a_note_put_on_the_start_of_another_takes_its_place() -> None:
    score = score_of(model(0, 60, 960), mine(2000, 60))
    done = edits.move(score, "a", [mine(2000, 60)], -2000)
    assert notes_of(done) == (mine(0, 60),)
    assert done.covered == 1
    assert done.words == "1 note was replaced."


def test_a_locked_note_in_the_way_stays_whole() -> None:
    locked = model(480, 60, 480, locked=True)
    score = score_of(locked, mine(2000, 60, 960))
    before = edits.move(score, "a", [mine(2000, 60, 960)], -2000)
    assert notes_of(before) == (mine(0, 60, 480), locked)
    inside = edits.move(score, "a", [mine(2000, 60, 960)], -1280)
    assert notes_of(inside) == (locked, mine(720, 60, 960))
    drawn = edits.draw(score, "a", [mine(480, 60, 10)])
    assert (notes_of(drawn), drawn.left) == (notes_of(score), 1)


def test_a_note_moved_onto_a_locked_one_stands_beside_it() -> None:
    locked = model(480, 60, locked=True)
    done = edits.move(score_of(locked, mine(2000, 60)), "a", [mine(2000, 60)], -1520)
    assert (Counter(notes_of(done)), done.covered) == (Counter([locked, mine(480, 60)]), 0)


def test_a_note_whose_place_is_taken_is_not_also_trimmed() -> None:
    done = edits.draw(score_of(model(0, 60, 960)), "a", [mine(0, 60, 100), mine(480, 60, 100)])
    assert (notes_of(done), done.covered) == ((mine(0, 60, 100), mine(480, 60, 100)), 1)


def test_notes_that_grow_into_each_other_end_where_the_next_begins() -> None:
    score = score_of(mine(0, 60), mine(480, 60), mine(960, 60))
    grown = edits.resize(score, "a", notes_of(score)[:2], 700)
    assert notes_of(grown) == notes_of(score)
    apart = score_of(mine(0, 60, 100), mine(480, 60, 100))
    assert notes_of(edits.resize(apart, "a", notes_of(apart), 900)) == (mine(0, 60, 480), mine(480, 60, 1000))


def test_chosen_notes_that_an_edit_does_not_change_keep_their_length() -> None:
    score = score_of(mine(0, 60, 960), mine(480, 60, 480), mine(1930, 60, 10))
    drawn = quantise(score, "a", notes_of(score), 480)
    assert notes_of(drawn) == (mine(0, 60, 960), mine(480, 60, 480), mine(1920, 60, 10))


def test_doubles_of_a_file_are_left_alone_by_what_does_not_move_them() -> None:
    score = score_of(mine(0, 60), mine(0, 60, 960), mine(240, 60))
    louder = edits.set_velocities(score, "a", {mine(0, 60): 100})
    longer = edits.resize(score, "a", [mine(0, 60, 960)], -100)
    assert (Counter(notes_of(longer)), longer.covered) == (
        Counter([mine(0, 60), mine(0, 60, 240), mine(240, 60)]),
        0,
    )
    assert Counter(notes_of(louder)) == Counter([mine(0, 60, velocity=100), mine(0, 60, 960), mine(240, 60)])


def test_notes_that_overlapped_move_as_they_are() -> None:
    score = score_of(mine(0, 60, 960), mine(480, 60, 960))
    assert notes_of(edits.move(score, "a", notes_of(score), 100)) == (mine(100, 60, 960), mine(580, 60, 960))


# -- what always holds ---------------------------------------------------------------------------

NOTES = st.builds(
    Note,
    st.integers(0, 4000),
    st.integers(0, 127) | st.integers(58, 64),
    st.integers(1, 1500),
    st.integers(1, 127),
    st.sampled_from(["", "take1", "take2"]),
    st.booleans() | st.just(False),
)
SCORES = st.builds(lambda notes: score_of(*notes), st.lists(NOTES, max_size=14))
Operation = Callable[[Score, Collection[Note]], Done]


def operations() -> st.SearchStrategy[tuple[str, Operation]]:
    ticks, tones = st.integers(-5000, 5000), st.integers(-130, 130)
    return st.one_of(
        st.builds(lambda t, s: ("move", lambda x, n: edits.move(x, "a", n, t, s)), ticks, tones),
        st.builds(
            lambda s: ("scale", lambda x, n: edits.transpose_in_scale(x, "a", n, s, C_MAJOR)),
            st.integers(-9, 9),
        ),
        st.builds(
            lambda t, f: ("resize", lambda x, n: edits.resize(x, "a", n, t, from_start=f)),
            ticks,
            st.booleans(),
        ),
        st.just(("invert", lambda x, n: edits.invert(x, "a", n))),
        st.just(("invert in C", lambda x, n: edits.invert(x, "a", n, C_MAJOR))),
        st.just(("reverse", lambda x, n: edits.reverse(x, "a", n))),
        st.builds(lambda g: ("legato", lambda x, n: edits.legato(x, "a", n, g)), st.integers(0, 40)),
        st.builds(
            lambda f, a: ("louder", lambda x, n: edits.scale_velocities(x, "a", n, f, a)),
            st.floats(0, 9),
            tones,
        ),
        st.builds(lambda a, b: ("ramp", lambda x, n: edits.ramp_velocities(x, "a", n, a, b)), tones, tones),
        st.builds(
            lambda g, s, w, e: ("quantise", lambda x, n: quantise(x, "a", n, g, s, w, ends=e)),
            *(st.sampled_from([0, 40, 120, 480, 1000]), st.floats(0, 1), st.floats(0.5, 0.75), st.booleans()),
        ),
        st.builds(lambda s: ("humanise", lambda x, n: humanise(x, "a", n, s, 30, 20)), st.integers(0, 99)),
    )


def chosen(score: Score, data: st.DataObject) -> Sequence[Note]:
    notes = notes_of(score)
    places = data.draw(st.sets(st.integers(0, len(notes) - 1))) if notes else set()
    return [notes[at] for at in sorted(places)]


def in_bounds(note: Note) -> bool:
    inside = note.start >= 0 and note.duration >= 1 and note.end <= END_MOST
    return inside and 0 <= note.pitch <= 127 and 1 <= note.velocity <= 127


@given(SCORES, operations(), st.data())
def test_no_note_is_lost_order_and_bounds_hold_and_locks_too(
    score: Score, operation: tuple[str, Operation], data: st.DataObject
) -> None:
    notes, picks = notes_of(score), chosen(score, data)
    done = operation[1](score, picks)
    after = notes_of(done)
    assert len(after) + done.covered == len(notes)
    assert list(after) == sorted(after)
    assert all(map(in_bounds, after))
    locked = Counter(note for note in notes if note.locked)
    assert Counter(note for note in after if note.locked) == locked
    assert done.left == sum(note.locked for note in picks)
    assert len(done.notes) == len(picks)
    assert not Counter(done.notes) - Counter(after)
    assert done.score.track("other") is score.track("other")


@given(SCORES, operations(), st.data())
def test_a_note_that_changed_is_the_persons_and_the_others_keep_their_author(
    score: Score, operation: tuple[str, Operation], data: st.DataObject
) -> None:
    notes, picks = notes_of(score), chosen(score, data)
    done = operation[1](score, picks)
    was = Counter(notes)
    for note in done.notes:
        assert note.author == "" or was[note]
    rest = was - Counter(picks)
    spots = Counter(
        (note.start, note.pitch, note.velocity, note.author, note.locked) for note in rest.elements()
    )
    now = Counter(notes_of(done)) - Counter(done.notes)
    assert not Counter((n.start, n.pitch, n.velocity, n.author, n.locked) for n in now.elements()) - spots


@given(st.lists(NOTES, max_size=14), operations(), st.data())
def test_a_locked_track_never_changes(
    notes: list[Note], operation: tuple[str, Operation], data: st.DataObject
) -> None:
    score = score_of(*notes, locked=True)
    picks = chosen(score, data)
    done = operation[1](score, picks)
    assert done.score is score
    assert (done.left, sorted(done.notes)) == (len(picks), sorted(picks))
    for other in (
        edits.remove(score, "a", picks),
        edits.duplicate(score, "a", picks, 960),
        edits.draw(score, "a", picks),
    ):
        assert notes_of(other) == notes_of(score)
        assert other.left == len(picks)


@given(SCORES, st.data(), st.integers(0, 4000), st.integers(-30, 30))
def test_a_move_there_and_back_is_none_but_for_authors(
    score: Score, data: st.DataObject, ticks: int, semitones: int
) -> None:
    free = score_of(
        *[altered(note, pitch=40 + note.pitch % 40) for note in notes_of(score) if not note.locked]
    )
    picks = notes_of(free)  # all of them: nothing is left to bump into
    there = edits.move(free, "a", picks, ticks, semitones)
    back = edits.move(there.score, "a", there.notes, -ticks, -semitones)
    assert shapes(notes_of(back)) == shapes(picks)


@given(SCORES)
def test_turning_twice_is_not_turning_at_all(score: Score) -> None:
    free = score_of(*[note for note in notes_of(score) if not note.locked])
    for turn in (edits.invert, edits.reverse):
        once = turn(free, "a", notes_of(free))
        assert shapes(notes_of(turn(once.score, "a", once.notes))) == shapes(notes_of(free))


@given(SCORES, st.data())
def test_removing_what_was_drawn_gives_back_what_was(score: Score, data: st.DataObject) -> None:
    notes = data.draw(st.lists(NOTES, max_size=4))
    drawn = edits.draw(
        score, "a", [altered(note, start=note.start + 20_000) for note in notes if not note.locked]
    )
    assert notes_of(edits.remove(drawn.score, "a", drawn.notes)) == notes_of(score)


@given(SCORES, st.data())
def test_splitting_loses_no_time(score: Score, data: st.DataObject) -> None:
    apart = score_of(*{(note.pitch): note for note in notes_of(score)}.values())
    done = edits.split(apart, "a", chosen(apart, data), data.draw(st.integers(0, 5000)))
    assert sum(note.duration for note in notes_of(done)) == sum(note.duration for note in notes_of(apart))


@given(SCORES, operations(), st.data())
def test_what_is_put_somewhere_sounds_over_no_other_free_note_of_its_pitch(
    score: Score, operation: tuple[str, Operation], data: st.DataObject
) -> None:
    picks = chosen(score, data)
    done = operation[1](score, picks)
    was = Counter((note.start, note.pitch) for note in picks)
    rest = list((Counter(notes_of(done)) - Counter(done.notes)).elements())
    for note in done.notes:
        if not note.locked and not was[note.start, note.pitch]:
            over = [o for o in rest if o.pitch == note.pitch and o.start < note.end and note.start < o.end]
            assert not [other for other in over if not other.locked]


def shapes(notes: Sequence[Note]) -> Counter[tuple[int, int, int, int]]:
    return Counter((note.start, note.pitch, note.duration, note.velocity) for note in notes)


def test_notes_that_are_not_there_are_passed_over_and_a_track_that_is_not_is_an_error() -> None:
    score = score_of(mine(0, 60))
    assert notes_of(edits.move(score, "a", [mine(5, 60)], 100)) == (mine(0, 60),)
    assert places_of(score.track("a"), [mine(0, 60), mine(0, 60)]) == [0]
    with pytest.raises(KeyError):
        edits.move(score, "none", [])


def test_what_was_left_is_said() -> None:
    score = score_of(model(0, 60, locked=True), model(480, 60, locked=True), mine(960, 60))
    assert edits.move(score, "a", notes_of(score), 240).words == "2 locked notes were left as they are."
    assert edits.move(score, "a", notes_of(score)[1:], 240).words == "1 locked note was left as it is."
    assert added(score, score.track("a"), [bounded(mine(0, 60))]).left == 1


@pytest.mark.parametrize("where", ["together", "all over"])
def test_moving_two_hundred_of_twenty_thousand_notes_is_quick(where: str) -> None:
    notes = [mine(at // 4 * 120, 36 + at * 7 % 60, 110) for at in range(20_000)]
    score = score_of(*notes)
    picks = notes_of(score)[9_000:9_200] if where == "together" else notes_of(score)[::100]

    def once() -> float:
        begun = process_time()
        edits.move(score, "a", picks, TICKS, 1)
        return process_time() - begun

    assert min(once() for _ in range(15)) < 0.015  # 2 to 4 ms on a quiet machine
