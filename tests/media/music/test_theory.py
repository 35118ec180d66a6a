"""Notes are named as musicians name them, keys and scales are read and known, steps stay in the scale."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.media.music import theory
from studio.media.music.score import Key

KEYS = st.builds(Key, st.just(0), st.integers(0, 11), st.sampled_from(["major", "minor"]))


@pytest.mark.parametrize(
    ("words", "tonic", "mode"),
    [
        ("D minor", 2, "minor"),
        ("F# major", 6, "major"),
        ("Eb", 3, "major"),
        ("Am", 9, "minor"),
        ("c♯ min", 1, "minor"),
        ("B♭ Major", 10, "major"),
        ("AM", 9, "major"),
        (" g  minor ", 7, "minor"),
        ("Cb major", 11, "major"),
        ("b-minor", 11, "minor"),
    ],
)
def test_a_key_is_read_however_it_is_written(words: str, tonic: int, mode: str) -> None:
    key = theory.parse_key(words, 960)
    assert (key.tick, key.tonic, key.mode) == (960, tonic, mode)


@pytest.mark.parametrize(
    "words", ["", "H minor", "D dorian", "minor", "D minor minor", "12", "Dm7", "b-moll"]
)
def test_what_is_no_key_is_refused_with_its_words(words: str) -> None:
    with pytest.raises(StudioError) as told:
        theory.parse_key(words)
    assert told.value.code == "no_key"
    assert f"“{words}”" in told.value.what
    assert told.value.do


@pytest.mark.parametrize(
    ("key", "pitch_class", "name"),
    [
        ("D minor", 1, "C#"),  # the leading note
        ("F minor", 1, "Db"),
        ("D minor", 10, "Bb"),
        ("F# major", 5, "E#"),
        ("Eb", 8, "Ab"),
        ("G# minor", 7, "F##"),
        ("C", 6, "F#"),
        ("C", 3, "Eb"),
        ("E", 3, "D#"),
        ("Bb minor", 9, "A"),
    ],
)
def test_a_note_is_spelled_as_the_key_has_it(key: str, pitch_class: int, name: str) -> None:
    assert theory.spell(pitch_class, theory.parse_key(key)) == name


def test_signatures_are_those_of_the_circle_of_fifths() -> None:
    majors = {
        "C": 0,
        "G": 1,
        "D": 2,
        "A": 3,
        "E": 4,
        "B": 5,
        "F#": 6,
        "F": -1,
        "Bb": -2,
        "Eb": -3,
        "Ab": -4,
        "Db": -5,
    }
    minors = {
        "A": 0,
        "E": 1,
        "B": 2,
        "F#": 3,
        "C#": 4,
        "G#": 5,
        "D": -1,
        "G": -2,
        "C": -3,
        "F": -4,
        "Bb": -5,
        "Eb": -6,
    }
    assert {theory.tonic_name(key): theory.sharps(key) for key in all_keys("major")} == majors
    assert {theory.tonic_name(key): theory.sharps(key) for key in all_keys("minor")} == minors


def all_keys(mode: str) -> list[Key]:
    return [Key(0, tonic, "major" if mode == "major" else "minor") for tonic in range(12)]


@given(KEYS)
def test_a_key_survives_its_name_and_its_signature(key: Key) -> None:
    assert theory.parse_key(theory.key_name(key)) == key
    assert theory.key_of(theory.sharps(key), key.mode) == key


@given(st.integers(0, 127), KEYS)
def test_a_pitch_survives_its_name_in_any_key(pitch: int, key: Key) -> None:
    assert theory.parse_pitch(theory.pitch_name(pitch, key)) == pitch


def test_middle_c_is_c4_and_octaves_count_by_the_letter() -> None:
    assert theory.pitch_name(60) == "C4"
    assert theory.parse_pitch("B#3") == theory.parse_pitch("C4") == 60
    assert theory.parse_pitch("Cb4") == 59
    assert theory.pitch_name(60, theory.parse_key("C# minor")) == "B#3"
    assert theory.pitch_name(59, theory.parse_key("Eb minor")) == "Cb4"


@pytest.mark.parametrize("words", ["", "C", "H4", "C#-2", "Ab9", "G#9", "128", "4C"])
def test_what_is_no_midi_pitch_is_refused(words: str) -> None:
    with pytest.raises(StudioError) as told:
        theory.parse_pitch(words)
    assert told.value.code == "no_pitch"


@pytest.mark.parametrize(
    ("key", "scale", "names"),
    [
        ("D minor", None, "D E F G A Bb C"),
        ("D minor", "harmonic minor", "D E F G A Bb C#"),
        ("A minor", "full minor", "A B C D E F F# G G#"),
        ("D", "dorian", "D E F G A B C"),
        ("E", "phrygian", "E F G A B C D"),
        ("F", "lydian", "F G A B C D E"),
        ("G", "mixolydian", "G A B C D E F"),
        ("B", "locrian", "B C D E F G A"),
        ("A minor", "minor pentatonic", "A C D E G"),
        ("A minor", "minor blues", "A C D D# E G"),
    ],
)
def test_scales_hold_the_notes_they_should(key: str, scale: theory.Scale | None, names: str) -> None:
    assert " ".join(theory.scale_names(theory.parse_key(key), scale)) == names
    classes = {theory.class_of(name) for name in names.split()}
    assert theory.scale_classes(theory.parse_key(key), scale) == classes


def test_a_scale_is_found_by_its_usual_names_and_others_are_told_what_there_is() -> None:
    assert theory.parse_scale("Minor") == "natural minor"
    assert theory.parse_scale("harmonic-minor scale") == "harmonic minor"
    assert theory.parse_scale("Ionian") == "major"
    assert all(theory.parse_scale(scale) == scale for scale in theory.SCALES)
    with pytest.raises(StudioError, match="dorian"):
        theory.parse_scale("klezmer")


def test_the_key_holds_from_its_tick_until_the_next() -> None:
    keys = (Key(480, 2), Key(960, 7))
    assert theory.key_at(keys, 0) is None
    assert [theory.key_at(keys, tick) for tick in (480, 959, 960, 5000)] == [
        keys[0],
        keys[0],
        keys[1],
        keys[1],
    ]


CLASSES = st.frozensets(st.integers(0, 11), min_size=1)


@given(st.integers(0, 127), CLASSES, st.sampled_from(["nearest", "up", "down"]))
def test_the_nearest_pitch_of_a_scale_is_in_it_and_none_is_nearer(
    pitch: int, classes: frozenset[int], way: str
) -> None:
    found = theory.nearest_in(pitch, classes, way)  # type: ignore[arg-type]
    inside = [other for other in range(128) if other % 12 in classes]
    assert found in inside
    if way == "nearest":
        assert abs(found - pitch) == min(abs(other - pitch) for other in inside)
    elif way == "up":
        assert found == min((other for other in inside if other >= pitch), default=max(inside))
    else:
        assert found == max((other for other in inside if other <= pitch), default=min(inside))


def test_of_two_pitches_as_near_the_lower_is_taken() -> None:
    c_major = theory.scale_classes(Key(0, 0))
    assert [theory.nearest_in(61, c_major, way) for way in ("nearest", "up", "down")] == [60, 62, 60]


def test_no_scale_leaves_a_pitch_alone() -> None:
    assert theory.nearest_in(61, frozenset()) == 61
    assert theory.scale_step(61, 3, frozenset()) == 61


@given(st.integers(0, 127), st.integers(-20, 20), CLASSES)
def test_steps_along_a_scale_come_back_and_stay_in_it(
    pitch: int, steps: int, classes: frozenset[int]
) -> None:
    there = theory.scale_step(pitch, steps, classes)
    if pitch % 12 in classes:
        assert there % 12 in classes
        assert theory.scale_step(there, -steps, classes) == pitch
        between = sum(other % 12 in classes for other in range(min(pitch, there), max(pitch, there)))
        assert between == abs(steps)


def test_a_note_between_keeps_its_distance_to_the_one_below() -> None:
    c_major = theory.scale_classes(Key(0, 0))
    assert theory.scale_step(61, 1, c_major) == 63  # C# above C: D# above D
