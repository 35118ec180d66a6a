"""A desk for one canvas: keeps what is told as a project does, gives pixels back, undoes and makes again."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from studio.core.pictures import Box
from studio.media.picture.document import Layer, PictureDoc
from studio.media.picture.png import named, png_of
from studio.widgets.canvas.pixels import grey_of, rgba_of
from studio.widgets.canvas.view import CanvasView

Bytes = NDArray[np.uint8]
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
PLAIN = Qt.KeyboardModifier.NoModifier


class Desk:
    """`steps` are (title, kind) as told; `docs[at]` is the document that holds."""

    def __init__(self, qtbot: QtBot, doc: PictureDoc, assets: dict[str, Bytes] | None = None) -> None:
        self.qtbot = qtbot
        self.files = {name: png_of(pixels) for name, pixels in (assets or {}).items()}
        self.docs = [doc]
        self.at = 0
        self.steps: list[tuple[str, str]] = []
        self.refusals: list[str] = []
        self.view = CanvasView()
        # held until it is deleted: else a thread's garbage collection could delete it, off this thread
        qtbot.__dict__.setdefault("desks", []).append(self)
        self.view.resize(400, 300)
        self.view.changed.connect(self._on_changed)
        self.view.refused.connect(self.refusals.append)
        self.view.show_document(doc, self.image_of)
        self.view.show()
        qtbot.waitExposed(self.view)

    def _on_changed(self, doc: PictureDoc, title: str, kind: str, files: dict[str, bytes]) -> None:
        for name, png in files.items():
            assert named(png) == name
            self.files[name] = png
        assert set(doc.assets) <= set(self.files), "a step names a picture that is not there"
        self.docs[self.at + 1 :] = [doc]
        self.at += 1
        self.steps.append((title, kind))
        self.view.show_document(doc)  # as the session's signal does

    def image_of(self, name: str) -> QImage | None:
        png = self.files.get(name)
        return None if png is None else QImage.fromData(png)

    def gone(self) -> None:
        """Delete the view here and now."""
        self.settle()
        self.qtbot.__dict__["desks"].remove(self)
        delete(self.view)

    def undo(self) -> None:
        self.view.flush()
        if self.at:
            self.at -= 1
            self.view.show_document(self.docs[self.at])

    def redo(self) -> None:
        self.view.flush()
        if self.at + 1 < len(self.docs):
            self.at += 1
            self.view.show_document(self.docs[self.at])

    @property
    def doc(self) -> PictureDoc:
        self.view.flush()
        return self.docs[self.at]

    def stroke(self, points: Sequence[tuple[float, float]], modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        """With whatever tool is in hand."""
        self.send(QEvent.Type.MouseButtonPress, points[0], LEFT, modifiers)
        for point in points[1:]:
            self.send(QEvent.Type.MouseMove, point, NONE, modifiers)
        self.send(QEvent.Type.MouseButtonRelease, points[-1], LEFT, modifiers)

    def send(
        self,
        kind: QEvent.Type,
        point: tuple[float, float],
        button: Qt.MouseButton = NONE,
        modifiers: Qt.KeyboardModifier = PLAIN,
    ) -> None:
        at = self.view.viewport.to_view(QPointF(*point))
        held = NONE if kind == QEvent.Type.MouseButtonRelease else LEFT
        event = QMouseEvent(kind, at, self.view.mapToGlobal(at), button, held, modifiers)
        QApplication.sendEvent(self.view, event)

    def settle(self) -> None:
        self.view.flush()
        self.qtbot.waitUntil(lambda: not self.view.busy())

    def mask(self, kind: str = "mask") -> Bytes:
        """What the model would get for the whole canvas."""
        self.view.flush()
        doc = self.docs[self.at]
        of: Callable[[Box, int, int], QImage | None] = (
            self.view.mask_of if kind == "mask" else self.view.lock_of
        )
        image = of(Box(x=0, y=0, width=doc.width, height=doc.height), doc.width, doc.height)
        return np.zeros((doc.height, doc.width), dtype=np.uint8) if image is None else grey_of(image)

    def flat(self) -> Bytes:
        return rgba_of(self.view.flatten())

    def screen(self) -> Bytes:
        """The picture on the screen, without what tools draw over it."""
        self.settle()
        QApplication.sendEvent(self.view, QEvent(QEvent.Type.Leave))
        return rgba_of(self.view.grab().toImage())


def plain(width: int, height: int, colour: tuple[int, int, int, int]) -> Bytes:
    """A picture of one colour."""
    return np.full((height, width, 4), colour, dtype=np.uint8)


def noise(width: int, height: int, seed: int = 1) -> Bytes:
    """An opaque picture in which no two places look the same."""
    out = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    out[..., 3] = 255
    return out


def raster(layer_id: str, asset: str, width: int, height: int, **more: object) -> Layer:
    """A picture layer."""
    return Layer(id=layer_id, name=layer_id, asset=asset, width=width, height=height, **more)  # type: ignore[arg-type]
