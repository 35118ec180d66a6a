"""The list of tracks at a real window: what is done to a track is a step of the piece, and can be taken back."""

import random

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from studio.media.music.holds import lock_bars
from studio.media.music.score import Score
from studio.widgets.tracks.panel import TracksPanel
from tests.app.piece_person import Composer, tune

Key = Qt.Key


class Mixing(Composer):
    """Works at the list of tracks."""

    @property
    def panel(self) -> TracksPanel:
        return self.piece.pane.tracks

    def row(self, track: str):
        return self.panel._list.rows[track]

    def words(self) -> str:
        """What the last step was called."""
        return self.session.history(self.piece.work).node(self.head).words

    def kind(self) -> str:
        return self.session.history(self.piece.work).node(self.head).kind

    def ids(self) -> list[str]:
        return [track.id for track in self.score.tracks]


@pytest.fixture
def mixer(composer: Composer) -> Mixing:
    """A piece with a tune in its piano and two empty tracks behind it: a violin, drums."""
    person = Mixing(composer.wiring, composer.qtbot)
    person.writes(tune(4))
    person.panel.add_wanted.emit(40, False)
    person.panel.add_wanted.emit(0, True)
    return person


def test_a_new_track_stands_behind_the_one_in_the_roll_and_is_shown(mixer: Mixing) -> None:
    assert [(track.name, track.program, track.drums) for track in mixer.score.tracks] == [
        ("Piano", 0, False), ("Violin", 40, False), ("Drums", 0, True),
    ]  # fmt: skip
    assert mixer.piece.track == "t3" == mixer.roll.track().id == mixer.panel.current()
    mixer.panel.track_chosen.emit("t1")
    mixer.panel.add_wanted.emit(73, False)
    assert mixer.ids() == ["t1", "t4", "t2", "t3"] and mixer.piece.track == "t4"
    assert mixer.words() == "Add the track “Flute”" and mixer.kind() == "arranged"


def test_the_list_and_the_roll_show_the_same_track(mixer: Mixing) -> None:
    mixer.panel.choose(["t1"])
    assert mixer.roll.track().id == "t1" == mixer.panel.current()
    mixer.piece.show_track("t2")
    assert mixer.panel.current() == "t2" and mixer.panel.chosen() == ("t2",)


def test_switches_are_steps_that_undo_takes_back(mixer: Mixing) -> None:
    panel = mixer.panel
    for press, words, kind in (
        (lambda: panel.mute_toggled.emit("t1", True), "Mute “Piano”", "adjusted"),
        (lambda: panel.solo_toggled.emit("t2", True), "Solo “Violin”", "adjusted"),
        (lambda: panel.lock_toggled.emit("t3", True), "Lock “Drums”", "locked"),
        (lambda: panel.lock_toggled.emit("t3", False), "Unlock “Drums”", "unlocked"),
        (lambda: panel.renamed.emit("t1", "Left {} hand"), "Rename “Piano” to “Left {} hand”", "arranged"),
        (lambda: panel.instrument_wanted.emit("t2", 41, False), "“Violin” sounds as Viola", "adjusted"),
    ):
        before = mixer.score
        press()
        assert (mixer.words(), mixer.kind()) == (words, kind)
        after = mixer.score
        mixer.does("edit.undo")
        assert mixer.score == before
        mixer.does("edit.redo")
        assert mixer.score == after
    assert mixer.score.track("t2").name == "Viola"


def test_what_changes_nothing_is_no_step(mixer: Mixing) -> None:
    head = mixer.head
    mixer.panel.volume_changed.emit("t1", 100, True)
    mixer.panel.mute_toggled.emit("t1", False)
    mixer.panel.instrument_wanted.emit("t1", 0, False)
    assert mixer.head == head


def test_the_row_shows_what_the_piece_has(mixer: Mixing) -> None:
    row = mixer.row("t1")
    QTest.mouseClick(row._mute, Qt.MouseButton.LeftButton)
    assert mixer.score.track("t1").mute and row._mute.isChecked()
    mixer.does("edit.undo")
    assert not mixer.score.track("t1").mute and not row._mute.isChecked()
    assert mixer.row("t1") is row  # in place: not another row


