"""Each test was red once: faults of the desks around the text that someone found by looking for them."""

import errno
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QUrl

from studio.core.endpoint import Endpoint
from studio.core.errors import StudioError
from studio.core.events import Checked, Seen
from studio.engine.remote.models import ask_models
from studio.media.lore.entries import LoreEntry
from studio.project.exchange import keep
from studio.widgets.context_view import ContextView
from studio.widgets.scene_card import SceneCard
from tests.app.conftest import Scripted
from tests.app.test_exchange_desk import BOOK, ends, imports, titles
from tests.app.test_remote_desk import Ring, added, dialog_of, fill, press, said
from tests.app.test_remote_desk import ring as ring
from tests.app.test_remote_desk import server as server
from tests.app.test_summary_desk import cut, summary
from tests.app.test_summary_desk import long as long
from tests.catalog.llama_folder import write_folder
from tests.engine.remote.server import Handler, Server, good


def card_of(person: Scripted) -> SceneCard:
    person.does("view.scene")
    card = person.window.findChild(SceneCard)
    assert card is not None
    person.sees(lambda: card._values.work)
    return card


def chooses(person: Scripted, model: str) -> None:
    """Choose a model in the menu, as a click does."""
    person.wiring.models.choose(model)
    person.pane.prompt.set_values(replace(person.pane.prompt.values(), model=model, takes=1))


# -- facts of scenes and stories ---------------------------------------------------------------------


def test_a_day_s_goal_typed_last_goes_to_its_own_story_not_to_the_one_opened_next(person: Scripted) -> None:
    book, projects = person.wiring.book, person.wiring.projects
    first, card = projects.story_of(person.wiring.text.work), card_of(person)
    card._session_goal.setValue(700)
    person.does("work.story")
    second = projects.story_of(person.wiring.text.work)
    person.sees(lambda: card._values.work == person.wiring.text.work)
    assert first != second and book.fact(second, "goals") is None
    assert book.fact(first, "goals") == {"session_words": 700}


def test_a_day_s_goal_typed_just_before_closing_is_kept(
    person: Scripted, scripted: Callable[..., Scripted]
) -> None:
    story, work = person.wiring.projects.story_of(person.wiring.text.work), person.wiring.text.work
    card = card_of(person)
    card._session_goal.setValue(700)
    card._synopsis.setPlainText("A fox.")
    person.window.close()
    again = scripted()
    assert again.wiring.book.fact(story, "goals") == {"session_words": 700}
    assert again.wiring.book.fact(work, "synopsis") == "A fox."


# -- checks and templates ------------------------------------------------------------------------------


def test_a_check_s_result_names_its_model_when_another_was_chosen_meanwhile(
    person: Scripted, tmp_path: Path
) -> None:
    other = write_folder(tmp_path / "other").resolve()
    person.waits_for(person.wiring.models.add(other))
    starter = next(path for path in person.wiring.models.titles() if path != str(other))
    person.does("tools.check_model")
    chooses(person, starter)
    person.sees(lambda: not person.wiring.acts.checking)
    assert person.told.startswith("“other” can: rewrite")


def test_a_damaged_template_of_the_person_s_is_told_once_and_again_after_a_change(person: Scripted) -> None:
    file = person.wiring.places.data / "acts" / "rewrite.toml"
    file.parent.mkdir(parents=True)
    file.write_text("user = 'oops")
    person.wiring.acts.refresh()
    assert "rewrite.toml" in person.told and "built-in template is used" in person.told
    person.window.messages.clear()
    person.wiring.acts.refresh()
    assert person.told == ""
    file.write_text("title = 'Rewrite'\nuser = 'no passage'")
    person.wiring.acts.refresh()
    assert "{selection} is missing" in person.told


def test_an_act_chosen_before_the_menu_was_read_is_that_act_and_not_continue(
    person: Scripted, scripted: Callable[..., Scripted]
) -> None:
    person.does("tools.check_model")
    person.sees(lambda: not person.wiring.acts.checking)
    person.window.close()
    again = scripted()
    again.types("The fox ran home. It rained. The end.")
    again.pane.editor.select(18, 28)
    again.wiring.acts.run("rewrite")  # it asked to continue behind the passage
    again.sees(lambda: len(again.wiring.text.takes) == 3 and not again.wiring.text.running)
    assert {take.recipe.job.act for take in again.wiring.text.takes.values()} == {"rewrite"}


def test_a_check_that_was_killed_before_anything_was_tried_does_not_say_that_all_failed(
    person: Scripted,
) -> None:
    acts = person.wiring.acts
    person.does("tools.check_model")
    acts._on_checked(Checked(id=acts._check, model=acts._checked_model, model_sha256="", acts=()))
    assert "stopped before an act was tried" in person.told


