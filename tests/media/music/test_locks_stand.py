"""Whatever the person or a model does, in any order: what is locked stays, and nothing comes into locked bars."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

import hypothesis.strategies as st
from hypothesis import Phase, given, settings
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.core.pieces import NewTrack, PieceJob
from studio.media.music import (
    edits,
    edits_bars,
    edits_clip,
    edits_time,
    edits_tracks,
    groove,
    holds,
    tidy,
)
from studio.media.music.checks import checked
from studio.media.music.document import from_spans, notes_text, revision, to_spans, with_take
from studio.media.music.score import Held, Key, Note, Score, Track

BAR = 1920
C_MAJOR = frozenset({0, 2, 4, 5, 7, 9, 11})
TICKS = st.integers(0, 8 * BAR) | st.integers(0, 16).map(lambda half: half * BAR // 2)
BARS = st.integers(0, 8)
LENGTHS = st.integers(1, 3000) | st.sampled_from([BAR // 2, BAR, 2 * BAR])  # many hang into the next bar
NOTES = st.builds(
    Note,
    TICKS,
    st.integers(59, 63) | st.integers(0, 127),
    LENGTHS,
    st.integers(1, 127),
    st.sampled_from(["", "take1"]),
    st.sampled_from([False, False, True]),
)
STRETCHES = st.one_of(
    st.builds(lambda first, count: Held(first * BAR, (first + count) * BAR), BARS, st.integers(1, 2)),
    st.builds(lambda start, long: Held(start, start + long), TICKS, st.integers(1, 2000)),
)
TRACKS = st.builds(
    lambda notes, held, locked: replace(
        Track(id="", locked=locked, held=holds.merged(held)).with_notes(notes)
    ),
    st.lists(NOTES, max_size=10),
    st.lists(STRETCHES, min_size=1, max_size=2) | st.just([]),
    st.sampled_from([False, False, False, True]),
)
SCORES = st.lists(TRACKS, min_size=1, max_size=3).map(
    lambda tracks: Score(
        tracks=tuple(replace(track, id=f"t{at}") for at, track in enumerate(tracks, 1)), keys=(Key(0, 2),)
    )
)


# -- what a person or a model may do -------------------------------------------------------------


def track_edits(track_id: str, picks: Sequence[Note]) -> st.SearchStrategy[Callable[[Score], Score]]:
    """Everything that is done to chosen notes of one track."""

    def done(edit: Callable[..., Any], *given: Any, **named: Any) -> Callable[[Score], Score]:
        return lambda score: edit(score, track_id, picks, *given, **named).score

    ticks, tones = (
        st.integers(-3 * BAR, 3 * BAR) | st.integers(-4, 4).map(lambda n: n * BAR),
        st.integers(-9, 9),
    )
    return st.one_of(
        st.just(done(edits.remove)),
        st.just(done(edits.join)),
        st.just(done(edits.reverse)),
        st.just(done(edits.legato)),
        st.just(done(edits.invert)),
        st.builds(lambda by, up: done(edits.move, by, up), ticks, tones),
        st.builds(lambda steps: done(edits.transpose_in_scale, steps, C_MAJOR), tones),
        st.builds(lambda by, up: done(edits.duplicate, by, up), ticks, tones),
        st.builds(lambda by, first: done(edits.resize, by, from_start=first), ticks, st.booleans()),
        st.builds(lambda at: done(edits.split, at), TICKS),
        st.builds(lambda first, last: done(edits.ramp_velocities, first, last), tones, tones),
        st.builds(
            lambda loud: (
                lambda score: edits.set_velocities(score, track_id, dict.fromkeys(picks, loud)).score
            ),
            tones,
        ),
        st.builds(
            lambda notes: lambda score: edits.draw(score, track_id, notes).score,
            st.lists(NOTES.map(lambda note: replace(note, locked=False)), max_size=3),
        ),
        st.builds(
            lambda grid, swing, ends: done(groove.quantise, grid, 1.0, swing, ends=ends),
            st.sampled_from([0, 120, 480, 1000]),
            st.floats(0.25, 0.75),
            st.booleans(),
        ),
        st.builds(
            lambda seed, wide: done(groove.humanise, seed, wide, 20), st.integers(0, 99), st.integers(0, 999)
        ),
        st.builds(
            lambda tick, goal: (
                lambda score: (
                    edits_clip.paste(
                        score, edits_clip.copy({track_id: picks, "gone": picks}), tick, goal
                    ).score
                )
            ),
            TICKS,
            st.sampled_from([None, track_id]),
        ),
    )


def piece_edits(track_id: str) -> st.SearchStrategy[Callable[[Score], Score]]:
    """Everything that is done to the piece, and takes."""
    tidiers: list[Callable[[Score], tidy.Proposal]] = [
        tidy.snap_to_scale,
        tidy.without_overlaps,
        tidy.in_range,
        tidy.smoothed,
        lambda score: tidy.quantised(score, 480),
        lambda score: tidy.quantised(score, 0, 1.0),
    ]
    return st.one_of(
        st.builds(
            lambda bar, count: (
                lambda score: edits_bars.insert_bars(score, min(bar, len(score.bars())), count)
            ),
            BARS,
            st.integers(0, 2),
        ),
        st.builds(
            lambda first, count: lambda score: edits_bars.delete_bars(score, first, first + count),
            BARS,
            st.integers(0, 2),
        ),
        st.just(lambda score: edits_tracks.duplicate_track(score, track_id)[0]),
        st.just(lambda score: edits_tracks.remove_track(score, track_id)),
        st.just(lambda score: edits_tracks.reorder_track(score, track_id, 0)),
        st.just(lambda score: edits_tracks.set_track(score, track_id, program=9, volume=3, name="x")),
        st.builds(lambda beats: lambda score: edits_time.set_meter(score, 1, beats, 4), st.integers(1, 7)),
        st.sampled_from(tidiers).map(lambda tidier: lambda score: tidier(score).score),
        st.builds(
            lambda tidier, which: lambda score: tidy.applied(score, tidier(score).changes[which::2]),
            st.sampled_from(tidiers),
            st.integers(0, 1),
        ),
        st.builds(
            lambda first, count, notes, new: taken(first, first + count, notes, new),
            BARS,
            st.integers(0, 3),
            st.lists(NOTES, max_size=9),
            st.booleans(),
        ),
        st.just(lambda score: checked(from_spans(to_spans(score)))),
    )


def taken(first: int, last: int, notes: Sequence[Note], new: bool) -> Callable[[Score], Score]:
    """A take of these bars of all tracks, accepted."""

    def accepted(score: Score) -> Score:
        names = tuple(track.id for track in score.tracks)
        job = PieceJob(
            id="j",
            task="add" if new else "infill",
            score="0" * 64,
            first_bar=first,
            last_bar=last,
            tracks=names,
            new=NewTrack(id=names[0]) if new else None,
            model="m",
            seed=1,
        )
        return with_take(score, job, "take9", "".join(notes_text(name, notes) for name in names))

    return accepted


# -- what holds ----------------------------------------------------------------------------------


def inside(track: Track) -> Counter[Note]:
    """What sounds in its locked bars."""
    return Counter(note for note in track.notes if holds.is_held(track, note))


def assert_locks_stood(before: Score, after: Score) -> None:
    now = {track.id: track for track in after.tracks}
    for track in before.tracks:
        locked = Counter(note for note in track.notes if note.locked)
        if track.locked or track.held or locked:
            assert track.id in now
        if track.locked:
            assert now[track.id].notes == track.notes
        if track.held:
            assert now[track.id].held == track.held
            assert inside(now[track.id]) == inside(track)
        if locked:
            assert not locked - Counter(now[track.id].notes)


@settings(
    max_examples=150, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate)
)  # no shrinking: minutes
@given(SCORES, st.data())
def test_nothing_that_is_locked_changes_in_any_order_of_edits_and_takes(
    score: Score, data: st.DataObject
) -> None:
    score = checked(score)
    for _ in range(data.draw(st.integers(1, 12), label="steps")):
        if not score.tracks:
            return
        track = data.draw(st.sampled_from(score.tracks), label="track")
        taken = data.draw(st.lists(st.booleans(), min_size=1, max_size=4), label="picks")
        picks = [note for note, is_picked in zip(track.notes, cycle(taken), strict=False) if is_picked]
        edit = data.draw(track_edits(track.id, picks) | piece_edits(track.id), label="edit")
        try:
            after = edit(score)
        except StudioError as error:
            assert error.code in ("locked", "too big")
            continue
        assert_locks_stood(score, after)
        assert checked(after) == after
        if [track.id for track in after.tracks][: len(score.tracks)] == [track.id for track in score.tracks]:
            assert to_spans(score).allows(
                revision(to_spans(score), after)
            )  # as a text whose locks stay in order
        assert to_spans(score).apply(revision(to_spans(score), after)) == to_spans(after)
        score = after
