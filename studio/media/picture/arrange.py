"""Steps on a picture's document that touch no pixel: each takes a document and gives another one (no Qt)."""

from collections.abc import Sequence
from typing import Literal

from studio.core.errors import StudioError
from studio.core.ids import new_id
from studio.core.pictures import Box
from studio.media.picture.document import SIDE_MOST_PX, Kind, Layer, PictureDoc

Axis = Literal["x", "y"]
NAMES: dict[Kind, str] = {"raster": "Picture", "mask": "Mask", "lock": "Lock"}


def fresh_name(doc: PictureDoc, name: str) -> str:
    """The name, with a number when a layer has it."""
    taken = {layer.name for layer in doc.layers}
    tries = (name if number == 1 else f"{name} {number}" for number in range(1, len(taken) + 2))
    return next(one for one in tries if one not in taken)


def new_layer(doc: PictureDoc, kind: Kind, name: str = "") -> Layer:
    """An empty layer as large as the canvas; not in the document yet."""
    title = fresh_name(doc, name or NAMES[kind])
    return Layer(id=new_id(), name=title, kind=kind, width=doc.width, height=doc.height)


def placed(doc: PictureDoc, asset: str, box: Box, name: str, take: str = "") -> PictureDoc:
    """With a picture shown in `box`, above the highest picture and below the masks."""
    layer = Layer(
        id=new_id(), name=fresh_name(doc, name), asset=asset, take=take,
        x=box.x, y=box.y, width=box.width, height=box.height,
    )  # fmt: skip
    rasters = [other.id for other in doc.layers if other.kind == "raster"]
    if not rasters:
        placed_doc: PictureDoc = doc.changed(layers=(layer, *doc.layers))
        return placed_doc
    return doc.with_layer(layer, above=rasters[-1])


def reordered(doc: PictureDoc, layer_id: str, index: int) -> PictureDoc:
    """With a layer at `index` among the others, 0 the lowest."""
    layer = doc.layer(layer_id)
    others = [other for other in doc.layers if other.id != layer_id]
    at = max(0, min(index, len(others)))
    return _with(doc, [*others[:at], layer, *others[at:]])


def duplicated(doc: PictureDoc, layer_id: str) -> tuple[PictureDoc, str]:
    """With a copy just above it, and the copy's id."""
    layer = doc.layer(layer_id)
    copy: Layer = layer.changed(id=new_id(), name=fresh_name(doc, f"{layer.name} copy"), held=False)
    return doc.with_layer(copy, above=layer_id), copy.id


def moved(layer: Layer, dx: int, dy: int) -> Layer:
    """So many pixels to the right and down."""
    out: Layer = layer.changed(x=layer.x + dx, y=layer.y + dy)
    return out


def flipped(layer: Layer, axis: Axis) -> Layer:
    """Mirrored in its own box: "x" left and right change places."""
    out: Layer = (
        layer.changed(flip_x=not layer.flip_x) if axis == "x" else layer.changed(flip_y=not layer.flip_y)
    )
    return out


def turned(layer: Layer, quarters: int) -> Layer:
    """Turned clockwise about its middle. (The mirrors come after the turn: for an odd turn they change axes.)"""
    if quarters % 2 == 0:
        return _turned_about(layer, quarters, layer.x, layer.y)
    x = layer.x + (layer.width - layer.height) // 2
    y = layer.y + (layer.height - layer.width) // 2
    return _turned_about(layer, quarters, x, y)


def _turned_about(layer: Layer, quarters: int, x: int, y: int) -> Layer:
    odd = quarters % 2
    out: Layer = layer.changed(
        x=x, y=y, turn=(layer.turn + quarters) % 4,
        width=layer.height if odd else layer.width, height=layer.width if odd else layer.height,
        flip_x=layer.flip_y if odd else layer.flip_x, flip_y=layer.flip_x if odd else layer.flip_y,
    )  # fmt: skip
    return out


def canvas_flipped(doc: PictureDoc, axis: Axis) -> PictureDoc:
    """The whole picture mirrored, frame and masks too."""
    across = axis == "x"

    def mirrored(layer: Layer) -> Layer:
        out: Layer = flipped(layer, axis).changed(
            x=doc.width - layer.x - layer.width if across else layer.x,
            y=layer.y if across else doc.height - layer.y - layer.height,
        )
        return out

    frame = doc.frame
    box = frame.changed(
        x=doc.width - frame.x - frame.width if across else frame.x,
        y=frame.y if across else doc.height - frame.y - frame.height,
    )
    return _with(doc, [mirrored(layer) for layer in doc.layers], frame=box)


def canvas_turned(doc: PictureDoc, quarters: int) -> PictureDoc:
    """The whole picture turned clockwise, frame and masks too."""
    for _ in range(quarters % 4):
        doc = _quarter(doc)
    return doc


def _quarter(doc: PictureDoc) -> PictureDoc:
    layers = [_turned_about(layer, 1, doc.height - layer.y - layer.height, layer.x) for layer in doc.layers]
    frame = doc.frame
    box = Box(x=doc.height - frame.y - frame.height, y=frame.x, width=frame.height, height=frame.width)
    return _with(doc, layers, width=doc.height, height=doc.width, frame=box)


def cropped_to(doc: PictureDoc, box: Box) -> PictureDoc:
    """The canvas cut, or widened, to `box`; no pixel of a layer is lost, the frame is kept on the canvas."""
    layers = [moved(layer, -box.x, -box.y) for layer in doc.layers]
    frame = doc.frame
    width, height = min(frame.width, box.width), min(frame.height, box.height)
    kept = Box(
        x=max(0, min(frame.x - box.x, box.width - width)),
        y=max(0, min(frame.y - box.y, box.height - height)),
        width=width,
        height=height,
    )
    return _with(doc, layers, width=box.width, height=box.height, frame=kept)


def grown_to(doc: PictureDoc, box: Box) -> tuple[PictureDoc, Box]:
    """The canvas widened until it holds `box`, and where that box is then: for a take drawn beyond the edge.

    Raises StudioError "too_large" when no canvas is that large.
    """
    left, top = min(0, box.x), min(0, box.y)
    right, bottom = max(doc.width, box.x + box.width), max(doc.height, box.y + box.height)
    moved_box = box.changed(x=box.x - left, y=box.y - top)
    if (left, top, right, bottom) == (0, 0, doc.width, doc.height):
        return doc, moved_box
    if max(right - left, bottom - top) > SIDE_MOST_PX:
        raise StudioError(
            f"With this take the picture would be {right - left:,} × {bottom - top:,} pixels: no side may be longer "
            f"than {SIDE_MOST_PX:,}.",
            kept="The picture is as it was, and the take is kept.",
            do="Move the frame nearer to the picture (F) and propose again.",
            code="too_large",
        )
    layers = [moved(layer, -left, -top) for layer in doc.layers]
    frame = doc.frame.changed(x=doc.frame.x - left, y=doc.frame.y - top)
    return _with(doc, layers, width=right - left, height=bottom - top, frame=frame), moved_box


def union(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds them all. Raises ValueError for none."""
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right = max(box.x + box.width for box in boxes)
    bottom = max(box.y + box.height for box in boxes)
    return Box(x=left, y=top, width=right - left, height=bottom - top)


def box_of(layer: Layer) -> Box:
    """Where a layer is shown."""
    return Box(x=layer.x, y=layer.y, width=layer.width, height=layer.height)


def _with(doc: PictureDoc, layers: Sequence[Layer], **more: object) -> PictureDoc:
    out: PictureDoc = doc.changed(layers=tuple(layers), **more)
    return out
