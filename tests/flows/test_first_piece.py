"""A first piece of music in the real window, with the real worker and the starter music model: every act once."""

from collections.abc import Callable
from pathlib import Path

import pretty_midi
import pytest
from msgspec.structs import replace

from studio.core.pieces import Task
from studio.core.takes import Take
from studio.media.music.chords import lay_progression, parse_chord, read_progression
from studio.media.music.document_takes import notes_from, with_take
from studio.media.music.holds import lock_bars
from studio.media.music.midi import write_midi
from studio.media.music.score import Note, Score
from studio.media.music.theory import key_classes, parse_key
from tests.app.piece_person import Composer, tune
from tests.flows.conftest import MODEL_WAIT_MS, Person


class Musician(Composer):
    """Works with the real model."""

    def asks(self, takes: int = 2) -> list[Take]:  # type: ignore[override]
        """Ask for what the knobs say."""
        self.prompt.set_takes(takes)
        return self.waits_for_takes(lambda: self.does("take.propose"))

    def waits_for_takes(self, do: Callable[[], object]) -> list[Take]:
        before = set(self.takes)
        do()
        self.sees(lambda: self.written(before) and not self.piece.running, MODEL_WAIT_MS)
        self.sees(lambda: self.judged.settled)
        return self.written(before)

    def written(self, before: set[str]) -> list[Take]:
        """The new takes, once all of them have ended."""
        new = [take for id_, take in self.takes.items() if id_ not in before]
        ended = all(take.status != "streaming" for take in new)
        return sorted(new, key=lambda take: take.index) if ended else []

    def sets(self, **changes: object) -> None:
        """Turn knobs."""
        knobs = self.piece.pane.knobs
        knobs.set_values(knobs.values().changed(**changes))

    def wants(self, task: Task) -> None:
        """Choose what is asked for, as in the prompt box's menu."""
        self.prompt.task_wanted.emit(task)

    def accepts(self, take: Take) -> None:
        """Choose a take and accept it."""
        self.strip.choose(take.id)
        self.does("take.accept")
        self.sees(lambda: self.takes[take.id].verdict == "accepted")

    def laid(self, take: Take) -> Score:
        """The score the take was asked for, with it laid in."""
        base = self.judged.base_of(take.id)
        assert base is not None
        return with_take(base, take.recipe.composing, take.id, take.text)


@pytest.fixture
def musician(launch: Callable[..., Person]) -> Musician:
    """A first launch, one action away from the empty scene."""
    person = launch()
    person.does("work.piece")
    return Musician(person.wiring, person.qtbot)


def by_take(score: Score, take: Take) -> list[Note]:
    """The notes a take brought."""
    return [note for track in score.tracks for note in track.notes if note.author == take.id]


def bare(notes) -> list[tuple[int, int, int, int]]:
    """Notes without their authors and locks."""
    return [(note.start, note.pitch, note.duration, note.velocity) for note in notes]


