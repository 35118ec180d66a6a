"""What the disk refuses is kept in order; bugs do not jam the line."""

import pytest

from studio.core.errors import StudioError
from studio.engine.backlog import Backlog


class Disk:
    """A disk that can be full, and what was written to it."""

    def __init__(self) -> None:
        self.full = False
        self.written: list[str] = []

    def put(self, what: str):
        def work(store: "Disk") -> str:
            if store.full:
                raise StudioError("The disk is full.", code="full")
            store.written.append(what)
            return what

        return work


def test_refused_writes_follow_in_their_order_once_there_is_room() -> None:
    disk, backlog = Disk(), Backlog()
    assert backlog.run(disk, disk.put("a")) == "a"
    disk.full = True
    for what in "bc":
        with pytest.raises(StudioError):
            backlog.run(disk, disk.put(what))
    assert (disk.written, len(backlog)) == (["a"], 2)
    disk.full = False
    assert backlog.run(disk, disk.put("d")) == "d"
    assert (disk.written, len(backlog)) == (list("abcd"), 0)


def test_a_bug_is_raised_once_and_dropped() -> None:
    disk, backlog = Disk(), Backlog()

    def broken(_store: Disk) -> None:
        raise ValueError("does not fit")

    with pytest.raises(ValueError, match="fit"):
        backlog.run(disk, broken)
    assert backlog.run(disk, disk.put("next")) == "next"


def test_what_is_refused_for_good_does_not_hold_up_the_rest() -> None:
    disk, backlog = Disk(), Backlog()

    def hopeless(_store: Disk) -> None:
        raise StudioError("There is a folder of that name.", code="exists")

    with pytest.raises(StudioError):
        backlog.run(disk, hopeless)
    assert backlog.run(disk, disk.put("next")) == "next"
