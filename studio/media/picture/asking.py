"""What the next takes will be, as it follows from what lies in the frame: pure rules and their words (no Qt)."""

import math
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from studio.core.pictures import Box, Mode
from studio.media.picture.document import PictureDoc

AUTO: Final = ""
LARGEST: Final = 4.0  # a frame is drawn at no more than so many times the area the model knows
TITLES: Final[Mapping[Mode, str]] = {
    "text": "Draw something new",
    "image": "Redraw what is there",
    "inpaint": "Fill the mask",
    "upscale": "Enlarge",
}
_EMPTY: Final = "Nothing lies in the frame yet: accept a take or drop a picture first."
_NO_MASK: Final = (
    "Nothing is masked: paint over what should be drawn (B), or let the frame reach beyond the picture."
)


class FrameFacts(Struct, frozen=True, kw_only=True):
    """What lies in the frame: nothing at all; something, but not everywhere; something, and some of it masked."""

    empty: bool = True
    gaps: bool = False
    masked: bool = False


def mode_for(facts: FrameFacts, wanted: str) -> Mode:
    """The mode of the next takes; `wanted` is the person's choice, AUTO follows the frame."""
    for mode in TITLES:
        if wanted == mode and not why_not(facts, mode):
            return mode
    if facts.empty:
        return "text"
    return "inpaint" if facts.masked or facts.gaps else "image"


def why_not(facts: FrameFacts, mode: Mode) -> str:
    """Why a mode makes no sense with what lies in the frame; "" when it does."""
    if mode == "text":
        return ""
    if facts.empty:
        return _EMPTY
    return _NO_MASK if mode == "inpaint" and not (facts.masked or facts.gaps) else ""


def words_for(mode: Mode, facts: FrameFacts, strength: float, factor: float) -> str:
    """What will be done, as the person would say it: “Redraw 60 %”."""
    match mode:
        case "text":
            return "Draw"
        case "image":
            return f"Redraw {strength * 100:.0f} %"
        case "inpaint":
            return "Fill the mask" if facts.masked else "Draw what is missing"
        case "upscale":
            return f"Enlarge {factor:g} ×"


def tip_for(mode: Mode, facts: FrameFacts) -> str:
    """Why it will be so."""
    match mode:
        case "text":
            return "A new picture from the words alone"
        case "image":
            return "What lies in the frame is redrawn; the strength says how much may change"
        case "inpaint" if facts.masked:
            return "Only what is masked is drawn; nothing else changes"
        case "inpaint":
            return "The frame holds empty places: only those are drawn"
        case "upscale":
            return "What lies in the frame, larger"


def job_size(frame: Box, native: tuple[int, int], grid_px: int) -> tuple[int, int]:
    """The size a frame is drawn in: a small one at the area the model knows, a large one at most LARGEST times that.

    Sides are multiples of `grid_px` (at least 8).
    """
    known, own = native[0] * native[1], frame.width * frame.height
    area = min(max(own, known), max(known * LARGEST, 1.0))
    scale = math.sqrt(area / own)
    grid = max(8, grid_px)
    least, most = -(-16 // grid), 8192 // grid

    def fitting(side_px: int) -> int:
        return grid * min(most, max(least, round(side_px * scale / grid)))

    return fitting(frame.width), fitting(frame.height)


def fresh_document(native: tuple[int, int]) -> PictureDoc:
    """The empty picture that a model draws on first."""
    width, height = native
    return PictureDoc(width=width, height=height, frame=Box(x=0, y=0, width=width, height=height))


def centred(frame: Box, width: int, height: int, doc: PictureDoc) -> Box:
    """A frame of another size about the same middle; pushed into the canvas where it fits there."""
    x, y = frame.x + (frame.width - width) // 2, frame.y + (frame.height - height) // 2
    if width <= doc.width:
        x = min(max(x, 0), doc.width - width)
    if height <= doc.height:
        y = min(max(y, 0), doc.height - height)
    return Box(x=x, y=y, width=width, height=height)
