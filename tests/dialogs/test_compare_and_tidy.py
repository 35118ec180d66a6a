"""Compare and tidy: what they show, what they ask for, what they leave alone."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialogButtonBox, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from studio.dialogs.compare import CompareDialog
from studio.dialogs.side import Side
from studio.dialogs.tidy import TidyDialog
from studio.media.spans import SpanText, runs_of


def text(words: str, author: str = "") -> SpanText:
    return SpanText(text=words, runs=runs_of(words, author))


SIDES = (
    Side(id="a", title="The text now", text=text("the red fox")),
    Side(id="b", title="Take 1", text=text("the old fox"), use="Accept this take"),
    Side(id="c", title="Take 2", text=text("the wet fox"), use="Accept this take"),
)


def button(dialog: CompareDialog, words: str) -> list[QPushButton]:
    return [b for b in dialog.findChildren(QPushButton) if b.text() == words and b.isVisibleTo(dialog)]


def test_another_side_is_compared_at_once(qtbot: QtBot) -> None:
    dialog = CompareDialog(SIDES, "a", "b")
    qtbot.addWidget(dialog)
    assert dialog.view.text() == "the redold fox"
    right = dialog.findChildren(QComboBox)[1]
    right.setCurrentIndex(2)
    assert dialog.view.text() == "the redwet fox"
    assert dialog.chosen() == ("a", "c")


def test_swapping_turns_the_diff_around(qtbot: QtBot) -> None:
    dialog = CompareDialog(SIDES, "a", "b")
    qtbot.addWidget(dialog)
    dialog._on_swap()
    assert dialog.chosen() == ("b", "a")
    assert dialog.view.text() == "the oldred fox"


def test_only_a_side_that_can_be_used_has_a_button(qtbot: QtBot) -> None:
    dialog = CompareDialog(SIDES, "a", "b")
    qtbot.addWidget(dialog)
    (use,) = button(dialog, "Accept this take")
    with qtbot.waitSignal(dialog.used) as told:
        QTest.mouseClick(use, Qt.MouseButton.LeftButton)
    assert told.args == ["b"]
    assert dialog.result() == CompareDialog.DialogCode.Accepted


def tidy_of(qtbot: QtBot, value: SpanText) -> TidyDialog:
    dialog = TidyDialog(value, "this scene")
    qtbot.addWidget(dialog)
    return dialog


def press(dialog: TidyDialog, words: str) -> QPushButton:
    (found,) = [b for b in dialog.findChild(QDialogButtonBox).buttons() if b.text() == words]  # type: ignore[union-attr]
    assert isinstance(found, QPushButton)
    return found


def test_the_diff_is_seen_before_anything_is_done(qtbot: QtBot) -> None:
    dialog = tidy_of(qtbot, text("The  fox ran ran home."))
    assert dialog.view.changes() == 2
    with qtbot.waitSignal(dialog.tidied) as told:
        press(dialog, "Tidy").click()
    (edit,) = told.args
    assert text("The  fox ran ran home.").apply(edit).text == "The fox ran home."


def test_a_fix_that_is_unticked_is_not_made(qtbot: QtBot) -> None:
    dialog = tidy_of(qtbot, text("The  fox ran ran home."))
    items = dialog.findChild(QListWidget)
    assert items is not None
    items.item(0).setCheckState(Qt.CheckState.Unchecked)
    edit = dialog.edit()
    assert edit is not None
    assert text("The  fox ran ran home.").apply(edit).text == "The  fox ran home."


def test_a_rule_that_is_switched_off_finds_nothing(qtbot: QtBot) -> None:
    dialog = tidy_of(qtbot, text("The  fox ran home."))
    box = next(box for box in dialog.findChildren(QCheckBox) if box.text() == "Spacing (1)")
    box.setChecked(False)
    assert dialog.edit() is None
    assert not press(dialog, "Tidy").isEnabled()


def test_rules_with_nothing_to_do_are_grey_and_cutting_the_end_is_asked_for(qtbot: QtBot) -> None:
    dialog = tidy_of(qtbot, text("One is here. Two broke"))
    boxes = {box.text(): box for box in dialog.findChildren(QCheckBox)}
    assert not boxes["Quotes (0)"].isEnabled()
    assert boxes["Unfinished end (1)"].isEnabled()
    assert not boxes["Unfinished end (1)"].isChecked()


def test_locked_passages_are_named_and_left(qtbot: QtBot) -> None:
    value = text("a  b and c  d")
    lock = value.lock(0, 5)
    assert lock is not None
    value = value.apply(lock)
    dialog = tidy_of(qtbot, value)
    edit = dialog.edit()
    assert edit is not None
    assert value.apply(edit).text == "a  b and c d"


def test_cancel_changes_nothing(qtbot: QtBot) -> None:
    dialog = tidy_of(qtbot, text("a  b"))
    with qtbot.assertNotEmitted(dialog.tidied):
        press(dialog, "Cancel").click()
