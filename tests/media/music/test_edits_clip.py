"""What is copied and put down in tracks that are others, full, locked or at the end of the longest piece."""

from studio.media.music.edits_clip import Clip, copy, paste
from studio.media.music.score import END_MOST, Note, Score, Track


def piece(*notes: Note) -> Score:
    return Score(tracks=(Track(id="a").with_notes(notes), Track(id="b")))


def notes_of(score: Score, track: str = "a") -> tuple[Note, ...]:
    return score.track(track).notes


def test_an_origin_behind_the_first_note_is_the_first_note() -> None:
    clip = copy({"a": [Note(100, 60, 10), Note(300, 62, 10)]}, origin=200)
    assert clip == Clip((("a", (Note(0, 60, 10), Note(200, 62, 10))),), 210)


def test_tracks_with_nothing_chosen_have_no_part_and_notes_are_counted_not_parts() -> None:
    clip = copy({"a": [Note(9, 62, 10), Note(5, 60, 10)], "b": []})
    assert clip.parts == (("a", (Note(0, 60, 10), Note(4, 62, 10))),)
    assert clip.count == 2


def test_nothing_is_put_before_the_piece_or_behind_the_longest() -> None:
    clip = copy({"a": [Note(0, 60, 10), Note(480, 62, 480)]})
    assert notes_of(paste(piece(), clip, -700).score) == (Note(0, 60, 10), Note(480, 62, 480))
    assert notes_of(paste(piece(), clip, END_MOST).score) == (
        Note(END_MOST - 960, 60, 10),
        Note(END_MOST - 480, 62, 480),
    )


def test_parts_that_come_into_one_track_are_counted_together() -> None:
    locked = (Note(0, 60, 10, locked=True), Note(5, 72, 10, locked=True))
    score = piece(*locked, Note(20, 60, 10), Note(20, 72, 10))
    clip = Clip((("a", (Note(0, 60, 9), Note(20, 60, 9))), ("b", (Note(5, 72, 9), Note(20, 72, 9)))), 30)
    pasted = paste(score, clip, 0, "a")
    done = pasted.tracks["a"]
    assert set(pasted.tracks) == {"a"} and not notes_of(pasted.score, "b")
    assert (done.left, done.covered) == (2, 2)
    assert done.notes == (Note(20, 60, 9), Note(20, 72, 9))
    assert done.score == pasted.score
    assert pasted.words == "2 locked notes were left as they are. 2 notes were replaced."


def test_what_is_put_down_keeps_its_author_and_is_free() -> None:
    clip = copy({"a": [Note(0, 60, 10, 80, "take", True)]})
    assert notes_of(paste(piece(), clip, 100).score) == (Note(100, 60, 10, 80, "take"),)
