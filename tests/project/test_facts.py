"""What is known of a work beside its text: the latest holds, nothing is lost."""

from pathlib import Path

import pytest
from msgspec import Struct

from studio.project.reader import Reader
from studio.project.store import Store
from tests.project.person import Person


class Note(Struct, frozen=True):
    """Something a desk may keep."""

    text: str
    depth: int = 4


def test_the_latest_value_of_a_key_holds_and_older_ones_stay_in_the_file(
    store: Store, person: Person
) -> None:
    work = person.work.id
    for value in ("Draft", "Revised", {"a": [1, 2.5, None]}):
        store.set_fact(work, "status", value)
    assert store.facts(work) == {"status": {"a": [1, 2.5, None]}}
    assert len(store._rows("SELECT 1 FROM fact")) == 3


def test_none_takes_a_fact_away_and_it_can_come_back(store: Store, person: Person) -> None:
    work = person.work.id
    store.set_fact(work, "goal", 500)
    store.set_fact(work, "goal", None)
    assert store.facts(work) == {} and store.all_facts() == {}
    store.set_fact(work, "goal", 600)
    assert store.facts(work) == {"goal": 600}


def test_what_is_so_already_is_not_written_again(store: Store, person: Person) -> None:
    work = person.work.id
    store.set_fact(work, "goal", None)
    store.set_fact(work, "note", Note("rain"))
    store.set_fact(work, "note", Note("rain"))
    assert store.facts(work) == {"note": {"text": "rain", "depth": 4}}
    assert len(store._rows("SELECT 1 FROM fact")) == 1


def test_facts_of_all_works_are_found_by_the_keys_beginning(store: Store, folder: Path, person_of) -> None:
    one, two = person_of(store).work.id, person_of(store).work.id
    store.set_fact(one, "lore/1", {"title": "Anna"})
    store.set_fact(one, "lore/2", {"title": "Bo"})
    store.set_fact(one, "lore_settings", {"budget": 100})
    store.set_fact(two, "lore/3", {"title": "Cy"})
    store.set_fact(two, "LORE/4", {})
    store.set_fact(two, "l%e/", {})
    with Reader(folder) as reader:
        found = reader.all_facts("lore/")
    assert {work: sorted(facts) for work, facts in found.items()} == {
        one: ["lore/1", "lore/2"],
        two: ["lore/3"],
    }


def test_half_a_character_in_a_fact_is_replaced(store: Store, person: Person) -> None:
    store.set_fact(person.work.id, "note", Note("a\ud83d"))
    store.set_fact(person.work.id, "lines", {"\ude00": ["b\ud83d", 3]})
    assert store.facts(person.work.id) == {
        "lines": {"\ufffd": ["b\ufffd", 3]},
        "note": {"text": "a\ufffd", "depth": 4},
    }


def test_a_stranger_has_no_facts(store: Store) -> None:
    with pytest.raises(KeyError):
        store.set_fact("nobody", "status", "Draft")
    assert store.facts("nobody") == {}


def test_a_copy_has_the_facts_too(store: Store, tmp_path: Path, person: Person) -> None:
    store.set_fact(person.work.id, "synopsis", "Rain.")
    store.backup(tmp_path / "copy.atelier")
    with Store.open(tmp_path / "copy.atelier") as copy:
        assert copy.facts(person.work.id) == {"synopsis": "Rain."}
        assert copy.search("rain")[0].kind == "synopsis"
