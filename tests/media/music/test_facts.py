"""What a take measures is what a hand count gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.music.facts import measure
from studio.media.music.score import Chord, Key, Note, Score, Track

BAR = 1920


def piece(*notes: Note, **more: object) -> Score:
    drums = Track(id="d", drums=True).with_notes([Note(at * BAR, 36, 10) for at in range(2)])
    return Score(tracks=(Track(id="a").with_notes(notes), drums), **more)  # type: ignore[arg-type]


def test_a_range_of_bars_is_measured() -> None:
    notes = [
        Note(0, 62, 480),
        Note(480, 65, 480),
        Note(480, 69, 480),
        Note(BAR, 61, 480),
        Note(BAR + 480, 63, 480),
    ]
    score = piece(*notes, keys=(Key(0, 2, "minor"),), chords=(Chord(0, BAR, "Dm"), Chord(BAR, BAR, "A7")))
    facts = measure(score, ["a"], 0, 1)
    assert (facts.notes, facts.bars, facts.density, facts.low, facts.high) == (5, 2, 2.5, 61, 69)
    assert facts.in_key == 0.8  # C# belongs to D minor, Eb does not
    assert measure(score, ["a"], 0, 1, scale="natural minor").in_key == 0.6
    assert facts.in_chord == 0.8
    assert facts.polyphony == 5 / 4
    assert facts.longest_rest_ticks == BAR - 960
    assert facts.words == "5 notes, 2.5 a bar, C#4 to A4, 80 % in D minor, 80 % in the chords"
    assert measure(score, ["a"], 1, 1).notes == 2


def test_drums_count_for_density_and_nothing_else() -> None:
    facts = measure(piece(), None, 0, 1)
    assert (facts.notes, facts.low, facts.in_key, facts.in_chord, facts.polyphony) == (
        2,
        None,
        None,
        None,
        None,
    )
    assert facts.words == "2 notes, 1 a bar"


def test_nothing_measures_nothing_but_its_rest() -> None:
    facts = measure(piece(), ["a"], 0, 1)
    assert (facts.words, facts.longest_rest_ticks, facts.density) == ("no notes", 2 * BAR, 0.0)
    assert measure(Score()).notes == 0


def test_a_piece_without_keys_is_measured_against_the_one_it_suggests() -> None:
    notes = [Note(at * 480, pitch, 480) for at, pitch in enumerate((60, 64, 67, 72, 65, 67, 59, 60))]
    facts = measure(piece(*notes), ["a"])
    assert facts.key == Key(0, 0, "major")
    assert "100 % in C major" in facts.words


def test_only_all_is_a_hundred_per_cent() -> None:
    notes = [Note(at * 10, 60, 10) for at in range(999)]
    score = piece(*notes, Note(10_000, 61, 10), keys=(Key(0, 0),))
    assert "99 % in C major" in measure(score, ["a"]).words


def test_a_long_rest_is_told() -> None:
    assert measure(piece(Note(0, 60, 480), Note(3 * BAR, 60, 480)), ["a"]).words.endswith(
        "rests for 11 quarters"
    )


@pytest.mark.parametrize(("pitches", "bits"), [((60, 72, 48), 0.0), ((60, 62), 1.0), ((60, 62, 64, 65), 2.0)])
def test_entropy_is_in_bits(pitches: tuple[int, ...], bits: float) -> None:
    notes = [Note(at * 480, pitch, 480) for at, pitch in enumerate(pitches)]
    assert measure(piece(*notes), ["a"]).class_entropy == pytest.approx(bits)


@given(
    st.lists(
        st.builds(Note, st.integers(0, 7000), st.integers(0, 127), st.integers(1, 2000)),
        min_size=1,
        max_size=9,
    )
)
def test_rests_and_voices_are_those_of_a_count_tick_by_tick(notes: list[Note]) -> None:
    facts = measure(piece(*notes), ["a"], 0, 3)
    inside = [note for note in notes if note.start < 4 * BAR]
    voices = [0] * 20_000
    for note in inside:
        for tick in range(note.start, note.end):
            voices[tick] += 1
    sounding = [count for count in voices if count]
    if inside:
        assert facts.polyphony == pytest.approx(sum(sounding) / len(sounding))
    longest = run = 0
    for count in voices[: 4 * BAR]:
        run = 0 if count else run + 1
        longest = max(longest, run)
    assert facts.longest_rest_ticks == longest
