"""What share of a take keeps to key and chords, for as long as it sounds."""

import pytest

from studio.core.errors import StudioError
from studio.media.music.obedience import Obedience, obedience
from studio.media.music.score import Chord, Key, Note, Score, Track

D_MINOR = Key(0, 2, "minor")
CHORDS = (Chord(0, 960, "Dm"), Chord(960, 960, "A7"))


def piece(*notes: Note, keys: tuple[Key, ...] = (), chords: tuple[Chord, ...] = ()) -> Score:
    return Score(tracks=(Track(id="t1").with_notes(notes),), keys=keys, chords=chords)


def test_a_note_keeps_to_what_holds_all_the_while_it_sounds() -> None:
    inside, held_over, outside = Note(0, 62, 960), Note(480, 65, 960), Note(960, 63, 480)
    score = piece(inside, held_over, outside, keys=(D_MINOR,), chords=CHORDS)
    assert obedience(score) == Obedience(key=2 / 3, chords=1 / 3), "F belongs to Dm and sounds on over A7"


def test_only_an_authors_notes_count_and_drums_never() -> None:
    score = piece(Note(0, 63, 10, author="take"), Note(0, 62, 10), keys=(D_MINOR,))
    drums = Track(id="t2", drums=True).with_notes([Note(0, 42, 10, author="take")])
    assert obedience(score.with_track(drums), "take") == Obedience(key=0.0)
    assert obedience(score.with_track(drums)) == Obedience(key=0.5)


def test_before_the_first_key_and_where_no_chord_lies_nothing_is_asked() -> None:
    free, told = Note(0, 61, 480), Note(960, 62, 480)
    score = piece(free, told, keys=(Key(960, 2, "minor"),), chords=(Chord(960, 480, "Dm"),))
    assert obedience(score) == Obedience(key=1.0, chords=1.0)
    assert obedience(piece(free)) == Obedience() == obedience(piece(keys=(D_MINOR,), chords=CHORDS))
    assert obedience(piece(free, chords=(Chord(0, 960, "N"),))).chords is None


def test_each_key_holds_until_the_next() -> None:
    keys = (Key(0, 0), Key(960, 2))
    assert obedience(piece(Note(480, 65, 480), Note(960, 66, 480), keys=keys)).key == 1.0
    assert obedience(piece(Note(480, 65, 481), Note(960, 65, 480), keys=keys)).key == 0.0


def test_a_named_scale_takes_the_place_of_the_key() -> None:
    score = piece(Note(0, 71, 480), Note(480, 70, 480), keys=(D_MINOR,))
    assert obedience(score).key == 1.0 and obedience(score, scale="dorian").key == 0.5
    with pytest.raises(StudioError):
        obedience(score, scale="sideways")
