"""Wavy lines below words that are not in the dictionary."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.media.spans import Run, SpanText
from studio.widgets.authored_edit import AuthoredEdit

TEXT = "The keper’s log 😀 was evry night’s wrk.\nA1 good 中文字 day."
WRONG = {"keper’s", "evry", "wrk", "wr", "bda"}


@pytest.fixture
def edit(qtbot: QtBot) -> AuthoredEdit:
    out = AuthoredEdit()
    qtbot.addWidget(out)
    out.resize(500, 300)
    out.load(SpanText(text=TEXT, runs=(Run(length=len(TEXT)),)))
    out.show()
    return out


def marked(edit: AuthoredEdit) -> list[str]:
    """The words that are marked now, in all paragraphs."""
    out = []
    block = edit.document().begin()
    while block.isValid():
        out += [block.text()[start:end] for start, end in edit.spelling.misspelt(block)]
        block = block.next()
    return out


def red(edit: AuthoredEdit) -> int:
    """How many pixels of the picture are in the wave's colour, or nearly."""
    image = edit.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    colours = [image.pixelColor(x, y) for x in range(image.width()) for y in range(0, image.height(), 1)]
    return sum(c.red() > c.green() + 60 and c.red() > c.blue() + 60 for c in colours)


def test_wrong_words_are_marked_after_a_moment(edit: AuthoredEdit, qtbot: QtBot) -> None:
    asked: list[str] = []

    def checker(word: str) -> bool:
        asked.append(word)
        return word not in WRONG

    plain = red(edit)
    edit.set_spelling(checker)
    qtbot.waitUntil(lambda: marked(edit) == ["keper’s", "evry", "wrk"])
    assert sorted(asked) == sorted(set(asked))  # each once
    assert set(asked) == {"The", "keper’s", "log", "was", "evry", "night’s", "wrk", "good", "day"}
    assert red(edit) > plain + 20
    edit.set_spelling(None)
    assert marked(edit) == []
    assert red(edit) == plain


def test_only_paragraphs_in_view_are_asked_about(qtbot: QtBot, edit: AuthoredEdit) -> None:
    text = "\n".join(f"Word{chr(97 + number % 26) * (1 + number // 26)} here." for number in range(500))
    edit.load(SpanText(text=text, runs=(Run(length=len(text)),)))
    asked: list[str] = []
    edit.set_spelling(lambda word: bool(asked.append(word)) or True)
    qtbot.waitUntil(lambda: "here" in asked and "Wordb" in asked)
    assert len(asked) < 60


def test_a_slow_checker_works_in_slices(qtbot: QtBot, edit: AuthoredEdit) -> None:
    turns: list[int] = []

    def slow(word: str) -> bool:
        turns.append(ticks[0])
        QTest.qSleep(3)
        return True

    ticks = [0]
    timer = edit.startTimer(0)
    edit.timerEvent = lambda _event: ticks.__setitem__(0, ticks[0] + 1)  # type: ignore[method-assign]
    edit.set_spelling(slow)
    qtbot.waitUntil(lambda: len(turns) == 9)
    edit.killTimer(timer)
    assert max(turns.count(turn) for turn in turns) <= 2  # two words of 3 ms pass 4 ms


def test_the_word_being_written_is_not_marked_until_it_is_left(qtbot: QtBot, edit: AuthoredEdit) -> None:
    edit.set_spelling(lambda word: word not in WRONG)
    edit.set_caret(len(TEXT))
    QTest.keyClicks(edit, " bda")
    qtbot.waitUntil(lambda: "evry" in marked(edit))
    assert "bda" not in marked(edit)
    QTest.keyClicks(edit, " ")
    qtbot.waitUntil(lambda: "bda" in marked(edit))
    edit.set_caret(TEXT.index("wrk") + 3)
    assert "wrk" in marked(edit)  # only looked at, not written
    QTest.keyClick(edit, Qt.Key.Key_Backspace)
    assert "wr" not in marked(edit)


def test_ghost_text_is_not_checked(qtbot: QtBot, edit: AuthoredEdit) -> None:
    asked: list[str] = []
    edit.set_caret(3)
    edit.set_ghost(3, " bda ghostly")
    edit.set_spelling(lambda word: bool(asked.append(word)) or True)
    qtbot.waitUntil(lambda: "log" in asked)
    assert "ghostly" not in asked


def titles(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.text() and action.isVisible()][:5]


def test_the_menu_asks_for_suggestions_and_replaces(qtbot: QtBot, edit: AuthoredEdit) -> None:
    waiting: list[tuple[str, Callable[[list[str]], None]]] = []
    edit.suggest = lambda word, answer: waiting.append((word, answer))
    edit.set_spelling(lambda word: word not in WRONG)
    qtbot.waitUntil(lambda: "evry" in marked(edit))
    at = TEXT.index("evry") + 1
    menu = edit.context_menu(at)
    assert titles(menu)[:3] == ["Looking…", "Add to dictionary", "Ignore"]
    word, answer = waiting[0]
    assert word == "evry"
    answer(["every", "very", "ever", "envy", "eery", "too many"])
    assert titles(menu) == ["every", "very", "ever", "envy", "eery"]
    menu.actions()[0].trigger()
    assert edit.value().text == TEXT.replace("evry", "every")
    menu.actions()[1].trigger()  # the word is no longer there
    assert edit.value().text == TEXT.replace("evry", "every")


def test_no_suggestions_and_answers_that_come_too_late(qtbot: QtBot, edit: AuthoredEdit) -> None:
    waiting: list[Callable[[list[str]], None]] = []
    edit.suggest = lambda _word, answer: waiting.append(answer)
    edit.set_spelling(lambda word: word not in WRONG)
    qtbot.waitUntil(lambda: "evry" in marked(edit))
    menu = edit.context_menu(TEXT.index("evry"))
    waiting[0]([])
    assert titles(menu)[0] == "No suggestions"
    gone = edit.context_menu(TEXT.index("evry"))
    with qtbot.waitSignal(gone.destroyed):
        gone.deleteLater()
    waiting[1](["every"])


def test_added_and_ignored_words_are_right_from_then_on(qtbot: QtBot, edit: AuthoredEdit) -> None:
    edit.set_spelling(lambda word: word not in WRONG)
    qtbot.waitUntil(lambda: "evry" in marked(edit))
    menu = edit.context_menu(TEXT.index("evry"))
    with qtbot.waitSignal(edit.spelling_added) as added:
        next(action for action in menu.actions() if action.text() == "Add to dictionary").trigger()
    assert added.args == ["evry"]
    menu = edit.context_menu(TEXT.index("wrk"))
    with qtbot.waitSignal(edit.spelling_ignored) as ignored:
        next(action for action in menu.actions() if action.text() == "Ignore").trigger()
    assert ignored.args == ["wrk"]
    assert marked(edit) == ["keper’s"]


def test_right_words_have_no_corrections(qtbot: QtBot, edit: AuthoredEdit) -> None:
    edit.set_spelling(lambda word: word not in WRONG)
    qtbot.waitUntil(lambda: "evry" in marked(edit))
    assert titles(edit.context_menu(TEXT.index("log")))[0] == "Undo"
