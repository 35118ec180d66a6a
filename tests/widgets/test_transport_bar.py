"""The transport: values in, wishes out, readable to those who cannot see it, whole in a narrow window."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.app.theme import apply_theme
from studio.widgets.level_meter import FALL_DB, FLOOR_DB, LevelMeter, decibels
from studio.widgets.transport_bar import HEIGHT_PX, TransportBar
from studio.widgets.transport_menu import Choice, Choices

WHY = "No sound device: the playhead runs in silence"


@pytest.fixture
def bar(qtbot: QtBot) -> TransportBar:
    made = TransportBar()
    qtbot.addWidget(made)
    return made


def heard(bar: TransportBar, *names: str) -> list[tuple[str, tuple[object, ...]]]:
    """What the bar tells from now on."""
    found: list[tuple[str, tuple[object, ...]]] = []
    for name in names:
        getattr(bar, name).connect(lambda *said, name=name: found.append((name, said)))
    return found


def test_each_button_tells_its_wish(bar: TransportBar, qtbot: QtBot) -> None:
    bar.set_recordable("")
    found = heard(
        bar, "start_requested", "play_requested", "record_toggled", "loop_toggled", "metronome_toggled",
        "count_in_toggled", "meter_wanted", "key_wanted",
    )  # fmt: skip
    for button in (
        bar.start, bar.play, bar.record, bar.loop, bar.metronome, bar.count_in, bar.meter, bar.key,
    ):  # fmt: skip
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert found == [
        ("start_requested", ()),
        ("play_requested", ()),
        ("record_toggled", (True,)),
        ("loop_toggled", (True,)),
        ("metronome_toggled", (True,)),
        ("count_in_toggled", (True,)),
        ("meter_wanted", ()),
        ("key_wanted", ()),
    ]


def test_values_are_shown_and_not_told(bar: TransportBar) -> None:
    found = heard(
        bar, "tempo_wanted", "speed_wanted", "volume_changed", "loop_toggled", "metronome_toggled",
        "count_in_toggled", "record_toggled",
    )  # fmt: skip
    bar.set_tempo(93.46)
    bar.set_speed(0.75)
    bar.set_volume(0.4)
    bar.set_toggles(loop=True, metronome=True, count_in=True)
    bar.set_recording(True)
    bar.set_meter(6, 8)
    bar.set_key("F# minor")
    bar.set_place(12, 3, 83.96)
    assert found == []
    assert (bar.tempo.text(), bar.speed.text(), bar.volume.value()) == ("93.5 bpm", "75 %", 40)
    assert (bar.meter.text(), bar.key.text()) == ("6/8", "F# min")
    assert (bar.place.text(), bar.clock.text()) == ("12.3", "1:23.9")
    bar.set_tempo(120)
    bar.set_key("")
    assert bar.tempo.text() == "120 bpm"
    assert bar.key.text() == "No key"


def test_a_tempo_that_was_typed_is_told_once(bar: TransportBar, qtbot: QtBot) -> None:
    found = heard(bar, "tempo_wanted")
    bar.show()
    bar.tempo.setFocus()
    bar.tempo.selectAll()
    qtbot.keyClicks(bar.tempo, "96.5")
    assert found == []
    qtbot.keyClick(bar.tempo, Qt.Key.Key_Return)
    assert found == [("tempo_wanted", (96.5,))]
    assert not bar._settle.isActive()
    bar.set_tempo(96.5)
    qtbot.keyClick(bar.tempo, Qt.Key.Key_Return)
    assert len(found) == 1


def test_steps_of_the_tempo_are_one_change(bar: TransportBar, qtbot: QtBot) -> None:
    bar.show()
    found = heard(bar, "tempo_wanted")
    for _ in range(5):
        qtbot.keyClick(bar.tempo, Qt.Key.Key_Up)
        bar.set_tempo(120)  # the playhead moves on meanwhile
    assert found == []
    with qtbot.waitSignal(bar.tempo_wanted) as told:
        pass
    assert told.args == [125.0]
    assert len(found) == 1


def test_a_tempo_that_was_not_taken_goes_back(bar: TransportBar) -> None:
    bar.tempo.setValue(200)
    bar._settle.stop()
    bar._tell_tempo()
    bar.set_tempo(120)
    assert bar.tempo.value() == 120


def test_speed_and_volume_are_told_as_shares(bar: TransportBar) -> None:
    found = heard(bar, "speed_wanted", "volume_changed")
    bar.speed.setValue(50)
    bar.volume.setValue(25)
    assert found == [("speed_wanted", (0.5,)), ("volume_changed", (0.25,))]
    bar.speed.setValue(10)
    assert bar.speed.value() == 50


def test_play_becomes_stop(bar: TransportBar) -> None:
    bar.set_peak(0.5)
    bar.set_playing(True)
    assert bar.play.accessibleName() == "Stop (Space)"
    bar.set_playing(False)
    assert bar.play.accessibleName() == "Play (Space)"
    assert bar.level.level_db == FLOOR_DB


def test_without_sound_words_stand_where_level_and_volume_were(bar: TransportBar) -> None:
    bar.set_sound(WHY)
    assert bar.words.text() == "No sound device"
    assert bar.words.toolTip() == bar.words.accessibleName() == WHY
    assert bar.volume.isHidden()
    assert bar.level.isHidden()
    bar.set_sound("")
    assert bar.words.text() == ""
    assert not bar.volume.isHidden()


def test_what_cannot_be_recorded_says_why(bar: TransportBar) -> None:
    bar.set_recordable("Choose a keyboard")
    assert not bar.record.isEnabled()
    assert bar.record.toolTip() == "Choose a keyboard"
    bar.set_recordable("")
    assert bar.record.isEnabled()


def test_everything_is_seen_at_700_pixels_in_light_and_dark(qapp: QApplication, qtbot: QtBot) -> None:
    sheet, palette, font = qapp.styleSheet(), qapp.palette(), qapp.font()
    apply_theme(qapp, "light")  # as in the window: the fields are made as wide as the theme's font asks
    page, bar = QWidget(), TransportBar()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(bar)
    bar.set_key("Bb minor")
    bar.set_meter(12, 8)
    bar.set_place(128, 12, 700)
    bar.set_tempo(132.5)
    try:
        for scheme in ("light", "dark"):
            apply_theme(qapp, scheme)
            for why in ("", WHY):
                bar.set_sound(why)
                for width in (700, 760, 1_200):
                    page.resize(width, HEIGHT_PX)
                    page.show()
                    qapp.processEvents()
                    assert bar.minimumSizeHint().width() <= 700
                    assert bar.width() == width
                    parts = [one for one in bar.children() if isinstance(one, QWidget) and one.isVisible()]
                    assert all(bar.rect().contains(one.geometry()) for one in parts)
                    assert not any(
                        a.geometry().intersects(b.geometry()) for a in parts for b in parts if a is not b
                    )
                    for one in (bar.tempo, bar.speed):
                        text = one.lineEdit().fontMetrics().horizontalAdvance(one.text())
                        assert text + 8 <= one.lineEdit().width()
                    for each in (bar.meter, bar.key):
                        assert each.width() >= each.sizeHint().width()
            assert bar.clock.isVisible()
            page.resize(700, HEIGHT_PX)
            qapp.processEvents()
            assert bar.clock.isHidden()
    finally:
        qapp.setStyleSheet(sheet)
        qapp.setPalette(palette)
        qapp.setFont(font)


def test_every_part_has_a_name_a_tip_and_its_place_in_the_tab_order(bar: TransportBar) -> None:
    named = [bar.tempo, bar.speed, bar.volume, *bar.findChildren(QToolButton)]
    for one in named:
        assert one.accessibleName()
        assert one.toolTip()
        assert one.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert bar.accessibleName() == "Transport"


def test_the_menu_offers_its_lists_and_tells_what_was_chosen(bar: TransportBar) -> None:
    bar.set_choices(
        "font",
        Choices(
            offered=(Choice(id="", title="Built-in"), Choice(id="/a & b", title="A & B", tip="/a & b")),
            chosen="/a & b",
            more="Choose a soundfont…",
        ),
    )
    bar.set_choices("midi_in", Choices(note="No MIDI port was found"))
    found = heard(bar, "choice_wanted")
    menu = bar.menu_of_more(bar)
    fonts, ports = (one for one in menu.findChildren(QMenu))
    texts = [action.text() for action in fonts.actions() if not action.isSeparator()]
    assert texts == ["Built-in", "A && B", "Choose a soundfont…"]
    assert [action.isChecked() for action in fonts.actions()[:2]] == [False, True]
    assert [action.isEnabled() for action in ports.actions()] == [False]
    fonts.actions()[0].trigger()
    fonts.actions()[-1].trigger()
    assert found == [("choice_wanted", ("font", "")), ("choice_wanted", ("font", "…"))]
    menu.deleteLater()


def test_the_level_rises_at_once_and_falls_slowly(qtbot: QtBot) -> None:
    meter = LevelMeter()
    qtbot.addWidget(meter)
    assert decibels(1.0) == 0
    assert decibels(0.0) == FLOOR_DB
    meter.set_peak(0.5)
    assert meter.level_db == decibels(0.5)
    meter.set_peak(0.0)
    assert meter.level_db == decibels(0.5) - FALL_DB
    for _ in range(100):
        meter.set_peak(0.0)
    assert meter.level_db == FLOOR_DB
    meter.set_peak(2.0)
    meter.grab()
    meter.reset()
    assert meter.level_db == FLOOR_DB
