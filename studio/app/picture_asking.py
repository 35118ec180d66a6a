"""What is asked of the image model right now: the frame's pixels, its mask and lock, packed off the window's thread."""

from typing import Any, Final

from msgspec import Struct
from PySide6.QtGui import QImage

from studio.core.pictures import Box, ImageJob, Mode
from studio.media.picture.asking import FrameFacts
from studio.media.picture.png import named
from studio.media.picture.settings import PictureSettings
from studio.widgets.canvas.pixels import png_bytes, rgba_of
from studio.widgets.canvas.view import CanvasView

LOOK_PX: Final = 96  # the side of the small picture that tells whether a frame is empty


class Ask(Struct, frozen=True, kw_only=True):
    """A frame as it stood when Propose was pressed, not yet packed."""

    mode: Mode
    box: Box
    settings: PictureSettings
    init: QImage | None = None
    mask: QImage | None = None
    lock: QImage | None = None
    bound: dict[str, Any] = {}

    @property
    def is_plain(self) -> bool:
        """There is nothing to pack."""
        return self.init is None and self.mask is None and self.lock is None


class Packed(Struct, frozen=True, kw_only=True):
    """The files of an ask, by the names that the project gives them."""

    files: dict[str, bytes] = {}
    init: str = ""
    mask: str = ""
    lock: str = ""


def look_at(canvas: CanvasView, frame: Box) -> FrameFacts:
    """What lies in a frame, told from a small picture of it."""
    longest = max(frame.width, frame.height)
    width = max(1, frame.width * LOOK_PX // longest)
    height = max(1, frame.height * LOOK_PX // longest)
    shares = rgba_of(canvas.coverage(frame, width, height))[..., 3]
    empty = not shares.any()
    gaps = not empty and bool((shares < 255).any())
    return FrameFacts(empty=empty, gaps=gaps, masked=canvas.is_masked(frame))


def compose(canvas: CanvasView, mode: Mode, frame: Box, settings: PictureSettings) -> Ask:
    """Take from the canvas what the mode needs, each as large as the job wants it."""
    width, height = settings.width, settings.height
    if mode == "upscale" or (mode == "inpaint" and settings.area == "masked"):
        width, height = frame.width, frame.height  # these begin from the canvas's own pixels
    init = canvas.composite(frame, width, height) if mode != "text" else None
    # the mask stays as fine as the canvas: by it the accepted take is cut
    mask = canvas.mask_of(frame, frame.width, frame.height) if mode == "inpaint" else None
    if mode == "inpaint" and mask is None:  # only what is transparent is drawn
        mask = QImage(width, height, QImage.Format.Format_Grayscale8)
        mask.fill(0)
    lock = None if mode == "upscale" else canvas.lock_of(frame, width, height)
    if lock is not None and init is None and mode == "text":
        init = canvas.composite(frame, width, height)
    return Ask(mode=mode, box=frame, settings=settings, init=init, mask=mask, lock=lock)


def pack(ask: Ask) -> Packed:
    """The files of an ask. Runs on another thread."""
    files: dict[str, bytes] = {}

    def put(image: QImage | None) -> str:
        if image is None:
            return ""
        png = png_bytes(image)
        name = named(png)
        files[name] = png
        return name

    return Packed(init=put(ask.init), mask=put(ask.mask), lock=put(ask.lock), files=files)


def job_of(ask: Ask, packed: Packed, **bound: Any) -> ImageJob:
    """The job of an ask; its `bound` names the seed. Raises msgspec.ValidationError for knobs that don't agree."""
    begun: dict[str, Any] = {"mode": ask.mode, "init": packed.init, "lock": packed.lock, "box": ask.box}
    return ask.settings.job(mask=packed.mask, **(begun | ask.bound | bound))


def same_place(one: ImageJob, other: ImageJob) -> bool:
    """Whether both were asked for the same place of the same picture."""
    return (one.parent, one.box, one.mode) == (other.parent, other.box, other.mode)
