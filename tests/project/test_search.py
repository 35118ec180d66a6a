"""Searching the project: whole words, parts, phrases, Chinese; any query; only what changed is indexed."""

import random

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from studio.core.ids import new_id, now_ms
from studio.project.passages import HIT_END, HIT_START, cut, folded, plain
from studio.project.records import Work
from studio.project.store import Store
from tests.project.person import Person

TEXT = "Die Lúcie ging nach Hause.\nShe saw two elephants; the fox didn't.\n她走进房间，看见了猫。\nÇa va? 5 * 3 = 15."


def hits(store: Store, query: str) -> list[str]:
    """What is marked in each snippet's first hit."""
    return [found.snippet.split(HIT_START)[1].split(HIT_END)[0] for found in store.search(query)]


@pytest.mark.parametrize(
    ("query", "hit"),
    [
        ("lucie", "Lúcie"),
        ("LÚCIE", "Lúcie"),
        ('"lucie ging"', "Lúcie ging"),
        ("eleph*", "elephants"),
        ("phant", "phant"),
        ("猫", "猫"),
        ("房间", "房间"),
        ("她走进房间", "她走进房间"),
        ("didn't", "didn't"),
        ("ca", "Ça"),
        ("* 3", "*"),
        ("fox elephants", "elephants"),
    ],
)
def test_words_parts_phrases_and_chinese_are_found(
    store: Store, person: Person, query: str, hit: str
) -> None:
    person.types(TEXT)
    assert hits(store, query) == [hit]


@pytest.mark.parametrize(
    "query", ["", " ", "zebra", "fox zebra", '"fox the"', "ging*haus", "房猫", '""', "*"]
)
def test_what_is_not_there_is_not_found(store: Store, person: Person, query: str) -> None:
    person.types(TEXT.replace("*", ""))
    assert store.search(query) == ()


@given(query=st.text(st.sampled_from(list("ab \"*()^-:+{}[]~\\'%_\x00\x02\x1f猫é\ud83d.,")), max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_no_query_is_an_error(store: Store, person: Person, query: str) -> None:
    if not person.history.text.text:
        person.types("ab (a) -b 猫 é")
    for found in store.search(query):
        assert HIT_START in found.snippet and HIT_END in found.snippet


@pytest.mark.parametrize(
    "query", ["NEAR(a b)", "a AND", "text:fox", "fox OR", "NOT fox", '"fox', "a^2", "{fox}"]
)
def test_the_indexs_own_language_means_nothing(store: Store, person: Person, query: str) -> None:
    person.types("the fox and the text")
    store.search(query)


def test_a_hit_says_where_it_stands(store: Store, person: Person) -> None:
    person.types("Before. " * 400 + TEXT)
    (found,) = store.search("phant")
    text = person.history.text.text
    assert text[found.at : found.end] == "phant" and found.work == person.work.id
    (found,) = store.search("elephants")
    assert text[found.at : found.end] == "elephants"
    assert len(found.snippet) < 200 and found.snippet.startswith("…")


def test_whole_words_come_before_parts_of_words(store: Store, person_of) -> None:
    part, whole = person_of(store), person_of(store)
    part.types("A carthorse, and cartwheels.")
    whole.types("A long text in which a cart stands somewhere among many other words.")
    assert [found.work for found in store.search("cart")] == [whole.work.id, part.work.id]


def test_titles_synopses_memory_and_lore_are_found_and_named(store: Store, person: Person) -> None:
    store.rename_work(person.work.id, "The quay")
    facts = {
        "synopsis": "Anna waits for zebras.",
        "memory": "It rains zebras.",
        "authors_note": {"text": "slow zebras", "depth": 4},
        "summary": {"text": "So far: zebras.", "covers_chars": 10},
        "lore/e1": {"id": "zebras", "title": "Anna", "keys": ["Annie"], "text": "Likes zebras."},
        "status": "zebras",
    }
    for key, value in facts.items():
        store.set_fact(person.work.id, key, value)
    found = store.search("zebras")
    assert sorted((f.kind, f.entry, f.title) for f in found) == [
        ("lore", "e1", "Anna"),
        ("memory", "", "The quay"),
        ("note", "", "The quay"),
        ("summary", "", "The quay"),
        ("synopsis", "", "The quay"),
    ]
    assert all(f.at == -1 for f in found)
    assert [(f.kind, f.entry) for f in store.search("annie")] == [("lore", "e1")]
    assert [f.kind for f in store.search("quay")] == ["title"]


def test_what_was_changed_or_taken_away_is_found_no_more(store: Store, person: Person) -> None:
    person.types("the old fox")
    store.set_fact(person.work.id, "synopsis", "old")
    assert len(store.search("old")) == 2
    person.types("new", 4, 3)
    store.set_fact(person.work.id, "synopsis", None)
    assert store.search("old") == () and hits(store, "new") == ["new"]
    person.undoes()
    assert hits(store, "old") == ["old"] and store.search("new") == ()
    store.rename_work(person.work.id, "Attic")
    assert hits(store, "attic") == ["Attic"]


def test_removed_works_and_what_lies_in_them_are_left_out(store: Store, person_of) -> None:
    story = store.add_work(Work(id=new_id(), kind="story", title="Fox", created_ms=now_ms()))
    inner = person_of(store)
    store.move_work(inner.work.id, story.id)
    inner.types("a fox")
    assert len(store.search("fox")) == 2
    store.remove_work(story.id)
    assert store.search("fox") == ()
    store.restore_work(story.id)
    assert len(store.search("fox")) == 2


def test_there_are_at_most_so_many(store: Store, person_of) -> None:
    for _ in range(5):
        person_of(store).types("fox")
    assert len(store.search("fox", limit=3)) == 3 and store.search("fox", limit=0) == ()


def test_an_edit_in_a_long_scene_touches_only_the_passages_around_it(store: Store, person: Person) -> None:
    words = random.Random(5)
    lines = [" ".join(f"w{words.randrange(5000)}" for _ in range(60)) for _ in range(400)]
    person.types("\n".join(lines))
    store.search("x")
    before = dict(store._rows("SELECT id, at FROM passage"))
    person.types("a zebra came. ", 5_000)
    assert hits(store, "zebra") == ["zebra"]
    after = dict(store._rows("SELECT id, at FROM passage"))
    assert len(before) > 50 and len(before.keys() - after.keys()) <= 2
    text = person.history.text.text
    for id_, at in after.items():
        ((piece,),) = store._rows("SELECT text FROM search WHERE rowid = ?", id_)
        assert text[at : at + len(piece)] == piece
    changes = store._db.total_changes()
    store.search("zebra")
    assert store._db.total_changes() == changes


def test_the_index_can_be_lost_without_loss(store: Store, person: Person) -> None:
    person.types(TEXT)
    assert hits(store, "fox") == ["fox"]
    for table in ("search", "passage", "indexed"):
        store._db.execute(f"DELETE FROM {table}")
    assert hits(store, "fox") == ["fox"]


@given(st.text(st.sampled_from(list("ab \n猫é\ud83d")), max_size=9_000))
def test_passages_are_the_whole_text(text: str) -> None:
    covered = [False] * len(text)
    for at, piece in cut(text):
        assert text[at : at + len(piece)] == piece and len(piece) <= 4_000
        covered[at : at + len(piece)] = [True] * len(piece)
    assert all(done or sign.isspace() for done, sign in zip(covered, text, strict=True))


@given(st.text())
def test_folding_keeps_every_place(text: str) -> None:
    assert len(folded(text)) == len(plain(text)) == len(text)
