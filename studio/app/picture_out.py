"""What goes out of the window: a take's file with its recipe, the open picture's layers, clipboard contents."""

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from PySide6.QtCore import QMimeData, QRect
from PySide6.QtGui import QGuiApplication, QImage

from studio.app.picture_drop import PNG_MIME
from studio.app.session import Session
from studio.app.settings import Settings
from studio.app.tasks import in_thread
from studio.core.errors import StudioError
from studio.core.takes import Recipe, Take

if TYPE_CHECKING:
    from studio.app.picture_desk import PictureDesk
    from studio.dialogs.export_picture import ExportPictureDialog
    from studio.media.picture.document import Adjust, Layer
    from studio.media.picture.export import ExportWish, Named

_LAST: Final = "export/picture"


async def estimate(
    dialog: "ExportPictureDialog", merged: "Named", wish: "ExportWish", recipe: Recipe | None
) -> None:
    """Tell the dialog how large the file will be; what cannot be written has no size."""
    from studio.media.picture.export import estimate_bytes

    def measured() -> int:
        try:
            return estimate_bytes(merged.image(), wish, recipe if wish.recipe else None)
        except StudioError:
            return 0

    size = await in_thread(measured)
    dialog.show_estimate(size)


def png_of_take(take: Take, session: Session) -> bytes:
    """The file of a take that has a picture. Raises StudioError "asset"."""
    assert take.picture is not None
    return session.asset(take.picture.asset)


def with_recipe(png: bytes, take: Take) -> bytes:
    """The take's file with its recipe in it."""
    from studio.media.picture.recipes import png_with_recipe

    return png_with_recipe(png, take.recipe, whole=take.picture is not None and not take.picture.preview)


def picture_mime(image: QImage, png: bytes) -> QMimeData:
    """Pixels for programs that want pixels, and the file with its recipe for those that read files."""
    mime = QMimeData()
    mime.setImageData(image)
    mime.setData(PNG_MIME, png)
    return mime


def to_clipboard(image: QImage, png: bytes) -> None:
    """Put a picture where other programs find it."""
    QGuiApplication.clipboard().setMimeData(picture_mime(image, png))


class Shown(Struct, frozen=True):
    """The open picture as it is seen now, for another thread: the person may go on with it."""

    area: QRect
    parts: "list[tuple[Layer, QImage, Adjust]]"

    def merged(self) -> QImage:
        """All of it; takes long when it is large and adjusted."""
        from studio.widgets.canvas.scene import merged

        return merged(self.parts, self.area)

    def layers(self) -> list[tuple[str, QImage]]:
        """Its visible layers by their names, each as large as the canvas."""
        from studio.widgets.canvas.scene import merged

        return [(part[0].name, merged([part], self.area)) for part in self.parts]


def shown_now(desk: "PictureDesk") -> Shown:
    """What is seen on the canvas."""
    from studio.widgets.canvas.scene import seen_layers

    doc, scene = desk.doc, desk.pane.canvas.scene
    return Shown(QRect(0, 0, doc.width, doc.height), scene.parts(seen_layers(doc)))


def recipe_of(desk: "PictureDesk", session: Session) -> tuple[Recipe | None, bool]:
    """The recipe of the highest visible layer that a take made, and whether that take is all there is to see."""
    from studio.media.picture.export import shows_whole_take

    layers = [layer for layer in desk.doc.layers if layer.kind == "raster" and layer.visible and layer.asset]
    made = next((layer for layer in reversed(layers) if layer.take), None)
    if made is None:
        return None, False
    take = session.take(made.take)
    if take.picture is None:
        return None, False
    whole = len(layers) == 1 and shows_whole_take(desk.doc, made, take.picture)
    return take.recipe, whole


def last_wish(settings: Settings) -> "ExportWish":
    """How a picture was exported last; at first, and where that cannot be read: as PNG."""
    import msgspec

    from studio.media.picture.export import ExportWish

    try:
        return msgspec.json.decode(settings.text(_LAST), type=ExportWish)
    except msgspec.DecodeError:
        return ExportWish()


def keep_wish(settings: Settings, wish: "ExportWish") -> None:
    """Remember it for the next export."""
    import msgspec

    settings.keep(_LAST, msgspec.json.encode(wish).decode())
