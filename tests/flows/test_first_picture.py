"""A first picture in the real window, with the real worker and the starter picture model: every mode once."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtGui import QImage

from studio.core.pictures import Box
from studio.core.takes import Take
from studio.widgets.canvas.pixels import rgba_of
from tests.app.picture_person import Painter
from tests.flows.conftest import MODEL_WAIT_MS, Person

STEPS = 3


class Illustrator(Painter):
    """Works with the real model, in few steps."""

    def asks(self, words: str = "a red heart", takes: int = 2, action: str = "take.propose") -> list[Take]:
        if words:
            self.prompt.set_words(words)
        self.prompt.set_takes(takes)
        before = set(self.takes)
        self.does(action)
        self.sees(lambda: self.drawn(before) and not self.picture.running, MODEL_WAIT_MS)
        return self.drawn(before)

    def drawn(self, before: set[str]) -> list[Take]:
        """The new takes, once all of them have ended."""
        new = [take for id_, take in self.takes.items() if id_ not in before]
        ended = all(take.status != "streaming" for take in new)
        return sorted(new, key=lambda take: take.index) if ended else []

    def accepts(self, take: Take) -> None:
        """Choose a take and accept it; wait until it lies on the canvas."""
        self.strip.choose(take.id)
        self.does("take.accept")
        self.sees(lambda: any(layer.take == take.id for layer in self.doc.layers))

    def pixels(self) -> np.ndarray:
        """The canvas as it is seen, uint8 (height, width, 4)."""
        return rgba_of(self.sees_pixels())


@pytest.fixture
def illustrator(launch: Callable[..., Person]) -> Illustrator:
    """A first launch, one action away from the empty scene, in few steps."""
    person = launch()
    person.does("work.picture")
    out = Illustrator(person.wiring, person.qtbot)
    knobs = out.picture.pane.knobs
    knobs.set_values(knobs.values().changed(steps=STEPS))
    return out


def test_from_an_empty_scene_to_a_picture_that_was_drawn_redrawn_filled_widened_and_enlarged(
    illustrator: Illustrator, launch: Callable[..., Person]
) -> None:
    me = illustrator

    # drawn from words; a preview each step was seen over the frame
    previews: list[QImage] = []
    me.picture.judged.previewed.connect(lambda _take, image, _step, _steps: previews.append(image))
    first, second = me.asks("a red heart", takes=2)
    assert first.status == second.status == "done" and first.picture.asset != second.picture.asset
    assert previews and not previews[0].isNull()
    me.accepts(first)
    drawn = me.pixels()
    assert drawn.shape == (128, 128, 4) and (drawn[..., 3] == 255).all()

    # made again: the same pixels
    me.strip.choose(first.id)
    again, _ = me.asks("", action="take.again")
    assert (
        again.picture.asset == first.picture.asset
        and "every pixel is the same" in me.window.messages.accessibleName()
    )
    me.picture.show_take(first.id)

    # redrawn from what is there
    me.sees(lambda: me.prompt.mode.text().startswith("Redraw"))
    redrawn = me.asks("a red heart with a face", takes=1)[0]
    assert redrawn.recipe.drawing.mode == "image" and redrawn.picture.asset != first.picture.asset

    # more like it
    me.strip.choose(redrawn.id)
    varied = me.asks("", takes=1, action="take.more_like")[0]
    assert varied.status == "done" and varied.recipe.drawing.variation is not None

    # filled under a mask: outside of it nothing changes
    me.masks(32, 32, 48, 48)
    filled = me.asks("a blue star", takes=1)[0]
    assert filled.recipe.drawing.mode == "inpaint" and filled.status == "done", filled.error
    me.accepts(filled)
    after = me.pixels()
    feather = filled.recipe.drawing.inpaint.feather_px
    outside = np.ones((128, 128), dtype=bool)
    outside[32 - feather : 80 + feather, 32 - feather : 80 + feather] = False
    assert (after[outside] == drawn[outside]).all()
    assert (after[40:72, 40:72] != drawn[40:72, 40:72]).any()
    me.does("edit.clear_mask")

    # widened: the frame reaches beyond the edge
    me.canvas.steps.set_frame(Box(x=64, y=0, width=128, height=128))
    me.canvas.flush()
    me.sees(lambda: me.prompt.mode.text() == "Draw what is missing")
    wider = me.asks("a blue star", takes=1)[0]
    me.accepts(wider)
    assert me.doc.width == 192
    wide = me.pixels()
    assert (wide[:, :120] == after[:, :120]).all() and (wide[..., 3] == 255).all()

    # enlarged, all of it
    me.canvas.steps.set_frame(Box(x=0, y=0, width=192, height=128))
    me.canvas.flush()
    knobs = me.picture.pane.knobs
    knobs.set_values(knobs.values().changed(redraw_tiles=False))
    me.picture.knobs._on_mode("upscale")
    larger = me.asks("", takes=1)[0]
    assert (larger.picture.width, larger.picture.height) == (384, 256)
    me.accepts(larger)
    assert (me.doc.width, me.doc.height) == (384, 256)

    # every step goes back, and the next launch finds all of it
    me.does("edit.undo")
    assert me.doc.width == 192
    me.does("edit.redo")
    me.is_saved()
    count, folder = len(me.takes), me.session.folder
    me.window.close()
    next_time = launch(folder)
    later = Painter(next_time.wiring, next_time.qtbot)
    assert (later.doc.width, later.doc.height, len(later.takes)) == (384, 256, count)
    assert later.sees_pixels().width() == 384


def test_esc_is_heard_while_a_take_is_drawn_and_what_was_seen_is_kept(illustrator: Illustrator) -> None:
    me = illustrator
    knobs = me.picture.pane.knobs
    knobs.set_values(knobs.values().changed(steps=150))
    me.prompt.set_words("a fish")
    me.prompt.set_takes(1)
    seen: list[int] = []
    me.picture.judged.previewed.connect(lambda _take, _image, step, _steps: seen.append(step))
    me.does("take.propose")
    me.sees(lambda: len(seen) > 1, MODEL_WAIT_MS)
    me.does("take.stop")
    me.sees(lambda: not me.picture.running)
    (take,) = me.takes.values()
    assert take.status == "stopped" and take.picture is not None and take.picture.preview
    assert max(seen) < 150
