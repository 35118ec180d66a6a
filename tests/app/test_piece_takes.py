"""Takes of music: seen while they are written, laid over the notes, accepted, set aside."""

from msgspec.structs import replace
from PySide6.QtWidgets import QApplication

from studio.app.piece_laying import base_of
from studio.core.pieces import NewTrack, PieceJob
from studio.core.takes import Take
from studio.media.music.edits import lock, transpose
from studio.media.music.edits_bars import insert_bars
from studio.media.music.edits_tracks import add_track, remove_track, set_track
from studio.media.music.score import TICKS, Note
from studio.widgets.take_card import TakeCard
from tests.app.piece_person import Composer, tune

BAR = 4 * TICKS


def bars_of(notes: tuple[Note, ...], first: int, last: int) -> list[Note]:
    return [note for note in notes if first * BAR <= note.start < (last + 1) * BAR]


def by(notes: tuple[Note, ...], take: Take) -> list[Note]:
    return [note for note in notes if note.author == take.id]


def ghost(composer: Composer) -> tuple[Note, ...]:
    """What lies over the notes."""
    table = composer.roll.state.take
    return table.notes if table is not None else ()


def verdict(composer: Composer, take: Take) -> str | None:
    return composer.judged.as_shown(composer.takes[take.id]).verdict


# -- they come ---------------------------------------------------------------------------------------


def test_takes_are_written_into_the_strip_and_the_first_is_chosen(composer: Composer) -> None:
    composer.writes(tune(4))
    first, second = composer.asks(2, "infill", (1, 2))
    assert composer.strip.take_ids() == [first.id, second.id]
    assert composer.strip.chosen() == first.id
    assert composer.body(first.id).measure_text() == "8 notes"


def test_what_streams_is_seen_in_the_card_over_the_notes_and_where_it_is_written(composers) -> None:
    composer = composers("slow")
    composer.writes(tune(4))
    composer.proposes_notes(2, "infill", (1, 2))
    composer.sees(lambda: composer.takes and all(t.text for t in composer.takes.values()))
    chosen = composer.strip.chosen()
    assert composer.body(chosen).measure_text() == "4 notes"
    composer.sees(lambda: len(ghost(composer)) == 4)
    assert composer.roll.state.region == (BAR, 3 * BAR)
    assert composer.judged.heard() is composer.score
    composer.does("take.stop")
    composer.sees(lambda: not composer.piece.running)
    assert composer.roll.state.region is None
    assert [take.status for take in composer.judged.shown()] == ["stopped", "stopped"]


def test_a_take_that_has_just_ended_is_accepted_before_its_card_says_so(composers) -> None:
    composer = composers("slow")
    composer.writes(tune(4))
    composer.proposes_notes(3, "infill", (1, 2))
    composer.sees(lambda: len(composer.takes) == 3 and all(t.text for t in composer.takes.values()))
    first, second, third = composer.judged.shown()
    composer.strip.choose(third.id)
    composer.sees(lambda: composer.judged.settled)
    for take in (first, second, third):
        composer.wiring.engine.take_ended.emit(replace(take, status="stopped"))
    assert not composer.judged.settled
    composer.does("take.accept")
    assert composer.takes[third.id].verdict == "accepted"


def test_takes_that_end_together_are_shown_one_after_the_other_the_chosen_one_first(composers) -> None:
    composer = composers("slow")
    composer.writes(tune(4))
    composer.proposes_notes(3, "infill", (1, 2))
    composer.sees(lambda: len(composer.takes) == 3 and all(t.text for t in composer.takes.values()))
    first, second, third = composer.judged.shown()
    composer.strip.choose(third.id)
    composer.sees(lambda: composer.judged.settled)
    for take in (first, second, third):
        composer.wiring.engine.take_ended.emit(replace(take, status="stopped"))

    def ended() -> list[str]:
        shown = {take.id: composer.card(take.id).take for take in (first, second, third)}
        return [take_id for take_id, take in shown.items() if take is not None and take.status == "stopped"]

    assert [take.status for take in composer.judged.shown()] == ["stopped"] * 3  # known at once
    assert ended() == [first.id]
    composer.sees(lambda: len(ended()) == 2)
    assert set(ended()) == {first.id, third.id}
    composer.sees(lambda: len(ended()) == 3)
    composer.does("take.stop")
    composer.sees(lambda: not composer.piece.running)


