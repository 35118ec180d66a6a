"""Two pictures compared: by a line, by turns, by their difference, side by side."""

import pytest
from PySide6.QtCore import QPoint, Qt, QThreadPool
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from studio.widgets.compare_difference import DifferenceMaker
from studio.widgets.picture_compare import PictureChoice, PictureCompare
from tests.widgets.picture_makers import plain

CHOICES = [PictureChoice(id=name, title=f"Take {name}") for name in "abc"]


def compare_of(qtbot: QtBot, **images: QImage) -> PictureCompare:
    view = PictureCompare()
    qtbot.addWidget(view)
    view.resize(800, 600)
    view.image_wanted.connect(lambda name: view.show_image(name, images[name]) if name in images else None)
    view.set_choices(CHOICES)
    view.show_pair("a", "b")
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    view.setFocus()
    return view


def red_and_blue(qtbot: QtBot) -> PictureCompare:
    return compare_of(qtbot, a=plain("#ff0000"), b=plain("#0000ff"), c=plain("#00ff00"))


def seen(view: PictureCompare, share: float) -> QColor:
    """The colour at a share of the width, away from signs and the line's handle."""
    stage = view.stage
    rect = stage.seen()
    at = QPoint(int(rect.left() + share * rect.width()), int(rect.top() + 0.7 * rect.height()))
    return stage.grab().toImage().pixelColor(at)


def test_left_of_the_line_is_the_first_right_of_it_the_second(qtbot: QtBot) -> None:
    view = red_and_blue(qtbot)
    assert seen(view, 0.3) == QColor("#ff0000")
    assert seen(view, 0.7) == QColor("#0000ff")
    QTest.keyClick(view, Qt.Key.Key_End)
    assert seen(view, 0.9) == QColor("#ff0000")
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert seen(view, 0.1) == QColor("#0000ff")
    for _ in range(10):
        QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.stage.split() == pytest.approx(0.2)


