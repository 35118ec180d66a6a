"""The lorebook dock: the form, the list, the long texts."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPlainTextEdit, QPushButton, QTabBar, QTreeWidget
from pytestqt.qtbot import QtBot

from studio.media.lore.entries import LoreBook, LoreEntry, LoreSettings, StoryNotes
from studio.media.lore.scan import scan
from studio.widgets.lore_entry_form import LoreEntryForm
from studio.widgets.lore_list import LoreList
from studio.widgets.lore_panel import LorePanel
from studio.widgets.lore_settings_form import LoreSettingsForm

FOX = LoreEntry(
    id="fox",
    title="Rill",
    text="Rill is a fox.",
    keys=("fox", "/r(i|y)ll, the/i"),
    secondary=("hill",),
    logic="not_any",
    case_sensitive=True,
    whole_words=False,
    order=120,
    scan_depth=7,
    scan_unit="characters",
    limit_tokens=40,
    group="animals",
    group_priority=3,
    category="People",
    depth=-1,
    brings_in=False,
    brought_in=False,
    always_on=True,
)
OWL = LoreEntry(id="owl", title="Owl", text="An owl.", keys=("owl",))
NOTES = StoryNotes(memory="Mem", note="Note", note_depth=5, summary="Sum", book=LoreBook(entries=(OWL, FOX)))


def named(widget, kind, name):
    return next(found for found in widget.findChildren(kind) if found.accessibleName() == name)


@pytest.fixture
def panel(qtbot: QtBot) -> LorePanel:
    panel = LorePanel()
    qtbot.addWidget(panel)
    panel.show_notes(NOTES, 12)
    panel.show()
    return panel


def test_the_form_holds_every_field_of_an_entry(qtbot: QtBot) -> None:
    form = LoreEntryForm()
    qtbot.addWidget(form)
    told = []
    form.changed.connect(told.append)
    for entry in (FOX, OWL, FOX):
        form.show_entry(entry)
        assert form.entry() == entry
    assert told == []
    form.show_entry(None)
    assert form.entry() is None and not form.isEnabled()


def test_what_is_typed_into_the_form_is_told_as_an_entry(panel: LorePanel) -> None:
    panel.choose("owl")
    told = []
    panel.entry_changed.connect(told.append)
    keys = named(panel.form, QPlainTextEdit, "Keys")
    keys.setFocus()
    keys.selectAll()
    QTest.keyClicks(keys, "barn owl")
    QTest.keyClick(keys, Qt.Key.Key_Return)
    QTest.keyClicks(keys, "/ow(l|ls)/")
    assert told[-1] == OWL.changed(keys=("barn owl", "/ow(l|ls)/"))
    assert told[-1].id == "owl"


def test_entries_stand_by_order_and_the_search_leaves_what_matches(panel: LorePanel) -> None:
    assert panel.list.visible_ids() == ["fox", "owl"]
    panel.list.search("OWL an")
    assert panel.list.visible_ids() == ["owl"]
    panel.list.search("zebra")
    assert panel.list.visible_ids() == []
    panel.list.search("")
    assert panel.list.visible_ids() == ["fox", "owl"]


def test_unchecking_an_entry_switches_it_off(panel: LorePanel, qtbot: QtBot) -> None:
    tree = panel.list.findChild(QTreeWidget)
    with qtbot.waitSignal(panel.entry_changed) as told:
        tree.topLevelItem(1).setCheckState(0, Qt.CheckState.Unchecked)
    assert told.args[0] == OWL.changed(enabled=False)


def test_alt_up_lifts_an_entry_above_its_neighbour(panel: LorePanel, qtbot: QtBot) -> None:
    panel.choose("owl")
    with qtbot.waitSignal(panel.entry_changed) as told:
        QTest.keyClick(panel.list.findChild(QTreeWidget), Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert told.args[0].order > FOX.order
    panel.choose("fox")
    with qtbot.waitSignal(panel.entry_changed) as told:
        QTest.keyClick(panel.list.findChild(QTreeWidget), Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert told.args[0].id == "fox"


def test_delete_and_ctrl_z_in_the_list_are_wishes(panel: LorePanel, qtbot: QtBot) -> None:
    panel.choose("owl")
    tree = panel.list.findChild(QTreeWidget)
    with qtbot.waitSignal(panel.delete_requested) as told:
        QTest.keyClick(tree, Qt.Key.Key_Delete)
    assert told.args == ["owl"]
    with qtbot.waitSignal(panel.undo_requested):
        QTest.keyClick(tree, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def test_hits_say_in_list_and_form_whether_an_entry_comes_in_here(panel: LorePanel) -> None:
    panel.choose("owl")
    panel.show_hits(scan(NOTES.book, "A mouse."))
    assert panel.form.here.text().startswith("Stays out here: none of its keys (owl)")
    panel.show_hits(scan(NOTES.book, "An owl."))
    assert panel.form.here.text() == "Comes in here: key “owl” matched in the last paragraph."
    tree = panel.list.findChild(QTreeWidget)
    assert tree.topLevelItem(1).toolTip(1).startswith("In: key “owl”")


def test_memory_note_and_summary_tell_what_is_typed(panel: LorePanel, qtbot: QtBot) -> None:
    for tab, name, signal, expected in (
        ("memory", "Memory", panel.memory_changed, ["Mem!"]),
        ("note", "Author's note", panel.note_changed, ["Note!", 5]),
        ("summary", "Running summary", panel.summary_changed, ["Sum!"]),
    ):
        panel.show_tab(tab)
        field = named(panel, QPlainTextEdit, name)
        field.moveCursor(field.textCursor().MoveOperation.End)
        with qtbot.waitSignal(signal) as told:
            QTest.keyClicks(field, "!")
        assert told.args == expected


def test_showing_the_same_notes_again_leaves_the_caret(panel: LorePanel) -> None:
    panel.show_tab("memory")
    field = named(panel, QPlainTextEdit, "Memory")
    field.moveCursor(field.textCursor().MoveOperation.End)
    panel.show_notes(NOTES, 12)
    assert field.textCursor().position() == 3


def test_summarising_is_greyed_with_its_reason(panel: LorePanel, qtbot: QtBot) -> None:
    panel.show_tab("summary")
    button = next(b for b in panel.summary.findChildren(QPushButton) if "Summarise" in b.text())
    with qtbot.waitSignal(panel.summarise_requested):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    panel.set_summary_blocked("This model cannot summarise.")
    assert not button.isEnabled() and button.toolTip() == "This model cannot summarise."
    panel.set_summary_blocked("")
    assert button.isEnabled()


def test_settings_are_values_in_and_out(qtbot: QtBot) -> None:
    form = LoreSettingsForm()
    qtbot.addWidget(form)
    told = []
    form.changed.connect(told.append)
    values = LoreSettings(
        scan_depth=9,
        scan_unit="characters",
        budget_tokens=99,
        case_sensitive=True,
        whole_words=False,
        depth=-1,
    )
    form.set_values(values)
    assert form.values() == values and told == []


def test_two_thousand_entries_are_shown_and_searched(qtbot: QtBot) -> None:
    lore = LoreList()
    qtbot.addWidget(lore)
    lore.set_entries([LoreEntry(id=str(n), title=f"Name {n}", text="x" * 200) for n in range(2000)])
    lore.search("name 1999")
    assert lore.visible_ids() == ["1999"]


def test_every_button_has_a_tip(panel: LorePanel) -> None:
    ours = [b for b in panel.findChildren(QAbstractButton) if not isinstance(b.parent(), QTabBar | QLineEdit)]
    assert [b for b in ours if not b.toolTip()] == []
