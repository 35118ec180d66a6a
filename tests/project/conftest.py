"""What the project's tests share: a project in a temporary folder, and a person who writes in it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.core.ids import new_id, now_ms
from studio.project.records import Work
from studio.project.store import Store
from tests.project.person import Person


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "Näme %41?#.atelier"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with Store.create(folder, "A book") as store:
        yield store


@pytest.fixture
def person_of() -> Callable[[Store], Person]:
    """A person at a new scene of a store."""

    def at(store: Store) -> Person:
        work = Work(id=new_id(), kind="scene", title="", created_ms=now_ms())
        return Person(store, store.add_work(work))

    return at


@pytest.fixture
def person(store: Store, person_of: Callable[[Store], Person]) -> Person:
    return person_of(store)