def test_results_of_a_check_that_the_disk_refuses_are_told_and_the_check_has_ended(
    person: Scripted, full_lists: None
) -> None:
    person.does("tools.check_model")
    person.sees(lambda: "disk is full" in person.told or "This model can" in person.told)
    assert not person.wiring.acts.checking


# -- what the model reads ------------------------------------------------------------------------------


def test_a_preview_answered_after_its_project_was_left_is_ignored(person: Scripted) -> None:
    person.does("view.context")
    person.types("A fox.")
    context = person.wiring.context
    person.sees(lambda: context._job is not None)
    job = context._job
    assert job is not None
    person.wiring.projects.leave()
    late = Seen(job=job.id, parts=(), prompt_tokens=1, reused_tokens=0, room_tokens=1, context_tokens=2)
    person.wiring.engine.looked.emit(late)  # raised: this project is closed
    view = person.window.findChild(ContextView)
    assert view is not None and view.rows() == []


def test_undo_in_the_lorebook_takes_back_a_change_of_the_story_that_is_shown(person: Scripted) -> None:
    person.does("view.lore")
    lore, first = person.wiring.lore, person.wiring.text.work
    story = lore.facts.story_of(first)
    lore.edits.bring(story, [LoreEntry(id="rill", title="Rill", keys=("fox",), text="A fox.")], None)
    lore.edits.delete(story, "rill")
    person.does("work.story")
    assert lore.panel is not None and not lore.panel._undo.isEnabled()
    lore.undo()
    assert lore.facts.notes(story).book.entries == ()
    person.wiring.projects.choose(first)
    assert lore.panel._undo.isEnabled()
    lore.undo()
    assert [entry.title for entry in lore.facts.notes(story).book.entries] == ["Rill"]


# -- search --------------------------------------------------------------------------------------------


def test_a_result_whose_scene_was_removed_meanwhile_leaves_the_open_text_open(person: Scripted) -> None:
    person.types("The unicorn came.")
    first = person.wiring.text.work
    person.does("work.scene")
    person.types("Here.")
    person.saved()
    search = person.wiring.search
    search.open()
    assert search.dialog is not None
    search.dialog._field.setText("unicorn")
    person.sees(lambda: search._found)
    person.window.works.remove_requested.emit(first)
    search.go_to("0")
    assert person.text == "Here." and "“Scene 1” was removed" in person.told


# -- the running summary -------------------------------------------------------------------------------


def test_a_summary_left_waiting_in_another_project_does_not_block_this_one(long: Scripted) -> None:
    cut(long, 4_000)
    long.does("take.propose")  # the summary waits behind it
    long.wiring.lore.summarise_requested.emit(long.wiring.text.work)
    assert long.wiring.summary.running
    long.waits_for(long.wiring.projects.new())
    assert not long.wiring.summary.running


def test_a_summary_tried_again_in_the_queue_becomes_the_summary(long: Scripted) -> None:
    cut(long, 4_000)
    gate = threading.Event()
    long.wiring.engine.write(lambda _store: gate.wait(10))  # so that the summary waits behind the takes
    long.does("take.propose")
    long.wiring.lore.summarise_requested.emit(long.wiring.text.work)
    assert long.wiring.summary._job is not None
    job = long.wiring.summary._job.id
    cancelled = long.wiring.engine.cancel(job)
    gate.set()
    cancelled.result()
    long.sees(lambda: not long.wiring.summary.running)
    assert summary(long) == ""
    long.wiring.engine.retry(job).result()
    long.sees(lambda: summary(long))
    assert long.wiring.lore.notes_of(long.wiring.text.work).covers_chars >= 4_000


def test_what_the_person_writes_into_the_summary_meanwhile_is_not_overwritten(long: Scripted) -> None:
    cut(long, 4_000)
    long.does("view.lore")
    panel = long.wiring.lore.panel
    assert panel is not None
    long.wiring.lore.summarise_requested.emit(long.wiring.text.work)
    panel.summary._edit.setPlainText("My own words.")
    long.sees(lambda: not long.wiring.summary.running)
    assert summary(long) == "My own words." and "yours stays" in long.told
    long.wiring.lore.summarise_requested.emit(long.wiring.text.work)
    long.sees(lambda: not long.wiring.summary.running)
    assert summary(long).startswith("summarise0 My0 own0 words.0")


# -- endpoints -----------------------------------------------------------------------------------------


