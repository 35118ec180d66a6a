"""The key and the chords of notes are found, also where they change; drums and silence have none."""

import pytest

from studio.media.music.chordfinding import beat_ticks, find_chords
from studio.media.music.chords import lay_progression, parse_chord, read_progression
from studio.media.music.keyfinding import KEYS, find_key, find_keys, guess_key, key_fits, pitched
from studio.media.music.score import TICKS, Chord, Key, Meter, Note, Score, Track
from studio.media.music.theory import key_name, parse_key, scale_classes

BAR = TICKS * 4


def played(progression: str, at: int = 0, tonic: int = 0) -> list[Note]:
    """Block chords with their root in the bass, a bar each."""
    notes = []
    for bar, (symbol,) in enumerate(read_progression(progression)):
        parts = parse_chord(symbol)
        start = at + bar * BAR
        notes.append(Note(start, 36 + (parts.bass + tonic) % 12, BAR))
        notes += [Note(start, 60 + (note + tonic) % 12, BAR) for note in parts.classes]
    return notes


def piece(*notes: Note, drums: bool = False) -> Score:
    return Score(tracks=(Track(id="a", drums=drums).with_notes(notes),))


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize(
    ("progression", "mode"), [("C Am F Dm G7 C", "major"), ("Cm Fm Ab Cm G7 Cm", "minor")]
)
def test_a_cadence_tells_its_key(progression: str, mode: str, tonic: int) -> None:
    guess = find_key(played(progression, tonic=tonic))
    assert guess is not None
    assert (guess.key.tonic, guess.key.mode) == (tonic, mode)
    assert guess.fit > 0.8
    assert key_name(guess.key) in guess.words


def test_nothing_has_no_key_and_all_notes_alike_fit_none() -> None:
    assert find_key([]) is None
    assert guess_key([0] * 12) is None
    assert key_fits([3] * 12) == [0.0] * 24
    assert find_keys(Score()) == ()


def test_drums_have_no_key() -> None:
    score = piece(*played("C F G7 C"), drums=True)
    assert list(pitched(score)) == []
    assert find_keys(score) == ()


def test_only_what_sounds_between_the_ticks_counts() -> None:
    notes = [*played("C F G7 C"), *played("F# B C#7 F#", at=4 * BAR)]
    early, late = find_key(notes, 0, 4 * BAR), find_key(notes, 4 * BAR, 8 * BAR)
    assert early is not None
    assert late is not None
    assert (key_name(early.key), key_name(late.key)) == ("C major", "F# major")


def test_a_modulation_is_found_at_its_bar_and_a_passing_chord_is_none() -> None:
    there = piece(*played("C F G7 C Am Dm G7 C"), *played("E A B7 E C#m F#m B7 E", at=8 * BAR))
    assert [(key.tick, key_name(key)) for key in find_keys(there)] == [(0, "C major"), (8 * BAR, "E major")]
    passing = piece(*played("C F G7 C A7 Dm G7 C"))
    assert [key_name(key) for key in find_keys(passing)] == ["C major"]


def test_silence_keeps_the_key_it_came_in() -> None:
    score = piece(*played("C F G7 C"), *played("C F G7 C", at=20 * BAR))
    assert find_keys(score) == (Key(0, 0, "major"),)


def test_every_key_fits_its_own_scale_better_than_one_far_off() -> None:
    for at, key in enumerate(KEYS):
        fits = key_fits([float(note in scale_classes(key)) for note in range(12)])
        far = next(
            i
            for i, other in enumerate(KEYS)
            if other.mode == key.mode and other.tonic == (key.tonic + 6) % 12
        )
        assert fits[at] > fits[far]


@pytest.mark.parametrize(
    "progression", ["Dm Gm A7 Dm", "C Am F G7", "Ebmaj7 Cm7 Fm7 Bb7", "Am Bm7b5 E7 Am", "F#m C#7 F#m Bm"]
)
@pytest.mark.parametrize("per", ["beat", "bar"])
def test_block_chords_are_found_by_name(progression: str, per: str) -> None:
    score = piece(*played(progression))
    found = find_chords(score, per)  # type: ignore[arg-type]
    assert found == lay_progression(read_progression(progression), score.bars().starts)


