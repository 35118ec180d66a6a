"""The list of tracks: rows in place, which one is shown, which ones are chosen, keys, drops, names."""

import random

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QSlider
from pytestqt.qtbot import QtBot

from studio.media.music.instruments import FAMILIES
from studio.media.music.score import Score, Track
from studio.widgets.tones import load_tones
from studio.widgets.tracks.colours import COUNT, track_colour
from studio.widgets.tracks.instruments_menu import fill_instruments
from studio.widgets.tracks.panel import TracksPanel

Key, Held = Qt.Key, Qt.KeyboardModifier
LEFT = Qt.MouseButton.LeftButton


def score_of(*names: str) -> Score:
    """A track for each name; its id is the name in small letters."""
    return Score(
        tracks=tuple(Track(id=name.casefold(), name=name, program=at) for at, name in enumerate(names))
    )


@pytest.fixture
def panel(qtbot: QtBot) -> TracksPanel:
    """Four tracks, the first in the roll; seen, with the keyboard."""
    panel = TracksPanel()
    qtbot.addWidget(panel)
    panel.resize(220, 500)
    panel.show_score(score_of("Piano", "Violin", "Bass", "Drums"), "piano")
    panel.show()
    qtbot.waitExposed(panel)
    panel._list.setFocus()
    return panel


def order(panel: TracksPanel) -> list[str]:
    return [panel._list.item(at).data(Qt.ItemDataRole.UserRole) for at in range(panel._list.count())]


def click(panel: TracksPanel, track: str, held: Qt.KeyboardModifier = Held.NoModifier) -> None:
    rect = panel._list.visualItemRect(panel._list.item(order(panel).index(track)))
    QTest.mouseClick(panel._list.viewport(), LEFT, held, QPoint(40, rect.center().y()))


def told(spy: QSignalSpy) -> list[object]:
    """What a signal of one argument said."""
    return [spy.at(at)[0] for at in range(spy.count())]


# -- which track -----------------------------------------------------------------------------------


def test_a_click_shows_a_track_and_chooses_it_alone(panel: TracksPanel) -> None:
    shown, changed = QSignalSpy(panel.track_chosen), QSignalSpy(panel.chosen_changed)
    click(panel, "bass")
    assert (panel.current(), panel.chosen()) == ("bass", ("bass",))
    assert told(shown) == ["bass"] and changed.count() == 1
    click(panel, "bass")
    assert told(shown) == ["bass"] and changed.count() == 1


def test_ctrl_chooses_more_while_the_roll_keeps_its_track(panel: TracksPanel) -> None:
    shown = QSignalSpy(panel.track_chosen)
    click(panel, "drums", Held.ControlModifier)
    click(panel, "violin", Held.ControlModifier)
    assert panel.chosen() == ("piano", "violin", "drums") and panel.current() == "piano"
    assert shown.count() == 0
    click(panel, "piano", Held.ControlModifier)  # the roll's own is let go: another comes into the roll
    assert panel.chosen() == ("violin", "drums") and panel.current() in panel.chosen()
    assert told(shown) == [panel.current()]
    click(panel, "violin", Held.ControlModifier)
    click(panel, "drums", Held.ControlModifier)
    assert len(panel.chosen()) == 1  # one at least, whatever is let go


def test_shift_chooses_a_stretch(panel: TracksPanel) -> None:
    click(panel, "bass", Held.ShiftModifier)
    assert panel.chosen() == ("piano", "violin", "bass") and panel.current() == "piano"


def test_keys_move_extend_and_mark(panel: TracksPanel) -> None:
    keys = panel._list
    QTest.keyClick(keys, Key.Key_Down)
    assert (panel.current(), panel.chosen()) == ("violin", ("violin",))
    QTest.keyClick(keys, Key.Key_Down, Held.ShiftModifier)
    assert panel.chosen() == ("violin", "bass") and panel.current() == "violin"
    QTest.keyClick(keys, Key.Key_Down, Held.ControlModifier)
    assert panel.marked() == "drums" and panel.chosen() == ("violin", "bass")
    assert panel._list.rows["drums"]._at_cursor
    QTest.keyClick(keys, Key.Key_Space)
    assert panel.chosen() == ("violin", "bass", "drums") and panel.current() == "violin"
    QTest.keyClick(keys, Key.Key_Space)
    assert panel.chosen() == ("violin", "bass")


