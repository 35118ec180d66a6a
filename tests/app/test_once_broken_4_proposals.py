"""Faults of proposals of pictures and of what becomes of them, each found by hand and kept as a test."""

from pathlib import Path

import msgspec
import pytest
from PySide6.QtGui import QColor, QImage

from studio.core.pictures import Control, Reference
from studio.core.takes import Recipe
from studio.media.picture.found import FoundRecipe
from studio.media.picture.own_recipe import from_text, to_text
from studio.media.picture.recall import recall
from studio.media.picture.settings import PictureSettings
from studio.media.picture.wildcards import Wildcards
from tests.app.picture_person import Painter


def photo(width: int = 128, height: int = 128, red: int = 255) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(red, 0, 0))
    return image


def recall_of(recipe: Recipe) -> FoundRecipe:
    found = from_text(to_text(recipe, whole=True))
    assert isinstance(found, FoundRecipe)
    return found


def test_regenerating_a_variation_goes_towards_other_noise(painter: Painter) -> None:
    (first,) = painter.asks(takes=1)
    (varied,) = painter.asks("", takes=1, action="take.more_like")
    painter.strip.choose(varied.id)
    (other,) = painter.asks("", takes=1, action="take.regenerate")
    before, now = varied.recipe.drawing.variation, other.recipe.drawing.variation
    assert before is not None and now is not None
    assert now.base_seed == before.base_seed == first.seed and now.seed != before.seed


def test_what_is_asked_is_what_stood_there_when_it_was_asked(painter: Painter) -> None:
    painter.picture.place_image("Photo", photo())
    head = painter.session.history(painter.picture.work).head
    painter.prompt.set_words("a cat")
    painter.prompt.set_takes(1)
    painter.does("take.propose")
    painter.prompt.set_words("a dog")  # for the next one
    painter.sees(lambda: painter.takes and not painter.picture.running)
    (take,) = painter.takes.values()
    assert take.recipe.drawing.prompt == "a cat" and take.parent == head


def test_a_request_that_is_still_being_packed_is_made_although_another_work_is_opened(
    painter: Painter,
) -> None:
    painter.picture.place_image("Photo", photo())
    work = painter.picture.work
    painter.prompt.set_words("a cat")
    painter.prompt.set_takes(1)
    painter.does("take.propose")
    painter.does("work.picture")
    assert painter.picture.work != work
    painter.sees(lambda: painter.session.reader.takes_of(work))


def test_esc_is_heard_while_a_request_is_being_packed(painter: Painter) -> None:
    painter.picture.place_image("Photo", photo())
    painter.prompt.set_words("a cat")
    painter.does("take.propose")
    assert painter.picture.running
    painter.does("take.stop")
    painter.sees(lambda: not painter.wiring.tasks.busy and not painter.picture.running)
    painter.does("take.propose")
    painter.qtbot.waitUntil(lambda: True)
    painter.picture.pane.prompt.stop_requested.emit()
    painter.sees(lambda: not painter.wiring.tasks.busy and not painter.picture.running)
    painter.is_saved()
    assert not painter.takes and not painter.wiring.queue.active()


def test_a_recalled_recipe_brings_its_takes_size_and_seed(painter: Painter) -> None:
    knobs = painter.picture.pane.knobs
    knobs.set_values(knobs.values().changed(width=192, height=64, seed=5, steps=7))
    (take, _) = painter.asks("a cat", takes=2)
    knobs.set_values(knobs.values().changed(width=128, height=128, seed=None, steps=9))
    painter.prompt.set_takes(1)
    painter.picture.pane.canvas.flush()
    painter.wiring.picture_files.recall(recall_of(take.recipe), "all", "cat.png")
    (second, _) = painter.waits_for_takes(lambda: painter.does("take.propose"))
    job, first = second.recipe.drawing, take.recipe.drawing
    assert (job.width, job.height, job.takes, job.seed, job.steps) == (
        first.width,
        first.height,
        2,
        5,
        7,
    )


def test_a_recalled_variation_is_a_variation(painter: Painter) -> None:
    painter.asks("a cat", takes=1)
    (varied,) = painter.asks("", takes=1, action="take.more_like")
    painter.wiring.picture_files.recall(recall_of(varied.recipe), "all", "cat.png")
    (again,) = painter.waits_for_takes(lambda: painter.does("take.propose"))
    assert again.recipe.drawing.variation == varied.recipe.drawing.variation
    assert again.picture.asset == varied.picture.asset


