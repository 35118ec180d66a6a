"""Tokens become text piece by piece, never half a character, never another text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers

from studio.core.errors import StudioError
from studio.worker.text.tokens import Streamed, TextTokens, load_tokens
from tests import tiny_models


@pytest.fixture(scope="module")
def byte_level(tmp_path_factory: pytest.TempPathFactory) -> TextTokens:
    folder = tmp_path_factory.mktemp("byte_level")
    tiny_models.write_tokenizer(folder)
    return load_tokens(folder)


@pytest.fixture(scope="module")
def piece_like() -> TextTokens:
    """A sentencepiece-like tokenizer: words begin with a mark, unknown characters fall back to bytes."""
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    pieces += ["▁", "▁the", "▁fox", "▁sang", "s", "a", "n", "g", "!", "。", "狐"]
    scores = [(piece, -float(len(pieces) - i) / 10) for i, piece in enumerate(pieces)]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=0, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens(["<s>", "</s>"])
    return TextTokens(tokenizer, 1, True, frozenset({2}))


def pieces_of(tokens: TextTokens, before: list[int], ids: list[int]) -> list[str]:
    """What streams for these ids."""
    streamed = Streamed(tokens, before)
    return [*(streamed.push(token) for token in ids), streamed.flush()]


@given(ids=st.lists(st.integers(5, 400), max_size=40))
def test_streamed_bytes_join_to_the_whole_decoding(byte_level: TextTokens, ids: list[int]) -> None:
    pieces = pieces_of(byte_level, [], ids)
    assert "".join(pieces) == byte_level.decode(ids)


@given(text=st.text(max_size=30), before=st.text(max_size=12))
def test_streamed_text_is_the_text_and_no_half_character_shows(
    byte_level: TextTokens, text: str, before: str
) -> None:
    text = text.replace("�", "")
    ids = byte_level.encode(text).ids
    pieces = pieces_of(byte_level, byte_level.encode(before).ids, ids)
    assert "".join(pieces) == text
    assert all("�" not in piece for piece in pieces)


@given(
    words=st.lists(
        st.sampled_from(["the", "fox", "sang", "sang!", "狐", "é", "🦊", "。", "n"]), min_size=1, max_size=9
    )
)
def test_sentencepiece_like_pieces_keep_their_spaces_after_a_prompt(
    piece_like: TextTokens, words: list[str]
) -> None:
    text = " ".join(words)
    before = piece_like.encode("the fox").ids
    pieces = pieces_of(piece_like, before, piece_like.encode(text).ids)
    assert "".join(pieces) == " " + text
    assert "".join(pieces_of(piece_like, [], piece_like.encode(text).ids)) == text
    assert all("�" not in piece for piece in pieces)


def test_a_character_of_several_tokens_shows_when_it_is_whole(byte_level: TextTokens) -> None:
    ids = byte_level.encode("🦊").ids
    assert len(ids) == 4
    assert pieces_of(byte_level, [], ids) == ["", "", "", "🦊", ""]


def test_special_tokens_are_known_and_written_marks_stay_text(byte_level: TextTokens) -> None:
    assert byte_level.start == 0
    assert byte_level.ends == {0}
    assert byte_level.fill_in == (1, 2, 3)
    assert byte_level.never == {1, 2, 3, 4}
    assert 0 not in byte_level.encode("a <|endoftext|> b").ids


def test_tokens_that_open_with_one_space_are_found(byte_level: TextTokens) -> None:
    texts = [byte_level.decode([number]) for number in byte_level.opens_with_space]
    assert " fox" in texts
    assert all(text[0] == " " and text[1:2].strip() for text in texts)


def test_a_damaged_tokenizer_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(StudioError, match=r"tokenizer in .* cannot be read"):
        load_tokens(tmp_path)