def test_in_an_empty_piece_all_of_the_first_take_comes_into_sight_with_its_end(composers) -> None:
    composer = composers("slow")
    composer.proposes_notes(1, "continue")
    composer.sees(lambda: any(take.text for take in composer.takes.values()))
    (take,) = composer.judged.shown()
    composer.sees(lambda: len(ghost(composer)) and composer.judged.settled)
    sight = composer.roll.state.sight
    far = f"{take.text}{3 * BAR} 100 {BAR} 80\n"
    composer.wiring.engine.take_ended.emit(replace(take, status="stopped", text=far))
    seen = sight.zoom, sight.row_px, sight.left, sight.top
    composer.sees(lambda: ghost(composer)[-1].pitch == 100)
    composer.roll.fit()
    assert seen == (sight.zoom, sight.row_px, sight.left, sight.top)


def test_the_cards_that_wait_stay_until_all_takes_of_a_job_are_there(composer: Composer) -> None:
    composer.writes(tune(4))
    made = composer.asks(2, "infill", (1, 2))
    job = made[0].recipe.composing.changed(id="slowly", takes=3)
    composer.strip.set_waiting(3)
    cards = list(composer.strip._cards)
    takes = [
        replace(
            made[0],
            id=f"slow{index}",
            job=job.id,
            index=index,
            status="streaming",
            text="",
            recipe=replace(made[0].recipe, job=job, index=index),
        )
        for index in range(3)
    ]
    for take in takes:
        composer.wiring.engine.take_started.emit(take)
        QApplication.processEvents()
    composer.sees(lambda: composer.strip.take_ids() == ["slow0", "slow1", "slow2"])
    assert composer.strip._cards == cards
    composer.strip.set_waiting(3)
    again = [
        replace(take, id=f"{take.id}b", job="lost", recipe=replace(take.recipe, job=job.changed(id="lost")))
        for take in takes
    ]
    for take in again[:2]:
        composer.wiring.engine.take_started.emit(take)
    composer.sees(lambda: composer.strip.take_ids() == ["slow0b", "slow1b"])  # the third never comes


def test_cards_are_made_before_takes_are_asked_for(composer: Composer) -> None:
    def hidden() -> list[TakeCard]:
        composer.sees(lambda: composer.judged.settled)
        return [card for card in composer.strip.findChildren(TakeCard) if card.isHidden()]

    assert len(hidden()) == composer.prompt.takes() == 3
    composer.prompt.set_takes(5)
    cards = hidden()
    assert len(cards) == 5
    composer.writes(tune(4))
    takes = composer.asks(5, "infill", (1, 2))
    assert {id(composer.card(take.id)) for take in takes} == {id(card) for card in cards}
    assert hidden() == []
    composer.piece.knobs.set_task("continue")
    composer.wiring.pieces.new("Another")
    assert len(set(hidden()) - set(cards)) == 5


def test_of_a_stopped_take_what_was_written_is_taken_in_and_the_rest_stays(composers) -> None:
    composer = composers("slow")
    composer.writes(tune(4))
    composer.proposes_notes(1, "infill", (1, 2))
    composer.sees(lambda: any(t.text for t in composer.takes.values()))
    composer.does("take.stop")
    composer.sees(lambda: not composer.piece.running)
    composer.does("take.accept")
    (take,) = composer.takes.values()
    assert bars_of(composer.notes(), 1, 1) == by(composer.notes(), take)
    assert bars_of(composer.notes(), 2, 2) == bars_of(tuple(tune(4)), 2, 2)


def test_a_crash_leaves_what_was_written(composers) -> None:
    composer = composers("crash")
    composer.writes(tune(4))
    composer.proposes_notes(1, "infill", (1, 2))
    composer.sees(lambda: any(t.status == "failed" for t in composer.takes.values()))
    (take,) = composer.takes.values()
    assert composer.body(take.id).measure_text() == "4 notes"
    composer.does("take.accept")
    assert len(by(composer.notes(), take)) == 4


