"""Steps on the document: what is turned and mirrored comes back, nothing is lost at an edge."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from studio.core.pictures import Box
from studio.media.picture import arrange
from studio.media.picture.document import Layer, PictureDoc

LAYERS = st.builds(
    Layer,
    id=st.just("a"),
    name=st.just("A"),
    x=st.integers(-30, 60),
    y=st.integers(-30, 60),
    width=st.integers(1, 50),
    height=st.integers(1, 50),
    turn=st.integers(0, 3),
    flip_x=st.booleans(),
    flip_y=st.booleans(),
)
DOCS = st.builds(
    lambda layer, width, height: PictureDoc(
        width=width, height=height, layers=(layer,), frame=Box(x=3, y=-4, width=16, height=24)
    ),
    LAYERS,
    st.integers(1, 80),
    st.integers(1, 80),
)


def drawn(layer: Layer, asset: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the layer's docstring says: turned clockwise, then mirrored."""
    out = np.rot90(asset, -layer.turn)
    return out[:: -1 if layer.flip_y else 1, :: -1 if layer.flip_x else 1]


def asset_of(layer: Layer) -> NDArray[np.uint8]:
    shape = (layer.height, layer.width) if layer.turn % 2 == 0 else (layer.width, layer.height)
    return np.arange(shape[0] * shape[1], dtype=np.uint8).reshape(shape)


def shown(doc: PictureDoc) -> NDArray[np.int64]:
    """The only layer on its canvas and around it, -1 where it is not."""
    layer = doc.layers[0]
    out = np.full((400, 400), -1, dtype=np.int64)
    y, x = layer.y + 150, layer.x + 150
    out[y : y + layer.height, x : x + layer.width] = drawn(layer, asset_of(layer))
    return out


def on_canvas(doc: PictureDoc) -> NDArray[np.int64]:
    return shown(doc)[150 : 150 + doc.height, 150 : 150 + doc.width]


@given(LAYERS, st.sampled_from(["x", "y"]))
def test_a_flipped_layer_shows_its_mirror_image(layer: Layer, axis: arrange.Axis) -> None:
    asset = asset_of(layer)
    after = arrange.flipped(layer, axis)
    mirrored = drawn(layer, asset)[:, ::-1] if axis == "x" else drawn(layer, asset)[::-1]
    assert np.array_equal(drawn(after, asset), mirrored)
    assert arrange.flipped(after, axis) == layer


@given(LAYERS, st.integers(0, 3))
def test_a_turned_layer_shows_itself_turned(layer: Layer, quarters: int) -> None:
    asset = asset_of(layer)
    after = arrange.turned(layer, quarters)
    assert np.array_equal(drawn(after, asset), np.rot90(drawn(layer, asset), -quarters))
    assert (after.height, after.width) == np.rot90(drawn(layer, asset), -quarters).shape


@given(DOCS, st.integers(0, 3))
def test_a_turned_picture_is_what_was_seen_turned(doc: PictureDoc, quarters: int) -> None:
    after = arrange.canvas_turned(doc, quarters)
    assert np.array_equal(on_canvas(after), np.rot90(on_canvas(doc), -quarters))
    assert arrange.canvas_turned(after, 4 - quarters) == doc


@given(DOCS, st.sampled_from(["x", "y"]))
def test_a_flipped_picture_is_what_was_seen_mirrored(doc: PictureDoc, axis: arrange.Axis) -> None:
    after = arrange.canvas_flipped(doc, axis)
    mirrored = on_canvas(doc)[:, ::-1] if axis == "x" else on_canvas(doc)[::-1]
    assert np.array_equal(on_canvas(after), mirrored)
    assert arrange.canvas_flipped(after, axis) == doc


@given(DOCS, st.integers(-20, 20), st.integers(-20, 20), st.integers(1, 60), st.integers(1, 60))
def test_a_crop_shows_the_part_and_loses_nothing(
    doc: PictureDoc, x: int, y: int, width: int, height: int
) -> None:
    after = arrange.cropped_to(doc, Box(x=x, y=y, width=width, height=height))
    part = shown(doc)[150 + y : 150 + y + height, 150 + x : 150 + x + width]
    assert np.array_equal(on_canvas(after), part)
    frame = after.frame
    assert frame.x >= 0 and frame.x + frame.width <= width
    back = arrange.cropped_to(after, Box(x=-x, y=-y, width=doc.width, height=doc.height))
    assert np.array_equal(on_canvas(back), on_canvas(doc))


@given(DOCS, st.integers(-90, 90), st.integers(-90, 90))
def test_a_canvas_grows_until_it_holds_a_box(doc: PictureDoc, x: int, y: int) -> None:
    after, box = arrange.grown_to(doc, Box(x=x, y=y, width=40, height=40))
    assert box.x >= 0 and box.x + 40 <= after.width and box.y >= 0 and box.y + 40 <= after.height
    dx, dy = box.x - x, box.y - y
    assert after.layers[0].x == doc.layers[0].x + dx and after.frame.y == doc.frame.y + dy
    assert after.width >= doc.width and after.height >= doc.height


def test_a_take_lies_above_the_pictures_and_below_the_masks() -> None:
    doc = PictureDoc(layers=(
        Layer(id="low", name="Low", width=4, height=4),
        Layer(id="mask", name="Mask", kind="mask", width=4, height=4),
    ))  # fmt: skip
    after = arrange.placed(doc, "asset", Box(x=1, y=2, width=3, height=4), "Low", take="take")
    assert [layer.name for layer in after.layers] == ["Low", "Low 2", "Mask"]
    assert (after.layers[1].take, after.layers[1].x, after.layers[1].height) == ("take", 1, 4)
    only_mask = arrange.placed(doc.without("low"), "asset", Box(x=0, y=0, width=3, height=4), "New")
    assert [layer.name for layer in only_mask.layers] == ["New", "Mask"]


def test_order_and_copies() -> None:
    doc = PictureDoc(layers=tuple(Layer(id=name, name=name, width=4, height=4) for name in "abc"))
    assert [layer.id for layer in arrange.reordered(doc, "a", 2).layers] == ["b", "c", "a"]
    assert [layer.id for layer in arrange.reordered(doc, "c", 0).layers] == ["c", "a", "b"]
    copied, copy = arrange.duplicated(doc, "b")
    assert [layer.name for layer in copied.layers] == ["a", "b", "b copy", "c"]
    assert copied.layer(copy).width == 4
