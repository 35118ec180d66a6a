"""What comes at once is done in turns."""

from functools import partial

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from studio.app.piece_turns import PieceTurns, Rank


@pytest.fixture
def turns(qtbot: QtBot):
    owner = QObject()
    yield PieceTurns(owner)
    owner.deleteLater()


def test_the_first_is_done_at_once_and_the_others_by_rank_and_in_their_order(
    turns: PieceTurns, qtbot: QtBot
) -> None:
    done: list[str] = []
    for rank, name in (
        (Rank.GREW, "a"),
        (Rank.GREW, "b"),
        (Rank.ENDED, "c"),
        (Rank.GREW, "d"),
        (Rank.CHOSEN, "e"),
    ):
        turns.put(rank, name, partial(done.append, name))
    assert done == ["a"]
    assert turns.busy
    qtbot.waitUntil(lambda: len(done) == 2)
    assert done == ["a", "e"]  # one in each turn
    qtbot.waitUntil(lambda: not turns.busy)
    assert done == ["a", "e", "c", "b", "d"]


def test_what_is_asked_for_twice_is_done_once_and_what_a_turn_brings_waits(
    turns: PieceTurns, qtbot: QtBot
) -> None:
    done: list[str] = []

    def more() -> None:
        done.append("first")
        turns.put(Rank.CHOSEN, "next", partial(done.append, "next"))

    turns.put(Rank.LAST, "first", more)
    turns.put(Rank.LAST, "again", partial(done.append, "again"))
    turns.put(Rank.LAST, "again", partial(done.append, "again"))
    assert done == ["first"]
    qtbot.waitUntil(lambda: not turns.busy)
    assert done == ["first", "next", "again"]


def test_what_is_dropped_or_cleared_is_not_done_and_a_flush_does_the_rest_now(
    turns: PieceTurns, qtbot: QtBot
) -> None:
    done: list[str] = []
    for rank, name in ((Rank.GREW, "a"), (Rank.GREW, "b"), (Rank.GREW, "c"), (Rank.LAST, "d")):
        turns.put(rank, name, partial(done.append, name))
    turns.drop(Rank.GREW, "b")
    turns.drop(Rank.GREW, "never asked for")
    turns.flush(Rank.GREW)
    assert done == ["a", "c"]
    turns.clear()
    qtbot.waitUntil(lambda: not turns.busy)
    assert done == ["a", "c"]
