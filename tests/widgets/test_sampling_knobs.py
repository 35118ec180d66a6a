"""The panel of knobs is always a valid `Sampling`, and presets turn it."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget
from pytestqt.qtbot import QtBot

from studio.core.sampling import STEPS, Sampling
from studio.widgets.knob_fields import ShareField, WholeField
from studio.widgets.knob_lists import BiasesField, OrderField, PhrasesField, shown, typed
from studio.widgets.knob_words import EXPLAINED, GROUPS, NEEDS, OFF, STEP_TITLES
from studio.widgets.preset_bar import MIX, PresetBar, PresetName
from studio.widgets.sampling_knobs import SamplingKnobs

FULL = Sampling(
    temperature=1.25,
    dynamic_range=0.5,
    dynamic_exponent=2.0,
    top_k=40,
    top_p=0.925,
    min_p=0.025,
    typical_p=0.9,
    top_n_sigma=1.5,
    repetition_penalty=1.18,
    presence_penalty=-0.5,
    frequency_penalty=0.25,
    penalty_tokens=64,
    dry_multiplier=0.8,
    dry_base=2.0,
    dry_allowed_length=3,
    dry_tokens=1000,
    dry_breakers=("\n", "\\", "a\tb"),
    xtc_probability=0.5,
    xtc_threshold=0.05,
    mirostat=2,
    mirostat_tau=4.0,
    mirostat_eta=0.2,
    banned_phrases=("a testament to", " shivers\nrun"),
    logit_bias=(("fox", -5.0), (" owl", 2.5)),
    order=STEPS[::-1],
)
PRESETS = [
    PresetName(id="built-in/usual", title="Usual", knobs=Sampling(), about="A good start."),
    PresetName(id="built-in/wild", title="Wild", knobs=Sampling(temperature=2.0)),
    PresetName(id="own/mine", title="Mine", knobs=FULL, own=True),
]


@pytest.fixture
def knobs(qtbot: QtBot) -> SamplingKnobs:
    """A panel that was opened."""
    panel = SamplingKnobs()
    qtbot.addWidget(panel)
    panel.show()
    return panel


def bar_of(knobs: SamplingKnobs) -> PresetBar:
    """Its presets."""
    assert knobs.bar is not None
    return knobs.bar


def test_nothing_is_built_before_it_is_seen(qtbot: QtBot) -> None:
    panel = SamplingKnobs()
    qtbot.addWidget(panel)
    panel.set_values(FULL)
    panel.set_presets(PRESETS)
    assert panel.values() == FULL
    assert not panel.fields
    with qtbot.waitSignal(panel.opened):
        panel.show()
    assert {name: field.value() for name, field in panel.fields.items()} == msgspec.structs.asdict(FULL)
    assert bar_of(panel).menu.currentText() == "Mine"


def test_every_knob_stands_in_a_group_and_is_explained_and_bounded_as_its_field(knobs: SamplingKnobs) -> None:
    names = [field.name for field in msgspec.structs.fields(Sampling)]
    assert sorted(EXPLAINED) == sorted(names) == sorted(name for group in GROUPS.values() for name in group)
    assert set(OFF) | set(NEEDS) <= set(names)
    assert sorted(STEP_TITLES) == sorted(STEPS)
    assert knobs.values() == Sampling()
    for name, field in knobs.fields.items():
        assert field.toolTip()
        if isinstance(field, WholeField | ShareField):
            for bound in (field.minimum(), field.maximum()):
                assert getattr(Sampling(**{name: bound}), name) == bound


def test_values_go_in_and_come_out_to_the_last_digit(knobs: SamplingKnobs, qtbot: QtBot) -> None:
    with qtbot.waitSignal(knobs.changed):
        knobs.set_values(FULL)
    with qtbot.assertNotEmitted(knobs.changed):
        knobs.set_values(FULL)
    assert {name: field.value() for name, field in knobs.fields.items()} == msgspec.structs.asdict(FULL)
    knobs._on_changed()
    assert knobs.values() == FULL


def test_turning_a_knob_changes_the_values(knobs: SamplingKnobs, qtbot: QtBot) -> None:
    box = knobs.fields["top_k"]
    assert isinstance(box, WholeField)
    with qtbot.waitSignal(knobs.changed):
        QTest.keyClick(box, Qt.Key.Key_Up)
    assert knobs.values().top_k == 1


def test_knobs_go_back_to_the_usual(knobs: SamplingKnobs, qtbot: QtBot) -> None:
    knobs.set_values(FULL)
    with qtbot.waitSignal(knobs.changed):
        QTest.mouseClick(knobs.reset, Qt.MouseButton.LeftButton)
    assert knobs.values() == Sampling()


def test_what_is_off_is_grey_and_what_needs_it_waits(knobs: SamplingKnobs) -> None:
    assert not knobs.fields["dry_base"].isEnabled()
    assert knobs.fields["xtc_probability"].property("off") is True
    assert knobs.fields["top_p"].property("off") is False
    knobs.set_values(Sampling(dry_multiplier=0.8, top_p=1.0))
    assert knobs.fields["dry_base"].isEnabled()
    assert knobs.fields["top_p"].property("off") is True
    order = knobs.fields["order"]
    assert isinstance(order, OrderField)
    lines = [order.list.item(row).text() for row in range(order.list.count())]
    assert [line for line in lines if "DRY" in line] == ["2  DRY"]
    assert any("XTC  (off)" in line for line in lines)


def test_the_order_is_moved_up_and_down(knobs: SamplingKnobs, qtbot: QtBot) -> None:
    order = knobs.fields["order"]
    assert isinstance(order, OrderField)
    order.list.setCurrentRow(1)
    with qtbot.waitSignal(knobs.changed):
        QTest.mouseClick(order.up, Qt.MouseButton.LeftButton)
    assert knobs.values().order[:3] == ("dry", "penalties", "temperature")
    QTest.mouseClick(order.up, Qt.MouseButton.LeftButton)
    assert knobs.values().order[0] == "dry"
    QTest.mouseClick(order.down, Qt.MouseButton.LeftButton)
    assert knobs.values().order == STEPS


def test_phrases_are_added_edited_and_removed(knobs: SamplingKnobs) -> None:
    field = knobs.fields["banned_phrases"]
    assert isinstance(field, PhrasesField)
    QTest.mouseClick(field.add, Qt.MouseButton.LeftButton)
    assert knobs.values().banned_phrases == ()
    field.list.item(0).setText("a testament to")
    QTest.mouseClick(field.add, Qt.MouseButton.LeftButton)
    field.list.item(1).setText(r"line\nbreak")
    assert knobs.values().banned_phrases == ("a testament to", "line\nbreak")
    field.list.setCurrentRow(0)
    QTest.mouseClick(field.remove, Qt.MouseButton.LeftButton)
    assert knobs.values().banned_phrases == ("line\nbreak",)


def test_biases_are_added_edited_and_removed(knobs: SamplingKnobs) -> None:
    field = knobs.fields["logit_bias"]
    assert isinstance(field, BiasesField)
    QTest.mouseClick(field.add, Qt.MouseButton.LeftButton)
    text, bias = field.table.item(0, 0), field.table.item(0, 1)
    assert text is not None
    assert bias is not None
    text.setText("fox")
    assert knobs.values().logit_bias == (("fox", -5.0),)
    bias.setText("-500")
    assert knobs.values().logit_bias == (("fox", -100.0),)
    bias.setText("much")
    assert knobs.values().logit_bias == ()
    field.table.setCurrentCell(0, 0)
    QTest.mouseClick(field.remove, Qt.MouseButton.LeftButton)
    assert field.table.rowCount() == 0


@given(text=st.text(max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_text_shown_on_one_line_is_typed_back_as_it_was(text: str) -> None:
    assert typed(shown(text)) == text
    assert "\n" not in shown(text)


def test_choosing_a_preset_turns_the_knobs(knobs: SamplingKnobs, qtbot: QtBot) -> None:
    knobs.set_presets(PRESETS)
    bar = bar_of(knobs)
    assert bar.menu.currentText() == "Usual"
    row = bar.menu.findData("own/mine")
    with qtbot.waitSignals([knobs.changed, knobs.preset_chosen]):
        bar.menu.setCurrentIndex(row)
        bar.menu.activated.emit(row)
    assert knobs.values() == FULL
    knobs.set_values(FULL.changed(top_k=3))
    assert bar.menu.currentIndex() == -1
    assert bar.menu.placeholderText() == MIX
    knobs.set_values(PRESETS[1].knobs)
    assert bar.menu.currentText() == "Wild"


def test_a_preset_is_saved_renamed_and_deleted_by_name(knobs: SamplingKnobs, qtbot: QtBot) -> None:
    knobs.set_presets(PRESETS)
    bar = bar_of(knobs)
    QTest.mouseClick(bar.save, Qt.MouseButton.LeftButton)
    assert bar.name.isVisible()
    QTest.mouseClick(bar.do, Qt.MouseButton.LeftButton)
    assert "needs a name" in bar.message.text()
    QTest.keyClicks(bar.name, "Evening")
    with qtbot.waitSignal(knobs.preset_save_requested) as said:
        QTest.keyClick(bar.name, Qt.Key.Key_Return)
    assert said.args == ["Evening"]
    assert not bar.name.isVisible()

    knobs.set_values(FULL)
    menu = bar.more_menu()
    assert [action.text() for action in menu.actions() if action.isEnabled() and action.text()] == [
        "Rename…",
        "Delete…",
        "Import a preset file…",
    ]
    menu.actions()[0].trigger()
    assert bar.name.text() == "Mine"
    bar.name.setText("Ours")
    with qtbot.waitSignal(knobs.preset_renamed) as said:
        QTest.mouseClick(bar.do, Qt.MouseButton.LeftButton)
    assert said.args == ["own/mine", "Ours"]
    menu.actions()[1].trigger()
    assert "Mine" in bar.question.text()
    with qtbot.waitSignal(knobs.preset_deleted) as said:
        QTest.mouseClick(bar.do, Qt.MouseButton.LeftButton)
    assert said.args == ["own/mine"]
    with qtbot.waitSignal(knobs.preset_import_requested):
        menu.actions()[3].trigger()


def test_built_in_presets_are_neither_renamed_nor_deleted(knobs: SamplingKnobs) -> None:
    knobs.set_presets(PRESETS)
    menu = bar_of(knobs).more_menu()
    assert not menu.actions()[0].isEnabled()
    assert not menu.actions()[1].isEnabled()


def test_escape_leaves_the_naming_and_not_the_panel(knobs: SamplingKnobs) -> None:
    bar = bar_of(knobs)
    QTest.mouseClick(bar.save, Qt.MouseButton.LeftButton)
    QTest.keyClick(bar.name, Qt.Key.Key_Escape)
    assert not bar.name.isVisible()
    assert knobs.isVisible()


def test_the_panel_fits_a_small_screen(knobs: SamplingKnobs) -> None:
    assert knobs.sizeHint().height() <= 700
    knobs.resize(knobs.sizeHint())
    assert knobs.minimumSizeHint().height() < 500
    assert all(box.horizontalScrollBar().maximum() == 0 for box in knobs.findChildren(QListWidget))