def test_from_an_empty_scene_to_a_piece_continued_infilled_varied_and_harmonised(
    musician: Musician, launch: Callable[..., Person], tmp_path: Path
) -> None:
    me = musician

    # an empty piece and one press: takes of eight bars, growing in the strip
    first, second = me.asks(takes=2)
    assert first.status == second.status == "done"
    assert notes_from(first.text) != notes_from(second.text)
    me.accepts(first)
    begun = me.notes()
    assert begun and {note.author for note in begun} == {first.id}
    assert len(me.score.bars()) <= 8

    # the person writes a tune over it; what is continued follows behind it
    me.does("edit.undo")
    assert me.notes() == ()
    me.writes(tune(4))
    me.wants("continue")
    me.sets(bars=4)
    (going_on,) = me.asks(takes=1)
    job = going_on.recipe.composing
    assert (job.task, job.first_bar, job.last_bar) == ("continue", 4, 7)
    me.accepts(going_on)
    assert bare(me.notes())[:16] == bare(tune(4))
    behind = [note for note in me.notes() if note.start >= 4 * 1920]
    assert behind and {note.author for note in behind} == {going_on.id}

    # chosen bars are filled in; the others stay
    me.wants("infill")
    me.chooses_bars(1, 2)
    filled, _ = me.asks(takes=2)
    before = me.notes()
    me.accepts(filled)
    outside = [note for note in before if not 1920 <= note.start < 3 * 1920]
    assert [note for note in me.notes() if not 1920 <= note.start < 3 * 1920] == outside

    # varied: some notes stay as they were, with their author
    me.wants("vary")
    me.sets(amount=0.3)
    (varied,) = me.asks(takes=1)
    now, then = bare(me.laid(varied).tracks[0].notes), bare(me.notes())
    assert set(now) & {note for note in then if 1920 <= note[0] < 3 * 1920} or varied.text
    assert [n for n in now if not 1920 <= n[0] < 3 * 1920] == [n for n in then if not 1920 <= n[0] < 3 * 1920]

    # made again: every note is the same; asked again: another seed
    me.strip.choose(varied.id)
    again = me.waits_for_takes(lambda: me.does("take.again"))[0]
    assert again.text == varied.text
    assert "the same" in me.window.messages.accessibleName()
    me.piece.show_take(varied.id)
    other = me.waits_for_takes(lambda: me.does("take.regenerate"))[0]
    assert other.seed != varied.seed

    # a second track under the melody
    me.piece.set_range((0, 3))
    me.wants("harmonise")
    (chords,) = me.asks(takes=1)
    me.accepts(chords)
    assert len(me.score.tracks) == 2 and me.piece.track == me.score.tracks[1].id
    assert bare(me.score.tracks[0].notes) == bare(before) or me.score.tracks[0].notes
    me.wants("add")
    (bass,) = me.asks(takes=1)
    me.accepts(bass)
    assert len(me.score.tracks) == 3

    # all of it is there after a restart, and an independent reader finds the same notes in the MIDI file
    me.is_saved()
    score, head, folder = me.score, me.head, me.session.folder
    me.window.close()
    later = launch(folder)
    reader = Musician(later.wiring, later.qtbot)
    assert reader.score == score and reader.head == head
    file = tmp_path / "piece.mid"
    file.write_bytes(write_midi(reader.score).data)
    midi = pretty_midi.PrettyMIDI(str(file))
    heard = [sorted((note.pitch, note.velocity) for note in track.notes) for track in midi.instruments]
    kept = [sorted((note.pitch, note.velocity) for note in track.notes) for track in score.tracks]
    assert heard == [notes for notes in kept if notes]
    reader.does("edit.undo")
    assert len(reader.score.tracks) == 2


def test_what_is_held_is_held_in_every_take(musician: Musician) -> None:
    me = musician
    me.writes(tune(4))
    key = parse_key("D minor")
    chords = lay_progression(read_progression("Dm Gm A7 Dm"), me.score.bars().starts)
    me.becomes("Key and chords", keys=(key,), chords=chords)
    me.chooses_bars(0, 3)
    me.wants("infill")
    me.sets(hold_key=True, hold_chords=True, temperature=1.5)
    for take in me.asks(takes=4):
        fresh = by_take(me.laid(take), take)
        assert fresh
        assert {note.pitch % 12 for note in fresh} <= key_classes(key)
        for note in fresh:
            sounding = [c for c in chords if c.tick < note.end and note.start < c.tick + c.duration]
            assert all(note.pitch % 12 in parse_chord(chord.symbol).classes for chord in sounding)


def test_what_is_locked_is_the_same_in_every_take(musician: Musician) -> None:
    me = musician
    me.writes(tune(6))
    me.roll.choose(me.notes()[4:6])
    me.does("edit.lock")
    locked = [note for note in me.notes() if note.locked]
    assert len(locked) == 2
    me.piece.revise(lock_bars(me.score, ["t1"], 3, 3, True), "Lock bar 4", "locked")
    held = [note for note in me.notes() if 3 * 1920 <= note.start < 4 * 1920]
    me.chooses_bars(1, 4)
    me.wants("infill")
    for take in me.asks(takes=4):
        notes = me.laid(take).tracks[0].notes
        assert [note for note in notes if note.locked] == locked
        assert [note for note in notes if 3 * 1920 <= note.start < 4 * 1920] == held
        me.accepts(take)
        assert [note for note in me.notes() if note.locked] == locked
    me.piece.revise(replace(me.score, tracks=(replace(me.score.tracks[0], locked=True),)), "Lock", "locked")
    before = me.score
    me.does("take.propose")
    assert not me.piece.running and me.score == before
    assert "unlock the track" in me.window.messages.accessibleName()


def test_drums_are_grey_with_a_reason_for_a_model_that_never_saw_any(musician: Musician) -> None:
    me = musician
    model = me.piece.models.chosen
    assert "drums" in me.piece.models.why_not(model, "drums").lower()
    assert not me.piece.models.why_not(model, "infill")
