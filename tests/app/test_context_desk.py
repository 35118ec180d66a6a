"""The context dock in the window: the latest request, and a preview while the person writes."""

from PySide6.QtWidgets import QPlainTextEdit

from studio.media.lore.entries import LoreEntry
from studio.widgets.context_view import ContextView
from tests.app.conftest import Scripted


def view_of(person: Scripted) -> ContextView:
    person.does("view.context")
    person.sees(lambda: person.window.findChild(ContextView) is not None)
    view = person.window.findChild(ContextView)
    assert view is not None
    return view


def test_a_preview_follows_the_writing(person: Scripted) -> None:
    lore, work = person.wiring.lore, person.wiring.text.work
    fox = LoreEntry(id="fox", title="Rill", keys=("fox",), text="Rill is a fox.")
    lore.edits.bring(lore.facts.story_of(work), [fox], None)
    view = view_of(person)
    person.sees(lambda: [row[:3] for row in view.rows()] == [("Rill", "–", "out")])
    person.types("A fox came.")
    person.sees(lambda: [row[:3] for row in view.rows()] == [("Rill", "1", "in")])
    assert "context 64" in view.figures()


def test_the_last_request_is_shown_with_what_stayed_out(person: Scripted) -> None:
    lore, work = person.wiring.lore, person.wiring.text.work
    owl = LoreEntry(id="owl", title="Owl", keys=("owl",), text="An owl.")
    lore.edits.bring(lore.facts.story_of(work), [owl], None)
    view = view_of(person)
    person.types("A fox came.")
    person.proposes()
    view.show_which("last")
    assert [row[:3] for row in view.rows()][-1] == ("Owl", "–", "out")
    assert "reused" in view.figures()


def test_a_row_opens_its_entry_in_the_lorebook(person: Scripted) -> None:
    lore, work = person.wiring.lore, person.wiring.text.work
    owl = LoreEntry(id="owl", title="Owl", keys=("owl",), text="An owl.")
    lore.edits.bring(lore.facts.story_of(work), [owl], None)
    entry_id = lore.notes_of(work).book.entries[0].id
    view = view_of(person)
    view.part_chosen.emit("lore", entry_id)
    person.sees(lambda: person.window.findChild(QPlainTextEdit, "") is not None)
    panel = lore.panel
    assert panel is not None and panel.isVisible() and panel.list.current() == entry_id
