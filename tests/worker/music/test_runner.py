"""Takes of notes: seeds, locks, masks, streams, stops, long ranges."""

from collections.abc import Callable
from typing import Any

import pytest

from studio.core.errors import StudioError
from studio.core.events import Delta, JobEnd, Started, TakeEnd
from studio.core.pieces import NewTrack, Pick, PieceJob
from studio.media.music.document import notes_from, with_take
from studio.media.music.prompts import prompt
from studio.media.music.score import Chord, Note, Score, Track
from studio.media.music.theory import scale_classes
from studio.worker.causal.kept import KeptPrompts
from studio.worker.music import runner
from tests.worker.music.conftest import Asked

Composed = Callable[..., list[Any]]
G_MAJOR = {7, 9, 11, 0, 2, 4, 6}


def ends_of(events: list[Any]) -> list[TakeEnd]:
    return sorted((event for event in events if isinstance(event, TakeEnd)), key=lambda end: end.index)


def test_a_job_streams_whole_lines_and_ends(asked: Asked, composed: Composed) -> None:
    events = composed(*asked(takes=3))
    started = next(event for event in events if isinstance(event, Started))
    assert len(set(started.seeds)) == 3
    assert isinstance(events[-1], JobEnd)
    streamed: dict[int, str] = {}
    for event in events:
        for index, text in event.pieces if isinstance(event, Delta) else ():
            assert text.endswith("\n")
            streamed[index] = streamed.get(index, "") + text
    ends = ends_of(events)
    assert [end.status for end in ends] == ["done"] * 3
    assert {end.index: end.text for end in ends if end.text} == streamed
    for end in ends:
        assert len(end.tokens) == sum(map(len, notes_from(end.text).values()))
        assert all(token.logprob < 0 for token in end.tokens)


def test_how_far_it_is_is_told_in_bars(asked: Asked, composed: Composed) -> None:
    """Notes would not do: a job does not know how many there will be."""
    job, *rest = asked(takes=2, first_bar=0, last_bar=3)
    steps = [event.step for event in composed(job, *rest) if isinstance(event, Delta)]
    assert steps == sorted(steps) and steps[0] < job.cells and steps[-1] <= job.cells


def test_what_is_written_stays_in_its_bars_and_tracks(asked: Asked, composed: Composed) -> None:
    for end in ends_of(composed(*asked(takes=4))):
        written = notes_from(end.text)
        assert set(written) <= {"a"}
        for note in written.get("a", ()):
            assert 1920 <= note.start < note.end <= 3 * 1920


def test_the_same_seed_says_the_same_whatever_came_before(asked: Asked, composed: Composed) -> None:
    first = [end.text for end in ends_of(composed(*asked()))]
    composed(*asked(seed=99, tracks=("b",)))
    again = [end.text for end in ends_of(composed(*asked()))]
    assert first == again
    assert first != [end.text for end in ends_of(composed(*asked(seed=6)))]


def test_a_take_is_the_same_alone_and_among_others(asked: Asked, composed: Composed) -> None:
    assert ends_of(composed(*asked(takes=1)))[0].text == ends_of(composed(*asked(takes=8)))[0].text


def test_locked_notes_are_in_no_take_and_stay_in_the_piece(
    asked: Asked, composed: Composed, melody: Score
) -> None:
    track = melody.track("a")
    held = [Note(n.start, n.pitch, n.duration, n.velocity, "", n.start == 2400) for n in track.notes]
    score = melody.with_track(track.with_notes(held))
    job, files = asked(score, takes=8)
    locked = next(note for note in held if note.locked)
    for end in ends_of(composed(job, files)):
        after = with_take(score, job, "take", end.text).track("a").notes
        assert locked in after
        same = [n for n in after if n.pitch == locked.pitch and n.start < locked.end and locked.start < n.end]
        assert same == [locked]


def test_no_note_lies_outside_the_scale_or_the_chords(
    asked: Asked, composed: Composed, melody: Score
) -> None:
    assert scale_classes(melody.keys[0]) == G_MAJOR
    score = Score(
        tracks=melody.tracks, keys=melody.keys,
        chords=(Chord(0, 3840, "G"), Chord(3840, 3840, "Am")),
    )  # fmt: skip
    counted = 0
    for seed in range(4):
        job, files = asked(
            score, takes=8, seed=seed, hold_key=True, hold_chords=True, first_bar=0, last_bar=3
        )
        for end in ends_of(composed(job, files)):
            for note in notes_from(end.text).get("a", ()):
                counted += 1
                assert note.pitch % 12 in ({7, 11, 2} if note.start < 3840 else {9, 0, 4})
    assert counted > 50


