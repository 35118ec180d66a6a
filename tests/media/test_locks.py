"""Locks are part of the text: they move with it, undo with it, and no edit that is allowed changes them."""

import hypothesis.strategies as st
from hypothesis import given

from studio.media.spans import Edit, Run, SpanText, merged, unlocked

PIECES = st.lists(
    st.tuples(st.text("abc d\n", max_size=5), st.sampled_from(["", "t1"]), st.booleans()), max_size=6
)


def locked_text(pieces: list[tuple[str, str, bool]]) -> SpanText:
    runs = merged(Run(length=len(text), author=author, locked=lock) for text, author, lock in pieces)
    return SpanText(text="".join(text for text, _, _ in pieces), runs=runs)


def flags(text: SpanText) -> list[bool]:
    return [run.locked for run in text.runs for _ in range(run.length)]


@st.composite
def text_and_edit(draw: st.DrawFn) -> tuple[SpanText, Edit]:
    text = locked_text(draw(PIECES))
    at = draw(st.integers(0, len(text.text)))
    removed = draw(st.integers(0, len(text.text) - at))
    return text, text.edit(at, removed, draw(st.text("xy", max_size=4)))


@given(text_and_edit())
def test_an_allowed_edit_leaves_every_locked_character_in_place_and_order(
    case: tuple[SpanText, Edit],
) -> None:
    text, edit = case
    if text.allows(edit):
        after = text.apply(edit)
        kept = [c for c, lock in zip(text.text, flags(text), strict=True) if lock]
        assert [c for c, lock in zip(after.text, flags(after), strict=True) if lock] == kept
        assert after.apply(edit.inverse()) == text


@given(text_and_edit())
def test_an_edit_is_refused_exactly_when_it_takes_or_splits_locked_text(case: tuple[SpanText, Edit]) -> None:
    text, edit = case
    marks, end = flags(text), edit.at + len(edit.removed)
    takes = any(marks[edit.at : end])
    splits = edit.at == end and 0 < edit.at < len(marks) and marks[edit.at - 1] and marks[edit.at]
    assert text.allows(edit) == (not (takes or splits))


@given(text_and_edit())
def test_a_range_is_locked_when_any_of_it_is(case: tuple[SpanText, Edit]) -> None:
    text, edit = case
    end = edit.at + len(edit.removed)
    if edit.removed:
        assert text.is_locked(edit.at, end) == any(flags(text)[edit.at : end])


@given(PIECES, st.integers(0, 30), st.integers(0, 30), st.booleans())
def test_locking_changes_the_lock_and_nothing_else(
    pieces: list[tuple[str, str, bool]], one: int, two: int, on: bool
) -> None:
    text = locked_text(pieces)
    start, end = sorted((min(one, len(text.text)), min(two, len(text.text))))
    edit = text.lock(start, end, on)
    after = text if edit is None else text.apply(edit)
    assert after.text == text.text
    assert flags(after) == flags(text)[:start] + [on] * (end - start) + flags(text)[end:]
    assert unlocked(after.runs) == unlocked(text.runs)
    if edit is not None:
        assert after.apply(edit.inverse()) == text


def test_the_locked_stretches_are_told_joined() -> None:
    text = locked_text([("ab", "", True), ("cd", "t1", True), ("ef", "", False), ("g", "", True)])
    assert text.locks() == ((0, 4), (6, 7))
    assert SpanText().locks() == ()


def test_writing_at_the_edge_of_a_lock_is_allowed_and_inside_not() -> None:
    text = locked_text([("ab", "", True), ("cd", "", False)])
    assert [text.is_locked(at, at) for at in range(5)] == [False, True, False, False, False]


def test_what_is_copied_out_of_a_lock_is_free() -> None:
    text = locked_text([("ab", "t1", True), ("cd", "t1", False)])
    assert unlocked(text.slice_runs(0, 4)) == (Run(length=4, author="t1"),)
