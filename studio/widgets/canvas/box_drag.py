"""A box with eight handles: which one is under the pointer, and what becomes of the box when it is dragged."""

from typing import Final, Literal

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt

Handle = Literal[
    "", "inside", "left", "right", "top", "bottom", "top left", "top right", "bottom left", "bottom right"
]
REACH_PX: Final = 9.0
_CURSORS: Final[dict[Handle, Qt.CursorShape]] = {
    "": Qt.CursorShape.ArrowCursor,
    "inside": Qt.CursorShape.SizeAllCursor,
    "left": Qt.CursorShape.SizeHorCursor,
    "right": Qt.CursorShape.SizeHorCursor,
    "top": Qt.CursorShape.SizeVerCursor,
    "bottom": Qt.CursorShape.SizeVerCursor,
    "top left": Qt.CursorShape.SizeFDiagCursor,
    "bottom right": Qt.CursorShape.SizeFDiagCursor,
    "top right": Qt.CursorShape.SizeBDiagCursor,
    "bottom left": Qt.CursorShape.SizeBDiagCursor,
}


def cursor_of(handle: Handle) -> Qt.CursorShape:
    """The pointer over a handle."""
    return _CURSORS[handle]


def handle_points(box: QRectF) -> dict[Handle, QPointF]:
    """The eight handles of a box."""
    middle = box.center()
    return {
        "top left": box.topLeft(),
        "top right": box.topRight(),
        "bottom left": box.bottomLeft(),
        "bottom right": box.bottomRight(),
        "left": QPointF(box.left(), middle.y()),
        "right": QPointF(box.right(), middle.y()),
        "top": QPointF(middle.x(), box.top()),
        "bottom": QPointF(middle.x(), box.bottom()),
    }


def handle_at(box: QRectF, at: QPointF) -> Handle:
    """What of a box (both in the view) is under the pointer: a corner, an edge, the inside, or nothing."""
    for handle, point in handle_points(box).items():
        if " " in handle and abs(point.x() - at.x()) <= REACH_PX and abs(point.y() - at.y()) <= REACH_PX:
            return handle
    within_x = box.left() - REACH_PX < at.x() < box.right() + REACH_PX
    within_y = box.top() - REACH_PX < at.y() < box.bottom() + REACH_PX
    for side, off, within in (
        ("left", at.x() - box.left(), within_y),
        ("right", at.x() - box.right(), within_y),
        ("top", at.y() - box.top(), within_x),
        ("bottom", at.y() - box.bottom(), within_x),
    ):
        if within and abs(off) <= REACH_PX:
            return side  # type: ignore[return-value]
    return "inside" if box.contains(at) else ""


def dragged(
    box: QRect,
    handle: Handle,
    by: QPointF,
    *,
    grid_px: int = 1,
    aspect: bool = False,
    snaps: tuple[list[float], list[float]] = ([], []),
    near: float = 0.0,
) -> QRect:
    """The box after a drag by so many pixels. Sides are multiples of `grid_px`; `aspect` keeps their ratio.

    Edges jump to the `snaps` (x, y) that are at most `near` away; when that is no multiple of the grid, the grid wins.
    """
    if handle == "inside":
        return _moved(box, by, snaps, near)
    if handle == "":
        return QRect(box)
    left, top = float(box.left()), float(box.top())
    right, bottom = left + box.width(), top + box.height()
    if "left" in handle:
        left = _near(left + by.x(), snaps[0], near)
    if "right" in handle:
        right = _near(right + by.x(), snaps[0], near)
    if "top" in handle:
        top = _near(top + by.y(), snaps[1], near)
    if "bottom" in handle:
        bottom = _near(bottom + by.y(), snaps[1], near)
    width, height = right - left, bottom - top
    if aspect and box.width() and box.height():
        share = box.width() / box.height()
        if handle in ("left", "right") or (" " in handle and width >= height * share):
            height = width / share
        else:
            width = height * share
    wide, high = to_grid(width, grid_px), to_grid(height, grid_px)
    x = round(right) - wide if "left" in handle else box.left()
    y = round(bottom) - high if "top" in handle else box.top()
    return QRect(x, y, wide, high)


def to_grid(length: float, grid_px: int) -> int:
    """The nearest multiple of the grid, at least one."""
    return max(grid_px, round(length / grid_px) * grid_px)


def _near(value: float, places: list[float], near: float) -> float:
    best = min(places, key=lambda place: abs(place - value), default=None)
    return best if best is not None and abs(best - value) <= near else value


def _moved(box: QRect, by: QPointF, snaps: tuple[list[float], list[float]], near: float) -> QRect:
    x = snapped(box.left() + by.x(), box.width(), snaps[0], near)
    y = snapped(box.top() + by.y(), box.height(), snaps[1], near)
    return QRect(QPoint(round(x), round(y)), box.size())


def snapped(start: float, length: float, places: list[float], near: float) -> float:
    """Where a stretch begins after its start, middle or end jumped to the nearest place, if one is near."""
    tries = [
        (place - part, abs(place - part - start)) for place in places for part in (0, length / 2, length)
    ]
    best = min(tries, key=lambda one: one[1], default=None)
    return best[0] if best is not None and best[1] <= near else start
