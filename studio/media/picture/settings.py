"""All knobs of an image job that are not bound to one work: what a preset keeps and a recall brings back."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from studio.core.adapter import Adapter
from studio.core.checked import Checked
from studio.core.pictures import (
    Area,
    Control,
    Fill,
    ImageJob,
    Inpaint,
    Reference,
    Share,
    Side,
    Tiling,
    Upscale,
)


class PictureSettings(Checked, frozen=True, kw_only=True):
    """As in `ImageJob`; the fields of its parts stand flat here, and pictures are not among them.

    `seed` None draws a new one for each proposal. `controls` and `reference` name their pictures as a job does.
    """

    negative: str = ""
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    takes: Annotated[int, Meta(ge=1, le=8)] = 4
    steps: Annotated[int, Meta(ge=1, le=150)] = 20
    guidance: Annotated[float, Meta(ge=0.0, le=50.0)] = 5.0
    width: Side = 512
    height: Side = 512
    scheduler: str = ""
    clip_skip: Annotated[int, Meta(ge=0, le=12)] = 0
    tiling: Tiling = "none"
    strength: Share = 0.6
    feather_px: Annotated[int, Meta(ge=0, le=256)] = 8
    grow_px: Annotated[int, Meta(ge=-256, le=256)] = 0
    fill: Fill = "original"
    area: Area = "whole"
    padding_px: Annotated[int, Meta(ge=0, le=1024)] = 32
    factor: Annotated[float, Meta(gt=1.0, le=8.0)] = 2.0
    redraw_tiles: bool = True
    tile_px: Annotated[int, Meta(ge=64, le=4096)] = 512
    overlap_px: Annotated[int, Meta(ge=0, le=512)] = 64
    variation: Share = 0.0
    adapters: tuple[Adapter, ...] = ()
    controls: tuple[Control, ...] = ()
    reference: Reference | None = None

    def inpaint(self, mask: str) -> Inpaint:
        """The part of a job that draws under this mask (an asset's name)."""
        return Inpaint(
            mask=mask,
            feather_px=self.feather_px,
            grow_px=self.grow_px,
            fill=self.fill,
            area=self.area,
            padding_px=self.padding_px,
        )

    def upscale(self) -> Upscale:
        """The part of a job that enlarges."""
        return Upscale(
            factor=self.factor,
            scaler="model" if self.redraw_tiles else "lanczos",
            tile_px=self.tile_px,
            overlap_px=self.overlap_px,
        )

    def job(self, *, seed: int, mask: str = "", **bound: Any) -> ImageJob:
        """A job with these knobs. `bound` are the fields of ImageJob that belong to the work: id, work, parent, mode,
        prompt, prompts, model, init, lock, box, variation … and win over the knobs.

        Raises msgspec.ValidationError for a job that is not right.
        """
        mode = bound.get("mode", "text")
        mine: dict[str, Any] = {name: getattr(self, name) for name in _SHARED}
        if mode == "inpaint":
            mine["inpaint"] = self.inpaint(mask)
        if mode == "upscale":
            mine["upscale"] = self.upscale()
        return ImageJob(seed=seed, **(mine | bound))


_SHARED = tuple(
    field.name
    for field in msgspec.structs.fields(PictureSettings)
    if field.name not in ("seed", "variation") and field.name in ImageJob.__struct_fields__
)


def settings_of(job: ImageJob) -> PictureSettings:
    """The knobs a job was made with, its seed among them."""
    values: dict[str, Any] = {name: getattr(job, name) for name in _SHARED} | {"seed": job.seed}
    if job.inpaint is not None:
        values |= {
            name: getattr(job.inpaint, name)
            for name in ("feather_px", "grow_px", "fill", "area", "padding_px")
        }
    if job.upscale is not None:
        enlarge = job.upscale
        values |= {"factor": enlarge.factor, "redraw_tiles": enlarge.scaler == "model"}
        values |= {"tile_px": enlarge.tile_px, "overlap_px": enlarge.overlap_px}
    if job.variation is not None:
        values["variation"] = job.variation.strength
    return PictureSettings(**values)


class PicturePreset(Checked, frozen=True, kw_only=True):
    """Named knobs of the image pane. The knobs named in `usual` stand wherever the model has them."""

    settings: PictureSettings = PictureSettings()
    usual: tuple[Literal["steps", "guidance", "size"], ...] = ()

    def over(self, model: PictureSettings) -> PictureSettings:
        """The knobs for a model whose usual ones these are."""
        names = [name for group in self.usual for name in _GROUPS[group]]
        full: PictureSettings = self.settings.changed(**{name: getattr(model, name) for name in names})
        return full

    @classmethod
    def of(cls, settings: PictureSettings, model: PictureSettings) -> "PicturePreset":
        """What to keep of these knobs: those that stand at the model's usual follow the next model too."""
        usual = [group for group, names in _GROUPS.items() if _same(settings, model, names)]
        names = [name for group in usual for name in _GROUPS[group]]
        plain = PictureSettings()
        kept = settings.changed(**{name: getattr(plain, name) for name in names})
        return cls(settings=kept, usual=tuple(usual))


_GROUPS: Final[dict[Literal["steps", "guidance", "size"], tuple[str, ...]]] = {
    "steps": ("steps",),
    "guidance": ("guidance",),
    "size": ("width", "height"),
}


def _same(one: PictureSettings, other: PictureSettings, names: tuple[str, ...]) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in names)
