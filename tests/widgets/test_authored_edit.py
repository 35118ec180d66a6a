"""The editor in which every character has an author, with real keys."""

import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent, QInputMethodEvent, QTextCursor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.media.spans import Edit, Run, SpanText, merged
from studio.widgets.authored_edit import AuthoredEdit, by_take
from studio.widgets.authored_text import change, clean, difference, shown
from studio.widgets.clipboard import pasted

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Bench:
    """An editor whose edits are replayed on a copy of the text: both must stay the same."""

    def __init__(self, qtbot: QtBot, value: SpanText) -> None:
        self.edit = AuthoredEdit()
        qtbot.addWidget(self.edit)
        self.edit.resize(640, 480)
        self.edits: list[Edit] = []
        self.edit.load(value)
        self.copy = value
        self.edit.edited.connect(self._on_edited)

    def _on_edited(self, edit: Edit) -> None:
        self.edits.append(edit)
        self.copy = self.copy.apply(edit)

    def select(self, start: int, end: int) -> None:
        self.edit.set_caret(start)
        cursor = self.edit.textCursor()
        cursor.setPosition(self.edit.text.positions.units(end), QTextCursor.MoveMode.KeepAnchor)
        self.edit.setTextCursor(cursor)

    def check(self) -> None:
        assert self.copy == self.edit.value()
        cursor = QTextCursor(self.edit.document())
        cursor.select(QTextCursor.SelectionType.Document)
        assert cursor.selectedText() == shown(self.edit.value().text)
        assert sum(run.length for run in self.copy.runs) == len(self.copy.text)


def mixed() -> SpanText:
    return SpanText(
        text="Mine. Model 😀 words.\nMine again.",
        runs=(Run(length=6), Run(length=14, author="t1"), Run(length=12)),
    )


