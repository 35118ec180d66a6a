"""Single notes written anew: those that were picked and no others, as many as there were."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import ValidationError

from studio.core.errors import StudioError
from studio.core.pieces import Pick, PieceJob
from studio.media.music import vocabulary as v
from studio.media.music.document import notes_text, with_take
from studio.media.music.grammar import Block, Grammar, Space
from studio.media.music.prompts import Plan, prompt
from studio.media.music.score import TICKS, Note, Score, Track
from studio.media.music.tokens_grid import GridNote

BAR = 4 * TICKS


def piece(bars: int = 8, **locked: bool) -> Score:
    """A scale up and down in quarters, and a bass in whole bars."""
    scale = (72, 74, 76, 77, 79, 77, 76, 74)
    tune = [Note(TICKS * at, scale[at % 8], TICKS, 84) for at in range(4 * bars)]
    bass = [Note(BAR * at, 36, BAR, 84) for at in range(bars)]
    return Score(
        tracks=(Track(id="a", program=73).with_notes(tune), Track(id="b", program=43).with_notes(bass))
    )


def job(*picks: Pick, first: int = 0, last: int = 3, tracks: tuple[str, ...] = ("a", "b")) -> PieceJob:
    return PieceJob(
        id="j",
        task="vary",
        score="s",
        first_bar=first,
        last_bar=last,
        tracks=tracks,
        model="m",
        seed=7,
        picks=picks,
    )


def pick(beat: int, track: str = "a", score: Score | None = None) -> Pick:
    """The note that starts at this beat."""
    notes = (score or piece()).track(track).notes
    note = next(note for note in notes if note.start == beat * TICKS)
    return Pick(track=track, start=note.start, pitch=note.pitch)


def take(plan: Plan, seed: int = 0) -> list[tuple[str, Note]]:
    """What a model of no understanding writes; it would often end a bar at once."""
    chance, grammar = random.Random(seed), plan.grammar()
    while not grammar.done:
        choices = np.flatnonzero(grammar.allowed())
        grammar.push(v.END if v.END in choices and chance.random() < 0.5 else int(chance.choice(choices)))
    return list(grammar.notes)


@given(st.sets(st.integers(0, 15), min_size=1), st.integers(0, 1000))
def test_all_notes_but_those_picked_stay_and_as_many_come(beats: set[int], seed: int) -> None:
    score, asked = piece(), job(*(pick(beat) for beat in sorted(beats)))
    made = prompt(score, asked, context=1024)
    found = take(made.plan, seed)
    said = notes_text("a", made.plan.kept["a"]) + notes_text("b", made.plan.kept["b"])
    said += "".join(notes_text(track, [note]) for track, note in found)
    after = with_take(score, asked, "take", said)
    gone = {(beat * TICKS) for beat in beats}
    stay = [note for note in score.track("a").notes if note.start not in gone]
    own = [note for note in after.track("a").notes if note.author == ""]
    assert own == stay
    assert after.track("b") == score.track("b")
    per_bar = [sum(beat // 4 == bar for beat in beats) for bar in range(4)]
    new = [note.start // BAR for note in after.track("a").notes if note.author == "take"]
    assert len(found) == len(new)
    # a bar may get fewer where the first of them began late: behind it there is no more room
    assert all(new.count(bar) <= per_bar[bar] for bar in range(4))
    assert all(bool(new.count(bar)) == bool(per_bar[bar]) for bar in range(4))


def test_only_bars_with_a_pick_are_written() -> None:
    made = prompt(piece(), job(pick(5), pick(6)), context=1024)
    assert [(block.start, block.notes) for block in made.plan.blocks] == [(48, 2)]


def test_a_bar_that_is_written_whole_is_as_full_as_the_model_likes() -> None:
    made = prompt(piece(), job().changed(task="infill"), context=1024)
    assert {block.notes for block in made.plan.blocks} == {-1}


def test_a_pick_of_a_doubled_note_takes_the_first_alone() -> None:
    doubled = Track(id="a").with_notes([Note(0, 60, 480, 80), Note(0, 60, 480, 96), Note(480, 62, 480)])
    made = prompt(
        Score(tracks=(doubled,)), job(Pick(track="a", start=0, pitch=60), tracks=("a",), last=0), context=1024
    )
    assert made.plan.replaced["a"] == (Note(0, 60, 480, 80),)


@pytest.mark.parametrize("where", ["note", "track"])
def test_a_pick_that_is_locked_is_refused_in_words(where: str) -> None:
    score = piece()
    track = score.track("a")
    if where == "note":
        notes = [Note(n.start, n.pitch, n.duration, n.velocity, "", n.start == TICKS) for n in track.notes]
        score = score.with_track(track.with_notes(notes))
    else:
        score = score.with_track(Track(id="a", notes=track.notes, locked=True))
    with pytest.raises(StudioError, match="is locked") as caught:
        prompt(score, job(pick(1)), context=1024)
    assert caught.value.code == "music_pick_locked"
    assert caught.value.kept and caught.value.do


@pytest.mark.parametrize(
    "wrong",
    [
        Pick(track="a", start=0, pitch=73),
        Pick(track="a", start=1, pitch=72),
        Pick(track="a", start=5 * BAR, pitch=79),
        Pick(track="c", start=0, pitch=72),
    ],
)
def test_a_pick_that_is_not_there_is_refused_in_words(wrong: Pick) -> None:
    with pytest.raises(StudioError, match="not in these bars any more") as caught:
        prompt(piece(), job(pick(0), wrong), context=1024)
    assert caught.value.code == "music_no_pick"


def test_picks_of_a_track_that_is_not_asked_for_are_refused() -> None:
    with pytest.raises(StudioError, match="not in these bars"):
        prompt(piece(), job(pick(0, "b"), tracks=("a",)), context=1024)


def test_a_later_pass_leaves_the_earlier_picks_alone() -> None:
    score = piece(64)
    asked = job(pick(0, score=score), pick(250, score=score), last=63, tracks=("a",))
    plan, passes = prompt(score, asked, context=400).plan, 1
    before = score
    while plan.next_bar is not None:
        assert all(block.notes == 1 for block in plan.blocks)
        score = plan.place(score, take(plan, passes), "take")
        plan, passes = prompt(score, asked, context=400, from_bar=plan.next_bar).plan, passes + 1
    score = plan.place(score, take(plan, passes), "take")
    assert passes > 1
    gone = {0, 250 * TICKS}
    assert [note for note in score.track("a").notes if not note.author] == [
        note for note in before.track("a").notes if note.start not in gone
    ]
    assert len([note for note in score.track("a").notes if note.author == "take"]) == 2


def test_only_varying_picks_notes() -> None:
    with pytest.raises(ValidationError, match="picks"):
        job(pick(0)).changed(task="infill")


def test_a_bar_without_room_for_all_its_notes_is_closed() -> None:
    space = Space(0, 4)
    space.keep_range(60, 60)
    grammar = Grammar(
        [Block(0, 0, 4, (), 9)],
        [space],
        200,
        lambda at, note: ("a", Note(note.start, note.pitch, note.duration)),
    )
    while not grammar.done:
        grammar.push(int(np.flatnonzero(grammar.allowed())[-1]))
    assert 1 <= len(grammar.notes) <= 4


def test_a_bar_with_a_number_of_notes_ends_at_it_and_not_before() -> None:
    grammar = Grammar(
        [Block(0, 0, 48, (), 1)], [Space(0, 48)], 200, lambda _, note: ("a", Note(*_ticks(note)))
    )
    assert not grammar.allowed()[v.END]
    for token in (v.POSITION, v.PITCH + 60, v.VELOCITY + 3, v.DURATION + 5):
        grammar.push(token)
    assert np.flatnonzero(grammar.allowed()).tolist() == [v.END]


def _ticks(note: GridNote) -> tuple[int, int, int]:
    return note.start, note.pitch, note.duration
