"""Between Qt's images and numpy's arrays."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from studio.media.picture import masks
from studio.media.picture.png import png_of

Bytes: TypeAlias = NDArray[np.uint8]
PREMULTIPLIED = QImage.Format.Format_ARGB32_Premultiplied


def rgba_of(image: QImage) -> Bytes:
    """The pixels, uint8 (height, width, 4), red first, not premultiplied; a copy."""
    return _array(image.convertToFormat(QImage.Format.Format_RGBA8888), 4)


def grey_of(image: QImage) -> Bytes:
    """A grey picture's values, uint8 (height, width); colours count by their lightness; a copy."""
    if image.format() == QImage.Format.Format_Alpha8:
        return _array(image, 1)
    return _array(image.convertToFormat(QImage.Format.Format_Grayscale8), 1)


def _array(image: QImage, channels: int) -> Bytes:
    width, height = image.width(), image.height()
    if not width or not height:
        return np.zeros((height, width, channels)[: 2 if channels == 1 else 3], dtype=np.uint8)
    lines = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(height, image.bytesPerLine())
    pixels = lines[:, : width * channels].copy()
    return pixels if channels == 1 else pixels.reshape(height, width, channels)


def image_of_rgba(pixels: Bytes) -> QImage:
    """The image of uint8 (height, width, 4), ready to be painted; its own memory."""
    height, width = pixels.shape[:2]
    whole = np.ascontiguousarray(pixels)
    image = QImage(whole.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return image.convertToFormat(PREMULTIPLIED)


def image_of_grey(values: Bytes) -> QImage:
    """The grey image of uint8 (height, width); its own memory."""
    return _borrowed(np.ascontiguousarray(values), QImage.Format.Format_Grayscale8).copy()


def alpha_view(values: Bytes) -> QImage:
    """An image that looks at these very numbers, (height, width), as opacities; they must outlive it."""
    return _borrowed(values, QImage.Format.Format_Alpha8)


def _borrowed(values: Bytes, form: QImage.Format) -> QImage:
    height, width = values.shape
    return QImage(values.data, width, height, values.strides[0], form)


def png_bytes(image: QImage) -> bytes:
    """The image as a PNG file: grey when it is, without alpha when it is opaque."""
    if image.format() in (QImage.Format.Format_Grayscale8, QImage.Format.Format_Alpha8):
        return png_of(grey_of(image))
    return png_of(slim(rgba_of(image)))


def slim(pixels: Bytes) -> Bytes:
    """Without the alpha channel where it says nothing."""
    return pixels if (pixels[..., 3] < 255).any() else np.ascontiguousarray(pixels[..., :3])


def masked_by_lock(image: QImage, lock: QImage | None) -> QImage:
    """The picture, transparent where the lock (as large, grey) is white."""
    if lock is None:
        return image
    return image_of_rgba(masks.masked_by_lock(rgba_of(image), grey_of(lock)))


def blank(width: int, height: int) -> QImage:
    """A transparent image."""
    image = QImage(width, height, PREMULTIPLIED)
    image.fill(0)
    return image


def rect_of(found: tuple[int, int, int, int] | None) -> QRect:
    """x, y, width, height as a rectangle; the empty one for None."""
    return QRect(*found) if found else QRect()
