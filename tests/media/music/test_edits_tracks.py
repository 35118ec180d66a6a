"""Tracks are set within bounds, put where asked, copied free."""

import pytest

from studio.core.errors import StudioError
from studio.media.music.edits_tracks import (
    add_track,
    duplicate_track,
    fresh_id,
    remove_track,
    reorder_track,
    set_track,
)
from studio.media.music.score import Note, Score, Track

PIECE = Score(tracks=(Track(id="t1", name="Violin", program=40), Track(id="t3", name="Kit", drums=True)))


def ids(score: Score) -> list[str]:
    return [track.id for track in score.tracks]


def test_the_first_free_name_is_taken() -> None:
    assert fresh_id(PIECE) == "t2"
    assert fresh_id(Score(tracks=(Track(id="t1"), Track(id="t2")))) == "t3"
    assert fresh_id(Score(tracks=(Track(id="x"),))) == "t1"


def test_a_track_is_added_where_asked_and_named_after_its_sound_or_as_told() -> None:
    assert [ids(add_track(PIECE, at=at)[0]) for at in (None, -3, 0, 1, 9)] == [
        ["t1", "t3", "t2"],
        *[["t2", "t1", "t3"]] * 2,
        ["t1", "t2", "t3"],
        ["t1", "t3", "t2"],
    ]
    assert add_track(PIECE, 73)[1] == Track(id="t2", name="Flute", program=73)
    assert add_track(PIECE, 73, name="Solo")[1].name == "Solo"


def test_a_copy_stands_behind_its_track_and_all_of_it_is_free() -> None:
    full = Track(id="t1", name="V", volume=5, mute=True, solo=True, locked=True).with_notes(
        [Note(0, 60, 10, 80, "take", True), Note(5, 62, 10)]
    )
    score, copy = duplicate_track(PIECE.with_track(full), "t1")
    assert ids(score) == ["t1", "t2", "t3"] and score.track("t1") == full
    assert copy == Track(id="t2", name="V", volume=5, mute=True).with_notes(
        [Note(0, 60, 10, 80, "take"), Note(5, 62, 10)]
    )


@pytest.mark.parametrize(
    "track", [Track(id="t1", locked=True), Track(id="t1", notes=(Note(0, 60, 9, 80, "", True),))]
)
def test_a_lock_holds_a_track_in_the_piece(track: Track) -> None:
    with pytest.raises(StudioError) as told:
        remove_track(PIECE.with_track(track), "t1")
    assert told.value.code == "locked" and "Acoustic grand piano" in told.value.what


def test_a_place_past_the_ends_is_the_end() -> None:
    three = add_track(PIECE)[0]
    assert ids(reorder_track(three, "t2", -1)) == ["t2", "t1", "t3"]
    assert ids(reorder_track(three, "t1", 1)) == ["t3", "t1", "t2"]
    assert ids(reorder_track(three, "t1", 99)) == ["t3", "t2", "t1"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"program": -4}, ("program", 0)),
        ({"program": 200}, ("program", 127)),
        ({"volume": -4}, ("volume", 0)),
        ({"volume": 200}, ("volume", 127)),
        ({"pan": -4.0}, ("pan", -1.0)),
        ({"pan": 4.0}, ("pan", 1.0)),
        ({"mute": True}, ("mute", True)),
        ({"solo": True}, ("solo", True)),
        ({"locked": True}, ("locked", True)),
        ({"drums": True}, ("name", "Drums")),
        ({"name": " My \n line "}, ("name", "My line")),
    ],
)
def test_each_setting_is_kept_in_its_bounds_and_stays_when_others_are_set(
    given: dict[str, object], kept: tuple[str, object]
) -> None:
    score = set_track(PIECE, "t1", **given)  # type: ignore[arg-type]
    assert getattr(score.track("t1"), kept[0]) == kept[1]
    assert getattr(set_track(score, "t1").track("t1"), kept[0]) == kept[1]
    assert score.track("t3") == PIECE.track("t3")


def test_a_track_not_named_after_its_sound_keeps_its_name() -> None:
    assert set_track(PIECE, "t3", program=40).track("t3").name == "Kit"
    assert set_track(PIECE, "t3", drums=False).track("t3").name == "Kit"