def test_the_line_is_dragged(qtbot: QtBot) -> None:
    view = red_and_blue(qtbot)
    rect = view.stage.seen().toRect()
    start = QPoint(int(view.stage.line_x()), rect.center().y())
    goal = QPoint(rect.left() + rect.width() // 4, rect.center().y())
    QTest.mousePress(view.stage, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view.stage, goal)
    QTest.mouseRelease(view.stage, Qt.MouseButton.LeftButton, pos=goal)
    assert view.stage.split() == pytest.approx(0.25, abs=0.01)
    assert seen(view, 0.4) == QColor("#0000ff")


def test_zoomed_in_a_drag_pans_and_only_the_line_itself_moves_the_line(qtbot: QtBot) -> None:
    view = red_and_blue(qtbot)
    view.stage.zoom_by(3.0)
    before = view.stage.picture_rect().left()
    QTest.mousePress(view.stage, Qt.MouseButton.LeftButton, pos=QPoint(100, 200))
    QTest.mouseMove(view.stage, QPoint(60, 200))
    QTest.mouseRelease(view.stage, Qt.MouseButton.LeftButton, pos=QPoint(60, 200))
    assert view.stage.picture_rect().left() == before - 40
    assert view.stage.split() == 0.5


def test_space_held_shows_the_second_in_the_same_place(qtbot: QtBot) -> None:
    view = red_and_blue(qtbot)
    QTest.keyClick(view, Qt.Key.Key_2)
    assert seen(view, 0.5) == QColor("#ff0000")
    QTest.keyPress(view, Qt.Key.Key_Space)
    assert seen(view, 0.5) == QColor("#0000ff")
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert seen(view, 0.5) == QColor("#ff0000")


def test_blinking_takes_turns_and_ends_with_the_first(qtbot: QtBot) -> None:
    view = red_and_blue(qtbot)
    view.set_mode("toggle")
    view.set_blinking(True)
    qtbot.waitUntil(view.stage.shows_second)
    qtbot.waitUntil(lambda: not view.stage.shows_second())
    qtbot.waitUntil(view.stage.shows_second)
    view.set_mode("slider")
    assert not view.stage.shows_second()


def test_the_difference_is_counted_and_made_stronger(qtbot: QtBot) -> None:
    first, second = plain("#000000"), plain("#000000")
    for at in range(640):
        second.setPixelColor(at % 64, 40 + at // 64, QColor(10, 0, 0))
    view = compare_of(qtbot, a=first, b=second)
    QTest.keyClick(view, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: "640 of 4,096" in view.words())
    assert view.words() == "15.6 % of the pixels differ (640 of 4,096), by at most 10 of 255."
    for gain in (8, 16):
        QTest.keyClick(view, Qt.Key.Key_Up)
        assert view.gain() == gain
    qtbot.waitUntil(lambda: seen(view, 0.5).red() == 160)
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.gain() == 16


def test_the_same_picture_differs_nowhere(qtbot: QtBot) -> None:
    view = compare_of(qtbot, a=plain("red"), b=plain("red"), c=plain("blue"))
    view.set_mode("difference")
    qtbot.waitUntil(lambda: view.words().startswith("0.0 % of the pixels differ"))
    view.show_pair("a", "c")
    assert view.words() == "Comparing…"
    qtbot.waitUntil(lambda: view.words().startswith("100.0 % of the pixels differ"))


def test_only_the_newest_comparison_is_told(qtbot: QtBot) -> None:
    maker = DifferenceMaker()
    told: list[str] = []
    maker.made.connect(lambda _image, words: told.append(words))
    maker.make(plain("red"), plain("blue"), 1)
    maker.make(plain("red"), plain("red"), 1)
    QThreadPool.globalInstance().waitForDone()
    qtbot.waitUntil(lambda: bool(told))
    assert [words[:5] for words in told] == ["0.0 %"]


def test_pictures_of_other_sizes_are_compared_and_it_is_said(qtbot: QtBot) -> None:
    view = compare_of(qtbot, a=plain("red"), b=plain("red", 32, 32))
    view.set_mode("difference")
    qtbot.waitUntil(lambda: "the second was scaled" in view.words())
    view.set_mode("slider")
    assert seen(view, 0.9) == QColor("red")


def test_both_sides_share_zoom(qtbot: QtBot) -> None:
    view = red_and_blue(qtbot)
    QTest.keyClick(view, Qt.Key.Key_4)
    QTest.keyClick(view, Qt.Key.Key_Plus)
    left, right = view._sides
    assert left.picture_rect().size() == right.picture_rect().size()
    assert left.isVisible() and right.isVisible()
    assert view.viewpoint.zoom == 1.25


def test_the_two_are_chosen_from_the_list_and_change_places(qtbot: QtBot) -> None:
    view = red_and_blue(qtbot)
    told: list[tuple[str, str]] = []
    view.pair_changed.connect(lambda one, other: told.append((one, other)))
    QTest.keyClick(view, Qt.Key.Key_X)
    assert seen(view, 0.3) == QColor("#0000ff")
    first, second = view.findChildren(QComboBox)
    second.setCurrentIndex(2)
    second.activated.emit(2)
    first.setCurrentIndex(2)
    first.activated.emit(2)
    assert told == [("b", "a"), ("b", "c"), ("c", "b")]
    assert view.pair() == ("c", "b")
    assert seen(view, 0.3) == QColor("#00ff00")


def test_with_one_picture_missing_it_asks_to_choose(qtbot: QtBot) -> None:
    view = red_and_blue(qtbot)
    view.set_choices([CHOICES[0]])
    assert view.pair() == ("a", "")
    assert not view.stage.isVisible()
    asked: list[str] = []
    view.image_wanted.connect(asked.append)
    view.set_choices(CHOICES)
    view.show_pair("a", "c")
    assert asked == ["c"]
