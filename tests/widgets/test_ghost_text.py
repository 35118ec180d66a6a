"""Ghost text: seen, laid out, and no part of anything."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.media.spans import Edit, Run, SpanText
from studio.widgets.authored_edit import AuthoredEdit

CTRL = Qt.KeyboardModifier.ControlModifier
GHOST = " two 😀 three.\nFour five."
TEXT = "One and the rest of the line.\nThe end."


@pytest.fixture
def edit(qtbot: QtBot) -> AuthoredEdit:
    out = AuthoredEdit()
    qtbot.addWidget(out)
    out.resize(400, 400)
    out.load(SpanText(text=TEXT, runs=(Run(length=len(TEXT)),)))
    out.show()
    out.set_caret(3)
    return out


def seen(edit: AuthoredEdit) -> str:
    """What stands in the layouts, ghost included."""
    out = []
    block = edit.document().begin()
    while block.isValid():
        layout, text = block.layout(), block.text()
        at = layout.preeditAreaPosition()
        if layout.preeditAreaText():
            text = text[:at] + "[" + layout.preeditAreaText().replace("\u2028", "\n") + "]" + text[at:]
        out.append(text)
        block = block.next()
    return "\n".join(out)


def test_it_is_seen_and_laid_out_but_in_no_text(edit: AuthoredEdit) -> None:
    below = edit.rect_of(len(TEXT)).top()
    told: list[object] = []
    edit.edited.connect(lambda *what: told.append(what))
    edit.document().contentsChange.connect(lambda *what: told.append(what))
    edit.set_ghost(3, GHOST)
    assert edit.ghost_shows()
    assert seen(edit) == f"One[{GHOST}] and the rest of the line.\nThe end."
    assert edit.rect_of(len(TEXT)).top() > below + edit.fontMetrics().height()
    assert edit.toPlainText() == TEXT == edit.value().text
    edit.selectAll()
    assert edit.createMimeDataFromSelection().text() == TEXT
    assert not edit.document().isUndoAvailable()
    reader = QAccessible.queryAccessibleInterface(edit).textInterface()  # type: ignore[union-attr]
    assert reader.text(0, len(TEXT)) == TEXT
    assert told == []


def test_it_gives_way_and_comes_back_with_the_caret(edit: AuthoredEdit) -> None:
    edit.set_ghost(3, GHOST)
    QTest.keyClick(edit, Qt.Key.Key_Down)
    assert not edit.ghost_shows()
    assert edit.ghost() == GHOST
    assert edit.caret() > len("One and the rest of the line.")  # the line below, not one of the ghost's
    edit.set_ghost(3, GHOST + " More.")
    assert "[" not in seen(edit)
    edit.set_caret(3)
    assert seen(edit).startswith(f"One[{GHOST} More.]")
    edit.select(5, 3)  # the caret at its place, but something selected
    assert edit.caret() == 3
    assert not edit.ghost_shows()


def test_typing_the_same_uses_it_up(edit: AuthoredEdit, qtbot: QtBot) -> None:
    used: list[int] = []
    cleared: list[bool] = []
    edits: list[Edit] = []
    edit.ghost_typed.connect(used.append)
    edit.ghost_cleared.connect(lambda: cleared.append(True))
    edit.edited.connect(lambda change, _kind: edits.append(change))
    edit.set_ghost(3, GHOST)
    QTest.keyClicks(edit, " two")
    assert (used, cleared) == ([1, 1, 1, 1], [])
    assert (edit.ghost_at(), edit.ghost()) == (7, GHOST[4:])
    assert seen(edit).startswith(f"One two[{GHOST[4:]}] and")
    assert [change.at for change in edits] == [3, 4, 5, 6]
    QTest.keyClicks(edit, "x")
    assert cleared == [True]
    assert (edit.ghost(), edit.ghost_at()) == ("", -1)
    assert seen(edit) == edit.value().text == "One twox and the rest of the line.\nThe end."


def test_typing_the_last_character_ends_it(edit: AuthoredEdit) -> None:
    edit.set_ghost(3, "!\n")
    QTest.keyClicks(edit, "!")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert (edit.ghost(), edit.ghost_at(), edit.ghost_shows()) == ("", -1, False)
    assert edit.value().text.startswith("One!\n and")


def test_deleting_beside_it_clears_it(edit: AuthoredEdit, qtbot: QtBot) -> None:
    edit.set_ghost(3, GHOST)
    with qtbot.waitSignal(edit.ghost_cleared):
        QTest.keyClick(edit, Qt.Key.Key_Backspace)
    assert seen(edit) == "On and the rest of the line.\nThe end."


def test_accepting_keys_ask_only_while_it_is_seen(qtbot: QtBot) -> None:
    box = QWidget()
    qtbot.addWidget(box)
    column, edit, other = QVBoxLayout(box), AuthoredEdit(), QLineEdit()
    column.addWidget(edit)
    column.addWidget(other)
    edit.load(SpanText(text="One two", runs=(Run(length=7),)))
    box.show()
    box.activateWindow()
    edit.setFocus()
    qtbot.waitUntil(edit.hasFocus)
    asked: list[str] = []
    edit.ghost_accepted.connect(asked.append)
    edit.set_caret(3)
    edit.set_ghost(3, " and a half.")
    for key, held in (
        (Qt.Key.Key_Tab, Qt.KeyboardModifier(0)),
        (Qt.Key.Key_Right, CTRL),
        (Qt.Key.Key_Down, CTRL),
    ):
        QTest.keyClick(edit, key, held)
    assert asked == ["word", "sentence", "paragraph"]
    assert (edit.caret(), edit.value().text, edit.hasFocus()) == (3, "One two", True)
    with qtbot.waitSignal(edit.ghost_cleared):
        QTest.keyClick(edit, Qt.Key.Key_Escape)
    QTest.keyClick(edit, Qt.Key.Key_Right, CTRL)
    assert edit.caret() == 4
    QTest.keyClick(edit, Qt.Key.Key_Tab)
    assert other.hasFocus()
    assert len(asked) == 3


def test_its_keys_come_before_the_windows_shortcuts_and_only_then(edit: AuthoredEdit) -> None:
    def wanted(key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, held)
        event.ignore()
        QApplication.sendEvent(edit, event)
        return event.isAccepted()

    assert not wanted(Qt.Key.Key_Escape)
    edit.set_ghost(3, GHOST)
    assert wanted(Qt.Key.Key_Escape)
    assert wanted(Qt.Key.Key_Right, CTRL)
    assert not wanted(Qt.Key.Key_F6)


def test_an_input_method_ends_it_and_composes_as_ever(edit: AuthoredEdit, qtbot: QtBot) -> None:
    edit.set_ghost(3, GHOST)
    with qtbot.waitSignal(edit.ghost_cleared):
        QApplication.sendEvent(edit, QInputMethodEvent("ni", []))
    assert seen(edit).startswith("One[ni] and")
    edit.set_ghost(3, GHOST)  # a take goes on streaming while something is composed
    assert seen(edit).startswith("One[ni] and")
    commit = QInputMethodEvent("", [])
    commit.setCommitString("你")
    QApplication.sendEvent(edit, commit)
    assert edit.value().text == "One你 and the rest of the line.\nThe end."


def test_a_piece_accepted_from_outside_uses_it_up(edit: AuthoredEdit) -> None:
    edit.set_ghost(3, GHOST)
    edit.apply(edit.value().edit(3, 0, " two", (Run(length=4, author="t"),)))
    edit.set_caret(7)
    assert (edit.ghost_at(), edit.ghost(), edit.ghost_shows()) == (7, GHOST[4:], True)
    edit.apply(edit.value().edit(0, 3, "A", None))
    assert (edit.ghost_at(), edit.ghost_shows()) == (5, True)
    edit.apply(edit.value().edit(0, 7, "", None))
    assert edit.ghost() == ""


def test_a_point_behind_it_is_the_character_that_is_seen_there(edit: AuthoredEdit) -> None:
    edit.set_ghost(3, GHOST)
    block = edit.document().begin()
    top = edit.page.blockBoundingRect(block).topLeft()
    ghost_units = len(GHOST) + 1  # the emoji takes two
    for at in (0, 2, 10, 28):
        unit = at if at < 3 else at + ghost_units
        line = block.layout().lineForTextPosition(unit)
        x = line.cursorToX(unit)
        x = x[0] if isinstance(x, tuple) else x
        assert edit.hit(QPointF(top.x() + x + 1, top.y() + line.y() + 2)) == at
    line = block.layout().lineForTextPosition(3 + 12)
    assert (
        edit.hit(QPointF(top.x() + line.naturalTextRect().center().x(), top.y() + line.y() + 2), exactly=True)
        < 4
    )


def test_a_click_below_it_lands_where_it_was_aimed(edit: AuthoredEdit) -> None:
    text = "\n".join(f"Line number {number} of many." for number in range(60))
    edit.load(SpanText(text=text, runs=(Run(length=len(text)),)))
    edit.set_caret(text.index("30") + 2)
    edit.set_ghost(edit.caret(), " with a ghost\nof three\nlines")
    edit.reveal(text.index("33"))
    at = text.index("32") + 1
    assert edit.ghost_shows()
    point = edit.rect_of(at).center()
    QTest.mouseClick(edit.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(point))
    assert edit.caret() == at
    assert not edit.ghost_shows()


def test_another_text_has_no_ghost(edit: AuthoredEdit) -> None:
    cleared: list[bool] = []
    edit.ghost_cleared.connect(lambda: cleared.append(True))
    edit.set_ghost(3, GHOST)
    edit.load(SpanText(text="New", runs=(Run(length=3),)))
    edit.set_caret(3)
    assert seen(edit) == "New"
    edit.set_ghost(3, " x")
    edit.clear_ghost()
    assert seen(edit) == "New"
    assert cleared == []


def test_it_is_not_seen_in_a_text_that_may_not_be_written(edit: AuthoredEdit) -> None:
    edit.set_editable(False)
    edit.set_ghost(3, GHOST)
    assert not edit.ghost_shows()
