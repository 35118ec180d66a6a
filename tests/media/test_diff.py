"""What changed between two texts: nothing lost, nothing made up, words kept whole."""

import random
from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from studio.media.diff import changed_words, diff, diff_of
from studio.media.spans import Run, SpanText, merged, runs_of
from studio.media.tidy import mended, mendings, untidy

words = st.lists(st.sampled_from(["the", "fox", "ran", ",", " ", " ", "\n", "don’t", "猫", "."]), max_size=30)


def text(words_: str, author: str = "") -> SpanText:
    return SpanText(text=words_, runs=runs_of(words_, author))


def joined(pieces: object, kinds: tuple[str, ...]) -> SpanText:
    mine = [piece for piece in pieces if piece.kind in kinds]  # type: ignore[attr-defined]
    return SpanText(
        text="".join(piece.text for piece in mine), runs=merged(run for piece in mine for run in piece.runs)
    )


@given(words, words)
def test_the_pieces_make_up_both_texts(old_words: list[str], new_words: list[str]) -> None:
    old, new = text("".join(old_words), "a"), text("".join(new_words), "b")
    pieces = diff(old, new)
    assert joined(pieces, ("same", "removed")).text == old.text
    assert joined(pieces, ("same", "added")) == new
    for piece in pieces:
        if piece.kind != "added":
            assert old.text[piece.old_at : piece.old_at + len(piece.text)] == piece.text
        if piece.kind != "removed":
            assert new.text[piece.new_at : piece.new_at + len(piece.text)] == piece.text


def test_only_the_changed_word_differs() -> None:
    pieces = diff(text("The red fox ran home."), text("The old fox ran home."))
    assert [(piece.kind, piece.text) for piece in pieces] == [
        ("same", "The "),
        ("removed", "red"),
        ("added", "old"),
        ("same", " fox ran home."),
    ]


def test_a_space_between_two_changes_does_not_cut_them() -> None:
    pieces = diff(text("a red fox came"), text("a blue wolf came"))
    assert [piece.text for piece in pieces if piece.kind == "removed"] == ["red fox"]


def test_an_apostrophe_belongs_to_its_word() -> None:
    pieces = diff(text("I don’t go"), text("I do go"))
    assert [piece.text for piece in pieces if piece.kind != "same"] == ["don’t", "do"]


def test_authors_of_both_sides_are_kept() -> None:
    pieces = diff(text("one two", "t1"), text("one six", "t2"))
    assert {piece.kind: piece.runs for piece in pieces} == {
        "same": (Run(length=4, author="t2"),),
        "removed": (Run(length=3, author="t1"),),
        "added": (Run(length=3, author="t2"),),
    }


def test_equal_texts_have_one_piece() -> None:
    assert [piece.kind for piece in diff(text("the fox"), text("the fox"))] == ["same"]
    assert diff(text(""), text("")) == ()


def test_a_moved_paragraph_leaves_the_others_alone() -> None:
    old = text("one a b\ntwo c d\nthree e f\n")
    pieces = diff(old, text("two c d\nthree e f\none a b\n"))
    assert [piece.text for piece in pieces if piece.kind == "same"] == ["two c d\nthree e f\n"]


def test_words_are_counted_not_characters() -> None:
    pieces = diff(text("the red fox"), text("the very small blue fox 猫猫"))
    assert changed_words(pieces) == (5, 1)


def test_a_very_long_changed_stretch_is_shown_as_replaced() -> None:
    old, new = " ".join(f"a{i}" for i in range(4000)), " ".join(f"b{i}" for i in range(4000))
    assert [piece.kind for piece in diff(text(old), text(new))] == ["removed", "added"]


@given(words)
def test_the_pieces_of_known_edits_make_up_both_texts(some: list[str]) -> None:
    old = text("".join(some), "a")
    fixes = untidy(old.text)
    edit = mended(old, fixes)
    new = old.apply(edit) if edit else old
    pieces = diff_of(old, new, mendings(old, fixes))
    assert joined(pieces, ("same", "removed")) == old
    assert joined(pieces, ("same", "added")) == new
    for piece in pieces:
        if piece.kind != "added":
            assert old.text[piece.old_at : piece.old_at + len(piece.text)] == piece.text
        if piece.kind != "removed":
            assert new.text[piece.new_at : piece.new_at + len(piece.text)] == piece.text


# was 32 s for a novel of 900,000 characters in which every other paragraph had changed
def test_two_versions_of_a_long_text_are_compared_in_a_moment() -> None:
    chance = random.Random(1)
    vocabulary = ["the", "fox", "ran", "into", "a", "wood", "and", "sang", "of", "small", "red", "door"]
    lines = [" ".join(chance.choices(vocabulary, k=60)) for _ in range(200)]
    changed = [line.replace("red", "green") if number % 20 else line for number, line in enumerate(lines)]
    began_s = process_time()
    pieces = diff(text("\n".join(lines)), text("\n".join(changed)))
    assert process_time() - began_s < 2
    assert {word for piece in pieces if piece.kind == "removed" for word in piece.text.split()} == {"red"}
