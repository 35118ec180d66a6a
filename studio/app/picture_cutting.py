"""Cuts out of a take what may go onto the canvas; runs beside the window's thread."""

from collections.abc import Callable

from PySide6.QtGui import QImage

from studio.app.picture_images import decoded
from studio.media.picture.accepting import cut
from studio.media.picture.png import named, png_of
from studio.widgets.canvas.pixels import grey_of, rgba_of


def cut_take(
    bytes_of: Callable[[str], bytes], asset: str, init: str, lock: QImage | None
) -> tuple[str, bytes]:
    """Name and PNG of a take without the pixels that are as `init` has them ("": all count) or that are locked.

    Raises StudioError "asset" for a lost file.
    """
    take = rgba_of(decoded(bytes_of(asset)))
    begun = rgba_of(decoded(bytes_of(init))) if init else None
    png = png_of(cut(take, begun, grey_of(lock) if lock is not None else None))
    return named(png), png
