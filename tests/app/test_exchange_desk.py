"""Manuscripts in and out of the window: preview, one story, every choice of the export, paper, stop."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog

from studio.app import exchange_desk
from studio.core.errors import StudioError
from studio.dialogs.export_story import ExportChoice, ExportDialog
from studio.dialogs.import_story import ImportDialog
from studio.media.manuscript.read import read_manuscript
from studio.media.spans import IMPORTED, Run
from tests.app.conftest import Scripted

BOOK = "# One\n\nFirst *words*.\n\n***\n\nSecond. ![x](y.png)\n\n# Two\n\nThird.\n"


def titles(person: Scripted) -> list[str]:
    """The works of the project, in reading order."""
    return [work.title for work in person.session.reader.works()]


def dialog_of(person: Scripted, kind: type[QDialog]) -> QDialog:
    """The dialog of that kind, once it shows."""
    found: list[QDialog] = []

    def shows() -> bool:
        found[:] = [dialog for dialog in person.window.findChildren(kind) if dialog.isVisible()]
        return bool(found)

    person.sees(shows)
    return found[0]


def imports(person: Scripted, path: Path) -> ImportDialog:
    """Begin an import, as far as the preview."""
    person.wiring.tasks.start(person.wiring.exchange.import_file(path))
    dialog = dialog_of(person, ImportDialog)
    assert isinstance(dialog, ImportDialog)
    return dialog


def ends(person: Scripted) -> None:
    person.sees(lambda: not person.wiring.tasks.busy)


def test_an_import_is_shown_first_and_becomes_one_story(person: Scripted, tmp_path: Path) -> None:
    person.types("Mine.")
    (tmp_path / "book.md").write_text(BOOK)
    dialog = imports(person, tmp_path / "book.md")
    assert titles(person) == ["Untitled story", "Scene 1"]
    dialog._title.setText("  My   Book ")
    dialog.accept()
    ends(person)
    assert titles(person) == [
        "Untitled story",
        "Scene 1",
        "My Book",
        "One",
        "Scene 1",
        "Scene 2",
        "Two",
        "Scene 1",
    ]
    assert (
        person.text == "First *words*." and "imported: 4 words" in person.told and "1 pictures" in person.told
    )
    history = person.session.history(person.wiring.text.work)
    assert [node.kind for node in history.nodes()] == ["imported"]
    person.does("edit.undo")
    person.does("edit.redo")
    assert person.text == "First *words*."


def test_a_preview_that_is_closed_changes_nothing(person: Scripted, tmp_path: Path) -> None:
    (tmp_path / "book.md").write_text(BOOK)
    imports(person, tmp_path / "book.md").reject()
    ends(person)
    assert titles(person) == ["Untitled story", "Scene 1"] and person.told == ""


def test_a_file_that_is_no_manuscript_is_told_and_changes_nothing(person: Scripted, tmp_path: Path) -> None:
    (tmp_path / "book.docx").write_bytes(b"<html>no</html>")
    person.waits_for(person.wiring.exchange.import_file(tmp_path / "book.docx"))
    assert "holds a web page" in person.told and titles(person) == ["Untitled story", "Scene 1"]


def test_esc_stops_a_long_import(person: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began, ended = threading.Event(), threading.Event()

    def reads(_path: Path, stopped) -> None:
        began.set()
        while not stopped():
            ended.wait(0.01)
        ended.set()
        raise StudioError("Stopped.")

    monkeypatch.setattr("studio.media.manuscript.read.read_manuscript", reads)
    person.wiring.tasks.start(person.wiring.exchange.import_file(tmp_path / "book.md"))
    person.sees(began.is_set)
    assert "Reading book.md" in person.told
    person.does("take.stop")
    person.sees(ended.is_set)
    ends(person)
    assert person.told == "" and titles(person) == ["Untitled story", "Scene 1"]


def test_model_words_of_a_document_are_shown_and_counted_as_a_models(
    person: Scripted, tmp_path: Path
) -> None:
    page = '<p>Mine <span data-custom-style="Atelier model">its own</span>.</p>'
    (tmp_path / "book.html").write_text(page)
    imports(person, tmp_path / "book.html").accept()
    ends(person)
    text = person.session.history(person.wiring.text.work).text
    assert text.runs == (Run(length=5), Run(length=7, author=IMPORTED), Run(length=1))
    person.types("!")
    person.saved()
    assert person.session.reader.text_of(person.wiring.text.work).written_by_models() == 7


# -- export ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["md", "txt", "docx", "odt", "epub", "rtf", "html"])
def test_export_writes_one_story_in_order(person: Scripted, tmp_path: Path, form: str) -> None:
    person.types("One * fox.")
    story = person.desk.story_of(person.wiring.text.work)
    person.does("work.scene")
    person.types("Two.")
    person.does("work.story")
    person.types("Another story.")
    choice = ExportChoice(form=form, scope="story", authors=True, sidecar=True)
    target = tmp_path / f"story.{form}"
    person.waits_for(person.wiring.exchange.export(target, story, choice))
    assert "was exported to" in person.told and "story.authors.json" in person.told
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "story.authors.json",
        target.name,
    ]
    found = read_manuscript(target)
    assert [scene.text.text for scene in found.scenes] == ["One * fox.", "Two."]
    if form == "md":
        assert target.read_text("utf-8") == "# Untitled story\n\nOne \\* fox.\n\n* * *\n\nTwo.\n"


def test_what_is_exported_is_chosen_and_remembered(
    person: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def chosen(*_arguments: object, **more: object) -> Path:
        asked.append(more["suffix"])
        return tmp_path / "scene.docx"

    asked: list[object] = []
    monkeypatch.setattr(exchange_desk, "ask_path", chosen)
    person.types("Only this.")
    person.does("work.scene")
    person.types("Not that.")
    person.does("file.export")
    dialog = dialog_of(person, ExportDialog)
    assert isinstance(dialog, ExportDialog) and dialog._scope.count() == 2
    dialog._form.setCurrentIndex(dialog._form.findData("docx"))
    dialog._scope.setCurrentIndex(dialog._scope.findData("scene"))
    dialog._authors.setChecked(True)
    dialog.accept()
    ends(person)
    found = read_manuscript(tmp_path / "scene.docx")
    assert [scene.text.text for scene in found.scenes] == ["Not that."] and asked == ["docx"]
    person.does("file.export")
    again = dialog_of(person, ExportDialog)
    assert isinstance(again, ExportDialog)
    assert again.choice() == ExportChoice(form="docx", scope="scene", authors=True, sidecar=False)
    again.reject()
    ends(person)


def test_an_export_to_a_place_that_takes_none_is_told(person: Scripted, tmp_path: Path) -> None:
    person.types("Words.")
    choice = ExportChoice(form="docx", scope="story", authors=False, sidecar=False)
    story = person.desk.story_of(person.wiring.text.work)
    person.waits_for(person.wiring.exchange.export(tmp_path / "nowhere" / "a.docx", story, choice))
    assert "export to" in person.told and list(tmp_path.glob("nowhere")) == []


# -- paper ----------------------------------------------------------------------------------------


def test_a_story_becomes_a_pdf(person: Scripted, tmp_path: Path) -> None:
    person.types("Words of the story.")
    story = person.desk.story_of(person.wiring.text.work)
    person.waits_for(person.wiring.exchange.write_pdf(tmp_path / "b.pdf", story))
    assert (tmp_path / "b.pdf").read_bytes().startswith(b"%PDF")
    assert "2 pages" in person.told and [p.name for p in tmp_path.glob("*.pdf")] == ["b.pdf"]
    assert not [p for p in tmp_path.iterdir() if p.suffix == ".tmp"]


def test_a_pdf_that_cannot_be_written_is_told(person: Scripted, tmp_path: Path) -> None:
    person.types("Words.")
    story = person.desk.story_of(person.wiring.text.work)
    person.waits_for(person.wiring.exchange.write_pdf(tmp_path / "nowhere" / "b.pdf", story))
    assert "Could not write" in person.told and list(tmp_path.glob("nowhere")) == []


# -- a file let go over the window ----------------------------------------------------------------


@pytest.mark.parametrize(("name", "taken"), [("book.md", True), ("BOOK.DOCX", True), ("song.mp3", False)])
def test_a_manuscript_dropped_on_the_window_is_imported(
    name: str, taken: bool, person: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    async def imports_it(path: Path) -> None:
        asked.append(path)

    monkeypatch.setattr(person.wiring.exchange, "import_file", imports_it)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(5, 5), *how)
    enter.ignore()
    QApplication.sendEvent(person.window, enter)
    assert enter.isAccepted() is taken
    drop = QDropEvent(QPointF(5, 5), *how)
    drop.ignore()
    QApplication.sendEvent(person.window, drop)
    ends(person)
    assert asked == ([tmp_path / name] if taken else [])
