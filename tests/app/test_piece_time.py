"""Tempo, metre, keys, bars and chords at a real window: dialogs beside it, steps that can be taken back."""

import random

import pytest
from PySide6.QtWidgets import QApplication

from studio.dialogs.bars import DeleteBarsDialog, InsertBarsDialog
from studio.dialogs.chords import ChordsDialog
from studio.dialogs.find_chords import FindChordsDialog
from studio.dialogs.key import KeyDialog
from studio.dialogs.meter import MeterDialog
from studio.dialogs.tempo import TempoDialog
from studio.dialogs.time_step import TimeStepDialog
from studio.media.music.edits import lock
from studio.media.music.edits_time import set_marker
from studio.media.music.holds import lock_bars
from studio.media.music.score import TICKS, Chord, Key, Meter, Note, Tempo
from tests.app.piece_person import Composer, tune

BAR = 4 * TICKS
TRIADS = {"Dm": (62, 65, 69), "Gm": (67, 70, 74), "A7": (69, 73, 76, 79), "C": (60, 64, 67)}


class Timing(Composer):
    """Sets what stands over the tracks."""

    @property
    def time(self):
        return self.place.parts.time

    def words(self) -> str:
        return self.session.history(self.piece.work).node(self.head).words

    def opens(self, action: str) -> TimeStepDialog:
        """The dialog an action opens."""
        self.does(action)
        self.sees(lambda: self.time._open is not None and self.time._open.isVisible())
        return self.time._open

    def accepts(self, dialog: TimeStepDialog) -> None:
        """Press its button and wait until all of it is over."""
        assert dialog.button.isEnabled(), dialog.reason.text()
        dialog.button.click()
        self.is_done()

    def is_done(self) -> None:
        self.sees(lambda: self.time._open is None and not self.wiring.tasks.busy)

    def chord_bars(self, symbols: str) -> None:
        """A bar of each of these chords."""
        notes = [
            Note(at * BAR, pitch, BAR, 80)
            for at, symbol in enumerate(symbols.split())
            for pitch in TRIADS[symbol]
        ]
        self.writes(notes)


@pytest.fixture
def timer(composer: Composer) -> Timing:
    """A piece of eight bars."""
    person = Timing(composer.wiring, composer.qtbot)
    person.writes(tune(8))
    return person


def test_a_dialog_opens_at_the_chosen_bars_else_where_it_plays(timer: Timing) -> None:
    assert timer.time.here() == 0
    timer.roll.choose([timer.notes()[9]])
    assert timer.time.here() == 2
    timer.roll.set_playhead(5 * BAR + 3)
    assert timer.time.here() == 5
    timer.roll.set_playhead(20 * BAR)
    assert timer.time.here() == 20
    timer.chooses_bars(3, 4)
    dialog = timer.opens("piece.tempo")
    assert isinstance(dialog, TempoDialog) and dialog.bar.value() == 4
    dialog.reject()
    timer.is_done()
    assert timer.words() == "Draw notes"


def test_tempo_at_a_bar_and_away_again(timer: Timing) -> None:
    before = timer.score
    timer.chooses_bars(4, 4)
    dialog = timer.opens("piece.tempo")
    assert isinstance(dialog, TempoDialog)
    assert not dialog.button.isEnabled() and dialog.reason.text() == "That is how it is now."
    dialog.tempo.setValue(96)
    timer.accepts(dialog)
    assert timer.score.tempos == (Tempo(0, 500_000), Tempo(4 * BAR, 625_000))
    assert timer.words() == "Tempo 96 from bar 5"
    dialog = timer.opens("piece.tempo")
    assert dialog.removable() == "Remove the change at bar 5" == dialog._remove.text()
    dialog._remove.click()
    timer.is_done()
    assert timer.score == before and timer.words() == "Remove the tempo of bar 5"
    timer.does("edit.undo")
    timer.does("edit.undo")
    assert timer.score == before


def test_the_transports_tempo_is_that_which_holds_where_it_plays(timer: Timing) -> None:
    timer.becomes(tempos=(Tempo(0, 500_000), Tempo(4 * BAR, 625_000)))
    timer.piece.pane.transport.tempo_wanted.emit(140.0)
    assert [round(tempo.per_minute) for tempo in timer.score.tempos] == [140, 96]
    timer.roll.set_playhead(6 * BAR)
    timer.piece.pane.transport.tempo_wanted.emit(80.0)
    assert timer.score.tempos[1] == Tempo(4 * BAR, 750_000) and timer.words() == "Tempo 80 from bar 5"
    head = timer.head
    timer.piece.pane.transport.tempo_wanted.emit(80.0)
    assert timer.head == head


