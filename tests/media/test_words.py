"""Words: to be spelled, to be counted."""

from hypothesis import given
from hypothesis import strategies as st

from studio.media.spans import Run, SpanText, merged
from studio.media.words import Figures, figures_of, spelled_words, written_words


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in spelled_words(text)]


def test_apostrophes_and_hyphens_belong_to_a_word_between_letters_only() -> None:
    assert words("Don’t, O'Neill's well-known 'quoted' dogs' end- --") == [
        "Don’t", "O'Neill's", "well-known", "quoted", "dogs", "end",
    ]  # fmt: skip


def test_accents_of_their_own_stay_in_the_word() -> None:
    assert words("e\u0301tude naïve Straße Москва") == ["e\u0301tude", "naïve", "Straße", "Москва"]


def test_addresses_numbers_and_code_are_no_words() -> None:
    assert words("See https://a.b/c?d=e or me.too@x-y.org, 3rd 1,000 foo_bar B2B now") == ["See", "or", "now"]


def test_figures_count_words_characters_and_what_models_wrote() -> None:
    value = SpanText(text="one two\nthree", runs=(Run(length=4), Run(length=9, author="t")))
    assert figures_of(value) == Figures(3, 13, 9)
    assert figures_of(value).mine == 31
    assert Figures(1, 1_000_000, 1).mine == 99 and Figures(1, 5, 0).mine == 100
    assert Figures(1, 2, 1) + Figures(3, 4, 1) == Figures(4, 6, 2)


def test_written_words_count_what_the_person_typed_and_took_away() -> None:
    value = SpanText(text="one three", runs=(Run(length=9),))
    edit = value.edit(4, 0, "two ")
    assert written_words(value.apply(edit).text, edit) == 1
    assert written_words(value.text, edit.inverse()) == -1


def test_growing_a_word_is_no_new_word() -> None:
    value = SpanText(text="an", runs=(Run(length=2),))
    edit = value.edit(2, 0, "other")
    assert written_words(value.apply(edit).text, edit) == 0


def test_a_models_words_count_neither_when_they_go_nor_when_they_come_back() -> None:
    value = SpanText(text="my own its five words here", runs=(Run(length=7), Run(length=19, author="t")))
    edit = value.edit(7, 19, "")
    assert written_words(value.apply(edit).text, edit) == 0
    assert written_words(value.text, edit.inverse()) == 0


@given(
    st.lists(
        st.tuples(st.text(st.sampled_from("ab \n"), max_size=6), st.sampled_from(["", "t"])), max_size=6
    ),
    st.data(),
)
def test_written_words_add_up(pieces: list[tuple[str, str]], data: st.DataObject) -> None:
    runs = merged(Run(length=len(text), author=author) for text, author in pieces)
    value = SpanText(text="".join(text for text, _ in pieces), runs=runs)
    at = data.draw(st.integers(0, len(value.text)))
    removed = data.draw(st.integers(0, len(value.text) - at))
    edit = value.edit(at, removed, data.draw(st.text(st.sampled_from("ab \n"), max_size=6)))
    there = written_words(value.apply(edit).text, edit)
    assert there == -written_words(value.text, edit.inverse())
    if all(author == "" for _, author in pieces):
        assert there == len(value.apply(edit).text.split()) - len(value.text.split())
