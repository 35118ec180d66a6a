"""Which windows are read to weigh notes: every note once, with what stands before it, within the context."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.events import Weight
from studio.media.music import vocabulary as v
from studio.media.music.score import TICKS, Meter, Note, Score, Track
from studio.media.music.weighing import Found, Passage, passages, weights

BAR = 4 * TICKS


def quarters(track_id: str, bars: int, voices: int = 1, **more: object) -> Track:
    """Chords of so many notes on every beat."""
    notes = [
        Note(TICKS * at, 48 + 3 * voice + at % 2, TICKS, 80 + 8 * (at % 3))
        for at in range(4 * bars)
        for voice in range(voices)
    ]
    return Track(id=track_id, **more).with_notes(notes)  # type: ignore[arg-type]


def read(score: Score, *tracks: str, context: int = 2048, **more: object) -> tuple[list[Passage], Found]:
    """All windows, and what is found when each token's nats are its place in its window."""
    made = list(passages(score, tracks, context=context, **more))  # type: ignore[arg-type]
    found: Found = {}
    for one in made:
        assert len(one.ids) <= context
        assert len([id_ for id_ in one.ids if v.BAR <= id_ < v.BAR + v.MOST_BARS]) > 0
        fresh = one.found([float(at) for at in range(len(one.ids))])
        assert not found.keys() & fresh.keys()
        found |= fresh
    return made, found


def everything(score: Score) -> set[tuple[str, int]]:
    return {(track.id, at) for track in score.tracks for at in range(len(track.notes))}


def test_a_short_piece_is_one_window_and_each_notes_nats_are_those_of_its_tokens() -> None:
    score = Score(tracks=(quarters("a", 4), quarters("b", 4)))
    (made,), found = read(score)
    assert found.keys() == everything(score)
    place = next(span for span in made.encoded.spans if (span.track, span.note) == (1, 5))
    assert found["b", 5] == sum(range(place.start, place.stop))


def test_a_long_piece_slides_with_half_a_window_of_context() -> None:
    score = Score(tracks=(quarters("a", 200, 3),))
    made, found = read(score, context=1024)
    assert found.keys() == everything(score)
    assert len(made) > 4
    for one in made[1:]:
        first = min(note for _, note in one.notes)
        start = next(span.start for span in one.encoded.spans if span.note == first)
        assert 0.25 * 1024 < start <= 0.6 * 1024
    assert all(len(one.ids) > 0.75 * 1024 for one in made[1:-1])


def test_windows_hold_64_bars_and_16_tracks_at_most() -> None:
    sparse = Score(tracks=(Track(id="a").with_notes([Note(BAR * at, 60, BAR) for at in range(150)]),))
    made, found = read(sparse)
    assert found.keys() == everything(sparse)
    assert len(made) > 2
    many = Score(tracks=tuple(quarters(f"t{at}", 2) for at in range(40)))
    _, found = read(many)
    assert found.keys() == everything(many)


def test_only_what_is_asked_is_told_but_the_rest_is_read() -> None:
    score = Score(tracks=(quarters("a", 8), quarters("b", 8)))
    (made,), found = read(score, "b", first_bar=2, last_bar=3)
    assert found.keys() == {("b", at) for at in range(8, 16)}
    assert made.ids.count(v.TRACK) == 1
    assert made.ids.count(v.TRACK + 1) == 1
    assert min(found.values()) > 100  # the bars before are read, too


def test_a_range_behind_the_piece_holds_nothing() -> None:
    score = Score(tracks=(quarters("a", 4),))
    assert read(score, first_bar=9) == ([], {})
    assert read(Score(tracks=(Track(id="a"),)))[1] == {}


def test_a_note_that_quantises_into_the_next_bar_belongs_to_the_bar_it_starts_in() -> None:
    late = Note(BAR - 5, 60, 480)
    score = Score(tracks=(Track(id="a").with_notes([Note(0, 62, 480), late, Note(BAR + 480, 64, 480)]),))
    _, found = read(score, first_bar=0, last_bar=0)
    assert found.keys() == {("a", 0), ("a", 1)}


def test_notes_that_change_places_on_the_grid_keep_their_own_nats() -> None:
    first, second = Note(0, 72, 480), Note(10, 60, 480)  # on the grid the lower one comes first
    score = Score(tracks=(Track(id="a").with_notes([first, second]),))
    (made,) = passages(score, context=2048)
    told = weights(score, (), made.found([1.0] * len(made.ids)))
    # Position Pitch Velocity Duration, and then Pitch Duration
    assert told == {"a": (Weight(0, 72, 2.0), Weight(10, 60, 4.0))}


def test_drums_are_read_only_by_a_model_that_knows_them() -> None:
    score = Score(tracks=(quarters("kit", 4, drums=True), quarters("a", 4)))
    (made,), found = read(score)
    assert {track for track, _ in found} == {"a"}
    assert v.DRUMS not in made.ids
    assert read(score, "kit") == ([], {})
    (made,), found = read(score, drums=True)
    assert {track for track, _ in found} == {"a", "kit"}
    assert v.DRUMS in made.ids


def test_a_bar_too_full_for_the_context_is_read_part_by_part_and_one_too_long_not_at_all() -> None:
    crowd = Score(tracks=tuple(quarters(f"t{at}", 2, 8) for at in range(6)))
    _, found = read(crowd, context=300)
    assert found.keys() == everything(crowd)
    dense = Score(tracks=(Track(id="a").with_notes([Note(at * 40, 60 + at % 12, 40) for at in range(48)]),))
    _, found = read(dense, context=100)
    assert 20 < len(found) < 48
    long = Score(tracks=(quarters("a", 8),), meters=(Meter(0, 16, 4), Meter(BAR * 4, 4, 4)))
    _, found = read(long)
    assert found.keys() == {("a", at) for at in range(16, 32)}


def test_a_track_that_is_not_there_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        list(passages(Score(), ("a",), context=100))


def test_weights_stand_in_the_notes_order_and_name_no_other_track() -> None:
    score = Score(tracks=(quarters("a", 1), quarters("b", 1)))
    found = {("a", 2): 1.5, ("a", 0): 0.5, ("b", 1): 2.0}
    assert weights(score, ("a",), found) == {"a": (Weight(0, 48, 0.5), Weight(960, 48, 1.5))}


notes = st.builds(
    Note, st.integers(0, 40 * BAR), st.integers(21, 108), st.integers(1, BAR), st.integers(1, 127)
)


@settings(max_examples=40)
@given(
    st.lists(st.lists(notes, max_size=60), min_size=1, max_size=4),
    st.integers(0, 42),
    st.integers(0, 42),
    st.sampled_from([250, 700, 2048]),
)
def test_every_note_of_the_bars_is_told_once(
    parts: list[list[Note]], first: int, last: int, context: int
) -> None:
    score = Score(tracks=tuple(Track(id=str(at)).with_notes(part) for at, part in enumerate(parts)))
    _, found = read(score, context=context, first_bar=first, last_bar=last)
    wanted = {
        (track.id, at)
        for track in score.tracks
        for at, note in enumerate(track.notes)
        if first * BAR <= note.start < (last + 1) * BAR
    }
    assert found.keys() == wanted
