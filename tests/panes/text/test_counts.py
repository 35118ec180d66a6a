"""Counting words around a change gives what counting them all gives."""

from hypothesis import given
from hypothesis import strategies as st

from studio.media.spans import SpanText
from studio.panes.text.counts import count_words, recount, share_mine

TEXT = st.text(alphabet="ab \n中\u00a0", max_size=30)


@given(TEXT, TEXT, st.integers(0, 30), st.integers(0, 30))
def test_recount_is_count(text: str, inserted: str, at: int, length: int) -> None:
    before = SpanText(text=text)
    at = min(at, len(text))
    after = text[:at] + inserted + text[at + length :]
    edit = before.edit(at, min(length, len(text) - at), inserted)
    assert recount(count_words(text), after, edit) == count_words(after)


def test_a_text_with_one_model_character_is_not_all_mine() -> None:
    assert share_mine(1_000, 1) == 99
    assert share_mine(1_000, 0) == 100
    assert share_mine(10, 10) == 0
