"""Where a take belongs in a piece that has gone on, and how it is laid in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.core.pieces import NewTrack, PieceJob
from studio.media.music.document_takes import notes_text, with_take
from studio.media.music.edits_bars import delete_bars, insert_bars
from studio.media.music.holds import lock_bars
from studio.media.music.score import TICKS, Meter, Note, Score, Track
from studio.media.music.take_places import HERE, TakePlace, bar_span, lay, place_of, written_tracks

BAR = 4 * TICKS


def melody(bars: int, first: int = 0) -> list[Note]:
    """A bar of quarters like no other."""
    return [
        Note(BAR * bar + TICKS * beat, 48 + (7 * bar + 5 * beat) % 36, TICKS)
        for bar in range(first, first + bars)
        for beat in range(4)
    ]


@pytest.fixture
def piece() -> Score:
    return Score(
        tracks=(
            Track(id="a", name="Piano").with_notes(melody(12)),
            Track(id="b", name="Bass").with_notes([replace(n, pitch=n.pitch - 24) for n in melody(12)]),
        )
    )


def job(first: int = 4, last: int = 5, tracks: tuple[str, ...] = ("a",), **more: object) -> PieceJob:
    plain = {"id": "j", "score": "s", "first_bar": first, "last_bar": last, "tracks": tracks}
    return PieceJob(**{**plain, "task": "infill", "model": "m", "seed": 1} | more)  # type: ignore[arg-type]


def said(first: int = 4, last: int = 5, track: str = "a") -> str:
    """One whole note a bar."""
    return notes_text(track, [Note(BAR * bar, 100, BAR, 90) for bar in range(first, last + 1)])


def starts_of(score: Score, take: str, track: str = "a") -> list[int]:
    """The bars (from 0) in which a take's notes begin."""
    return [note.start // BAR for note in score.track(track).notes if note.author == take]


# -- where it belongs ------------------------------------------------------------------------------


def test_in_the_piece_it_was_asked_for_a_take_belongs_where_it_was_asked(piece: Score) -> None:
    assert place_of(piece, piece, job()) == HERE
    assert place_of(piece, piece.with_track(replace(piece.tracks[0], name="Flute")), job()) == HERE


@pytest.mark.parametrize("bar", [0, 2, 4])
def test_after_bars_put_in_before_it_a_take_goes_with_the_music(piece: Score, bar: int) -> None:
    now = insert_bars(piece, bar, 3)
    place = place_of(piece, now, job())
    assert (place.bars, place.ticks, place.why_not) == (3, 3 * BAR, "")
    assert place.words(job()) == "The bars have moved since it was asked for: it was laid into bars 8 to 9."
    assert starts_of(lay(now, job(), place, "k", said()), "k") == [7, 8]


def test_after_bars_taken_out_before_it_a_take_goes_with_the_music(piece: Score) -> None:
    now = delete_bars(piece, 0, 1)
    place = place_of(piece, now, job())
    assert (place.bars, place.ticks) == (-2, -2 * BAR)
    assert starts_of(lay(now, job(), place, "k", said()), "k") == [2, 3]


def test_bars_put_in_behind_it_do_not_move_a_take(piece: Score) -> None:
    for bar in (6, 8, 12):
        assert place_of(piece, insert_bars(piece, bar, 2), job()) == HERE


def test_edited_notes_around_and_in_it_do_not_move_a_take(piece: Score) -> None:
    track = piece.tracks[0]
    kept = [note for at, note in enumerate(track.notes) if at % 4 != 1 and not 16 <= at < 20]
    now = piece.with_track(track.with_notes([*kept, Note(BAR * 3 + 5, 61, 30)]))
    assert place_of(piece, now, job()) == HERE


def test_bars_put_in_inside_it_leave_no_place(piece: Score) -> None:
    place = place_of(piece, insert_bars(piece, 5, 2), job())
    assert place.why_not.startswith("Bars were put in or taken out inside bars 5 to 6 since")
    with pytest.raises(ValueError, match="inside bars 5 to 6"):
        lay(piece, job(), place, "k", said())


def test_another_metre_in_its_bars_leaves_no_place(piece: Score) -> None:
    now = replace(piece, meters=(Meter(0), Meter(4 * BAR, 3, 4)))
    assert place_of(piece, now, job()).why_not.startswith("Bars 5 to 6 have another length now")


def test_where_it_had_moved_before_is_found_again(piece: Score) -> None:
    now = insert_bars(piece, 1, 70)  # further than anyone looks
    assert place_of(piece, now, job()).bars == 0
    assert place_of(piece, now, job(), near=70).bars == 70


def test_a_take_of_tracks_that_are_gone_says_so(piece: Score) -> None:
    both, now = job(tracks=("a", "b")), replace(piece, tracks=piece.tracks[:1])
    place = place_of(piece, now, both)
    assert (place.gone, place.why_not) == (("b",), "")
    assert place.words(both) == "Left out, for the track is no longer there: “Bass”."
    laid = lay(now, both, place, "k", said() + said(track="b"))
    assert [track.id for track in laid.tracks] == ["a"]
    assert starts_of(laid, "k") == [4, 5]
    alone = place_of(piece, now, job(tracks=("b",)))
    assert alone.why_not == "What this take was made for is no longer in the piece: “Bass”."


def test_a_track_that_is_yet_to_come_is_not_gone(piece: Score) -> None:
    new = job(task="add", tracks=(), new=NewTrack(id="n", name="Strings", program=48))
    place = place_of(piece, replace(piece, tracks=piece.tracks[:1]), new)
    assert place.why_not == ""
    laid = lay(piece, new, HERE, "k", said(track="n"))
    assert (laid.tracks[-1].id, laid.tracks[-1].program, len(laid.tracks[-1].notes)) == ("n", 48, 2)
    assert written_tracks(new) == ("n",)


# -- laying it in ----------------------------------------------------------------------------------


@given(
    first=st.integers(0, 10),
    length=st.integers(0, 4),
    tracks=st.sampled_from([("a",), ("b",), ("a", "b")]),
    starts=st.lists(st.integers(0, 13 * BAR), max_size=30),
    locks=st.sets(st.integers(0, 47)),
    held=st.none() | st.tuples(st.integers(0, 11), st.integers(0, 2)),
)
def test_it_is_laid_in_as_the_document_does_it(
    first: int,
    length: int,
    tracks: tuple[str, ...],
    starts: list[int],
    locks: set[int],
    held: tuple[int, int] | None,
) -> None:
    notes = [replace(note, locked=at in locks) for at, note in enumerate(melody(12))]
    base = Score(tracks=(Track(id="a").with_notes(notes), Track(id="b").with_notes(melody(12))))
    if held is not None:
        base = lock_bars(base, ["a"], held[0], sum(held))
    text = "".join(
        notes_text(track, [Note(start, 40 + start % 50, 1 + start % 900, 70) for start in starts])
        for track in tracks
    )
    asked = job(first, first + length, tracks)
    assert lay(base, asked, HERE, "k", text) == with_take(base, asked, "k", text)


def test_what_is_not_touched_stays_the_same_object(piece: Score) -> None:
    laid = lay(piece, job(), HERE, "k", said())
    assert laid.tracks[1] is piece.tracks[1]
    assert laid.tracks[0].notes[0] is piece.tracks[0].notes[0]


def test_of_a_stopped_take_the_bars_that_were_not_written_stay(piece: Score) -> None:
    asked = job(2, 9, ("a", "b"))
    text = said(2, 4) + said(2, 3, "b")
    laid = lay(piece, asked, HERE, "k", text, whole=False)
    assert starts_of(laid, "k") == [2, 3, 4]
    assert starts_of(laid, "k", "b") == [2, 3]
    assert [n for n in laid.track("a").notes if n.start >= 5 * BAR] == list(piece.track("a").notes[20:])
    assert [n for n in laid.track("b").notes if n.start >= 4 * BAR] == list(piece.track("b").notes[16:])
    assert lay(piece, asked, HERE, "k", "", whole=False) == piece


def test_a_whole_take_that_is_silent_makes_a_rest(piece: Score) -> None:
    laid = lay(piece, job(), HERE, "k", "")
    assert not [n for n in laid.track("a").notes if 4 * BAR <= n.start < 6 * BAR]


def test_notes_that_can_be_none_are_refused(piece: Score) -> None:
    with pytest.raises(StudioError):
        lay(piece, job(), HERE, "k", notes_text("a", [Note(4 * BAR, 60, 0)]))


def test_bars_are_found_without_looking_at_a_note(piece: Score) -> None:
    assert bar_span(piece, 20, 21) == (20 * BAR, 22 * BAR)
    assert TakePlace(bars=1).bar_words(job(3, 3)) == "bar 5"
