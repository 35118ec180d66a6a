"""What a take measures, and how it keeps to what was held."""

from typing import Any

import pytest

from studio.core.pieces import PieceJob
from studio.media.music.document_takes import notes_text
from studio.media.music.score import TICKS, Chord, Key, Note, Score, Track
from studio.media.music.take_facts import take_facts

BAR = 4 * TICKS


@pytest.fixture
def piece() -> Score:
    """Chromatic quarters in D minor, two bars of Dm."""
    notes = [Note(TICKS * at, 60 + at % 12, TICKS) for at in range(16)]
    tracks = (Track(id="a").with_notes(notes), Track(id="b").with_notes(notes))
    return Score(tracks=tracks, keys=(Key(0, 2, "minor"),), chords=(Chord(0, 2 * BAR, "Dm"),))


def job(**more: Any) -> PieceJob:
    plain: dict[str, Any] = {
        "id": "j",
        "score": "s",
        "first_bar": 0,
        "last_bar": 1,
        "tracks": ("a",),
        "task": "infill",
    }
    return PieceJob(**plain | {"model": "m", "seed": 1} | more)


def text(*pitches: int) -> str:
    return notes_text("a", [Note(TICKS * at, pitch, TICKS, 99) for at, pitch in enumerate(pitches)])


def test_its_own_bars_of_its_own_tracks_are_measured(piece: Score) -> None:
    facts = take_facts(piece, job(), "k", text(62, 65, 69, 67))
    assert (facts.facts.notes, facts.facts.bars) == (4, 2)
    assert facts.words == "2 a bar, D4 to A4, 100 % in D minor, 75 % in the chords, rests for 4 quarters"
    assert facts.held_words == ""
    assert facts.kept


def test_what_is_held_is_told_apart(piece: Score) -> None:
    facts = take_facts(piece, job(hold_key=True), "k", text(62, 65, 69, 67))
    assert facts.words == "2 a bar, D4 to A4, 75 % in the chords, rests for 4 quarters"
    assert facts.held_words == "100 % in D minor"
    assert facts.kept
    both = take_facts(piece, job(hold_key=True, hold_chords=True), "k", text(62, 65, 69, 67))
    assert both.held_words == "100 % in D minor, 75 % in the chords"
    assert not both.kept


def test_the_share_of_what_is_held_is_of_what_the_take_wrote(piece: Score) -> None:
    """Notes that stay were there before the key was held: C#, D# and F# among them."""
    kept = [note for note in piece.track("a").notes if note.start < 2 * BAR]
    said = notes_text("a", [*kept, Note(100, 62, 60, 99)])
    free = take_facts(piece, job(task="vary"), "k", said)
    assert "100 % in D minor" not in free.words
    assert take_facts(piece, job(task="vary", hold_key=True), "k", said).held_words == "100 % in D minor"


def test_a_note_that_sounds_on_into_a_chord_it_does_not_belong_to_is_no_obedient_one(piece: Score) -> None:
    chords = (Chord(0, TICKS, "Dm"), Chord(TICKS, 2 * BAR, "C"))
    score = Score(tracks=piece.tracks, keys=piece.keys, chords=chords)
    said = notes_text("a", [Note(0, 62, 960, 99)])
    assert take_facts(score, job(hold_chords=True), "k", said).held_words == "0 % in the chords"
    assert "100 % in the chords" in take_facts(score, job(), "k", said).words


def test_a_held_scale_is_what_is_measured(piece: Score) -> None:
    dorian = take_facts(piece, job(hold_key=True, scale="dorian"), "k", text(62, 71))
    assert dorian.held_words == "100 % in D dorian"
    five = take_facts(piece, job(hold_key=True, scale="minor pentatonic"), "k", text(62, 71))
    assert five.held_words == "50 % in D minor pentatonic"


def test_silence_has_no_words(piece: Score) -> None:
    facts = take_facts(piece, job(hold_key=True), "k", "")
    assert (facts.words, facts.held_words, facts.kept) == ("", "", True)


def test_a_stopped_take_is_measured_with_what_stays(piece: Score) -> None:
    stopped = take_facts(piece, job(), "k", text(62, 65), whole=False)
    assert stopped.facts.notes == 2 + 4
