"""The music knobs are always valid settings; a track's own wishes stand apart from those of all; presets."""

from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QComboBox, QStyle, QStyleOptionComboBox
from pytestqt.qtbot import QtBot

from studio.app.theme import apply_theme
from studio.core.piece_settings import BOUND, KINDS, NEW_TRACK, PieceSettings, TrackWish
from studio.media.music.vocabulary import LEVELS
from studio.widgets.piece_knob_words import EVERY, EXPLAINED, GROUPS, TASK_WORDS, TASKS_OF
from studio.widgets.piece_knobs import PieceKnobs
from studio.widgets.preset_bar import PresetName

FULL = PieceSettings(
    task="vary",
    bars=12,
    amount=0.35,
    hold_key=True,
    key="Eb minor",
    scale="dorian",
    hold_chords=True,
    density=4,
    polyphony=2,
    register=5,
    duration=3,
    each_bar=True,
    tracks=(TrackWish(track="t2", density=1),),
    role="bass",
    program=33,
    temperature=0.8,
    top_p=0.9,
    top_k=40,
    seed=77,
    takes=5,
)
DRAFT = PresetName(
    id="built-in/draft", title="Draft", knobs=PieceSettings(temperature=0.5, polyphony=0), about="One voice."
)


@pytest.fixture
def knobs(qtbot: QtBot) -> PieceKnobs:
    made = PieceKnobs()
    qtbot.addWidget(made)
    made.set_tracks([("t1", "Piano"), ("t2", "Bass")])
    return made


def scope(knobs: PieceKnobs, track: str) -> None:
    knobs.fields["scope"].set_value(track)


def test_every_knob_of_the_settings_has_a_field_and_words(knobs: PieceKnobs) -> None:
    shown = {name for names in GROUPS.values() for name in names}
    told = {field.name for field in msgspec.structs.fields(PieceSettings)}
    assert (shown - {"scope"}) | {"hold_key", "scale", "tracks"} == told
    assert shown == set(EXPLAINED) == set(knobs.fields)
    assert set(TASKS_OF) == set(TASK_WORDS) <= shown


def test_settings_come_back_from_the_fields_as_they_were_put_in(knobs: PieceKnobs) -> None:
    knobs.set_values(FULL)
    knobs._on_changed()  # reads every field
    assert knobs.values() == FULL


def test_typing_into_a_field_changes_that_knob_alone(knobs: PieceKnobs, qtbot: QtBot) -> None:
    before = knobs.values()
    with qtbot.waitSignal(knobs.changed):
        knobs.fields["temperature"].setValue(0.7)
    assert knobs.values() == before.changed(temperature=0.7)
    with qtbot.assertNotEmitted(knobs.changed):
        knobs.set_values(knobs.values())


@pytest.mark.parametrize("kind", KINDS)
def test_every_level_is_told_in_words_and_none_leaves_it_to_the_model(knobs: PieceKnobs, kind: str) -> None:
    field = knobs.fields[kind]
    words = [field.itemText(row) for row in range(field.count())]
    assert len(set(words)) == LEVELS[kind] + 1 and words[0] == "As the model likes"
    assert getattr(knobs.values(), kind) is None
    for level in (0, LEVELS[kind] - 1):
        field.setCurrentIndex(level + 1)
        assert getattr(knobs.values(), kind) == level
    knobs.set_values(knobs.values().changed(**{kind: 15}))
    assert field.currentIndex() == LEVELS[kind], "a level of a finer scale shows as the last"


def test_one_track_may_be_otherwise_than_all_and_be_like_all_again(knobs: PieceKnobs) -> None:
    knobs.fields["density"].set_value(4)
    scope(knobs, "t2")
    assert knobs.fields["density"].value() == 4, "it begins as all are"
    knobs.fields["density"].set_value(1)
    values = knobs.values()
    assert values.density == 4 and values.tracks == (TrackWish(track="t2", density=1),)
    scope(knobs, "t1")
    assert knobs.fields["density"].value() == 4
    scope(knobs, "t2")
    assert knobs.fields["density"].value() == 1
    knobs.fields["density"].set_value(4)
    assert knobs.values().tracks == ()
    scope(knobs, "")
    knobs.fields["density"].set_value(None)
    assert knobs.values() == PieceSettings()


def test_a_track_that_is_gone_leaves_the_scope(knobs: PieceKnobs) -> None:
    scope(knobs, "t2")
    knobs.set_tracks([("t1", "Piano"), (NEW_TRACK, "The new track")])
    field = knobs.fields["scope"]
    assert [field.itemText(row) for row in range(field.count())] == [EVERY, "Piano", "The new track"]
    assert field.value() == ""
    knobs.fields["density"].set_value(2)
    assert knobs.values().density == 2 and knobs.values().tracks == ()