@pytest.fixture
def serving() -> Iterator[Callable[..., Server]]:
    """serving(answer) is a server that answers so."""
    servers: list[Server] = []

    def start(answer: Callable[[Handler, dict[str, Any]], None]) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for one in servers:
        one.close()


def test_a_server_s_answer_after_its_dialog_was_closed_is_ignored(person: Scripted, server: Server) -> None:
    dialog = dialog_of(person)
    fill(dialog, server.url)
    press(dialog, "Test")
    dialog.reject()
    person.sees(lambda: not person.wiring.tasks.busy)
    assert person.told == ""


def test_a_server_s_answer_is_not_shown_in_the_form_of_another(person: Scripted, server: Server) -> None:
    dialog = dialog_of(person)
    fill(dialog, server.url)
    press(dialog, "Test")
    fill(dialog, "http://localhost:1/v1")
    dialog.say("")
    person.sees(lambda: server.asked and len(person.wiring.tasks._running) == 1)
    assert "2 models" not in said(dialog)
    dialog.reject()


def test_a_model_that_cannot_be_loaded_shows_so_while_an_endpoint_writes(
    scripted: Callable[..., Scripted], ring: Ring, serving: Callable[..., Server]
) -> None:
    def slow(handler: Handler, _said: dict[str, Any]) -> None:
        handler.begin()
        handler.piece(" a")
        handler.server.go_on.wait(10)
        handler.piece(" b", "stop")
        handler.say("data: [DONE]\n\n")

    server, person = serving(slow), scripted("unloadable")
    starter = next(iter(person.wiring.models.titles()))
    chooses(person, added(person, server))
    person.types("Once")
    person.does("take.propose")
    person.sees(lambda: [take.status for take in person.wiring.text.takes.values()] == ["streaming"])
    person.wiring.models.choose(starter)
    person.sees(lambda: "cut off" in person.told)
    assert person.wiring.engine.worker_phase() == "failed"  # it stayed at "loading" for ever
    server.go_on.set()
    person.sees(lambda: not person.wiring.text.running)
    assert [take.text for take in person.wiring.text.takes.values()] == [" a b"]


@pytest.fixture
def full_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person's lists (models, endpoints, checks) can't be written: the disk is full."""

    def refuses(_path: Path, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("studio.catalog.lists.write_whole", refuses)


def test_a_full_disk_is_named_when_a_server_is_saved(
    person: Scripted, server: Server, full_lists: None
) -> None:
    dialog = dialog_of(person)
    fill(dialog, server.url)
    press(dialog, "Save")
    person.sees(lambda: "disk is full" in said(dialog))
    dialog.reject()


def test_a_full_disk_is_named_when_a_model_is_added(
    person: Scripted, tmp_path: Path, full_lists: None
) -> None:
    person.waits_for(person.wiring.models.add(write_folder(tmp_path / "other").resolve()))
    assert "the disk is full" in person.told and "mistake" not in person.told


@pytest.mark.parametrize(
    ("url", "key", "words"),
    [
        ("http://☃/v1", "", "is no address"),
        ("http://exa\tmple/v1", "", "is no address"),
        ("", "“s3cret”", "quotation mark"),
        ("", "a\nb", "line break"),
    ],
)
def test_a_strange_address_or_key_is_named(
    serving: Callable[..., Server], url: str, key: str, words: str
) -> None:
    endpoint = Endpoint(id="a", title="A", url=url or serving(good).url)
    with pytest.raises(StudioError, match=words):
        ask_models(endpoint, key)


# -- files -----------------------------------------------------------------------------------------------


def test_an_import_stopped_too_late_is_seen_in_the_list(
    person: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeps, began, go_on = keep.keep_manuscript, threading.Event(), threading.Event()

    def slowly(store, wanted):
        began.set()
        go_on.wait(10)
        return keeps(store, wanted)

    monkeypatch.setattr(keep, "keep_manuscript", slowly)
    (tmp_path / "book.md").write_text(BOOK)
    imports(person, tmp_path / "book.md").accept()
    person.sees(began.is_set)
    person.does("take.stop")
    ends(person)
    go_on.set()
    person.sees(lambda: "book" in {work.title for work in person.wiring.projects.works.values()})
    assert titles(person) == [work.title for work in person.wiring.projects.works.values()]


def test_a_file_over_the_text_is_left_to_the_window_and_its_address_never_written(person: Scripted) -> None:
    dragged = QMimeData()
    dragged.setUrls([QUrl.fromLocalFile("/home/me/book.docx")])
    assert not person.pane.editor.canInsertFromMimeData(dragged)
    dragged.setUrls([QUrl("https://example.org/fox")])
    assert person.pane.editor.canInsertFromMimeData(dragged)