def test_choosing_from_outside(panel: TracksPanel) -> None:
    panel.choose(["drums", "piano", "nothing"])
    assert panel.chosen() == ("piano", "drums") and panel.current() == "piano"
    panel.choose(["nothing"])
    assert panel.chosen() == ("piano",)
    panel.choose(["bass", "drums"])
    assert panel.current() in ("bass", "drums")


def test_what_is_chosen_outlives_a_step_but_not_its_tracks(panel: TracksPanel) -> None:
    panel.choose(["piano", "bass", "drums"])
    changed = QSignalSpy(panel.chosen_changed)
    panel.show_score(score_of("Piano", "Violin", "Bass", "Drums"), "piano")
    assert changed.count() == 0
    panel.show_score(score_of("Violin", "Piano", "Drums"), "piano")
    assert panel.chosen() == ("piano", "drums") and changed.count() == 1
    panel.show_score(score_of("Violin", "Piano", "Drums"), "violin")  # another came into the roll
    assert panel.chosen() == ("violin",) and panel.marked() == "violin"


# -- rows ------------------------------------------------------------------------------------------


def test_rows_are_changed_in_place_whatever_happens_to_the_piece(panel: TracksPanel) -> None:
    rng = random.Random(1)
    names = ["Piano", "Violin", "Bass", "Drums"]
    for at in range(60):
        kept = {name.casefold(): panel._list.rows[name.casefold()] for name in names}
        before = list(names)
        match rng.randrange(3):
            case 0:
                names.insert(rng.randrange(len(names) + 1), f"New{at}")
            case 1 if len(names) > 1:
                names.remove(rng.choice(names))
            case _:
                names.insert(rng.randrange(len(names)), names.pop(rng.randrange(len(names))))
        panel.show_score(score_of(*names), names[0].casefold())
        ids = [name.casefold() for name in names]
        assert order(panel) == ids and set(panel._list.rows) == set(ids) and panel._list.count() == len(ids)
        items = [panel._list.itemWidget(panel._list.item(row)) for row in range(len(ids))]
        assert items == [panel._list.rows[one] for one in ids]
        stayed = [one for one in ids if one in kept and panel._list.rows[one] is kept[one]]
        assert len(stayed) >= len({*ids} & {n.casefold() for n in before}) - 1  # at most the moved one is new


