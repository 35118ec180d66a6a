"""Places and passages under edits, against marks carried inside the text."""

from hypothesis import given
from hypothesis import strategies as st

from studio.media.follow import moved_range, origin, stayed
from studio.media.spans import Edit, SpanText, moved


def text_of(words: str) -> SpanText:
    return SpanText().apply(SpanText().edit(0, 0, words))


@st.composite
def edited(draw: st.DrawFn) -> tuple[SpanText, list[Edit]]:
    """A text of which every character is told apart, and edits of it one after the other."""
    text = text_of("".join(chr(0x4E00 + i) for i in range(draw(st.integers(1, 20)))))
    first, edits = text, []
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text.text)))
        removed = draw(st.integers(0, len(text.text) - at))
        edits.append(text.edit(at, removed, draw(st.text(alphabet="ab", max_size=3))))
        text = text.apply(edits[-1])
    return first, edits


def after(text: SpanText, edits: list[Edit]) -> SpanText:
    for edit in edits:
        text = text.apply(edit)
    return text


@given(edited(), st.data())
def test_a_character_is_found_again_or_known_to_be_gone(case: tuple[SpanText, list[Edit]], data) -> None:
    first, edits = case
    last = after(first, edits)
    place = data.draw(st.integers(0, len(first.text) - 1))
    found = origin(place, edits)
    assert (found is None) == (first.text[place] not in last.text)
    if found is not None:
        assert last.text[found] == first.text[place]
        assert origin(found, [edit.inverse() for edit in reversed(edits)]) == place


@given(edited(), st.data())
def test_a_passage_keeps_what_was_not_overwritten(case: tuple[SpanText, list[Edit]], data) -> None:
    first, edits = case
    at = data.draw(st.integers(0, len(first.text) - 1))
    length = data.draw(st.integers(1, len(first.text) - at))
    found = moved_range(at, length, edits)
    last = after(first, edits).text
    if found is not None:
        kept = [c for c in first.text[at : at + length] if c in last]
        assert [c for c in last[found[0] : sum(found)] if c > "z"] == kept
        assert not set(last[: found[0]]) & set(first.text[at : at + length])


def test_what_is_written_at_the_edges_of_a_passage_stays_outside() -> None:
    text = text_of("say hello now")
    edits = [text.edit(4, 0, "A")]
    edits.append(text.apply(edits[0]).edit(10, 0, "B"))
    assert moved_range(4, 5, edits) == (5, 5)


def test_a_passage_of_which_an_edge_was_overwritten_is_lost() -> None:
    text = text_of("say hello now")
    assert moved_range(4, 5, [text.edit(2, 4, "")]) is None
    assert moved_range(4, 5, [text.edit(8, 3, "x")]) is None


def test_a_lock_moves_nothing() -> None:
    text = text_of("say hello now")
    lock = text.lock(0, 7)
    assert lock is not None
    assert moved_range(4, 5, [lock]) == (4, 5)
    assert origin(5, [lock]) == 5
    assert stayed(5, [lock]) == moved(5, [lock]) == 5


def test_a_place_stays_before_what_is_inserted_there() -> None:
    text = text_of("say now")
    assert stayed(4, [text.edit(4, 0, "it ")]) == 4
    assert stayed(4, [text.edit(3, 0, "it ")]) == 7
    assert stayed(4, [text.edit(0, 4, "")]) == 0
    assert stayed(4, [text.edit(2, 4, "xyz")]) == 2