def test_a_take_s_variation_is_recalled_until_the_seed_is_another(painter: Painter) -> None:
    painter.asks("a cat", takes=1)
    (varied,) = painter.asks("", takes=1, action="take.more_like")
    painter.place.views.recall(varied.id, "all")
    knobs = painter.picture.pane.knobs
    (again,) = painter.waits_for_takes(lambda: painter.does("take.propose"))
    assert again.recipe.drawing.variation == varied.recipe.drawing.variation
    knobs.set_values(knobs.values().changed(seed=99))
    (plain,) = painter.waits_for_takes(lambda: painter.does("take.propose"))
    assert plain.recipe.drawing.variation is None


def test_a_recalled_recipe_without_guides_draws_without_guides(painter: Painter) -> None:
    (take,) = painter.asks("a cat", takes=1)
    asset = take.picture.asset
    knobs = painter.picture.pane.knobs
    guided = knobs.values().changed(
        controls=(Control(model="/c", picture=asset),), reference=Reference(model="/r", picture=asset)
    )
    knobs.set_values(guided)
    painter.wiring.picture_files.recall(recall_of(take.recipe), "all", "cat.png")
    assert knobs.values().controls == () and knobs.values().reference is None


def test_jobs_that_waited_at_the_last_launch_are_known_when_a_picture_is_opened_later(
    painters, scripted
) -> None:
    painter = painters("slow")
    painter.prompt.set_words("a cat")
    painter.prompt.set_takes(1)
    painter.does("take.propose")
    painter.does("take.propose")
    painter.sees(lambda: len(painter.wiring.queue.active()) == 2)
    work, folder = painter.picture.work, painter.session.folder
    painter.wiring.projects.add_work("scene")
    painter.is_saved()
    painter.window.close()
    later = Painter(*(lambda p: (p.wiring, p.qtbot))(scripted("slow", folder)))
    assert later.place.desk is None
    later.sees(later.wiring.queue.active)
    later.wiring.projects.choose(work)
    later.sees(lambda: later.picture.running)
    later.does("take.stop")
    later.sees(lambda: not later.wiring.queue.active())


def test_comparing_with_a_take_of_another_picture_does_not_make_it_one_of_this(painter: Painter) -> None:
    painter.asks("a cat", takes=1)
    painter.picture.place_image("Photo", photo())  # its parents are revisions
    (foreign2,) = painter.asks("a cow", takes=1)
    painter.is_saved()
    painter.does("work.picture")
    (own,) = painter.asks("a dog", takes=1)
    painter.does("view.gallery")
    gallery = painter.place._gallery
    gallery.view.compare_requested.emit(own.id, foreign2.id)
    view = painter.place.views.comparison()
    assert painter.picture.pane.over() is view
    assert set(painter.takes) == {own.id}
    assert not [node for node in painter.picture.nodes() if node.id == foreign2.id]


def test_a_wildcard_list_that_went_is_told_when_a_take_is_made_again_with_it(
    painter: Painter, own_home: Path
) -> None:
    folder = painter.place._places.data / "wildcards"
    folder.mkdir(parents=True)
    (folder / "animal.txt").write_text("cat\ndog\n", "utf-8")
    (take,) = painter.asks("a __animal__", takes=1)
    (folder / "animal.txt").unlink()
    painter.place.proposals._wildcards = Wildcards(folder)  # the next launch
    painter.strip.choose(take.id)
    painter.does("take.regenerate")
    assert "animal" in painter.told and not painter.picture.running
    painter.prompt.set_words("a __beast__")
    painter.does("take.from_take")
    assert "beast" in painter.told and not painter.picture.running


@pytest.mark.parametrize("size", [(333, 777), (1001, 13), (97, 96), (512, 511), (16, 16), (2000, 1999)])
def test_an_opaque_picture_of_any_size_is_redrawn_not_filled(painter: Painter, size) -> None:
    painter.picture.place_image("Photo", photo(*size))
    painter.sees(lambda: painter.prompt.mode.text().startswith("Redraw"))
    (take,) = painter.asks(takes=1)
    assert take.recipe.drawing.mode == "image"


