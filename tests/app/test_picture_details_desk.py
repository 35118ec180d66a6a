"""The chosen picture with its recipe beside the takes and the gallery."""

from studio.widgets.picture_details import PictureDetails
from tests.app.picture_person import Painter


def recipe_of(painter: Painter) -> PictureDetails:
    view = painter.place._details.panel.currentWidget()
    assert isinstance(view, PictureDetails)
    return view


def opened(painter: Painter) -> PictureDetails:
    painter.window.show_dock("view.details")
    painter.sees(lambda: painter.place._details is not None)
    return recipe_of(painter)


def test_the_recipe_follows_the_strip_and_judges_what_it_shows(painter: Painter) -> None:
    first, second = painter.asks("a red heart")
    view = opened(painter)
    assert view.take_id() == painter.strip.chosen() == first.id
    painter.sees(lambda: not view.stage.image().isNull())
    view.stepped.emit(1)
    assert view.take_id() == painter.strip.chosen() == second.id
    view._say("reject", "too red")
    assert painter.takes[second.id].verdict == "rejected" and not view._restore.isHidden()
    view._say("restore")
    view._say("accept")
    assert [layer.take for layer in painter.doc.layers] == [second.id] and not view._accept.isEnabled()
    painter.does("edit.undo")
    assert view._accept.isEnabled()
    painter.does("work.picture")
    assert view.take_id() == ""


def test_in_the_gallery_it_follows_what_is_chosen_there(painter: Painter) -> None:
    takes = painter.asks("a red heart", takes=3)
    opened(painter)
    painter.window.actions_by_id["view.gallery"].trigger()
    gallery = painter.place._gallery.view
    painter.sees(lambda: gallery._model.rowCount() == 3)
    gallery.select([takes[0].id], takes[0].id)
    view = recipe_of(painter)
    assert view.take_id() == takes[0].id and view is not painter.place._details.of_strip
    painter.sees(lambda: not view.stage.image().isNull())
    view._say("reject", "")
    assert not view._restore.isHidden() and painter.takes[takes[0].id].verdict == "rejected"
    view.stepped.emit(-1)
    other = gallery.current()
    assert other != takes[0].id and view.take_id() == other
    painter.window.actions_by_id["view.gallery"].trigger()
    assert recipe_of(painter) is painter.place._details.of_strip


def test_beside_the_gallery_over_a_text_it_can_be_shown_and_goes_with_it(painter: Painter) -> None:
    (take,) = painter.asks("a red heart", takes=1)
    painter.is_saved()
    folder, window = painter.session.folder, painter.window
    painter.does("work.scene")
    details, dock = window.actions_by_id["view.details"], window._docks["view.details"]
    assert not details.isEnabled() and dock.isHidden() and folder
    window.actions_by_id["view.gallery"].trigger()
    gallery = painter.place._gallery.view
    painter.sees(lambda: gallery._model.rowCount() == 1)
    details.trigger()
    painter.sees(lambda: painter.place._details is not None)
    gallery.select([take.id], take.id)
    view = recipe_of(painter)
    assert view.take_id() == take.id
    painter.sees(lambda: not view.stage.image().isNull())
    window.actions_by_id["view.gallery"].trigger()
    assert dock.isHidden() and not details.isEnabled()


def test_a_take_is_enlarged_from_its_own_picture(painter: Painter) -> None:
    painter.asks("a red heart", takes=2)
    take = painter.takes[painter.strip.take_ids()[1]]
    large = painter.waits_for_takes(lambda: painter.strip.enlarge_requested.emit(take.id))
    job = large[0].recipe.drawing
    assert (job.mode, job.init, job.from_take) == ("upscale", take.picture.asset, take.id)
    assert job.upscale.factor == 2.0 and job.box == take.recipe.drawing.box
