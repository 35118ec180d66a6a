"""`Name.authors.json`: takes are known again; of an edited file what is still the same; of another nothing."""

from pathlib import Path

import msgspec
import pytest

from studio.media.manuscript.read import read_manuscript
from studio.media.manuscript.sidecar import Sidecar, sidecar_path
from studio.media.spans import IMPORTED
from studio.project.exchange.keep import keep_manuscript
from studio.project.exchange.origins import origins_of
from studio.project.store import Store
from tests.project.exchange.books import ORIGINS, TEXTS, again, by_models, work, written

FORMS = ("md", "txt", "docx", "odt", "epub", "html", "rtf")


@pytest.mark.parametrize("form", FORMS)
def test_every_character_has_its_take_again(form: str, tmp_path: Path) -> None:
    found = again(tmp_path / f"book.{form}", sidecar=True, authors=form != "odt")
    assert found.origins == ORIGINS and found.notes == ()
    if form not in ("rtf", "txt"):
        assert [scene.text for scene in found.scenes] == [TEXTS[id_] for id_ in "abc"]
    runs = [
        (scene.text.text[at : at + run.length].strip(), run.author)
        for scene in found.scenes
        for at, run in _placed(scene.text.runs)
    ]
    assert ("The *model wrote", "take1") in runs and ("A new line, 狐.", "take2") in runs
    assert {author for _, author in runs} == {"", "take1", "take2"}


def _placed(runs):
    place = 0
    for run in runs:
        yield place, run
        place += run.length


def test_markdown_that_was_edited_keeps_the_authors_of_what_stayed(tmp_path: Path) -> None:
    path = tmp_path / "book.md"
    again(path, sidecar=True)
    words = path.read_text("utf-8")
    path.write_text(
        words.replace("new line", "new and shiny line").replace("Hello there.", "Good day."), "utf-8"
    )
    found = read_manuscript(path)
    first = found.scenes[0].text
    assert by_models(first) == ["The *model wrote", "\nA new ", "line, 狐. "]
    assert {run.author for run in first.runs} == {"", "take1", "take2"}
    assert found.scenes[1].text.runs == TEXTS["b"].runs
    assert "changed since its export" in found.notes[0]


@pytest.mark.parametrize(
    "beside",
    [
        b"",
        b"{}",
        b"\xff\xfe\x00",
        b'{"atelier": "authors", "version": 1}',
        b'{"atelier":"authors","version":1,"file":"b","sha256":"","text":"abc","runs":[[9,""]],"takes":{}}',
        b'{"atelier":"authors","version":1,"file":"b","sha256":"","text":"abc","runs":[[-3,""],[6,""]],"takes":{}}',
        b'{"atelier":"authors","version":99,"file":"b","sha256":"","text":"","runs":[],"takes":{}}',
        b"[" * 100_000,
    ],
)
def test_a_sidecar_that_cannot_be_understood_is_left_aside_and_told(beside: bytes, tmp_path: Path) -> None:
    path = tmp_path / "book.md"
    again(path)
    sidecar_path(path).write_bytes(beside)
    found = read_manuscript(path)
    assert not any(by_models(scene.text) for scene in found.scenes)
    assert "cannot be understood" in found.notes[0]


def test_a_sidecar_of_another_text_is_left_aside_and_told(tmp_path: Path) -> None:
    again(tmp_path / "book.md", sidecar=True)
    (tmp_path / "book.md").write_text("Something else entirely, which nobody has seen before.\n", "utf-8")
    found = read_manuscript(tmp_path / "book.md")
    assert by_models(found.scenes[0].text) == [] and "another text" in found.notes[0]


def test_words_the_document_marks_stay_a_models_when_the_sidecar_says_nothing_of_them(tmp_path: Path) -> None:
    path = tmp_path / "book.docx"
    texts = {"a": written("Mine and ", ("the model's", "take1"), " words stand here together.")}
    again(path, works=[work("scene", "a")], texts=texts, sidecar=True, title="")
    told = msgspec.json.decode(sidecar_path(path).read_bytes(), type=Sidecar)
    sidecar_path(path).write_bytes(
        msgspec.json.encode(msgspec.structs.replace(told, runs=((len(told.text), ""),), takes={}))
    )
    (scene,) = read_manuscript(path).scenes
    assert by_models(scene.text) == ["the model's"] and scene.text.runs[1].author == IMPORTED


def test_a_story_of_another_project_keeps_its_takes_and_can_be_exported_again(
    store: Store, tmp_path: Path
) -> None:
    story = keep_manuscript(store, again(tmp_path / "book.md", sidecar=True))
    scenes = [w for w in store.works() if w.kind == "scene"]
    texts = {w.id: store.text_of(w.id) for w in scenes}
    assert {run.author for text in texts.values() for run in text.runs} == {"", "take1", "take2"}
    assert origins_of(store, story, texts) == ORIGINS
    assert origins_of(store, "nobody", texts) == {}


def test_models_are_named_without_their_paths(store: Store, person, tmp_path: Path) -> None:
    take = person.streams("x", job=person.job(model="/home/someone/models/story"))
    found = origins_of(store, "", {"a": written(("x", take.id))})
    assert (found[take.id].model, found[take.id].seed) == ("story", 7)
