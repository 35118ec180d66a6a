"""Every character keeps its author through any edits, and every edit can be taken back."""

import time

import hypothesis.strategies as st
import pytest
from hypothesis import given

from studio.media.spans import Edit, Run, SpanText, merged, moved, runs_of, whole

AUTHORS = st.sampled_from(["", "a", "b"])
CHARACTERS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
PIECES = st.lists(st.tuples(CHARACTERS, AUTHORS), max_size=6)


def span_text(pieces: list[tuple[str, str]]) -> SpanText:
    runs = merged(Run(length=len(text), author=author) for text, author in pieces)
    return SpanText(text="".join(text for text, _ in pieces), runs=runs)


def authors(text: SpanText) -> list[str]:
    return [run.author for run in text.runs for _ in range(run.length)]


@st.composite
def text_and_edit(draw: st.DrawFn) -> tuple[SpanText, Edit]:
    text = span_text(draw(PIECES))
    at = draw(st.integers(0, len(text.text)))
    removed = draw(st.integers(0, len(text.text) - at))
    new = span_text(draw(PIECES))
    return text, text.edit(at, removed, new.text, new.runs)


@given(text_and_edit())
def test_an_edit_changes_text_and_authors_alike(case: tuple[SpanText, Edit]) -> None:
    text, edit = case
    after = text.apply(edit)
    end = edit.at + len(edit.removed)
    new = authors(SpanText(text=edit.inserted, runs=edit.inserted_runs))
    assert after.text == text.text[: edit.at] + edit.inserted + text.text[end:]
    assert authors(after) == authors(text)[: edit.at] + new + authors(text)[end:]
    assert after.runs == merged(after.runs)


@given(text_and_edit())
def test_the_inverse_takes_an_edit_back_exactly(case: tuple[SpanText, Edit]) -> None:
    text, edit = case
    assert text.apply(edit).apply(edit.inverse()) == text


@given(PIECES, st.integers(0, 30), st.integers(0, 30))
def test_a_slice_has_the_authors_of_its_characters(
    pieces: list[tuple[str, str]], start: int, end: int
) -> None:
    text = span_text(pieces)
    runs = text.slice_runs(start, end)
    assert [run.author for run in runs for _ in range(run.length)] == authors(text)[start:end]


@given(text_and_edit(), st.integers(0, 40))
def test_a_caret_outside_the_edit_keeps_its_neighbours(case: tuple[SpanText, Edit], at: int) -> None:
    text, edit = case
    at = min(at, len(text.text))
    new = moved(at, [edit])
    end = edit.at + len(edit.removed)
    after = text.apply(edit).text
    if at < edit.at:
        assert new == at
    elif at >= end:
        assert after[new:] == text.text[at:]
    else:
        assert new == edit.at + len(edit.inserted)


def test_an_edit_of_another_text_is_refused() -> None:
    text = SpanText(text="abc", runs=runs_of("abc"))
    with pytest.raises(ValueError, match="does not fit"):
        text.apply(Edit(at=0, removed="x", removed_runs=runs_of("x")))
    with pytest.raises(ValueError, match="does not fit"):
        text.apply(Edit(at=9, inserted="x", inserted_runs=runs_of("x")))


def test_an_edit_that_lies_about_authors_is_refused() -> None:
    text = SpanText(text="abc", runs=runs_of("abc", "take"))
    with pytest.raises(ValueError, match="other authors"):
        text.apply(Edit(at=0, removed="a", removed_runs=runs_of("a")))
    with pytest.raises(ValueError, match="do not cover"):
        text.apply(Edit(at=0, inserted="x"))


@pytest.mark.parametrize(("at", "removed"), [(-1, 0), (0, 4), (4, 0), (2, -1)])
def test_an_edit_outside_the_text_is_refused(at: int, removed: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        SpanText(text="abc", runs=runs_of("abc")).edit(at, removed, "x")


def test_half_a_character_becomes_a_replacement_sign_of_equal_length() -> None:
    assert whole("a\ud800b\udfffc😀") == "a\ufffdb\ufffdc😀"
    assert SpanText().edit(0, 0, "\ud83d").inserted == "\ufffd"


def test_characters_by_models_are_counted() -> None:
    assert span_text([("ab", ""), ("cde", "t1"), ("f", ""), ("g", "t2")]).written_by_models() == 4


def test_an_edit_in_a_megabyte_takes_milliseconds() -> None:
    runs = tuple(Run(length=100, author=f"t{n}" if n % 2 else "") for n in range(10_000))
    text = SpanText(text="é" * 1_000_000, runs=runs)
    best_s = 1.0
    for _ in range(10):
        start = time.perf_counter()
        text = text.apply(text.edit(500_000, 3, "word"))
        best_s = min(best_s, time.perf_counter() - start)
    assert best_s < 0.010


def locked(*parts: tuple[str, bool]) -> SpanText:
    """A text of the person's whose parts are locked or not."""
    return SpanText(
        text="".join(text for text, _ in parts),
        runs=merged(Run(length=len(text), locked=held) for text, held in parts),
    )


@pytest.mark.parametrize(
    ("at", "removed", "becomes", "allowed"),
    [
        (0, 9, locked(("X", False), ("LLMM", True)), True),  # all around and between gone: they touch
        (0, 9, locked(("LL", True), ("b", False), ("MM", True)), True),
        (0, 9, locked(("L", True), ("x", False), ("L", True), ("MM", True)), False),  # broken
        (0, 9, locked(("LL", True), ("M", True)), False),  # less
        (0, 9, locked(("MM", True), ("LL", True)), False),  # in another order
        (0, 9, locked(("LL", False), ("MM", True)), False),  # free
        (3, 4, locked(("L", True), ("y", False), ("MM", True)), True),  # from the middle of a passage on
        (3, 4, locked(("y", False), ("L", True), ("MM", True)), False),  # and put something into it
        (2, 3, locked(("LL", True), ("b", False)), True),
    ],
)
def test_an_edit_may_reach_over_locked_text_that_stays_whole(
    at: int, removed: int, becomes: SpanText, allowed: bool
) -> None:
    value = locked(("aa", False), ("LL", True), ("b", False), ("MM", True), ("cc", False))
    assert value.allows(value.edit(at, removed, becomes.text, becomes.runs)) is allowed
