"""From a story to a picture of what is told in it, with the real models."""

from PySide6.QtGui import QImage

from tests.flows.conftest import MODEL_WAIT_MS, Person

TOLD = "A small red heart lay on the table."


def test_the_sentence_at_the_caret_becomes_a_picture_and_the_story_stays_as_it_was(person: Person) -> None:
    person.types("Once upon a time. " + TOLD)
    scene = person.wiring.text.work
    person.does("act.picture_passage")
    desk = person.wiring.pictures.desk
    assert desk is not None
    person.sees(lambda: desk.judged.takes and not desk.running, MODEL_WAIT_MS)
    takes = list(desk.judged.takes.values())
    assert {take.status for take in takes} == {"done"}
    assert all(take.recipe.drawing.prompt == TOLD for take in takes)
    works = person.wiring.projects.works
    assert works[desk.work].kind == "picture"
    assert works[desk.work].title == TOLD.rstrip(".")
    assert person.wiring.projects.session is not None
    path = person.wiring.projects.session.reader.asset_path(takes[0].picture.asset)
    image = QImage(str(path))
    assert (image.width(), image.height()) == (takes[0].picture.width, takes[0].picture.height)
    person.wiring.projects.choose(scene)
    assert person.text == "Once upon a time. " + TOLD


def test_where_nothing_is_written_it_says_what_to_do(person: Person) -> None:
    person.does("act.picture_passage")
    assert person.wiring.pictures.desk is None, "nothing of the image pane was built"
    assert "passage" in person.window.messages._what.text()