def test_a_chord_whose_notes_all_sound_goes_before_one_with_a_note_missing() -> None:
    assert (
        find_chords(piece(*(Note(0, pitch, BAR) for pitch in (50, 59, 65, 71))))[0].symbol == "Bdim"
    )  # not G7


@pytest.mark.parametrize(("bass", "symbol"), [(45, "Adim7"), (39, "Ebdim7"), (36, "Cdim7")])
def test_the_bass_names_a_chord_that_could_have_several_roots(bass: int, symbol: str) -> None:
    score = piece(Note(0, bass, BAR), *(Note(0, pitch, BAR) for pitch in (60, 63, 66, 69)))
    named = parse_chord(find_chords(score)[0].symbol)
    assert (named.root, named.quality) == (parse_chord(symbol).root, "dim7")


def test_an_arpeggio_over_its_bass_is_one_chord() -> None:
    up = [Note(at * 240, pitch, 240) for at, pitch in enumerate((60, 64, 67, 72, 67, 64, 60, 64))]
    score = piece(Note(0, 36, BAR), *up)
    assert find_chords(score) == (Chord(0, BAR, "C"),)


def test_two_chords_in_a_bar_are_told_apart_by_the_beat_and_the_longer_stands_for_the_bar() -> None:
    notes = [Note(0, pitch, 3 * TICKS) for pitch in (48, 60, 64, 67)]
    notes += [Note(3 * TICKS, pitch, TICKS) for pitch in (43, 59, 62, 65)]
    score = piece(*notes)
    assert find_chords(score, "beat") == (Chord(0, 3 * TICKS, "C"), Chord(3 * TICKS, TICKS, "G7"))
    assert find_chords(score, "bar") == (Chord(0, BAR, "C"),)


def test_silent_bars_and_drums_have_no_chord_and_a_rest_inside_a_bar_keeps_it() -> None:
    notes = [Note(0, pitch, TICKS) for pitch in (48, 60, 64, 67)]
    notes += [Note(2 * BAR, pitch, BAR) for pitch in (43, 59, 62, 67)]
    score = piece(*notes)
    assert find_chords(score) == (Chord(0, BAR, "C"), Chord(BAR, BAR, "N"), Chord(2 * BAR, BAR, "G"))
    assert find_chords(piece(*notes, drums=True)) == (Chord(0, 3 * BAR, "N"),)


def test_the_chords_found_fill_the_piece_without_gap_in_any_metre() -> None:
    notes = [Note(at * 360, 48 + at * 5 % 24, 360) for at in range(40)]
    score = Score(tracks=(Track(id="a").with_notes(notes),), meters=(Meter(0, 6, 8), Meter(1440 * 3, 7, 8)))
    found = find_chords(score)
    assert found[0].tick == 0
    assert [chord.tick + chord.duration for chord in found[:-1]] == [chord.tick for chord in found[1:]]
    assert found[-1].tick + found[-1].duration == score.bars().starts[-1]
    assert (
        beat_ticks(Meter(0, 6, 8)),
        beat_ticks(Meter(0, 3, 8)),
        beat_ticks(Meter(0, 7, 8)),
        beat_ticks(Meter(0)),
    ) == (*(720, 240, 240, 480),)


def test_chords_are_named_in_the_key_of_the_piece() -> None:
    notes = played("Db Gb Ab7 Db")
    assert [chord.symbol for chord in find_chords(piece(*notes))] == ["Db", "Gb", "Ab7", "Db"]
    sharp = Score(tracks=piece(*notes).tracks, keys=(parse_key("F# major"),))
    assert [chord.symbol for chord in find_chords(sharp)] == ["C#", "F#", "G#7", "C#"]
