"""Spelling with the dictionary that comes along."""

from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.media.spelling import CARRIED, SUGGESTIONS_MOST, Speller, dictionaries


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller()


def test_words_of_the_language_are_known_whatever_their_apostrophe(speller: Speller) -> None:
    for word in ("house", "House", "don't", "don’t", "well-known", "café", "cafe\u0301", "Tess's"):
        assert speller.known(word), word
    for word in ("hous", "recieve", "dont’t", "well-knwon"):
        assert not speller.known(word), word


def test_capitals_long_strings_and_other_alphabets_are_not_judged(speller: Speller) -> None:
    assert speller.known("NASQ") and speller.known("Москва") and speller.known("x" * 80)
    assert not speller.known("Nasq")


def test_own_words_are_known_in_any_case_with_s_and_in_compounds(speller: Speller) -> None:
    assert not speller.known("Zorblax")
    assert speller.set_own(["Zorblax"]) is True
    for word in ("Zorblax", "zorblax", "Zorblax's", "Zorblax’s", "Zorblax-like"):
        assert speller.known(word), word
    assert speller.set_own(["zorblax"]) is False, "the same words: nothing to look at again"
    speller.set_own([])
    assert not speller.known("Zorblax")


def test_suggestions_are_few_best_first_and_keep_the_apostrophe(speller: Speller) -> None:
    assert speller.suggest("recieve")[0] == "receive"
    assert len(speller.suggest("wather")) <= SUGGESTIONS_MOST
    assert "doesn’t" in speller.suggest("doesnt’") + speller.suggest("dosn’t")
    assert speller.suggest("Москвв") == []


def test_dictionaries_of_the_system_are_found_beside_the_carried_one(tmp_path: Path) -> None:
    (tmp_path / "xx_YY.dic").write_text("2\nfoo\nbar\n")
    (tmp_path / "xx_YY.aff").write_text("SET UTF-8\n")
    (tmp_path / "alone.dic").write_text("1\nfoo\n")
    (tmp_path / "hyph_xx.dic").write_text("")
    (tmp_path / "hyph_xx.aff").write_text("")
    found = dictionaries([tmp_path, tmp_path / "not there"])
    assert found == {CARRIED: None, "xx_YY": tmp_path}
    own = Speller("xx_YY", tmp_path)
    assert own.known("foo") and not own.known("house")


def test_a_dictionary_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(StudioError) as told:
        Speller("xx_YY", tmp_path)
    assert told.value.code == "dictionary"
