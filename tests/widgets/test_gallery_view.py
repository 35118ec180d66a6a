"""The gallery: what is seen is loaded, found, chosen and judged; twenty thousand are no more than twenty."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from studio.widgets.gallery_items import GalleryItem, GalleryWants
from studio.widgets.gallery_replay import replay_scroll
from studio.widgets.gallery_thumbs import BATCH
from studio.widgets.gallery_view import GalleryView, runs_of
from tests.widgets.picture_makers import Heard, rows, webp

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
RED = webp("#ff0000")


def gallery_of(qtbot: QtBot, items: Sequence[GalleryItem], answers: bool = True) -> GalleryView:
    view = GalleryView()
    qtbot.addWidget(view)
    view.resize(900, 640)
    if answers:
        view.answer_thumbs_with(lambda ids: dict.fromkeys(ids, RED))
    view.show_rows(items)
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    view.list.setFocus()
    return view


def middle(view: GalleryView, row: int) -> QPoint:
    return view.list.visualRect(view.list.model().index(row, 0)).center()


def click(view: GalleryView, row: int, how: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, how, middle(view, row))


def test_only_what_is_in_sight_and_a_screen_around_it_is_asked_for(qtbot: QtBot) -> None:
    asked: list[tuple[int, tuple[str, ...]]] = []
    view = GalleryView()
    view.thumbs_wanted.connect(lambda request, ids: asked.append((request, ids)))
    view.thumbs_wanted.connect(lambda request, ids: view.show_thumbs(request, dict.fromkeys(ids, RED)))
    qtbot.addWidget(view)
    view.resize(900, 640)
    view.show_rows(rows(20_000))
    with qtbot.waitExposed(view):
        view.show()
    qtbot.waitUntil(lambda: bool(asked) and view.list.thumbs.is_idle())
    ids = [take_id for _, some in asked for take_id in some]
    seen = [f"t{row}" for row in view.list.visible()]
    assert ids[: len(seen)] == seen
    assert len(seen) <= len(ids) <= 3 * len(seen)
    assert len(ids) == len(set(ids))
    assert max(len(some) for _, some in asked) <= BATCH
    assert len({request for request, _ in asked}) == len(asked)


def test_what_scrolled_by_unseen_is_never_asked_for(qtbot: QtBot) -> None:
    asked: list[str] = []
    view = gallery_of(qtbot, rows(20_000))
    view.thumbs_wanted.connect(lambda _request, ids: asked.extend(ids))
    qtbot.waitUntil(lambda: len(view.list.thumbs.cache) > 0 and view.list.thumbs.is_idle())
    asked.clear()
    replay_scroll(view.list, 40, 3000)
    first = view.list.visible().start
    qtbot.waitUntil(lambda: f"t{first}" in asked and view.list.thumbs.is_idle())
    rows_asked = sorted(int(take_id[1:]) for take_id in asked)
    assert first > 500
    assert not [row for row in rows_asked if row < first - 200]


def test_a_thumbnail_is_painted_when_it_comes_and_asked_for_once(qtbot: QtBot) -> None:
    asked: list[tuple[int, tuple[str, ...]]] = []
    view = gallery_of(qtbot, rows(6), answers=False)
    view.thumbs_wanted.connect(lambda request, ids: asked.append((request, ids)))
    view.list.thumbs.poke()
    qtbot.waitUntil(lambda: bool(asked))
    viewport = view.list.viewport()
    assert viewport.grab().toImage().pixelColor(middle(view, 2)) != QColor("#ff0000")
    request, ids = asked[0]
    heard = Heard(QEvent.Type.Paint)
    with qtbot.waitSignal(view.list.thumbs.came):
        view.show_thumbs(request, {"t2": RED, "t3": b"no picture"})
    viewport.installEventFilter(heard)
    qtbot.waitUntil(lambda: heard.count > 0)
    qtbot.waitUntil(lambda: viewport.grab().toImage().pixelColor(middle(view, 2)).red() > 250)
    qtbot.waitUntil(view.list.thumbs.is_idle)
    assert ids == tuple(f"t{at}" for at in range(6))
    assert len(asked) == 1
    view.show_thumbs(99, {"t1": RED})
    assert view.list.thumbs.cache.get("t1") is None


def test_larger_thumbnails_are_loaded_anew_and_the_place_is_kept(qtbot: QtBot) -> None:
    view = gallery_of(qtbot, rows(2000))
    view.list.verticalScrollBar().setValue(9000)
    first = view.list.first_seen()[0]
    qtbot.waitUntil(lambda: view.list.thumbs.cache.side_of(first) == 160)
    view.set_side_px(240)
    row = int(first[1:])
    assert row in view.list.visible()
    qtbot.waitUntil(lambda: view.list.thumbs.cache.side_of(first) == 240)
    at = view.list.rect().center().toPointF()
    turn = QWheelEvent(
        at, at, QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, CTRL, Qt.ScrollPhase.NoScrollPhase, False
    )
    with qtbot.waitSignal(view.side_changed) as told:
        QApplication.sendEvent(view.list.viewport(), turn)
    assert told.args == [224]


def test_search_is_told_once_typing_pauses_and_filters_at_once(qtbot: QtBot) -> None:
    view = gallery_of(qtbot, rows(3))
    view.set_filter_choices([("/m", "Starter")], [("/l", "Ink")], [("w1", "Harbour")])
    told: list[GalleryWants] = []
    view.filter_changed.connect(told.append)
    field = view.filters.findChild(QLineEdit)
    assert field is not None
    QTest.keyClicks(field, "red door")
    assert told == []
    qtbot.waitUntil(lambda: bool(told))
    assert told == [GalleryWants(query="red door")]
    boxes = {box.accessibleName(): box for box in view.filters.findChildren(QComboBox)}
    boxes["Verdict"].setCurrentIndex(3)
    boxes["Work"].setCurrentIndex(1)
    assert told[-1] == GalleryWants(query="red door", verdict="rejected", work="w1")
    view.set_filter_choices([], [], [])
    assert told[-1] == GalleryWants(query="red door", verdict="rejected")
    assert len(told) == 4


def test_while_rows_are_read_it_does_not_say_that_there_are_none(qtbot: QtBot) -> None:
    view = gallery_of(qtbot, [])
    view.show_reading()
    assert view._empty.text().startswith("Looking for")
    view.show_rows([])
    assert view._empty.text().startswith("No pictures yet.")


def test_nothing_found_offers_to_show_all(qtbot: QtBot) -> None:
    view = gallery_of(qtbot, [])
    texts = [label.text() for label in view.findChildren(type(view._empty)) if label.isVisible()]
    assert any(text.startswith("No pictures yet.") for text in texts)
    view.filters.set_wants(GalleryWants(query="zzz"))
    view.show_rows([])
    assert view._empty.text().startswith("Nothing matches.")
    again = next(b for b in view.findChildren(QPushButton) if b.text() == "Show all")
    with qtbot.waitSignal(view.filter_changed) as told:
        QTest.mouseClick(again, Qt.MouseButton.LeftButton)
    assert told.args == [GalleryWants()]


def test_arrows_pages_and_ends(qtbot: QtBot) -> None:
    view = gallery_of(qtbot, rows(1000))
    columns = view.list.arithmetic().columns
    click(view, 0)
    steps = (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Up, 1),
        (Qt.Key.Key_Down, 1 + columns),
        (Qt.Key.Key_Left, columns),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_End, 999),
        (Qt.Key.Key_Down, 999),
        (Qt.Key.Key_Home, 0),
    )
    for key, row in steps:
        QTest.keyClick(view.list, key)
        assert view.current() == f"t{row}"
        assert row in view.list.visible()
        assert view.selected() == [f"t{row}"]
    QTest.keyClick(view.list, Qt.Key.Key_PageDown)
    assert 10 < int(view.current()[1:]) < 60


def test_several_are_selected_with_shift_and_ctrl(qtbot: QtBot) -> None:
    view = gallery_of(qtbot, rows(100))
    click(view, 3)
    click(view, 7, SHIFT)
    assert view.selected() == ["t3", "t4", "t5", "t6", "t7"]
    click(view, 5, CTRL)
    assert view.selected() == ["t3", "t4", "t6", "t7"]
    QTest.keyClick(view.list, Qt.Key.Key_A, CTRL)
    assert len(view.selected()) == 100
    click(view, 1)
    QTest.keyClick(view.list, Qt.Key.Key_Right, SHIFT)
    assert view.selected() == ["t1", "t2"]


def test_a_rectangle_drawn_between_cells_selects_what_it_touches(qtbot: QtBot) -> None:
    view = gallery_of(qtbot, rows(30))
    columns = view.list.arithmetic().columns
    viewport = view.list.viewport()
    goal = middle(view, columns + 1)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    QTest.mouseMove(viewport, goal - QPoint(9, 9))
    QTest.mouseMove(viewport, goal)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=goal)
    assert view.selected() == ["t0", "t1", f"t{columns}", f"t{columns + 1}"]


def test_wishes_come_for_each_selected_take_in_order(qtbot: QtBot) -> None:
    items = rows(3, verdict="") + rows(5)[3:]
    items[1] = rows(3, verdict="rejected")[1]
    view = gallery_of(qtbot, items)
    rejected: list[str] = []
    view.reject_requested.connect(lambda take_id, _reason: rejected.append(take_id))
    view.select(["t3", "t1", "t0"], "t0")
    QTest.keyClick(view.list, Qt.Key.Key_Backspace)
    assert rejected == ["t0", "t3"]
    with qtbot.waitSignal(view.copy_requested) as told:
        QTest.keyClick(view.list, Qt.Key.Key_C, CTRL)
    assert told.args == ["t0"]


def test_return_opens_one_large_and_several_in_the_grid(qtbot: QtBot) -> None:
    view = gallery_of(qtbot, rows(5))
    click(view, 2)
    with qtbot.waitSignal(view.open_requested) as told:
        QTest.keyClick(view.list, Qt.Key.Key_Return)
    assert told.args == ["t2"]
    click(view, 3, CTRL)
    with qtbot.waitSignal(view.grid_requested) as many:
        QTest.keyClick(view.list, Qt.Key.Key_Return)
    assert many.args == [["t2", "t3"]]
    compare = next(a for a in view.menu().actions() if a.text() == "Compare with").menu()
    with qtbot.waitSignal(view.compare_requested) as pair:
        compare.actions()[0].trigger()  # type: ignore[union-attr]
    assert pair.args == ["t3", "t2"]


def test_a_drag_begins_on_a_picture(qtbot: QtBot) -> None:
    view = gallery_of(qtbot, rows(5))
    viewport = view.list.viewport()
    start = middle(view, 1)
    with qtbot.waitSignal(view.drag_wanted) as told:
        QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
        QTest.mouseMove(viewport, start + QPoint(5, 5))
        QTest.mouseMove(viewport, start + QPoint(40, 5))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 5))
    assert told.args == ["t1"]


def test_new_takes_do_not_move_what_is_looked_at(qtbot: QtBot) -> None:
    view = gallery_of(qtbot, rows(500))
    view.list.verticalScrollBar().setValue(5000)
    first = view.list.first_seen()[0]
    columns = view.list.arithmetic().columns
    view.add_rows(
        [
            GalleryItem(take=f"n{at}", work="w", asset="n", width=8, height=8, prompt="")
            for at in range(columns)
        ]
    )
    assert view.list.first_seen()[0] == first
    assert view.list.model().rowCount() == 500 + columns


def test_selection_and_place_stay_when_rows_are_shown_again(qtbot: QtBot) -> None:
    view = gallery_of(qtbot, rows(500))
    view.list.verticalScrollBar().setValue(4000)
    seen = view.list.first_seen()
    view.select(["t90", "t91", "t400"], "t91")
    view.show_rows([row for row in rows(500) if row.take != "t400"])
    assert view.selected() == ["t90", "t91"]
    assert view.current() == "t91"
    assert view.list.first_seen() == seen
    view.show_rows(rows(3))
    assert view.selected() == []


def test_a_verdict_is_seen_and_said(qtbot: QtBot) -> None:
    view = gallery_of(qtbot, rows(3))
    before = view.list.viewport().grab().toImage()
    view.update_row(rows(3, verdict="accepted")[1])
    assert view.list.viewport().grab().toImage() != before
    index = view.list.model().index(1, 0)
    said = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "thing 1. accepted picture, 512 × 512"


def test_screen_readers_find_a_list_with_its_pictures(qtbot: QtBot) -> None:
    view = gallery_of(qtbot, rows(20_000))
    spoken = QAccessible.queryAccessibleInterface(view.list)
    assert spoken.role() == QAccessible.Role.List
    assert spoken.childCount() == 20_000
    assert spoken.child(4).text(QAccessible.Text.Name) == "thing 4. undecided picture, 512 × 512"


def test_a_take_is_shown_wherever_it_is(qtbot: QtBot) -> None:
    view = gallery_of(qtbot, rows(20_000))
    view.show_take("t15000")
    assert 15_000 in view.list.visible()
    assert view.selected() == ["t15000"]
    view.show_take("gone")
    assert view.selected() == ["t15000"]


def test_scrolling_through_twenty_thousand_keeps_up(qtbot: QtBot) -> None:
    view = gallery_of(qtbot, rows(20_000))
    lateness = sorted(replay_scroll(view.list, 120, 90))
    assert lateness[60] < 50  # of a loaded machine; the bench measures the rest
    assert view.list.verticalOffset() > 120 * 60


@pytest.mark.parametrize(
    ("numbers", "runs"),
    [([], []), ([3], [(3, 3)]), ([5, 1, 2, 3], [(1, 3), (5, 5)]), ([1, 3, 5], [(1, 1), (3, 3), (5, 5)])],
)
def test_numbers_become_runs(numbers: list[int], runs: list[tuple[int, int]]) -> None:
    assert runs_of(numbers) == runs
