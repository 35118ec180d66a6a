"""What a person wants of takes, on a scripted worker: more of a kind, the same again, locks, cuts, other places."""

import pytest
from PySide6.QtGui import QColor, QImage

from studio.core.pictures import Box
from studio.media.picture.document import PictureDoc
from tests.app.picture_person import Painter


def red(width: int = 64, height: int = 64) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(255, 0, 0))
    return image


def test_more_like_this_varies_the_noise_of_the_take(painter: Painter) -> None:
    _first, second = painter.asks("a {cat|cat}")
    painter.strip.choose(second.id)
    (varied, _) = painter.asks("", action="take.more_like")
    job = varied.recipe.drawing
    assert job.variation is not None and job.variation.base_seed == second.seed
    assert job.variation.strength == pytest.approx(0.25) and job.from_take == second.id
    assert job.prompt == "a cat" and job.prompts == ()
    painter.strip.choose(varied.id)
    (again, _) = painter.asks("", action="take.more_like")
    nested = again.recipe.drawing
    assert nested.mode == "image" and nested.init == varied.picture.asset and nested.variation is None


def test_made_again_the_same_recipe_gives_the_same_pixels_and_says_so(painter: Painter) -> None:
    (first, _) = painter.asks()
    (again, _) = painter.asks("", action="take.again")
    assert again.picture.asset == first.picture.asset and again.recipe.drawing.batch == 2
    assert painter.told.startswith("Made again exactly")


def test_going_on_from_a_take_redraws_it_with_the_words_of_today(painter: Painter) -> None:
    (first, _) = painter.asks("a cat")
    painter.strip.choose(first.id)
    (second, _) = painter.asks("a dog", action="take.from_take")
    job = second.recipe.drawing
    assert (job.mode, job.init, job.prompt, job.from_take) == (
        "image",
        first.picture.asset,
        "a dog",
        first.id,
    )


def test_a_dropped_picture_becomes_the_canvas_of_an_empty_one_and_a_layer_of_another(
    painter: Painter,
) -> None:
    painter.picture.place_image("Photo", red(96, 64))
    assert (painter.doc.width, painter.doc.height, painter.doc.frame) == (
        96,
        64,
        Box(x=0, y=0, width=96, height=64),
    )
    painter.picture.place_image("Large", red(192, 64))
    assert [(layer.name, layer.width, layer.height, layer.y) for layer in painter.doc.layers] == [
        ("Photo", 96, 64, 0),
        ("Large", 96, 32, 16),
    ]
    assert painter.colour_at(1, 1) == (255, 0, 0, 255)
    painter.is_saved()


def test_a_picture_brought_while_a_text_is_open_opens_a_new_one(person) -> None:
    painter = Painter(person.wiring, person.qtbot)
    painter.place.place_image("Photo", red())
    assert painter.wiring.arts.current is painter.picture
    assert painter.desk.title_of(painter.picture.work) == "Photo"
    assert [layer.name for layer in painter.doc.layers] == ["Photo"]


def test_what_is_masked_is_locked_by_ctrl_l_and_a_take_leaves_it_alone(painter: Painter) -> None:
    painter.picture.place_image("Photo", red(128, 128))
    painter.masks(0, 0, 64, 128)
    painter.does("edit.lock")
    painter.sees(lambda: any(layer.kind == "lock" for layer in painter.doc.layers))
    (take, _) = painter.asks("a house")
    assert take.recipe.drawing.lock
    painter.does("take.accept")
    painter.sees(lambda: any(layer.take for layer in painter.doc.layers))
    assert painter.colour_at(10, 10) == (255, 0, 0, 255)
    assert painter.colour_at(100, 10) != (255, 0, 0, 255)
    painter.does("edit.lock")  # nothing is masked: free
    assert all(layer.kind != "lock" for layer in painter.doc.layers)
    painter.does("edit.undo")
    assert any(layer.kind == "lock" for layer in painter.doc.layers)
    painter.is_saved()


