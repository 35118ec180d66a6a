"""Pixels of any kind as RGBA, upright and in sRGB."""

import io
from typing import Any, Final

from PIL import ExifTags, Image, ImageCms, ImageOps

ICC_BYTES_MOST: Final = 8_000_000
_WIDE: Final = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")


def as_rgba(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """A loaded picture as RGBA of 8 bits, turned as its EXIF says, its colours in sRGB; and what was done to it."""
    told: list[str] = []
    profile = image.info.get("icc_profile")
    turned = _upright(image)
    if turned.mode in _WIDE:
        turned = _eight_bits(turned)
        told.append("Its 16-bit greys were brought to 8 bits.")
    if turned.mode in ("P", "PA") or (turned.mode in ("1", "L", "RGB") and "transparency" in turned.info):
        turned = turned.convert("RGBA")
    alpha = turned.getchannel("A") if "A" in turned.getbands() else None
    colours = turned.convert(turned.mode.removesuffix("A")) if alpha is not None else turned
    if colours.mode == "RGBa":
        colours = turned.convert("RGBA").convert("RGB")
    rgb, words = _srgb(colours, profile)
    if words:
        told.append(words)
    result = rgb.convert("RGBA")
    if alpha is not None:
        result.putalpha(alpha)
    result.info.clear()
    return result, tuple(told)


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its EXIF asks; damaged EXIF asks for nothing."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except (ValueError, SyntaxError, OSError, KeyError, IndexError, TypeError, EOFError):
        return image.copy()
    if orientation not in range(2, 9):
        return image.copy()
    bare = image.copy()
    bare.getexif().clear()
    bare.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(bare)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Greys of 16 or 32 bits or of floating point; the whole range of the kind becomes 0..255."""
    import numpy as np

    values: Any = np.asarray(image).astype(np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    if image.mode == "F":
        top = 1.0 if values.size and values.max() <= 1.0 else max(255.0, float(values.max(initial=0.0)))
    else:
        top = 65535.0 if values.max(initial=0.0) <= 65535.0 else float(values.max())
    return Image.fromarray(np.clip(np.round(values / top * 255.0), 0, 255).astype(np.uint8), "L")


def _srgb(image: Image.Image, profile: Any) -> tuple[Image.Image, str]:
    """RGB pixels in sRGB, and a word on it when colours were changed."""
    if isinstance(profile, bytes) and 0 < len(profile) <= ICC_BYTES_MOST:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            name = " ".join(ImageCms.getProfileDescription(source).split())[:60]
            if image.mode in ("RGB", "CMYK", "L", "LAB") and not name.lower().startswith("srgb"):
                changed = ImageCms.profileToProfile(
                    image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
                )
                if changed is not None:
                    return changed, f"Its colours were brought from “{name}” to sRGB."
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return image.convert("RGB"), "Its colour profile is damaged and was left out."
    words = (
        "Its printing colours (CMYK) have no profile; they may look different."
        if image.mode == "CMYK"
        else ""
    )
    return image.convert("RGB"), words
