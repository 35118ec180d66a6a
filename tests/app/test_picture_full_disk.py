"""The disk is full when takes end: they are shown, judged and used all the same, and written when there is room."""

import pytest
from PySide6.QtCore import Qt

from studio.project.reader import Reader
from tests.app.picture_person import Painter
from tests.full_disk import FullDisk


@pytest.fixture
def disk(painter: Painter, monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    """Full as soon as the next takes begin."""
    full = FullDisk(painter.wiring.engine, monkeypatch)
    painter.wiring.engine.take_started.connect(full.fill, Qt.ConnectionType.DirectConnection)
    return full


def test_takes_are_shown_kept_and_written_when_there_is_room(painter: Painter, disk: FullDisk) -> None:
    one, two = painter.asks(takes=2)
    assert (one.status, two.status) == ("done", "done")
    assert one.picture is not None and two.picture is not None
    images = painter.picture.images
    painter.sees(lambda: images.image_of(one.picture.asset) is not None)
    assert not painter.session.saved and painter.session.jammed
    painter.sees(painter.window.messages.isVisible)
    assert not painter.window.close(), "closing at once would lose them"
    disk.has_room()
    painter.sees(lambda: painter.session.saved)
    with Reader(painter.session.folder) as reader:
        assert [take.picture for take in reader.takes_of(painter.picture.work)] == [one.picture, two.picture]
        assert reader.check() == ()


def test_a_held_take_can_be_accepted_and_comes_back_with_its_picture(
    painter: Painter, disk: FullDisk
) -> None:
    (take,) = painter.asks(takes=1)
    painter.does("take.accept")
    painter.sees(lambda: [layer.take for layer in painter.doc.layers] == [take.id])
    work, title = painter.picture.work, "Fox"
    session = painter.session
    painter.picture.open(session, work, title)
    assert painter.takes[take.id].picture == take.picture, "the reader knows nothing of it yet"
    assert not painter.sees_pixels().isNull()
    disk.has_room()
    painter.sees(lambda: session.saved)
    with Reader(session.folder) as reader:
        assert reader.take(take.id).verdict == "accepted"
        assert reader.asset(take.picture.asset)
