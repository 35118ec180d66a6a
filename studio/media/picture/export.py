"""Pictures written out: brought to a size, in a format, with or without their recipe, merged or layer by layer."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Meta

from studio.core.checked import Checked
from studio.core.errors import StoppedError, StudioError
from studio.core.files import safe_name, told, write_whole
from studio.core.takes import Picture, Recipe
from studio.media.picture.document import Layer, PictureDoc
from studio.media.picture.recipes import WrittenFormat, write_picture

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS: Final[dict[WrittenFormat, tuple[str, str]]] = {
    "png": ("PNG", ".png"), "jpeg": ("JPEG", ".jpg"), "webp": ("WebP", ".webp"), "tiff": ("TIFF", ".tif"),
}  # fmt: skip
SIDE_MOST_PX: Final = 16_384
WEBP_MOST_PX: Final = 16_383
ESTIMATE_PIXELS: Final = 600_000
KEPT: Final = "The project is as it was."
Colour = tuple[int, int, int]


class ExportWish(Checked, frozen=True, kw_only=True):
    """What the person wants written. `width` and `height` 0: as large as the picture is.

    `quality` is for JPEG and lossy WebP; `lossless` for WebP; `background` ("#rrggbb") shows where JPEG has no
    transparency. `layers`: one file a layer instead of the merged picture.
    """

    format: WrittenFormat = "png"
    width: Annotated[int, Meta(ge=0, le=SIDE_MOST_PX)] = 0
    height: Annotated[int, Meta(ge=0, le=SIDE_MOST_PX)] = 0
    quality: Annotated[int, Meta(ge=1, le=100)] = 92
    lossless: bool = False
    background: Annotated[str, Meta(pattern="^#[0-9a-fA-F]{6}$")] = "#ffffff"
    recipe: bool = True
    layers: bool = False

    @property
    def suffix(self) -> str:
        """The ending of the file's name, with its dot."""
        return FORMATS[self.format][1]

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        """How large a picture of that size is written; one side alone keeps its shape."""
        if self.width and self.height:
            return self.width, self.height
        if self.width:
            return self.width, max(1, round(height * self.width / width))
        if self.height:
            return max(1, round(width * self.height / height)), self.height
        return width, height


class Named(Checked, frozen=True, kw_only=True):
    """A picture to write: what it is called, its size, its pixels as RGBA bytes row by row."""

    name: str
    width: int
    height: int
    rgba: bytes

    def image(self) -> "Image":
        """As Pillow has it."""
        from PIL import Image

        return Image.frombytes("RGBA", (self.width, self.height), self.rgba)


def write_pictures(
    pictures: Sequence[Named],
    target: Path,
    wish: ExportWish,
    recipe: Recipe | None,
    stopped: Callable[[], bool] = lambda: False,
    *,
    whole: bool = False,
) -> list[Path]:
    """Write the merged picture to `target`, or each of several beside it (“name 1 Sky.png”, the lowest first).

    Each file is written whole or not at all. `whole`: the picture is the recipe's take and nothing else. Raises
    StudioError: "too_large", "too_long", "full", "read_only", "io"; StoppedError when `stopped` says so.
    """
    names = [target] if len(pictures) == 1 and not wish.layers else _layer_files(pictures, target, wish)
    written: list[Path] = []
    for path, picture in zip(names, pictures, strict=True):
        if stopped():
            raise StoppedError("The export was stopped.", kept=_kept(written))
        image = picture.image()
        unchanged = whole and wish.size_of(image.width, image.height) == image.size
        data = export_bytes(image, wish, recipe if wish.recipe else None, whole=unchanged)
        with told(f"write {path}", kept=_kept(written)):
            write_whole(path, data)
        written.append(path)
    return written


def export_bytes(image: "Image", wish: ExportWish, recipe: Recipe | None, *, whole: bool = False) -> bytes:
    """One picture's file as wished. Raises StudioError "too_large", "too_long"."""
    size = wish.size_of(image.width, image.height)
    if wish.format == "webp" and max(size) > WEBP_MOST_PX:
        raise StudioError(
            f"WebP pictures have at most {WEBP_MOST_PX:,} pixels a side.",
            kept=KEPT,
            do="Choose a smaller size, or PNG or TIFF.",
            code="too_large",
        )
    lossy = wish.format == "jpeg" or (wish.format == "webp" and not wish.lossless)
    return write_picture(
        scaled(image, size),
        wish.format,
        wish.quality,
        recipe,
        whole=whole and not lossy,
        lossless=wish.lossless,
        background=colour_of(wish.background),
    )


def estimate_bytes(image: "Image", wish: ExportWish, recipe: Recipe | None) -> int:
    """About how large the file becomes, from a smaller version of it when it is large."""
    width, height = wish.size_of(image.width, image.height)
    share = min(1.0, (ESTIMATE_PIXELS / (width * height)) ** 0.5)
    small = (max(1, round(width * share)), max(1, round(height * share)))
    trial = wish.changed(width=small[0], height=small[1])
    with_words = len(export_bytes(image, trial, recipe))
    bare = len(export_bytes(image, trial, None)) if recipe else with_words
    whole_bytes: int = round(bare * (width * height) / (small[0] * small[1]))
    return whole_bytes + with_words - bare


def scaled(image: "Image", size: tuple[int, int]) -> "Image":
    """The picture at another size, by Lanczos; what is transparent does not bleed into what is seen."""
    from PIL import Image

    if image.size == size:
        return image
    if "A" not in image.getbands():
        return image.resize(size, Image.Resampling.LANCZOS)
    return image.convert("RGBa").resize(size, Image.Resampling.LANCZOS).convert("RGBA")


def colour_of(text: str) -> Colour:
    """ "#rrggbb" as red, green, blue."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _layer_files(pictures: Sequence[Named], target: Path, wish: ExportWish) -> list[Path]:
    digits = len(str(len(pictures)))
    return [
        target.with_name(f"{target.stem} {number:0{digits}} {safe_name(picture.name, 'Layer')}{wish.suffix}")
        for number, picture in enumerate(pictures, 1)
    ]


def _kept(written: Sequence[Path]) -> str:
    return f"{len(written)} of the files are there already." if written else KEPT


def shows_whole_take(doc: PictureDoc, layer: Layer, picture: Picture) -> bool:
    """Whether a layer shows its take's pixels, one to one, over all of the canvas, with nothing done to them."""
    bare = Layer(
        id=layer.id, name=layer.name, asset=picture.asset, take=layer.take, width=doc.width, height=doc.height
    )
    same_size = (picture.width, picture.height) == (doc.width, doc.height)
    return same_size and not picture.preview and layer.changed(held=False) == bare
