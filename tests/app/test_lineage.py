"""History and takes as rows: typing in one row, takes on the row they grew from, accepted ones once."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from studio.app.lineage import START, lineage_nodes
from studio.project.history import History
from studio.widgets.lineage_tree import LineageNode
from tests.project.conftest import folder, person, person_of, store
from tests.project.person import Person

__all__ = ["folder", "person", "person_of", "store"]

TITLES = {"m": "Little model"}


def rows_of(person: Person) -> dict[str, LineageNode]:
    rows = lineage_nodes(person.history, person.store.takes_of(person.work.id), TITLES)
    assert len({row.id for row in rows}) == len(rows)
    return {row.id: row for row in rows}


def test_an_empty_work_stands_at_its_start(person: Person) -> None:
    assert list(rows_of(person).values()) == [
        LineageNode(id=START, parent="", kind="start", title="Start", current=True)
    ]


def test_typing_in_a_run_is_one_row_that_counts_and_quotes_it_all(person: Person) -> None:
    person.types("One ")
    person.types("fox ")
    last = person.types("ran.", at=4, removed=2)
    rows = rows_of(person)
    assert list(rows) == [START, last.id]
    row = rows[last.id]
    assert (row.parent, row.kind, row.current) == (START, "typed", True)
    assert row.detail == "Written: +12 −2"
    assert row.title == "One fox ran."
    assert not rows[START].current


def test_a_branch_parts_the_run_where_it_begins(person: Person) -> None:
    first = person.types("One ")
    second = person.types("fox")
    person.undoes()
    third = person.types("dog")
    rows = rows_of(person)
    assert set(rows) == {START, first.id, second.id, third.id}
    assert rows[second.id].parent == rows[third.id].parent == first.id
    assert [row.id for row in rows.values() if row.current] == [third.id]


def test_the_step_one_stands_on_is_a_row_of_its_own(person: Person) -> None:
    first = person.types("One ")
    second = person.types("fox")
    assert set(rows_of(person)) == {START, second.id}
    person.undoes()
    rows = rows_of(person)
    assert set(rows) == {START, first.id, second.id} and rows[first.id].current


def test_takes_hang_on_the_step_they_grew_from_and_part_the_run(person: Person) -> None:
    first = person.types("Once")
    take = person.gets(" upon a time")
    second = person.types(" more")
    rows = rows_of(person)
    assert rows[take.id].parent == first.id and rows[second.id].parent == first.id
    row = rows[take.id]
    assert (row.kind, row.take, row.state, row.title) == ("take", take.id, "done", "upon a time")
    assert row.author == "Little model" and row.detail == "Take 1, seed 7"


def test_a_take_of_an_empty_work_hangs_on_the_start(person: Person) -> None:
    take = person.gets("In the beginning")
    assert rows_of(person)[take.id].parent == START


def test_an_accepted_take_is_shown_once_as_the_step_it_became(person: Person) -> None:
    first = person.types("Once")
    other, take = person.gets(" a cat"), person.gets(" a fox")
    accepted = person.accepts(take)
    person.types(" ran")
    rows = rows_of(person)
    assert take.id not in rows and other.id in rows
    row = rows[accepted.id]
    assert (row.parent, row.kind, row.state, row.take) == (first.id, "accepted", "accepted", take.id)
    assert row.author == "Little model" and row.title == "a fox"


def test_a_verdict_and_its_reason_stand_with_the_take(person: Person) -> None:
    take = person.gets("Dull.")
    person.store.reject(take.id, "too dull")
    row = rows_of(person)[take.id]
    assert (row.state, row.detail) == ("rejected", "too dull")


def test_a_model_that_is_gone_is_named_by_its_folder_and_an_empty_take_says_so(person: Person) -> None:
    take = person.streams(job=person.job(model="C:\\models\\wolf\\"))
    person.store.end_take(take.id, "failed", "", error="out of memory")
    row = rows_of(person)[take.id]
    assert (row.author, row.title, row.detail) == ("wolf", "Empty take", "out of memory")


class Counted(History):
    """A history that counts how often a step is asked for."""

    asked = 0

    def node(self, revision_id: str):
        self.asked += 1
        return super().node(revision_id)

    def children(self, revision_id: str):
        self.asked += 1
        return super().children(revision_id)


@pytest.mark.parametrize("count", [300, 1_200])
def test_the_work_grows_with_the_steps_and_not_with_their_square(
    person: Person, folder: Path, count: int
) -> None:
    take = person.gets("x")
    with person.store.batch():
        for number in range(count):
            person.types(f"{number} ")
    history = person.history
    counted = Counted(
        person.work.id, history.nodes(), [history.head], person.store.history(person.work.id)._source
    )
    takes = [
        replace(take, id=f"t{number}", parent=node.id) for number, node in enumerate(history.nodes()[::50])
    ]
    rows = lineage_nodes(counted, takes, TITLES)
    assert len(rows) == 1 + 2 * len(takes) + (0 if takes[-1].parent == history.head else 1)
    assert counted.asked <= 4 * count