@pytest.mark.parametrize(("beats", "unit", "bars"), [(2, 4, 16), (3, 4, 11), (6, 8, 11), (7, 16, 19)])
def test_a_metre_moves_bar_lines_and_no_note(timer: Timing, beats: int, unit: int, bars: int) -> None:
    before = timer.score
    dialog = timer.opens("piece.meter")
    assert isinstance(dialog, MeterDialog)
    at = dialog.usual.findText(f"{beats}/{unit}")
    dialog.usual.setCurrentIndex(at if at >= 0 else dialog.usual.count() - 1)
    if at < 0:
        dialog.beats.setValue(beats)
        dialog.unit.setCurrentIndex(dialog.unit.findData(unit))
    assert f"8 bars become {bars}" in dialog.about.text()
    timer.accepts(dialog)
    assert timer.score.meters == (Meter(0, beats, unit),) and len(timer.score.bars()) == bars
    assert timer.score.tracks == before.tracks and timer.words() == f"{beats}/{unit} from bar 1"
    timer.does("edit.undo")
    assert timer.score == before


def test_the_key_is_found_in_the_notes(timer: Timing) -> None:
    timer.piece.revise(timer.score.with_track(timer.score.track("t1").with_notes(())), "Empty")
    timer.chord_bars("Dm Gm A7 Dm")
    timer.piece.pane.transport.key_wanted.emit()
    timer.sees(lambda: timer.time._open is not None and timer.time._open.isVisible())
    dialog = timer.time._open
    assert isinstance(dialog, KeyDialog) and "D minor" in dialog.about.text()
    timer.accepts(dialog)
    assert timer.score.keys == (Key(0, 2, "minor"),) and timer.words() == "D minor from bar 1"
    head = timer.head
    timer.does("piece.find_keys")
    timer.is_done()
    assert timer.head == head and "sounds like what is set" in timer.told


def test_keys_of_the_whole_piece_are_found(timer: Timing) -> None:
    timer.becomes(keys=(Key(0, 6, "minor"),))
    before = timer.score
    timer.does("piece.find_keys")
    timer.is_done()
    assert timer.score.keys[0] == Key(0, 0, "major") and timer.words() == "Find the keys"
    assert "C major" in timer.told
    timer.does("edit.undo")
    assert timer.score == before


def test_inserted_bars_are_empty_and_chosen(timer: Timing) -> None:
    before = timer.score
    timer.chooses_bars(2, 3)
    dialog = timer.opens("piece.insert_bars")
    assert isinstance(dialog, InsertBarsDialog)
    assert (dialog.bar.value(), dialog.count.value()) == (3, 2)
    dialog.count.setValue(3)
    timer.accepts(dialog)
    assert timer.piece.range == (2, 4) and timer.words() == "Insert 3 bars before bar 3"
    assert not [note for note in timer.notes() if 2 * BAR <= note.start < 5 * BAR]
    assert [note.pitch for note in timer.notes()] == [note.pitch for note in before.track("t1").notes]
    timer.does("edit.undo")
    assert timer.score == before


def test_deleting_says_what_goes_and_can_be_undone(timer: Timing) -> None:
    before = timer.score
    timer.chooses_bars(2, 3)
    dialog = timer.opens("piece.delete_bars")
    assert isinstance(dialog, DeleteBarsDialog)
    assert "8 notes of 1 track go with them" in dialog.about.text()
    dialog.last.setValue(2)
    assert not dialog.button.isEnabled() and "before the first" in dialog.reason.text()
    dialog.last.setValue(3)
    timer.accepts(dialog)
    assert len(timer.score.bars()) == 7 and timer.piece.range is None and timer.words() == "Delete bar 3"
    assert len(timer.notes()) == 28
    timer.does("edit.undo")
    assert timer.score == before


def test_the_way_is_barred_by_locked_notes_and_bars(timer: Timing) -> None:
    free = timer.score
    last = timer.notes()[-1]
    for score in (lock(free, "t1", [last]).score, lock_bars(free, ["t1"], 6, 7)):
        timer.piece.revise(score, "Lock", "locked")
        for action in ("piece.insert_bars", "piece.delete_bars"):
            dialog = timer.opens(action)
            assert not dialog.button.isEnabled() and "lock" in dialog.reason.text().casefold()
            dialog.reject()
            timer.is_done()
        timer.does("edit.undo")
    # what is locked while the dialog stands open is told, and nothing changes
    dialog = timer.opens("piece.insert_bars")
    timer.piece.revise(lock(free, "t1", [last]).score, "Lock", "locked")
    head = timer.head
    timer.accepts(dialog)
    assert timer.head == head and "locked" in timer.told and "Nothing was changed" in timer.told


