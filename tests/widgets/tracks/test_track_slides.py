"""A track's faders: told while they move, once when they are let go; held against what the piece shows."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.widgets.tracks.slides import MixSlide

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def slide(qtbot: QtBot) -> MixSlide:
    slide = MixSlide(0, 127, 100, 4)
    qtbot.addWidget(slide)
    slide.setFixedSize(137, 16)
    slide.show()
    return slide


def at(slide: MixSlide, value: int) -> QPoint:
    return QPoint(round(slide._x(value)), slide.height() // 2)


def values(spy: QSignalSpy) -> list[int]:
    return [spy.at(index)[0] for index in range(spy.count())]


def test_a_drag_is_told_live_and_once_at_its_end(slide: MixSlide) -> None:
    moved, settled = QSignalSpy(slide.moved), QSignalSpy(slide.settled)
    QTest.mousePress(slide, LEFT, pos=at(slide, 100))
    assert values(moved) == []  # taken hold of, not moved
    for value in (90, 70, 50):
        QTest.mouseMove(slide, at(slide, value))
    assert len(values(moved)) == 3 and values(settled) == [] and slide.held
    slide.show_value(3)  # the piece says something else meanwhile
    assert abs(slide.value() - 50) <= 1
    QTest.mouseRelease(slide, LEFT, pos=at(slide, 50))
    assert values(settled) == [slide.value()] and abs(slide.value() - 50) <= 1 and not slide.held


def test_the_knob_does_not_jump_when_it_is_gripped_at_its_edge(slide: MixSlide) -> None:
    edge = at(slide, 100) + QPoint(4, 0)
    QTest.mousePress(slide, LEFT, pos=edge)
    QTest.mouseMove(slide, edge + QPoint(1, 0))
    assert slide.value() in (100, 101, 102)
    QTest.mouseRelease(slide, LEFT, pos=edge)


def test_a_click_jumps_and_settles_when_no_second_comes(slide: MixSlide, qtbot: QtBot) -> None:
    settled = QSignalSpy(slide.settled)
    QTest.mouseClick(slide, LEFT, pos=at(slide, 20))
    assert abs(slide.value() - 20) <= 1 and values(settled) == []
    qtbot.waitUntil(lambda: settled.count() == 1, timeout=10_000)
    assert values(settled) == [slide.value()]


def test_a_double_click_goes_back_in_one_step(slide: MixSlide, qtbot: QtBot) -> None:
    slide.show_value(60)
    settled = QSignalSpy(slide.settled)
    QTest.mouseClick(slide, LEFT, pos=at(slide, 20))
    QTest.mouseDClick(slide, LEFT, pos=at(slide, 20))
    assert slide.value() == 100 and values(settled) == [100]
    assert not slide.held


def test_keys_and_wheel_make_one_step_when_they_rest(slide: MixSlide, qtbot: QtBot) -> None:
    moved, settled = QSignalSpy(slide.moved), QSignalSpy(slide.settled)
    for _ in range(5):
        QTest.keyClick(slide, Qt.Key.Key_Left)
    assert values(moved) == [96, 92, 88, 84, 80] and values(settled) == []
    qtbot.waitUntil(lambda: settled.count() == 1, timeout=10_000)
    assert values(settled) == [80]


def test_the_wheel_moves_it_only_with_the_keyboard_on_it(slide: MixSlide, qtbot: QtBot) -> None:
    def turn() -> bool:
        point = QPointF(at(slide, 50))
        event = QWheelEvent(
            point, slide.mapToGlobal(point), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(slide, event)
        return event.isAccepted()

    assert not turn() and slide.value() == 100  # the list scrolls
    slide.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    slide.setFocus()
    qtbot.waitUntil(slide.hasFocus, timeout=10_000)
    assert turn() and slide.value() > 100


def test_flush_tells_at_once_and_only_what_changed(slide: MixSlide) -> None:
    settled = QSignalSpy(slide.settled)
    slide.flush()
    slide.setValue(70)
    slide.flush()
    slide.flush()
    assert values(settled) == [70]
    slide.setValue(40)
    slide.setValue(70)
    slide.flush()
    assert values(settled) == [70]  # back where it was


def test_showing_a_value_is_not_told(slide: MixSlide) -> None:
    spies = [QSignalSpy(slide.moved), QSignalSpy(slide.settled)]
    slide.show_value(12)
    slide.flush()
    assert slide.value() == 12 and [spy.count() for spy in spies] == [0, 0]
