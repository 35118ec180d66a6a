"""A picture in the window, on a scripted worker: open, propose, accept, undo, branch, leave, close."""

import pytest
from PySide6.QtGui import QColor, QImage

from studio.core.pictures import Box, ImageJob
from tests.app.picture_person import Painter


def test_one_action_leads_from_an_empty_scene_to_a_picture_ready_to_be_asked_for(painter: Painter) -> None:
    window = painter.window
    assert painter.wiring.arts.current is painter.picture
    assert painter.picture.pane.isVisible() and not painter.pane.isVisible()
    assert window.focusWidget() is painter.prompt.prompt
    assert painter.prompt.model() and (painter.doc.width, painter.doc.height) == (128, 128)
    assert painter.doc.layers == () and painter.prompt.mode.text() == "Draw"


def test_takes_come_side_by_side_and_the_accepted_one_becomes_a_layer(painter: Painter) -> None:
    takes = painter.asks("a red heart", takes=2)
    assert [take.index for take in takes] == [0, 1] and all(take.picture for take in takes)
    assert painter.strip.take_ids() == [take.id for take in takes]
    job = painter.job()
    assert (job.mode, job.prompt, job.width, job.height, job.takes) == ("text", "a red heart", 128, 128, 2)
    painter.does("take.accept")
    (layer,) = painter.doc.layers
    assert layer.take == takes[0].id and layer.asset == takes[0].picture.asset and layer.name == "a red heart"
    assert painter.colour_at(5, 5) == (*colour_of(takes[0]), 255)
    painter.is_saved()
    assert painter.session.reader.take(takes[0].id).verdict == "accepted"


def colour_of(take) -> tuple[int, int, int]:
    """What the scripted worker draws for a plain take."""
    import hashlib

    job: ImageJob = take.recipe.drawing
    return (job.seed + take.index) % 256, job.steps, hashlib.sha256(b"").digest()[0]


def test_undo_takes_the_layer_back_and_redo_brings_it_again(painter: Painter) -> None:
    painter.asks()
    painter.does("take.accept")
    painter.does("edit.undo")
    assert painter.doc.layers == () and (painter.doc.width, painter.doc.height) == (128, 128)
    assert painter.strip.isVisible() and painter.picture.judged.shown()[0].verdict is None
    painter.does("edit.redo")
    assert len(painter.doc.layers) == 1 and painter.picture.judged.shown()[0].verdict == "accepted"


def test_another_take_of_the_same_place_takes_the_accepted_ones_place(painter: Painter) -> None:
    first, second = painter.asks()
    painter.does("take.accept")
    painter.strip.choose(second.id)
    painter.does("take.accept")
    assert [layer.take for layer in painter.doc.layers] == [second.id]
    painter.picture.branch_from(next(node.id for node in painter.picture.nodes() if node.take == first.id))
    assert [layer.take for layer in painter.doc.layers] in ([first.id], [])


def test_the_mode_follows_what_lies_in_the_frame(painter: Painter) -> None:
    painter.asks()
    painter.does("take.accept")
    painter.sees(lambda: painter.prompt.mode.text() == "Redraw 60 %")
    painter.masks(10, 10, 40, 40)
    painter.sees(lambda: painter.prompt.mode.text() == "Fill the mask")
    (take, _other) = painter.asks("a star")
    job = take.recipe.drawing
    assert job.mode == "inpaint" and job.init and job.inpaint is not None and job.inpaint.mask
    painter.does("edit.clear_mask")
    painter.sees(lambda: painter.prompt.mode.text() == "Redraw 60 %")
    painter.picture.knobs._on_mode("text")
    assert painter.prompt.mode.text() == "Draw"
    assert painter.asks("a sun")[0].recipe.drawing.mode == "text"


def test_what_makes_no_sense_in_the_frame_is_grey_and_says_why(painter: Painter) -> None:
    painter.sees(lambda: painter.prompt.mode.offered().get("Enlarge"))
    offered = painter.prompt.mode.offered()
    assert offered["Draw something new"] == ""
    assert "Nothing lies in the frame" in offered["Redraw what is there"]
    painter.picture.knobs._on_mode("image")
    painter.prompt.set_words("x")
    painter.does("take.propose")
    assert "Nothing lies in the frame" in painter.told and not painter.picture.running


def test_an_empty_prompt_is_not_sent(painter: Painter) -> None:
    painter.does("take.propose")
    assert painter.told.startswith("The prompt is empty") and not painter.picture.running


def test_regenerate_asks_the_same_with_another_seed(painter: Painter) -> None:
    (first, _) = painter.asks("a {cat|dog}")
    painter.prompt.set_words("something else")
    (second, _) = painter.asks("", action="take.regenerate")
    one, two = first.recipe.drawing, second.recipe.drawing
    assert one.seed != two.seed and one.prompt == two.prompt == "a {cat|dog}"
    assert len(two.prompts) == 2 and set(two.prompts) <= {"a cat", "a dog"}
    assert one.changed(id="", seed=0, prompts=()) == two.changed(id="", seed=0, prompts=())


def test_a_kept_seed_is_used(painter: Painter) -> None:
    knobs = painter.picture.pane.knobs
    knobs.set_values(knobs.values().changed(seed=7))
    assert painter.asks()[0].recipe.drawing.seed == 7


