"""Scores on the model's grid: nothing dropped, nothing moved far, exact when it was on the grid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.media.music.quantise import Counts, quantise
from studio.media.music.score import TICKS, Chord, Key, Meter, Note, Score, Tempo, Track
from studio.media.music.tokens_grid import GridNote
from studio.media.music.vocabulary import CHORD, NAMES

notes = st.builds(
    Note, st.integers(0, 12_000), st.integers(0, 127), st.integers(1, 6_000), st.integers(0, 127)
)
meters = st.builds(
    Meter, st.integers(0, 9_000), st.integers(1, 12), st.sampled_from((1, 2, 4, 8, 16, 32, 64))
)
scores = st.builds(
    lambda tracks, changes, tempo, key, chords: Score(
        tracks=tuple(
            Track(id=str(index), program=index * 9, drums=index == 2).with_notes(some)
            for index, some in enumerate(tracks)
        ),
        meters=(Meter(0), *sorted({meter.tick: meter for meter in changes if meter.tick}.values())),
        tempos=(Tempo(0, tempo),),
        keys=(key,),
        chords=tuple(sorted(chords)),
    ),
    st.lists(st.lists(notes, max_size=12), max_size=4),
    st.lists(meters, max_size=3),
    st.integers(100_000, 3_000_000),
    st.builds(Key, st.integers(0, 4_000), st.integers(0, 11), st.sampled_from(("major", "minor"))),
    st.lists(
        st.builds(
            Chord,
            st.integers(0, 9_000),
            st.integers(1, 4_000),
            st.sampled_from(("Dm7", "G13", "N", "F/A", "nonsense")),
        ),
        max_size=4,
    ),
)


def one(*found: Note, **more: object) -> Score:
    """A score of one track."""
    return Score(tracks=(Track(id="a").with_notes(found),), **more)  # type: ignore[arg-type]


def test_notes_go_to_the_nearest_step_and_changes_are_counted() -> None:
    found = quantise(one(Note(0, 60, 480, 84), Note(490, 62, 225, 84), Note(961, 64, 10, 80)))
    assert found.tracks[0].notes == (GridNote(0, 60, 12), GridNote(12, 62, 6), GridNote(24, 64, 1))
    assert found.counts == Counts(notes=3, moved=2, resized=2, lengthened=1, revalued=1)
    assert "2 start and 2 end up to 1/24 of a beat away" in found.counts.words
    assert "1 were shorter than a step" in found.counts.words


def test_triplets_and_sixteenths_lie_on_the_grid() -> None:
    found = quantise(one(*(Note(tick, 60, 120, 4) for tick in (0, 160, 320, 480, 600, 720, 840))))
    assert found.counts == Counts(notes=7)
    assert found.counts.words == "All 7 notes lie on the model's grid of 12 steps a beat."


def test_a_note_that_rounds_up_at_the_end_gets_a_bar_of_its_own() -> None:
    found = quantise(one(Note(0, 60, 480), Note(1905, 62, 15)))
    assert len(found.bars) == 2
    assert found.tracks[0].notes[-1] == GridNote(48, 62, 1)


def test_a_bar_that_starts_between_steps_moves_no_note() -> None:
    piece = one(Note(300, 60, 480, 84), Note(780, 60, 480, 84), meters=(Meter(0, 5, 32), Meter(300, 4, 4)))
    found = quantise(piece)
    assert [bar.length for bar in found.bars] == [8, 48]
    assert (found.bars[0].beats, found.bars[0].unit) == (8, 48)  # a metre without a token of its own
    assert found.tracks[0].notes == (GridNote(8, 60, 12), GridNote(20, 60, 12))
    assert found.counts == Counts(notes=2)
    assert [found.note(note) for note in found.tracks[0].notes] == list(piece.tracks[0].notes)
    assert [note.start for note in found.to_score().tracks[0].notes] == [320, 800]


def test_a_pickup_bar_is_as_long_as_it_is() -> None:
    found = quantise(one(Note(0, 60, 4_000), meters=(Meter(0, 3, 4), Meter(480, 3, 4))))
    assert [(bar.length, bar.beats, bar.unit) for bar in found.bars[:3]] == [
        (12, 3, 4),
        (36, 3, 4),
        (36, 3, 4),
    ]


def test_keys_and_tempos_hold_from_the_bar_they_stand_at() -> None:
    found = quantise(
        one(
            Note(0, 60, 4 * 1920),
            keys=(Key(1920, 2, "minor"),),
            tempos=(Tempo(0, 500_000), Tempo(2000, 1_000_000)),
        )
    )
    assert [bar.key for bar in found.bars] == [-1, 5, 5, 5]
    assert [bar.tempo for bar in found.bars] == [10, 10, 5, 5]


def test_chords_are_told_where_they_change_and_gaps_have_none() -> None:
    chords = (
        Chord(0, 1920, "C"),
        Chord(1920, 960, "Dm9"),
        Chord(3840, 1920, "huh"),
        Chord(5760, 960, "G7/B"),
    )
    found = quantise(one(Note(0, 60, 4 * 1920), chords=chords))
    named = [
        tuple((at, NAMES[CHORD + class_] if class_ >= 0 else "-") for at, class_ in bar.chords)
        for bar in found.bars
    ]
    assert named == [
        ((0, "Chord_C"),),
        ((0, "Chord_Dm7"), (24, "-")),
        ((0, "-"),),
        ((0, "Chord_G7"), (24, "-")),
    ]


@given(scores)
def test_no_note_is_dropped_and_none_moves_by_more_than_a_24th(score: Score) -> None:
    found = quantise(score)
    assert found.counts.notes == score.note_count
    for track, made in zip(score.tracks, found.tracks, strict=True):
        back = [found.note(note) for note in made.notes]
        assert len(back) == len(track.notes)
        # sorted by start both stay in step: rounding keeps the order of starts
        starts = zip(
            sorted(note.start for note in track.notes), sorted(note.start for note in back), strict=True
        )
        assert all(abs(before - after) <= TICKS // 24 for before, after in starts)
        assert all(note.duration >= 1 for note in made.notes)
        assert all(note.start < found.grid.starts[-1] for note in made.notes)


@given(scores)
def test_what_was_quantised_is_the_same_when_quantised_again(score: Score) -> None:
    once = quantise(score)
    again = quantise(once.to_score(), at_least=len(once.bars))
    assert again.tracks == once.tracks
    assert again.bars == once.bars
    assert again.counts == Counts(notes=once.counts.notes)


@given(scores)
def test_counts_are_what_changed(score: Score) -> None:
    found = quantise(score)
    moved = sum(
        found.grid.tick(found.grid.step(note.start)) != note.start
        for track in score.tracks
        for note in track.notes
    )
    assert found.counts.moved == moved


@pytest.mark.parametrize(
    ("first", "count", "meter", "words"),
    [
        (70, 1, Meter(0), "no bar 71"),
        (0, 65, Meter(0), "65 bars are more than the 64"),
        (0, 2, Meter(0, 13, 4), "Bar 1 is longer than the 12 quarters"),
    ],
)
def test_what_no_sequence_holds_is_refused_in_words(first: int, count: int, meter: Meter, words: str) -> None:
    piece = quantise(one(Note(0, 60, 480), meters=(meter,)), at_least=70)
    with pytest.raises(StudioError, match=words) as caught:
        piece.window(first, count)
    assert caught.value.code == "music_window"


def test_seventeen_tracks_are_refused_and_sixteen_of_them_are_not() -> None:
    piece = quantise(Score(tracks=tuple(Track(id=str(index)) for index in range(17))))
    with pytest.raises(StudioError, match="17 tracks are more than the 16"):
        piece.window(0, 1)
    assert piece.window(0, 1, range(1, 17)).tracks[0].id == "1"


def test_transposing_a_window_leaves_drums_where_they_are() -> None:
    piece = quantise(
        Score(
            tracks=(
                Track(id="a").with_notes([Note(0, 60, 480)]),
                Track(id="d", program=9, drums=True).with_notes([Note(0, 36, 480)]),
            ),
            keys=(Key(0, 11, "minor"),),
            chords=(Chord(0, 480, "Bm"),),
        )
    ).window(0, 1)
    assert piece.tracks[1].program == 0  # a kit has none
    moved = piece.transposed(2)
    assert [track.notes[0].pitch for track in moved.tracks] == [62, 36]
    assert moved.bars[0].key == 3  # C# minor
    assert NAMES[CHORD + moved.bars[0].chords[0][1]] == "Chord_C#m"
    assert moved.bars[0].chords[1:] == piece.bars[0].chords[1:]
    assert moved.transposed(-2) == piece
    assert piece.pitch_span == (60, 60)
