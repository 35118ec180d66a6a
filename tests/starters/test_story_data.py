"""The story recipe's data side: tokenizer, fill-in-the-middle forms, cutting and packing."""

import numpy as np
import pytest
import story_data
import story_pack
import story_tokenizer
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

SIZE = 400


@pytest.fixture(scope="module")
def tokenizer(stories: list[str]) -> Tokenizer:
    """A small tokenizer of the same make as the one that ships."""
    return story_tokenizer.learn(stories, [], SIZE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " a  b \n\n\tc ",
        "从前有一只狐狸。",
        "🦊👩\u200d👧 naïve café",
        "\u0000\ufeff\u2028",
        "A\u030a\u212b",
    ],
)
def test_round_trip_of_odd_texts(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text


@settings(deadline=None, max_examples=150)
@given(text=st.text(max_size=80))
def test_round_trip_of_any_text(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text


def test_special_tokens_come_first(tokenizer: Tokenizer) -> None:
    marks = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|reserved_0|>"]
    assert [tokenizer.token_to_id(mark) for mark in marks] == [0, 1, 2, 3, 4]
    assert tokenizer.encode(story_tokenizer.MIDDLE).ids == [3]
    assert tokenizer.get_vocab_size() <= SIZE


@settings(deadline=None, max_examples=150)
@given(text=st.text(max_size=60) | st.text("ab ", max_size=60), seed=st.integers(0, 9999))
def test_cuts_lose_no_text(text: str, seed: int) -> None:
    prefix, middle, suffix = story_pack.split_middle(text, np.random.default_rng(seed))
    assert prefix + middle + suffix == text


def test_fill_forms() -> None:
    form = story_pack.fill_form("one ", "two", " three", suffix_first=False)
    assert form == "<|fim_prefix|>one <|fim_suffix|> three<|fim_middle|>two<|endoftext|>"
    form = story_pack.fill_form("one ", "two", " three", suffix_first=True)
    assert form == "<|fim_suffix|> three<|fim_prefix|>one <|fim_middle|>two<|endoftext|>"


def test_filled_pieces_hold_the_whole_text(tokenizer: Tokenizer, stories: list[str]) -> None:
    for seed, text in enumerate(stories):
        piece = story_pack.fill_piece(tokenizer, text, np.random.default_rng(seed))
        form = tokenizer.decode(piece.tolist(), skip_special_tokens=False)
        parts = {}
        for mark in (story_tokenizer.PREFIX, story_tokenizer.SUFFIX, story_tokenizer.MIDDLE):
            parts[mark] = form.split(mark)[1].split("<|")[0]
        order = (story_tokenizer.PREFIX, story_tokenizer.MIDDLE, story_tokenizer.SUFFIX)
        assert "".join(parts[mark] for mark in order) == text
        assert form.endswith(story_tokenizer.END)
        assert form.index(story_tokenizer.MIDDLE) > form.index(story_tokenizer.SUFFIX)


@settings(deadline=None)
@given(length=st.integers(2, 300), first=st.integers(1, 64), limit=st.integers(1, 64))
def test_cutting_targets_every_token_once(length: int, first: int, limit: int) -> None:
    ids = np.arange(length)
    pieces = story_pack.cut(ids, min(first, limit), limit)
    assert np.concatenate([piece[1:] for piece in pieces]).tolist() == list(range(1, length))
    assert np.concatenate([piece[:-1] for piece in pieces]).tolist() == list(range(length - 1))
    assert max(len(piece) for piece in pieces) <= limit + 1


@settings(deadline=None)
@given(lengths=st.lists(st.integers(1, 32), max_size=80))
def test_packing_places_every_piece_once(lengths: list[int]) -> None:
    bins = story_pack.pack(lengths, 32)
    assert sorted(i for bin_ in bins for i in bin_) == list(range(len(lengths)))
    assert all(sum(lengths[i] for i in bin_) <= 32 for bin_ in bins)
    assert (
        sum(sum(lengths[i] for i in bin_) <= 16 for bin_ in bins) <= 1
    )  # two half-empty ones would fit in one


def test_windows_keep_documents_apart() -> None:
    pieces = [np.array([0, 11, 12, 0]), np.array([0, 21, 0])]
    tokens, targets, documents = story_pack.lay(pieces, 7).tolist()
    assert tokens == [0, 11, 12, 0, 21, 0, 0]
    assert targets == [11, 12, 0, 21, 0, story_pack.IGNORE, story_pack.IGNORE]
    assert documents == [0, 0, 0, 1, 1, 2, 2]


def test_feed_is_seeded_and_resumes_in_the_middle(tokenizer: Tokenizer, stories: list[str]) -> None:
    encoded = [np.array([0, *found.ids, 0]) for found in tokenizer.encode_batch(stories)]
    whole = story_pack.Feed(tokenizer, encoded, 64, seed=3).take(90)
    feed = story_pack.Feed(tokenizer, encoded, 64, seed=3)
    feed.take(40)
    again = story_pack.Feed(tokenizer, encoded, 64, seed=3, epoch=feed.epoch, taken=feed.taken)
    assert feed.epoch >= 1
    assert np.array_equal(again.take(50), whole[40:])
    assert not np.array_equal(story_pack.Feed(tokenizer, encoded, 64, seed=4).take(90), whole)
    per_epoch = len(again.plan)
    assert not np.array_equal(whole[:per_epoch], whole[per_epoch : 2 * per_epoch])


def test_documents_keep_their_text() -> None:
    text = "\nOne\n\nmore.  \n<|endoftext|>\n  Two.<|endoftext|>\n"
    assert story_data.split_documents(text) == ["\nOne\n\nmore.  "[1:], "  Two."]
