"""The list of works and the command palette."""

from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QTreeWidget
from pytestqt.qtbot import QtBot

from studio.widgets.command_palette import CommandPalette, PaletteEntry
from studio.widgets.fuzzy import score
from studio.widgets.works_list import WorkRow, WorksList

ROWS = [
    WorkRow(id="s", kind="story", title="Story"),
    WorkRow(id="a", parent="s", kind="scene", title="First"),
    WorkRow(id="b", parent="s", kind="scene", title="Second"),
    WorkRow(id="n", kind="note", title="Names"),
]


def works_of(qtbot: QtBot) -> tuple[WorksList, QTreeWidget]:
    works = WorksList()
    qtbot.addWidget(works)
    works.resize(240, 400)
    works.set_works(ROWS)
    with qtbot.waitExposed(works):
        works.show()
    tree = works.findChild(QTreeWidget)
    assert isinstance(tree, QTreeWidget)
    return works, tree


def test_choosing_tells_and_being_told_does_not(qtbot: QtBot) -> None:
    works, tree = works_of(qtbot)
    with qtbot.assertNotEmitted(works.chosen):
        works.choose("a")
    with qtbot.waitSignal(works.chosen) as said:
        QTest.keyClick(tree, Qt.Key.Key_Down)
    assert said.args == ["b"]


def test_a_title_is_renamed_in_place(qtbot: QtBot) -> None:
    works, tree = works_of(qtbot)
    works.start_rename("a")
    field = tree.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    field.selectAll()
    QTest.keyClicks(field, "The gate")
    with qtbot.waitSignal(works.renamed) as said:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert said.args == ["a", "The gate"]


def test_an_empty_title_is_not_taken(qtbot: QtBot) -> None:
    works, tree = works_of(qtbot)
    works.start_rename("a")
    field = tree.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    field.selectAll()
    with qtbot.assertNotEmitted(works.renamed):
        QTest.keyClick(field, Qt.Key.Key_Delete)
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert works._items["a"].text(0) == "First"


def test_alt_and_arrows_reorder_among_siblings(qtbot: QtBot) -> None:
    works, tree = works_of(qtbot)
    works.choose("a")
    with qtbot.waitSignal(works.moved) as said:
        QTest.keyClick(tree, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert said.args == ["a", "s", 1]
    with qtbot.assertNotEmitted(works.moved):
        QTest.keyClick(tree, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)


def test_a_drop_outside_the_siblings_moves_nothing(qtbot: QtBot) -> None:
    works, tree = works_of(qtbot)
    works.choose("a")
    note = tree.visualItemRect(works._items["n"]).center()
    event = QDropEvent(
        QPointF(note),
        Qt.DropAction.MoveAction,
        QMimeData(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.assertNotEmitted(works.moved):
        tree.dropEvent(event)
    assert works._items["a"].parent() is works._items["s"]


def test_delete_asks_and_menu_offers_what_fits(qtbot: QtBot) -> None:
    works, tree = works_of(qtbot)
    works.choose("b")
    with qtbot.waitSignal(works.remove_requested) as said:
        QTest.keyClick(tree, Qt.Key.Key_Delete)
    assert said.args == ["b"]
    menu = works.add_menu()
    with qtbot.waitSignal(works.add_requested) as said:
        next(action for action in menu.actions() if action.text().startswith("New scene")).trigger()
    assert said.args == ["scene", "s"]


def test_a_new_picture_is_offered_wherever_the_mark_stands(qtbot: QtBot) -> None:
    works, _tree = works_of(qtbot)
    for place in ("b", ""):
        works.choose(place)
        (action,) = [action for action in works.add_menu().actions() if action.text() == "New picture"]
        assert not action.icon().isNull()
        with qtbot.waitSignal(works.add_requested) as said:
            action.trigger()
        assert said.args == ["picture", ""]


def test_a_picture_has_no_status_and_is_not_split(qtbot: QtBot) -> None:
    works, _tree = works_of(qtbot)
    works.set_works([*ROWS, WorkRow(id="p", kind="picture", title="Fox")])
    works.choose("p")
    entries = {action.text() for action in works.row_menu().actions()}
    assert {"Rename", "Remove"} < entries
    assert not entries & {"Status", "Duplicate", "Split at the cursor", "Merge with the next scene"}


def test_new_rows_keep_choice_and_folding(qtbot: QtBot) -> None:
    works, _tree = works_of(qtbot)
    works.choose("n")
    works._items["s"].setExpanded(False)
    with qtbot.assertNotEmitted(works.chosen):
        works.set_works([*ROWS, WorkRow(id="m", kind="note", title="More")])
    assert works.current() == "n"
    assert not works._items["s"].isExpanded()


ENTRIES = [
    PaletteEntry(id="propose", title="Propose", shortcut="Ctrl+Return", group="Takes"),
    PaletteEntry(id="accept", title="Accept the chosen take", group="Takes"),
    PaletteEntry(id="export", title="Export as Markdown…", group="Project"),
    PaletteEntry(id="undo", title="Undo", group="Edit", enabled=False),
]


def test_a_few_letters_and_return_run_a_command(qtbot: QtBot) -> None:
    palette = CommandPalette()
    qtbot.addWidget(palette)
    palette.open_with(ENTRIES)
    assert palette.found() == ["propose", "accept", "export", "undo"]
    QTest.keyClicks(palette._field, "ex md")
    assert palette.found()[0] == "export"
    with qtbot.waitSignal(palette.triggered) as said:
        QTest.keyClick(palette._field, Qt.Key.Key_Return)
    assert said.args == ["export"]
    assert not palette.isVisible()


def test_arrows_choose_and_a_disabled_command_does_not_run(qtbot: QtBot) -> None:
    palette = CommandPalette()
    qtbot.addWidget(palette)
    palette.open_with(ENTRIES)
    QTest.keyClick(palette._field, Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.triggered) as said:
        QTest.keyClick(palette._field, Qt.Key.Key_Return)
    assert said.args == ["accept"]
    palette.open_with(ENTRIES)
    QTest.keyClicks(palette._field, "undo")
    with qtbot.assertNotEmitted(palette.triggered):
        QTest.keyClick(palette._field, Qt.Key.Key_Return)
    QTest.keyClick(palette, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    QApplication.processEvents()


def test_scores_prefer_starts_of_words() -> None:
    starts, inside = score("ac", "Accept"), score("ac", "Lilac")
    assert starts is not None and inside is not None and starts > inside
    assert score("xyz", "Accept") is None
    assert score("", "anything") == 0
