"""The popover of one word inside the model."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QListWidget
from pytestqt.qtbot import QtBot

from studio.widgets.token_popover import OtherWord, TokenInside, TokenPopover, per_cent, seen

INSIDE = TokenInside(
    text=" fox",
    share=0.25,
    rank=2,
    others=(
        OtherWord(text=" hare", share=0.5),
        OtherWord(text=" fox", share=0.25, current=True),
        OtherWord(text="\n", share=0.001),
    ),
)


def popover_of(qtbot: QtBot, inside: TokenInside = INSIDE) -> TokenPopover:
    popover = TokenPopover()
    qtbot.addWidget(popover)
    popover.show_token(inside, QPoint(200, 200))
    return popover


def rows_of(popover: TokenPopover) -> QListWidget:
    rows = popover.findChild(QListWidget)
    assert isinstance(rows, QListWidget)
    return rows


def test_it_says_how_likely_the_word_was_and_stands_on_it(qtbot: QtBot) -> None:
    popover = popover_of(qtbot)
    words = [label.text() for label in popover.findChildren(QLabel)]
    assert words[:2] == ["“␣fox”", "25.0 % likely, number 2 of the words here"]
    rows = rows_of(popover)
    assert rows.currentRow() == 1 and rows.count() == 3
    told = [rows.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(3)]
    assert told == ["␣hare, 50.0 %", "␣fox, 25.0 %, stands there", "↵, 0.1 %"]
    assert not popover.grab().isNull()


@pytest.mark.parametrize("how", ["keys", "mouse"])
def test_another_word_is_chosen_with_keys_or_mouse(qtbot: QtBot, how: str) -> None:
    popover = popover_of(qtbot)
    rows = rows_of(popover)
    with qtbot.waitSignal(popover.chosen) as said:
        if how == "keys":
            QTest.keyClick(rows, Qt.Key.Key_Up)
            QTest.keyClick(rows, Qt.Key.Key_Return)
        else:
            QTest.mouseClick(
                rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualItemRect(rows.item(0)).center()
            )
    assert said.args == [0] and not popover.isVisible()


def test_where_none_can_be_chosen_it_says_why_and_chooses_none(qtbot: QtBot) -> None:
    inside = TokenInside(text=" fox", share=0.25, others=INSIDE.others, why_not="Not from here.")
    popover = popover_of(qtbot, inside)
    with qtbot.assertNotEmitted(popover.chosen):
        QTest.keyClick(rows_of(popover), Qt.Key.Key_Return)
    assert any(label.text() == "Not from here." for label in popover.findChildren(QLabel))
    assert any("rank is not known" in label.text() for label in popover.findChildren(QLabel))


def test_escape_closes(qtbot: QtBot) -> None:
    popover = popover_of(qtbot)
    with qtbot.assertNotEmitted(popover.chosen):
        QTest.keyClick(popover, Qt.Key.Key_Escape)
    assert not popover.isVisible()


def test_white_space_and_small_chances_can_be_read() -> None:
    assert [seen(text) for text in (" a", "  ", "\n", "a b", "\ta")] == ["␣a", "␣␣", "↵", "a b", "⇥a"]
    shares = (1.0, 0.9994, 0.5, 0.0012, 0.00004, 0.0)
    assert [per_cent(share) for share in shares] == ["100 %", "99.9 %", "50.0 %", "0.1 %", "0.004 %", "0 %"]
