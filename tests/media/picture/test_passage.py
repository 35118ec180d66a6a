"""A passage becomes a prompt: what is told, not what is said; never a sign that means something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.picture.passage import PROMPT_CHARS, TITLE_CHARS, passage_at, passage_prompt, passage_title
from studio.media.picture.prompting import plain, weighted

STORY = "A fox lived in the wood. He found a small red door in the hill! Nobody came."


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (0, "A fox lived in the wood."),
        (10, "A fox lived in the wood."),
        (24, "A fox lived in the wood."),
        (30, "He found a small red door in the hill!"),
        (len(STORY), "Nobody came."),
    ],
)
def test_without_a_selection_it_is_the_sentence_at_the_caret(at: int, told: str) -> None:
    start, end = passage_at(STORY, at, at)
    assert STORY[start:end].strip() == told


def test_a_selection_is_taken_as_it_is() -> None:
    assert passage_at(STORY, 2, 9) == (2, 9)


@pytest.mark.parametrize("text", ["", "  \n "])
def test_where_nothing_stands_there_is_no_passage(text: str) -> None:
    with pytest.raises(ValueError, match="no passage"):
        passage_at(text, len(text), len(text))


def test_what_is_said_aloud_is_left_out_where_something_is_told() -> None:
    assert passage_prompt("“Who are you?” said the old owl, and spread her wings.") == (
        "said the old owl, and spread her wings."
    )
    assert passage_prompt("“A dragon!”") == "“A dragon!”"


def test_signs_of_prompts_lose_their_meaning() -> None:
    prompt = passage_prompt("The {red|blue} door (see the map:1.5) [in] the __hill__ stood open.")
    assert prompt == "The red blue door see the map:1.5 in the hill stood open."


def test_a_long_passage_ends_with_a_whole_sentence() -> None:
    prompt = passage_prompt("The sea was grey and wide. " * 30)
    assert len(prompt) <= PROMPT_CHARS
    assert prompt.endswith("wide.")
    assert len(prompt) > PROMPT_CHARS - 40


@given(st.text(max_size=600))
def test_any_passage_gives_a_prompt_that_means_itself(passage: str) -> None:
    prompt, title = passage_prompt(passage), passage_title(passage)
    assert len(prompt) <= PROMPT_CHARS
    assert len(title) <= TITLE_CHARS + 1
    assert plain(prompt) == prompt
    assert all(weight == 1.0 for _, weight in weighted(prompt))
