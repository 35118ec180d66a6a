"""Which entries a text brings in, and why."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.lore.entries import LoreBook, LoreEntry, LoreSettings
from studio.media.lore.keys import REGEX_TOTAL_S
from studio.media.lore.scan import Hit, Scanner, scan

TEXT = "The storm had gone.\n\nA little fox sat on the path.\nMira looked at the red door."


def entry(name: str, *keys: str, **more) -> LoreEntry:
    return LoreEntry(**({"id": name, "title": name, "text": f"About {name}.", "keys": keys} | more))


def scanned(entries: list[LoreEntry], text: str = TEXT, **settings) -> dict[str, Hit]:
    book = LoreBook(entries=tuple(entries), settings=LoreSettings(**settings))
    return {hit.entry.id: hit for hit in scan(book, text)}


def test_a_key_in_the_last_paragraph_brings_its_entry_in_and_says_so() -> None:
    hits = scanned([entry("Door", "door"), entry("Fox", "vixen", "fox"), entry("Storm", "storm")])
    assert [hits[name].matched for name in ("Door", "Fox", "Storm")] == [True, True, True]
    assert hits["Door"].why == "key “door” matched in the last paragraph"
    assert hits["Fox"].why == "key “fox” matched in the last paragraph but one"
    assert hits["Storm"].why == "key “storm” matched 2 paragraphs back"


def test_an_entry_that_no_key_brings_in_names_its_keys_and_where_they_were_looked_for() -> None:
    hits = scanned([entry("Fox", "fox", "vixen")], "Nothing here.", scan_depth=4)
    assert not hits["Fox"].matched
    assert hits["Fox"].why == "none of its keys (fox, vixen) stands in the last 4 paragraphs"


def test_only_the_last_paragraphs_are_looked_at() -> None:
    assert not scanned([entry("Storm", "storm")], scan_depth=2)["Storm"].matched
    assert scanned([entry("Storm", "storm")], scan_depth=3)["Storm"].matched
    own = entry("Storm", "storm", scan_depth=3)
    assert scanned([own], scan_depth=1)["Storm"].matched
    assert not scanned([entry("Fox", "fox", scan_depth=0)])["Fox"].matched


def test_depth_in_characters_counts_from_the_caret() -> None:
    near = entry("Door", "door", scan_depth=5, scan_unit="characters")
    assert scanned([near])["Door"].matched
    far = entry("Fox", "fox", scan_depth=20, scan_unit="characters")
    hits = scanned([far])
    assert not hits["Fox"].matched
    assert "the last 20 characters" in hits["Fox"].why


def test_whole_words_and_case_follow_the_book_unless_the_entry_says() -> None:
    assert not scanned([entry("Fox", "fox")], "A foxglove.")["Fox"].matched
    assert scanned([entry("Fox", "fox", whole_words=False)], "A foxglove.")["Fox"].matched
    assert scanned([entry("Fox", "FOX")], "a fox")["Fox"].matched
    assert not scanned([entry("Fox", "FOX", case_sensitive=True)], "a fox")["Fox"].matched
    assert not scanned([entry("Fox", "FOX")], "a fox", case_sensitive=True)["Fox"].matched


def test_words_of_several_parts_and_either_apostrophe_are_found() -> None:
    assert scanned([entry("a", "red door")])["a"].matched
    assert not scanned([entry("a", "red door")], "A hundred doors, red ones, and a hundred door.")[
        "a"
    ].matched
    assert scanned([entry("a", "Mira's")], "It was Mira’s lamp.")["a"].matched
    assert scanned([entry("a", "C++")], "He wrote C++ all day.")["a"].matched


def test_chinese_keys_are_found_within_a_sentence() -> None:
    assert scanned([entry("狐", "狐狸")], "从前有一只小狐狸住在山上。")["狐"].matched


def test_switched_off_empty_and_keyless_entries_say_so() -> None:
    hits = scanned(
        [
            entry("a", "fox", enabled=False),
            entry("b", "fox", text="  "),
            entry("c"),
            entry("d", always_on=True),
        ]
    )
    assert [hits[name].why for name in "abcd"] == [
        "switched off",
        "it has no text",
        "it has no keys",
        "always on",
    ]
    assert [hits[name].matched for name in "abcd"] == [False, False, False, True]


@pytest.mark.parametrize(
    ("logic", "further", "matched"),
    [
        ("any", ("door", "owl"), True),
        ("any", ("owl",), False),
        ("all", ("door", "path"), True),
        ("all", ("door", "owl"), False),
        ("not_any", ("owl",), True),
        ("not_any", ("owl", "door"), False),
        ("not_all", ("owl", "door"), True),
        ("not_all", ("path", "door"), False),
    ],
)
def test_further_keys(logic: str, further: tuple[str, ...], matched: bool) -> None:
    hit = scanned([entry("Fox", "fox", secondary=further, logic=logic)])["Fox"]
    assert hit.matched is matched
    assert "key “fox” matched" in hit.why


def test_one_of_a_group_stays_and_the_other_names_it() -> None:
    heavy = entry("Storm", "door", group="weather", group_priority=200)
    light = entry("Calm", "door", group="weather")
    hits = scanned([light, heavy])
    assert hits["Storm"].matched and not hits["Calm"].matched
    assert hits["Calm"].why == "its group “weather” gave way to “Storm”"
    assert scanned([light, heavy.changed(keys=("owl",))])["Calm"].matched


def test_entries_bring_in_others_for_a_bounded_number_of_rounds() -> None:
    chain = [
        entry("a", "fox", text="He lives in the Wood."),
        entry("b", "wood", text="There is an Owl."),
        entry("c", "owl", text="It knows the King."),
        entry("d", "king"),
    ]
    hits = scanned(chain, recursion=2)
    assert [hits[name].matched for name in "abcd"] == [True, True, True, False]
    assert hits["b"].why == "key “wood” matched in the text of “a”"
    assert [scanned(chain, recursion=0)[name].matched for name in "abcd"] == [True, False, False, False]
    closed = [chain[0].changed(brings_in=False), *chain[1:]]
    assert not scanned(closed)["b"].matched
    shy = [chain[0], chain[1].changed(brought_in=False)]
    assert not scanned(shy)["b"].matched


def test_two_entries_that_name_each_other_end() -> None:
    hits = scanned([entry("a", "fox", text="owl"), entry("b", "owl", text="fox")], recursion=10)
    assert hits["a"].matched and hits["b"].matched


def test_patterns_are_found_with_their_flags() -> None:
    assert scanned([entry("a", "/red (door|gate)/")])["a"].matched
    assert not scanned([entry("a", "/RED (door|gate)/")])["a"].matched
    assert scanned([entry("a", "/RED (door|gate)/i")])["a"].matched
    assert not scanned([entry("a", "/storm/")], scan_depth=2)["a"].matched


def test_a_broken_pattern_says_so_and_other_keys_go_on() -> None:
    hits = scanned([entry("a", "/(/"), entry("b", "/(/", "fox")])
    assert "/(/ is not a regular expression" in hits["a"].why
    assert hits["b"].matched


def test_patterns_that_explode_are_cut_short() -> None:
    bombs = [entry(f"{n}", rf"/(x+x+)+y{n}|(?:\w*\w*)*!{n}/") for n in range(60)]
    text = "x" * 3000 + " fox"
    began = time.perf_counter()
    hits = scanned([*bombs, entry("Fox", "fox")], text)
    assert time.perf_counter() - began < REGEX_TOTAL_S + 2.0
    assert hits["Fox"].matched
    assert not any(hits[str(n)].matched for n in range(60))


def test_two_thousand_entries_are_scanned_in_a_blink() -> None:
    words = [f"name{n}x" for n in range(6000)]
    entries = [entry(str(n), *words[n * 3 : n * 3 + 3], secondary=("door",)) for n in range(2000)]
    text = (
        "It was a quiet evening and nobody came. " * 12 + "\n"
    ) * 40 + "Then name33x came through the door."
    scanner = Scanner(LoreBook(entries=tuple(entries), settings=LoreSettings(scan_depth=1000)))
    took = []
    for _ in range(5):
        began = time.perf_counter()
        hits = scanner.scan(text)
        took.append(time.perf_counter() - began)
    assert [hit.entry.id for hit in hits if hit.matched] == ["11"]
    assert min(took) < 0.05  # 3-5 ms on a quiet machine


KEYS = st.text(alphabet="abfox /()*+\\[狐ß'’.&", min_size=1, max_size=8)
ENTRIES = st.lists(
    st.builds(
        LoreEntry,
        id=st.uuids().map(str),
        text=st.text(max_size=30),
        keys=st.lists(KEYS, max_size=3).map(tuple),
        secondary=st.lists(KEYS, max_size=2).map(tuple),
        logic=st.sampled_from(["any", "all", "not_any", "not_all"]),
        case_sensitive=st.none() | st.booleans(),
        whole_words=st.none() | st.booleans(),
        enabled=st.booleans(),
        always_on=st.booleans(),
        scan_depth=st.none() | st.integers(0, 40),
        scan_unit=st.sampled_from(["paragraphs", "characters"]),
        group=st.sampled_from(["", "g", "g, h"]),
    ),
    max_size=6,
)


@given(ENTRIES, st.text(alphabet="abfox \n狐ßİ'’", max_size=80))
def test_every_entry_has_one_answer_with_a_reason_and_order_does_not_matter(entries, text: str) -> None:
    hits = scanned(entries, text)
    assert set(hits) == {item.id for item in entries}
    assert all(hit.why for hit in hits.values())
    again = scanned(entries[::-1], text)
    assert {name: hit.matched for name, hit in again.items()} == {n: h.matched for n, h in hits.items()}
    for hit in hits.values():
        if hit.matched:
            assert hit.entry.enabled and hit.entry.text.strip()
    for group in ("g", "h"):
        assert sum(h.matched and group in h.entry.group for h in hits.values()) <= 1


@given(
    st.text(alphabet="ab ', ’.\n", max_size=40),
    st.text(alphabet="ab' ", min_size=1, max_size=4).map(str.strip).filter(bool),
)
def test_a_whole_word_is_found_exactly_where_words_say(text: str, key: str) -> None:
    folded_text, folded_key = text.replace("’", "'"), key.replace("’", "'")
    import re

    left = r"(?<!\w)" if folded_key[0] != "'" else ""
    right = r"(?!\w)" if folded_key[-1] != "'" else ""
    expected = re.search(left + re.escape(folded_key) + right, folded_text) is not None
    assert scanned([entry("a", key)], text, scan_depth=1000)["a"].matched is expected
