"""Asking the music model in the window: what is pointed at becomes a job; others, more alike, the very same again."""

import threading
import time
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

import studio.app.piece_proposals
from studio.app.piece_asking import Ask, Packed, asked
from studio.core.pieces import PieceJob
from studio.media.music.carried import unpack
from studio.media.music.score import Chord, Key, Score, Track
from studio.media.music.theory import key_at, key_name
from tests.app.piece_person import Composer, tune

BAR = 1920
Composers = Callable[..., Composer]


def base(composer: Composer, job: PieceJob | None = None) -> Score:
    """The score that a job (the last one) was asked for, as the project keeps it."""
    return unpack(composer.session.asset((job or composer.job()).score))


def says(composer: Composer, text: str) -> bool:
    composer.sees(lambda: text in composer.told)
    return True


# -- what is pointed at becomes a job ----------------------------------------------------------------


def test_an_empty_piece_and_one_press_make_takes_in_its_metre(composer: Composer) -> None:
    composer.roll.setFocus()
    QTest.qWait(0)
    takes = composer.waits_for_takes(
        lambda: QTest.keyClick(composer.roll.grid, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    )
    job = composer.job()
    assert len(takes) == 3 and all(take.status == "done" and take.text for take in takes)
    assert (job.task, job.first_bar, job.last_bar, job.tracks) == ("continue", 0, 7, ("t1",))
    assert job.work == composer.piece.work and job.parent == "" == composer.head
    assert base(composer) == composer.score, "nothing was written for it"


def test_a_job_asks_for_what_the_sentence_says(composer: Composer) -> None:
    composer.writes(tune(8))
    composer.piece.knobs.set_task("infill")
    composer.chooses_bars(2, 3)
    composer.sees(lambda: composer.prompt.sentence.text() == "bars 3–4 of Piano")
    composer.asks(2, "infill", (2, 3))
    job = composer.job()
    assert (job.task, job.first_bar, job.last_bar, job.tracks) == ("infill", 2, 3, ("t1",))
    assert (job.parent, job.model, job.takes) == (composer.head, composer.piece.models.chosen, 2)
    assert base(composer) == composer.score


def test_the_chosen_tracks_are_written_and_the_chosen_notes_say_where(composer: Composer) -> None:
    composer.writes(tune(8))
    composer.becomes(tracks=(*composer.score.tracks, Track(id="t2", name="Bass").with_notes(tune(8))))
    composer.piece.pane.tracks.choose(("t1", "t2"))
    composer.roll.choose(composer.notes()[13:18])
    composer.asks(1, "vary")
    job = composer.job()
    assert (job.first_bar, job.last_bar, job.tracks) == (3, 4, ("t1", "t2"))


def test_each_new_track_is_one_of_its_own_and_both_can_be_accepted(composer: Composer) -> None:
    composer.writes(tune(4))
    knobs = composer.piece.pane.knobs
    knobs.set_values(knobs.values().changed(program=42, role="bass"))
    (first,) = composer.asks(1, "add")
    (second,) = composer.asks(1, "add")
    tracks = [take.recipe.composing.new for take in (first, second)]
    assert [(new.id, new.name, new.program) for new in tracks if new] == [
        ("t2", "Cello", 42),
        ("t3", "Cello", 42),
    ]
    wish = first.recipe.composing.wishes[0]
    assert (wish.track, wish.polyphony) == ("t2", 0)
    for take in (first, second):
        composer.judged.show_take(take.id)
        composer.does("take.accept")
    composer.sees(lambda: len(composer.score.tracks) == 3)
    assert all(composer.notes(track) for track in ("t1", "t2", "t3"))


def test_a_chosen_key_is_held_by_the_takes_and_not_written_into_the_piece(composer: Composer) -> None:
    composer.writes(tune(8))
    composer.becomes(keys=(Key(0, 2),))
    knobs = composer.piece.pane.knobs
    knobs.set_values(knobs.values().changed(hold_key=True, key="C minor", scale="dorian"))
    composer.asks(1, "infill", (2, 3))
    job, score = composer.job(), base(composer)
    assert job.hold_key and job.scale == "dorian"
    held = [key_at(score.keys, bar * BAR) for bar in (1, 2, 3, 4)]
    assert [key_name(key) for key in held if key] == ["D major", "C minor", "C minor", "D major"]
    assert composer.score.keys == (Key(0, 2),)


def test_a_kept_seed_is_the_jobs_and_the_knobs_go_along(composer: Composer) -> None:
    knobs = composer.piece.pane.knobs
    knobs.set_values(knobs.values().changed(seed=77, temperature=0.7, top_p=0.9, top_k=12, density=4))
    composer.asks(1, "continue")
    job = composer.job()
    assert (job.seed, job.temperature, job.top_p, job.top_k) == (77, 0.7, 0.9, 12)
    assert [(wish.track, wish.density) for wish in job.wishes] == [("t1", 4)]


# -- what cannot be asked is told before anything is queued -----------------------------------------


def test_what_cannot_be_asked_is_said_and_nothing_is_queued(composer: Composer) -> None:
    composer.writes(tune(4))
    jobs: list[object] = []
    composer.piece.jobs.changed.connect(jobs.append)
    track = composer.score.track("t1")
    composer.becomes(tracks=(replace(track, locked=True),))
    composer.proposes_notes(1, "infill", (0, 1))
    assert says(composer, "Piano may not change")
    composer.becomes(tracks=(track,))
    knobs = composer.piece.pane.knobs
    knobs.set_values(knobs.values().changed(hold_key=True))
    composer.proposes_notes(1, "infill", (0, 1))
    assert says(composer, "The piece has no key at bar 1")
    knobs.set_values(knobs.values().changed(hold_key=False, hold_chords=True))
    composer.becomes(chords=(Chord(3 * BAR, BAR, "Dm"),))
    composer.proposes_notes(1, "infill", (0, 1))
    assert says(composer, "No chords over bars 1–2")
    assert not composer.piece.running


def test_drums_are_grey_for_a_model_that_never_saw_any_and_say_why(composer: Composer) -> None:
    composer.writes(tune(4))
    composer.piece.knobs.look_now()
    offered = composer.prompt.task.offered()
    assert "drums" in offered["Drums"].lower() and offered["Add a track"] == ""
    composer.piece.knobs.set_task("drums")
    assert composer.prompt.sentence.text() == offered["Drums"]
    composer.does("take.propose")
    assert says(composer, offered["Drums"]) and not composer.piece.running
    composer.becomes(tracks=(replace(composer.score.track("t1"), drums=True),))
    composer.piece.knobs.set_task("infill")
    assert composer.prompt.sentence.text() == offered["Drums"], (
        "a drum track is written for by no other task either"
    )


def test_greyed_tasks_follow_what_is_there(composer: Composer) -> None:
    composer.piece.knobs.look_now()
    offered = composer.prompt.task.offered()
    assert (
        offered["Continue"] == ""
        and "no notes to vary" in offered["Vary"]
        and "No melody" in offered["Harmonise"]
    )
    composer.writes(tune(4))
    composer.sees(lambda: composer.prompt.task.offered()["Vary"] == "")
    assert composer.prompt.task.offered()["Harmonise"] == ""


# -- of a take ---------------------------------------------------------------------------------------


def test_regenerate_asks_the_same_with_another_seed(composer: Composer) -> None:
    composer.writes(tune(8))
    (first,) = composer.asks(1, "infill", (2, 3))
    composer.chooses_bars(5, 6)
    composer.strip.choose(first.id)
    (other,) = composer.waits_for_takes(lambda: composer.does("take.regenerate"))
    before, now = first.recipe.composing, other.recipe.composing
    assert before.seed != now.seed and before.id != now.id
    assert now == before.changed(id=now.id, seed=now.seed)


def test_a_job_that_failed_before_a_take_is_the_one_that_is_regenerated(composer: Composer) -> None:
    composer.writes(tune(8))
    (first,) = composer.asks(1, "infill", (2, 3))
    unborn = first.recipe.composing.changed(id="unborn", first_bar=0, last_bar=0)
    composer.piece.jobs._unborn[composer.piece.work] = unborn
    (other,) = composer.waits_for_takes(lambda: composer.does("take.regenerate"))
    assert (other.recipe.composing.first_bar, other.recipe.composing.last_bar) == (0, 0)


def test_more_like_a_take_varies_some_of_its_own_notes_and_leaves_the_persons(composer: Composer) -> None:
    composer.writes(tune(2)[:6])  # a bar and a half
    (take,) = composer.asks(1, "continue")
    own = {
        (note.start, note.pitch)
        for note in composer.judged.laid(take.id).track("t1").notes
        if note.author == take.id
    }
    composer.strip.choose(take.id)
    composer.prompt.set_takes(2)
    near = composer.waits_for_takes(lambda: composer.strip.more_like_this.emit(take.id))
    job = near[0].recipe.composing
    assert len(near) == 2 and job.task == "vary" and job.from_take == take.id and job.parent == take.parent
    assert {(pick.start, pick.pitch) for pick in job.picks} <= own
    assert len(job.picks) == max(1, round(0.3 * len(own)))
    laid = composer.judged.laid(near[0].id)
    assert laid is not None
    assert laid.track("t1").notes[:6] == composer.notes()[:6], "what the person wrote stays"
    composer.strip.choose(near[0].id)
    composer.does("take.accept")
    composer.sees(lambda: len(composer.notes()) == len(laid.track("t1").notes))


def test_more_like_a_new_track_brings_that_track_when_it_is_accepted(composer: Composer) -> None:
    composer.writes(tune(4))
    (take,) = composer.asks(1, "add")
    (near,) = composer.waits_for_takes(
        lambda: (composer.prompt.set_takes(1), composer.strip.more_like_this.emit(take.id))
    )
    job = near.recipe.composing
    assert job.tracks == ("t2",) and job.new is not None and job.new.id == "t2"
    composer.strip.choose(near.id)
    composer.does("take.accept")
    composer.sees(lambda: len(composer.notes("t2")) > 0)


def test_a_take_is_gone_on_from_with_its_notes_in_the_new_takes(composer: Composer) -> None:
    composer.writes(tune(2))
    knobs = composer.piece.pane.knobs
    knobs.set_values(knobs.values().changed(bars=2))
    (take,) = composer.asks(1, "continue")
    composer.strip.choose(take.id)
    (onward,) = composer.waits_for_takes(lambda: composer.does("take.from_take"))
    job = onward.recipe.composing
    assert (job.task, job.first_bar, job.last_bar, job.from_take) == ("continue", 2, 5, take.id)
    assert base(composer, job).track("t1").notes[-1].end == 4 * BAR
    composer.strip.choose(onward.id)
    composer.does("take.accept")
    composer.sees(lambda: max(note.end for note in composer.notes()) == 6 * BAR)
    assert {note.start // BAR for note in composer.notes()} == set(range(6))


def test_the_very_same_again_tells_that_every_note_is_the_same(composer: Composer, qtbot: QtBot) -> None:
    composer.writes(tune(4))
    first, second = composer.asks(2, "infill", (1, 2))
    composer.strip.choose(second.id)
    with qtbot.waitSignal(composer.place.parts.proposals.compared, timeout=60_000) as told:
        composer.does("take.again")
    assert told.args == ["Made again exactly: every note is the same.", "", "success"]
    assert says(composer, "every note is the same")
    replay = composer.job()
    assert replay == second.recipe.composing.changed(id=replay.id)
    lines = first.text.replace(" 90\n", " 91\n")
    composer.judged.takes[first.id] = replace(composer.judged.takes[first.id], text=lines)
    composer.sees(lambda: not composer.piece.running)
    with qtbot.waitSignal(composer.place.parts.proposals.compared, timeout=60_000) as told:
        composer.strip.again_requested.emit(first.id)
    assert told.args[0] == "Made again, but not every note is the same."


def test_again_without_a_finished_take_says_so(composer: Composer) -> None:
    composer.does("take.again")
    assert says(composer, "There is no finished take to make again")


def test_odd_notes_are_written_anew_and_no_others(composer: Composer) -> None:
    composer.writes(tune(8))
    odd = composer.notes()[9:11]
    (take,) = composer.waits_for_takes(
        lambda: (composer.prompt.set_takes(1), composer.place.parts.proposals.redo({"t1": odd}))
    )
    job = take.recipe.composing
    assert (job.task, job.first_bar, job.last_bar, job.tracks) == ("vary", 2, 2, ("t1",))
    assert [(pick.start, pick.pitch) for pick in job.picks] == [(note.start, note.pitch) for note in odd]
    laid = composer.judged.laid(take.id)
    assert laid is not None
    assert [note for note in laid.track("t1").notes if note not in composer.notes()] == [
        replace(note, pitch=note.pitch + 12, author=take.id) for note in odd
    ]


def test_locked_notes_are_left_out_of_what_is_written_anew(composer: Composer) -> None:
    composer.writes([replace(note, locked=note.start == 0) for note in tune(4)])
    composer.place.parts.proposals.redo({"t1": composer.notes()[:1]})
    assert says(composer, "None of these notes may change") and not composer.piece.running
    (take,) = composer.waits_for_takes(
        lambda: (
            composer.prompt.set_takes(1),
            composer.place.parts.proposals.redo({"t1": composer.notes()[:3]}),
        )
    )
    assert [pick.start for pick in take.recipe.composing.picks] == [480, 960]


def test_the_knobs_of_a_take_come_back(composer: Composer) -> None:
    composer.writes(tune(8))
    knobs = composer.piece.pane.knobs
    usual = knobs.values()
    knobs.set_values(usual.changed(hold_key=True, key="C minor", density=4, seed=9, temperature=0.7))
    (take,) = composer.asks(1, "infill", (2, 3))
    knobs.set_values(usual)
    composer.piece.set_range(None)
    composer.strip.recall_requested.emit(take.id, "seed")
    assert knobs.values() == usual.changed(seed=9)
    composer.strip.recall_requested.emit(take.id, "all")
    values = knobs.values()
    assert (values.task, values.key, values.hold_key, values.density) == ("infill", "C minor", True, 4)
    assert values.temperature == 0.7 and composer.piece.range == (2, 3)


def test_a_recalled_continuation_goes_on_for_as_many_bars_behind_the_piece(composer: Composer) -> None:
    composer.writes(tune(4))
    knobs = composer.piece.pane.knobs
    knobs.set_values(knobs.values().changed(bars=3))
    (take,) = composer.asks(1, "continue")
    knobs.set_values(knobs.values().changed(bars=8, task="vary"))
    composer.chooses_bars(1, 2)
    composer.strip.recall_requested.emit(take.id, "all")
    assert composer.piece.range is None and knobs.values().bars == 3
    wanted = composer.piece.knobs.aim()
    assert (wanted.task, wanted.first_bar, wanted.last_bar) == ("continue", 4, 6)


def test_work_from_here_stands_where_a_take_grew_from(composer: Composer) -> None:
    composer.writes(tune(4))
    grown = composer.head
    (take,) = composer.asks(1, "infill", (1, 2))
    composer.writes(tune(1, start=8 * BAR))
    composer.strip.branch_requested.emit(take.id)
    assert composer.head == grown and len(composer.notes()) == 16


# -- while it runs -----------------------------------------------------------------------------------


def test_stop_answers_at_once_and_what_is_there_stays(composers: Composers) -> None:
    composer = composers("slow")
    composer.proposes_notes(2, "continue")
    composer.sees(
        lambda: len(composer.judged.growing()) == 2 and all(t.text for t in composer.judged.growing())
    )
    assert composer.prompt.is_running()
    began = time.monotonic()
    composer.does("take.stop")
    composer.sees(lambda: not composer.prompt.is_running())
    assert time.monotonic() - began < 2
    assert [take.status for take in composer.takes.values()] == ["stopped", "stopped"]
    assert all(take.text for take in composer.takes.values())


@pytest.mark.parametrize("by", ["the key", "the button"])
def test_a_request_that_is_stopped_while_it_is_packed_is_never_made(
    composer: Composer, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slowly(ask: Ask) -> Packed:
        entered.set()
        assert leave.wait(60)
        return asked(ask)

    monkeypatch.setattr(studio.app.piece_proposals, "asked", slowly)
    composer.proposes_notes(1, "continue")
    composer.sees(entered.is_set)
    assert composer.prompt.is_running()
    if by == "the key":
        composer.does("take.stop")
    else:
        composer.prompt.stop_requested.emit()
    leave.set()
    composer.sees(lambda: not composer.wiring.tasks.busy)
    composer.sees(lambda: not composer.prompt.is_running())
    assert not composer.takes and not composer.piece.running


def test_the_person_goes_on_writing_while_takes_are_made(composers: Composers) -> None:
    composer = composers("slow")
    composer.writes(tune(4))
    composer.proposes_notes(1, "infill", (1, 2))
    composer.sees(lambda: len(composer.judged.growing()) == 1 and composer.judged.growing()[0].text)
    composer.writes(tune(1, start=4 * BAR), words="Draw more")
    assert len(composer.notes()) == 20 and composer.piece.running
    composer.does("take.stop")
    composer.sees(lambda: not composer.piece.running)
    (take,) = composer.takes.values()
    composer.strip.choose(take.id)
    composer.does("take.accept")
    composer.sees(lambda: any(note.author == take.id for note in composer.notes()))
    assert composer.notes()[-4:] == tuple(tune(1, start=4 * BAR)), "what came meanwhile is kept"


def test_knobs_that_do_not_agree_are_told_and_the_waiting_cards_go(
    composer: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(ask: Ask) -> Packed:
        return asked(replace(ask, bound=ask.bound | {"takes": 9}))

    monkeypatch.setattr(studio.app.piece_proposals, "asked", refuse)
    composer.proposes_notes(1, "continue")
    assert says(composer, "These knobs do not go together")
    composer.sees(lambda: not composer.prompt.is_running())


# -- the actions -------------------------------------------------------------------------------------


def test_each_task_is_an_action_that_asks_at_once(composer: Composer) -> None:
    composer.writes(tune(4))
    composer.prompt.set_takes(1)
    (take,) = composer.waits_for_takes(lambda: composer.does("ask.harmonise"))
    job = take.recipe.composing
    assert (job.task, job.first_bar, job.last_bar, job.tracks) == ("harmonise", 0, 3, ("t1",))
    assert job.new is not None and job.new.name == "Harmony"
    assert composer.prompt.task.text() == "Harmonise"


def test_hold_the_key_takes_that_of_the_notes_where_the_piece_says_none(composer: Composer) -> None:
    composer.writes(tune(4))
    composer.does("ask.hold_key")
    values = composer.piece.pane.knobs.values()
    assert values.hold_key and values.key == "C major"
    assert composer.prompt.key.text() == "Key: C major"
    composer.does("ask.hold_key")
    composer.does("ask.hold_chords")
    assert not composer.piece.pane.knobs.values().hold_key
    assert composer.prompt.chords.isChecked()