def test_a_progression_fills_the_chosen_bars(timer: Timing) -> None:
    timer.chooses_bars(0, 7)
    dialog = timer.opens("piece.chords")
    assert isinstance(dialog, ChordsDialog) and not dialog.button.isEnabled()
    dialog.field.setPlainText("Dm Gm A7 Hm")
    assert not dialog.button.isEnabled() and "“Hm”" in dialog.reason.text()
    assert dialog.wrong() == ((9, 11),)
    dialog.field.setPlainText("Dm Gm A7 Dm")
    timer.accepts(dialog)
    assert timer.score.chords == (
        Chord(0, BAR, "Dm"), Chord(BAR, BAR, "Gm"), Chord(2 * BAR, BAR, "A7"), Chord(3 * BAR, 2 * BAR, "Dm"),
        Chord(5 * BAR, BAR, "Gm"), Chord(6 * BAR, BAR, "A7"), Chord(7 * BAR, BAR, "Dm"),
    )  # fmt: skip
    assert timer.words() == "Chords over bars 1 to 8"
    assert timer.opens("piece.chords").progression() == "Dm Gm A7 Dm"  # offered again
    timer.time._open.reject()
    timer.is_done()


def test_chords_are_found_in_the_notes_of_the_chosen_bars(timer: Timing) -> None:
    timer.piece.revise(timer.score.with_track(timer.score.track("t1").with_notes(())), "Empty")
    timer.chord_bars("Dm Gm A7 Dm C C")
    timer.becomes(chords=(Chord(0, BAR, "F"), Chord(4 * BAR, BAR, "F")))
    timer.chooses_bars(1, 3)
    dialog = timer.opens("piece.find_chords")
    assert isinstance(dialog, FindChordsDialog)
    timer.sees(dialog.button.isEnabled)
    assert dialog.about.text() == "Gm  A7  Dm"
    dialog.per.setCurrentIndex(1)
    timer.sees(dialog.button.isEnabled)
    timer.accepts(dialog)
    assert [chord.symbol for chord in timer.score.chords] == ["F", "Gm", "A7", "Dm", "F"]
    assert timer.words() == "Find the chords of bars 2 to 4"
    timer.chooses_bars(2, 2)
    timer.does("piece.clear_chords")
    assert [chord.symbol for chord in timer.score.chords] == ["F", "Gm", "Dm", "F"]
    timer.piece.set_range(None)
    timer.does("piece.clear_chords")
    assert timer.score.chords == () and timer.words() == "Clear the chords"


def test_with_no_notes_or_chords_a_word_is_said_instead(composer: Composer) -> None:
    timer = Timing(composer.wiring, composer.qtbot)
    for action, word in (
        ("piece.find_chords", "no notes chords"),
        ("piece.find_keys", "no notes a key"),
        ("piece.clear_chords", "empty"),
    ):
        timer.does(action)
        timer.sees(lambda word=word: word in timer.told)
    assert timer.head == ""


def test_a_dialog_goes_with_its_piece(timer: Timing) -> None:
    timer.opens("piece.tempo")
    timer.does("work.scene")
    timer.is_done()
    assert QApplication.activeModalWidget() is None


def test_a_marker_is_written_over_the_bar(timer: Timing) -> None:
    timer.chooses_bars(2, 2)
    timer.does("piece.marker")
    field = timer.roll.ruler.field
    assert field.isVisible()


def test_whatever_is_done_no_note_is_lost_and_undo_brings_back_exactly_what_was(timer: Timing) -> None:
    """Random changes of time: only deleted bars may lose notes, and those exactly their own."""
    rng, steps = random.Random(3), []
    timer.writes(tune(8, pitches=(48, 55)), words="Bass")
    timer.piece.revise(set_marker(timer.score, 2 * BAR, "Verse"), "Marker", "arranged")
    for _ in range(30):
        before, head = timer.score, timer.head
        bars = len(before.bars())
        first = rng.randrange(bars)
        last = min(bars - 1, first + rng.randrange(3))
        dialog: TimeStepDialog
        match rng.randrange(7):
            case 0:
                dialog = TempoDialog(before, first)
                dialog.tempo.setValue(rng.randrange(40, 200))
            case 1:
                dialog = MeterDialog(before, first)
                dialog.usual.setCurrentIndex(rng.randrange(9))
            case 2:
                dialog = KeyDialog(before, first)
                dialog.tonic.setCurrentIndex(rng.randrange(12))
            case 3 | 4:
                dialog = InsertBarsDialog(before, first, rng.randrange(1, 4))
            case 5:
                dialog = DeleteBarsDialog(before, (first, last))
            case _:
                dialog = ChordsDialog(before, (first, last))
                dialog.field.setPlainText("Dm G7/B | % | N")
        timer.qtbot.addWidget(dialog)
        changed = timer.time._step(dialog.change, dialog.words)
        assert changed == (timer.score != before) == (timer.head != head)
        span = before.bars().span(first, last) if isinstance(dialog, DeleteBarsDialog) else (0, 0)
        kept = [note for note in before.track("t1").notes if not span[0] <= note.start < span[1]]
        assert [note.pitch for note in timer.notes()] == [note.pitch for note in kept]
        if not isinstance(dialog, (DeleteBarsDialog, InsertBarsDialog)):
            assert timer.score.tracks == before.tracks
        if changed:
            steps.append(before)
    assert len(steps) > 15
    for before in reversed(steps):
        timer.does("edit.undo")
        assert timer.score == before