def test_a_small_dot_of_mask_on_a_large_picture_is_a_mask(painter: Painter) -> None:
    painter.picture.place_image("Photo", photo(2048, 2048))
    painter.masks(1001, 1003, 3, 3)
    (take,) = painter.asks(takes=1)
    assert take.recipe.drawing.mode == "inpaint"


def test_recall_brings_the_guides_that_are_in_this_project(painter: Painter) -> None:
    (take,) = painter.asks("a cat", takes=1)
    knobs = painter.picture.pane.knobs
    guides = {
        "controls": (Control(model="/c", picture=take.picture.asset),),
        "reference": Reference(model="/r", picture=take.picture.asset),
    }
    recipe = msgspec.structs.replace(take.recipe, job=take.recipe.drawing.changed(**guides))
    painter.wiring.picture_files.recall(recall_of(recipe), "all", "cat.png")
    assert knobs.values().controls == guides["controls"] and knobs.values().reference == guides["reference"]
    assert "guided" not in painter.told


def test_recalling_a_drawn_take_draws_although_something_lies_in_the_frame(painter: Painter) -> None:
    (take,) = painter.asks("a cat", takes=1)
    painter.does("take.accept")
    painter.sees(lambda: painter.doc.layers)
    painter.place.views.recall(take.id, "all")
    (again,) = painter.waits_for_takes(lambda: painter.does("take.propose"))
    assert again.recipe.drawing.mode == "text"


def test_pressing_accept_twice_puts_a_take_on_the_canvas_once(painter: Painter, monkeypatch) -> None:
    painter.picture.place_image("Photo", photo())
    (take,) = painter.asks("a cat", takes=1)
    monkeypatch.setattr(painter.picture.images, "missing", lambda: True)
    painter.picture.judged.accept(take.id)
    painter.picture.judged.accept(take.id)
    monkeypatch.undo()
    painter.picture._on_image("any")
    painter.sees(lambda: any(layer.take == take.id for layer in painter.doc.layers))
    assert len([layer for layer in painter.doc.layers if layer.take == take.id]) == 1


def test_a_model_that_only_draws_from_words_can_vary_what_it_drew(painter: Painter, monkeypatch) -> None:
    painter.asks("a cat", takes=1)
    models = painter.picture.models
    monkeypatch.setattr(models, "why_not", lambda _path, mode="": "No." if mode == "image" else "")
    (varied,) = painter.asks("", takes=1, action="take.more_like")
    assert varied.recipe.drawing.variation is not None


def test_a_recalled_variation_goes_from_the_noise_it_came_from(painter: Painter) -> None:
    (first,) = painter.asks("a cat", takes=1)
    (varied,) = painter.asks("", takes=1, action="take.more_like")
    recalled = recall(PictureSettings(), recall_of(varied.recipe), "all")
    assert recalled.variation is not None and recalled.settings.variation == pytest.approx(0.25)
    seed = varied.recipe.drawing.seed
    assert recalled.variation.variation(seed) == varied.recipe.drawing.variation
    assert recalled.variation.variation(seed).base_seed == first.seed


def test_what_a_recalled_recipe_says_nothing_of_is_off() -> None:
    mine = PictureSettings(negative="ugly", clip_skip=2, tiling="both", steps=33)
    found = FoundRecipe(source="a1111", title="A1111", prompt="a cat", values={"seed": 7})
    recalled = recall(mine, found, "all").settings
    assert (recalled.negative, recalled.clip_skip, recalled.tiling) == ("", 0, "none")
    assert (recalled.seed, recalled.steps) == (7, 33)


def test_a_take_without_a_picture_can_be_judged_in_the_gallery(painters) -> None:
    painter = painters("crash")
    painter.prompt.set_words("a cat")
    painter.prompt.set_takes(2)
    painter.does("take.propose")
    painter.sees(lambda: painter.takes and not painter.picture.running)
    failed = next(take for take in painter.takes.values() if take.picture is None)
    painter.does("view.gallery")
    painter.place._gallery.view.reject_requested.emit(failed.id, "never came")
    assert painter.takes[failed.id].verdict == "rejected"
