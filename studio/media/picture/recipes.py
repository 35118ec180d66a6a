"""Recipes in picture files: written into PNG, JPEG, WebP and TIFF, read from Atelier's and other programs' files."""

import io
import json
import struct
import zlib
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import msgspec

from studio import __version__
from studio.core.errors import StudioError
from studio.core.takes import Recipe
from studio.media.picture.comfy_graph import of_prompt, of_workflow
from studio.media.picture.files import check_picture
from studio.media.picture.found import FoundRecipe, Gathering
from studio.media.picture.headers import format_of
from studio.media.picture.own_recipe import KEY, from_text, from_xmp, to_text, to_xmp
from studio.media.picture.read_a1111 import looks_like_a1111, read_a1111
from studio.media.picture.read_comfyui import read_comfyui
from studio.media.picture.read_invokeai import read_dream, read_metadata, read_sd_metadata
from studio.media.picture.tags import COMMENT_KEY, DESCRIPTION_KEY, XMP_KEY, Texts, read_texts
from studio.media.picture.write_a1111 import parameters

if TYPE_CHECKING:
    from PIL.Image import Exif, Image

WrittenFormat = Literal["png", "jpeg", "webp", "tiff"]
WRITTEN: Final[tuple[WrittenFormat, ...]] = get_args(WrittenFormat)
FINE_QUALITY: Final = 90  # from here on JPEG keeps the colours of every pixel
_SEGMENT_MOST: Final = 65_000
_BLOCK_MOST: Final = 8_000_000
_SOFTWARE: Final = 305
_EXIF_FOLDER: Final = 34665
_USER_COMMENT: Final = 37510
_XMP_TAG: Final = 700
_DESCRIPTION: Final = 270


# -- reading -----------------------------------------------------------------------------------------


def read_recipe(data: bytes, name: str = "") -> FoundRecipe | None:
    """How a picture was made, as its file says; None when it says nothing.

    Texts that are too long, damaged or of the wrong kind are left out and told in `missing`. Raises StudioError when
    `data` is no whole picture (see files.check_picture).
    """
    head = check_picture(data, name)
    texts = read_texts(data)
    notes = [f"Its text “{key[:40]}” is too long or damaged and was not read." for key in texts.left_out[:4]]
    found = _own(texts, notes) or _others(texts)
    if found is None:
        return None
    if "width" not in found.values:
        size = Gathering()
        size.put_size(head.width, head.height)
        found = msgspec.structs.replace(found, values=size.values | found.values)
    return msgspec.structs.replace(found, missing=(*notes, *found.missing))


def _own(texts: Texts, notes: list[str]) -> FoundRecipe | None:
    text = texts.get(KEY, "") or from_xmp(texts.get(XMP_KEY, ""))
    if not text:
        return None
    found = from_text(text)
    if isinstance(found, str):
        notes.append(found)
        return None
    return found


def _others(texts: Texts) -> FoundRecipe | None:
    for key in ("invokeai_metadata", "invokeai"):
        if (found := read_metadata(_object(texts.get(key)))) is not None:
            return found
    for key in ("sd-metadata", "Sd-metadata"):
        if (found := read_sd_metadata(_object(texts.get(key)))) is not None:
            return found
    if (found := _comfyui(texts)) is not None:
        return found
    for key in ("parameters", COMMENT_KEY, "Comment", DESCRIPTION_KEY, "XPComment"):
        text = texts.get(key, "")
        if looks_like_a1111(text) and (found := read_a1111(text)) is not None:
            return found
    return read_dream(texts["Dream"]) if texts.get("Dream") else None


def _comfyui(texts: Texts) -> FoundRecipe | None:
    """PNG texts; in WebP and JPEG the EXIF tags say "prompt:{...}" and "workflow:{...}"."""
    parts = {"prompt": texts.get("prompt", ""), "workflow": texts.get("workflow", "")}
    for key in ("Make", "Model", DESCRIPTION_KEY, COMMENT_KEY):
        label, colon, rest = texts.get(key, "").partition(":")
        if colon and label.lower() in parts:
            parts[label.lower()] = parts[label.lower()] or rest
    comment = _object(texts.get(COMMENT_KEY)) if texts.get(COMMENT_KEY, "").startswith("{") else {}
    graphs = (
        of_prompt(_json(parts["prompt"]) or comment.get("prompt")),
        of_workflow(_json(parts["workflow"]) or comment.get("workflow")),
    )
    read = [read_comfyui(graph) for graph in graphs if graph is not None]
    return next((found for found in read if found.values), read[0] if read else None)


def _json(text: str | None) -> Any:
    """Parsed JSON; None of what is none. Python's own reader takes the NaN that ComfyUI writes."""
    try:
        return json.loads(text) if text and text.lstrip()[:1] in "{[" else None
    except (ValueError, RecursionError):
        return None


def _object(text: str | None) -> dict[str, Any]:
    value = _json(text)
    return value if isinstance(value, dict) else {}


