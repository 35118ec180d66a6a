"""Bars put in and taken out: all that stands in a track goes along, to the tick."""

import pytest
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.media.music.edits_bars import delete_bars, insert_bars
from studio.media.music.score import (
    END_MOST,
    Bend,
    Chord,
    Control,
    Key,
    Meter,
    Note,
    Score,
    Tempo,
    Track,
    Word,
)

BAR = 1920


def piece(*notes: Note, **more: object) -> Score:
    return Score(tracks=(Track(id="a").with_notes(notes),), **more)  # type: ignore[arg-type]


def full() -> Score:
    """Something of every kind on the first beat of each of three bars."""
    ticks = (0, BAR, 2 * BAR)
    track = Track(
        id="a",
        notes=tuple(Note(tick, 60, 480) for tick in ticks),
        controls=tuple(Control(tick, 64, at) for at, tick in enumerate(ticks)),
        bends=tuple(Bend(tick, at) for at, tick in enumerate(ticks)),
        words=tuple(Word(tick, f"w{at}") for at, tick in enumerate(ticks)),
    )
    return Score(
        tracks=(track,),
        tempos=tuple(Tempo(tick, 500_000 + at) for at, tick in enumerate(ticks)),
        keys=tuple(Key(tick, at) for at, tick in enumerate(ticks)),
        chords=tuple(Chord(tick, BAR, symbol) for tick, symbol in zip(ticks, "CFG", strict=True)),
        markers=tuple(Word(tick, f"m{at}") for at, tick in enumerate(ticks)),
    )


def ticks_of(score: Score) -> dict[str, list[int]]:
    track = score.tracks[0]
    return {
        "notes": [note.start for note in track.notes],
        "controls": [one.tick for one in track.controls],
        "bends": [one.tick for one in track.bends],
        "words": [one.tick for one in track.words],
        "tempos": [one.tick for one in score.tempos],
        "keys": [one.tick for one in score.keys],
        "chords": [one.tick for one in score.chords],
        "markers": [one.tick for one in score.markers],
    }


def test_everything_from_the_bar_on_moves_and_nothing_before_it() -> None:
    assert set(map(tuple, ticks_of(insert_bars(full(), 1, 1)).values())) == {(0, 2 * BAR, 3 * BAR)}


def test_at_the_beginning_what_sounds_moves_and_what_holds_stays() -> None:
    found = ticks_of(insert_bars(full(), 0, 1))
    stays = {"tempos", "keys"}
    assert all(found[name] == [0, 2 * BAR, 3 * BAR] for name in stays)
    assert all(found[name] == [BAR, 2 * BAR, 3 * BAR] for name in found.keys() - stays)


def test_without_the_middle_bar_what_began_there_is_gone_and_what_held_holds() -> None:
    less = delete_bars(full(), 1, 1)
    assert set(map(tuple, ticks_of(less).values())) == {(0, BAR)}
    assert [tempo.micros for tempo in less.tempos] == [500_000, 500_002]
    assert [one.value for one in less.tracks[0].bends] == [0, 2]
    assert [one.text for one in less.markers] == ["m0", "m2"]
    assert [one.symbol for one in less.chords] == ["C", "G"]


def test_of_what_held_inside_the_last_holds_on_for_each_controller() -> None:
    track = Track(
        id="a",
        notes=(Note(0, 60, 9),),
        controls=(Control(BAR, 1, 10), Control(BAR, 64, 1), Control(BAR + 9, 1, 20), Control(BAR + 9, 64, 2)),
        bends=(Bend(BAR, 5), Bend(BAR + 9, 6)),
    )
    less = delete_bars(Score(tracks=(track,)), 1, 1).tracks[0]
    assert less.controls == (Control(BAR, 1, 20), Control(BAR, 64, 2))
    assert less.bends == (Bend(BAR, 6),)


