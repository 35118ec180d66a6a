"""What is seen of layers, against plain numpy and Pillow: order, opacity, place, crop, turn, mirrors, looks."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from studio.core.pictures import Box
from studio.media.picture.adjust import adjust
from studio.media.picture.document import Adjust, Layer, PictureDoc
from studio.widgets.canvas.pixels import rgba_of
from tests.widgets.canvas.desk import Bytes, Desk, noise, plain, raster

SIDE = 32
ASSETS = {
    "one": noise(12, 8, 1),
    "two": noise(9, 15, 2),
    "glass": np.dstack([noise(10, 10, 3)[..., :3], np.full((10, 10), 120, np.uint8)]),
}
LAYERS = st.builds(
    lambda asset, x, y, turn, fx, fy, opacity, visible: Layer(
        id="", name="L", asset=asset, x=x, y=y, turn=turn, flip_x=fx, flip_y=fy, opacity=opacity, visible=visible,
        width=ASSETS[asset].shape[1 - turn % 2], height=ASSETS[asset].shape[turn % 2],
    ),
    st.sampled_from(sorted(ASSETS)),
    st.integers(-10, SIDE),
    st.integers(-10, SIDE),
    st.integers(0, 3),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.0, 0.3, 0.5, 1.0]),
    st.booleans(),
)  # fmt: skip


def reference(doc: PictureDoc) -> Bytes:
    """The layers laid over each other with Pillow, in floating point where they mix."""
    out = np.zeros((doc.height, doc.width, 4))
    for layer in doc.layers:
        if not layer.visible:
            continue
        image = Image.fromarray(ASSETS[layer.asset]).rotate(-90 * layer.turn, expand=True)
        pixels = np.asarray(image)[:: -1 if layer.flip_y else 1, :: -1 if layer.flip_x else 1]
        sheet = np.zeros((doc.height + 200, doc.width + 200, 4), dtype=np.uint8)
        y, x = layer.y + 100, layer.x + 100
        sheet[y : y + layer.height, x : x + layer.width] = pixels
        part = sheet[100 : 100 + doc.height, 100 : 100 + doc.width].astype(float)
        alpha = part[..., 3:] / 255 * layer.opacity
        below = out[..., 3:] * (1 - alpha)
        both = alpha + below
        colours = np.divide(
            part[..., :3] * alpha + out[..., :3] * below,
            both,
            out=np.zeros_like(part[..., :3]),
            where=both > 0,
        )
        out = np.dstack([colours, both])
    out[..., 3] *= 255
    return np.rint(out)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LAYERS, max_size=4))
def test_flattened_layers_are_what_pillow_makes_of_them(qtbot: QtBot, layers: list[Layer]) -> None:
    doc = PictureDoc(
        width=SIDE, height=SIDE, layers=tuple(one.changed(id=str(at)) for at, one in enumerate(layers))
    )
    desk = Desk(qtbot, doc, ASSETS)
    out, wanted = desk.flat().astype(int), reference(doc)
    assert np.abs(out[..., 3] - wanted[..., 3]).max() <= len(layers) + 1, (
        "each layer rounds to eight bits once"
    )
    seen = wanted[..., 3:] / 255
    assert np.abs(out[..., :3] * seen - wanted[..., :3] * seen).max() <= len(layers) + 3
    opaque = all(one.opacity in (0.0, 1.0) and one.asset != "glass" for one in layers if one.visible)
    if opaque:
        full = wanted[..., 3] == 255
        assert np.array_equal(out[full], wanted[full]), "opaque pixels must be exact"
    desk.gone()


def test_hidden_layers_and_masks_are_not_in_the_picture(qtbot: QtBot) -> None:
    layers = (
        raster("low", "blue", 8, 8),
        raster("high", "red", 8, 8, visible=False),
        Layer(id="m", name="m", kind="mask", asset="white", width=8, height=8),
    )
    assets = {"blue": plain(8, 8, (0, 0, 255, 255)), "red": plain(8, 8, (255, 0, 0, 255)),
              "white": np.full((8, 8), 255, np.uint8)}  # fmt: skip
    desk = Desk(qtbot, PictureDoc(width=8, height=8, layers=layers), assets)
    assert (desk.flat() == (0, 0, 255, 255)).all()


def test_the_part_that_lies_in_a_box_comes_at_the_size_of_the_job(qtbot: QtBot) -> None:
    picture = noise(64, 64)
    doc = PictureDoc(width=64, height=64, layers=(raster("a", "a", 64, 64),))
    desk = Desk(qtbot, doc, {"a": picture})
    same = rgba_of(desk.view.composite(Box(x=10, y=20, width=32, height=16), 32, 16))
    assert np.array_equal(same, picture[20:36, 10:42])
    beyond = rgba_of(desk.view.composite(Box(x=48, y=-8, width=32, height=32), 32, 32))
    assert (beyond[:8, :, 3] == 0).all() and (beyond[:, 16:, 3] == 0).all()
    assert np.array_equal(beyond[8:, :16], picture[:24, 48:])
    larger = desk.view.composite(Box(x=0, y=0, width=32, height=32), 128, 64)
    assert (larger.width(), larger.height()) == (128, 64)


def test_a_sized_layer_is_close_to_pillows(qtbot: QtBot) -> None:
    smooth = np.asarray(Image.fromarray(noise(8, 8)).resize((64, 64), Image.Resampling.BICUBIC))
    doc = PictureDoc(width=32, height=32, layers=(raster("a", "a", 32, 32),))
    desk = Desk(qtbot, doc, {"a": smooth})
    wanted = np.asarray(Image.fromarray(smooth).resize((32, 32), Image.Resampling.BOX)).astype(int)
    assert np.abs(desk.flat().astype(int) - wanted).max() <= 3


def test_a_crop_shows_a_part_of_the_asset(qtbot: QtBot) -> None:
    doc = PictureDoc(width=4, height=6, layers=(raster("a", "a", 4, 6, crop=(3, 2, 4, 6)),))
    picture = noise(10, 10)
    desk = Desk(qtbot, doc, {"a": picture})
    assert np.array_equal(desk.flat(), picture[2:8, 3:7])


def test_an_adjusted_layer_is_exactly_what_adjust_makes(qtbot: QtBot) -> None:
    how = Adjust(black=20, gamma=1.4, saturation=0.3, sharpness=0.5, blue=-0.2)
    doc = PictureDoc(width=20, height=20, layers=(raster("a", "a", 20, 20, adjust=how),))
    picture = noise(20, 20)
    desk = Desk(qtbot, doc, {"a": picture})
    assert np.array_equal(desk.flat(), adjust(picture, how))


def test_at_100_percent_the_screen_shows_the_very_pixels(qtbot: QtBot) -> None:
    picture = noise(100, 80)
    doc = PictureDoc(
        width=100, height=80, layers=(raster("a", "a", 100, 80),), frame=Box(x=0, y=0, width=1, height=1)
    )
    desk = Desk(qtbot, doc, {"a": picture})
    desk.view.actual_size()
    seen = desk.screen()
    corner = desk.view.viewport.to_view(desk.view.canvas_point(desk.view.rect().topLeft()) * 0).toPoint()
    part = seen[corner.y() + 5 : corner.y() + 78, corner.x() + 5 : corner.x() + 98]
    assert np.array_equal(part, picture[5:78, 5:98])


def test_a_large_adjusted_layer_is_shown_as_soon_as_it_is_ready(qtbot: QtBot) -> None:
    picture = plain(700, 700, (200, 40, 40, 255))
    doc = PictureDoc(width=700, height=700, layers=(raster("a", "a", 700, 700),))
    desk = Desk(qtbot, doc, {"a": picture})
    desk.view.actual_size()
    desk.screen()
    desk.view.steps.adjust("a", Adjust(saturation=-1.0))
    qtbot.waitUntil(lambda: len(set(desk.view.grab().toImage().pixelColor(200, 150).getRgb()[:3])) == 1)
    assert desk.steps == [("Adjust “a”", "adjusted")]


def test_a_picture_that_is_still_read_appears_when_it_is_there(qtbot: QtBot) -> None:
    doc = PictureDoc(
        width=40, height=40, layers=(raster("a", "a", 40, 40),), frame=Box(x=0, y=0, width=40, height=40)
    )
    desk = Desk(qtbot, doc)
    assert not desk.view.complete()
    assert (desk.flat()[..., 3] == 0).all()
    desk.files.update(Desk(qtbot, doc, {"a": plain(40, 40, (9, 8, 7, 255))}).files)
    desk.view.image_ready("a")
    assert desk.view.complete()
    middle = desk.screen()[150, 200]
    assert middle[:3].tolist() == [9, 8, 7]


@pytest.mark.parametrize("zoom", [0.21, 0.5, 0.83, 1.0, 2.7])
def test_mended_parts_look_like_the_whole_painted_anew(qtbot: QtBot, zoom: float) -> None:
    doc = PictureDoc(
        width=300, height=200, layers=(raster("a", "a", 300, 200), raster("b", "b", 80, 60, x=40, y=30))
    )
    desk = Desk(qtbot, doc, {"a": noise(300, 200), "b": noise(80, 60, 5)})
    desk.view.zoom_to(zoom, desk.view.rect().center().toPointF())
    desk.screen()
    desk.view.steps.fade("b", 0.4)
    desk.view.choose("b")
    desk.stroke([(100, 100), (130, 110), (180, 90)])
    mended = desk.screen()
    desk.view._seen_changed()
    assert np.abs(desk.screen().astype(int) - mended).max() <= 2


def test_composite_of_nothing_is_transparent(qtbot: QtBot) -> None:
    desk = Desk(qtbot, PictureDoc(width=8, height=8))
    image = desk.view.scene.composite([], QRect(0, 0, 5, 4), QSize(5, 4))
    assert (rgba_of(image) == 0).all() and image.width() == 5


def test_a_part_that_was_not_painted_yet_is_painted_later(qtbot: QtBot) -> None:
    doc = PictureDoc(
        width=380, height=280, layers=(raster("a", "a", 380, 280),), frame=Box(x=0, y=0, width=8, height=8)
    )
    desk = Desk(qtbot, doc, {"a": noise(380, 280)})
    desk.view.zoom_to(1.0, desk.view.rect().center().toPointF())
    wanted = desk.screen()
    screen = desk.view._screen
    screen.all_changed()
    screen._pictures.fill(0)
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    for rect in (QRect(0, 0, 150, 300), QRect(0, 0, 400, 300)):
        painter = QPainter(image)
        painter.setClipRect(rect)
        screen.paint(painter, rect)
        painter.end()
    inner = (slice(20, 280), slice(20, 380))
    assert np.abs(rgba_of(image)[inner].astype(int) - wanted[inner])[130:].max() <= 2


def test_a_large_layer_is_turned_beside_the_windows_thread_and_is_exact_in_the_end(qtbot: QtBot) -> None:
    """Meanwhile something small of it is shown the right way round, and putting together waits for nothing."""
    pixels = noise(700, 600, 9)
    pixels[:, :300, :3] = 0  # dark on its left half
    pixels[..., 3] = 255
    layer = raster("a", "big", 700, 600)
    desk = Desk(qtbot, PictureDoc(width=700, height=700, layers=(layer,)), {"big": pixels})
    view = desk.view
    desk.settle()
    view.steps.turn("a", 1)
    turned = view.document().layer("a")
    images = view.scene.images
    coarse, _level = images.level(turned, 1.0)
    assert coarse is not None and max(coarse.width(), coarse.height()) <= 256, (
        "nothing large was computed here"
    )
    assert not view.prepared() and view.busy()
    grey = rgba_of(coarse)[..., :3].mean(axis=2)
    assert grey[: len(grey) // 3].mean() < 10 < grey[-len(grey) // 3 :].mean(), "its left is its top now"
    view.steps.rename("a", "Turned")  # the person goes on
    desk.settle()
    assert view.prepared()
    whole, level = images.level(view.document().layer("a"), 1.0)
    assert whole is not None and level == 0 and np.array_equal(rgba_of(whole), np.rot90(pixels, -1))
    small, level = images.level(view.document().layer("a"), 0.26)
    assert small is not None and level == 1 and (small.width(), small.height()) == (300, 350)
    assert [title for title, _kind in desk.steps] == ["Turn “a”", "Rename “a” to “Turned”"]


def test_what_is_put_together_while_a_layer_is_still_being_turned_lacks_nothing(qtbot: QtBot) -> None:
    pixels = noise(600, 600, 4)
    pixels[..., 3] = 255
    desk = Desk(
        qtbot, PictureDoc(width=600, height=600, layers=(raster("a", "big", 600, 600),)), {"big": pixels}
    )
    desk.settle()
    desk.view.steps.flip("a", "x")
    assert np.array_equal(rgba_of(desk.view.flatten()), pixels[:, ::-1])
