"""What happened to a work: rails, search, choosing."""

import time
from datetime import datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView, QPushButton
from pytestqt.qtbot import QtBot

from studio.widgets.lineage_model import clock
from studio.widgets.lineage_tree import LineageNode, laid_out
from studio.widgets.lineage_view import LineageView


def node(node_id: str, parent: str = "", at: int = 0, **more: object) -> LineageNode:
    values: dict[str, object] = {"kind": "typed", "title": f"node {node_id}", **more}
    return LineageNode(id=node_id, parent=parent, created_ms=at, **values)  # type: ignore[arg-type]


STORY = [
    node("a", at=1, kind="start"),
    node("b", "a", 2),
    node("t1", "b", 3, kind="take", take="T1", state="rejected", detail="the sea rose"),
    node("t2", "b", 3, kind="take", take="T2", state="accepted"),
    node("c", "b", 4, kind="accepted", take="T2"),
    node("d", "c", 5, current=True),
    node("x", "b", 6),
    node("y", "x", 7),
]


def test_the_first_rail_is_drawn_from_the_current_node_down() -> None:
    rows = {row.node.id: row for row in laid_out(STORY)}
    assert 0 not in rows["y"].below
    assert 0 not in rows["d"].above
    assert 0 in rows["d"].below
    assert 0 in rows["c"].above
    assert rows["b"].joins == (1, 2)


def test_a_chain_is_never_indented() -> None:
    chain = [node(str(i), str(i - 1) if i else "", i, current=i == 999) for i in range(1000)]
    assert {row.lane for row in laid_out(chain)} == {0}


def test_the_current_line_has_the_first_rail_and_branches_the_next() -> None:
    lanes = {row.node.id: row.lane for row in laid_out(STORY)}
    assert [lanes[i] for i in "abcd"] == [0, 0, 0, 0]
    assert lanes["x"] == lanes["y"] == 1
    assert lanes["t1"] == lanes["t2"] == 2


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(-5, 5)), max_size=30))
def test_parents_stand_below_and_rails_connect(shape: list[tuple[int, int]]) -> None:
    nodes = [
        node(str(i), str(parent % i) if i and parent else "", i + jump, current=i == len(shape) // 2)
        for i, (parent, jump) in enumerate(shape)
    ]
    rows = laid_out(nodes)
    place = {row.node.id: i for i, row in enumerate(rows)}
    assert len(rows) == len(nodes)
    assert all(place[n.id] < place[n.parent] for n in nodes if n.parent)
    for upper, lower in pairwise(rows):
        assert upper.below == lower.above
    if rows:
        assert rows[0].above == ()
        assert rows[-1].below == ()
    for row in rows:
        assert set(row.joins) <= set(row.above)


def view_of(qtbot: QtBot) -> LineageView:
    view = LineageView()
    qtbot.addWidget(view)
    view.resize(320, 600)
    view.set_nodes(STORY)
    with qtbot.waitExposed(view):
        view.show()
    return view


def the_list(view: LineageView) -> QListView:
    found = view.findChild(QListView)
    assert isinstance(found, QListView)
    return found


def click_row(view: LineageView, row: int, *, double: bool = False) -> None:
    rows = the_list(view)
    at = rows.visualRect(rows.model().index(row, 0)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)
    if double:
        QTest.mouseDClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_click_chooses_double_click_return_and_button_branch(qtbot: QtBot) -> None:
    view = view_of(qtbot)
    with qtbot.waitSignal(view.node_chosen) as said:
        click_row(view, 0)
    assert said.args == ["y"]
    with qtbot.waitSignal(view.branch_requested) as said:
        click_row(view, 1, double=True)
    assert said.args == ["x"]
    with qtbot.waitSignal(view.branch_requested) as said:
        QTest.keyClick(the_list(view), Qt.Key.Key_Return)
    assert said.args == ["x"]
    button = next(b for b in view.findChildren(QPushButton) if b.text() == "Work from here")
    with qtbot.waitSignal(view.branch_requested):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_rejected_takes_are_found_by_search(qtbot: QtBot) -> None:
    view = view_of(qtbot)
    view.focus_search()
    field = view.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "SEA rejected")
    rows = the_list(view)
    assert rows.model().rowCount() == 1
    with qtbot.waitSignal(view.take_chosen) as said:
        click_row(view, 0)
    assert said.args == ["T1"]
    field.clear()
    assert rows.model().rowCount() == len(STORY)
    assert view.chosen() == "t1"


def test_new_nodes_keep_what_was_chosen_and_tell_nothing(qtbot: QtBot) -> None:
    view = view_of(qtbot)
    view.choose("b")
    with qtbot.assertNotEmitted(view.node_chosen):
        view.set_nodes([*STORY, node("e", "d", 9)])
        view.reveal_current()
        view.choose("b")
        view.set_nodes(STORY)
    assert view.chosen() == "b"


def test_a_thousand_nodes_open_without_a_stutter(qtbot: QtBot) -> None:
    nodes = [node(str(i), str(max(0, i - 1 - (i % 7 == 0) * 3)) if i else "", i) for i in range(1000)]
    view = view_of(qtbot)
    start_s = time.thread_time()
    view.set_nodes(nodes)
    view.grab()
    assert time.thread_time() - start_s < 0.5


def test_the_clock_shows_the_day_of_other_days() -> None:
    now = datetime(2026, 5, 2, 14, 30)
    assert clock(int(now.timestamp() * 1000), now) == "14:30"
    assert clock(int(datetime(2026, 4, 1).timestamp() * 1000), now) == "2026-04-01"
