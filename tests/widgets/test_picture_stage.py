"""Zoom and pan: shared, kept within reach, about the point under the pointer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.widgets.picture_stage import PictureStage, Viewpoint
from tests.widgets.picture_makers import Heard, plain


def stage_of(
    qtbot: QtBot, viewpoint: Viewpoint, image: QImage, width: int = 200, height: int = 200
) -> PictureStage:
    stage = PictureStage(viewpoint)
    qtbot.addWidget(stage)
    stage.resize(width, height)
    stage.set_image(image)
    return stage


def test_a_picture_fits_and_is_in_the_middle(qtbot: QtBot) -> None:
    stage = stage_of(qtbot, Viewpoint(), plain("red", 100, 50))
    assert stage.picture_rect().getRect() == (0, 50, 200, 100)
    assert stage.scale() == 2.0


def test_all_stages_of_a_viewpoint_follow_one(qtbot: QtBot) -> None:
    viewpoint = Viewpoint()
    one = stage_of(qtbot, viewpoint, plain("red", 100, 100))
    other = stage_of(qtbot, viewpoint, plain("red", 300, 300), 400, 400)
    one.zoom_by(2.0, QPointF(0, 0))
    assert one.picture_rect().getRect() == (0, 0, 400, 400)
    assert other.picture_rect().getRect() == (0, 0, 800, 800)
    one.pan_by(QPointF(-50, 0))
    assert other.picture_rect().left() == -100
    viewpoint.fit()
    assert other.picture_rect().getRect() == (0, 0, 400, 400)


def test_a_picture_of_other_proportions_follows_without_a_gap(qtbot: QtBot) -> None:
    viewpoint = Viewpoint()
    square = stage_of(qtbot, viewpoint, plain("red", 100, 100))
    in_a_wide_place = stage_of(qtbot, viewpoint, plain("red", 100, 100), 400, 200)
    square.zoom_by(3.0, QPointF(0, 0))
    assert in_a_wide_place.picture_rect().getRect() == (0, 0, 600, 600)


def test_a_stage_is_painted_anew_when_another_one_zooms(qtbot: QtBot) -> None:
    viewpoint = Viewpoint()
    one, other = (stage_of(qtbot, viewpoint, plain("red")) for _ in range(2))
    with qtbot.waitExposed(other):
        other.show()
    heard = Heard(QEvent.Type.Paint)
    other.installEventFilter(heard)
    one.zoom_by(2.0)
    qtbot.waitUntil(lambda: heard.count > 0)


def test_own_pixels_are_shown_one_to_one(qtbot: QtBot) -> None:
    stage = stage_of(qtbot, Viewpoint(), plain("red", 800, 400))
    stage.show_pixels()
    assert abs(stage.scale() - 1.0) < 1e-9


def test_the_wheel_zooms_where_the_pointer_is(qtbot: QtBot) -> None:
    half = plain("red", 100, 100)
    for x in range(50, 100):
        for y in range(100):
            half.setPixelColor(x, y, QColor("blue"))
    stage = stage_of(qtbot, Viewpoint(), half)
    with qtbot.waitExposed(stage):
        stage.show()
    at = QPointF(60, 100)
    for _ in range(3):
        no = Qt.MouseButton.NoButton
        modifiers = Qt.KeyboardModifier.NoModifier
        phase = Qt.ScrollPhase.NoScrollPhase
        turn = QWheelEvent(at, at, QPoint(), QPoint(0, 120), no, modifiers, phase, False)
        QApplication.sendEvent(stage, turn)
    assert stage.viewpoint.zoom == pytest.approx(1.25**3)
    for x in (60, 120):
        assert stage.grab().toImage().pixelColor(x, 100) == QColor("red")
    assert stage.grab().toImage().pixelColor(190, 100) == QColor("blue")


def test_dragging_pans(qtbot: QtBot) -> None:
    stage = stage_of(qtbot, Viewpoint(), plain("red", 100, 100))
    with qtbot.waitExposed(stage):
        stage.show()
    stage.zoom_by(2.0)
    before = stage.picture_rect().left()
    QTest.mousePress(stage, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.mouseMove(stage, QPoint(70, 100))
    QTest.mouseRelease(stage, Qt.MouseButton.LeftButton, pos=QPoint(70, 100))
    assert stage.picture_rect().left() == pytest.approx(before - 30)


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["zoom", "pan"]),
            st.floats(0.2, 5.0),
            st.floats(-300, 300),
            st.floats(-300, 300),
        ),
        max_size=12,
    )
)
def test_a_picture_never_leaves_its_place(steps: list[tuple[str, float, float, float]], qapp: object) -> None:
    stage = PictureStage(Viewpoint())
    stage.resize(200, 120)
    stage.set_image(plain("red", 64, 48))
    for what, factor, x, y in steps:
        if what == "zoom":
            stage.zoom_by(factor, QPointF(x, y))
        else:
            stage.pan_by(QPointF(x, y))
        rect = stage.picture_rect()
        for start, size, room in ((rect.left(), rect.width(), 200), (rect.top(), rect.height(), 120)):
            if size <= room:
                assert abs(start - (room - size) / 2) < 1e-6
            else:
                assert start <= 1e-6 and start + size >= room - 1e-6


@given(factor=st.floats(1.0, 8.0), x=st.floats(60, 140), y=st.floats(60, 140))
def test_the_point_under_the_pointer_stays(factor: float, x: float, y: float, qapp: object) -> None:
    stage = PictureStage(Viewpoint())
    stage.resize(200, 200)
    stage.set_image(plain("red", 64, 64))

    def share() -> tuple[float, float]:
        rect = stage.picture_rect()
        return (x - rect.left()) / rect.width(), (y - rect.top()) / rect.height()

    before = share()
    stage.zoom_by(factor, QPointF(x, y))
    after = share()
    assert abs(before[0] - after[0]) < 1e-6
    assert abs(before[1] - after[1]) < 1e-6


def test_a_transparent_picture_lies_on_squares(qtbot: QtBot) -> None:
    image = QImage(64, 64, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    stage = stage_of(qtbot, Viewpoint(), image)
    drawn = stage.grab().toImage()
    assert len({drawn.pixelColor(x, 100).name() for x in range(0, 200, 4)}) == 2
