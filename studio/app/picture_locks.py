"""Ctrl+L in a picture: what is masked may not change any more; with nothing masked the locks go."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from studio.app.picture_desk import PictureDesk
from studio.app.tasks import Tasks, in_thread
from studio.core.errors import StudioError
from studio.core.pictures import Box
from studio.media.picture.arrange import new_layer
from studio.media.picture.document import PictureDoc
from studio.media.picture.png import named
from studio.widgets.canvas.pixels import png_bytes


class PictureLocks(QObject):
    """A lock is a layer of the document: undone, branched from, kept in the lineage like any step."""

    notice = Signal(str, str)  # what, do

    def __init__(self, desk: PictureDesk, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._tasks = desk, tasks

    @Slot()
    def toggle(self) -> None:
        """Lock what is masked; with no mask free everything that is locked."""
        desk = self._desk
        if desk.session is None or desk.damaged:
            return
        desk.when_seen(self._toggle)

    def _toggle(self) -> None:
        desk, doc = self._desk, self._desk.doc
        whole = Box(x=0, y=0, width=doc.width, height=doc.height)
        mask = desk.pane.canvas.mask_of(whole, doc.width, doc.height)
        locks = [layer.id for layer in doc.layers if layer.kind == "lock"]
        if mask is not None:
            self._tasks.start(self._lock(mask, doc))
        elif locks:
            for layer_id in locks:
                doc = doc.without(layer_id)
            self._revise(doc, "Unlocked all", "unlocked", {})
        else:
            self.notice.emit(
                "Nothing is masked.", "Paint over what must stay as it is (B), then press Ctrl+L to lock it."
            )

    async def _lock(self, mask: QImage, doc: PictureDoc) -> None:
        session, work = self._desk.session, self._desk.work
        png = await in_thread(png_bytes, mask)
        self._desk.flush()
        now = self._desk.doc
        same = session is not None and session is self._desk.session and work == self._desk.work
        if not same or (now.width, now.height) != (doc.width, doc.height):
            return
        name = named(png)
        self._desk.images.put(name, png)
        layer = new_layer(now, "lock").changed(asset=name)
        locked = now.with_layer(layer)
        for other in doc.layers:
            if (
                other.kind == "mask"
                and other.asset
                and other.visible
                and not other.held
                and other in now.layers
            ):
                locked = locked.with_layer(other.changed(asset=""))
        self._revise(locked, f"Locked “{layer.name}”", "locked", {name: png})

    def _revise(self, doc: PictureDoc, step: str, kind: str, files: dict[str, bytes]) -> None:
        desk = self._desk
        assert desk.session is not None
        try:
            desk.session.revise_picture(desk.work, doc, step, kind, files)  # type: ignore[arg-type]
        except StudioError as error:
            self.notice.emit(error.what, error.do)
        desk.show_head()