def test_the_same_tracks_again_leave_the_scope_where_it_is(knobs: PieceKnobs) -> None:
    scope(knobs, "t2")
    knobs.set_tracks([("t1", "Piano"), ("t2", "Bass line")])
    assert knobs.fields["scope"].value() == "t2" and knobs.fields["scope"].currentText() == "Bass line"


def test_what_does_nothing_for_the_task_is_soft_and_says_when_it_counts(knobs: PieceKnobs) -> None:
    knobs.set_values(knobs.values().changed(task="infill"))
    assert knobs._names["amount"].property("role") == "muted"
    assert TASK_WORDS["amount"] in knobs._names["amount"].toolTip()
    assert knobs._names["density"].property("role") in ("", None)
    knobs.set_values(knobs.values().changed(task="vary"))
    assert knobs._names["amount"].property("role") == ""
    assert TASK_WORDS["amount"] not in knobs._names["amount"].toolTip()


def test_tasks_that_cannot_be_asked_are_grey_and_say_why(knobs: PieceKnobs) -> None:
    knobs.show_asking("Infill bars 5–8 of Piano", {"drums": "It never saw any.", "vary": ""})
    field = knobs.fields["task"]
    lines = field.model()
    grey = [field.itemText(row) for row in range(field.count()) if not lines.item(row).isEnabled()]
    assert grey == ["Drums"] and lines.item(field.findData("drums")).toolTip() == "It never saw any."
    assert knobs.sentence.text() == "Infill bars 5–8 of Piano"


def test_a_preset_turns_the_knobs_and_keeps_what_belongs_to_the_piece(
    knobs: PieceKnobs, qtbot: QtBot
) -> None:
    knobs.set_presets([DRAFT])
    knobs.set_values(FULL)
    assert knobs.bar.menu.currentText() == ""
    with qtbot.waitSignal(knobs.preset_chosen):
        knobs.bar.chosen.emit(DRAFT.id)
    values = knobs.values()
    assert values.temperature == 0.5 and values.polyphony == 0 and values.density is None
    assert {name: getattr(values, name) for name in BOUND} == {name: getattr(FULL, name) for name in BOUND}
    assert knobs.bar.menu.currentText() == "Draft" and knobs.bar.message.text() == "One voice."
    assert knobs.preset() == DRAFT.knobs


def test_back_to_the_usual_keeps_the_task_the_key_and_the_seed(knobs: PieceKnobs) -> None:
    knobs.set_values(FULL)
    knobs.reset.click()
    assert knobs.values() == PieceSettings().changed(**{name: getattr(FULL, name) for name in BOUND})


def test_the_last_seed_can_be_kept(knobs: PieceKnobs) -> None:
    knobs.show_seed(4711)
    knobs.fields["seed"].lock.click()
    assert knobs.values().seed == 4711


def test_the_drum_kit_among_the_instruments_is_the_task_drums(knobs: PieceKnobs) -> None:
    knobs.fields["program"].fill().actions()[0].trigger()
    assert knobs.values().task == "drums"


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[None]:
    """With the style sheet of the window."""
    apply_theme(qapp, "light")
    yield
    qapp.setStyleSheet("")


def test_the_panel_is_as_narrow_as_its_dock_and_shows_every_choice_whole(
    themed: None, knobs: PieceKnobs, qtbot: QtBot
) -> None:
    knobs.set_values(FULL.changed(program=24))
    knobs.resize(290, 700)  # with a scroll bar
    knobs.show()
    qtbot.waitExposed(knobs)
    assert knobs.minimumSizeHint().width() <= 290
    for combo in knobs.findChildren(QComboBox):
        if combo in knobs.fields.values() and combo is not knobs.fields["scope"]:
            option = QStyleOptionComboBox()
            combo.initStyleOption(option)
            place, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
            room = combo.style().subControlRect(place, option, part, combo).width()
            for row in range(combo.count()):
                words = combo.itemText(row)
                assert combo.fontMetrics().horizontalAdvance(words) <= room, words
    assert knobs.fields["program"].text().endswith("…"), "a long name is cut with a sign"
    assert "Acoustic guitar (nylon)" in knobs.fields["program"].toolTip()


def test_the_keyboard_goes_through_the_knobs_in_their_order(knobs: PieceKnobs, qtbot: QtBot) -> None:
    knobs.show()
    qtbot.waitExposed(knobs)
    knobs.activateWindow()
    knobs.fields["task"].setFocus()
    order = []
    for _ in range(40):
        focus = knobs.focusWidget()
        order += [name for name, field in knobs.fields.items() if focus is field or field.isAncestorOf(focus)]
        knobs.focusNextChild()
    fields = [name for names in GROUPS.values() for name in names]
    assert list(dict.fromkeys(order)) == fields
