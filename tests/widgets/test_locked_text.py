"""Locked text stays as it is, whatever the person does."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QHelpEvent, QInputMethodEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from studio.media.spans import Edit, Run, SpanText, merged
from studio.widgets.authored_edit import AuthoredEdit
from studio.widgets.authored_text import shown
from studio.widgets.clipboard import pasted
from studio.widgets.lock_guard import REFUSED

CTRL = Qt.KeyboardModifier.ControlModifier
TEXT = "Mine. Locked 😀 words. Mine again."  # locked: "Locked 😀 words."
LOCK = (6, 21)


def locked_text() -> SpanText:
    return SpanText(
        text=TEXT,
        runs=(
            Run(length=6),
            Run(length=7, author="t1", locked=True),
            Run(length=8, locked=True),
            Run(length=len(TEXT) - 21),
        ),
    )


class Locked:
    """An editor with a locked passage, what it refused and what it told."""

    def __init__(self, qtbot: QtBot, value: SpanText) -> None:
        self.edit = AuthoredEdit()
        qtbot.addWidget(self.edit)
        self.edit.resize(640, 480)
        self.edit.load(value)
        self.copy = value
        self.refused: list[str] = []
        self.edit.refused.connect(self.refused.append)
        self.edit.edited.connect(self._on_edited)

    def _on_edited(self, edit: Edit) -> None:
        self.copy = self.copy.apply(edit)

    def check(self) -> None:
        assert self.copy == self.edit.value()
        cursor = QTextCursor(self.edit.document())
        cursor.select(QTextCursor.SelectionType.Document)
        assert cursor.selectedText() == shown(self.copy.text)


@pytest.fixture
def bench(qtbot: QtBot) -> Locked:
    return Locked(qtbot, locked_text())


def key(
    bench: Locked, at: int, code: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    bench.edit.set_caret(at)
    QTest.keyClick(bench.edit, code, held)


def test_keys_inside_or_into_a_locked_passage_are_refused(bench: Locked) -> None:
    for at, code, held in (
        (8, Qt.Key.Key_X, Qt.KeyboardModifier.NoModifier),
        (8, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier),
        (8, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier),
        (21, Qt.Key.Key_Backspace, Qt.KeyboardModifier.NoModifier),
        (21, Qt.Key.Key_Backspace, CTRL),
        (21, Qt.Key.Key_Backspace, Qt.KeyboardModifier.ShiftModifier),
        (6, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier),
        (6, Qt.Key.Key_Delete, CTRL),
        (2, Qt.Key.Key_K, CTRL),
    ):
        before = len(bench.refused)
        key(bench, at, code, held)
        assert bench.edit.value() == locked_text(), (at, code)
        if code != Qt.Key.Key_K:  # not every system deletes to the line's end with it
            assert bench.refused[before:] == [REFUSED], (at, code)
    bench.check()


def test_the_borders_are_free(bench: Locked) -> None:
    bench.edit.set_caret(6)
    QTest.keyClicks(bench.edit, "a")
    bench.edit.set_caret(22)
    QTest.keyClicks(bench.edit, "b")
    key(bench, 7, Qt.Key.Key_Backspace)
    assert bench.refused == []
    assert bench.edit.value().text == "Mine. Locked 😀 words.b Mine again."
    assert bench.edit.value().locks() == ((6, 21),)
    bench.check()


def test_moving_and_copying_are_free(bench: Locked) -> None:
    key(bench, 8, Qt.Key.Key_Right)
    key(bench, 8, Qt.Key.Key_A, CTRL)
    QTest.keyClick(bench.edit, Qt.Key.Key_C, CTRL)
    assert QApplication.clipboard().text() == TEXT
    assert bench.refused == []


def test_a_selection_that_reaches_into_it_is_refused_whole(bench: Locked) -> None:
    QApplication.clipboard().setText("new")
    for code, held in (
        (Qt.Key.Key_Z, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_X, CTRL),
        (Qt.Key.Key_V, CTRL),
    ):
        bench.edit.select(2, 9)
        before = len(bench.refused)
        QTest.keyClick(bench.edit, code, held)
        assert bench.refused[before:] == [REFUSED]
    bench.edit.cut()  # from the menu
    bench.edit.paste()
    assert len(bench.refused) == 6
    assert bench.edit.value() == locked_text()
    bench.check()


def test_what_is_pasted_elsewhere_is_free(bench: Locked) -> None:
    bench.edit.select(*LOCK)
    data = bench.edit.createMimeDataFromSelection()
    bench.edit.set_caret(len(TEXT))
    bench.edit.insertFromMimeData(data)
    bench.check()
    assert bench.edit.value().locks() == (LOCK,)
    assert bench.edit.value().slice_runs(len(TEXT), len(TEXT) + 15) == (
        Run(length=7, author="t1"), Run(length=8),
    )  # fmt: skip


def test_drops_into_it_and_moves_out_of_it_are_refused(bench: Locked) -> None:
    data = QMimeData()
    data.setText("x")
    bench.edit._drop(8, *pasted(data), False)
    bench.edit.select(*LOCK)
    bench.edit._drop(0, *pasted(bench.edit.createMimeDataFromSelection()), True)
    assert bench.refused == [REFUSED, REFUSED]
    assert bench.edit.value() == locked_text()


def test_text_moves_over_a_locked_passage(bench: Locked) -> None:
    bench.edit.select(0, 5)
    bench.edit._drop(len(TEXT), *pasted(bench.edit.createMimeDataFromSelection()), True)
    bench.check()
    assert bench.refused == []
    assert bench.edit.value().text == " Locked 😀 words. Mine again.Mine."
    assert bench.edit.value().locks() == ((1, 16),)


def test_an_input_method_is_refused_there(bench: Locked) -> None:
    bench.edit.set_caret(8)
    QApplication.sendEvent(bench.edit, QInputMethodEvent("ni", []))
    commit = QInputMethodEvent("", [])
    commit.setCommitString("你")
    QApplication.sendEvent(bench.edit, commit)
    assert bench.refused == [REFUSED, REFUSED]
    assert bench.edit.value() == locked_text()
    bench.check()


def test_a_change_that_qt_made_anyway_is_taken_back(bench: Locked) -> None:
    cursor = bench.edit.cursor_over(2, 9)
    cursor.insertText("slipped through")
    assert bench.refused == [REFUSED]
    assert bench.edit.value() == locked_text()
    bench.check()


def test_replacing_is_all_or_nothing(bench: Locked) -> None:
    assert not bench.edit.replace_ranges([(0, 4, "Yours"), (6, 12, "Open")])
    assert bench.refused == [REFUSED]
    assert bench.edit.value() == locked_text()
    told: list[tuple[Edit, str]] = []
    bench.edit.edited.connect(lambda edit, kind: told.append((edit, kind)))
    bench.edit.set_caret(len(TEXT))
    assert bench.edit.replace_ranges([(22, 26, "Theirs"), (0, 4, "Ours 😀")])
    assert bench.edit.value().text == "Ours 😀. Locked 😀 words. Theirs again."
    assert bench.edit.value().locks() == ((8, 23),)
    assert [kind for _, kind in told] == ["pasted"]
    assert bench.edit.caret() == len(bench.edit.value().text)
    bench.check()
    assert bench.edit.replace_range(0, 0, "x")
    assert bench.edit.replace_ranges([])


def test_a_lock_comes_and_goes_without_a_letter_moving(bench: Locked) -> None:
    bench.edit.set_caret(10)
    free = bench.edit.value().lock(*LOCK, on=False)
    assert free is not None
    bench.edit.apply(free)
    assert bench.edit.value().locks() == ()
    assert bench.edit.caret() == 10
    QTest.keyClicks(bench.edit, "x")
    assert bench.refused == []


def test_resting_on_it_says_that_it_is_locked(bench: Locked) -> None:
    bench.edit.show()
    point = bench.edit.rect_of(9).center()
    event = QHelpEvent(QHelpEvent.Type.ToolTip, point, bench.edit.viewport().mapToGlobal(point))
    QApplication.sendEvent(bench.edit.viewport(), event)
    assert "Locked" in QToolTip.text()
    QToolTip.hideText()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_no_character_is_lost_doubled_misattributed_or_unlocked(qtbot: QtBot, seed: int) -> None:
    dice = random.Random(seed)
    letters = iter(
        chr(0x4E00 + number) for number in range(20_000)
    )  # every character once: each has one author
    pieces = [
        ("".join(next(letters) for _ in range(dice.randint(1, 6))), dice.choice(["", "t1", "t2"]))
        for _ in range(9)
    ]
    pieces = [(text + dice.choice(["", "", "\n"]), author) for text, author in pieces]
    value = SpanText(
        text="".join(text for text, _ in pieces),
        runs=merged(
            Run(length=len(text), author=author, locked=dice.randrange(3) == 0) for text, author in pieces
        ),
    )
    authors = {character: author for text, author in pieces for character in text}
    bench = Locked(qtbot, value)
    held = locked_pieces(value)
    undo: list[Edit] = []
    bench.edit.edited.connect(lambda edit, _kind: undo.append(edit))
    for _ in range(30):
        act(bench, dice, letters, authors, undo)
        bench.check()
        now = bench.edit.value()
        assert locked_pieces(now) == held
        assert_authors(now, authors)


def locked_pieces(value: SpanText) -> str:
    """All locked text in order; two passages may come to touch."""
    return "".join(value.text[start:end] for start, end in value.locks())


def assert_authors(value: SpanText, authors: dict[str, str]) -> None:
    place = 0
    seen: set[str] = set()
    for run in value.runs:
        for character in value.text[place : place + run.length]:
            if character != "\n":
                assert authors[character] == run.author
                assert character not in seen
                seen.add(character)
        place += run.length
    assert place == len(value.text)


def act(
    bench: Locked, dice: random.Random, letters: object, authors: dict[str, str], undo: list[Edit]
) -> None:
    """One thing the person does; text is never copied, so that no character may turn up twice."""
    edit = bench.edit
    length = len(bench.copy.text)
    start, end = sorted((dice.randint(0, length), dice.randint(0, length)))
    end = min(end, start + 12)
    choice = dice.randrange(9)
    new = "".join(next(letters) for _ in range(dice.randint(1, 3)))  # type: ignore[call-overload]
    authors.update(dict.fromkeys(new, ""))
    if choice == 0:
        edit.set_caret(start)
        QTest.keyClicks(edit, "")
        commit = QInputMethodEvent("", [])
        commit.setCommitString(new)
        QApplication.sendEvent(edit, commit)
    elif choice == 1:
        edit.select(start, end)
        QTest.keyClick(edit, dice.choice([Qt.Key.Key_Return, Qt.Key.Key_Delete, Qt.Key.Key_Backspace]))
    elif choice == 2:
        edit.select(start, end)
        edit.insert_text(new)
    elif choice == 3:  # cut and paste
        edit.select(start, end)
        piece = edit.createMimeDataFromSelection()
        before = edit.value()
        edit.cut()
        if edit.value() != before:
            edit.set_caret(dice.randint(0, len(bench.copy.text)))
            edit.insertFromMimeData(piece)
    elif choice == 4:
        edit.select(start, end)
        edit._drop(dice.randint(0, length), *pasted(edit.createMimeDataFromSelection()), True)
    elif choice == 5:
        edit.replace_ranges([(start, end, new)])
    elif choice == 6 and undo and undo[-1].inserted:
        step = undo[-1].inverse()
        if bench.copy.text[step.at : step.at + len(step.removed)] == step.removed and bench.copy.allows(step):
            edit.apply(step)
            bench.copy = bench.copy.apply(step)
            undo.clear()
    elif choice == 7:
        edit.set_ghost(edit.caret(), new)
    else:
        cursor = edit.cursor_over(start, end)  # what no guard sees
        cursor.insertText(new)
