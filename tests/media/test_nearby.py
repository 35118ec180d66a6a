"""What a model is given of a long text."""

from hypothesis import given
from hypothesis import strategies as st

from studio.media.nearby import after_caret, before_caret


@given(st.integers(0, 5_000), st.integers(4, 1_000))
def test_the_end_of_the_text_is_kept_whole(length: int, limit: int) -> None:
    text = "".join(chr(97 + index % 26) for index in range(length))
    kept = before_caret(text, limit)
    assert text.endswith(kept) and len(kept) <= limit
    assert len(kept) > limit - limit // 4 - 1 or kept == text


def test_the_cut_stays_in_place_while_the_person_writes_on() -> None:
    text = "x" * 1_010
    starts = {len(text) + more - len(before_caret(text + "y" * more, 1_000)) for more in range(240)}
    assert starts == {250}


def test_the_text_after_the_caret_is_cut_at_its_end() -> None:
    assert after_caret("abcdefgh", 16) == "abcd"
    assert after_caret("ab", 16) == "ab"