def test_a_row_shows_the_track(panel: TracksPanel) -> None:
    score = Score(
        tracks=(
            Track(id="a", name="Lead", program=80, volume=30, pan=-0.5, mute=True, solo=True, locked=True),
            Track(id="b", drums=True),
        )
    )
    panel.show_score(score, "a")
    row, kit = panel._list.rows["a"], panel._list.rows["b"]
    assert (row._name.text(), row._sound.text()) == ("Lead", "Lead 1 (square)")
    assert (row._volume.value(), row._pan.value()) == (30, -25)
    assert row._mute.isChecked() and row._solo.isChecked() and "Unlock" in row._lock.toolTip()
    words = "Lead, Lead 1 (square), muted, solo, locked"
    assert panel._list.item(0).data(Qt.ItemDataRole.AccessibleTextRole) == words
    assert (kit._name.text(), kit._sound.text()) == ("Drums", "Drums")
    other = replace(score.tracks[0], name="Pad", program=88, volume=90, pan=0.2, mute=False, locked=False)
    panel.show_score(score.with_track(other), "a")
    assert panel._list.rows["a"] is row and (row._name.text(), row._sound.text()) == (
        "Pad",
        "Pad 1 (new age)",
    )
    assert (row._volume.value(), row._pan.value(), row._mute.isChecked()) == (90, 10, False)
    assert "Lock “Pad”" in row._lock.toolTip()
    assert panel._list.item(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Pad, Pad 1 (new age), solo"
    panel.show_score(score, "a")
    assert "30 of 127" in row._volume.toolTip() and "50 % left" in row._pan.toolTip()


def test_only_the_shown_tracks_controls_are_stops_of_the_tab_key(panel: TracksPanel) -> None:
    def stops(track: str) -> int:
        row = panel._list.rows[track]
        controls = [*row.findChildren(QAbstractButton), *row.findChildren(QSlider)]
        assert all(control.toolTip() and control.accessibleName() for control in controls)
        return sum(bool(one.focusPolicy() & Qt.FocusPolicy.TabFocus) for one in controls)

    assert (stops("piano"), stops("bass")) == (6, 0)
    click(panel, "bass")
    assert (stops("piano"), stops("bass")) == (0, 6)


def test_of_many_tracks_only_those_in_sight_have_a_row(panel: TracksPanel, qtbot: QtBot) -> None:
    score = score_of(*(f"Track {at}" for at in range(64)))
    panel.show_score(score, "track 0")
    first = dict(panel._list.rows)
    assert 8 <= len(first) <= 16 and panel._list.count() == 64
    panel.show_score(score, "track 60")  # out of sight
    assert panel.current() == "track 60" and panel.chosen() == ("track 60",)
    bar = panel._list.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert "track 63" in panel._list.rows and panel._list.rows["track 60"]._shown
    assert all(panel._list.rows[one] is row for one, row in first.items())
    assert panel._list.itemWidget(panel._list.item(63)) is panel._list.rows["track 63"]
    panel.rename_current()
    assert panel._list.rows[panel.marked()].writes()


# -- wishes ----------------------------------------------------------------------------------------


def test_switches_wish_and_wait_for_the_piece(panel: TracksPanel) -> None:
    row = panel._list.rows["violin"]
    for signal, control in (
        (panel.mute_toggled, row._mute),
        (panel.solo_toggled, row._solo),
        (panel.lock_toggled, row._lock),
    ):
        spy = QSignalSpy(signal)
        QTest.mouseClick(control, LEFT)
        assert spy.count() == 1 and spy.at(0) == ["violin", True]
        assert not control.isChecked()  # the piece has not changed
    assert panel.current() == "piano"


def test_letters_mean_the_track_the_keyboard_stands_at(panel: TracksPanel) -> None:
    for key, signal in (
        (Key.Key_M, panel.mute_toggled),
        (Key.Key_S, panel.solo_toggled),
        (Key.Key_L, panel.lock_toggled),
    ):
        spy = QSignalSpy(signal)
        QTest.keyClick(panel._list, key)
        assert spy.count() == 1 and spy.at(0) == ["piano", True]


@pytest.mark.parametrize(
    ("key", "held", "own"),
    [
        (Key.Key_M, Held.NoModifier, True),
        (Key.Key_Space, Held.NoModifier, True),
        (Key.Key_Delete, Held.NoModifier, True),
        (Key.Key_Up, Held.AltModifier, True),
        (Key.Key_M, Held.ControlModifier, False),
        (Key.Key_R, Held.ControlModifier, False),
    ],
)
def test_its_keys_come_before_shortcuts_of_the_window(
    panel: TracksPanel, key: Qt.Key, held: Qt.KeyboardModifier, own: bool
) -> None:
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, held)
    event.ignore()
    QApplication.sendEvent(panel._list, event)
    assert event.isAccepted() == own


def test_delete_wishes_the_chosen_ones_away(panel: TracksPanel) -> None:
    spy = QSignalSpy(panel.remove_wanted)
    panel.choose(["violin", "drums"])
    QTest.keyClick(panel._list, Key.Key_Delete)
    QTest.mouseClick(panel._remove, LEFT)
    assert told(spy) == [("violin", "drums")] * 2
    panel.show_score(score_of("Piano"), "piano")
    assert not panel._remove.isEnabled() and "one track at least" in panel._remove.toolTip()


def test_alt_and_a_drop_put_a_track_elsewhere(panel: TracksPanel) -> None:
    spy = QSignalSpy(panel.moved)
    click(panel, "violin")
    QTest.keyClick(panel._list, Key.Key_Up, Held.AltModifier)
    QTest.keyClick(panel._list, Key.Key_Down, Held.AltModifier)
    for before in range(5):
        panel._list.dropped.emit(before)
    wished = [tuple(spy.at(at)) for at in range(spy.count())]
    assert wished == [("violin", 0), ("violin", 2), ("violin", 0), ("violin", 2), ("violin", 3)]
    click(panel, "piano")
    QTest.keyClick(panel._list, Key.Key_Up, Held.AltModifier)
    assert spy.count() == len(wished)


