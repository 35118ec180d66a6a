"""The keys by which pictures are looked at, the same wherever they are large."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from studio.widgets.picture_stage import STEP, PictureStage

_PAN_PX = 48.0
_PANS = {
    Qt.Key.Key_Left: QPointF(_PAN_PX, 0),
    Qt.Key.Key_Right: QPointF(-_PAN_PX, 0),
    Qt.Key.Key_Up: QPointF(0, _PAN_PX),
    Qt.Key.Key_Down: QPointF(0, -_PAN_PX),
}
LOOKING = "+ and - zoom, 0 shows the whole picture, A its own pixels, Shift and arrows move it"


def looked(stage: PictureStage, event: QKeyEvent) -> bool:
    """Do what a key of looking says; tells whether it was one."""
    key, shift = event.key(), event.modifiers() & Qt.KeyboardModifier.ShiftModifier
    if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
        return False
    if shift and key in _PANS:
        stage.pan_by(_PANS[Qt.Key(key)])
        return True
    match key:
        case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
            stage.zoom_by(STEP)
        case Qt.Key.Key_Minus:
            stage.zoom_by(1 / STEP)
        case Qt.Key.Key_0:
            stage.viewpoint.fit()
        case Qt.Key.Key_A:
            stage.show_pixels()
        case _:
            return False
    return True
