"""Locked bars are not written: no cell, no note that begins in them or reaches into them, in any task."""

import pytest

from studio.core.errors import StudioError
from studio.core.pieces import NewTrack
from studio.media.music import holds
from studio.media.music.document import notes_text, with_take
from studio.media.music.edits_time import set_meter
from studio.media.music.prompts import Plan, prompt
from studio.media.music.score import Note, Score, Track
from tests.media.music.test_prompts import BAR, job, line, piece, take

WIDE = {"first_bar": 2, "last_bar": 5}


def held(score: Score, first: int, last: int, track: str = "flute") -> Score:
    return holds.lock_bars(score, (track,), first, last)


def written_bars(plan: Plan) -> set[int]:
    """Bars of the score that have a block."""
    return {(plan.first_step + block.start) // 48 for block in plan.blocks}


@pytest.mark.parametrize("task", ["infill", "vary", "continue"])
def test_a_held_bar_inside_the_range_is_not_written_and_nothing_reaches_in(task: str) -> None:
    score = held(piece(4 if task == "continue" else 8), 4, 4)
    asked = job(task=task, amount=1.0, **{**WIDE, "last_bar": 6 if task == "continue" else 5})
    made = prompt(score, asked, context=1024)
    assert written_bars(made.plan) == ({5, 6} | set() if task == "continue" else {2, 3, 5})
    inside = [note for note in score.track("flute").notes if 4 * BAR <= note.start < 5 * BAR]
    for seed in range(20):
        found = take(made.plan, seed)
        assert found
        assert not [note for _, note in found if note.start < 5 * BAR and note.end > 4 * BAR]
        placed = made.plan.place(score, found)
        assert [note for note in placed.track("flute").notes if 4 * BAR <= note.start < 5 * BAR] == inside
        said = notes_text("flute", [*made.plan.kept["flute"], *(note for _, note in found)])
        assert with_take(score, asked, "", said) == placed


def test_a_note_that_hangs_into_held_bars_is_kept_and_not_said_again() -> None:
    score = piece()
    hanging = Note(3 * BAR + 3 * 480, 60, 960)
    flute = score.track("flute")
    score = held(score.with_track(flute.with_notes([*flute.notes, hanging])), 4, 4)
    plan = prompt(score, job(**WIDE), context=1024).plan
    assert plan.kept == {"flute": ()}
    assert hanging not in plan.replaced["flute"]
    for seed in range(10):
        same = [
            n
            for _, n in take(plan, seed)
            if n.pitch == 60 and n.start < hanging.end and n.end > hanging.start
        ]
        assert not same


def test_held_bars_of_one_track_are_written_in_the_others() -> None:
    made = prompt(held(piece(), 2, 3), job(tracks=("flute", "bass")), context=1024)
    assert made.plan.tracks == ("bass",)


def test_a_part_of_a_bar_that_is_held_stays_closed() -> None:
    score = holds.hold(piece(), "flute", 2 * BAR + 480, 2 * BAR + 1440)
    plan = prompt(score, job(first_bar=2, last_bar=2), context=1024).plan
    assert written_bars(plan) == {2}
    found = [note for seed in range(20) for _, note in take(plan, seed)]
    assert {note.start < 2 * BAR + 480 for note in found} == {True, False}
    assert not [note for note in found if note.start < 2 * BAR + 1440 and note.end > 2 * BAR + 480]


def test_where_all_is_held_that_is_said() -> None:
    for score, asked in (
        (held(piece(), 2, 3), job()),
        (held(piece(), 0, 7), job(task="vary", amount=0.0)),
        (held(piece(4), 4, 6), job(task="continue", first_bar=3, last_bar=6)),
        (held(held(piece(), 2, 3), 2, 3, "bass"), job(tracks=("flute", "bass"))),
    ):
        with pytest.raises(StudioError, match="All the bars this would write are locked") as told:
            prompt(score, asked, context=1024)
        assert told.value.code == "music_locked"


def test_a_new_track_written_before_keeps_its_held_bars() -> None:
    new = NewTrack(id="viola", name="Viola", program=41)
    score = piece().with_track(Track(id="viola", name="Viola", program=41))
    made = prompt(held(score, 2, 2, "viola"), job(task="harmonise", new=new), context=1024)
    assert written_bars(made.plan) == {3}


def test_bars_of_another_metre_are_held_where_they_were() -> None:
    score = set_meter(
        held(piece(), 2, 2), 0, 3, 4
    )  # held: 3840 to 5760, now the middle of bar 3 to the end of bar 4
    plan = prompt(score, job(first_bar=2, last_bar=3), context=1024).plan
    found = [note for seed in range(20) for _, note in take(plan, seed)]
    assert found and all(note.end <= 2 * BAR for note in found)


def test_a_pass_that_is_all_held_writes_nothing_and_the_next_goes_on() -> None:
    score = held(piece(16), 0, 11)
    asked, bars, passes = job(first_bar=0, last_bar=15), list[int](), 0
    at: int | None = 0
    while at is not None:
        plan = prompt(score, asked, context=300, from_bar=at).plan
        found = take(plan)
        assert bool(found) == bool(plan.blocks)
        bars += sorted(written_bars(plan))
        score, at, passes = plan.place(score, found), plan.next_bar, passes + 1
    assert passes > 2 and bars == [12, 13, 14, 15]


def test_a_later_pass_of_a_continuation_that_has_only_held_bars_left_writes_nothing() -> None:
    score = held(piece(4), 8, 11)
    asked = job(task="continue", first_bar=4, last_bar=11)
    flute = score.track("flute")
    written = score.with_track(flute.with_notes([*flute.notes, *line(4, 72, first=4 * BAR)]))
    assert prompt(written, asked, context=1024, from_bar=8).plan.blocks == ()
