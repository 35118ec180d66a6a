"""Keys of actions: a change is told, a conflict is named and refused, the default can be wished for."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QKeySequenceEdit, QLabel
from pytestqt.qtbot import QtBot

from studio.dialogs.shortcuts import ShortcutsDialog
from studio.widgets.icons import IconButton

CTRL = Qt.KeyboardModifier.ControlModifier
SHORTCUTS = {"a": ("Undo", ("Ctrl+Z",)), "b": ("Redo", ("Ctrl+Y",)), "c": ("New chapter", ())}


class Shown:
    """The dialog, open, and what it told."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.dialog = ShortcutsDialog(SHORTCUTS)
        qtbot.addWidget(self.dialog)
        self.changes: list[tuple[str, str | None]] = []
        self.dialog.changed.connect(lambda action, keys: self.changes.append((action, keys)))
        self.dialog.open()

    def field(self, title: str) -> QKeySequenceEdit:
        """The field of an action, as a screen reader finds it."""
        fields = self.dialog.findChildren(QKeySequenceEdit)
        return next(field for field in fields if field.accessibleName() == f"Keys of {title}")

    def presses(self, title: str, key: Qt.Key, modifier: Qt.KeyboardModifier = CTRL) -> None:
        """Press keys in a field and wait until it takes them as complete."""
        field = self.field(title)
        with self.qtbot.waitSignal(field.editingFinished):
            QTest.keyClick(field, key, modifier)

    @property
    def words(self) -> str:
        return " ".join(label.text() for label in self.dialog.findChildren(QLabel) if label.wordWrap())


@pytest.fixture
def shown(qtbot: QtBot) -> Iterator[Shown]:
    return Shown(qtbot)


def test_every_action_has_a_row_with_its_keys(shown: Shown) -> None:
    found = {
        field.accessibleName(): field.keySequence().toString()
        for field in shown.dialog.findChildren(QKeySequenceEdit)
    }
    assert found == {"Keys of Undo": "Ctrl+Z", "Keys of Redo": "Ctrl+Y", "Keys of New chapter": ""}
    titles = {label.text() for label in shown.dialog.findChildren(QLabel)}
    assert {"Undo", "Redo", "New chapter"} <= titles


def test_new_keys_are_told_once(shown: Shown) -> None:
    shown.presses("New chapter", Qt.Key.Key_K)
    assert shown.changes == [("c", "Ctrl+K")]
    shown.field("New chapter").editingFinished.emit()
    assert shown.changes == [("c", "Ctrl+K")]


def test_keys_of_another_action_are_refused_and_it_is_named(shown: Shown) -> None:
    shown.presses("New chapter", Qt.Key.Key_Z)
    assert shown.changes == []
    assert "Ctrl+Z" in shown.words and "Undo" in shown.words
    assert shown.field("New chapter").keySequence().toString() == ""
    shown.presses("New chapter", Qt.Key.Key_K)
    assert shown.changes == [("c", "Ctrl+K")] and "Undo" not in shown.words


def test_keys_that_were_given_up_are_free(shown: Shown) -> None:
    shown.presses("Undo", Qt.Key.Key_K)
    shown.presses("New chapter", Qt.Key.Key_Z)
    assert shown.changes == [("a", "Ctrl+K"), ("c", "Ctrl+Z")]


def test_two_actions_may_both_have_no_keys(shown: Shown) -> None:
    shown.field("Undo").clear()
    shown.field("Undo").editingFinished.emit()
    assert shown.changes == [("a", "")] and shown.words.strip() == ""


def test_the_default_is_wished_for_and_shown_when_it_is_told(shown: Shown) -> None:
    shown.presses("Undo", Qt.Key.Key_K)
    buttons = shown.dialog.findChildren(IconButton)
    next(button for button in buttons if button.accessibleName() == "Default keys of Undo").click()
    assert shown.changes[-1] == ("a", None)
    shown.dialog.show_keys("a", ("Ctrl+Z",))
    assert shown.field("Undo").keySequence().toString() == "Ctrl+Z"
    shown.presses("New chapter", Qt.Key.Key_K)
    assert shown.changes[-1] == ("c", "Ctrl+K")
