"""The dialogs of a piece's time: what they show, why their button is grey, what step they make."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDialog, QLabel, QPlainTextEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.dialogs.bars import DeleteBarsDialog, InsertBarsDialog
from studio.dialogs.chords import ChordsDialog
from studio.dialogs.find_chords import FindChordsDialog
from studio.dialogs.key import KeyDialog
from studio.dialogs.meter import USUAL, MeterDialog
from studio.dialogs.tempo import TempoDialog, tempo_at
from studio.dialogs.time_step import TimeStepDialog
from studio.media.music.checks import checked
from studio.media.music.chordfinding import find_chords
from studio.media.music.edits_time import BEATS_MOST, UNITS
from studio.media.music.score import TICKS, Chord, Key, Meter, Note, Score, Tempo, Track

BAR = 4 * TICKS
NOTES = tuple(
    sorted(
        Note(bar * BAR, pitch, BAR, 80)
        for bar, chord in enumerate([(62, 65, 69), (67, 70, 74), (69, 73, 76, 79), (62, 65, 69)] * 2)
        for pitch in chord
    )
)
PIECE = Score(tracks=(Track(id="t1", name="Piano", notes=NOTES), Track(id="t2", name="Bass")))
PARTED = Score(
    tracks=PIECE.tracks,
    tempos=(Tempo(0, 500_000), Tempo(4 * BAR, 600_000)),
    meters=(Meter(0), Meter(4 * BAR, 3, 4)),
    keys=(Key(0, 2, "minor"), Key(4 * BAR, 5)),
)


def shown(qtbot: QtBot, dialog):
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def grey(dialog: TimeStepDialog) -> str:
    """Why the button is grey; "" when it is not."""
    reason = dialog.reason.text() if dialog.reason.isVisible() else ""
    assert dialog.button.isEnabled() == (not reason) and dialog.button.toolTip() == reason
    return reason


# -- tempo -----------------------------------------------------------------------------------------


def test_tempo_follows_the_bar_until_one_is_typed(qtbot: QtBot) -> None:
    dialog = shown(qtbot, TempoDialog(PARTED, 0))
    assert dialog.tempo.value() == 120 and dialog.tempo.text() == "120"
    assert grey(dialog) == "That is how it is now."
    dialog.bar.setValue(6)
    assert dialog.tempo.value() == 100 and "Now 100 holds there, since bar 5" in dialog.about.text()
    dialog.tempo.setValue(87.5)
    dialog.bar.setValue(2)
    assert dialog.tempo.value() == 87.5 and dialog.tempo.text() == "87.5" and grey(dialog) == ""
    assert dialog.words == "Tempo 87.5 from bar 2"
    assert [round(t.per_minute, 1) for t in dialog.change(PARTED).tempos] == [120, 87.5, 100]


def test_only_a_change_can_be_taken_away(qtbot: QtBot) -> None:
    for make in (TempoDialog, MeterDialog):
        dialog = shown(qtbot, make(PARTED, 0))
        assert not dialog._remove.isVisible()
        dialog.bar.setValue(5)
        assert dialog._remove.isVisible() and dialog._remove.text() == "Remove the change at bar 5"
        QTest.mouseClick(dialog._remove, Qt.MouseButton.LeftButton)
        assert dialog.result() == QDialog.DialogCode.Accepted.value and dialog.removing
        after = dialog.change(PARTED)
        assert (len(after.tempos) == 1) == (make is TempoDialog)
        assert (len(after.meters) == 1) == (make is MeterDialog)
    key = shown(qtbot, KeyDialog(PARTED, 0))
    assert key._remove.text() == "Remove the key at bar 1"
    key._remove.click()
    assert key.change(PARTED).keys == (Key(4 * BAR, 5),)


def test_the_tempo_that_holds() -> None:
    assert tempo_at(PARTED, 0).micros == 500_000
    assert tempo_at(PARTED, 4 * BAR - 1).micros == 500_000
    assert tempo_at(PARTED, 4 * BAR).micros == 600_000


# -- metre -----------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    bar=st.integers(0, 12),
    beats=st.integers(1, BEATS_MOST),
    unit=st.sampled_from(UNITS),
)
def test_any_metre_keeps_every_note_and_can_be_written(qtbot: QtBot, bar: int, beats: int, unit: int) -> None:
    dialog = MeterDialog(PARTED, bar)
    usual = (beats, unit) in USUAL
    dialog.usual.setCurrentIndex(USUAL.index((beats, unit)) if usual else len(USUAL))
    dialog.beats.setValue(beats)
    dialog.unit.setCurrentIndex(UNITS.index(unit))
    assert dialog.meter() == (beats, unit)
    after = dialog.change(PARTED)
    assert after.tracks == PARTED.tracks and (after.tempos, after.keys) == (PARTED.tempos, PARTED.keys)
    checked(after)
    tick = PARTED.bars(bar + 1).starts[bar]
    holding = [meter for meter in after.meters if meter.tick <= tick][-1]
    assert (holding.beats, holding.unit) == (beats, unit)
    assert tick in after.bars(bar + 1).starts
    dialog.deleteLater()


def test_other_metres_are_asked_for_in_figures(qtbot: QtBot) -> None:
    dialog = shown(qtbot, MeterDialog(PIECE, 0))
    assert dialog.usual.currentText() == "4/4" and not dialog.beats.isVisible() and grey(dialog)
    dialog.usual.setCurrentIndex(dialog.usual.count() - 1)
    assert dialog.beats.isVisible() and dialog.unit.isVisible()
    dialog.beats.setValue(15)
    dialog.unit.setCurrentIndex(dialog.unit.findData(16))
    assert grey(dialog) == "" and dialog.words == "15/16 from bar 1"
    later = shown(qtbot, MeterDialog(PIECE, 3))
    assert grey(later) == "That is how it is now."  # no second 4/4 behind the first
    odd = shown(qtbot, MeterDialog(dialog.change(PIECE), 3))
    assert odd.usual.currentText() == "Other" and (odd.beats.value(), odd.unit.currentData()) == (15, 16)


# -- key -------------------------------------------------------------------------------------------


def test_a_key_is_named_as_its_mode_has_it_and_found_in_the_notes(qtbot: QtBot) -> None:
    dialog = shown(qtbot, KeyDialog(PIECE, 0))
    assert "No key is set" in dialog.about.text() and "sound like D minor" in dialog.about.text()
    assert dialog.key() == Key(0, 2, "minor") and grey(dialog) == ""
    dialog.tonic.setCurrentIndex(1)
    assert dialog.tonic.currentText() == "C#" and dialog.words == "C# minor from bar 1"
    dialog.mode.setCurrentIndex(0)
    assert dialog.tonic.currentText() == "Db" and dialog.change(PIECE).keys == (Key(0, 1, "major"),)
    QTest.mouseClick(dialog.found, Qt.MouseButton.LeftButton)
    assert dialog.change(PIECE).keys == (Key(0, 2, "minor"),)


def test_without_notes_no_key_is_found(qtbot: QtBot) -> None:
    dialog = shown(qtbot, KeyDialog(Score(tracks=(Track(id="t1"),)), 0))
    assert not dialog.found.isEnabled() and "No notes sound" in dialog.about.text()
    assert dialog.key() == Key(0, 0) and grey(dialog) == ""
    far = shown(qtbot, KeyDialog(PIECE, 40))
    assert not far.found.isEnabled() and far.change(PIECE).keys[0].tick == 40 * BAR


# -- bars ------------------------------------------------------------------------------------------


def test_bars_are_put_in_before_one_or_at_the_end(qtbot: QtBot) -> None:
    dialog = shown(qtbot, InsertBarsDialog(PIECE, 2, 2))
    assert grey(dialog) == "" and "Bars 3 to 8" in dialog.about.text() and dialog.span() == (2, 3)
    after = dialog.change(PIECE)
    assert len(after.bars()) == 10 and after.note_count == PIECE.note_count
    dialog.bar.setValue(9)
    assert dialog.bar.maximum() == 9
    assert "room already" in grey(dialog)
    assert shown(qtbot, InsertBarsDialog(PIECE, 40)).bar.value() == 9


def test_deleted_bars_are_between_first_and_last(qtbot: QtBot) -> None:
    dialog = shown(qtbot, DeleteBarsDialog(PIECE, (1, 2)))
    assert "7 notes of 1 track go" in dialog.about.text() and dialog.words == "Delete bars 2 to 3"
    assert dialog.change(PIECE).note_count == len(NOTES) - 7
    dialog.last.setValue(1)
    assert "before the first" in grey(dialog)
    with pytest.raises(StudioError):
        dialog.change(PIECE)
    dialog.first.setValue(1)
    assert grey(dialog) == "" and dialog.words == "Delete bar 1"
    assert (dialog.first.maximum(), dialog.last.maximum()) == (8, 8)


# -- chords ----------------------------------------------------------------------------------------


def test_a_progression_is_checked_sign_by_sign(qtbot: QtBot) -> None:
    dialog = shown(qtbot, ChordsDialog(PIECE, (0, 3)))
    assert "No chords were given" in grey(dialog)
    dialog.field.setPlainText("| Dm X7 | % | Cmaj7 hm")
    assert "“X7”" in grey(dialog) and dialog.wrong() == ((5, 7), (20, 22))
    marks = dialog.field.extraSelections()
    assert [mark.cursor.selectedText() for mark in marks] == ["X7", "hm"]
    dialog.field.setPlainText("| Dm Gm | % | A7")
    assert grey(dialog) == "" and dialog.wrong() == () and dialog.field.extraSelections() == []
    half = BAR // 2
    assert dialog.laid() == (
        Chord(0, half, "Dm"), Chord(half, half, "Gm"), Chord(BAR, half, "Dm"), Chord(BAR + half, half, "Gm"),
        Chord(2 * BAR, BAR, "A7"), Chord(3 * BAR, half, "Dm"), Chord(3 * BAR + half, half, "Gm"),
    )  # fmt: skip
    assert "1: Dm Gm   2: Dm Gm   3: A7   4: Dm Gm" in dialog.about.text().replace("\u00a0", " ")
    assert "The progression of 3 repeats" in dialog.about.text()
    dialog.last.setValue(2)
    assert "Only the first 2 of 3 fit" in dialog.about.text()
    dialog.first.setValue(3)
    assert "before the first" in grey(dialog)


def test_a_progression_for_an_empty_piece_is_as_long_as_itself(qtbot: QtBot) -> None:
    empty = Score(tracks=(Track(id="t1"),))
    dialog = shown(qtbot, ChordsDialog(empty, None))
    dialog.field.setPlainText("Dm Gm A7 Dm Bb")
    assert dialog.span() == (0, 4) and dialog.change(empty).end == 5 * BAR
    dialog.last.setValue(8)
    dialog.field.setPlainText("Dm Gm")
    assert dialog.span() == (0, 7)  # an end the person chose stays
    assert shown(qtbot, ChordsDialog(PIECE, None, 2)).span() == (2, 7)


def test_chords_of_the_key_are_offered_and_written_at_the_caret(qtbot: QtBot) -> None:
    dialog = shown(qtbot, ChordsDialog(PARTED, (0, 3)))
    offered = {one.text(): one for one in dialog._keys.findChildren(QAbstractButton)}
    assert list(offered)[:4] == ["Dm", "Edim", "F", "Gm"] and "A" in offered
    for symbol in ("Dm", "Gm", "A"):
        QTest.mouseClick(offered[symbol], Qt.MouseButton.LeftButton)
    assert dialog.progression() == "Dm Gm A"
    dialog.first.setValue(5)  # F major there
    buttons = dialog._keys.findChildren(QAbstractButton)
    assert "Bb" in [one.text() for one in buttons]
    assert not shown(qtbot, ChordsDialog(PIECE, (0, 3)))._keys.isVisible()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="ABCDEFGHmaj7 |%/b#,.-N°\n9", max_size=40))
def test_whatever_is_typed_is_laid_or_refused_with_a_reason(qtbot: QtBot, words: str) -> None:
    dialog = ChordsDialog(PIECE, (0, 7))
    dialog.field.setPlainText(words)
    if dialog.button.isEnabled():
        after = dialog.change(PIECE)
        assert after.tracks == PIECE.tracks and after.chords and after.end == PIECE.end
        checked(after)
    else:
        assert dialog.reason.text()
    dialog.deleteLater()


def test_found_chords_are_awaited_shown_and_cut_to_the_bars(qtbot: QtBot) -> None:
    dialog = FindChordsDialog(PIECE, (1, 2))
    wanted = QSignalSpy(dialog.wanted)
    shown(qtbot, dialog)
    dialog.look()
    assert "Listening" in grey(dialog) and wanted.at(0) == ["beat"]
    dialog.show_found("beat", find_chords(PIECE))
    assert grey(dialog) == "" and dialog.about.text().startswith("Gm  A")
    assert all(chord.tick >= BAR and chord.tick + chord.duration <= 3 * BAR for chord in dialog.cut())
    held = Score(tracks=PIECE.tracks, chords=(Chord(0, 8 * BAR, "F"),))
    after = dialog.change(held)
    assert [chord.symbol for chord in after.chords][0::3] == ["F", "F"] and after.chords[0].duration == BAR
    dialog.per.setCurrentIndex(1)
    assert "Listening" in grey(dialog) and wanted.at(wanted.count() - 1) == ["bar"]
    dialog.show_found("bar", (Chord(0, 8 * BAR, "N"),))
    assert "No chord is heard" in grey(dialog)
    dialog.last.setValue(1)
    assert "before the first" in grey(dialog)


# -- all of them -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: TempoDialog(PARTED, 4),
        lambda: MeterDialog(PARTED, 4),
        lambda: KeyDialog(PARTED, 4),
        lambda: InsertBarsDialog(PARTED, 4),
        lambda: DeleteBarsDialog(PARTED, (4, 4)),
        lambda: ChordsDialog(PARTED, None, 4),
        lambda: FindChordsDialog(PARTED, None),
    ],
    ids=["tempo", "meter", "key", "insert", "delete", "chords", "find"],
)
def test_every_control_has_a_name_and_a_tip_and_every_key_goes_somewhere(qtbot: QtBot, make) -> None:
    dialog = shown(qtbot, make())
    fields = [
        field
        for kind in (QSpinBox, QComboBox, QPlainTextEdit)
        for field in dialog.findChildren(kind)
        if field.isVisible()
    ]
    assert fields and all(field.accessibleName() and field.toolTip() for field in fields)
    assert all(
        one.text() or one.accessibleName() for one in dialog.findChildren(QAbstractButton) if one.isVisible()
    )
    titles = [one for one in dialog.findChildren(QLabel) if "&" in one.text()]
    assert titles
    for title in titles:
        buddy: QWidget = title.buddy()
        assert buddy.focusPolicy() & Qt.FocusPolicy.TabFocus, title.text()
    letters = [title.text()[title.text().index("&") + 1].casefold() for title in titles]
    assert len(set(letters)) == len(letters)
