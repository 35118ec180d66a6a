"""Save a copy: a whole project of its own, taken while the first is being written in."""

from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.project.lock import LOCK
from studio.project.reader import Reader
from studio.project.store import Store
from tests.project.person import Person


def test_a_copy_of_a_live_project_is_a_project_of_its_own(
    store: Store, tmp_path: Path, person: Person
) -> None:
    copied = tmp_path / "deep" / "Copy.atelier"
    person.types("before ")
    take = person.gets("a take")
    streaming = person.streams("half ")
    name = store.put_asset(b"a picture", "png")
    assert store.backup(copied) == ()
    person.types("after")
    store.add_part(streaming.id, "more")
    assert not (copied / LOCK).exists()
    with Store.open(copied) as copy:
        assert copy.check() == ()
        assert copy.text_of(person.work.id).text == "before "
        assert copy.asset(name) == b"a picture"
        assert copy.take(take.id) == store.take(take.id)
        assert (copy.take(streaming.id).status, copy.take(streaming.id).text) == ("failed", "half ")
        assert copy.project_id != store.project_id
        assert copy.title == store.title
        Person(copy, copy.works()[0]).types("elsewhere")
    assert store.text_of(person.work.id).text == "before after"


def test_a_copy_while_a_window_reads_has_what_lies_in_the_log(
    store: Store, folder: Path, tmp_path: Path, person: Person
) -> None:
    with Reader(folder) as reader:
        for n in range(20):
            person.types(f"{n} ")
            assert reader.head(person.work.id) == person.history.head
        assert (folder / "project.db-wal").stat().st_size > 0
        store.backup(tmp_path / "Copy.atelier")
    with Reader(tmp_path / "Copy.atelier") as copy:
        assert copy.text_of(person.work.id) == person.history.text


def test_a_copy_never_lands_on_anything(store: Store, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(StudioError) as caught:
        store.backup(folder)
    assert caught.value.code == "exists"
    (tmp_path / "empty").mkdir()
    assert store.backup(tmp_path / "empty") == ()
    Store.open(tmp_path / "empty").close()


def test_a_damaged_asset_is_told_and_the_rest_is_copied(store: Store, tmp_path: Path) -> None:
    bad, good = store.put_asset(b"one", "png"), store.put_asset(b"two", "png")
    store.asset_path(bad).write_bytes(b"xxx")
    (problem,) = store.backup(tmp_path / "Copy.atelier")
    assert bad in problem
    with Reader(tmp_path / "Copy.atelier") as copy:
        assert copy.asset(good) == b"two"
        assert len(copy.check()) == 1


def test_no_copy_inside_a_batch(store: Store, tmp_path: Path) -> None:
    with store.batch(), pytest.raises(RuntimeError, match="batch"):
        store.backup(tmp_path / "Copy.atelier")