def test_varying_keeps_a_share_of_the_notes(asked: Asked, composed: Composed, melody: Score) -> None:
    before = {(n.start, n.pitch) for n in melody.track("a").notes if 1920 <= n.start < 5760}
    for end in ends_of(composed(*asked(task="vary", amount=0.5, takes=4))):
        after = {(n.start, n.pitch) for n in notes_from(end.text)["a"]}
        assert len(before & after) >= len(before) // 2


def test_exactly_the_picked_notes_are_written_anew(asked: Asked, composed: Composed, melody: Score) -> None:
    tune = melody.track("a").notes
    picked = (tune[5], tune[6], tune[10])
    picks = tuple(Pick(track="a", start=note.start, pitch=note.pitch) for note in picked)
    job, files = asked(task="vary", picks=picks, first_bar=0, last_bar=3, tracks=("a", "b"), takes=4)
    for end in ends_of(composed(job, files)):
        after = with_take(melody, job, "take", end.text)
        own = [note for note in after.track("a").notes if not note.author]
        assert own == [note for note in tune if note not in picked]
        new = [note for note in after.track("a").notes if note.author]
        assert {note.start // 1920 for note in new} == {1, 2}
        assert len(new) <= len(picked)
        assert after.track("b") == melody.track("b")


def test_a_new_track_is_written(asked: Asked, composed: Composed, melody: Score) -> None:
    job, files = asked(
        task="add", tracks=(), new=NewTrack(id="c", program=40), first_bar=0, last_bar=3, takes=2
    )
    for end in ends_of(composed(job, files)):
        score = with_take(melody, job, "take", end.text)
        assert score.track("c").program == 40
        assert score.tracks[:2] == melody.tracks


def test_a_long_range_is_written_to_its_end(asked: Asked, composed: Composed, melody: Score) -> None:
    job, files = asked(task="continue", first_bar=4, last_bar=83, tracks=("a", "b"), takes=2)
    for end in ends_of(composed(job, files)):
        written = [note for notes in notes_from(end.text).values() for note in notes]
        assert max(note.start for note in written) >= 80 * 1920
        assert max(note.end for note in written) <= 84 * 1920
        assert min(note.start for note in written) >= 4 * 1920


def test_each_take_goes_on_from_what_it_wrote_itself(
    asked: Asked, composed: Composed, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[int, ...]] = []
    whole = KeptPrompts.read

    def spied(kept: KeptPrompts, ids: list[int], check: Callable[[], None]) -> Any:
        read.append(tuple(ids))
        return whole(kept, ids, check)

    monkeypatch.setattr(KeptPrompts, "read", spied)
    job, files = asked(task="continue", first_bar=4, last_bar=83, tracks=("a", "b"), takes=2)
    composed(job, files)
    assert len(read) >= 5  # once for both, then twice or more for each
    assert len(set(read)) == len(read)


def test_later_passes_see_what_was_written_in_place_of_what_was_there(
    asked: Asked, composed: Composed, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Score, int]] = []

    def spied(score: Score, job: PieceJob, *, from_bar: int | None = None, **more: Any) -> Any:
        if from_bar is not None:
            seen.append((score, from_bar))
        return prompt(score, job, from_bar=from_bar, **more)

    monkeypatch.setattr(runner, "prompt", spied)
    tune = [Note(240 * at, 60 + at % 12, 240, 80) for at in range(8 * 40)]
    score = Score(tracks=(Track(id="a").with_notes(tune),))
    job, files = asked(score, first_bar=0, last_bar=39, takes=1)
    [end] = ends_of(composed(job, files))
    written = notes_from(end.text)["a"]
    assert len(seen) >= 3
    for there, from_bar in seen:
        before = [(n.start, n.pitch) for n in there.track("a").notes if n.start < from_bar * 1920]
        assert before == [(n.start, n.pitch) for n in written if n.start < from_bar * 1920]


def test_a_stop_keeps_what_was_said(asked: Asked, composed: Composed) -> None:
    events = composed(*asked(first_bar=0, last_bar=3), stop_after=40)
    assert events[-1].status == "stopped"
    ends = ends_of(events)
    assert "stopped" in {end.status for end in ends}
    for end in ends:
        notes_from(end.text)


def test_a_writing_model_is_refused(asked: Asked, composed: Composed, tmp_path: Any) -> None:
    from tests import tiny_models

    folder = tiny_models.make_model(tmp_path / "words", "llama")
    job, files = asked(model=str(folder))
    with pytest.raises(StudioError, match="cannot write music"):
        composed(job, files)


def test_another_vocabulary_is_refused(
    asked: Asked, composed: Composed, tmp_path: Any, notes_model: Any
) -> None:
    import json
    import shutil

    folder = shutil.copytree(notes_model, tmp_path / "other")
    found = json.loads((folder / "atelier_music.json").read_text())
    found["tokens"][5] = "Other"
    (folder / "atelier_music.json").write_text(json.dumps(found))
    job, files = asked(model=str(folder))
    with pytest.raises(StudioError, match="other tokens"):
        composed(job, files)