def test_a_double_click_names_return_keeps_and_escape_gives_up(panel: TracksPanel) -> None:
    spy = QSignalSpy(panel.renamed)
    rect = panel._list.visualItemRect(panel._list.item(1))
    at = QPoint(40, rect.top() + 10)
    QTest.mouseClick(panel._list.viewport(), LEFT, Held.NoModifier, at)
    QTest.mouseDClick(panel._list.viewport(), LEFT, Held.NoModifier, at)
    field = panel._list.rows["violin"]._field
    assert field.isVisible() and field.selectedText() == "Violin"
    QTest.keyClicks(field, " Fiddle  one ")
    assert panel._list.rows["violin"].writes()
    QTest.keyClick(field, Key.Key_Return)
    assert spy.count() == 1 and spy.at(0) == ["violin", "Fiddle one"] and not field.isVisible()
    QTest.keyClick(panel._list, Key.Key_F2)
    QTest.keyClicks(field, "Other")
    QTest.keyClick(field, Key.Key_Escape)
    assert spy.count() == 1 and not field.isVisible()
    QTest.keyClick(panel._list, Key.Key_F2)
    field.clear()
    QTest.keyClick(field, Key.Key_Return)  # no name is no name
    assert spy.count() == 1
    QTest.keyClick(panel._list, Key.Key_F2)
    field.setText("Left")
    panel.flush()
    assert spy.count() == 2 and spy.at(1) == ["violin", "Left"]


def test_what_is_typed_into_a_name_moves_nothing(panel: TracksPanel) -> None:
    wishes = [QSignalSpy(one) for one in (panel.mute_toggled, panel.remove_wanted, panel.track_chosen)]
    QTest.keyClick(panel._list, Key.Key_F2)
    field = panel._list.rows["piano"]._field
    for key in (Key.Key_M, Key.Key_Delete, Key.Key_Down, Key.Key_Space):
        QTest.keyClick(field, key)
    assert [wish.count() for wish in wishes] == [0, 0, 0] and field.isVisible()


def test_menus_offer_every_instrument_once_and_mark_the_present_one(panel: TracksPanel) -> None:
    chosen: list[tuple[int, bool]] = []
    menu = QMenu(panel)
    fill_instruments(menu, lambda program, drums: chosen.append((program, drums)), 41)
    families = [action.menu() for action in menu.actions() if action.menu() is not None]
    assert len(families) == len(FAMILIES) == 16
    actions = [action for family in families for action in family.actions()]
    assert len(actions) == 128 and [action.text() for action in actions if action.isChecked()] == ["Viola"]
    for action in actions:
        action.trigger()
    menu.actions()[0].trigger()
    assert chosen == [*((program, False) for program in range(128)), (41, True)]


def test_the_instrument_of_a_track_is_asked_below_its_name(panel: TracksPanel) -> None:
    spy = QSignalSpy(panel.instrument_wanted)
    QTest.mouseClick(panel._list.rows["bass"]._sound, LEFT)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.actions()[0].trigger()
    menu.close()
    assert spy.count() == 1 and spy.at(0) == ["bass", 2, True]


def test_the_menu_of_a_track_does_what_it_says(panel: TracksPanel) -> None:
    click(panel, "violin")
    menu = panel.menu()
    by_name = {action.text(): action for action in menu.actions()}
    spies = {
        "Mute": QSignalSpy(panel.mute_toggled),
        "Solo": QSignalSpy(panel.solo_toggled),
        "Lock": QSignalSpy(panel.lock_toggled),
        "Duplicate": QSignalSpy(panel.duplicate_wanted),
        "Remove the chosen track": QSignalSpy(panel.remove_wanted),
        "Move up": QSignalSpy(panel.moved),
    }
    for name, spy in spies.items():
        by_name[name].trigger()
        assert spy.count() == 1, name
    by_name["Rename"].trigger()
    assert panel._list.rows["violin"].writes()


# -- colours ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_go_with_the_track_not_with_its_place(scheme: str) -> None:
    tones = load_tones(scheme)  # type: ignore[arg-type]
    names = [track_colour(f"t{number}", tones).name() for number in range(1, COUNT + 1)]
    assert len(set(names)) == COUNT
    assert track_colour(f"t{COUNT + 1}", tones).name() == names[0]
    assert track_colour("no number", tones).isValid()
