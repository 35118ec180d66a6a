"""How an accepted take changes a picture's document (no Qt; the pixels are cut with numpy)."""

from typing import TYPE_CHECKING, Final

from studio.core.pictures import Box, ImageJob
from studio.core.takes import Take
from studio.media.picture.arrange import grown_to, placed
from studio.media.picture.document import SIDE_MOST_PX, Layer, PictureDoc

if TYPE_CHECKING:
    import numpy as np

_NAME_CHARS: Final = 40


def box_of_take(take: Take, doc: PictureDoc) -> Box:
    """Where a take belongs on the canvas."""
    return take.recipe.drawing.box or doc.frame


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


def cut(take: "np.ndarray", init: "np.ndarray | None", lock: "np.ndarray | None") -> "np.ndarray":
    """A take's pixels, uint8 (h, w, 4), transparent where `init` (h, w, 4) has the same or `lock` (h, w) is white.

    What is transparent there lets the canvas below show through, untouched by any scaling.
    """
    out = take.copy()
    if init is not None and init.shape == take.shape:
        out[(take == init).all(axis=2), 3] = 0
    if lock is not None and lock.shape == take.shape[:2]:
        import numpy as np

        out[..., 3] = (out[..., 3].astype(np.uint16) * (255 - lock.astype(np.uint16)) // 255).astype(np.uint8)
    return out
