"""The bench's hand: it paints as a person does, and says how long each move took."""

from pytestqt.qtbot import QtBot

from studio.core.pictures import Box
from studio.media.picture.document import PictureDoc
from studio.widgets.canvas.kinds import Brush
from studio.widgets.canvas.replay import replay_stroke
from tests.widgets.canvas.desk import Desk


def test_a_replayed_stroke_is_a_step_with_a_time_for_each_move(qtbot: QtBot) -> None:
    desk = Desk(qtbot, PictureDoc(width=300, height=200, frame=Box(x=0, y=0, width=64, height=64)))
    desk.view.set_brush(Brush(size_px=20, softness=0.0))
    times_ms = replay_stroke(desk.view, [(20, 100), (60, 100), (100, 100), (140, 100)])
    assert len(times_ms) == 3 and all(0 < time < 1000 for time in times_ms)
    assert desk.mask()[100, 20:140].min() == 255 and len(desk.steps) == 1
