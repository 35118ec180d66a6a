"""The story model that ships: its files, and that it has learnt what a simple story is."""

import json
import re
from pathlib import Path

import pytest
import story_eval
import story_export
import story_tokenizer
from safetensors import safe_open
from tokenizers import Tokenizer

STORY = """Once upon a time, there was a little boy named Ben. Ben had a small blue boat. One day, Ben took his boat
to the pond. He put it in the water and it went far away. Ben was sad.
"Don't cry," said a big duck. "I can help you." The duck swam to the boat and pushed it back to Ben.
"Thank you, duck!" said Ben. He gave the duck some bread. They played all day and became good friends."""


@pytest.fixture
def shipped(story_folder: Path) -> Path:
    """Its folder."""
    if not (story_folder / "config.json").exists():
        pytest.skip("the story model has not been made here")
    return story_folder


def test_files_and_size(shipped: Path) -> None:
    names = {file.name for file in shipped.iterdir()}
    assert names >= {
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "README.md",
        "ATTRIBUTION.tsv",
    }
    assert story_export.size(shipped) <= story_export.LIMIT


def test_configuration(shipped: Path) -> None:
    found = json.loads((shipped / "config.json").read_text(encoding="utf-8"))
    assert found["architectures"] == ["LlamaForCausalLM"]
    assert found["max_position_embeddings"] >= 1024
    assert found["tie_word_embeddings"] is True
    assert found["bos_token_id"] == found["eos_token_id"] == 0
    with safe_open(shipped / "model.safetensors", "pt") as weights:
        kinds = {str(weights.get_slice(name).get_dtype()) for name in weights.keys()}  # noqa: SIM118
        shape = weights.get_slice("model.embed_tokens.weight").get_shape()
    assert kinds == {"BF16"}
    assert shape == [found["vocab_size"], found["hidden_size"]]


def test_tokenizer(shipped: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(shipped)
    assert tokenizer.bos_token == tokenizer.eos_token == story_tokenizer.END
    marks = list(story_tokenizer.SPECIAL)
    assert tokenizer.convert_tokens_to_ids(marks) == list(range(len(marks)))
    text = "  Ben said: 从前 🦊\n\n\tnaïve  "
    ids = tokenizer(text)["input_ids"]
    assert ids == Tokenizer.from_file(str(shipped / "tokenizer.json")).encode(text).ids
    assert tokenizer.decode(ids) == text


def test_a_simple_story_is_likely(shipped: Path) -> None:
    tokenizer = Tokenizer.from_file(str(shipped / "tokenizer.json"))
    text = STORY.replace("boat\nto", "boat to")
    scorer = story_eval.transformers_scorer(shipped)
    figure = story_eval.measure([text], tokenizer, scorer, 1024)
    assert 0.4 < figure.bits_per_byte < 1.2
    assert figure.with_end - figure.bits_per_byte < 8 / len(text)  # it sees that the story is over
    jumbled = story_eval.measure([" ".join(sorted(text.split()))], tokenizer, scorer, 1024)
    assert jumbled.bits_per_byte > 1.5 * figure.bits_per_byte


def test_card_states_the_measured_figure(shipped: Path) -> None:
    card = (shipped / "README.md").read_text(encoding="utf-8")
    row = re.search(r"\| tinystories \| \*\*(\d\.\d{4})\*\* \|", card)
    assert row
    assert 0.5 < float(row.group(1)) <= 0.88
    assert card.count("\nSeed ") == 10
    for licence in ("CDLA-Sharing-1.0", "CC BY 4.0", "public domain", "Apache-2.0"):
        assert licence in card
