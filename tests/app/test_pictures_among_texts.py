"""A story that holds pictures is still a story: nothing that is for words touches them."""

import hashlib
from pathlib import Path

import pytest

from studio.core.ids import new_id
from studio.core.jobs import ImageJob
from studio.dialogs.export_story import ExportChoice
from studio.media.manuscript.read import read_manuscript
from studio.media.picture.document import Layer, PictureDoc
from tests.app.conftest import Scripted

DATA = b"strokes"
ASSET = f"{hashlib.sha256(DATA).hexdigest()}.png"


def picture_in(person: Scripted, parent: str, title: str = "Portrait") -> str:
    """A picture with two steps, below a work of the list."""
    work = person.session.add_work("picture", title, parent)
    for opacity in (0.5, 1.0):
        layer = Layer(id="zebra", name="Zebra", width=8, height=8, asset=ASSET, opacity=opacity)
        doc = PictureDoc(layers=(layer,))
        person.session.revise_picture(work, doc, "Brush on “Zebra”", "painted", {ASSET: DATA}).result()
    return work


def image_job(work: str, **more: object) -> ImageJob:
    job = ImageJob(
        id=new_id(), work=work, prompt="a red fox", model="m", seed=1, takes=2, width=16, height=16, steps=4
    )
    return job.changed(**more)


def draws(person: Scripted, job: ImageJob) -> None:
    """Have takes made, as the image pane does."""
    person.wiring.engine.submit(job)
    person.sees(lambda: len(person.session.reader.takes_of_job(job.id)) == job.takes)
    person.sees(lambda: all(take.status == "done" for take in person.session.reader.takes_of_job(job.id)))


@pytest.mark.parametrize("form", ["md", "txt", "docx"])
def test_an_export_of_the_story_holds_its_words_only(person: Scripted, tmp_path: Path, form: str) -> None:
    person.types("One fox.")
    person.saved()
    story = person.desk.story_of(person.wiring.text.work)
    picture_in(person, story)
    target = tmp_path / f"story.{form}"
    choice = ExportChoice(form=form, scope="story", authors=False, sidecar=True)
    person.waits_for(person.wiring.exchange.export(target, story, choice))
    assert [scene.text.text for scene in read_manuscript(target).scenes] == ["One fox."]
    for path in tmp_path.glob("story*"):
        assert b"Portrait" not in path.read_bytes() and b"Zebra" not in path.read_bytes()


def test_the_paper_holds_its_words_only(person: Scripted, tmp_path: Path) -> None:
    person.types("One fox.")
    person.saved()
    story = person.desk.story_of(person.wiring.text.work)
    picture_in(person, story)
    works = []
    read = person.wiring.exchange._read

    async def look() -> None:
        works.extend((await read(story))[0])

    person.waits_for(look())
    assert "picture" not in {work.kind for work in works} and len(works) == 2


def test_words_of_the_book_are_counted_without_documents(person: Scripted) -> None:
    person.types("One red fox.")
    person.saved()
    work = person.wiring.text.work
    story = person.desk.story_of(work)
    picture = picture_in(person, story)
    book = person.wiring.book
    person.sees(lambda: book.figures(work) is not None)
    assert book.figures(picture) is None and not book._waiting
    assert book.written_today(story) == 3
    assert person.wiring.projects.texts_of_story() == [person.wiring.projects.works[work]]


def test_find_and_replace_through_the_story_leaves_pictures_alone(person: Scripted) -> None:
    person.types("A zebra.")
    person.saved()
    picture = picture_in(person, person.desk.story_of(person.wiring.text.work))
    assert picture not in {work.id for work in person.wiring.projects.texts_of_story()}
    assert picture in person.wiring.projects.works


def test_takes_of_pictures_never_come_into_the_text_s_strip(person: Scripted) -> None:
    """Not even those that were asked for beside the text that is open."""
    person.types("Once")
    person.does("take.propose")
    person.sees(lambda: len(person.wiring.text.takes) == 3 and not person.wiring.text.running)
    texts = set(person.wiring.text.takes)
    work = person.wiring.text.work
    job = image_job(work)
    draws(person, job)
    assert set(person.wiring.text.takes) == texts
    assert not person.wiring.text.running and person.told == ""
    assert set(person.pane.strip.take_ids()) == texts
    person.does("work.scene")
    person.wiring.projects.choose(work)
    assert set(person.wiring.text.takes) == texts
    person.sees(lambda: person.window.queue._rows[job.id].state == "done")


def test_a_picture_that_fails_is_no_request_to_make_again_in_the_text(scripted) -> None:
    person: Scripted = scripted("good")
    person.types("Once")
    job = image_job(person.wiring.text.work, mode="image", init="ab" * 32 + ".png")
    person.wiring.engine.submit(job)
    person.sees(lambda: "is not there" in person.told)
    assert person.wiring.text._unborn is None
    assert person.window.queue._rows[job.id].state == "failed"


def test_a_picture_is_found_by_what_it_was_asked_for(person: Scripted) -> None:
    picture = person.session.add_work("picture", "Portrait", "")
    draws(person, image_job(picture, prompt="a violet heron"))
    found = person.wiring.engine.write(lambda store: store.search("heron")).result()
    assert [(place.kind, place.work) for place in found] == [("picture", picture)]
    told: list[str] = []
    person.wiring.search.take_found.connect(told.append)
    person.wiring.search._found = {"0": found[0]}
    person.wiring.projects.choose = lambda _work: None
    person.wiring.search.go_to("0")
    assert told == [found[0].entry]
