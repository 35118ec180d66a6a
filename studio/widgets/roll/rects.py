"""Fills thousands of rectangles in one stroke."""

from typing import cast

import numpy as np
import shiboken6
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QColor, QPainter

from studio.widgets.roll.geometry import Ints


def boxes(x: Ints, y: Ints, width: Ints | int, height: Ints | int) -> Ints:
    """Rectangles as int32 (count, 4), as Qt keeps a QRect: left, top, right, bottom, the last two inside it."""
    out = np.empty((len(x), 4), dtype=np.int32)
    out[:, 0] = x
    out[:, 1] = y
    out[:, 2] = x + width
    out[:, 3] = y + height
    out[:, 2:] -= 1
    return out


def fill(painter: QPainter, rects: Ints, look: QColor | QBrush) -> None:
    """Fill them all with one colour.

    20,000 take 2 ms: Qt reads them where they lie. (As a list of QRects it is 400 ms.)
    """
    if not len(rects):
        return
    held = np.ascontiguousarray(rects, dtype=np.int32)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look)
    first = shiboken6.wrapInstance(held.ctypes.data, QRect)
    painter.drawRects(cast(QRect, first), len(held))
    del first  # before the memory it speaks of


def outline(painter: QPainter, rects: Ints, colour: QColor, width: int = 1) -> None:
    """Draw their edges, inside them."""
    if not len(rects):
        return
    left, top, right, bottom = rects[:, 0], rects[:, 1], rects[:, 2], rects[:, 3]
    edges = np.concatenate(
        (
            np.stack((left, top, right, top + (width - 1)), axis=1),
            np.stack((left, bottom - (width - 1), right, bottom), axis=1),
            np.stack((left, top, left + (width - 1), bottom), axis=1),
            np.stack((right - (width - 1), top, right, bottom), axis=1),
        )
    )
    fill(painter, edges, colour)