def test_while_takes_come_the_track_that_is_edited_stays_in_the_roll(composer: Composer) -> None:
    score, bass = add_track(composer.score, 33, name="Bass")
    composer.piece.revise(score, "Add Bass", "arranged")
    composer.piece.show_track(bass.id)
    composer.writes(tune(2), bass.id)
    job = composer.asks(1, "infill", (0, 1))[0].recipe.composing
    assert job.tracks == (bass.id,)
    composer.piece.show_track("t1")
    other = job.changed(id="other", seed=7)
    composer.waits_for_takes(lambda: composer.piece.jobs.submit(other))
    assert composer.piece.track == "t1"


# -- over the notes, and heard -----------------------------------------------------------------------


def test_the_chosen_take_lies_over_the_notes_until_it_is_judged(composer: Composer) -> None:
    composer.writes(tune(4))
    first, second = composer.asks(2, "infill", (1, 2))
    assert ghost(composer) == tuple(bars_of(composer.judged.laid(first.id).track("t1").notes, 1, 2))
    assert composer.judged.ghost_shows
    composer.strip.choose(second.id)
    assert {note.author for note in ghost(composer)} == {second.id}
    composer.judged.reject(second.id, "Rhythm")
    assert not composer.judged.ghost_shows
    composer.judged.restore(second.id)
    assert composer.judged.ghost_shows
    composer.does("view.ghost")
    assert not composer.judged.ghost_shows
    composer.does("view.ghost")
    assert composer.judged.ghost_shows


def test_escape_puts_the_ghost_away(composer: Composer) -> None:
    composer.writes(tune(4))
    composer.asks(1, "infill", (1, 2))
    composer.does("take.stop")
    assert composer.strip.chosen() is None
    assert ghost(composer) == ()


def test_only_what_is_new_lies_over_the_notes_and_all_of_it_when_compared(composer: Composer) -> None:
    composer.writes(tune(4))
    (take,) = composer.asks(1, "continue", (3, 4))
    laid = composer.judged.laid(take.id)
    assert laid is not None
    kept = bars_of(tuple(tune(4)), 3, 3)
    assert ghost(composer) == tuple(by(laid.track("t1").notes, take))
    composer.does("take.compare")
    assert composer.roll.state.compares
    assert ghost(composer) == (*kept, *by(laid.track("t1").notes, take))
    assert not composer.roll.state.gone.any()
    composer.does("take.compare")
    assert not composer.roll.state.compares


def test_a_take_is_heard_in_the_piece_while_it_is_chosen_and_undecided(composer: Composer) -> None:
    composer.writes(tune(4))
    heard = []
    composer.judged.heard_changed.connect(heard.append)
    first, second = composer.asks(2, "infill", (1, 2))
    assert by(heard[-1].track("t1").notes, first)
    assert composer.judged.heard() == composer.judged.laid(first.id)
    composer.strip.choose(second.id)
    assert by(heard[-1].track("t1").notes, second)
    composer.writes([Note(0, 40, TICKS)])
    assert heard[-1].track("t1").notes[0].pitch == 40
    assert by(heard[-1].track("t1").notes, second)
    count = len(heard)
    composer.judged.refresh()
    assert len(heard) == count
    composer.does("take.accept")
    assert composer.judged.heard() is composer.score
    composer.strip.choose("")
    assert composer.judged.heard() is composer.score


def test_takes_that_end_while_none_is_chosen_leave_the_roll_on_its_track(composers) -> None:
    composer = composers("slow")
    composer.writes(tune(4))
    composer.proposes_notes(1, "infill", (1, 2))
    composer.sees(lambda: any(t.text for t in composer.takes.values()))
    score, bass = add_track(composer.score, 33, name="Bass")
    composer.piece.revise(score, "Add Bass", "arranged")
    composer.piece.show_track(bass.id)
    composer.strip.choose("")
    composer.does("take.stop")
    composer.sees(lambda: not composer.piece.running)
    assert composer.strip.chosen() is not None
    assert composer.piece.track == bass.id


def test_a_rejected_take_is_not_heard(composer: Composer) -> None:
    composer.writes(tune(4))
    (take,) = composer.asks(1, "infill", (1, 2))
    composer.judged.reject(take.id, "")
    assert composer.judged.heard() is composer.score


# -- judged ------------------------------------------------------------------------------------------


