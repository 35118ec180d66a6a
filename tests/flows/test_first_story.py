"""A person's whole path: launch, half a sentence, takes, accept, edit, go on, close, open again."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.core.ids import new_id, now_ms
from studio.core.jobs import TextJob
from studio.core.takes import Recipe, Take
from studio.dialogs.export_story import ExportChoice
from studio.media.spans import HUMAN
from studio.project.store import Store
from studio.widgets.authored_edit import AuthoredEdit
from tests.flows.conftest import MODEL_WAIT_MS, OPENING, Person


def test_first_launch_puts_the_cursor_into_an_empty_scene(person: Person) -> None:
    assert person.text == ""
    person.sees(lambda: QApplication.focusWidget() is person.pane.editor)
    person.types("a")
    assert person.text == "a"
    assert QApplication.activeModalWidget() is None


def test_from_half_a_sentence_to_an_accepted_take_and_back_after_a_restart(
    launch: Callable[..., Person],
) -> None:
    person = launch()
    person.types(OPENING)
    first = person.proposes()
    assert [take.status for take in first] == ["done"] * 3
    assert all(take.text for take in first)
    person.does("take.accept")
    assert person.text == OPENING + first[0].text
    person.types(" It was quiet.")
    runs = person.pane.value().runs
    assert [run.author for run in runs] == [HUMAN, first[0].id, HUMAN]
    second = person.proposes()
    assert second[0].recipe.job.prompt == OPENING + first[0].text + " It was quiet."
    person.does("take.reject")
    person.does("take.next")
    person.does("take.accept")
    whole = person.text
    person.saved()
    person.window.close()

    again = launch()
    assert again.text == whole
    assert [run.author for run in again.pane.value().runs] == [HUMAN, first[0].id, HUMAN, second[1].id]
    takes = again.wiring.text.takes
    assert takes[first[0].id].verdict == "accepted"
    assert takes[second[0].id].verdict == "rejected"
    assert takes[second[1].id].verdict == "accepted"
    for _ in range(50):
        if not again.text:
            break
        again.does("edit.undo")
    assert again.text == ""
    for _ in range(50):
        again.does("edit.redo")
    assert again.text == whole


def test_takes_stream_side_by_side_and_escape_stops_them(person: Person) -> None:
    person.types(OPENING)
    values = person.pane.prompt.values()
    person.pane.prompt.set_values(type(values)(model=values.model, takes=3, tokens=400))
    person.does("take.propose")
    strip = person.pane.strip
    person.sees(lambda: sum(bool(_text(person, take)) for take in strip.take_ids()) == 3, MODEL_WAIT_MS)
    assert person.wiring.text.running
    QTest.keyClick(person.pane.editor, Qt.Key.Key_Escape)
    assert not person.pane.editor.ghost() and person.wiring.text.running, "the ghost text goes first"
    QTest.keyClick(person.pane.editor, Qt.Key.Key_Escape)
    person.sees(lambda: not person.wiring.text.running)
    assert {take.status for take in person.wiring.text.takes.values()} == {"stopped"}
    assert all(take.text for take in person.wiring.text.takes.values())


def _text(person: Person, take_id: str) -> str:
    draft = person.pane.strip.draft(take_id)
    return draft.text if draft else ""


def test_edited_take_is_accepted_with_both_authors(person: Person) -> None:
    person.types(OPENING)
    take = person.proposes(count=3)[0]
    editor = person.card(take.id).findChild(AuthoredEdit)
    editor.set_caret(0)
    QTest.keyClicks(editor, " Then")
    person.does("take.accept")
    assert person.text == OPENING + " Then" + take.text
    assert [run.author for run in person.pane.value().runs] == [HUMAN, take.id]


def test_regenerate_asks_the_same_with_another_seed(person: Person) -> None:
    person.types(OPENING)
    first = person.proposes()
    second = person.proposes("take.regenerate")
    assert second[0].recipe.job.prompt == first[0].recipe.job.prompt
    assert second[0].recipe.job.parent == first[0].recipe.job.parent
    assert second[0].recipe.job.seed != first[0].recipe.job.seed
    assert second[0].recipe.made is not None and second[0].recipe.made.computed_tokens == 0


def test_accepting_another_take_of_the_same_place_replaces_the_first(person: Person) -> None:
    person.types(OPENING)
    takes = person.proposes()
    person.does("take.accept")
    person.pane.strip.choose(takes[2].id)
    person.does("take.accept")
    assert person.text == OPENING + takes[2].text
    person.does("edit.undo")
    assert person.text == OPENING


def test_branch_from_an_earlier_step_overwrites_nothing(person: Person) -> None:
    person.types(OPENING)
    person.saved()
    takes = person.proposes()
    person.does("take.accept")
    longer = person.text
    session = person.wiring.projects.session
    history = session.history(person.wiring.text.work)
    accepted = history.head
    person.wiring.text.branch(takes[0].parent)
    assert person.text == OPENING
    person.types(" But no.")
    person.saved()
    assert history.text_at(accepted).text == longer
    person.wiring.text.branch(accepted)
    assert person.text == longer


def test_same_seed_same_takes(person: Person) -> None:
    person.types(OPENING)
    values = person.pane.prompt.values()
    person.pane.prompt.set_values(type(values)(model=values.model, seed=5))
    first = person.proposes()
    second = person.proposes("take.regenerate")
    assert [take.text for take in first] == [take.text for take in second]


def test_every_keystroke_is_on_disk_within_a_second(person: Person, own_home: Path) -> None:
    from studio.project.reader import Reader

    person.types(OPENING)
    folder = person.wiring.projects.session.folder

    def on_disk() -> str:
        with Reader(folder) as reader:
            return reader.text_of(person.wiring.text.work).text

    person.sees(lambda: on_disk() == OPENING, timeout_ms=1_500)


def test_broken_model_folder_is_told_and_the_app_goes_on(person: Person, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "llama"}')
    person.wiring.tasks.start(person.wiring.models.add(folder))
    person.sees(person.window.messages.isVisible)
    person.types("still here")
    assert person.text == "still here"


def test_new_scene_keeps_the_first_one(person: Person) -> None:
    person.types("first scene")
    first = person.wiring.text.work
    person.does("work.scene")
    assert person.text == ""
    person.types("second scene")
    person.wiring.projects.choose(first)
    assert person.text == "first scene"


def test_export_writes_the_whole_story(person: Person, tmp_path: Path) -> None:
    person.types("First scene.")
    person.does("work.scene")
    person.types("Second scene.")
    person.saved()
    wiring = person.wiring
    choice = ExportChoice(form="md", scope="story", authors=False, sidecar=False)
    story = wiring.projects.story_of(wiring.text.work)
    wiring.tasks.start(wiring.exchange.export(tmp_path / "story.md", story, choice))
    person.sees(lambda: not wiring.tasks.busy)
    written = (tmp_path / "story.md").read_text("utf-8")
    assert "First scene." in written and "Second scene." in written
    assert written.index("First scene.") < written.index("Second scene.")


def test_a_data_folder_that_cannot_be_written_is_told(qapp: QApplication, tmp_path: Path, capsys) -> None:
    from studio.app.main import run_window
    from studio.app.places import Places

    blocker = tmp_path / "file"
    blocker.write_text("in the way")
    assert run_window(places=Places(data=blocker / "data")) == 1
    assert "could not be opened" in capsys.readouterr().err


def test_after_a_crash_the_window_says_what_was_kept(launch: Callable[..., Person]) -> None:
    person = launch()
    folder, work = person.wiring.projects.session.folder, person.wiring.text.work
    take = _unfinished_take(work)

    def leave_unfinished(store: Store) -> None:
        store.start_take(take)
        store.add_part(take.id, " the fox")

    person.wiring.engine.write(leave_unfinished).result()
    person.window.close()
    again = launch(folder)
    assert again.window.messages.isVisible()
    assert again.wiring.text.takes[take.id].text == " the fox"


def _unfinished_take(work: str) -> Take:
    job = TextJob(id=new_id(), work=work, prompt="", model="", seed=1)
    recipe = Recipe(job=job, index=0)
    return Take(
        id=new_id(),
        job=job.id,
        work=work,
        parent="",
        index=0,
        seed=1,
        status="streaming",
        recipe=recipe,
        created_ms=now_ms(),
    )
