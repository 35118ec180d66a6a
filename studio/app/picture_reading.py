"""Pictures from outside, read and checked beside the window's thread: pixels, and how they were made."""

from pathlib import Path

from msgspec import Struct
from PySide6.QtGui import QImage

from studio.media.picture.export import Named
from studio.media.picture.files import read_picture
from studio.media.picture.found import FoundRecipe
from studio.media.picture.recipes import read_recipe
from studio.widgets.canvas.pixels import png_bytes, rgba_of

PNG_NAME = "Pasted picture"


class ReadPicture(Struct, frozen=True, kw_only=True):
    """A picture ready for the canvas; `png` is what the project keeps. `told`: what the person should know of it."""

    name: str
    image: QImage
    png: bytes
    found: FoundRecipe | None = None
    told: tuple[str, ...] = ()


def read_file(path: Path) -> ReadPicture:
    """A file. Raises StudioError as media.picture.files does."""
    from studio.core.files import told

    with told(f"read {path}", kept="The picture you work on is as it was."):
        data = path.read_bytes()
    return read_bytes(data, path.name)


def read_bytes(data: bytes, name: str) -> ReadPicture:
    """The bytes of a file. Raises StudioError as media.picture.files does."""
    opened = read_picture(data, name)
    image = _qimage(opened.image.width, opened.image.height, opened.image.tobytes())
    found = read_recipe(data, name)
    return ReadPicture(name=_title(name), image=image, png=png_bytes(image), found=found, told=opened.told)


def read_image(image: QImage, name: str = PNG_NAME) -> ReadPicture:
    """Pixels from another program, without any history."""
    return ReadPicture(name=name, image=image, png=png_bytes(image))


def named(image: QImage, name: str) -> Named:
    """An image as the export takes it."""
    return Named(name=name, width=image.width(), height=image.height(), rgba=rgba_of(image).tobytes())


def _qimage(width: int, height: int, rgba: bytes) -> QImage:
    """Its own memory, in the form that is painted fastest."""
    image = QImage(rgba, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _title(name: str) -> str:
    return Path(name).stem or PNG_NAME
