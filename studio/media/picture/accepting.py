"""How an accepted take changes a picture's document (no Qt; the pixels are cut with numpy)."""

import math
from typing import TYPE_CHECKING, Final

from studio.core.pictures import Box, ImageJob, Inpaint
from studio.core.takes import Take
from studio.media.picture.arrange import grown_to, placed
from studio.media.picture.document import SIDE_MOST_PX, Layer, PictureDoc

if TYPE_CHECKING:
    import numpy as np

_NAME_CHARS: Final = 40


def box_of_take(take: Take, doc: PictureDoc) -> Box:
    """Where a take belongs on the canvas."""
    return take.recipe.drawing.box or doc.frame


def size_of_take(take: Take, doc: PictureDoc) -> tuple[int, int]:
    """How large a take is shown on the canvas: as its box, or as what an enlarged whole becomes."""
    job, box = take.recipe.drawing, box_of_take(take, doc)
    if _enlarges_all(job, doc, take):
        assert job.upscale is not None
        whole = scaled(doc, job.upscale.factor)
        return whole.width, whole.height
    return box.width, box.height


def with_take(doc: PictureDoc, take: Take, asset: str) -> PictureDoc:
    """The document with a take on it: a layer in the take's box; the canvas grows where it must.

    An enlarged whole picture makes the canvas larger, and everything on it with it.
    """
    job, box = take.recipe.drawing, box_of_take(take, doc)
    if _enlarges_all(job, doc, take):
        assert job.upscale is not None
        doc = scaled(doc, job.upscale.factor)
        box = doc.frame
    else:
        doc, box = grown_to(doc, box)
    return placed(doc, asset, box, layer_name(take), take.id)


def _enlarges_all(job: ImageJob, doc: PictureDoc, take: Take) -> bool:
    whole = Box(x=0, y=0, width=doc.width, height=doc.height)
    if job.mode != "upscale" or job.upscale is None or box_of_take(take, doc) != whole:
        return False
    return max(doc.width, doc.height) * job.upscale.factor <= SIDE_MOST_PX


def layer_name(take: Take) -> str:
    """What the layer of a take is called: the beginning of its prompt."""
    words = " ".join(take.recipe.drawing.prompt_of(take.index).split())
    return (
        f"{words[:_NAME_CHARS].rstrip()}…" if len(words) > _NAME_CHARS else words
    ) or f"Take {take.index + 1}"


def scaled(doc: PictureDoc, factor: float) -> PictureDoc:
    """Everything `factor` times as large; pixels stay as they are and are shown larger."""

    def times(value: int) -> int:
        return round(value * factor)

    def larger(layer: Layer) -> Layer:
        out: Layer = layer.changed(
            x=times(layer.x),
            y=times(layer.y),
            width=max(1, min(SIDE_MOST_PX, times(layer.width))),
            height=max(1, min(SIDE_MOST_PX, times(layer.height))),
        )
        return out

    frame = Box(x=0, y=0, width=times(doc.width), height=times(doc.height))
    out: PictureDoc = doc.changed(
        width=frame.width,
        height=frame.height,
        frame=frame,
        layers=tuple(larger(layer) for layer in doc.layers),
    )
    return out


def needs_cut(take: Take, box: Box) -> bool:
    """Whether only the changed pixels of a take may go onto the canvas: it was drawn in part, in another size."""
    job, picture = take.recipe.drawing, take.picture
    if picture is None or job.mode != "inpaint":
        return False
    return (picture.width, picture.height) != (box.width, box.height)


def only_changed(take: "np.ndarray", init: "np.ndarray") -> "np.ndarray":
    """A take's pixels, uint8 (h, w, 4), transparent where `init` has the same: the canvas below shows through.

    An `init` of another size says nothing.
    """
    out = take.copy()
    if init.shape == take.shape:
        out[(take == init).all(axis=2), 3] = 0
    return out


def drawn_under(mask: "np.ndarray", init: "np.ndarray", inpaint: Inpaint, scale: float) -> "np.ndarray":
    """Where a job may have drawn, bool (h, w): under its mask, grown and softened, and where `init` was transparent.

    `mask` (h, w) and `init` (h, w, 4) lie on the canvas, `scale` pixels of it for one of the job's.
    """
    from studio.media.picture.masks import grow

    reach_px = math.ceil(max(0, inpaint.grow_px + inpaint.feather_px) * scale)
    out: np.ndarray = (grow(mask, reach_px) > 0) | (init[..., 3] < 255)
    return out
