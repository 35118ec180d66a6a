"""Pictures for the tests: drawn by chance, so that no two are alike unless they are made so."""

import io
import random
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from studio.core.tuning import ImageSettings, TuneSettings
from studio.media.dataset.looked import Looked
from studio.media.dataset.pictures import look


def drawn(seed: int, width: int = 96, height: int = 96) -> Image.Image:
    """Twelve ellipses of many colours."""
    chance = random.Random(seed)
    image = Image.new("RGB", (width, height), tuple(chance.randbytes(3)))
    pen = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = chance.uniform(-0.2, 0.9) * width, chance.uniform(-0.2, 0.9) * height
        wide, high = chance.uniform(0.1, 0.5) * width, chance.uniform(0.1, 0.5) * height
        pen.ellipse((x, y, x + wide, y + high), fill=tuple(chance.randbytes(3)))
    return image


def written(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """A file of a picture."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def put(
    folder: Path, name: str, image: Image.Image, form: str = "PNG", caption: str = "", **options: Any
) -> None:
    """A picture in a folder, with its caption beside it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(image, form, **options))
    if caption:
        path.with_suffix(".txt").write_text(caption, "utf-8")


def asked(folder: Path, **image: Any) -> TuneSettings:
    """Settings for a folder of pictures."""
    return TuneSettings(art="image", base="base", folder=str(folder), image=ImageSettings(**image))


def looked(folder: Path, settings: TuneSettings | None = None) -> Looked:
    """The folder looked through."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    return look(folder, files, settings or asked(folder, trigger="sks"), lambda *_: None, lambda: False)
