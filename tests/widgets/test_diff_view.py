"""What changed, as seen: struck out, underlined, folded, counted, walked through."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTextEdit
from pytestqt.qtbot import QtBot

from studio.media.diff import diff
from studio.media.spans import SpanText, runs_of
from studio.widgets.diff_view import DiffView

LONG = "It went on and on through the wood. " * 60


def view_of(qtbot: QtBot, old: str, new: str) -> DiffView:
    view = DiffView()
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show_pieces(diff(SpanText(text=old, runs=runs_of(old)), SpanText(text=new, runs=runs_of(new))))
    view.show()
    return view


def look_of(view: DiffView, words: str) -> tuple[bool, bool]:
    body = view.findChild(QTextEdit)
    assert body is not None
    cursor = body.document().find(words)
    assert not cursor.isNull()
    form = cursor.charFormat()
    return form.fontStrikeOut(), form.fontUnderline()


def test_removed_words_are_struck_out_and_added_ones_underlined(qtbot: QtBot) -> None:
    view = view_of(qtbot, "the red fox", "the old fox")
    assert view.text() == "the redold fox"
    assert look_of(view, "red") == (True, False)
    assert look_of(view, "old") == (False, True)
    assert look_of(view, "fox") == (False, False)
    assert view.summary().text() == "1 change  ·  1 words added, 1 removed"


def test_equal_texts_say_so_and_have_nothing_to_walk_to(qtbot: QtBot) -> None:
    view = view_of(qtbot, "the fox", "the fox")
    assert view.changes() == 0
    assert "same" in view.summary().text()
    view.go(1)


def test_long_equal_stretches_are_folded_and_can_be_unfolded(qtbot: QtBot) -> None:
    view = view_of(qtbot, f"red {LONG} end", f"old {LONG} ends")
    assert "words the same" in view.text()
    assert len(view.text()) < 700
    view.set_folded(False)
    assert LONG in view.text()


def test_the_arrows_go_round(qtbot: QtBot) -> None:
    view = view_of(qtbot, "red fox and big dog", "old fox and fat dog")
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    assert ", at 1" in view.summary().text()
    QTest.keyClick(view, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: ", at 2" in view.summary().text())
    view.go(1)
    assert ", at 1" in view.summary().text()
    view.go(-1)
    assert ", at 2" in view.summary().text()


def test_a_paragraph_break_that_came_or_went_can_be_seen(qtbot: QtBot) -> None:
    assert "¶" in view_of(qtbot, "one\ntwo", "one two").text()