def test_with_nothing_masked_ctrl_l_says_what_to_do(painter: Painter) -> None:
    painter.does("edit.lock")
    assert painter.told.startswith("Nothing is masked")


def test_a_frame_beyond_the_edge_is_filled_and_the_canvas_grows_when_it_is_accepted(painter: Painter) -> None:
    painter.picture.place_image("Photo", red(128, 128))
    painter.canvas.steps.set_frame(Box(x=64, y=0, width=128, height=128))
    painter.canvas.flush()
    painter.sees(lambda: painter.prompt.mode.text() == "Draw what is missing")
    (take, _) = painter.asks("more of it")
    job = take.recipe.drawing
    assert job.mode == "inpaint" and job.box == Box(x=64, y=0, width=128, height=128)
    painter.does("take.accept")
    painter.sees(lambda: painter.doc.width == 192)
    assert painter.doc.height == 128 and painter.colour_at(10, 10) == (255, 0, 0, 255)


def test_an_enlarged_whole_makes_everything_larger(painter: Painter) -> None:
    painter.picture.place_image("Photo", red(128, 128))
    painter.picture.knobs._on_mode("upscale")
    (take, _) = painter.asks("", takes=1), None
    job = take[0].recipe.drawing
    assert job.mode == "upscale" and job.upscale is not None and job.upscale.factor == 2.0
    painter.does("take.accept")
    assert (painter.doc.width, painter.doc.height) == (256, 256)
    assert painter.doc.layers[0].width == 256


def test_a_small_frame_is_drawn_in_the_size_the_model_knows_and_goes_back_into_its_box(
    painter: Painter,
) -> None:
    painter.picture.place_image("Photo", red(128, 128))
    painter.canvas.steps.set_frame(Box(x=32, y=32, width=64, height=64))
    painter.canvas.flush()
    (take, _) = painter.asks("a leaf")
    job = take.recipe.drawing
    assert (job.width, job.height) == (128, 128) and job.box == Box(x=32, y=32, width=64, height=64)
    painter.does("take.accept")
    assert (painter.doc.width, painter.doc.layers[-1].width) == (128, 64)
    assert painter.colour_at(5, 5) == (255, 0, 0, 255)


def test_a_masked_take_of_another_size_changes_no_pixel_outside_its_mask(painter: Painter) -> None:
    painter.picture.place_image("Photo", red(128, 128))
    painter.canvas.steps.set_frame(Box(x=0, y=0, width=64, height=64))
    painter.masks(0, 0, 32, 64)
    (take, _) = painter.asks("a leaf")
    assert take.recipe.drawing.mode == "inpaint"
    painter.does("take.accept")
    painter.sees(lambda: painter.doc.layers and any(layer.take == take.id for layer in painter.doc.layers))
    layer = next(layer for layer in painter.doc.layers if layer.take == take.id)
    assert layer.asset != take.picture.asset
    outside = (
        32 + 4 + 1
    )  # the soft edge of 8 px was drawn at twice the size; the next one is the canvas's own
    assert painter.colour_at(outside, 32) == (255, 0, 0, 255) != painter.colour_at(10, 32)


def test_a_take_of_another_size_leaves_every_locked_pixel_alone(painter: Painter) -> None:
    painter.picture.place_image("Photo", red(128, 128))
    painter.masks(13, 7, 55, 60)
    painter.does("edit.lock")
    painter.sees(lambda: any(layer.kind == "lock" for layer in painter.doc.layers))
    painter.canvas.steps.set_frame(Box(x=8, y=0, width=72, height=40))
    painter.canvas.flush()
    (take, _) = painter.asks("a house")
    assert take.picture.width > 72
    painter.does("take.accept")
    painter.sees(lambda: any(layer.take for layer in painter.doc.layers))
    seen = painter.sees_pixels()
    locked = {seen.pixelColor(x, y).rgba() for x in range(13, 68) for y in range(7, 67)}
    assert locked == {0xFFFF0000} and seen.pixelColor(12, 20).rgba() != 0xFFFF0000


