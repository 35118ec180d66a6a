"""Lines that help to compose a picture; painted over it, never in it."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from studio.widgets.canvas.kinds import Guides

_GOLDEN: Final = 0.381966
_PARTS: Final[dict[Guides, tuple[float, ...]]] = {
    "none": (),
    "thirds": (1 / 3, 2 / 3),
    "golden": (_GOLDEN, 1 - _GOLDEN),
    "centre": (0.5,),
    "grid": tuple(part / 8 for part in range(1, 8)),
}


def guide_lines(guides: Guides, area: QRectF) -> list[QLineF]:
    """The lines of a guide within an area."""
    lines = []
    for part in _PARTS[guides]:
        x, y = area.left() + part * area.width(), area.top() + part * area.height()
        lines += [QLineF(x, area.top(), x, area.bottom()), QLineF(area.left(), y, area.right(), y)]
    if guides == "centre":
        lines += [QLineF(area.topLeft(), area.bottomRight()), QLineF(area.bottomLeft(), area.topRight())]
    return lines


def paint_guides(painter: QPainter, guides: Guides, area: QRectF) -> None:
    """Each line dark and light at once, so that it is seen on any picture."""
    if guides == "none":
        return
    lines = guide_lines(guides, area)
    painter.save()
    for colour, width in ((QColor(0, 0, 0, 90), 3.0), (QColor(255, 255, 255, 190), 1.0)):
        painter.setPen(QPen(colour, width))
        painter.drawLines(lines)
    painter.restore()


def two_tone(painter: QPainter, draw: Callable[[QPainter], object], accent: QColor | None = None) -> None:
    """Call `draw(painter)` with a dark, then with a light thin pen."""
    painter.save()
    for colour, width in ((QColor(0, 0, 0, 150), 3.0), (accent or QColor(255, 255, 255), 1.2)):
        pen = QPen(colour, width)
        pen.setCosmetic(True)
        painter.setPen(pen)
        draw(painter)
    painter.restore()