def test_an_accepted_take_stands_in_its_bars_and_is_the_models(composer: Composer) -> None:
    composer.writes(tune(4))
    first, _ = composer.asks(2, "infill", (1, 2))
    composer.does("take.accept")
    notes = composer.notes()
    assert bars_of(notes, 1, 2) == by(notes, first)
    assert bars_of(notes, 0, 0) + bars_of(notes, 3, 3) == bars_of(tuple(tune(4)), 0, 0) + bars_of(
        tuple(tune(4)), 3, 3
    )
    node = composer.session.history(composer.piece.work).node(composer.head)
    assert (node.kind, node.take, node.words) == ("accepted", first.id, "Infill bars 2 to 3 of Piano")
    assert verdict(composer, first) == "accepted"
    composer.is_saved()
    assert composer.session.reader.take(first.id).verdict == "accepted"


def test_another_take_of_the_same_place_makes_room(composer: Composer) -> None:
    composer.writes(tune(4))
    before = composer.head
    first, second = composer.asks(2, "infill", (1, 2))
    composer.judged.accept(first.id)
    composer.judged.accept(second.id)
    assert composer.session.history(composer.piece.work).node(composer.head).parent == before
    assert (verdict(composer, first), verdict(composer, second)) == (None, "accepted")


def test_takes_of_two_places_stand_beside_each_other(composer: Composer) -> None:
    composer.writes(tune(4))
    (here,) = composer.asks(1, "infill", (1, 2))
    (there,) = composer.asks(1, "infill", (3, 3))
    assert here.parent == there.parent
    composer.judged.accept(here.id)
    composer.judged.accept(there.id)
    assert (verdict(composer, here), verdict(composer, there)) == ("accepted", "accepted")
    assert by(composer.notes(), here) and by(composer.notes(), there)


def test_after_an_edit_another_take_is_laid_over_what_there_is(composer: Composer) -> None:
    composer.writes(tune(4))
    first, second = composer.asks(2, "infill", (1, 2))
    composer.judged.accept(first.id)
    composer.writes([Note(0, 40, TICKS)])
    edited = composer.head
    composer.judged.accept(second.id)
    assert composer.session.history(composer.piece.work).node(composer.head).parent == edited
    assert composer.notes()[0].pitch == 40
    assert (verdict(composer, first), verdict(composer, second)) == (None, "accepted")


def test_an_accept_that_was_undone_counts_as_undecided(composer: Composer) -> None:
    composer.writes(tune(4))
    (take,) = composer.asks(1, "infill", (1, 2))
    composer.does("take.accept")
    composer.does("edit.undo")
    assert verdict(composer, take) is None
    assert composer.judged.ghost_shows
    composer.does("edit.redo")
    assert verdict(composer, take) == "accepted"
    assert not composer.judged.ghost_shows


def test_an_accepted_take_stays_accepted_when_its_notes_are_edited(composer: Composer) -> None:
    composer.writes(tune(4))
    (take,) = composer.asks(1, "infill", (1, 2))
    composer.does("take.accept")
    mine = by(composer.notes(), take)
    composer.piece.revise(transpose(composer.score, "t1", mine, 2).score, "Transpose 8 notes")
    assert by(composer.notes(), take) == []
    assert verdict(composer, take) == "accepted"


def test_a_take_with_a_note_that_is_left_of_it_is_part_of_the_piece(composer: Composer) -> None:
    composer.writes(tune(4))
    first, second = composer.asks(2, "infill", (1, 2))
    composer.judged.accept(first.id)
    kept = by(composer.notes(), first)[2:4]
    composer.piece.revise(lock(composer.score, "t1", kept).score, "Lock 2 notes", "locked")
    composer.judged.accept(second.id)
    assert by(composer.notes(), first) and by(composer.notes(), second)
    assert (verdict(composer, first), verdict(composer, second)) == ("accepted", "accepted")


def test_accepting_twice_says_so(composer: Composer) -> None:
    composer.writes(tune(4))
    (take,) = composer.asks(1, "infill", (1, 2))
    composer.judged.accept(take.id)
    head = composer.head
    composer.judged.accept(take.id)
    assert composer.told.startswith("This take is part of the piece already.")
    assert composer.head == head


def test_what_is_locked_stays_when_a_take_is_accepted(composer: Composer) -> None:
    composer.writes(tune(4))
    (take,) = composer.asks(1, "infill", (1, 2))
    kept = bars_of(composer.notes(), 1, 1)[1:3]
    composer.piece.revise(lock(composer.score, "t1", kept).score, "Lock 2 notes", "locked")
    composer.judged.accept(take.id)
    locked = [note for note in composer.notes() if note.locked]
    assert [replace(note, locked=False) for note in locked] == kept
    assert by(composer.notes(), take)


