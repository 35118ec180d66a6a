"""The image pane's prompt box: words and weights, mode in words, models, takes, propose and stop."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton
from pytestqt.qtbot import QtBot

from studio.panes.image.mode_menu import ModeChoice
from studio.panes.image.prompt_box import PicturePromptBox
from studio.widgets.model_menu import ModelChoice


@pytest.fixture
def box(qtbot: QtBot) -> PicturePromptBox:
    box = PicturePromptBox()
    qtbot.addWidget(box)
    box.show()
    return box


def test_ctrl_up_and_down_change_the_weight_of_the_marked_words(box: PicturePromptBox) -> None:
    box.set_words("a red hat")
    cursor = box.prompt.textCursor()
    cursor.setPosition(2)
    cursor.setPosition(9, cursor.MoveMode.KeepAnchor)
    box.prompt.setTextCursor(cursor)
    for _ in range(2):
        QTest.keyClick(box.prompt, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert box.words() == "a (red hat:1.2)" and box.prompt.textCursor().selectedText() == "red hat"
    QTest.keyClick(box.prompt, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert box.words() == "a (red hat:1.1)"
    box.prompt.undo()
    assert box.words() == "a (red hat:1.2)"


def test_the_button_proposes_and_while_something_runs_it_stops(box: PicturePromptBox, qtbot: QtBot) -> None:
    button = next(b for b in box.findChildren(QPushButton) if b.text() == "Propose")
    with qtbot.waitSignal(box.propose_requested):
        button.click()
    box.set_running(True)
    assert button.text() == "Stop" and box.is_running()
    with qtbot.waitSignal(box.stop_requested):
        button.click()
    box.set_running(False)
    box.set_blocked("No model.")
    assert not button.isEnabled() and box.notice.text() == "No model."
    box.set_blocked("")
    assert button.isEnabled() and "Ctrl+Return" in box.notice.text()


def test_the_mode_is_said_in_words_and_another_can_be_wanted(box: PicturePromptBox, qtbot: QtBot) -> None:
    choices = [
        ModeChoice(mode="", title="As the frame is"),
        ModeChoice(mode="text", title="Draw something new"),
        ModeChoice(mode="inpaint", title="Fill the mask", why_not="Nothing is masked."),
    ]
    box.mode.show_mode("Redraw 60 %", "why", choices)
    assert box.mode.text() == "Redraw 60 %" and "Redraw 60 %" in box.mode.accessibleName()
    assert box.mode.offered() == {
        "As the frame is": "",
        "Draw something new": "",
        "Fill the mask": "Nothing is masked.",
    }
    with qtbot.waitSignal(box.mode_wanted) as wanted:
        next(a for a in box.mode.menu().actions() if a.text() == "Draw something new").trigger()
    assert wanted.args == ["text"]


def test_models_are_chosen_and_more_can_be_added(box: PicturePromptBox, qtbot: QtBot) -> None:
    models = [
        ModelChoice(path="/a", title="A"),
        ModelChoice(path="/b", title="B"),
        ModelChoice(path="/c", title="C", usable=False, why_not="cut off"),
    ]
    box.set_models(models, "/a")
    menu = next(combo for combo in box.findChildren(QComboBox))
    assert box.model() == "/a" and menu.currentText() == "A"
    with qtbot.waitSignal(box.model_chosen) as chosen:
        menu.activated.emit(1)
    assert chosen.args == ["/b"] and box.model() == "/b"
    with qtbot.waitSignal(box.add_model_requested) as wanted:
        menu.activated.emit(menu.count() - 1)
    assert wanted.args == ["file"] and box.model() == "/b" and menu.currentText() == "B"


def test_one_take_is_one(box: PicturePromptBox, qtbot: QtBot) -> None:
    with qtbot.waitSignal(box.changed):
        box.set_takes(1)
    assert box._takes.text() == "1 take"
    box.set_takes(8)
    assert box.takes() == 8 and box._takes.text() == "8 takes"
