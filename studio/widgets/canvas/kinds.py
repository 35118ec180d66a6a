"""The words of the canvas: its tools, its brush, its guides, and what the pointer says."""

from typing import Annotated, Final, Literal, get_args

from msgspec import Meta
from PySide6.QtCore import QPointF

from studio.core.checked import Checked
from studio.widgets.modifiers import Modified

Tool = Literal["move", "brush", "eraser", "lasso", "rectangle", "frame", "crop", "pan"]
TOOLS: Final[tuple[Tool, ...]] = get_args(Tool)
Guides = Literal["none", "thirds", "golden", "centre", "grid"]
GUIDES: Final[tuple[Guides, ...]] = get_args(Guides)
BRUSH_MOST_PX: Final = 1024
GUIDE_TITLES: Final[dict[Guides, str]] = {
    "none": "No guides",
    "thirds": "Thirds",
    "golden": "Golden section",
    "centre": "Centre and diagonals",
    "grid": "Grid of eighths",
}


class Brush(Checked, frozen=True, kw_only=True):
    """A round brush: `size_px` across, its edge soft over the share `softness` of its radius.

    `opacity` is reached once within a stroke, however often it passes; a stamp is set every `spacing` sizes.
    With `pressure`, a tablet's pen makes it smaller.
    """

    size_px: Annotated[float, Meta(ge=1.0, le=BRUSH_MOST_PX)] = 48.0
    softness: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.3
    opacity: Annotated[float, Meta(ge=0.01, le=1.0)] = 1.0
    spacing: Annotated[float, Meta(ge=0.02, le=1.0)] = 0.08
    pressure: bool = True


class Pointer(Modified, frozen=True, kw_only=True):
    """Where a mouse or pen is: on the canvas in its pixels, in the view in its own; pressure from 0 to 1."""

    at: QPointF
    view: QPointF
    pressure: float = 1.0