# -- writing -----------------------------------------------------------------------------------------


def write_picture(
    image: "Image",
    kind: WrittenFormat,
    quality: int = 92,
    recipe: Recipe | None = None,
    *,
    whole: bool = True,
    lossless: bool = False,
    background: tuple[int, int, int] = (255, 255, 255),
) -> bytes:
    """A picture's file. `quality` 1..100 is for JPEG and WebP, `background` shows through in JPEG.

    With a recipe the file also holds our JSON and the text `parameters` for other programs; `whole`: the pixels are the
    take's own. Raises StudioError "too_long" when the recipe has no room in a JPEG.
    """
    text = to_text(recipe, whole=whole) if recipe else ""
    words = parameters(recipe) if recipe else ""
    out = io.BytesIO()
    match kind:
        case "png":
            _save_png(image, out, text, words)
        case "jpeg":
            flat = on_background(image, background)
            sampling = 0 if quality >= FINE_QUALITY else 2
            flat.save(
                out,
                "JPEG",
                quality=quality,
                subsampling=sampling,
                optimize=True,
                **_notes(text, words, _SEGMENT_MOST),
            )
        case "webp":
            settings = {"lossless": True, "quality": 80, "exact": True} if lossless else {"quality": quality}
            image.save(out, "WEBP", method=4, **settings, **_notes(text, words, _BLOCK_MOST))
        case "tiff":
            _save_tiff(image, out, text, words)
    return out.getvalue()


def png_with_recipe(png: bytes, recipe: Recipe, *, whole: bool = True) -> bytes:
    """A PNG file with the recipe put in; its pixels stay as they are packed. Raises ValueError for what is no PNG."""
    end = 8 + 25  # the signature, then IHDR: always 13 bytes of content
    if format_of(png) != "png" or png[12:16] != b"IHDR":
        raise ValueError("not a PNG file")
    text, words = to_text(recipe, whole=whole), parameters(recipe)
    texts = (("Software", f"Atelier {__version__}"), ("parameters", words), (KEY, text))
    chunks = [_text_chunk(key, value) for key, value in texts]
    return png[:end] + b"".join(chunks) + png[end:]


def _text_chunk(key: str, text: str) -> bytes:
    """A tEXt chunk where the text is Latin-1, which every program reads; iTXt where it is not, and for our own."""
    try:
        if key == KEY:
            raise UnicodeError
        name, content = b"tEXt", key.encode() + b"\0" + text.encode("latin-1")
    except UnicodeError:
        name, content = b"iTXt", key.encode() + b"\0\0\0\0\0" + text.encode()
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def on_background(image: "Image", colour: tuple[int, int, int]) -> "Image":
    """RGB: what is transparent shows the colour."""
    from PIL import Image

    if "A" not in image.getbands():
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, (*colour, 255))
    ground.alpha_composite(image.convert("RGBA"))
    return ground.convert("RGB")


def _save_png(image: "Image", out: io.BytesIO, text: str, words: str) -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    if text:
        info.add_text("Software", f"Atelier {__version__}")
        info.add_text("parameters", words)
        info.add_itxt(KEY, text, zip=len(text) > 4_000)
    image.save(out, "PNG", pnginfo=info)


def _notes(text: str, words: str, room_bytes: int) -> dict[str, Any]:
    """EXIF and XMP for Pillow; EXIF's text is left out where there is no room for it."""
    if not text:
        return {}
    xmp = to_xmp(text, room_bytes)
    if xmp is None:
        raise StudioError(
            "The recipe is too long for this kind of file.",
            kept="Nothing was written.",
            do="Choose PNG or WebP, or leave the recipe out.",
            code="too_long",
        )
    exif = _exif(words).tobytes()
    if len(exif) > room_bytes:
        exif = _exif("").tobytes()
    return {"exif": exif, "xmp": xmp}


def _exif(words: str) -> "Exif":
    """The text `parameters` where AUTOMATIC1111 puts it: UserComment, in UTF-16, its order big-endian."""
    from PIL import Image

    exif = Image.Exif()
    exif[_SOFTWARE] = f"Atelier {__version__}"
    if words:
        exif.get_ifd(_EXIF_FOLDER)[_USER_COMMENT] = b"UNICODE\0" + words.encode("utf-16-be", "replace")
    return exif


def _save_tiff(image: "Image", out: io.BytesIO, text: str, words: str) -> None:
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    tags = ImageFileDirectory_v2()
    if text:
        tags[_SOFTWARE] = f"Atelier {__version__}"
        tags[_DESCRIPTION] = words.replace("\0", "").encode()
        tags.tagtype[_DESCRIPTION] = 2
        tags[_XMP_TAG] = to_xmp(text, _BLOCK_MOST) or b""
        tags.tagtype[_XMP_TAG] = 1
    image.save(out, "TIFF", compression="tiff_deflate", tiffinfo=tags)
