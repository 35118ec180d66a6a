"""What the person asks of an image model: one frozen object a request, checked at birth.

Pictures are named, as the project names its assets, by the SHA-256 of their file; the engine sends the files along
(`Run.files`). Lengths are in pixels of the picture that is made, unless another one is named.
"""

from typing import Annotated, Literal, get_args

from msgspec import Meta, ValidationError

from studio.core.adapter import Adapter
from studio.core.checked import Checked

Mode = Literal["text", "image", "inpaint", "upscale"]
MODES: tuple[Mode, ...] = get_args(Mode)
Tiling = Literal["none", "x", "y", "both"]
Fill = Literal["original", "blur", "noise", "colour"]
Area = Literal["whole", "masked"]
Rung = Literal["smaller_batch", "vae_tiling", "model_offload", "group_offload"]
RUNGS: tuple[Rung, ...] = get_args(Rung)
GRID_PX = 8
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Side = Annotated[int, Meta(ge=16, le=8192)]
Seed = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Control(Checked, frozen=True, kw_only=True):
    """A ControlNet and the picture that guides it, from `begin` to `end` of the steps."""

    model: str
    picture: str
    weight: Annotated[float, Meta(ge=0.0, le=2.0)] = 1.0
    begin: Share = 0.0
    end: Share = 1.0


class Reference(Checked, frozen=True, kw_only=True):
    """A picture whose look is followed, by an IP-Adapter."""

    model: str
    picture: str
    weight: Annotated[float, Meta(ge=0.0, le=2.0)] = 0.6


class Variation(Checked, frozen=True, kw_only=True):
    """Go from the seed's noise towards another seed's: spherical interpolation, `strength` 0 is the job's own.

    With takes > 1 each take's other noise is of a seed of its own (core.seeds.take_seeds of `seed`), and all
    takes begin from the job's `base_seed`.
    """

    seed: Seed
    base_seed: Seed
    strength: Share = 0.1


class Inpaint(Checked, frozen=True, kw_only=True):
    """Draw only where the mask is white; outside of it (feather included) not one pixel changes.

    `mask` is a grey picture of the same place as `init`, of any size. What was transparent in `init` is drawn too
    (outpainting).
    `fill`: what stands there at first. `area` "masked": cut out the mask and `padding_px` around it (pixels of
    `init`), draw that at the job's size and put it back; the result is as large as `init`.
    """

    mask: str
    feather_px: Annotated[int, Meta(ge=0, le=256)] = 8
    grow_px: Annotated[int, Meta(ge=-256, le=256)] = 0
    fill: Fill = "original"
    area: Area = "whole"
    padding_px: Annotated[int, Meta(ge=0, le=1024)] = 32


class Upscale(Checked, frozen=True, kw_only=True):
    """Enlarge `init` by `factor`: Lanczos, and with "model" each tile is drawn anew from that at `strength`."""

    factor: Annotated[float, Meta(gt=1.0, le=8.0)] = 2.0
    scaler: Literal["lanczos", "model"] = "model"
    tile_px: Annotated[int, Meta(ge=64, le=4096)] = 512
    overlap_px: Annotated[int, Meta(ge=0, le=512)] = 64


class Box(Checked, frozen=True, kw_only=True):
    """Where on the canvas a take belongs, in the canvas's pixels."""

    x: int
    y: int
    width: Annotated[int, Meta(ge=1, le=65536)]
    height: Annotated[int, Meta(ge=1, le=65536)]


class ImageJob(Checked, frozen=True, kw_only=True, tag="image"):
    """Propose pictures.

    `prompt` is what the person wrote; `prompts` is what each take reads once its alternatives and wildcards
    are chosen (empty: all read `prompt`). `scheduler` names a class of diffusers ("": the model's own) and, where its
    steps are spaced otherwise than it would by itself, how: "EulerDiscreteScheduler:karras".
    `clip_skip` leaves out that many last layers of a CLIP text encoder. `init` is the picture that the modes other
    than "text" begin from. `lock` is a grey picture as large as the take's result: what is white there must stay
    as `init` has it (with no `init`: transparent). `batch` and `rungs` replay a recipe: how many were drawn
    together and which rungs of the memory ladder were stood on (0, (): choose).
    `parent` is the revision the takes grow from, `from_take` the take this one goes on from, if any.
    """

    id: str
    work: str = ""
    parent: str = ""
    from_take: str = ""
    mode: Mode = "text"
    prompt: str
    prompts: tuple[str, ...] = ()
    negative: str = ""
    model: str
    adapters: tuple[Adapter, ...] = ()
    seed: Seed
    takes: Annotated[int, Meta(ge=1, le=8)] = 4
    steps: Annotated[int, Meta(ge=1, le=150)] = 20
    guidance: Annotated[float, Meta(ge=0.0, le=50.0)] = 5.0
    width: Side = 512
    height: Side = 512
    scheduler: str = ""
    clip_skip: Annotated[int, Meta(ge=0, le=12)] = 0
    tiling: Tiling = "none"
    strength: Share = 0.6
    init: str = ""
    lock: str = ""
    inpaint: Inpaint | None = None
    upscale: Upscale | None = None
    variation: Variation | None = None
    controls: tuple[Control, ...] = ()
    reference: Reference | None = None
    box: Box | None = None
    preview: bool = True
    batch: Annotated[int, Meta(ge=0, le=8)] = 0
    rungs: tuple[Rung, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.width % GRID_PX or self.height % GRID_PX:
            raise ValidationError(
                f"width, height: {self.width} x {self.height} are not multiples of {GRID_PX}"
            )
        if self.prompts and len(self.prompts) != self.takes:
            raise ValidationError(f"prompts: {len(self.prompts)} for {self.takes} takes")
        if self.mode != "text" and not self.init:
            raise ValidationError(f"init: the mode {self.mode!r} begins from a picture")
        if self.mode == "inpaint" and self.inpaint is None:
            raise ValidationError("inpaint: the mode needs a mask")
        if self.mode == "upscale" and self.upscale is None:
            raise ValidationError("upscale: the mode needs a factor")

    @property
    def files(self) -> tuple[str, ...]:
        """The assets this job reads, each once."""
        masks = (self.inpaint.mask,) if self.inpaint else ()
        shown = (self.reference.picture,) if self.reference else ()
        names = (self.init, self.lock, *masks, *(control.picture for control in self.controls), *shown)
        return tuple(dict.fromkeys(name for name in names if name))

    def prompt_of(self, index: int) -> str:
        """What take `index` reads."""
        return self.prompts[index] if self.prompts else self.prompt