def test_a_dragged_volume_is_heard_at_once_and_is_one_step(mixer: Mixing) -> None:
    heard: list[Score] = []
    mixer.place.parts.tracks.mixing.connect(heard.append)
    head, slide = mixer.head, mixer.row("t1")._volume
    middle = slide.height() // 2
    QTest.mousePress(slide, Qt.MouseButton.LeftButton, pos=QPoint(slide.width() // 2, middle))
    for x in range(slide.width() // 2, 2, -4):
        QTest.mouseMove(slide, QPoint(x, middle))
    assert mixer.head == head  # no step yet
    assert len({score.track("t1").volume for score in heard}) > 3
    assert mixer.place.parts.playing.player is not None
    QTest.mouseRelease(slide, Qt.MouseButton.LeftButton, pos=QPoint(2, middle))
    low = mixer.score.track("t1").volume
    assert low < 12 and mixer.words() == f"Volume of “Piano”: {low}" and mixer.kind() == "adjusted"
    mixer.does("edit.undo")
    assert mixer.head == head and mixer.score.track("t1").volume == 100 == slide.value()


def test_what_a_fader_holds_back_is_told_before_the_piece_is_left(mixer: Mixing) -> None:
    slide = mixer.row("t1")._pan
    slide.setValue(20)  # as the wheel does: it would be told when it rests
    work = mixer.piece.work
    mixer.does("work.scene")
    assert mixer.piece.work == ""
    mixer.desk.choose(work)
    assert mixer.score.track("t1").pan == 0.4


def test_undo_takes_back_what_a_fader_still_held(mixer: Mixing) -> None:
    before = mixer.score
    mixer.row("t1")._volume.setValue(20)
    mixer.does("edit.undo")
    assert mixer.score == before
    mixer.does("edit.redo")
    assert mixer.score.track("t1").volume == 20


def test_a_copy_has_the_notes_and_is_free(mixer: Mixing) -> None:
    mixer.panel.track_chosen.emit("t1")
    mixer.does("piece.lock_track")
    mixer.does("piece.duplicate_track")
    assert mixer.ids() == ["t1", "t4", "t2", "t3"] and mixer.piece.track == "t4"
    assert mixer.notes("t4") == mixer.notes("t1") and not mixer.score.track("t4").locked
    assert mixer.words() == "Duplicate the track “Piano”"


def test_chosen_tracks_are_removed_in_one_step_that_can_be_undone(mixer: Mixing) -> None:
    before = mixer.score
    mixer.panel.choose(["t1", "t3"])
    mixer.does("piece.remove_track")
    assert mixer.ids() == ["t2"] and mixer.words() == "Remove 2 tracks"
    assert mixer.piece.track == "t2" == mixer.panel.current() == mixer.roll.track().id
    mixer.does("edit.undo")
    assert mixer.score == before
    mixer.panel.remove_wanted.emit(("t2",))
    assert mixer.words() == "Remove “Violin”"


def test_the_roll_goes_to_the_next_track_when_its_own_is_removed(mixer: Mixing) -> None:
    mixer.piece.show_track("t2")
    mixer.panel.remove_wanted.emit(("t2",))
    assert mixer.piece.track == "t3"
    mixer.panel.remove_wanted.emit(("t3",))
    assert mixer.piece.track == "t1"


def test_the_last_track_stays_and_says_why(mixer: Mixing) -> None:
    head = mixer.head
    mixer.panel.remove_wanted.emit(("t1", "t2", "t3"))
    assert mixer.head == head and "one track at least" in mixer.told
    mixer.panel.remove_wanted.emit(("t2", "t3"))
    assert mixer.ids() == ["t1"] and not mixer.panel._remove.isEnabled()
    assert mixer.panel._remove.toolTip() == "A piece keeps one track at least"


def test_tracks_that_hold_locked_notes_take_another_order(mixer: Mixing) -> None:
    mixer.writes(tune(1, pitches=(72, 74, 76, 77)), "t2")
    for track in ("t1", "t2"):
        mixer.piece.show_track(track)
        mixer.roll.choose(mixer.notes(track)[:2])
        mixer.does("edit.lock")
    before = {track.id: track.notes for track in mixer.score.tracks}
    mixer.panel.moved.emit("t2", 0)
    assert mixer.ids()[0] == "t2"
    assert {track.id: track.notes for track in mixer.score.tracks} == before
    mixer.does("edit.undo")
    assert mixer.ids()[0] == "t1"


def test_locked_tracks_and_notes_and_bars_cannot_be_removed(mixer: Mixing) -> None:
    locked = mixer.score
    mixer.panel.lock_toggled.emit("t1", True)
    head = mixer.head
    mixer.panel.remove_wanted.emit(("t2", "t1"))
    assert mixer.head == head and mixer.ids() == ["t1", "t2", "t3"]
    assert "locked" in mixer.told and "Nothing was removed" in mixer.told
    mixer.does("edit.undo")
    mixer.piece.revise(lock_bars(locked, ["t1"], 0, 1), "Lock bars 1 to 2", "locked")
    mixer.panel.remove_wanted.emit(("t1",))
    assert mixer.ids() == ["t1", "t2", "t3"]


def test_tracks_are_put_in_another_order(mixer: Mixing) -> None:
    mixer.panel.moved.emit("t3", 0)
    assert mixer.ids() == ["t3", "t1", "t2"] and mixer.words() == "Move the track “Drums”"
    assert [mixer.panel._list.item(at).data(Qt.ItemDataRole.UserRole) for at in range(3)] == mixer.ids()
    assert mixer.piece.track == "t3"
    head = mixer.head
    mixer.panel.moved.emit("t3", 0)
    assert mixer.head == head


def test_keys_in_the_list_mean_the_track_not_the_window(mixer: Mixing) -> None:
    mixer.panel.choose(["t1"])
    mixer.panel._list.setFocus()
    QTest.keyClick(mixer.panel._list, Key.Key_M)
    assert mixer.score.track("t1").mute
    QTest.keyClick(mixer.panel._list, Key.Key_Down)
    assert mixer.piece.track == "t2"
    QTest.keyClick(mixer.panel._list, Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert mixer.ids() == ["t1", "t3", "t2"]
    QTest.keyClick(mixer.panel._list, Key.Key_Delete)
    assert mixer.ids() == ["t1", "t3"] and len(mixer.notes()) == 16


def test_actions_name_and_add(mixer: Mixing) -> None:
    mixer.panel.choose(["t2"])
    mixer.does("piece.rename_track")
    field = mixer.row("t2")._field
    assert field.isVisible() and field.text() == "Violin"
    field.setText("  First   fiddle ")
    QTest.keyClick(field, Key.Key_Return)
    assert mixer.score.track("t2").name == "First fiddle" and not field.isVisible()
    mixer.does("piece.mute_track")
    mixer.does("piece.solo_track")
    assert mixer.score.track("t2").mute and mixer.score.track("t2").solo
    mixer.does("piece.add_track")
    mixer.sees(lambda: mixer.qtbot is not None and _popup() is not None)
    menu = _popup()
    assert menu is not None and [a.text() for a in menu.actions()][:3] == ["Drum kit", "", "Piano"]
    menu.actions()[0].trigger()
    menu.close()
    assert mixer.score.tracks[2].drums and mixer.score.tracks[2].name == "Drums"


def _popup():
    from PySide6.QtWidgets import QApplication

    return QApplication.activePopupWidget()


def test_whatever_is_done_no_note_is_lost_and_undo_brings_back_exactly_what_was(mixer: Mixing) -> None:
    rng, steps = random.Random(5), []
    panel = mixer.panel
    for _ in range(40):
        before, head = mixer.score, mixer.head
        ids = mixer.ids()
        one, other = rng.choice(ids), rng.randrange(len(ids))
        rng.choice(
            [
                lambda one=one: panel.mute_toggled.emit(one, not mixer.score.track(one).mute),
                lambda one=one: panel.volume_changed.emit(one, rng.randrange(128), True),
                lambda one=one: panel.pan_changed.emit(one, rng.uniform(-1, 1), True),
                lambda one=one: panel.instrument_wanted.emit(one, rng.randrange(128), rng.random() < 0.2),
                lambda one=one: panel.renamed.emit(one, rng.choice(["A", "B é“”", "C {}"])),
                lambda one=one, other=other: panel.moved.emit(one, other),
                lambda: panel.add_wanted.emit(rng.randrange(128), False),
                lambda one=one: panel.duplicate_wanted.emit(one),
            ]
        )()
        after = {track.id: track.notes for track in mixer.score.tracks}
        assert all(after[track.id] == track.notes for track in before.tracks)
        assert [track.id for track in mixer.panel._tracks] == mixer.ids() == list(_shown(panel))
        if mixer.head != head:
            steps.append(before)
    assert len(steps) > 20
    for before in reversed(steps):
        mixer.does("edit.undo")
        assert mixer.score == before and list(_shown(panel)) == mixer.ids()


def _shown(panel: TracksPanel) -> list[str]:
    return [panel._list.item(at).data(Qt.ItemDataRole.UserRole) for at in range(panel._list.count())]
