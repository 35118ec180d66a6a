"""Keystrokes joined into edits."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from studio.media.spans import Edit, Run, SpanText, merged
from studio.widgets.typing_group import GROUP_MS, TypingGroup, joined

AUTHORS = st.sampled_from(["", "t1", "t2"])


@st.composite
def texts(draw: st.DrawFn, size: int = 12) -> SpanText:
    pieces = draw(st.lists(st.tuples(st.text("ab\n😀", min_size=1, max_size=3), AUTHORS), max_size=size))
    return SpanText(
        text="".join(piece for piece, _ in pieces),
        runs=merged(Run(length=len(piece), author=author) for piece, author in pieces),
    )


@st.composite
def edits(draw: st.DrawFn, value: SpanText) -> Edit:
    at = draw(st.integers(0, len(value.text)))
    removed = draw(st.integers(0, len(value.text) - at))
    inserted = draw(texts(3))
    return value.edit(at, removed, inserted.text, inserted.runs)


@given(st.data())
def test_a_joined_edit_does_what_both_did_and_can_be_undone(data: st.DataObject) -> None:
    before = data.draw(texts())
    first = data.draw(edits(before))
    between = before.apply(first)
    then = data.draw(edits(between))
    after = between.apply(then)
    both = joined(first, then)
    if both is None:
        assert then.at > first.at + len(first.inserted) or then.at + len(then.removed) < first.at
        return
    assert before.apply(both) == after
    assert after.apply(both.inverse()) == before


def typed(at: int, text: str) -> Edit:
    return Edit(at=at, inserted=text, inserted_runs=(Run(length=len(text)),))


def test_letters_become_one_edit_no_later_than_the_group_allows(qtbot: QtBot) -> None:
    owner = QObject()
    group = TypingGroup(owner)
    told: list[tuple[str, str]] = []
    group.grouped.connect(lambda edit, kind: told.append((edit.inserted, kind)))
    with qtbot.waitSignal(group.grouped, timeout=GROUP_MS + 400):
        for place, letter in enumerate("word"):
            group.add(typed(place, letter), "typed")
    assert told == [("word", "typed")]


def test_a_new_paragraph_a_paste_and_another_place_end_a_group(qtbot: QtBot) -> None:
    owner = QObject()
    group = TypingGroup(owner)
    told: list[tuple[str, str]] = []
    group.grouped.connect(lambda edit, kind: told.append((edit.inserted, kind)))
    group.add(typed(0, "a"), "typed")
    group.add(typed(1, "\n"), "typed")
    assert told == [("a\n", "typed")]
    group.add(typed(2, "b"), "typed")
    group.add(typed(3, "pasted"), "pasted")
    assert told[1:] == [("b", "typed"), ("pasted", "pasted")]
    group.add(typed(9, "c"), "typed")
    group.add(typed(0, "d"), "typed")
    assert told[3:] == [("c", "typed")]
    group.flush()
    assert told[4:] == [("d", "typed")]


def test_a_letter_typed_and_taken_back_is_nothing(qtbot: QtBot) -> None:
    owner = QObject()
    group = TypingGroup(owner)
    group.add(typed(3, "x"), "typed")
    group.add(typed(3, "x").inverse(), "typed")
    with qtbot.assertNotEmitted(group.grouped):
        group.flush()
    assert not group.is_pending()
