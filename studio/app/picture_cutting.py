"""Cuts out of a take what may go onto the canvas; runs beside the window's thread."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from studio.core.pictures import ImageJob
from studio.media.picture.accepting import drawn_under, only_changed
from studio.media.picture.masks import masked_by_lock
from studio.media.picture.png import named, png_of
from studio.widgets.canvas.pixels import Bytes, grey_of, image_of_rgba, rgba_of
from studio.widgets.picture_images import decoded


def cut_take(
    bytes_of: Callable[[str], bytes],
    asset: str,
    size: tuple[int, int],
    job: ImageJob | None,
    lock: QImage | None,
) -> tuple[str, bytes]:
    """Name and PNG of a take, `size` (width, height) as it lies on the canvas, without what may not go onto it.

    That is what `lock` (as large) says and, with the `job` of a masked take, what lies outside of its mask. Cut where
    the canvas has its pixels: scaled afterwards, an edge would reach beyond itself. Raises StudioError "asset" for a
    lost file.
    """
    take = rgba_of(decoded(bytes_of(asset)))
    height, width = take.shape[:2]
    if job is not None:
        take = only_changed(take, rgba_of(decoded(bytes_of(job.init))))
    take = _scaled(take, size)
    if job is not None and job.inpaint is not None:
        mask = _fitted(decoded(bytes_of(job.inpaint.mask)), size)
        init = _scaled(rgba_of(decoded(bytes_of(job.init))), size)
        scale = max(size[0] / width, size[1] / height)
        take[~drawn_under(grey_of(mask), init, job.inpaint, scale), 3] = 0
    png = png_of(masked_by_lock(take, grey_of(lock) if lock is not None else None))
    return named(png), png


def _scaled(pixels: Bytes, size: tuple[int, int]) -> Bytes:
    return pixels if pixels.shape[1::-1] == size else rgba_of(_fitted(image_of_rgba(pixels), size))


def _fitted(image: QImage, size: tuple[int, int]) -> QImage:
    """As the canvas shows it at that size."""
    mode = Qt.TransformationMode.SmoothTransformation
    return image.scaled(QSize(*size), Qt.AspectRatioMode.IgnoreAspectRatio, mode)
