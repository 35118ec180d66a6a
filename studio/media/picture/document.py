"""A picture as a document: a canvas with layers, and the text it is kept as.

A project keeps it where it keeps a story's text: as the revisions of a text. So undo, branches, lineage, accepting a
take and restoring after a crash are the same for all arts. The text's first line says what the last step did
("Brush on “Mask”"), the rest is JSON. Pixels lie in assets, named by SHA-256, and never change.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from studio.core.checked import Checked
from studio.core.errors import StudioError
from studio.core.pictures import Box
from studio.media.spans import Edit, Run, SpanText

FORMAT = 1
SIDE_MOST_PX = 16_384
Kind = Literal["raster", "mask", "lock"]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Signed = Annotated[float, Meta(ge=-1.0, le=1.0)]


class Adjust(Checked, frozen=True, kw_only=True):
    """Changes of a layer's look that leave its pixels alone; the defaults change nothing.

    `black` and `white` are the levels that become 0 and 255, `gamma` bends between them (> 1 is lighter).
    `saturation` -1 is grey, `sharpness` -1 soft, +1 sharp. `red`, `green`, `blue` shift the colour balance.
    """

    black: Annotated[int, Meta(ge=0, le=254)] = 0
    white: Annotated[int, Meta(ge=1, le=255)] = 255
    gamma: Annotated[float, Meta(ge=0.1, le=10.0)] = 1.0
    saturation: Signed = 0.0
    sharpness: Signed = 0.0
    red: Signed = 0.0
    green: Signed = 0.0
    blue: Signed = 0.0


class Layer(Checked, frozen=True, kw_only=True):
    """One layer. `asset` ("" when empty) is shown in the box x, y, width, height of the canvas, turned by `turn`
    quarters clockwise, then mirrored; `crop` is the part of the asset that is shown (its pixels; None: all).

    A "raster" is seen; a "mask" (grey, white is where to draw) and a "lock" (white is what may not change) are
    tools, shown as a tint. A `held` layer cannot be painted on, moved, merged or removed.
    """

    id: str
    name: str
    kind: Kind = "raster"
    asset: str = ""
    x: int = 0
    y: int = 0
    width: Annotated[int, Meta(ge=1, le=SIDE_MOST_PX)]
    height: Annotated[int, Meta(ge=1, le=SIDE_MOST_PX)]
    crop: tuple[int, int, int, int] | None = None
    turn: Annotated[int, Meta(ge=0, le=3)] = 0
    flip_x: bool = False
    flip_y: bool = False
    opacity: Share = 1.0
    visible: bool = True
    held: bool = False
    take: str = ""
    adjust: Adjust = Adjust()


class PictureDoc(Checked, frozen=True, kw_only=True):
    """The canvas in pixels, its layers from the lowest to the highest, and the frame the model draws in."""

    format: int = FORMAT
    width: Annotated[int, Meta(ge=1, le=SIDE_MOST_PX)] = 512
    height: Annotated[int, Meta(ge=1, le=SIDE_MOST_PX)] = 512
    layers: tuple[Layer, ...] = ()
    frame: Box = Box(x=0, y=0, width=512, height=512)

    @property
    def assets(self) -> tuple[str, ...]:
        """The assets its layers show, each once."""
        return tuple(dict.fromkeys(layer.asset for layer in self.layers if layer.asset))

    def layer(self, layer_id: str) -> Layer:
        """One layer. Raises KeyError."""
        for layer in self.layers:
            if layer.id == layer_id:
                return layer
        raise KeyError(layer_id)

    def with_layer(self, layer: Layer, above: str | None = None) -> "PictureDoc":
        """With this layer in place of the one with its id; a new one goes above `above`, or on top."""
        if any(other.id == layer.id for other in self.layers):
            return self._of([layer if other.id == layer.id else other for other in self.layers])
        ids = [other.id for other in self.layers]
        at = ids.index(above) + 1 if above in ids else len(ids)
        return self._of([*self.layers[:at], layer, *self.layers[at:]])

    def without(self, layer_id: str) -> "PictureDoc":
        """Without this layer."""
        return self._of([layer for layer in self.layers if layer.id != layer_id])

    def _of(self, layers: list[Layer]) -> "PictureDoc":
        changed: PictureDoc = self.changed(layers=tuple(layers))
        return changed


def to_text(doc: PictureDoc, step: str) -> str:
    """What the project keeps; `step` says what was done last."""
    return f"{' '.join(step.split())}\n{msgspec.json.encode(doc).decode()}"


def from_text(text: str) -> PictureDoc:
    """The document of a kept text; the empty one of an empty text. Raises StudioError when it is damaged or newer."""
    if not text:
        return PictureDoc()
    try:
        raw = msgspec.json.decode(text.partition("\n")[2])
        told = raw.get("format", FORMAT) if isinstance(raw, dict) else FORMAT
        if isinstance(told, int) and told > FORMAT:  # it may hold what this one does not know
            raise StudioError(
                "This picture was last changed by a newer Atelier.",
                kept="It was not touched.",
                do="Open it with the newer Atelier, or update this one.",
                code="newer",
            )
        return msgspec.convert(raw, PictureDoc)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise StudioError(
            f"This picture's document cannot be read: {error}.",
            kept="Its earlier steps and all its takes are in the lineage.",
            do="Branch from an earlier step.",
            code="damaged",
        ) from error


def step_of(text: str) -> str:
    """What the last step did."""
    return text.partition("\n")[0]


def revision(old: SpanText, doc: PictureDoc, step: str, take: str = "") -> Edit:
    """The edit that makes a work's text say `doc`; `take` is the one that was accepted, if any."""
    text = to_text(doc, step)
    return old.edit(0, len(old.text), text, (Run(length=len(text), author=take),))
