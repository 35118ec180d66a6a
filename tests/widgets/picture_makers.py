"""Picture takes and little pictures for the tests of widgets."""

from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QObject
from PySide6.QtGui import QColor, QImage

from studio.core.pictures import ImageJob
from studio.core.takes import Made, Picture, Recipe, Take
from studio.widgets.gallery_items import GalleryItem

JOB = ImageJob(id="job", work="work", prompt="a red door", model="/models/starter", seed=7, steps=20)


class Heard(QObject):
    """Counts a widget's events of one kind."""

    def __init__(self, kind: QEvent.Type) -> None:
        super().__init__()
        self._kind = kind
        self.count = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """It stops nothing."""
        self.count += event.type() == self._kind
        return False


def picture_take(
    take_id: str, status: Any = "done", job: ImageJob = JOB, made: Made | None = None, **more: Any
) -> Take:
    """A take of one image job; finished and stopped ones have a picture."""
    has = more.pop("has", status in ("done", "stopped"))
    picture = Picture(asset=f"{take_id}.png", width=job.width, height=job.height) if has else None
    return Take(
        id=take_id,
        job=job.id,
        work="work",
        parent="revision",
        index=0,
        seed=7,
        status=status,
        recipe=Recipe(job=job, index=0, made=made),
        created_ms=1,
        picture=more.pop("picture", picture),
        **more,
    )


def plain(color: str, width: int = 64, height: int = 64) -> QImage:
    """A picture of one colour."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    return image


def webp(color: str, width: int = 256, height: int = 256) -> bytes:
    """A thumbnail's file."""
    data, image = QByteArray(), plain(color, width, height)
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, "WEBP", 90)
    return bytes(data.data())


def rows(count: int, **more: Any) -> list[GalleryItem]:
    """Rows of a gallery, t0 the newest."""
    return [
        GalleryItem(
            take=f"t{at}",
            work="work",
            asset=f"{at}.png",
            width=512,
            height=512,
            prompt=f"thing {at}",
            seed=at,
            **more,
        )
        for at in range(count)
    ]
