"""Works and their revisions: appended, snapshotted, never overwritten."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from studio.core.ids import new_id, now_ms
from studio.media.spans import Edit, runs_of
from studio.project.reader import Reader
from studio.project.records import ROOT, Node, Work, WorkKind
from studio.project.store import Store
from tests.project.person import Person

WEIRD = "Zoë\u0000\u200d😀\u2028\u202e\uffff\r\n\t’—字"


def added(store: Store, kind: WorkKind = "scene", parent: str = "", title: str = "") -> Work:
    return store.add_work(Work(id=new_id(), kind=kind, title=title, parent=parent, created_ms=now_ms()))


def test_weird_text_comes_back_exactly(store: Store, person: Person) -> None:
    person.types(WEIRD)
    assert store.text_of(person.work.id).text == WEIRD
    assert store.history(person.work.id).text == person.history.text


def test_half_a_character_in_a_title_is_replaced(store: Store) -> None:
    work = added(store, title="a\ud83d")
    assert store.work(work.id).title == work.title == "a\ufffd"


def test_the_text_is_the_same_across_snapshots_and_branches(store: Store, person: Person) -> None:
    with store.batch():
        for n in range(350):
            person.types(f"{n} ", at=0)
    nodes = person.history.nodes()
    person.history.goto(nodes[120].id)
    store.move_head(person.work.id, nodes[120].id)
    person.types("branch", at=0)
    snapshots = store._rows("SELECT count(*) FROM snapshot")[0][0]
    assert snapshots == 3
    for node in (nodes[0], nodes[99], nodes[100], nodes[120], nodes[349], Node.of(person.types("x"))):
        assert store.text_at(node.id) == person.history.text_at(node.id)
    assert [node.id for node in store.lineage(nodes[120].id)] == [node.id for node in nodes[:121]]


def test_ten_thousand_revisions_open_quickly(store: Store, folder: Path, person: Person) -> None:
    with store.batch():
        for _ in range(10_000):
            person.types("word ", at=len(person.history.text.text) // 2)
    with Reader(folder) as reader:
        start = time.thread_time()
        history = reader.history(person.work.id)
        seconds = time.thread_time() - start
        assert history.text == person.history.text
        assert len(history.goto(history.nodes()[0].id)) == 9_999
        assert history.text.text == "word "
    assert seconds < 0.5


def test_an_edit_that_does_not_fit_is_refused_and_nothing_is_written(store: Store, person: Person) -> None:
    person.types("abc")
    good = person.revision(0, 1, "x")
    bad = good.__class__(**{**{f: getattr(good, f) for f in good.__struct_fields__}, "edit": Edit(at=99)})
    with pytest.raises(ValueError, match="does not fit"):
        store.add_revision(bad)
    assert store.head(person.work.id) == person.history.head
    assert len(store.history(person.work.id).nodes()) == 1


def test_a_batch_is_kept_whole_or_not_at_all(store: Store, person: Person) -> None:
    person.types("kept")
    head = person.history.head

    def two_then_fails() -> None:
        with store.batch():
            store.add_revision(person.revision(0, 0, "lost"))
            store.rename_work(person.work.id, "lost")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        two_then_fails()
    assert store.head(person.work.id) == head
    assert store.work(person.work.id).title == ""
    person.types(" more")
    assert store.text_of(person.work.id).text == "kept more"


def test_an_operation_that_fails_inside_a_batch_leaves_the_others(store: Store, person: Person) -> None:
    with store.batch():
        person.types("a")
        take = person.gets("t")
        revision = person.revision(1, 0, "t", take=take.id, runs=runs_of("t", take.id))
        store.reject(take.id)
        with pytest.raises(ValueError, match="names it"):
            store.accept("another", revision)
        with pytest.raises(KeyError):
            store.rename_work("nobody", "x")
        person.types("b")
    assert store.text_of(person.work.id).text == "ab"


def test_an_operation_that_breaks_half_way_inside_a_batch_is_undone_alone(
    store: Store, person: Person
) -> None:
    person.types("a")
    take = person.gets("t")
    revision = person.revision(1, 0, "t", take=take.id, runs=runs_of("t", take.id))
    store._db.execute(
        "CREATE TEMP TRIGGER broken BEFORE INSERT ON verdict BEGIN SELECT RAISE(ABORT, 'broken'); END"
    )
    with store.batch():
        with pytest.raises(apsw.ConstraintError, match="broken"):
            store.accept(take.id, revision)
        person.types("b")
    assert [node.excerpt for node in store.history(person.work.id).nodes()] == ["a", "b"]


def test_a_revision_that_was_rolled_back_has_no_children(store: Store, person: Person) -> None:
    person.types("a")
    lost = person.revision(1, 0, "b")
    with pytest.raises(ZeroDivisionError), store.batch():
        store.add_revision(lost)
        raise ZeroDivisionError
    person.history.add(lost)
    with pytest.raises(KeyError):
        store.add_revision(person.revision(2, 0, "c"))
    store.add_revision(lost)
    person.types("c")
    assert store.text_of(person.work.id).text == "abc"


def test_history_cannot_be_changed_even_by_sql(store: Store, person: Person) -> None:
    person.gets("t")
    person.types("abc")
    for table in ("revision", "head", "take", "take_end", "take_part", "job"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = rowid"):
            with pytest.raises(apsw.ConstraintError, match="append-only"):
                store._db.execute(statement)


def test_strangers_are_refused(store: Store, person: Person) -> None:
    other = added(store)
    revision = person.types("abc")
    for call in (
        lambda: store.move_head(other.id, revision.id),
        lambda: store.rename_work("nobody", "x"),
        lambda: store.remove_work("nobody"),
        lambda: store.text_at("nobody"),
        lambda: store.history("nobody"),
        lambda: store.move_work(person.work.id, "", before_id="nobody"),
    ):
        with pytest.raises(KeyError):
            call()


def test_works_are_listed_in_reading_order(store: Store) -> None:
    story = added(store, "story")
    one, two = added(store, "chapter", story.id), added(store, "chapter", story.id)
    a, b = added(store, "scene", one.id), added(store, "scene", one.id)
    note = added(store, "note")
    assert [w.id for w in store.works()] == [story.id, one.id, a.id, b.id, two.id, note.id]
    store.move_work(b.id, one.id, before_id=a.id)
    store.move_work(one.id, story.id)
    store.move_work(note.id, "", before_id=story.id)
    assert [w.id for w in store.works()] == [note.id, story.id, two.id, one.id, b.id, a.id]
    with pytest.raises(ValueError, match="inside itself"):
        store.move_work(story.id, a.id)


def test_a_removed_work_is_hidden_with_what_is_below_and_comes_back(store: Store) -> None:
    story = added(store, "story")
    scene = added(store, "scene", story.id)
    store.remove_work(story.id)
    assert store.works() == []
    assert [w.id for w in store.works(removed=True)] == [story.id, scene.id]
    store.restore_work(story.id)
    assert [w.id for w in store.works()] == [story.id, scene.id]


def test_undo_reaches_back_over_a_restart(folder: Path, person_of: Callable[[Store], Person]) -> None:
    with Store.create(folder) as store:
        person = person_of(store)
        person.types("one ")
        person.types("two")
        person.undoes()
    with Store.open(folder) as store:
        history = store.history(person.work.id)
        assert history.text.text == "one "
        assert history.can_redo
        history.redo()
        assert history.text.text == "one two"
        history.undo()
        history.undo()
        assert (history.head, history.text.text, history.can_undo) == (ROOT, "", False)


def test_another_thread_is_refused(store: Store) -> None:
    caught: list[BaseException] = []

    def trespass() -> None:
        try:
            store.works()
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=trespass)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_a_closed_project_is_refused(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(RuntimeError, match="closed"):
        store.works()


def test_settings_and_title_are_kept(folder: Path) -> None:
    with Store.create(folder) as store:
        assert store.title == folder.stem
        store.set_title("Another")
        store.set_setting("text.knobs", {"temperature": 0.5, "x": [1, None, "é"]})
        store.set_setting("text.knobs", {"temperature": 0.7})
    with Reader(folder) as reader:
        assert reader.title == "Another"
        assert reader.get_setting("text.knobs") == {"temperature": 0.7}
        assert reader.get_setting("none", 3) == 3
