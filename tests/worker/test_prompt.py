"""What the model gets to read."""

import pytest

from studio.core.jobs import TextJob
from studio.worker.text.prompt import Prompt, lay_out
from studio.worker.text.tokens import TextTokens, load_tokens
from tests import tiny_models

CONTEXT = 256


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> TextTokens:
    folder = tmp_path_factory.mktemp("tokens")
    tiny_models.write_tokenizer(folder)
    return load_tokens(folder)


@pytest.fixture(scope="module")
def plain_tokens(tmp_path_factory: pytest.TempPathFactory) -> TextTokens:
    folder = tmp_path_factory.mktemp("plain_tokens")
    tiny_models.write_tokenizer(folder, fill_in=False)
    return load_tokens(folder)


def laid(tokens: TextTokens, prompt: str, **more: object) -> Prompt:
    """The prompt of a job."""
    given: dict[str, object] = {"tokens": 40, "seed": 0, "at": len(prompt), **more}
    return lay_out(TextJob(id="j", prompt=prompt, model="m", **given), tokens, CONTEXT)  # type: ignore[arg-type]


def test_a_text_from_its_beginning_opens_with_the_start_token(tokens: TextTokens) -> None:
    assert laid(tokens, "The fox").ids == [0, *tokens.encode("The fox").ids]
    assert laid(tokens, "The fox", at=900).ids == tokens.encode("The fox").ids
    assert laid(tokens, "").ids == [0]


def test_the_note_comes_first_and_is_no_part_of_the_text(tokens: TextTokens) -> None:
    prompt = laid(tokens, "The fox", note="A fable.")
    assert tokens.decode(prompt.ids) == "A fable.\n\nThe fox"
    assert tokens.decode(prompt.before).endswith("The fox")


def test_suffix_is_laid_out_for_models_that_fill_in(tokens: TextTokens, plain_tokens: TextTokens) -> None:
    prompt = laid(tokens, "The fox", suffix=" sang.")
    fox, sang = tokens.encode("The fox").ids, tokens.encode(" sang.").ids
    assert prompt.ids == [1, *fox, 2, *sang, 3]
    assert prompt.filled_in
    assert not laid(tokens, "The fox", suffix=" \n").filled_in
    assert not laid(plain_tokens, "The fox", suffix=" sang.").filled_in


def test_one_space_at_the_caret_is_left_to_the_take(tokens: TextTokens) -> None:
    prompt = laid(tokens, "The fox ")
    assert prompt.space
    assert prompt.ids == laid(tokens, "The fox").ids
    assert not laid(tokens, "The fox\n").space


@pytest.mark.parametrize("words", [50, 200, 1000, 20_000])
def test_a_long_text_is_cut_at_its_beginning_and_fits(tokens: TextTokens, words: int) -> None:
    text = " ".join(f"word{n}" for n in range(words))
    prompt = laid(tokens, text, suffix=" sang." * 100, note="A fable. " * 100)
    assert len(prompt.ids) <= CONTEXT - 40
    shown = tokens.decode(prompt.ids)
    assert text[prompt.cut_chars :] in shown
    assert text.endswith(tokens.decode(prompt.before))
    assert prompt.cut_chars > 0


def test_the_cut_stays_put_while_the_person_writes_on(tokens: TextTokens) -> None:
    text = "The fox sang to the river. " * 40
    cuts = [laid(tokens, text + "The owl sat. " * more).cut_chars for more in range(60)]
    assert cuts == sorted(cuts)
    assert 3 <= len(set(cuts)) <= 15


def test_the_lead_ends_the_prompt_and_carries_the_space_at_the_caret(tokens: TextTokens) -> None:
    prompt = laid(tokens, "The fox ", lead="sang to")
    assert prompt.lead_ids == tokens.encode(" sang to").ids
    assert prompt.ids[-len(prompt.lead_ids) :] == prompt.lead_ids
    assert prompt.space and not prompt.first_spaced
    assert tokens.decode(prompt.before).endswith("The fox")
    spaced = laid(tokens, "The fox", lead=" sang ")
    assert spaced.lead_ids == tokens.encode(" sang").ids
    assert spaced.first_spaced and not spaced.space
    assert laid(tokens, "The fox ").first_spaced
    assert not laid(tokens, "The fox").first_spaced
