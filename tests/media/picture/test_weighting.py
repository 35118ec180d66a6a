"""Weights of words: nudged up and down, put round the right words, gone at 1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.picture.weighting import nudged


@pytest.mark.parametrize(
    ("prompt", "start", "end", "steps", "out", "words"),
    [
        ("a red hat", 2, 9, 1, "a (red hat:1.1)", "red hat"),
        ("a (red hat:1.1)", 3, 10, 1, "a (red hat:1.2)", "red hat"),
        ("a (red hat:1.1)", 3, 10, -1, "a red hat", "red hat"),
        ("a red hat", 2, 9, -2, "a (red hat:0.8)", "red hat"),
        ("a red hat", 4, 4, 1, "a (red:1.1) hat", "red"),
        ("a  red ", 1, 7, 1, "a  (red:1.1) ", "red"),
        ("a (cat:2)", 4, 4, 1, "a (cat:2)", "cat"),
        ("a (cat:0.1)", 4, 4, -3, "a (cat:0.1)", "cat"),
        ("a , b", 2, 2, 1, "a , b", ""),
        ("", 0, 0, 1, "", ""),
    ],
)
def test_words_weigh_a_tenth_more_or_less(
    prompt: str, start: int, end: int, steps: int, out: str, words: str
) -> None:
    text, first, last = nudged(prompt, start, end, steps)
    assert text == out and text[first:last] == words


@given(st.text("ab (),:.", max_size=20), st.integers(0, 20), st.integers(0, 20), st.sampled_from([-1, 1]))
def test_a_place_in_the_prompt_stays_one(prompt: str, one: int, other: int, step: int) -> None:
    start, end = sorted((min(one, len(prompt)), min(other, len(prompt))))
    text, first, last = nudged(prompt, start, end, step)
    assert 0 <= first <= last <= len(text)


@given(st.text("abc ", min_size=1, max_size=12), st.sampled_from([-1, 1]))
def test_up_and_down_again_leaves_the_prompt_as_it_was(prompt: str, step: int) -> None:
    text, first, last = nudged(prompt, 0, len(prompt), step)
    assert nudged(text, first, last, -step)[0] == prompt