def test_a_take_of_a_locked_track_changes_nothing_and_says_so(composer: Composer) -> None:
    composer.writes(tune(4))
    (take,) = composer.asks(1, "infill", (1, 2))
    composer.piece.revise(set_track(composer.score, "t1", locked=True), "Lock Piano", "locked")
    head, before = composer.head, composer.score
    composer.judged.accept(take.id)
    assert (composer.head, composer.score) == (head, before)
    assert composer.told.startswith("All that this take would change is locked.")


def test_a_rejected_take_keeps_its_reason_and_can_come_back(composer: Composer) -> None:
    composer.writes(tune(4))
    (take,) = composer.asks(1, "infill", (1, 2))
    composer.judged.reject(take.id, "Too busy")
    assert (verdict(composer, take), composer.takes[take.id].reason) == ("rejected", "Too busy")
    composer.judged.restore(take.id)
    assert (verdict(composer, take), composer.takes[take.id].reason) == (None, "")


# -- tracks ------------------------------------------------------------------------------------------


def added(composer: Composer) -> Take:
    """A take of a track that is not there yet."""
    composer.writes(tune(4))
    template = composer.asks(1, "infill", (1, 2))[0].recipe.composing
    new = NewTrack(id="n1", name="Strings", program=48)
    job: PieceJob = template.changed(id="adds", task="add", tracks=(), new=new)
    return composer.waits_for_takes(lambda: composer.piece.jobs.submit(job))[0]


def test_a_take_of_a_new_track_makes_the_track_and_shows_it(composer: Composer) -> None:
    take = added(composer)
    assert composer.piece.track == "t1"
    assert len(ghost(composer)) == 8
    composer.does("take.accept")
    track = composer.score.track("n1")
    assert (track.name, track.program, len(track.notes)) == ("Strings", 48, 8)
    assert composer.piece.track == "n1"
    assert composer.roll.track().id == "n1"
    node = composer.session.history(composer.piece.work).node(composer.head)
    assert node.words == "Add “Strings” in bars 2 to 3"
    composer.does("edit.undo")
    assert [track.id for track in composer.score.tracks] == ["t1"]
    assert verdict(composer, take) is None


def test_a_new_track_is_not_compared_with_the_one_that_shows(composer: Composer) -> None:
    added(composer)
    composer.does("take.compare")
    assert not composer.roll.state.compares
    assert len(ghost(composer)) == 8


def test_choosing_a_take_of_another_track_shows_that_track(composer: Composer) -> None:
    composer.writes(tune(4))
    first, second = composer.asks(2, "infill", (1, 2))
    score, bass = add_track(composer.score, 33, name="Bass")
    composer.piece.revise(score, "Add Bass", "arranged")
    composer.piece.show_track(bass.id)
    assert ghost(composer) == ()
    composer.strip.choose(second.id)
    assert composer.piece.track == "t1"
    assert {note.author for note in ghost(composer)} == {second.id}
    composer.piece.show_track(bass.id)
    composer.strip.open_requested.emit(first.id)
    assert composer.piece.track == "t1"
    assert composer.strip.chosen() == first.id


def test_a_take_whose_track_is_gone_cannot_be_laid_in_and_says_how_to_get_at_it(composer: Composer) -> None:
    composer.writes(tune(4))
    (take,) = composer.asks(1, "infill", (1, 2))
    score, bass = add_track(composer.score, 33, name="Bass")
    composer.piece.revise(remove_track(score, "t1"), "Remove Piano", "arranged")
    head = composer.head
    assert not composer.judged.ghost_shows
    composer.judged.accept(take.id)
    assert composer.told.startswith("What this take was made for is no longer in the piece: “Piano”.")
    assert "Work from here" in composer.told
    assert (composer.head, composer.piece.track) == (head, bass.id)
    composer.piece.branch_from(take.id)
    composer.judged.accept(take.id)
    assert by(composer.notes(), take)


# -- the piece has gone on ---------------------------------------------------------------------------


