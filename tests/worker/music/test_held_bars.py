"""Locked bars in the worker: takes leave them alone, also where a whole pass of a long range is locked."""

from collections.abc import Callable
from typing import Any

from studio.core.events import JobEnd, TakeEnd
from studio.media.music import holds
from studio.media.music.document import notes_from, with_take
from studio.media.music.score import Score
from tests.worker.music.conftest import Asked

Composed = Callable[..., list[Any]]
BAR = 1920


def test_no_take_writes_into_held_bars(asked: Asked, composed: Composed, melody: Score) -> None:
    score = holds.lock_bars(melody, ("a",), 1, 1)
    job, files = asked(score, takes=8)
    was = [note for note in score.track("a").notes if BAR <= note.start < 2 * BAR]
    ends = [event for event in composed(job, files) if isinstance(event, TakeEnd)]
    assert len(ends) == 8
    said = [note for end in ends for note in notes_from(end.text).get("a", ())]
    assert said and all(note.start >= 2 * BAR for note in said)
    for end in ends:
        after = with_take(score, job, "take", end.text).track("a").notes
        assert [note for note in after if BAR <= note.start < 2 * BAR] == was


def test_held_bars_at_the_start_of_a_long_range_are_passed_over(
    asked: Asked, composed: Composed, melody: Score
) -> None:
    score = holds.lock_bars(melody, ("a",), 0, 40)
    job, files = asked(score, takes=2, first_bar=0, last_bar=42)
    events = composed(job, files)
    assert isinstance(events[-1], JobEnd) and events[-1].status == "done"
    ends = [event for event in events if isinstance(event, TakeEnd)]
    assert [end.status for end in ends] == ["done", "done"]
    said = [note for end in ends for note in notes_from(end.text).get("a", ())]
    assert said and all(note.start >= 41 * BAR for note in said)
