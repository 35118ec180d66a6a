"""What a task means for a piece: bars and tracks from what is pointed at, words, reasons before anything is queued."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.core.piece_settings import PieceSettings
from studio.core.pieces import TASKS, PieceJob, Task
from studio.media.music.asking import (
    Aim,
    Choice,
    Ends,
    aim,
    bars_words,
    names,
    reasons,
    tail,
    unheld,
    why_not,
    words,
    writes_drums,
)
from studio.media.music.holds import lock_bars
from studio.media.music.prompts_range import asked
from studio.media.music.score import Chord, Key, Meter, Note, Score, Track

BAR = 1920
EMPTY = Score(tracks=(Track(id="t1", name="Piano"),))


def notes(*bars: int, pitch: int = 60, locked: bool = False) -> list[Note]:
    """A whole note in each of these bars."""
    return [Note(BAR * bar, pitch, BAR, locked=locked) for bar in bars]


@pytest.fixture
def score() -> Score:
    """Piano over 16 bars, a bass over 8, drums over 4, and an empty flute."""
    return Score(
        tracks=(
            Track(id="p", name="Piano").with_notes(notes(*range(16))),
            Track(id="b", name="Bass", program=33).with_notes(notes(*range(8), pitch=36)),
            Track(id="d", drums=True).with_notes(notes(*range(4), pitch=38)),
            Track(id="f", program=73),
        )
    )


def at(score: Score, task: Task, count: int = 8, **pointed: Any) -> Aim:
    return aim(score, task, Choice(**({"tracks": ("p",), "shown": "p"} | pointed)), count)


def span(wanted: Aim) -> tuple[int, int]:
    return wanted.first_bar, wanted.last_bar


# -- which bars ----------------------------------------------------------------------------------


def test_an_empty_piece_is_continued_from_its_first_bar() -> None:
    wanted = aim(EMPTY, "continue", Choice(tracks=("t1",), shown="t1"), 8)
    assert span(wanted) == (0, 7) and wanted.tracks == ("t1",)
    assert why_not(EMPTY, wanted) == ""
    assert words(EMPTY, wanted, PieceSettings()) == "Continue with 8 bars from the start in Piano"


def test_continue_goes_on_behind_the_last_note_of_the_chosen_tracks(score: Score) -> None:
    assert span(at(score, "continue", 4)) == (16, 19)
    assert span(at(score, "continue", 4, tracks=("b",))) == (8, 11)
    both = at(score, "continue", 4, tracks=("b", "p"))
    assert span(both) == (16, 19) and both.tracks == ("p", "b"), "in the order of the piece"
    assert words(score, both, PieceSettings(bars=4)) == "Continue with 4 bars after bar 16 in Piano and Bass"


@pytest.mark.parametrize(
    ("ends", "first", "last"),
    [
        (BAR, 1, 8),  # at the bar line
        (BAR - 100, 1, 8),  # as good as at the bar line: a held note let go a little early
        (BAR + 100, 1, 8),  # a legato that hangs over a little
        (BAR + 960, 1, 9),  # half a bar is taken: the other half comes as well
        (960, 0, 8),
    ],
)
def test_a_bar_that_is_partly_taken_is_filled_besides_those_that_are_asked_for(
    ends: int, first: int, last: int
) -> None:
    piece = EMPTY.with_track(EMPTY.tracks[0].with_notes([Note(0, 60, ends)]))
    assert span(aim(piece, "continue", Choice(shown="t1"), 8)) == (first, last)


def test_chosen_bars_that_are_free_are_continued_into_and_full_ones_are_continued_behind(
    score: Score,
) -> None:
    assert span(at(score, "continue", tracks=("b",), bars=(4, 11))) == (4, 11)
    assert span(at(score, "continue", 4, tracks=("b",), bars=(4, 7))) == (8, 11)
    full = at(score, "continue", 4, bars=(2, 5))
    assert span(full) == (6, 9)
    assert why_not(score, full) == ("Bars 7–10 of Piano are full: infill them, or choose other bars.")


def test_infill_and_vary_mean_the_chosen_bars_else_those_of_the_chosen_notes_else_those_in_sight(
    score: Score,
) -> None:
    picked = tuple(notes(5, 9, 7))
    for task in ("infill", "vary"):
        assert span(at(score, task, bars=(2, 3), notes=picked, seen=(0, BAR))) == (2, 3)
        assert span(at(score, task, notes=picked, seen=(0, BAR))) == (5, 9)
        assert span(at(score, task, seen=(2 * BAR + 10, 6 * BAR))) == (2, 5)
        assert span(at(score, task, seen=(10 * BAR, 400 * BAR))) == (10, 15), "no further than the piece"
        assert span(at(score, task)) == (0, 15)


def test_an_empty_piece_seen_from_far_is_not_filled_to_the_horizon() -> None:
    wanted = aim(EMPTY, "infill", Choice(shown="t1", seen=(0, 400 * BAR)))
    assert span(wanted) == (0, 15)
    assert span(aim(EMPTY, "infill", Choice(shown="t1", seen=(0, 4 * BAR)))) == (0, 3)


def test_new_tracks_go_over_the_chosen_bars_or_the_whole_piece(score: Score) -> None:
    for task in ("harmonise", "add", "drums"):
        assert span(at(score, task)) == (0, 15)
        assert span(at(score, task, bars=(4, 5))) == (4, 5)
    assert at(score, "add").tracks == () and at(score, "harmonise").tracks == ("p",)
    assert span(aim(EMPTY, "add", Choice(shown="t1"), 6)) == (0, 5)


def test_locked_tracks_are_left_out_unless_nothing_else_is_chosen(score: Score) -> None:
    score = score.with_track(replace(score.track("p"), locked=True))
    assert at(score, "infill", tracks=("p", "b")).tracks == ("b",)
    assert at(score, "infill", tracks=("p",)).tracks == ("p",)


def test_what_is_remembered_of_a_track_is_forgotten_with_its_notes(score: Score) -> None:
    ends = Ends()
    pointed = Choice(tracks=("p",), shown="p")
    assert span(aim(score, "continue", pointed, 4, ends)) == (16, 19)
    shorter = score.with_track(score.track("p").with_notes(notes(*range(6))))
    assert span(aim(shorter, "continue", pointed, 4, ends)) == (6, 9)
    assert span(aim(shorter, "add", pointed, 4, ends)) == (0, 7), "the bass goes on to there"
    chords = replace(shorter, chords=(Chord(9 * BAR, BAR, "C"),))
    assert span(aim(chords, "add", pointed, 4, ends)) == (0, 9)
    assert span(aim(score, "continue", pointed, 4, ends)) == (16, 19)


# -- why not -------------------------------------------------------------------------------------


def test_a_locked_track_and_locked_bars_are_refused_before_anything_is_queued(score: Score) -> None:
    locked = score.with_track(replace(score.track("p"), locked=True))
    for task in ("continue", "infill", "vary"):
        assert why_not(locked, at(locked, task)) == (
            "Piano may not change: unlock the track, or choose another one."
        )
    held = lock_bars(score, ["p"], 4, 7)
    assert why_not(held, at(held, "infill", bars=(4, 7))) == (
        "Bars 5–8 of Piano may not change: unlock them, or choose others."
    )
    assert why_not(held, at(held, "infill", bars=(4, 8))) == ""
    assert why_not(held, at(held, "infill", bars=(4, 7), tracks=("p", "b"))) == ""


def test_vary_needs_a_note_that_may_change(score: Score) -> None:
    assert why_not(score, at(score, "vary", tracks=("f",), bars=(0, 3))) == (
        "There are no notes to vary in bars 1–4 of Flute."
    )
    fixed = score.with_track(score.track("f").with_notes(notes(0, 1, locked=True)))
    assert why_not(fixed, at(fixed, "vary", tracks=("f",), bars=(0, 3))) == (
        "There are no free notes to vary in bars 1–4 of Flute."
    )
    assert why_not(score, at(score, "vary", bars=(15, 15))) == ""
    assert "no notes" in why_not(score, at(score, "vary", bars=(16, 17)))


def test_harmonise_needs_a_melody_and_drums_are_none(score: Score) -> None:
    assert "No melody in" in why_not(score, at(score, "harmonise", tracks=("f",)))
    assert "Drums have no melody" in why_not(score, at(score, "harmonise", tracks=("d",)))
    assert "No melody in" in why_not(score, at(score, "harmonise", tracks=("b",), bars=(9, 10)))
    assert why_not(score, at(score, "harmonise", tracks=("b", "d"), bars=(7, 10))) == ""


def test_reasons_are_told_for_every_task_at_once(score: Score) -> None:
    told = reasons(EMPTY, Choice(shown="t1"), 8)
    assert list(told) == list(TASKS)
    assert {task for task, reason in told.items() if reason} == {"vary", "harmonise"}
    assert not any(reasons(score, Choice(tracks=("p",), shown="p"), 8).values())


def test_too_many_tracks_at_once_are_refused() -> None:
    many = Score(tracks=tuple(Track(id=f"t{n}") for n in range(17)))
    wanted = aim(many, "infill", Choice(tracks=tuple(track.id for track in many.tracks), bars=(0, 0)))
    assert "No more than 16 tracks" in why_not(many, wanted)


def test_a_key_or_chords_are_held_only_where_there_are_some(score: Score) -> None:
    wanted, hold = at(score, "infill", bars=(4, 5)), PieceSettings(hold_key=True)
    assert "no key at bar 5" in unheld(score, wanted, hold)
    assert unheld(score, wanted, PieceSettings(hold_key=True, key="D minor")) == ""
    later = replace(score, keys=(Key(5 * BAR, 2),))
    assert "no key at bar 5" in unheld(later, wanted, hold), "it begins only behind the first of the bars"
    assert unheld(replace(score, keys=(Key(0, 2),)), wanted, hold) == ""
    chords = PieceSettings(hold_chords=True)
    assert "No chords over bars 5–6" in unheld(score, wanted, chords)
    elsewhere = replace(score, chords=(Chord(0, 4 * BAR, "Dm"),))
    assert "No chords" in unheld(elsewhere, wanted, chords)
    assert unheld(replace(score, chords=(Chord(0, 5 * BAR, "Dm"),)), wanted, chords) == ""


def test_what_writes_for_a_drum_kit_is_known(score: Score) -> None:
    assert writes_drums(score, at(score, "infill", tracks=("p", "d")))
    assert not writes_drums(score, at(score, "infill"))
    assert writes_drums(score, at(score, "drums")) and not writes_drums(
        score, at(score, "harmonise", tracks=("d",))
    )


# -- words ---------------------------------------------------------------------------------------


def test_what_will_be_asked_is_said_in_a_sentence(score: Score) -> None:
    def said(task: Task, settings: PieceSettings | None = None, **pointed: Any) -> str:
        return words(score, at(score, task, **pointed), settings or PieceSettings())

    assert said("infill", bars=(4, 7), tracks=("p", "b")) == "Infill bars 5–8 of Piano and Bass"
    assert said("continue") == "Continue with 8 bars after bar 16 in Piano"
    assert said("continue", tracks=("b",), bars=(4, 11)) == "Continue bars 5–12 of Bass"
    assert said("vary", PieceSettings(amount=0.3), bars=(4, 4)) == "Vary 30 % of bar 5 of Piano"
    assert said("harmonise", PieceSettings(program=48)) == "Harmonise all of Piano with String ensemble 1"
    assert said("add", PieceSettings(program=42), bars=(4, 7)) == "Add Cello for bars 5–8"
    assert said("drums") == "Drums for the whole piece"
    assert tail(score, at(score, "infill", bars=(4, 4))) == "bar 5 of Piano"


def test_many_tracks_are_told_short(score: Score) -> None:
    assert names(score, ["p", "b", "d", "f"]) == "all 4 tracks"
    assert names(score, ["p", "b", "d"]) == "Piano, Bass and Drums"
    more = score.with_track(Track(id="x", name="Ocarina")).with_track(Track(id="y", name="Horn"))
    assert names(more, ["p", "b", "d", "f", "x"]) == "Piano, Bass and 3 more"


# -- what is told early is what the model's side would say -----------------------------------------

TRACKS = st.builds(
    lambda id_, bars, locked, fixed, held: lock_bars(
        Score(tracks=(replace(Track(id=id_), locked=locked).with_notes(notes(*bars, locked=fixed)),)),
        [id_] if held else [],
        *(held or (0, 0)),
    ).tracks[0],
    id_=st.just(""),
    bars=st.sets(st.integers(0, 6)),
    locked=st.booleans(),
    fixed=st.booleans(),
    held=st.none() | st.sampled_from([(0, 1), (2, 5), (0, 9)]),
)


@settings(max_examples=120, deadline=None)
@given(
    tracks=st.lists(TRACKS, min_size=1, max_size=3),
    task=st.sampled_from(["continue", "infill", "vary"]),
    bars=st.none() | st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda some: (some[0], sum(some))),
    chosen=st.sets(st.integers(0, 2)),
    metre=st.sampled_from([Meter(0), Meter(0, 3, 4)]),
)
def test_what_is_not_refused_here_is_never_found_empty_by_the_models_side(
    tracks: list[Track], task: Task, bars: tuple[int, int] | None, chosen: set[int], metre: Meter
) -> None:
    piece = Score(tracks=tuple(replace(track, id=f"t{n}") for n, track in enumerate(tracks)), meters=(metre,))
    choice = Choice(tracks=tuple(f"t{n}" for n in chosen), shown="t0", bars=bars, seen=(0, 5 * BAR))
    wanted = aim(piece, task, choice, 2)
    job = PieceJob(
        id="j", score="s", model="m", seed=1, task=task, first_bar=wanted.first_bar, last_bar=wanted.last_bar,
        tracks=wanted.tracks, amount=1.0,
    )  # fmt: skip
    refused = why_not(piece, wanted)
    try:
        asked(piece, job, job.first_bar)
    except StudioError as error:
        assert refused, f"{bars_words(wanted)}: {error}"
    else:
        assert not refused
