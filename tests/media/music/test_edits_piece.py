"""Copying and pasting, tracks, and what stands over all tracks: tempo, metre, keys, chords, markers, bars."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.media.music import edits_bars, edits_clip, edits_time, edits_tracks
from studio.media.music.checks import checked
from studio.media.music.score import (
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
    tracks = (
        Track(id="t1", name="Violin", program=40).with_notes(notes),
        Track(id="t2", name="Bass", program=32),
    )
    return Score(tracks=tracks, **more)  # type: ignore[arg-type]


# -- copy and paste ------------------------------------------------------------------------------


def test_pasted_notes_stand_as_far_apart_as_they_were_copied_and_are_free() -> None:
    score = piece(Note(500, 60, 100, 80, "take1", locked=True), Note(700, 62, 100))
    clip = edits_clip.copy({"t1": score.track("t1").notes}, origin=480)
    assert (clip.count, clip.length) == (2, 320)
    pasted = edits_clip.paste(score, clip, BAR, "t2")
    assert pasted.score.track("t2").notes == (Note(1940, 60, 100, 80, "take1"), Note(2140, 62, 100))
    assert pasted.words == ""
    assert edits_clip.paste(score, edits_clip.copy({"t1": []}), 0).score == score


def test_parts_go_back_into_their_own_tracks_and_those_without_into_the_first() -> None:
    clip = edits_clip.copy({"t1": [Note(0, 60, 10)], "t2": [Note(5, 40, 10)], "gone": [Note(9, 70, 10)]})
    score = edits_clip.paste(piece(), clip, 100).score
    assert score.track("t1").notes == (Note(100, 60, 10), Note(109, 70, 10))
    assert score.track("t2").notes == (Note(105, 40, 10),)
    with pytest.raises(KeyError):
        edits_clip.paste(Score(), clip, 0)


def test_a_locked_track_takes_no_paste_and_says_so() -> None:
    score = edits_tracks.set_track(piece(Note(0, 60, 10)), "t2", locked=True)
    pasted = edits_clip.paste(score, edits_clip.copy({"t1": score.track("t1").notes}), 0, "t2")
    assert pasted.score == score
    assert pasted.words == "1 locked note was left as it is."


def test_a_paste_over_notes_takes_their_place() -> None:
    score = piece(Note(0, 60, 480, 80, "take1"))
    pasted = edits_clip.paste(score, edits_clip.copy({"t1": [Note(0, 60, 100)]}), 0)
    assert pasted.score.track("t1").notes == (Note(0, 60, 100),)
    assert pasted.words == "1 note was replaced."


# -- tracks --------------------------------------------------------------------------------------


def test_tracks_are_added_copied_ordered_and_removed() -> None:
    score, drums = edits_tracks.add_track(piece(), drums=True, at=0)
    assert [track.id for track in score.tracks] == ["t3", "t1", "t2"]
    assert drums.name == "Drums"
    score = edits_tracks.reorder_track(score, "t3", 9)
    assert [track.id for track in score.tracks] == ["t1", "t2", "t3"]
    score, copy = edits_tracks.duplicate_track(score, "t1")
    assert [track.id for track in score.tracks] == ["t1", "t4", "t2", "t3"]
    assert (copy.name, copy.program) == ("Violin", 40)
    assert [track.id for track in edits_tracks.remove_track(score, "t2").tracks] == ["t1", "t4", "t3"]
    assert edits_tracks.fresh_id(Score()) == "t1"


def test_a_track_with_locks_is_not_removed() -> None:
    for score in (piece(Note(0, 60, 10, locked=True)), edits_tracks.set_track(piece(), "t1", locked=True)):
        with pytest.raises(StudioError, match="Violin") as told:
            edits_tracks.remove_track(score, "t1")
        assert told.value.code == "locked"


def test_a_new_instrument_brings_its_name_unless_the_person_gave_one() -> None:
    score = piece()
    assert edits_tracks.set_track(score, "t1", program=73).track("t1").name == "Flute"
    named = edits_tracks.set_track(score, "t1", name=" My  line ")
    assert named.track("t1").name == "My line"
    assert edits_tracks.set_track(named, "t1", program=73).track("t1").name == "My line"


def test_settings_stay_in_bounds_and_only_what_is_given_changes() -> None:
    track = edits_tracks.set_track(piece(), "t1", volume=500, pan=-7.0, program=999, mute=True).track("t1")
    assert (track.volume, track.pan, track.program, track.mute, track.solo) == (127, -1.0, 127, True, False)


# -- over all tracks -----------------------------------------------------------------------------


def test_tempo_metre_key_and_marker_are_set_replaced_and_removed() -> None:
    score = edits_time.set_tempo(edits_time.set_tempo(piece(), BAR, 90), BAR, 60)
    assert score.tempos == (Tempo(0, 500_000), Tempo(BAR, 1_000_000))
    assert edits_time.remove_tempo(edits_time.remove_tempo(score, BAR), 0).tempos == (Tempo(0, 500_000),)
    score = edits_time.set_meter(score, 2, 6, 8)
    assert score.meters == (Meter(0), Meter(2 * BAR, 6, 8))
    assert edits_time.remove_meter(edits_time.remove_meter(score, 2 * BAR), 0).meters == (Meter(0),)
    score = edits_time.set_key(score, Key(0, 2, "minor"))
    assert edits_time.set_key(score, Key(0, 5)).keys == (Key(0, 5),)
    assert edits_time.remove_key(score, 0).keys == ()
    score = edits_time.set_marker(score, 480, " The \n end ")
    assert score.markers == (Word(480, "The end"),)
    assert edits_time.move_marker(score, 480, 960).markers == (Word(960, "The end"),)
    assert edits_time.move_marker(score, 0, 960) == score
    assert edits_time.set_marker(score, 480, " ").markers == ()


@pytest.mark.parametrize("per_minute", [0, 3.9, 1001, -5])
def test_a_tempo_that_cannot_be_played_is_refused(per_minute: float) -> None:
    with pytest.raises(StudioError, match="tempo"):
        edits_time.set_tempo(piece(), 0, per_minute)


@pytest.mark.parametrize(("beats", "unit"), [(0, 4), (65, 4), (4, 3), (4, 0)])
def test_a_metre_that_cannot_be_written_is_refused(beats: int, unit: int) -> None:
    with pytest.raises(StudioError, match="metre"):
        edits_time.set_meter(piece(), 0, beats, unit)


def test_a_chord_takes_its_time_from_those_that_were_there() -> None:
    score = edits_time.put_chords(piece(), [Chord(0, 4 * BAR, "C")])
    score = edits_time.put_chords(score, [Chord(BAR, BAR, "G-7")])
    assert score.chords == (Chord(0, BAR, "C"), Chord(BAR, BAR, "Gm7"), Chord(2 * BAR, 2 * BAR, "C"))
    cleared = edits_time.clear_chords(score, 480, 3 * BAR)
    assert cleared.chords == (Chord(0, 480, "C"), Chord(3 * BAR, BAR, "C"))
    again = edits_time.put_chords(score, [Chord(BAR, BAR, "C")])
    assert edits_time.join_chords(again).chords == (Chord(0, 4 * BAR, "C"),)
    with pytest.raises(StudioError):
        edits_time.put_chords(score, [Chord(0, BAR, "Q")])


# -- bars ----------------------------------------------------------------------------------------


def test_bars_put_in_push_everything_behind_them() -> None:
    score = piece(
        *(Note(0, 60, BAR + 10), Note(BAR, 62, 480), Note(2 * BAR, 64, 480)),
        tempos=(Tempo(0, 500_000), Tempo(BAR, 600_000)),
        keys=(Key(0, 0), Key(BAR, 7)),
        chords=(Chord(0, 2 * BAR, "C"), Chord(2 * BAR, BAR, "G")),
        markers=(Word(0, "A"), Word(BAR, "B")),
    )
    later = edits_bars.insert_bars(score, 1, 2)
    assert later.tracks[0].notes == (Note(0, 60, BAR + 10), Note(3 * BAR, 62, 480), Note(4 * BAR, 64, 480))
    assert later.tempos == (Tempo(0, 500_000), Tempo(3 * BAR, 600_000))
    assert later.keys == (Key(0, 0), Key(3 * BAR, 7))
    assert later.markers == (Word(0, "A"), Word(3 * BAR, "B"))
    assert later.chords == (Chord(0, BAR, "C"), Chord(3 * BAR, BAR, "C"), Chord(4 * BAR, BAR, "G"))


def test_bars_at_the_beginning_go_under_the_first_tempo_and_key() -> None:
    score = piece(Note(0, 60, 480), meters=(Meter(0, 3, 4),), keys=(Key(0, 2),), markers=(Word(0, "A"),))
    later = edits_bars.insert_bars(score, 0, 1)
    assert (later.meters, later.keys, later.markers) == ((Meter(0, 3, 4),), (Key(0, 2),), (Word(1440, "A"),))
    assert later.tracks[0].notes[0].start == 1440


def test_bars_taken_out_close_the_gap_and_what_held_at_their_end_holds_on() -> None:
    score = piece(
        *(Note(0, 60, 2 * BAR + 100), Note(100, 50, BAR), Note(BAR, 62, 4 * BAR), Note(2 * BAR, 64, 480)),
        tempos=(Tempo(0, 500_000), Tempo(BAR, 600_000), Tempo(BAR + 480, 700_000)),
        chords=(Chord(0, 2 * BAR, "C"), Chord(2 * BAR, BAR, "G")),
        markers=(Word(BAR, "gone"), Word(2 * BAR, "B")),
    )
    score = score.with_track(
        replace(
            score.tracks[0],
            controls=(
                Control(0, 7, 90),
                Control(BAR, 64, 127),
                Control(BAR + 10, 64, 0),
                Control(3 * BAR, 64, 127),
            ),
            bends=(Bend(BAR + 5, 100),),
        )
    )
    shorter = edits_bars.delete_bars(score, 1, 1)
    assert shorter.tracks[0].notes == (Note(0, 60, BAR + 100), Note(100, 50, BAR - 100), Note(BAR, 64, 480))
    assert shorter.tempos == (Tempo(0, 500_000), Tempo(BAR, 700_000))
    assert shorter.chords == (Chord(0, BAR, "C"), Chord(BAR, BAR, "G"))
    assert shorter.markers == (Word(BAR, "B"),)
    assert shorter.tracks[0].controls == (Control(0, 7, 90), Control(BAR, 64, 0), Control(2 * BAR, 64, 127))
    assert shorter.tracks[0].bends == (Bend(BAR, 100),)


@pytest.mark.parametrize("whole_track", [False, True])
def test_a_locked_note_is_neither_pushed_nor_cut(whole_track: bool) -> None:
    note = Note(BAR, 60, 480, locked=not whole_track)
    score = edits_tracks.set_track(piece(note), "t1", locked=whole_track)
    for change in (lambda: edits_bars.insert_bars(score, 1, 1), lambda: edits_bars.delete_bars(score, 0, 0)):
        with pytest.raises(StudioError, match="1 locked note stands behind") as told:
            change()
        assert told.value.kept == "Nothing was changed."
    assert edits_bars.insert_bars(score, 2, 1).tracks == score.tracks
    assert edits_bars.delete_bars(score, 2, 3).tracks == score.tracks


def test_a_piece_does_not_grow_past_the_longest() -> None:
    with pytest.raises(StudioError, match="too long"):
        edits_bars.insert_bars(piece(), 0, 100_001)


TICKS = st.integers(0, 8 * BAR)
METERS = st.lists(st.sampled_from([(2, 4), (3, 4), (6, 8), (7, 8)]), max_size=2)


@st.composite
def pieces(draw: st.DrawFn) -> Score:
    notes = draw(st.lists(st.builds(Note, TICKS, st.integers(0, 127), st.integers(1, 900)), max_size=6))
    score = piece(
        *notes,
        tempos=(
            Tempo(0, 500_000),
            *(Tempo(tick, 400_000) for tick in sorted(draw(st.sets(TICKS, max_size=2)) - {0})),
        ),
        keys=tuple(Key(tick, tick % 12) for tick in sorted(draw(st.sets(TICKS, max_size=2)))),
        markers=tuple(Word(tick, "m") for tick in sorted(draw(st.sets(TICKS, max_size=2)))),
        chords=tuple(Chord(at * 700, 700, "CDEFGAB"[at]) for at in sorted(draw(st.sets(st.integers(0, 6))))),
    )
    for bar, (beats, unit) in zip((2, 4), draw(METERS), strict=False):
        score = edits_time.set_meter(score, bar, beats, unit)
    controls = [Control(tick, 64, 127) for tick in sorted(draw(st.sets(TICKS, max_size=2)))]
    return checked(score.with_track(replace(score.tracks[0], controls=tuple(controls))))


@given(pieces(), st.integers(0, 7), st.integers(1, 3))
def test_putting_bars_in_and_taking_them_out_again_is_nothing(score: Score, bar: int, count: int) -> None:
    at = score.bars(at_least=bar + 1).starts[bar]
    across = [note for note in score.tracks[0].notes if note.start < at < note.end]
    more = edits_bars.insert_bars(score, bar, count)
    assert checked(more) == more
    assert more.bars(at_least=bar + count).starts[bar] == at
    less = edits_bars.delete_bars(more, bar, bar + count - 1)
    assert edits_time.join_chords(less).chords == score.chords
    if not across:
        assert replace(less, chords=score.chords) == score


@given(pieces(), st.integers(0, 6), st.integers(0, 3))
def test_a_piece_without_some_bars_is_still_one(score: Score, first: int, more: int) -> None:
    bars = score.bars(at_least=first + more + 1)
    start, end = bars.span(first, first + more)
    less = edits_bars.delete_bars(score, first, first + more)
    assert checked(less) == less
    assert less.tempos[0].tick == less.meters[0].tick == 0
    staying = [note for note in score.tracks[0].notes if not start <= note.start < end]
    assert len(less.tracks[0].notes) == len(staying)
