"""A take laid into its piece, alone, and some notes of a piece."""

from studio.core.pieces import NewTrack
from studio.core.takes import Recipe, Take
from studio.media.music.document import notes_text
from studio.media.music.score import Key, Note, Score, Tempo, Track
from studio.media.music.take_scores import bars_of, clip_of, laid_in, only_notes
from tests.media.music.test_document_takes import BAR, job

OLD, NEW, LATE = Note(BAR, 60, 480), Note(BAR + 480, 64, 480), Note(3 * BAR, 67, 480)
PIECE = Score(
    tracks=(Track(id="t1", notes=(OLD, LATE)), Track(id="t2", notes=(OLD,))),
    tempos=(Tempo(0, 500_000), Tempo(BAR, 400_000)),
    keys=(Key(0, 2, "minor"),),
)


def take(track: str = "t1", **fields: object) -> Take:
    return Take(
        id="take", job="j", work="w", parent="", index=0, seed=1, status="done", created_ms=1,
        recipe=Recipe(job=job(**fields), index=0), text=notes_text(track, [NEW]),
    )  # fmt: skip


def test_a_take_is_laid_into_the_piece_it_was_asked_for() -> None:
    score = laid_in(PIECE, take())
    assert score.track("t1").notes == (Note(NEW.start, 64, 480, author="take"), LATE)
    assert score.track("t2") == PIECE.track("t2") and score.tempos == PIECE.tempos


def test_alone_it_begins_with_its_first_bar_at_the_tempo_that_holds_there() -> None:
    clip = clip_of(PIECE, take())
    assert [track.id for track in clip.tracks] == ["t1"]
    assert clip.tracks[0].notes == (Note(480, 64, 480, author="take"),)
    assert clip.tempos == (Tempo(0, 400_000),) and clip.keys == (Key(0, 2, "minor"),)


def test_of_a_take_that_adds_a_track_only_that_track_is_alone() -> None:
    added = take("t3", task="add", tracks=(), new=NewTrack(id="t3", name="Cello", program=42))
    clip = clip_of(PIECE, added)
    assert [(track.name, track.program, len(track.notes)) for track in clip.tracks] == [("Cello", 42, 1)]
    assert len(laid_in(PIECE, added).tracks) == 3


def test_chosen_notes_stand_alone_in_their_place() -> None:
    score = only_notes(PIECE, {"t1": (LATE,), "t2": ()})
    assert [(track.id, track.notes) for track in score.tracks] == [("t1", (LATE,))]
    assert bars_of(PIECE, {"t1": (OLD, LATE)}) == (1, 3) and bars_of(PIECE, {"t1": ()}) is None
    assert bars_of(PIECE, {"t1": (Note(0, 60, BAR),)}) == (0, 0), "it ends with the bar, not in the next"