def test_the_knobs_size_is_the_empty_canvas_and_later_the_frame(painter: Painter) -> None:
    knobs = painter.picture.pane.knobs
    knobs.set_values(knobs.values().changed(width=192, height=128))
    assert (painter.doc.width, painter.doc.height, painter.doc.frame.width) == (192, 128, 192)
    painter.asks(takes=1)
    painter.does("take.accept")
    knobs.set_values(knobs.values().changed(width=128, height=128))
    painter.canvas.flush()
    assert (painter.doc.width, painter.doc.frame.width, painter.doc.frame.height) == (192, 128, 128)
    assert (painter.doc.frame.x, painter.doc.frame.y) == (32, 0)


def test_a_size_said_in_numbers_is_drawn_however_large(painter: Painter) -> None:
    knobs = painter.picture.pane.knobs
    knobs.set_values(knobs.values().changed(width=768, height=512))
    assert painter.doc.frame.width == 768
    take = painter.asks(takes=1)[0]
    assert (take.recipe.drawing.width, take.recipe.drawing.height) == (768, 512)
    painter.does("take.accept")
    painter.canvas.steps.set_frame(Box(x=0, y=0, width=760, height=512))
    painter.canvas.flush()
    assert knobs.values().width < 760, "a frame drawn by hand is drawn in a size the model can do"


@pytest.mark.parametrize("mode", ["crash"])
def test_a_worker_that_dies_leaves_failed_takes_and_regenerate_asks_again(painters, mode: str) -> None:
    painter: Painter = painters(mode)
    takes = painter.asks(takes=2)
    assert [take.status for take in takes] == ["done", "failed"]
    assert not painter.picture.running


def test_esc_stops_and_what_was_seen_stays(painters) -> None:
    painter: Painter = painters("slow")
    painter.prompt.set_words("a fish")
    painter.does("take.propose")
    painter.sees(lambda: any(take.status == "streaming" for take in painter.takes.values()))
    assert painter.prompt.is_running()
    painter.does("take.stop")
    painter.sees(lambda: not painter.picture.running)
    takes = sorted(painter.takes.values(), key=lambda take: take.index)
    assert {take.status for take in takes} == {"stopped"}
    assert takes[0].picture is not None and takes[0].picture.preview and not painter.prompt.is_running()


def test_a_job_goes_on_while_another_work_is_open_and_its_takes_are_there_later(painters) -> None:
    painter: Painter = painters("slow")
    painter.prompt.set_words("a fish")
    painter.does("take.propose")
    painter.sees(lambda: painter.takes)
    work = painter.picture.work
    painter.does("work.scene")
    assert painter.wiring.arts.current is painter.wiring.text and painter.pane.isVisible()
    (job,) = (view.job.id for view in painter.wiring.queue.active())
    painter.wiring.engine.cancel(job)
    painter.sees(lambda: not painter.wiring.queue.active())
    painter.desk.choose(work)
    assert len(painter.strip.take_ids()) == 4
    painter.sees(lambda: not painter.prompt.is_running())


def test_the_next_launch_opens_the_picture_with_its_last_takes_and_words(painters) -> None:
    painter: Painter = painters()
    takes = painter.asks("a blue house", takes=3)
    painter.does("take.accept")
    painter.is_saved()
    folder = painter.session.folder
    painter.wiring.close()
    again: Painter = painters(project=folder)
    assert again.strip.take_ids() == [take.id for take in takes]
    assert again.prompt.words() == "a blue house" and again.prompt.takes() == 3
    assert [layer.take for layer in again.doc.layers] == [takes[0].id]
    assert again.colour_at(3, 3) == (*colour_of(takes[0]), 255)


def test_rejecting_keeps_the_take_with_its_reason_and_restoring_brings_it_back(painter: Painter) -> None:
    first, _ = painter.asks()
    painter.strip.reject_chosen("too red")
    assert painter.takes[first.id].verdict == "rejected"
    painter.is_saved()
    assert painter.session.reader.take(first.id).reason == "too red"
    painter.picture.judged.restore(first.id)
    assert painter.takes[first.id].verdict is None


def test_without_a_model_the_box_says_what_to_do(scripted) -> None:
    person = scripted()
    person.does("work.picture")
    desk = person.wiring.pictures.need()
    assert "No model that draws" in desk.pane.prompt.notice.text()
    desk.pane.prompt.set_words("a fish")
    person.does("take.propose")
    assert "No model is chosen" in person.told and not desk.running


def test_memory_words_of_a_running_job_are_told(painters) -> None:
    painter: Painter = painters("short")
    painter.asks(takes=2)
    painter.sees(lambda: "memory is short" in painter.told)


def test_a_picture_pasted_over_a_lock_leaves_what_is_locked(painter: Painter) -> None:
    """Like a take that is accepted: it is cut out, and stands in the order it came."""
    width, height = painter.doc.width, painter.doc.height
    for colour in ("red", "lime"):
        image = QImage(width, height, QImage.Format.Format_RGB32)
        image.fill(QColor(colour))
        painter.picture.place_image(colour, image)
        if colour == "red":
            painter.masks(10, 10, 20, 20)
            painter.does("edit.lock")
            painter.sees(lambda: any(layer.kind == "lock" for layer in painter.doc.layers))
    small = QImage(8, 8, QImage.Format.Format_RGB32)
    small.fill(QColor("blue"))
    painter.picture.place_image("blue", small)
    rasters = ["red", "lime", "blue"]
    painter.sees(lambda: [layer.name for layer in painter.doc.layers if layer.kind == "raster"] == rasters)
    assert painter.colour_at(12, 12) == (255, 0, 0, 255) and painter.colour_at(2, 2) == (0, 255, 0, 255)
    assert painter.colour_at(width // 2, height // 2)[2] == 255
    painter.is_saved()
    painter.does("edit.undo")
    painter.does("edit.undo")
    assert painter.colour_at(2, 2) == (255, 0, 0, 255)
