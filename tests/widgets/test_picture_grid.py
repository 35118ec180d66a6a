"""Takes at full size: chosen, judged and looked at with the keyboard."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.takes import Take
from studio.widgets.picture_cell import PictureCell
from studio.widgets.picture_grid import PictureGrid, best_columns
from tests.widgets.picture_makers import picture_take, plain

SHIFT = Qt.KeyboardModifier.ShiftModifier


def grid_of(qtbot: QtBot, *takes: Take) -> PictureGrid:
    grid = PictureGrid()
    qtbot.addWidget(grid)
    grid.resize(900, 700)
    grid.show_takes(takes)
    with qtbot.waitExposed(grid):
        grid.show()
    grid.activateWindow()
    qtbot.waitUntil(grid.isActiveWindow)
    grid.setFocus()
    return grid


def cells(grid: PictureGrid) -> list[PictureCell]:
    found = [cell for cell in grid.findChildren(PictureCell) if not cell.isHidden()]
    return sorted(found, key=lambda cell: (cell.y(), cell.x()))


def press(key: Qt.Key, how: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget(), key, how)


def test_four_takes_stand_two_by_two_and_fill_the_window(qtbot: QtBot) -> None:
    grid = grid_of(qtbot, *(picture_take(take_id) for take_id in "abcd"))
    places = [cell.geometry() for cell in cells(grid)]
    assert [place.topLeft().toTuple() for place in places][1][0] > 400
    assert len({place.y() for place in places}) == 2
    assert not any(a.intersects(b) for i, a in enumerate(places) for b in places[:i])


def test_columns_are_chosen_so_that_pictures_are_largest() -> None:
    assert best_columns(4, QSize(1000, 250), 1.0) == 4
    assert best_columns(4, QSize(250, 1000), 1.0) == 1
    assert best_columns(2, QSize(1000, 1000), 3.0) == 1
    assert best_columns(2, QSize(1000, 1000), 0.3) == 2
    assert best_columns(1, QSize(10, 10), 1.0) == 1


def test_digits_and_arrows_choose(qtbot: QtBot) -> None:
    grid = grid_of(qtbot, *(picture_take(take_id) for take_id in "abcd"))
    press(Qt.Key.Key_Up)
    assert grid.chosen() == "a"
    press(Qt.Key.Key_Down)
    assert grid.chosen() == "c"
    press(Qt.Key.Key_Right)
    assert grid.chosen() == "d"
    press(Qt.Key.Key_Right)
    assert grid.chosen() == "d"
    press(Qt.Key.Key_2)
    assert grid.chosen() == "b"
    press(Qt.Key.Key_8)
    assert grid.chosen() == "b"
    assert QApplication.focusWidget() is cells(grid)[1]


def test_return_accepts_and_backspace_rejects_what_can_be(qtbot: QtBot) -> None:
    grid = grid_of(
        qtbot, picture_take("a"), picture_take("b", verdict="rejected"), picture_take("c", "streaming")
    )
    wished: list[tuple[str, str]] = []
    grid.accept_requested.connect(lambda take_id: wished.append(("accept", take_id)))
    grid.reject_requested.connect(lambda take_id, _reason: wished.append(("reject", take_id)))
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3):
        press(key)
        press(Qt.Key.Key_Return)
        press(Qt.Key.Key_Backspace)
    assert wished == [("accept", "a"), ("reject", "a"), ("reject", "c")]


def test_space_shows_one_alone_and_arrows_go_on_there(qtbot: QtBot) -> None:
    grid = grid_of(qtbot, *(picture_take(take_id) for take_id in "abc"))
    width = cells(grid)[0].width()
    press(Qt.Key.Key_Space)
    assert grid.is_alone()
    assert [cell.take.id for cell in cells(grid) if cell.take] == ["a"]
    assert cells(grid)[0].width() > 1.5 * width
    press(Qt.Key.Key_Down)
    assert [cell.take.id for cell in cells(grid) if cell.take] == ["b"]
    closed: list[bool] = []
    grid.closed.connect(lambda: closed.append(True))
    press(Qt.Key.Key_Escape)
    assert len(cells(grid)) == 3
    assert closed == []
    press(Qt.Key.Key_Escape)
    assert closed == [True]


def test_zoom_and_pan_are_the_same_in_all_cells(qtbot: QtBot) -> None:
    grid = grid_of(qtbot, picture_take("a"), picture_take("b"))
    for take_id in "ab":
        grid.show_image(take_id, plain("red", 512, 512))
    first, second = cells(grid)
    for _ in range(4):
        press(Qt.Key.Key_Plus)
    press(Qt.Key.Key_Right, SHIFT)
    assert grid.viewpoint.zoom > 2
    assert first.picture_rect() == second.picture_rect()
    assert first.picture_rect().center().x() < first.place().center().x()
    assert grid.chosen() == "a"
    press(Qt.Key.Key_0)
    assert grid.viewpoint.zoom == 1.0
    assert grid.viewpoint.center == QPointF(0.5, 0.5)


def test_pictures_are_asked_for_once_and_stay_when_takes_are_shown_again(qtbot: QtBot) -> None:
    grid = PictureGrid()
    qtbot.addWidget(grid)
    asked: list[str] = []
    grid.image_wanted.connect(asked.append)
    grid.image_wanted.connect(lambda take_id: grid.show_image(take_id, plain("red")))
    grid.show_takes([picture_take("a"), picture_take("b", "streaming")])
    grid.show_takes([picture_take("a"), picture_take("b")])
    assert asked == ["a", "b"]
    assert all(not cell.image().isNull() for cell in grid.findChildren(PictureCell))


def test_a_cell_says_how_its_take_stands(qtbot: QtBot) -> None:
    grid = grid_of(
        qtbot,
        picture_take("a", "streaming"),
        picture_take("b", verdict="rejected", reason="Style"),
        picture_take("c", "failed", error="Out of memory."),
    )
    grid.show_step("a", 3, 20)
    words = [cell.standing()[0] for cell in cells(grid)]
    assert words == ["drawing, step 3 of 20", "rejected: Style", "failed"]
    assert cells(grid)[2].toolTip() == "Out of memory."
    grid.update_take(picture_take("a"))
    assert cells(grid)[0].accessibleDescription() == "a red door"


def test_the_menu_is_of_the_chosen_take(qtbot: QtBot) -> None:
    grid = grid_of(qtbot, picture_take("a"), picture_take("b"))
    press(Qt.Key.Key_2)
    menu = grid.menu()
    with qtbot.waitSignal(grid.more_like_this) as heard:
        next(a for a in menu.actions() if a.text() == "More like this").trigger()
    assert heard.args == ["b"]


def test_an_empty_grid_says_what_to_do(qtbot: QtBot) -> None:
    grid = grid_of(qtbot, picture_take("a"))
    grid.show_takes([])
    assert cells(grid) == []
    assert grid.chosen() is None
    press(Qt.Key.Key_Space)
    assert not grid.is_alone()