def test_after_bars_were_put_in_a_take_goes_where_the_music_went(composer: Composer) -> None:
    pitches = tuple(range(50, 82))
    composer.writes(tune(8, pitches=pitches))
    (take,) = composer.asks(1, "infill", (4, 5))
    composer.piece.revise(insert_bars(composer.score, 1, 2), "Insert 2 bars", "arranged")
    assert {note.start // BAR for note in ghost(composer)} == {6, 7}
    composer.judged.accept(take.id)
    assert {note.start // BAR for note in by(composer.notes(), take)} == {6, 7}
    assert len(composer.notes()) == 32
    assert "it was laid into bars 7 to 8" in composer.told


def test_a_take_whose_bars_were_torn_apart_is_not_laid_in(composer: Composer) -> None:
    composer.writes(tune(8, pitches=tuple(range(50, 82))))
    (take,) = composer.asks(1, "infill", (4, 5))
    composer.piece.revise(insert_bars(composer.score, 5, 2), "Insert 2 bars", "arranged")
    head, before = composer.head, composer.score
    composer.judged.accept(take.id)
    assert composer.told.startswith("Bars were put in or taken out inside bars 5 to 6")
    assert (composer.head, composer.score) == (head, before)
    assert composer.judged.heard() is composer.score


# -- kept --------------------------------------------------------------------------------------------


def test_takes_are_there_again_when_the_piece_is_opened_again(composers) -> None:
    composer = composers()
    composer.writes(tune(4))
    first, second = composer.asks(2, "infill", (1, 2))
    composer.judged.accept(first.id)
    composer.judged.reject(second.id, "Rhythm")
    composer.is_saved()
    folder, work = composer.session.folder, composer.piece.work
    composer.wiring.close()
    again = composers(project=folder)
    again.desk.choose(work)
    assert again.strip.take_ids() == [first.id, second.id]
    assert (verdict(again, first), verdict(again, second)) == ("accepted", "rejected")
    assert by(again.notes(), first)
    again.sees(lambda: again.body(first.id).facts())
    assert again.judged.base_of(first.id).track("t1").notes == tuple(tune(4))


def test_a_take_of_an_earlier_proposal_is_shown_with_its_siblings(composer: Composer) -> None:
    composer.writes(tune(4))
    first, second = composer.asks(2, "infill", (1, 2))
    (third,) = composer.asks(1, "vary", (0, 0))
    assert composer.strip.take_ids() == [third.id]
    composer.piece.show_take(second.id)
    assert composer.strip.take_ids() == [first.id, second.id]
    assert composer.strip.chosen() == second.id


def test_a_take_tells_what_was_held_even_when_the_piece_has_no_such_key(composer: Composer) -> None:
    composer.writes(tune(4))
    knobs = composer.piece.knobs
    knobs.set_settings(knobs.settings().changed(hold_key=True, key="C major", seed=2))
    (take,) = composer.asks(1, "infill", (1, 2))
    assert composer.score.keys == ()
    composer.sees(lambda: composer.body(take.id).facts())
    assert composer.body(take.id).facts().held_words == "100 % in C major"


def test_where_the_file_of_a_job_is_lost_its_takes_are_seen_over_the_piece_as_it_is(
    composer: Composer,
) -> None:
    composer.writes(tune(4))
    (take,) = composer.asks(1, "infill", (1, 2))
    lost = take.recipe.composing.changed(score="0" * 64 + ".score")
    session, work = composer.session, composer.piece.work
    assert base_of(session, work, composer.score, lost) is composer.score


def test_a_take_of_the_piece_as_it_stands_is_laid_over_that_very_score(composer: Composer) -> None:
    composer.writes(tune(4))
    (take,) = composer.asks(1, "infill", (1, 2))
    assert composer.judged.base_of(take.id) is composer.score


def test_nothing_is_taken_into_a_piece_that_cannot_be_read(composer: Composer) -> None:
    composer.writes(tune(4))
    (take,) = composer.asks(1, "infill", (1, 2))
    head = composer.head
    composer.piece.damaged = True
    composer.judged.accept(take.id)
    assert composer.head == head


def test_leaving_the_piece_takes_everything_away(composer: Composer) -> None:
    composer.writes(tune(4))
    composer.asks(1, "infill", (1, 2))
    composer.does("work.piece")
    assert composer.strip.take_ids() == []
    assert composer.takes == {}
    assert ghost(composer) == ()