def test_recall_brings_back_all_or_only_a_part(painter: Painter) -> None:
    knobs = painter.picture.pane.knobs
    knobs.set_values(knobs.values().changed(steps=9, guidance=3.5, negative="text"))
    (take, _) = painter.asks("a cat")
    knobs.set_values(knobs.values().changed(steps=30, guidance=8.0, negative=""))
    painter.prompt.set_words("a dog")
    painter.place.views.recall(take.id, "seed")
    assert knobs.values().seed == take.recipe.drawing.seed and painter.prompt.words() == "a dog"
    painter.place.views.recall(take.id, "prompt")
    assert painter.prompt.words() == "a cat" and knobs.values().steps == 30
    painter.place.views.recall(take.id, "all")
    assert (knobs.values().steps, knobs.values().guidance, knobs.values().negative) == (9, 3.5, "text")


def test_a_stroke_is_a_step_of_the_lineage_and_undone_like_any_other(painter: Painter) -> None:
    painter.masks(0, 0, 30, 30)
    assert [layer.kind for layer in painter.doc.layers] == ["mask"]
    painter.is_saved()
    nodes = painter.picture.nodes()
    assert len([node for node in nodes if node.kind != "start"]) >= 1
    painter.does("edit.undo")
    assert painter.doc == PictureDoc(width=128, height=128, frame=Box(x=0, y=0, width=128, height=128)) or (
        not any(layer.asset for layer in painter.doc.layers)
    )


def test_the_grid_and_the_comparison_stand_over_the_canvas_and_go_again(painter: Painter) -> None:
    painter.asks()
    pane = painter.picture.pane
    painter.does("take.grid")
    grid = painter.place.views.grid()
    assert pane.over() is grid and grid.isVisible() and not pane.canvas.isVisible()
    grid.choose(painter.strip.take_ids()[1])
    assert painter.strip.chosen() == painter.strip.take_ids()[1]
    painter.does("take.stop")
    assert pane.over() is None and pane.canvas.isVisible()
    painter.does("take.compare")
    assert pane.over() is painter.place.views.comparison()
    assert set(painter.place.views.comparison().pair()) == set(painter.strip.take_ids())


def test_the_chosen_take_shows_over_its_frame_until_it_is_judged(painter: Painter) -> None:
    first, second = painter.asks()
    painter.sees(lambda: painter.picture.judged.ghost_shows)
    painter.strip.reject_chosen("")
    painter.strip.choose(first.id)
    assert not painter.picture.judged.ghost_shows
    painter.strip.choose(second.id)
    painter.sees(lambda: painter.picture.judged.ghost_shows)


def test_the_gallery_holds_the_pictures_of_all_works_and_leads_to_theirs(painter: Painter) -> None:
    painter.asks("a red heart")
    work = painter.picture.work
    painter.does("work.picture")
    painter.asks("a blue fish")
    painter.window.actions_by_id["view.gallery"].trigger()
    gallery = painter.place._gallery
    painter.sees(lambda: gallery.view.isVisible() and len(all_rows(gallery)) == 4)
    heart = next(row for row in all_rows(gallery) if row.prompt == "a red heart")
    gallery.view.reject_requested.emit(heart.take, "no")
    painter.is_saved()
    assert painter.session.reader.take(heart.take).verdict == "rejected"
    gallery.view.open_requested.emit(heart.take)
    assert painter.picture.work == work and painter.strip.chosen() == heart.take
    assert not painter.window.actions_by_id["view.gallery"].isChecked() and painter.picture.pane.isVisible()


def all_rows(gallery) -> list:
    model = gallery.view._model
    return [model.item(row) for row in range(model.rowCount())]
