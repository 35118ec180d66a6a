"""Faults found by using the canvas in the window, each once broken."""

import threading

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from studio.app.picture_asking import look_at
from studio.core.pictures import Box
from studio.media.picture.adjust import adjust
from studio.media.picture.document import Adjust
from studio.widgets.canvas import layer_images
from studio.widgets.canvas.pixels import rgba_of
from tests.app.picture_person import Painter

GREY = Adjust(saturation=-1.0, sharpness=0.5)


def coloured(width: int = 128, height: int = 128, colour: str = "#ff0000") -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    image.fill(QColor(colour))
    return image


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """The threads in which large layers were adjusted."""
    seen: list[threading.Thread] = []

    def told(pixels: np.ndarray, how: Adjust) -> np.ndarray:
        if pixels.shape[0] > 256:  # thumbnails take no time
            seen.append(threading.current_thread())
        return adjust(pixels, how)

    monkeypatch.setattr(layer_images, "adjust", told)
    return seen


def test_a_large_adjusted_layer_never_holds_the_window_up(painter: Painter, threads: list) -> None:
    painter.picture.place_image("Photo", coloured(640, 640))
    painter.masks(10, 10, 20, 20)
    painter.canvas.steps.adjust(painter.doc.layers[0].id, GREY)
    facts = look_at(painter.canvas, painter.doc.frame)
    assert not facts.empty and not facts.gaps and facts.masked
    (take,) = painter.asks("a cat", takes=1)
    assert take.recipe.drawing.mode == "inpaint"
    seen = rgba_of(painter.sees_pixels())
    layer = painter.doc.layers[0].id
    painter.canvas.steps.duplicate(layer)
    painter.canvas.steps.adjust(painter.canvas.chosen(), Adjust(sharpness=0.5))
    painter.canvas.steps.merge_down(painter.canvas.chosen())
    painter.canvas.flush()
    assert painter.doc.layers[0].adjust == Adjust() and (rgba_of(painter.sees_pixels()) != seen).any()
    assert threads and threading.main_thread() not in threads


def test_a_take_drawn_too_far_away_says_why_it_cannot_be_accepted(painter: Painter) -> None:
    painter.picture.place_image("Photo", coloured())
    painter.canvas.steps.set_frame(Box(x=16_380, y=0, width=128, height=128))
    painter.canvas.flush()
    painter.asks("a cat", takes=1)
    before = painter.doc
    painter.does("take.accept")
    assert "16,384" in painter.told and "16,508 × 128" in painter.told and painter.doc == before


def test_locking_leaves_hidden_and_held_masks_as_they_are(painter: Painter) -> None:
    painter.picture.place_image("Photo", coloured())
    steps = painter.canvas.steps
    kept = []
    for x, change in ((0, steps.show_layer), (40, steps.hold), (80, None)):
        steps.add_layer("mask")
        painter.masks(x, 0, 30, 30)
        if change is not None:
            change(painter.canvas.chosen(), change == steps.hold)
            painter.canvas.flush()
            kept.append(painter.doc.layer(painter.canvas.chosen()))
    painter.does("edit.lock")
    painter.sees(lambda: any(layer.kind == "lock" for layer in painter.doc.layers))
    assert [painter.doc.layer(layer.id) for layer in kept] == kept
    assert not painter.doc.layer(painter.doc.layers[3].id).asset


def test_a_stroke_right_after_ctrl_l_does_not_lose_the_lock(painter: Painter) -> None:
    painter.picture.place_image("Photo", coloured())
    painter.masks(0, 0, 30, 30)
    painter.sees(lambda: not painter.picture.images.missing())
    painter.does("edit.lock")
    painter.canvas.steps.add_layer("mask")
    painter.masks(60, 60, 20, 20)
    painter.sees(lambda: any(layer.kind == "lock" for layer in painter.doc.layers))
    masks = [layer for layer in painter.doc.layers if layer.kind == "mask"]
    assert [bool(layer.asset) for layer in masks] == [False, True]


def test_steps_on_a_layer_that_goes_while_a_stroke_is_packed_do_nothing(painter: Painter) -> None:
    painter.picture.place_image("Low", coloured())
    painter.picture.place_image("High", coloured(colour="#00ff00"))
    steps, (low, high) = painter.canvas.steps, [layer.id for layer in painter.doc.layers]
    steps.mask_box(Box(x=0, y=0, width=20, height=20))  # is being packed: what follows waits for it
    steps.remove(low)
    steps.reorder(low, 2)
    steps.merge_down(high)
    painter.canvas.flush()
    assert [layer.name for layer in painter.doc.layers] == ["High", "Mask"]
    assert painter.colour_at(5, 5) == (0, 255, 0, 255)
    assert "nothing of its kind below" in painter.told


def test_a_merged_picture_is_seen_although_another_layer_was_chosen_meanwhile(painter: Painter) -> None:
    painter.picture.place_image("Low", coloured())
    painter.picture.place_image("High", coloured(64, 64, "#00ff00"))
    low, high = (layer.id for layer in painter.doc.layers)
    painter.canvas.steps.merge_down(high)
    painter.canvas.choose(high)  # goes with the step: the merged one is chosen, its histogram counted
    read = []  # by whoever shows the canvas before the step is told; what is not there is never asked for again
    images, canvas = painter.picture.images, painter.canvas
    canvas.selection_changed.connect(
        lambda: read.append([images.bytes_of(n) for n in canvas.document().assets])
    )
    canvas.flush()
    assert canvas.chosen() == low and read
    painter.is_saved()
    assert painter.colour_at(64, 64) == (0, 255, 0, 255) and painter.told == ""
