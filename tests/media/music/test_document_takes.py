"""What a take says takes its place in the score, and nothing else moves."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.core.pieces import NewTrack, PieceJob
from studio.media.music.document import notes_from, notes_text, take_span, with_take
from studio.media.music.score import Meter, Note, Score, Track
from tests.media.music.given_scores import NOTES

BAR = 1920


def job(**given: Any) -> PieceJob:
    usual: dict[str, Any] = {
        "id": "j",
        "task": "infill",
        "score": "0" * 64,
        "first_bar": 1,
        "last_bar": 1,
        "tracks": ("t1",),
        "model": "sketch",
        "seed": 1,
    }
    return PieceJob(**(usual | given))


def piece(*notes: Note, locked: bool = False) -> Score:
    return Score(tracks=(Track(id="t1", notes=tuple(sorted(notes)), locked=locked), Track(id="t2")))


@given(st.dictionaries(st.sampled_from(["t1", "t2", "x-9"]), st.lists(NOTES, max_size=5)))
def test_notes_come_back_from_a_takes_text(said: dict[str, list[Note]]) -> None:
    text = "".join(notes_text(track, notes) for track, notes in said.items())
    plain = {
        track: tuple(sorted(replace(note, author="", locked=False) for note in notes))
        for track, notes in said.items()
    }
    assert notes_from(text) == plain


@given(st.lists(NOTES, min_size=1, max_size=5), st.data())
def test_a_text_that_still_grows_gives_its_whole_lines(notes: list[Note], data: st.DataObject) -> None:
    text = notes_text("t1", notes)
    cut = text[: data.draw(st.integers(0, len(text)))]
    whole = cut.count("\n") - 1
    found = notes_from(cut).get("t1", ())
    assert found == notes_from(notes_text("t1", notes[: max(0, whole)])).get("t1", ())


def test_a_track_may_be_named_twice_and_odd_lines_are_passed_over() -> None:
    text = "track a\n0 60 480 80\n\ntrack b\n0 48 480 80\ntrack a\nwhat?\n480 60 480 80\n1 2\n"
    assert notes_from(text) == {"a": (Note(0, 60, 480), Note(480, 60, 480)), "b": (Note(0, 48, 480),)}


def test_the_takes_notes_replace_those_that_begin_in_its_bars() -> None:
    before, inside, after = Note(0, 60, 480), Note(BAR, 62, 480), Note(2 * BAR, 64, 480)
    score = with_take(
        piece(before, inside, after), job(), "take", notes_text("t1", [Note(BAR + 240, 65, 480)])
    )
    assert score.tracks[0].notes == (before, Note(BAR + 240, 65, 480, 80, "take"), after)
    assert score.tracks[1] == Track(id="t2")


def test_locked_notes_and_what_hangs_in_from_before_stay() -> None:
    hanging, locked = Note(BAR - 240, 60, 960), Note(BAR + 480, 62, 480, locked=True)
    said = notes_text("t1", [Note(BAR + 480, 62, 480), Note(BAR + 480, 65, 480)])
    score = with_take(piece(hanging, locked, Note(BAR, 67, 240)), job(), "take", said)
    assert score.tracks[0].notes == (hanging, locked, Note(BAR + 480, 65, 480, 80, "take"))


def test_a_locked_track_stays_as_it_is() -> None:
    score = piece(Note(BAR, 62, 480), locked=True)
    assert with_take(score, job(), "take", notes_text("t1", [Note(BAR, 70, 480)])) == score


def test_notes_said_again_keep_their_author() -> None:
    mine, earlier = Note(BAR, 62, 480), Note(BAR + 480, 64, 480, 80, "earlier")
    said = notes_text("t1", [mine, earlier, Note(BAR + 960, 65, 480)])
    score = with_take(piece(mine, earlier), job(task="vary"), "take", said)
    assert [note.author for note in score.tracks[0].notes] == ["", "earlier", "take"]


def test_what_a_take_says_outside_its_bars_and_tracks_is_passed_over() -> None:
    said = notes_text("t1", [Note(0, 60, 1), Note(2 * BAR, 60, 1)]) + notes_text("t2", [Note(BAR, 60, 1)])
    assert with_take(piece(Note(0, 50, 9)), job(), "take", said) == piece(Note(0, 50, 9))


def test_a_new_track_comes_last_and_only_it_changes() -> None:
    new = NewTrack(id="t3", name="Bass", program=33)
    asked = job(task="add", new=new, tracks=("t1",))
    score = piece(Note(BAR, 62, 480))
    said = notes_text("t3", [Note(BAR, 36, 480)]) + notes_text("t1", [Note(BAR, 90, 1)])
    taken = with_take(score, asked, "take", said)
    assert taken.tracks[:2] == score.tracks
    assert taken.tracks[2] == Track(id="t3", name="Bass", program=33, notes=(Note(BAR, 36, 480, 80, "take"),))
    assert with_take(taken, asked, "next", notes_text("t3", [Note(BAR, 40, 480)])).tracks[2].notes == (
        Note(BAR, 40, 480, 80, "next"),
    )


def test_the_bars_of_a_job_follow_the_metre_and_may_lie_behind_the_end() -> None:
    score = Score(meters=(Meter(0, 3, 4), Meter(2 * 1440, 6, 8)))
    assert take_span(score, job(first_bar=1, last_bar=3)) == (1440, 4 * 1440)


def test_a_take_that_says_what_no_score_can_hold_is_refused() -> None:
    with pytest.raises(StudioError):
        with_take(piece(), job(), "take", f"track t1\n{BAR} 200 480 80\n")
