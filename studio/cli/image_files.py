"""Picture files on the command line as the assets that jobs name."""

from pathlib import Path
from typing import TYPE_CHECKING

from studio.core.errors import StudioError
from studio.media.picture.files import open_picture

if TYPE_CHECKING:
    from PIL.Image import Image


class Files:
    """Collects what a job reads: PNG files by their names in a project."""

    def __init__(self) -> None:
        self.assets: dict[str, bytes] = {}

    def put(self, image: "Image") -> str:
        """Keep a picture; its name."""
        import numpy as np

        from studio.media.picture.png import named, png_of

        png = png_of(np.asarray(image))
        name = named(png)
        self.assets[name] = png
        return name


def init_of(path: Path) -> "Image":
    """The picture to begin from: RGB, or RGBA where some of it is transparent. Raises StudioError."""
    image = open_picture(path)
    return image if min(image.getchannel("A").tobytes()) < 255 else image.convert("RGB")


def mask_of(path: Path, size: tuple[int, int]) -> "Image":
    """A mask, grey, as large as the picture; what is transparent counts as black. Raises StudioError."""
    from PIL import Image, ImageChops

    image = open_picture(path)
    if image.size != size:
        raise StudioError(
            f"{path.name} is {image.width} × {image.height} pixels, but the picture is {size[0]} × {size[1]}.",
            do="Use a mask that is as large as --init.",
            code="size",
        )
    grey = image.convert("RGB").convert("L")
    return (
        ImageChops.multiply(grey, image.getchannel("A"))
        if "A" in image.getbands()
        else Image.Image.copy(grey)
    )


def outpainted(image: "Image", margins: tuple[int, int, int, int], grid_px: int) -> tuple["Image", "Image"]:
    """The picture with transparent margins, and an empty mask: what is transparent is drawn.

    The right and the lower margin grow so that both sides are multiples of `grid_px`.
    """
    from PIL import Image

    left, top, right, bottom = margins
    size = tuple(
        -(-side // grid_px) * grid_px for side in (left + image.width + right, top + image.height + bottom)
    )
    whole = Image.new("RGBA", (size[0], size[1]), (0, 0, 0, 0))
    whole.paste(image.convert("RGBA"), (left, top))
    return whole, Image.new("L", whole.size, 0)
