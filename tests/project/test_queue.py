"""The queue: order, states, and what a restart leaves of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.core.jobs import TextJob
from studio.project.records import QueueItem
from studio.project.store import Store
from tests.project.person import Person


@pytest.fixture
def jobs(store: Store, person: Person) -> list[TextJob]:
    jobs = [person.job(prompt=str(n)) for n in range(4)]
    for job in jobs:
        store.queue_put(job)
    return jobs


def order(items: list[QueueItem]) -> str:
    return "".join(item.job.prompt for item in items)


def test_jobs_wait_in_the_order_they_came_higher_priority_first(
    store: Store, person: Person, jobs: list[TextJob]
) -> None:
    assert order(store.queue()) == "0123"
    item = store.queue_put(person.job(prompt="!"), priority=5)
    assert (item.state, item.attempts, item.priority) == ("waiting", 0, 5)
    assert order(store.queue()) == "!0123"


def test_a_waiting_job_moves_before_another_and_takes_its_priority(
    store: Store, person: Person, jobs: list[TextJob]
) -> None:
    store.queue_move(jobs[3].id, jobs[1].id)
    assert order(store.queue()) == "0312"
    store.queue_move(jobs[0].id, None)
    assert order(store.queue()) == "3120"
    high = store.queue_put(person.job(prompt="!"), priority=5).job
    store.queue_move(jobs[2].id, high.id)
    assert order(store.queue()) == "2!310"
    store.queue_move(high.id, None)
    assert order(store.queue()) == "2310!"
    store.queue_set(jobs[2].id, "running")
    for moved, before in ((jobs[2].id, None), (jobs[1].id, jobs[2].id), ("nobody", None)):
        with pytest.raises(KeyError):
            store.queue_move(moved, before)


def test_a_job_runs_fails_says_why_and_is_retried(store: Store, jobs: list[TextJob]) -> None:
    assert store.queue_set(jobs[1].id, "running").attempts == 1
    failed = store.queue_set(jobs[1].id, "failed", what="It broke.", kept="The text.", do="Retry.")
    assert (failed.what, failed.kept, failed.do) == ("It broke.", "The text.", "Retry.")
    assert order(store.queue()) == "0231"
    again = store.queue_retry(jobs[1].id)
    assert (again.state, again.what, again.attempts) == ("waiting", "", 1)
    assert order(store.queue()) == "0231"
    assert store.queue_set(jobs[1].id, "running").attempts == 2
    store.queue_set(jobs[1].id, "done")
    for call in (
        lambda: store.queue_set(jobs[1].id, "running"),
        lambda: store.queue_retry(jobs[1].id),
        lambda: store.queue_retry(jobs[0].id),
        lambda: store.queue_set("nobody", "running"),
    ):
        with pytest.raises(KeyError):
            call()


def test_only_a_waiting_job_is_cancelled_in_the_queue(store: Store, jobs: list[TextJob]) -> None:
    store.queue_set(jobs[0].id, "running")
    assert not store.queue_cancel(jobs[0].id)
    assert store.queue_cancel(jobs[1].id)
    assert store.queue_item(jobs[1].id).state == "stopped"
    assert not store.queue_cancel("nobody")


def test_only_the_newest_finished_jobs_are_listed(store: Store, jobs: list[TextJob]) -> None:
    for job in jobs[:3]:
        store.queue_set(job.id, "done")
    assert len(store.queue(finished=2)) == 3
    assert order(store.queue(finished=0)) == "3"


def test_the_queue_survives_a_restart(folder: Path, person_of: Callable[[Store], Person]) -> None:
    with Store.create(folder) as store:
        person = person_of(store)
        ids = [store.queue_put(person.job(prompt=str(n))).job.id for n in range(3)]
        store.queue_set(ids[0], "running")
        store.queue_move(ids[2], ids[1])
    with Store.open(folder) as store:
        items = store.queue()
        assert order(items) == "210"
        assert [item.state for item in items] == ["waiting", "waiting", "failed"]
        assert "ended" in items[2].what
        assert store.queue_retry(ids[0]).state == "waiting"