def test_typing_inside_model_text_is_mine(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    bench.edit.set_caret(13)  # after the emoji: two UTF-16 units, one character
    QTest.keyClicks(bench.edit, "ab")
    bench.check()
    assert bench.edit.value().text == "Mine. Model 😀ab words.\nMine again."
    assert bench.edits == [
        Edit(at=13, inserted="a", inserted_runs=(Run(length=1),)),
        Edit(at=14, inserted="b", inserted_runs=(Run(length=1),)),
    ]
    assert bench.edit.value().written_by_models() == 14


def test_typing_an_equal_letter_stays_where_it_was_typed(qtbot: QtBot) -> None:
    bench = Bench(qtbot, by_take("aaaa", "t1"))
    bench.edit.set_caret(2)
    QTest.keyClicks(bench.edit, "a")
    assert [run.length for run in bench.edit.value().runs] == [2, 1, 2]
    bench.check()


def test_an_input_methods_equal_letter_stays_where_it_was_composed(qtbot: QtBot) -> None:
    bench = Bench(qtbot, by_take("aaaa", "t1"))
    bench.edit.set_caret(2)
    QApplication.sendEvent(bench.edit, QInputMethodEvent("a", []))
    commit = QInputMethodEvent("", [])
    commit.setCommitString("a")
    QApplication.sendEvent(bench.edit, commit)  # Qt reports the whole paragraph as changed
    assert [run.length for run in bench.edit.value().runs] == [2, 1, 2]
    bench.check()


def test_return_delete_and_backspace_across_paragraphs(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    bench.edit.set_caret(3)
    QTest.keyClick(bench.edit, Qt.Key.Key_Return)
    QTest.keyClick(bench.edit, Qt.Key.Key_Return, SHIFT)
    assert bench.edit.value().text.startswith("Min\n\ne.")
    QTest.keyClick(bench.edit, Qt.Key.Key_Backspace)
    QTest.keyClick(bench.edit, Qt.Key.Key_Backspace)
    bench.edit.set_caret(20)
    QTest.keyClick(bench.edit, Qt.Key.Key_Delete)
    bench.check()
    assert bench.edit.value().text == "Mine. Model 😀 words.Mine again."


def test_first_and_last_characters_of_a_text(qtbot: QtBot) -> None:
    bench = Bench(qtbot, SpanText())
    QTest.keyClicks(bench.edit, "x")
    QTest.keyClick(bench.edit, Qt.Key.Key_Return)
    QTest.keyClick(bench.edit, Qt.Key.Key_A, CTRL)
    QTest.keyClick(bench.edit, Qt.Key.Key_Delete)
    bench.check()
    assert bench.edit.value() == SpanText()


def test_replacing_a_selection_over_authors(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    bench.select(4, 24)
    QTest.keyClicks(bench.edit, "Z")
    bench.check()
    assert bench.edit.value() == SpanText(text="MineZe again.", runs=(Run(length=13),))
    assert bench.edits[0].removed_runs == (Run(length=2), Run(length=14, author="t1"), Run(length=4))


def test_copy_keeps_authors_and_foreign_text_is_mine(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    bench.select(4, 16)
    QTest.keyClick(bench.edit, Qt.Key.Key_C, CTRL)
    assert QApplication.clipboard().text() == ". Model 😀 wo"
    bench.edit.set_caret(len(bench.copy.text))
    QTest.keyClick(bench.edit, Qt.Key.Key_V, CTRL)
    bench.check()
    assert bench.edits[-1].inserted_runs == (Run(length=2), Run(length=10, author="t1"))
    QApplication.clipboard().setText("from\r\nelsewhere\0")
    QTest.keyClick(bench.edit, Qt.Key.Key_V, CTRL)
    bench.check()
    assert bench.edits[-1].inserted == "from\nelsewhere"
    assert bench.edits[-1].inserted_runs == (Run(length=14),)


def test_pasted_text_whose_authors_were_tampered_with_is_mine(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    bench.select(6, 11)
    data = bench.edit.createMimeDataFromSelection()
    data.setText("Other")
    bench.edit.set_caret(0)
    bench.edit.insertFromMimeData(data)
    assert bench.edits[-1].inserted_runs == (Run(length=5),)
    broken = QMimeData()
    broken.setText("x")
    broken.setData("application/x-atelier-spans", b"\xc1")
    bench.edit.insertFromMimeData(broken)
    assert bench.edits[-1].inserted == "x"
    bench.check()


def test_pasting_the_same_over_itself_changes_nothing_then_or_later(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    bench.select(6, 11)
    bench.edit.insertFromMimeData(bench.edit.createMimeDataFromSelection())
    assert bench.edits == []
    QTest.keyClicks(bench.edit, "mine")
    bench.check()
    assert all(edit.inserted_runs == (Run(length=1),) for edit in bench.edits)


def test_an_input_method_composes_without_changing_the_text(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    bench.edit.set_caret(13)
    QApplication.sendEvent(bench.edit, QInputMethodEvent("ni", []))
    assert bench.edits == []
    commit = QInputMethodEvent("", [])
    commit.setCommitString("你")
    QApplication.sendEvent(bench.edit, commit)
    bench.check()
    assert [edit.inserted for edit in bench.edits] == ["你"]


def test_a_change_reported_from_the_middle_of_a_wide_character_takes_all_of_it(qtbot: QtBot) -> None:
    bench = Bench(qtbot, SpanText(text="a😀b", runs=(Run(length=3),)))
    document = bench.edit.document()
    document.blockSignals(True)
    cursor = QTextCursor(document)
    cursor.setPosition(1)
    cursor.setPosition(3, QTextCursor.MoveMode.KeepAnchor)
    cursor.insertText("😁")
    document.blockSignals(False)
    document.contentsChange.emit(1, 1, 1)  # names only the first of its two units
    document.contentsChanged.emit()
    bench.check()
    assert [(edit.at, edit.removed, edit.inserted) for edit in bench.edits] == [(1, "😀", "😁")]


def drop(bench: Bench, data: QMimeData, at: int, action: Qt.DropAction, inside: bool = False) -> None:
    """Drop at a place of the text, as Qt does it."""
    edit = bench.edit
    point = QPointF(edit.rect_of(at).center())
    event = QDropEvent(point, action, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    if inside:
        edit._drop(
            at, *pasted(data), action == Qt.DropAction.MoveAction
        )  # Qt alone knows the source of a drag
    else:
        edit.dropEvent(event)


def test_text_dragged_elsewhere_keeps_its_authors_and_so_does_what_lies_between(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    bench.select(4, 11)
    drop(bench, bench.edit.createMimeDataFromSelection(), 20, Qt.DropAction.MoveAction, inside=True)
    bench.check()
    assert bench.edit.value().text == "Mine 😀 words.. Model\nMine again."
    assert bench.edit.value().slice_runs(0, 20) == (
        Run(length=4), Run(length=9, author="t1"), Run(length=2), Run(length=5, author="t1"),
    )  # fmt: skip
    assert len(bench.edits) == 1
    assert bench.edit.caret() == 20


def test_text_dropped_from_elsewhere_is_mine(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    bench.edit.show()
    data = QMimeData()
    data.setText("new ")
    drop(bench, data, 6, Qt.DropAction.CopyAction)
    bench.check()
    assert bench.edit.value().text.startswith("Mine. new Model")
    assert bench.edits[-1].inserted_runs == (Run(length=4),)


def test_typing_in_a_long_text_stays_quick(qtbot: QtBot) -> None:
    line = "The old keeper wrote “his” log every night and never missed an evening of it. " * 2 + "He slept."
    text = "\n".join([line] * 5_500)
    assert len(text) > 900_000
    runs = [Run(length=900, author=f"t{i % 7}" if i % 2 else "") for i in range(1_000)]
    bench = Bench(qtbot, SpanText(text=text, runs=merged([*runs, Run(length=len(text) - 900_000)])))
    bench.edit.show()
    bench.edit.set_caret(450_000)
    spent_ms = []
    for letter in "It was a dark and stormy night, said the keeper." * 2:
        start_s = time.thread_time()  # not the wall's clock: the machine may be busy
        QTest.keyClicks(bench.edit, letter)
        spent_ms.append((time.thread_time() - start_s) * 1000)
    bench.check()
    assert sorted(spent_ms)[len(spent_ms) // 2] < 16


def test_changes_from_outside_are_not_echoed(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    take = mixed().edit(5, 8, " 😀\nnew", (Run(length=6, author="t2"),))
    bench.edit.apply(take)
    assert bench.edits == []
    bench.copy = mixed().apply(take)
    bench.check()
    bench.edit.apply(take.inverse())
    assert bench.edit.value() == mixed()
    with pytest.raises(ValueError, match="does not fit"):
        bench.edit.apply(Edit(at=0, removed="nothing of the kind", removed_runs=(Run(length=19),)))


def test_undo_keys_ask_and_change_nothing(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    QTest.keyClicks(bench.edit, "a")
    before = bench.edit.value()
    with qtbot.waitSignal(bench.edit.undo_requested):
        QTest.keyClick(bench.edit, Qt.Key.Key_Z, CTRL)
    for key, modifiers in ((Qt.Key.Key_Z, CTRL | SHIFT), (Qt.Key.Key_Y, CTRL)):
        with qtbot.waitSignal(bench.edit.redo_requested):
            QTest.keyClick(bench.edit, key, modifiers)
    assert bench.edit.value() == before
    assert not bench.edit.document().isUndoAvailable()


def test_unshowable_characters_survive_beside_typing(qtbot: QtBot) -> None:
    odd = "a\rb\0c\ufffcd\u2028e\u00a0f\u2029g"
    bench = Bench(qtbot, SpanText(text=odd, runs=(Run(length=len(odd)),)))
    bench.edit.set_caret(4)
    QTest.keyClicks(bench.edit, "X")
    QTest.keyClick(bench.edit, Qt.Key.Key_Return)
    bench.check()
    assert bench.edit.value().text == odd[:4] + "X\n" + odd[4:]


def test_model_characters_are_tinted_and_mine_are_not(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    bench.edit.set_caret(8)
    QTest.keyClicks(bench.edit, "me")

    def tinted() -> list[tuple[int, int]]:
        layout = bench.edit.document().firstBlock().layout()
        return [(part.start, part.length) for part in layout.formats()]  # type: ignore[attr-defined]

    assert tinted() == [(6, 2), (10, 13)]  # UTF-16 units of the first paragraph
    bench.edit.set_show_authors(False)
    assert tinted() == []


def test_model_characters_of_a_later_paragraph_are_tinted_there(qtbot: QtBot) -> None:
    text = "Mine 😀.\nYours."
    bench = Bench(qtbot, SpanText(text=text, runs=(Run(length=10), Run(length=4, author="t"))))
    QTest.keyClicks(bench.edit, "My ")
    bench.edit.set_caret(len(text) + 3)
    QTest.keyClicks(bench.edit, "!")
    formats = bench.edit.document().lastBlock().layout().formats()  # type: ignore[attr-defined]
    assert [(part.start, part.length) for part in formats] == [(2, 4)]


def test_a_jump_of_the_caret_is_told_and_typing_is_none(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    jumps: list[int] = []
    bench.edit.jumped.connect(lambda: jumps.append(bench.edit.caret()))
    QTest.keyClicks(bench.edit, "one two")
    assert jumps == []
    QTest.keyClick(bench.edit, Qt.Key.Key_End, CTRL)
    assert jumps == [len(bench.copy.text)]


def test_ctrl_and_wheel_zoom(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    size = bench.edit.font().pointSizeF()
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, CTRL,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(bench.edit.viewport(), event)
    assert bench.edit.font().pointSizeF() > size
    bench.edit.zoom_reset()
    assert bench.edit.font().pointSizeF() == size


def test_menu_has_our_undo_and_no_other(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    menu = bench.edit.context_menu()
    titles = [action.text() for action in menu.actions() if action.text()]
    assert titles == ["Undo", "Redo", "Cut", "Copy", "Paste", "Select all"]
    with qtbot.waitSignal(bench.edit.undo_requested):
        menu.actions()[0].trigger()


def test_the_column_is_centred_and_not_too_wide(qtbot: QtBot) -> None:
    bench = Bench(qtbot, mixed())
    bench.edit.resize(1600, 600)
    bench.edit.grab()
    margins = bench.edit.viewportMargins()
    assert margins.left() == margins.right() > 200
    column = 1600 - 2 * margins.left()
    assert column / bench.edit.fontMetrics().averageCharWidth() <= 73


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_whatever_is_done_text_document_and_edits_agree(qtbot: QtBot, seed: int) -> None:
    dice = random.Random(seed)
    pieces = ["a", "Model 😀", "\n", "中文", "b\n\nc", "𝄞𝄞"]
    text = [(dice.choice(pieces), dice.choice(["", "t1", "t2"])) for _ in range(12)]
    value = SpanText(
        text="".join(piece for piece, _ in text),
        runs=merged(Run(length=len(piece), author=author) for piece, author in text),
    )
    bench = Bench(qtbot, value)
    for _ in range(25):
        length = len(bench.copy.text)
        act = dice.randrange(6)
        if act == 0:
            bench.edit.set_caret(dice.randint(0, length))
        elif act == 1:
            QTest.keyClicks(bench.edit, dice.choice(["x", "ab", " "]))
        elif act == 2:
            bench.select(*sorted((dice.randint(0, length), dice.randint(0, length))))
        elif act == 3:
            QTest.keyClick(
                bench.edit, dice.choice([Qt.Key.Key_Return, Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
            )
        elif act == 4:
            at = dice.randint(0, length)
            edit = bench.copy.edit(at, dice.randint(0, min(5, length - at)), dice.choice(pieces), None)
            bench.edit.apply(edit)
            bench.copy = bench.copy.apply(edit)
        else:
            bench.edit.insertFromMimeData(bench.edit.createMimeDataFromSelection())
        bench.check()


def test_difference_and_clean() -> None:
    assert difference("abcd", "abXd") == (2, 1, 1)
    assert difference("aaa", "aaaa") == (3, 0, 1)
    assert difference("same", "same") == (4, 0, 0)
    assert clean("a\r\nb\rc\u2029d\0") == "a\nb\nc\nd"


authored = st.lists(
    st.tuples(st.sampled_from(["a", "aa", "b", "猫", "\n"]), st.sampled_from(["", "t1"]), st.booleans()),
    max_size=8,
).map(
    lambda parts: SpanText(
        text="".join(text for text, _, _ in parts),
        runs=merged(Run(length=len(text), author=author, locked=locked) for text, author, locked in parts),
    )
)


@given(authored, authored)
def test_one_edit_makes_any_text_any_other(old: SpanText, new: SpanText) -> None:
    assert old.apply(change(old, new)) == new
