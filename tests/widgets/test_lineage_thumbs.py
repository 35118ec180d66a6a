"""Thumbnails in the lineage: fetched when a row is seen, a few at a time, each once."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from studio.widgets.lineage_model import words_of
from studio.widgets.lineage_thumbs import THUMB_PX
from studio.widgets.lineage_tree import LineageNode
from studio.widgets.lineage_view import LineageView


def picture(colour: str, width: int = 64, height: int = 48) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "WEBP")
    return bytes(data.data())


class Files:
    """Where thumbnails come from, and what was asked of it."""

    def __init__(self, **files: bytes) -> None:
        self.files = files
        self.asked: list[list[str]] = []

    def __call__(self, ids: Sequence[str]) -> Mapping[str, bytes]:
        self.asked.append(list(ids))
        return {id_: self.files[id_] for id_ in ids if id_ in self.files}


def view_of(qtbot: QtBot, nodes: Sequence[LineageNode], files: Files) -> LineageView:
    view = LineageView()
    qtbot.addWidget(view)
    view.resize(320, 400)
    view.thumbs_from(files)
    view.set_nodes(nodes)
    view.show()
    qtbot.waitExposed(view)
    return view


def take(number: int, **more: object) -> LineageNode:
    values: dict[str, object] = {"thumb": True, "icon": "spark", "title": f"take {number}", **more}
    return LineageNode(id=f"n{number}", kind="take", take=f"t{number}", created_ms=number, **values)  # type: ignore[arg-type]


def colours(view: LineageView) -> set[str]:
    image = view.grab().toImage()
    return {
        image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)
    }


def test_a_row_shows_the_picture_of_its_take(qtbot: QtBot) -> None:
    files = Files(t1=picture("#ff0000"), t2=picture("#0000ff"))
    view = view_of(qtbot, [take(1), take(2)], files)

    def reds() -> int:
        return sum(QColor(name).red() > 240 and QColor(name).blue() < 15 for name in colours(view))

    qtbot.waitUntil(lambda: reds() > 0)
    assert any(QColor(name).blue() > 240 and QColor(name).red() < 15 for name in colours(view))
    assert sorted(id_ for ids in files.asked for id_ in ids) == ["t1", "t2"]
    view.grab()
    view.set_nodes([take(1), take(2), take(3, thumb=False)])
    view.grab()
    assert sorted(id_ for ids in files.asked for id_ in ids) == ["t1", "t2"]


def test_only_rows_in_sight_are_fetched_and_few_at_once(qtbot: QtBot) -> None:
    files = Files(**{f"t{n}": picture("#00ff00") for n in range(500)})
    view = view_of(qtbot, [take(n) for n in range(500)], files)
    qtbot.waitUntil(lambda: len(files.asked) > 1)
    view.grab()
    assert max(map(len, files.asked)) <= 6
    assert len({id_ for ids in files.asked for id_ in ids}) < 30
    assert THUMB_PX == 32


def test_a_take_without_a_file_keeps_its_sign_and_is_asked_for_once(qtbot: QtBot) -> None:
    files = Files(t1=b"no picture")
    view = view_of(qtbot, [take(1), take(2)], files)
    qtbot.waitUntil(lambda: sorted(id_ for ids in files.asked for id_ in ids) == ["t1", "t2"])
    for _ in range(3):
        view.grab()
        QCoreApplication.processEvents()
    assert sum(map(len, files.asked)) == 2


def test_without_a_source_nothing_is_fetched_and_a_new_one_is_asked(qtbot: QtBot) -> None:
    files = Files(t1=picture("#ff0000"))
    view = view_of(qtbot, [take(1)], files)
    view.thumbs_from(None)
    view.set_nodes([take(7)])
    view.grab()
    assert "t7" not in {id_ for ids in files.asked for id_ in ids}
    more = Files(t7=picture("#ff0000"))
    view.thumbs_from(more)
    view.grab()
    qtbot.waitUntil(lambda: more.asked == [["t7"]])


def test_more_about_a_take_is_asked_for_when_it_is_hovered(qtbot: QtBot) -> None:
    asked: list[str] = []

    def recipe(take_id: str) -> str:
        asked.append(take_id)
        return "a red fox, seed 7" if take_id == "t1" else ""

    view = view_of(qtbot, [take(1), take(2, detail="Take 2")], Files())
    view.tips_from(recipe)
    view.grab()
    assert not asked
    rows = [view._model.index(row) for row in range(2)]
    assert [row.data(Qt.ItemDataRole.ToolTipRole) for row in rows] == ["Take 2", "a red fox, seed 7"]


def test_a_picture_is_drawn_not_written() -> None:
    assert "drawing…" in words_of(take(1, state="streaming"))
    assert "writing…" in words_of(take(1, state="streaming", icon="", thumb=False))