def test_new_bars_are_as_long_as_the_bar_before_them() -> None:
    meters = (Meter(0, 4, 4), Meter(2 * BAR, 3, 4))
    score = piece(Note(2 * BAR, 60, 9), meters=meters)
    assert insert_bars(score, 2, 1).meters == (Meter(0, 4, 4), Meter(3 * BAR, 3, 4))
    assert insert_bars(score, 3, 1).meters == meters
    assert insert_bars(score, 3, 2).tracks == score.tracks
    first = insert_bars(piece(Note(0, 60, 9), meters=(Meter(0, 3, 4), Meter(1440, 4, 4))), 0, 1)
    assert first.tracks[0].notes[0].start == 1440 and first.meters == (Meter(0, 3, 4), Meter(2880, 4, 4))


def test_a_bar_that_a_metre_cuts_short_stays_as_short() -> None:
    cut = (Meter(0, 4, 4), Meter(BAR + 480, 3, 4))  # bar 2 has one quarter
    more = insert_bars(piece(Note(BAR + 480, 60, 9), meters=cut), 2, 1)
    assert more.bars(4).starts[:4] == (0, BAR, BAR + 480, BAR + 480 + BAR)
    assert more.tracks[0].notes[0].start == BAR + 480 + BAR


def test_chords_are_parted_and_cut_to_the_tick() -> None:
    long = piece(chords=(Chord(0, 3 * BAR, "C"),))
    assert insert_bars(long, 1, 1).chords == (Chord(0, BAR, "C"), Chord(2 * BAR, 2 * BAR, "C"))
    assert insert_bars(long, 3, 1).chords == long.chords
    for first, last, chord in ((0, 0, Chord(0, 2 * BAR, "C")), (1, 1, Chord(0, 2 * BAR, "C"))):
        assert delete_bars(long, first, last).chords == (chord,)
    into = piece(chords=(Chord(BAR + 480, 2 * BAR, "F"),))
    assert delete_bars(into, 1, 1).chords == (Chord(BAR, BAR + 480, "F"),)
    assert delete_bars(piece(chords=(Chord(BAR, BAR, "F"),)), 1, 1).chords == ()


def test_a_note_into_the_gap_loses_what_it_had_there_and_one_up_to_it_nothing() -> None:
    touching, into, over = Note(480, 60, BAR - 480), Note(480, 62, BAR), Note(480, 64, 2 * BAR)
    assert delete_bars(piece(touching, into, over), 1, 1).tracks[0].notes == (
        touching,
        Note(480, 62, BAR - 480),
        Note(480, 64, BAR),
    )


@pytest.mark.parametrize("whole_track", [False, True])
def test_a_locked_note_may_end_where_bars_go_but_not_sound_there(whole_track: bool) -> None:
    def locked(note: Note) -> Score:
        track = Track(id="a", locked=whole_track, notes=(replace(note, locked=not whole_track),))
        return Score(tracks=(track,))

    up_to, into = locked(Note(0, 60, BAR)), locked(Note(0, 60, BAR + 1))
    assert delete_bars(up_to, 1, 1) == up_to
    with pytest.raises(StudioError, match="1 locked note stands behind the bars to be taken out"):
        delete_bars(into, 1, 1)
    assert insert_bars(into, 1, 1) == into
    with pytest.raises(StudioError, match="1 locked note stands behind the bars to be put in"):
        insert_bars(locked(Note(BAR, 60, 9)), 1, 1)
    two = Score(tracks=(Track(id="a", locked=True, notes=(Note(BAR, 60, 9), Note(BAR, 62, 9))),))
    with pytest.raises(StudioError, match="2 locked notes stand behind"):
        insert_bars(two, 0, 1)


def test_none_are_put_in_when_none_are_asked_for_and_never_too_many() -> None:
    score = piece(Note(END_MOST - BAR, 60, BAR - 1))
    assert insert_bars(score, 0, 0) == insert_bars(score, 0, -2) == score
    with pytest.raises(StudioError) as told:
        insert_bars(score, 0, 1)
    assert told.value.code == "too big"
