"""Chord symbols mean what musicians mean by them, however they are written; progressions fall into bars."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.media.music import chords
from studio.media.music.score import Bars, Chord, Key, Meter
from studio.media.music.theory import class_of, parse_key


def notes(names: str) -> frozenset[int]:
    return frozenset(class_of(name) for name in names.split())


@pytest.mark.parametrize(
    ("symbol", "printed", "names"),
    [
        ("Dm", "Dm", "D F A"),
        ("Dmin7", "Dm7", "D F A C"),
        ("D-7", "Dm7", "D F A C"),
        ("G7/B", "G7/B", "G B D F"),
        ("C/E", "C/E", "C E G"),
        ("C/D", "C/D", "C E G D"),
        ("Fmaj7", "Fmaj7", "F A C E"),
        ("FΔ", "Fmaj7", "F A C E"),
        ("FM7", "Fmaj7", "F A C E"),
        ("Bø7", "Bm7b5", "B D F A"),
        ("Bm7(b5)", "Bm7b5", "B D F A"),
        ("C°7", "Cdim7", "C Eb Gb A"),
        ("Co", "Cdim", "C Eb Gb"),
        ("C+", "Caug", "C E G#"),
        ("C(#5)", "Caug", "C E G#"),
        ("C7#5", "Caug7", "C E G# Bb"),
        ("Csus", "Csus4", "C F G"),
        ("Csus2", "Csus2", "C D G"),
        ("C6", "C6", "C E G A"),
        ("Cm6", "Cm6", "C Eb G A"),
        ("C6/9", "C69", "C E G A D"),
        ("C9", "C9", "C E G Bb D"),
        ("Cadd9", "Cadd9", "C E G D"),
        ("Cm(add9)", "Cmadd9", "C Eb G D"),
        ("Cm(maj7)", "CmMaj7", "C Eb G B"),
        ("C7sus4", "C7sus4", "C F G Bb"),
        ("C7(b9,#11)", "C7b9#11", "C E G Bb Db F#"),
        ("C13#9", "C13#9", "C E G Bb D# A"),
        ("C7no5", "C7no5", "C E Bb"),
        ("C5", "C5", "C G"),
        ("F♯m7♭5", "F#m7b5", "F# A C E"),
        ("Bbmaj7/D", "Bbmaj7/D", "Bb D F A"),
        ("Ab5", "Ab5", "Ab Eb"),
        ("A(b5)", "A(b5)", "A C# Eb"),
        ("Ebb5", "Eb(b5)", "Eb G A"),
        ("Bbb", "Bbb", "A C# E"),
        ("C##m", "C##m", "D F A"),
    ],
)
def test_a_symbol_has_the_notes_musicians_mean(symbol: str, printed: str, names: str) -> None:
    assert chords.parse_chord(symbol).classes == notes(names)
    assert chords.normal_symbol(symbol) == printed
    assert chords.normal_symbol(printed) == printed


def test_a_chord_is_taken_apart() -> None:
    assert chords.parse_chord("Dm7/C") == chords.ChordParts(2, "m7", 0, notes("D F A C"))
    assert chords.parse_chord("Dm7").bass == 2
    for none in ("N", "N.C.", " NC "):
        assert chords.parse_chord(none) == chords.ChordParts(-1, "N", -1, frozenset())
        assert chords.normal_symbol(none) == "N"


@pytest.mark.parametrize(
    "symbol", ["", "H7", "c", "Cfoo", "C7alt", "7", "C/H", "C/", "/E", "C7 G7", "C" * 50]
)
def test_what_is_no_chord_is_refused_with_its_words(symbol: str) -> None:
    with pytest.raises(StudioError) as told:
        chords.parse_chord(symbol)
    assert told.value.code == "no_chord"
    assert symbol[:10] in told.value.what


ROOTS = st.sampled_from(["C", "C#", "Db", "D", "Eb", "E", "F", "F#", "Gb", "G", "Ab", "A", "Bb", "B"])
CHANGES = st.sampled_from(["", "b5", "#5", "b9", "#9", "#11", "b13", "add11", "no5", "no3", "b9#9"])
SYMBOLS = st.builds(
    lambda root, quality, change, bass: f"{root}{quality}({change}){bass}",
    ROOTS,
    st.sampled_from(chords.QUALITIES),
    CHANGES,
    st.sampled_from(["", "/E", "/Bb", "/F#"]),
)


@given(SYMBOLS)
def test_a_printed_symbol_is_read_as_what_it_was(symbol: str) -> None:
    parts = chords.parse_chord(symbol)
    assert chords.parse_chord(chords.normal_symbol(symbol)) == parts
    assert chords.parse_chord(chords.chord_symbol(parts.root, parts.quality, parts.bass)) == parts


@given(SYMBOLS, st.integers(-24, 24), st.one_of(st.none(), st.builds(Key, st.just(0), st.integers(0, 11))))
def test_a_transposed_chord_has_its_notes_moved(symbol: str, semitones: int, key: Key | None) -> None:
    parts, there = (
        chords.parse_chord(symbol),
        chords.parse_chord(chords.transposed_symbol(symbol, semitones, key)),
    )
    assert there.classes == {(note + semitones) % 12 for note in parts.classes}
    assert (there.root - parts.root - semitones) % 12 == 0
    assert there.quality == parts.quality


@pytest.mark.parametrize("quality", chords.QUALITIES)
def test_every_chord_in_every_key_is_read_back(quality: str) -> None:
    for root, tonic, mode in product(range(12), range(12), ("major", "minor")):
        symbol = chords.chord_symbol(root, quality, key=Key(0, tonic, mode))
        assert (chords.parse_chord(symbol).root, chords.parse_chord(symbol).quality) == (root, quality), (
            symbol
        )


def test_chords_are_named_as_the_key_has_them() -> None:
    assert chords.transposed_symbol("C", 1, parse_key("F minor")) == "Db"
    assert chords.transposed_symbol("C", 1, parse_key("F# major")) == "C#"
    assert chords.transposed_symbol("C/E", 6) == "F#/A#"
    assert chords.transposed_symbol("N", 5) == "N"
    # a diminished chord leads upwards: B to C, not Cb
    assert chords.chord_symbol(11, "dim7", key=parse_key("Bb")) == "Bdim7"
    assert chords.chord_symbol(11, "maj7", key=parse_key("Bb")) == "Cbmaj7"


@pytest.mark.parametrize("quality", chords.QUALITIES)
def test_every_quality_comes_down_to_a_plain_one_that_it_sounds_like(quality: str) -> None:
    plain = chords.plain_quality(quality)
    assert plain in chords.PLAIN
    assert len(chords.quality_classes(plain) - chords.quality_classes(quality)) <= (quality in ("5",))
    if quality in chords.PLAIN:
        assert plain == quality


def test_altered_chords_come_down_to_what_they_are_at_heart() -> None:
    told = {
        quality: chords.plain_quality(quality)
        for quality in ("7#9", "m9", "maj9", "13b9", "N", "aug7", "9sus4")
    }
    assert told == {
        "7#9": "7",
        "m9": "m7",
        "maj9": "maj7",
        "13b9": "7",
        "N": "N",
        "aug7": "aug",
        "9sus4": "7sus4",
    }


def test_a_key_has_its_own_chords() -> None:
    assert chords.diatonic_chords(parse_key("C")) == ("C", "Dm", "Em", "F", "G", "Am", "Bdim")
    assert chords.diatonic_chords(parse_key("Eb"), sevenths=True) == (
        *("Ebmaj7", "Fm7", "Gm7", "Abmaj7", "Bb7", "Cm7", "Dm7b5"),
    )
    # a minor key has the dominant with the raised third too
    assert chords.diatonic_chords(parse_key("D minor")) == (
        *("Dm", "Edim", "F", "Gm", "Am", "Bb", "C", "A", "C#dim"),
    )
    assert chords.diatonic_chords(parse_key("A minor"), "minor pentatonic") == ()


def test_a_progression_is_a_chord_a_bar_or_as_its_lines_say() -> None:
    assert chords.read_progression("Dm Gm A7 Dm") == (("Dm",), ("Gm",), ("A7",), ("Dm",))
    assert chords.read_progression("Dm, Gm,\nA7") == (("Dm",), ("Gm",), ("A7",))
    assert chords.read_progression("| Dm G-7 | A7 | % |") == (("Dm", "Gm7"), ("A7",), ("A7",))


@pytest.mark.parametrize(
    ("words", "named"), [("", "No chords"), ("| |", "No chords"), ("%", "%"), ("Dm Xm", "Xm")]
)
def test_a_progression_that_cannot_be_read_says_where(words: str, named: str) -> None:
    with pytest.raises(StudioError, match=named):
        chords.read_progression(words)


def test_a_progression_is_laid_over_bars_again_and_again() -> None:
    bars = Bars.of((Meter(0), Meter(1920 * 3, 3, 4)), 1920 * 3 + 1440)
    laid = chords.lay_progression((("Dm", "Gm"), ("A7",)), bars.starts)
    assert laid == (
        Chord(0, 960, "Dm"),
        Chord(960, 960, "Gm"),
        Chord(1920, 1920, "A7"),
        Chord(3840, 960, "Dm"),
        Chord(4800, 960, "Gm"),
        Chord(5760, 1440, "A7"),
    )


def test_equal_chords_that_touch_are_one_and_the_chord_of_a_tick_is_found() -> None:
    merged = chords.merged_chords([Chord(0, 480, "C"), Chord(480, 480, "C"), Chord(1440, 480, "C")])
    assert merged == (Chord(0, 960, "C"), Chord(1440, 480, "C"))
    assert [chords.chord_at(merged, tick) for tick in (0, 959, 960, 1440, 1920)] == [
        *(merged[0], merged[0], None, merged[1], None),
    ]
