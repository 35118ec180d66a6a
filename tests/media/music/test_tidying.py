"""Several tidyings in a row: each rests on the one before, each change can be left out, locks hold."""

from hypothesis import given
from hypothesis import strategies as st

from studio.media.music.score import Key, Note, Score, Track
from studio.media.music.tidying import TIDYINGS, Place, TidyWish, proposal, tidied

D_MINOR, A_MAJOR = Key(0, 2, "minor"), Key(1920, 9)
PICKS = ("scale", "grid", "range", "overlaps", "velocity")


def piece(*notes: Note, keys: tuple[Key, ...] = (D_MINOR,), drums: bool = False) -> Score:
    return Score(tracks=(Track(id="a", drums=drums).with_notes(notes),), keys=keys)


def pitches(score: Score) -> list[int]:
    return [note.pitch for note in score.tracks[0].notes]


def test_in_minor_the_raised_sixth_and_seventh_belong_to_the_key() -> None:
    score = piece(Note(0, 61, 480), Note(480, 71, 480), Note(960, 66, 480))
    assert pitches(tidied(score, TidyWish(kinds=("scale",))).score) == [61, 71, 65]
    natural = tidied(score, TidyWish(kinds=("scale",), scale="natural minor"))
    assert pitches(natural.score) == [60, 70, 65]
    assert pitches(tidied(score, TidyWish(kinds=("scale",), key=Key(0, 2))).score) == [61, 71, 66]
    bare = piece(*score.tracks[0].notes, keys=())
    assert pitches(tidied(bare, TidyWish(kinds=("scale",), key=D_MINOR)).score) == [61, 71, 65]


def test_each_note_goes_into_the_key_of_its_place_when_modes_change() -> None:
    score = piece(Note(0, 61, 480), Note(1920, 60, 480), Note(2400, 61, 480), keys=(D_MINOR, A_MAJOR))
    assert pitches(tidied(score, TidyWish(kinds=("scale",))).score) == [61, 59, 61]
    picked = tidied(score, TidyWish(kinds=("scale",)), {"a": score.tracks[0].notes[2:]})
    assert picked.steps == ()


def test_a_later_tidying_rests_on_what_the_earlier_left() -> None:
    """Two notes a semitone apart fall together in the key: the doubled one goes."""
    score = piece(Note(0, 65, 480), Note(0, 66, 240))
    wish = TidyWish(kinds=("scale", "overlaps"))
    done = tidied(score, wish)
    assert done.score.tracks[0].notes == (Note(0, 65, 480),)
    assert [step.place.kind for step in done.steps] == ["scale", "overlaps"]
    kept = tidied(score, wish, without=[done.steps[0].place])
    assert kept.score == score
    assert [(step.place.kind, step.made) for step in kept.steps] == [("scale", False)]


def test_of_two_notes_that_are_alike_one_can_be_left_out() -> None:
    score = piece(Note(0, 60, 480), Note(0, 60, 480), Note(0, 60, 480))
    wish = TidyWish(kinds=("overlaps",))
    both = tidied(score, wish)
    assert both.made == 2 and len(both.score.tracks[0].notes) == 1
    one = tidied(score, wish, without=[both.steps[0].place])
    assert one.made == 1 and len(one.score.tracks[0].notes) == 2


def test_only_the_picked_notes_change_also_after_they_were_changed_once() -> None:
    score = piece(Note(10, 66, 100), Note(130, 66, 100))
    done = tidied(score, TidyWish(kinds=("scale", "grid")), {"a": score.tracks[0].notes[:1]})
    assert done.score.tracks[0].notes == (Note(0, 65, 100), Note(130, 66, 100))
    assert done.made == 2


def test_what_is_not_wished_is_not_done() -> None:
    score = piece(Note(10, 66, 100, 120), Note(130, 20, 100, 10))
    assert tidied(score, TidyWish(kinds=())).score == score
    for kind in TIDYINGS:
        done = tidied(score, TidyWish(kinds=(kind,)))
        assert {step.place.kind for step in done.steps} <= {kind}
        assert done.score == proposal(score, kind, TidyWish()).score


def test_locked_notes_stay_and_are_counted_once() -> None:
    score = piece(Note(10, 66, 100, 80, "", True), Note(250, 62, 100))
    done = tidied(score, TidyWish(kinds=("scale", "grid")))
    assert Note(10, 66, 100, 80, "", True) in done.score.tracks[0].notes
    assert done.locked == 1


NOTES = st.builds(
    Note,
    start=st.integers(0, 4000),
    pitch=st.integers(0, 127),
    duration=st.integers(1, 900),
    velocity=st.integers(1, 127),
    author=st.sampled_from(["", "take"]),
    locked=st.booleans(),
)


@given(
    st.lists(NOTES, max_size=12),
    st.lists(st.sampled_from(PICKS), unique=True),
    st.booleans(),
    st.data(),
)
def test_left_out_changes_are_not_made_and_locks_hold(
    notes: list[Note], kinds: list, drums: bool, data: st.DataObject
) -> None:
    score = piece(*notes, drums=drums)
    wish = TidyWish(kinds=tuple(kinds))
    done = tidied(score, wish)
    without: set[Place] = set()
    if done.steps:
        without = set(data.draw(st.lists(st.sampled_from([step.place for step in done.steps]), max_size=4)))
    some = tidied(score, wish, without=without)
    assert not {step.place for step in some.steps if step.made} & without
    held = [note for note in score.tracks[0].notes if note.locked]
    assert all(note in some.score.tracks[0].notes for note in held)
    for kind in TIDYINGS:
        if kind in kinds:
            score = proposal(score, kind, wish).score
    assert done.score == score
