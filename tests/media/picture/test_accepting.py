"""What an accepted take does to the document, and which of its pixels go onto the canvas."""

import numpy as np
from msgspec.structs import replace

from studio.core.pictures import Box, ImageJob, Inpaint, Upscale
from studio.core.takes import Picture, Recipe, Take
from studio.media.picture.accepting import (
    drawn_under,
    layer_name,
    needs_cut,
    only_changed,
    scaled,
    size_of_take,
    with_take,
)
from studio.media.picture.document import Layer, PictureDoc

BASE = Layer(id="base", name="Base", asset="b.png", width=128, height=128)
MASK = Layer(id="mask", name="Mask", kind="mask", width=128, height=128)
DOC = PictureDoc(width=128, height=128, layers=(BASE, MASK), frame=Box(x=0, y=0, width=128, height=128))


def take_of(box: Box | None, size: tuple[int, int] = (128, 128), **fields: object) -> Take:
    job = ImageJob(
        id="j", model="m", seed=1, takes=1, width=128, height=128, box=box, prompt="a cat", **fields
    )
    return Take(
        id="t",
        job="j",
        work="w",
        parent="",
        index=0,
        seed=1,
        status="done",
        recipe=Recipe(job=job, index=0),
        created_ms=0,
        picture=Picture(asset="t.png", width=size[0], height=size[1]),
    )


def test_a_take_becomes_a_layer_above_the_pictures_and_below_the_masks() -> None:
    doc = with_take(DOC, take_of(Box(x=10, y=20, width=64, height=64)), "t.png")
    assert [layer.name for layer in doc.layers] == ["Base", "a cat", "Mask"]
    layer = doc.layers[1]
    assert (layer.asset, layer.take, layer.x, layer.y, layer.width) == ("t.png", "t", 10, 20, 64)
    assert (doc.width, doc.height) == (128, 128)


def test_a_take_beyond_the_edge_makes_the_canvas_grow_and_everything_move_along() -> None:
    doc = with_take(DOC, take_of(Box(x=-32, y=0, width=128, height=160)), "t.png")
    assert (doc.width, doc.height) == (160, 160)
    assert [(layer.name, layer.x) for layer in doc.layers] == [("Base", 32), ("a cat", 0), ("Mask", 32)]


def test_an_enlarged_whole_makes_the_canvas_larger_and_an_enlarged_part_does_not() -> None:
    job = {"mode": "upscale", "init": "i.png", "upscale": Upscale(factor=2.0)}
    doc = with_take(DOC, take_of(Box(x=0, y=0, width=128, height=128), (256, 256), **job), "t.png")
    assert (doc.width, doc.layers[0].width, doc.layers[1].width, doc.frame.width) == (256, 256, 256, 256)
    part = with_take(DOC, take_of(Box(x=0, y=0, width=64, height=64), (128, 128), **job), "t.png")
    assert (part.width, part.layers[1].width) == (128, 64)


def test_scaling_keeps_pixels_and_moves_places() -> None:
    doc = scaled(DOC.with_layer(BASE.changed(id="x", x=10, y=6, width=20, height=9)), 1.5)
    layer = doc.layer("x")
    assert (layer.x, layer.y, layer.width, layer.height, layer.asset) == (15, 9, 30, 14, "b.png")


def test_only_what_was_drawn_under_a_mask_in_another_size_is_cut() -> None:
    fill = {"mode": "inpaint", "init": "i.png", "inpaint": Inpaint(mask="m.png")}
    box = Box(x=0, y=0, width=64, height=64)
    assert needs_cut(take_of(box, **fill), box)
    assert not needs_cut(take_of(box, (64, 64), **fill), box)
    assert not needs_cut(take_of(box), box)


def test_of_a_masked_take_only_what_changed_is_kept() -> None:
    init = np.full((4, 4, 4), 255, np.uint8)
    take = init.copy()
    take[0, 0] = (9, 9, 9, 255)
    out = only_changed(take, init)
    assert out[0, 0].tolist() == [9, 9, 9, 255] and out[..., 3].sum() == 255
    assert (only_changed(take, init[:2]) == take).all() and take[3, 3, 3] == 255


def test_a_job_drew_under_its_mask_as_far_as_it_was_grown_and_softened_and_where_nothing_was() -> None:
    mask, init = np.zeros((9, 9), np.uint8), np.full((9, 9, 4), 255, np.uint8)
    mask[4, 4] = 255
    init[0, 0, 3] = 254
    drawn = drawn_under(mask, init, Inpaint(mask="m.png", grow_px=-1, feather_px=2), 2.0)
    assert drawn[0, 0] and drawn[4].tolist() == [False] * 2 + [True] * 5 + [False] * 2
    assert drawn_under(mask, init, Inpaint(mask="m.png", grow_px=-9, feather_px=2), 2.0).sum() == 2


def test_a_take_is_as_large_as_its_box_and_an_enlarged_whole_as_what_that_becomes() -> None:
    job = {"mode": "upscale", "init": "i.png", "upscale": Upscale(factor=1.5)}
    assert size_of_take(take_of(Box(x=0, y=0, width=128, height=128), (192, 192), **job), DOC) == (192, 192)
    assert size_of_take(take_of(Box(x=9, y=0, width=20, height=30)), DOC) == (20, 30)
    assert size_of_take(take_of(None), DOC) == (128, 128)


def test_a_layer_is_named_by_the_beginning_of_its_prompt() -> None:
    assert layer_name(take_of(None)) == "a cat"
    assert layer_name(said("x" * 60)) == "x" * 40 + "…"
    assert layer_name(said(" ")) == "Take 1"


def said(prompt: str) -> Take:
    take = take_of(None)
    recipe = Recipe(job=take.recipe.drawing.changed(prompt=prompt), index=0)
    return replace(take, recipe=recipe)
