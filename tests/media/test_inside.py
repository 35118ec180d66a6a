"""From a character to the token that wrote it."""

from studio.core.takes import Token
from studio.media.inside import found_in_take, place_in_take, surprises, token_at, token_span
from studio.media.spans import Run, SpanText

TEXT = " the fox ran. the fox sat."
ENDS = (4, 8, 12, 13, 17, 21, 25, 26)
TOKENS = tuple(Token(id=i, end=end, logprob=-float(i)) for i, end in enumerate(ENDS))


def runs(*pieces: tuple[str, str]) -> SpanText:
    """A text of (words, author) pieces."""
    return SpanText(
        text="".join(words for words, _ in pieces),
        runs=tuple(Run(length=len(words), author=author) for words, author in pieces),
    )


def test_every_character_has_its_token() -> None:
    for place in range(len(TEXT)):
        index = token_at(TOKENS, place)
        assert index is not None
        start, end = token_span(TOKENS, index)
        assert start <= place < end
    assert token_at(TOKENS, len(TEXT)) is None
    assert token_at(TOKENS, -1) is None


def test_a_place_of_an_edited_draft_leads_back_to_the_take() -> None:
    draft = TEXT.replace(" fox ran", " big fox ran", 1)
    assert place_in_take(TEXT, draft, draft.index("fox")) == TEXT.index("fox")
    assert place_in_take(TEXT, draft, draft.index("big")) is None
    assert place_in_take(TEXT, TEXT, 3) == 3
    assert place_in_take(TEXT, TEXT, len(TEXT)) is None


def test_words_that_stand_once_in_the_take_are_found_and_others_are_not() -> None:
    value = runs(("Then", ""), (" fox ran. the", "t"), ("!", ""))
    assert found_in_take(TEXT, value, 5) == TEXT.index("fox ran")
    assert found_in_take(TEXT, runs(("A", ""), (" the fox", "t")), 3) is None
    assert found_in_take(TEXT, runs(("A", ""), (" hare", "t")), 3) is None


def test_surprise_follows_the_words_through_the_persons_edits() -> None:
    value = runs(("Then", ""), (" the fox", "t"), (" quickly", ""), (" ran. the fox", "t"))
    heat = surprises(TEXT, TOKENS, value, "t")
    assert [(value.text[a:b], nats) for a, b, nats in heat] == [
        (" the", 0.0), (" fox", 1.0), (" ran", 2.0), (".", 3.0), (" the", 4.0), (" fox", 5.0),
    ]  # fmt: skip


def test_a_run_that_cuts_a_token_colours_what_is_left_of_it() -> None:
    value = runs(("A", ""), ("ox ra", "t"))
    assert surprises(TEXT, TOKENS, value, "t") == [(1, 3, 1.0), (3, 6, 2.0)]
