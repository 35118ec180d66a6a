"""The next word, sentence, paragraph of a take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.pieces import PIECES, next_paragraph, next_sentence, next_word


@pytest.mark.parametrize(
    ("text", "word", "sentence", "paragraph"),
    [
        (" the fox ran. It", " the", " the fox ran.", " the fox ran. It"),
        ("red door", "red", "red door", "red door"),
        (' said "Run!" and', " said", ' said "Run!" and', ' said "Run!" and'),
        (' "Run!" said Tom. He', ' "Run!"', ' "Run!" said Tom.', ' "Run!" said Tom. He'),
        ("\n\nNext day. Rain", "\n\nNext", "\n\nNext day.", "\n\nNext day. Rain"),
        ("one\ntwo", "one", "one", "one\n"),
        (" Mr. Hare sat. So", " Mr.", " Mr. Hare sat.", " Mr. Hare sat. So"),
        ("…then he", "…then", "…then he", "…then he"),
        ("狐狸跑了。雨停了", "狐", "狐狸跑了。", "狐狸跑了。雨停了"),
        ("   ", "   ", "   ", "   "),
        ("", "", "", ""),
    ],
)
def test_the_next_piece_of_a_take(text: str, word: str, sentence: str, paragraph: str) -> None:
    assert text[: next_word(text)] == word
    assert text[: next_sentence(text)] == sentence
    assert text[: next_paragraph(text)] == paragraph


@given(st.text(alphabet=" \nab.!狐”", max_size=40), st.sampled_from(sorted(PIECES)))
def test_piece_after_piece_gives_the_whole_text(text: str, unit: str) -> None:
    rest, taken = text, ""
    while rest:
        length = PIECES[unit](rest)
        assert 0 < length <= len(rest)
        taken, rest = taken + rest[:length], rest[length:]
    assert taken == text
