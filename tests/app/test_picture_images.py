"""Assets as images: read in the background, kept while there is room, told when they are lost."""

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from studio.app.picture_images import PictureImages, asset_name
from studio.core.errors import StudioError
from studio.project.assets import Assets
from studio.widgets.canvas.pixels import png_bytes


class FakeSession(QObject):
    saved_changed = Signal(bool)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def held_file(self, name: str) -> None:
        return None


def png(red: int, side: int = 16) -> bytes:
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor(red, 0, 0))
    return png_bytes(image)


@pytest.fixture
def images(qtbot: QtBot, tmp_path: Path):
    parent = FakeSession(tmp_path)
    out = PictureImages(parent)
    out.open(parent)
    yield out
    out.close()


def test_an_asset_is_read_in_the_background_and_told(
    images: PictureImages, qtbot: QtBot, tmp_path: Path
) -> None:
    name = Assets(tmp_path).put(png(200), "png")
    with qtbot.waitSignal(images.ready) as ready:
        assert images.image_of(name) is None
    assert ready.args == [name]
    image = images.image_of(name)
    assert image is not None and image.pixelColor(3, 3).red() == 200


def test_an_asset_on_its_way_to_the_disk_is_there_at_once(images: PictureImages, qtbot: QtBot) -> None:
    data = png(90)
    name = asset_name(data)
    images.put(name, data)
    with qtbot.waitSignal(images.ready):
        images.image_of(name)
    assert images.image_of(name).pixelColor(0, 0).red() == 90 and images.bytes_of(name) == data


def test_a_lost_asset_is_told_once_and_not_waited_for(images: PictureImages, qtbot: QtBot) -> None:
    lost = asset_name(b"lost")
    images.pin([lost])
    with qtbot.waitSignal(images.failed) as failed:
        assert images.missing()
    assert failed.args[0] == lost and isinstance(failed.args[1], StudioError)
    assert images.image_of(lost) is None and not images.missing()


def test_a_damaged_asset_is_told(images: PictureImages, qtbot: QtBot, tmp_path: Path) -> None:
    name = Assets(tmp_path).put(png(1), "png")
    Assets(tmp_path).path(name).write_bytes(b"\x89PNG cut")
    with qtbot.waitSignal(images.failed) as failed:
        images.image_of(name)
    assert "damaged" in failed.args[1].what


def test_what_the_open_picture_shows_stays_and_the_oldest_of_the_others_goes(
    qtbot: QtBot, tmp_path: Path
) -> None:
    parent = FakeSession(tmp_path)
    images = PictureImages(parent, room_mib=1)
    images.open(parent)
    names = []
    for red in range(6):  # 256 KiB each, decoded
        data = png(red, 256)
        names.append(asset_name(data))
        if red == 0:
            images.pin(names)
        with qtbot.waitSignal(images.ready):
            images.put(names[-1], data)
            images.image_of(names[-1])
    assert set(images._images) == {names[0], *names[-3:]}
    images.close()


def test_what_is_still_read_for_another_project_is_not_told(
    images: PictureImages, qtbot: QtBot, tmp_path: Path
) -> None:
    name = Assets(tmp_path).put(png(3), "png")
    heard: list[str] = []
    images.ready.connect(heard.append)
    images.image_of(name)
    images.close()
    other = FakeSession(tmp_path / "other")
    images.open(other)
    data = png(4)
    images.put(asset_name(data), data)
    with qtbot.waitSignal(images.ready):
        images.image_of(asset_name(data))
    assert heard == [asset_name(data)]
    images.close()
