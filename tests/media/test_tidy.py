"""What is untidy is found, what is right is left alone, locks and authors hold."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.spans import Run, SpanText, runs_of
from studio.media.tidy import RULES, Rule, mended, untidy


def text(words: str, author: str = "") -> SpanText:
    return SpanText(text=words, runs=runs_of(words, author))


def tidied(words: str, *rules: Rule) -> str:
    value = text(words)
    edit = mended(value, untidy(words, rules or RULES))
    return value.apply(edit).text if edit else words


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("spacing", "The  fox ran .", "The fox ran."),
        ("spacing", "It ran,then slept.", "It ran, then slept."),
        ("spacing", "One. \n  Two.", "One.\nTwo."),
        ("spacing", "One.\n\n\n\nTwo.", "One.\n\nTwo."),
        ("quotes", "“Yes,” she said. “It's 'so'.”", "“Yes,” she said. “It’s ‘so’.”"),
        (
            "quotes",
            '“Go,” he said. \'"Run"\' ’Tis "odd" in \'45',
            '"Go," he said. \'"Run"\' \'Tis "odd" in \'45',
        ),
        ("doubled", "The the fox ran ran home.", "The fox ran home."),
        (
            "repeated",
            "She ran to the door. She ran to the door. It was shut.",
            "She ran to the door. It was shut.",
        ),
        ("repeated", "A long dark night\nA long dark night\nMorning", "A long dark night\nMorning"),
        ("unfinished", "He came home. He sat down. Then the", "He came home. He sat down."),
    ],
)
def test_each_rule_mends_its_own(rule: Rule, before: str, after: str) -> None:
    assert tidied(before, rule) == after


@pytest.mark.parametrize(
    "fine",
    [
        "She had had enough, and he knew that that was so.",
        "“Yes,” she said. “It’s late.”",
        'It\'s "so".',
        "No!\nNo!",
        "A price of 3,000 and a time of 10:30; see e.g. there.",
        "He said:\nAnd then—",
        "***\n***",
        "One.\n\nTwo.",
        "Wait...",
    ],
)
def test_what_is_right_is_left_alone(fine: str) -> None:
    assert untidy(fine) == ()


def test_the_space_at_the_caret_stays() -> None:
    assert untidy("The fox ") == ()


def test_a_lone_unfinished_sentence_is_not_cut() -> None:
    assert untidy("It was a dark and", ("unfinished",)) == ()
    assert untidy("One. Two.\nIt was a dark and", ("unfinished",)) == ()


def test_an_opening_quote_follows_a_space_a_bracket_or_a_dash() -> None:
    some = "“A” “B” “C” “D” "
    assert tidied(f'{some}(\'yes\' and "no")—"go"', "quotes") == f"{some}(‘yes’ and “no”)—“go”"


@given(st.text(alphabet="ab .,;\"“”'’\n!", max_size=60))
def test_tidying_twice_changes_nothing_more_in_the_end(words: str) -> None:
    once = words
    for _ in range(12):
        after = tidied(once)
        if after == once:
            break
        once = after
    assert tidied(once) == once


@given(st.text(alphabet='ab .,"“”\n', max_size=40), st.data())
def test_locked_text_is_never_changed(words: str, data: st.DataObject) -> None:
    value = text(words)
    start = data.draw(st.integers(0, len(words)))
    end = data.draw(st.integers(start, len(words)))
    edit = value.lock(start, end)
    value = value.apply(edit) if edit else value
    mending = mended(value, untidy(value.text))
    if mending:
        assert value.allows(mending)
        kept = [value.text[a:b] for a, b in value.locks()]
        after = value.apply(mending)
        assert [after.text[a:b] for a, b in after.locks()] == kept


def test_a_mended_quote_stays_its_author_s() -> None:
    value = SpanText(text='“Oh” "no"', runs=(Run(length=5), Run(length=4, author="t1")))
    edit = mended(value, untidy(value.text, ("quotes",)))
    assert edit is not None
    after = value.apply(edit)
    assert after.text == "“Oh” “no”"
    assert after.runs == value.runs


def test_one_edit_covers_all_fixes() -> None:
    value = text("a  b .\nc  d", "t1")
    edit = mended(value, untidy(value.text))
    assert edit is not None
    assert value.apply(edit) == text("a b.\nc d", "t1")


# was a minute for a novel in one scene: every fix summed up all runs before it
def test_a_long_text_by_two_authors_is_tidied_in_a_moment() -> None:
    line = "The the fox  ran home , and slept.\n"
    runs = tuple(Run(length=len(line), author="" if n % 2 else "t1") for n in range(6_000))
    value = SpanText(text=line * 6_000, runs=runs)
    began_s = process_time()
    fixes = untidy(value.text, ("spacing", "doubled"))
    edit = mended(value, fixes)
    assert process_time() - began_s < 3
    assert edit is not None and value.apply(edit).text == "The fox ran home, and slept.\n" * 6_000
