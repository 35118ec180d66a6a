"""The writing pane: what it tells, and in which order."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from studio.media.spans import Edit, Run, SpanText
from studio.panes.text.pane import TextPane
from tests.widgets.makers import take

CTRL = Qt.KeyboardModifier.ControlModifier
START = SpanText(text="Once upon a time", runs=(Run(length=16),))


class Desk:
    """A pane and, in order, all it said."""

    def __init__(self, qtbot: QtBot) -> None:
        self.pane = TextPane()
        qtbot.addWidget(self.pane)
        self.pane.resize(820, 860)
        self.said: list[str] = []
        self.stored = START
        self.pane.revised.connect(self._on_revised)
        for name in (
            "propose_requested", "stop_requested", "undo_requested", "redo_requested",
            "accept_requested", "reject_requested", "take_edited", "regenerate_requested", "branch_requested",
        ):  # fmt: skip
            getattr(self.pane, name).connect(self._hear(name))
        self.pane.load("work", "A scene", START)
        with qtbot.waitExposed(self.pane):
            self.pane.show()
        self.pane.focus_editor()

    def _on_revised(self, edit: Edit, kind: str) -> None:
        self.stored = self.stored.apply(edit)
        self.said.append(f"{kind} {edit.inserted}")

    def _hear(self, name: str) -> Callable[..., None]:
        return lambda *args: self.said.append(
            " ".join([name, *(a for a in args if isinstance(a, str))]).strip()
        )

    def type(self, text: str) -> None:
        QTest.keyClicks(self.pane.editor, text)


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def test_typing_is_told_as_one_edit_within_a_second(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.pane.revised, timeout=1000):
        desk.type(", far")
    assert desk.said == ["typed , far"]
    assert desk.stored == desk.pane.value()


def test_what_was_typed_is_told_before_every_wish(desk: Desk) -> None:
    pane = desk.pane
    pane.show_takes([take("t", "a king")])
    wishes: list[Callable[[], object]] = [
        pane.propose,
        pane.accept_chosen,
        pane.regenerate,
        pane.undo,
        pane.redo,
    ]
    for wish in wishes:
        desk.type("x")
        wish()
    assert desk.said == [
        "typed x", "propose_requested", "typed x", "accept_requested t", "typed x", "regenerate_requested t",
        "typed x", "undo_requested", "typed x", "redo_requested",
    ]  # fmt: skip


def test_undo_key_in_the_text_asks(desk: Desk) -> None:
    desk.type("x")
    QTest.keyClick(desk.pane.editor, Qt.Key.Key_Z, CTRL)
    assert desk.said == ["typed x", "undo_requested"]


def test_caret_jump_and_focus_loss_end_a_group(desk: Desk, qtbot: QtBot) -> None:
    desk.type("x")
    QTest.keyClick(desk.pane.editor, Qt.Key.Key_Home)
    assert desk.said == ["typed x"]
    desk.pane.activateWindow()
    qtbot.waitUntil(desk.pane.editor.hasFocus)
    desk.type("y")
    desk.pane.prompt.focus_note()
    assert desk.said == ["typed x", "typed y"]
    assert desk.stored.text == "yOnce upon a timex"


def test_proposal_splits_the_text_at_the_caret(desk: Desk) -> None:
    desk.pane.editor.set_caret(4)
    desk.type("!")
    proposal = desk.pane.proposal()
    assert (proposal.at, proposal.prompt, proposal.suffix) == (5, "Once!", " upon a time")
    assert proposal.values.takes == 3
    assert desk.said == ["typed !"]


def test_accepted_text_arrives_with_its_author_and_the_caret_after_it(desk: Desk) -> None:
    pane = desk.pane
    edit = START.edit(16, 0, " a king", (Run(length=7, author="t"),))
    pane.apply((edit,), 23)
    pane.flash(16, 7)
    assert pane.value() == START.apply(edit)
    assert pane.caret() == 23
    assert desk.said == []
    pane.apply((edit.inverse(),), None)
    assert pane.value() == START
    assert pane.caret() == 16


def test_typing_not_yet_told_survives_a_change_from_outside(desk: Desk) -> None:
    pane = desk.pane
    desk.type(", there")
    edit = START.edit(0, 4, "Long ago", None)
    pane.apply((edit,), None)
    assert pane.value().text == "Long ago upon a time, there"
    assert pane.caret() == len(pane.value().text)
    desk.stored = START.apply(edit)
    pane.flush()
    assert desk.said == ["typed , there"]
    assert desk.stored == pane.value()


def test_opening_another_work_tells_the_typing_of_the_first(desk: Desk) -> None:
    desk.type("x")
    desk.pane.load("other", "Another", SpanText())
    assert desk.said == ["typed x"]
    assert desk.pane.work() == "other"
    assert desk.pane.value() == SpanText()


def test_propose_button_becomes_stop(desk: Desk) -> None:
    button = next(b for b in desk.pane.prompt.findChildren(QPushButton) if b.text() == "Propose")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    desk.pane.set_running(True)
    assert button.text() == "Stop"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    desk.pane.set_running(False)
    assert desk.said == ["propose_requested", "stop_requested"]
    assert button.text() == "Propose"


def test_work_from_a_take_names_the_revision_it_grew_from(desk: Desk) -> None:
    desk.pane.show_takes([take("t", "a king")])
    desk.pane.strip.branch_requested.emit("t")
    assert desk.said == ["branch_requested revision"]


def test_status_line_counts_and_says_whose_and_whether_saved(desk: Desk, qtbot: QtBot) -> None:
    pane = desk.pane
    pane.apply((START.edit(16, 0, " a king", (Run(length=7, author="t"),)),), 23)
    pane.set_saved(False)
    qtbot.waitUntil(lambda: "6 words" in pane.status.text())
    assert "23 characters" in pane.status.text()
    assert "70 % mine" in pane.status.text()
    assert "Saving" in pane.status.text()
    pane.set_saved(True)
    assert "Saved" in pane.status.text()


def test_nothing_but_the_text_when_asked(desk: Desk) -> None:
    desk.pane.set_distraction_free(True)
    assert not desk.pane.strip.isVisible()
    desk.pane.set_distraction_free(False)
    assert desk.pane.strip.isVisible()


def test_the_division_of_the_room_is_remembered(desk: Desk, qtbot: QtBot) -> None:
    state = desk.pane.save_state()
    other = TextPane()
    qtbot.addWidget(other)
    other.restore_state(state)
    other.restore_state(b"of another program")
    assert other.save_state() == state
