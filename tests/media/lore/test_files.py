"""Lorebook files of other programs: what comes in, what is said of the rest, and what is refused."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.media.lore.entries import LoreBook, LoreEntry, LoreSettings
from studio.media.lore.read import parse_lorebook, read_lorebook
from studio.media.lore.scan import scan
from studio.media.lore.write_tavern import tavern_json

WORLD = {
    "entries": {
        "0": {
            "uid": 0,
            "key": ["fox", "/red (door|gate)/i"],
            "keysecondary": ["hill"],
            "comment": "Rill",
            "content": "Rill is a fox.",
            "constant": False,
            "vectorized": False,
            "selective": True,
            "selectiveLogic": 3,
            "addMemo": True,
            "order": 120,
            "position": 4,
            "disable": False,
            "excludeRecursion": True,
            "preventRecursion": False,
            "delayUntilRecursion": False,
            "probability": 50,
            "useProbability": True,
            "depth": 2,
            "group": "people",
            "groupOverride": False,
            "groupWeight": 70,
            "scanDepth": 6,
            "caseSensitive": True,
            "matchWholeWords": False,
            "useGroupScoring": None,
            "automationId": "",
            "role": 0,
            "sticky": 3,
            "cooldown": 0,
            "delay": 0,
            "displayIndex": 0,
        },
        "1": {  # of an old version
            "uid": 1,
            "key": ["world"],
            "keysecondary": ["unused"],
            "comment": "",
            "content": "An island.",
            "constant": True,
            "selective": False,
            "order": 100,
            "position": 0,
            "disable": True,
        },
    }
}
CARD = {
    "spec": "chara_card_v2",
    "spec_version": "2.0",
    "data": {
        "name": "Mira",
        "character_book": {
            "name": "Hill",
            "scan_depth": 7,
            "token_budget": 300,
            "recursive_scanning": False,
            "extensions": {},
            "entries": [
                {
                    "keys": ["fox"],
                    "content": "Rill is a fox.",
                    "extensions": {
                        "selectiveLogic": 2,
                        "scan_depth": 3,
                        "group": "g",
                        "exclude_recursion": True,
                    },
                    "enabled": False,
                    "insertion_order": 12,
                    "case_sensitive": True,
                    "name": "Rill",
                    "constant": False,
                    "selective": True,
                    "secondary_keys": ["owl"],
                    "position": "before_char",
                    "id": 1,
                },
                {
                    "keys": ["red (door|gate)"],
                    "content": "A door.",
                    "extensions": {},
                    "enabled": True,
                    "insertion_order": 1,
                    "use_regex": True,
                },
            ],
        },
    },
}
NOVELAI = {
    "lorebookVersion": 5,
    "entries": [
        {
            "text": "Rill is a fox.",
            "contextConfig": {
                "prefix": "----\n",
                "suffix": "\n",
                "tokenBudget": 200,
                "reservedTokens": 0,
                "budgetPriority": 500,
                "trimDirection": "trimBottom",
                "insertionType": "newline",
                "maximumTrimType": "sentence",
                "insertionPosition": -1,
            },
            "lastUpdatedAt": 1640000000000,
            "displayName": "Rill",
            "id": "0e3f",
            "keys": ["fox", "/red (door|gate)/i", "owl & hill"],
            "searchRange": 2000,
            "enabled": True,
            "forceActivation": False,
            "keyRelative": True,
            "nonStoryActivatable": True,
            "category": "c1",
            "loreBiasGroups": [{"phrases": [], "bias": 0, "enabled": True}],
        },
        {"text": "Off.", "displayName": "Off", "keys": ["a & b"], "category": "c2", "enabled": True},
        {"text": "World.", "displayName": "World", "keys": [], "forceActivation": True},
    ],
    "settings": {"orderByKeyLocations": False},
    "categories": [
        {"name": "People", "id": "c1", "enabled": True, "createSubcontext": False},
        {"name": "Gone", "id": "c2", "enabled": False},
    ],
}


def parsed(value: object):
    return parse_lorebook(json.dumps(value).encode(), "book.json")


def test_world_info_comes_in_whole() -> None:
    found = parsed(WORLD)
    rill, world = found.entries
    assert (rill.title, rill.text, rill.keys) == ("Rill", "Rill is a fox.", ("fox", "/red (door|gate)/i"))
    assert (rill.secondary, rill.logic, rill.order, rill.depth) == (("hill",), "all", 120, 2)
    assert (rill.group, rill.group_priority, rill.scan_depth, rill.scan_unit) == (
        "people",
        70,
        6,
        "paragraphs",
    )
    assert (rill.case_sensitive, rill.whole_words) == (True, False)
    assert not rill.brought_in and rill.brings_in and rill.enabled
    assert world.always_on and not world.enabled and world.secondary == () and world.depth is None
    assert rill.id != world.id


def test_what_is_not_used_is_said() -> None:
    said = "\n".join(parsed(WORLD).unused)
    assert "Chance (probability) is not used" in said
    assert "sticky" in said
    assert "Further keys that were switched off" in said
    assert "cooldown" not in said


def test_a_cards_book_comes_in_with_its_settings() -> None:
    found = parsed(CARD)
    assert found.settings == LoreSettings(scan_depth=7, budget_tokens=300, recursion=0)
    rill, door = found.entries
    assert (rill.title, rill.keys, rill.secondary, rill.logic) == ("Rill", ("fox",), ("owl",), "not_any")
    assert (rill.enabled, rill.order, rill.case_sensitive, rill.scan_depth, rill.group) == (
        False,
        12,
        True,
        3,
        "g",
    )
    assert not rill.brought_in
    assert door.keys == ("/red (door|gate)/",)


def test_a_novelai_book_comes_in_whole() -> None:
    found = parsed(NOVELAI)
    rill, off, world = found.entries
    assert rill.title == "Rill" and rill.text == "----\nRill is a fox." and rill.category == "People"
    assert (rill.order, rill.limit_tokens, rill.scan_depth, rill.scan_unit) == (500, 200, 2000, "characters")
    assert rill.whole_words is True and rill.brought_in
    assert not off.enabled and (off.keys, off.secondary, off.logic) == (("a",), ("b",), "all")
    assert world.always_on and not world.brought_in
    assert "keyRelative" in "\n".join(found.unused)
    assert "biases" not in "\n".join(found.unused)
    book = LoreBook(entries=(rill,))
    assert not scan(book, "An owl came.")[0].matched
    assert scan(book, "An owl came over\nthe hill.")[0].matched
    assert parsed({"scenarioVersion": 3, "lorebook": NOVELAI}).source == "NovelAI lorebook"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "damaged"),
        (b"not json", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b'{"entries":' * 50_000, "damaged"),
        (json.dumps(WORLD).encode()[:-40], "damaged"),
        (json.dumps(WORLD).encode("utf-16"), "damaged"),
        (b"\xff\xfe\x00", "damaged"),
        (b"\x89PNG\r\n\x1a\n", "foreign"),
        (b"[1, 2]", "foreign"),
        (b'"text"', "foreign"),
        (b"null", "foreign"),
        (b'{"presetVersion": 3, "parameters": {}}', "foreign"),
        (b'{"entries": [1, 2, 3]}', "foreign"),
        (b'{"entries": {"0": {"colour": "red"}}}', "foreign"),
        (b'{"entries": {}}', "empty"),
        (b'{"lorebookVersion": 3, "entries": []}', "empty"),
    ],
)
def test_damaged_and_foreign_files_are_refused_in_words(data: bytes, code: str) -> None:
    with pytest.raises(StudioError) as told:
        parse_lorebook(data, "book.json")
    assert told.value.code == code
    assert "book.json" in told.value.what and told.value.kept == "Nothing was changed."


@pytest.mark.parametrize("odd", ["nan", "inf", "-inf", "1e999", "", None, [], {}, True, 2**80, -(2**80)])
def test_numbers_of_any_kind_become_ours(odd: object) -> None:
    row = {"key": ["a"], "content": "b"}
    row |= dict.fromkeys(("order", "scanDepth", "depth", "position", "groupWeight", "selectiveLogic"), odd)
    assert parsed({"entries": {"0": row}}).entries[0].text == "b"


def test_too_many_entries_are_refused() -> None:
    many = {"entries": {str(n): {"key": ["a"], "content": "b"} for n in range(20_001)}}
    with pytest.raises(StudioError) as told:
        parsed(many)
    assert told.value.code == "too_large"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StudioError) as told:
        read_lorebook(tmp_path / "none.json")
    assert told.value.code == "unreadable"


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert parse_lorebook(b"\xef\xbb\xbf" + json.dumps(WORLD).encode(), "a").entries


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
FIELDS = sorted(
    {
        *WORLD["entries"]["0"],
        *CARD["data"]["character_book"]["entries"][0],
        *NOVELAI["entries"][0],
        "extensions",
    }
)
ROW = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=12) | JSON
FILE = (
    st.builds(
        lambda rows: {"entries": {str(n): row for n, row in enumerate(rows)}}, st.lists(ROW, max_size=4)
    )
    | st.builds(lambda rows, more: {"entries": rows, **more}, st.lists(ROW, max_size=4), st.just({}))
    | st.builds(
        lambda rows, cats: {"lorebookVersion": 4, "entries": rows, "categories": cats}, st.lists(ROW), JSON
    )
    | st.builds(
        lambda book: {"data": {"character_book": book}},
        st.dictionaries(st.sampled_from(["entries", "scan_depth", "token_budget"]), JSON),
    )
    | JSON
)


@given(FILE)
def test_whatever_a_file_holds_entries_come_out_or_words_do(value: object) -> None:
    try:
        found = parsed(value)
    except StudioError as error:
        assert error.what and error.kept
    else:
        assert found.entries and all(isinstance(entry, LoreEntry) for entry in found.entries)
        scan(LoreBook(entries=found.entries, settings=found.settings or LoreSettings()), "a fox\n")


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(StudioError):
        parse_lorebook(data, "x")


LINE = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=20).map(str.strip)
KEY = LINE.filter(bool)
BOOK = st.builds(
    LoreBook,
    entries=st.lists(
        st.builds(
            LoreEntry,
            id=st.uuids().map(str),
            title=LINE,
            text=st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=60),
            keys=st.lists(KEY, max_size=4, unique=True).map(tuple),
            secondary=st.lists(KEY, max_size=3, unique=True).map(tuple),
            logic=st.sampled_from(["any", "all", "not_any", "not_all"]),
            case_sensitive=st.none() | st.booleans(),
            whole_words=st.none() | st.booleans(),
            enabled=st.booleans(),
            always_on=st.booleans(),
            order=st.integers(-1000, 1000),
            scan_depth=st.none() | st.integers(0, 1000),
            scan_unit=st.sampled_from(["paragraphs", "characters"]),
            limit_tokens=st.integers(0, 1000),
            group=LINE,
            group_priority=st.integers(0, 1000),
            category=LINE,
            depth=st.none() | st.integers(-1, 1000),
            brings_in=st.booleans(),
            brought_in=st.booleans(),
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
    settings=st.builds(
        LoreSettings,
        scan_depth=st.integers(0, 50),
        scan_unit=st.sampled_from(["paragraphs", "characters"]),
        budget_tokens=st.integers(0, 5000),
        case_sensitive=st.booleans(),
        whole_words=st.booleans(),
        recursion=st.integers(0, 10),
        depth=st.integers(-1, 100),
    ),
)


@given(BOOK)
def test_an_exported_book_comes_back_the_same(book: LoreBook) -> None:
    found = parse_lorebook(tavern_json(book, "Hill"), "hill.json")
    assert found.settings == book.settings and found.unused == () and found.name == "Hill"
    assert sorted(map(repr, (e.changed(id="-") for e in found.entries))) == sorted(
        map(repr, (e.changed(id="-") for e in book.entries))
    )
