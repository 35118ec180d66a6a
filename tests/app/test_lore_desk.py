"""Memory, author's note, lorebook and summary: kept with the story, carried by every proposal, never lost."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from studio.core.errors import StudioError
from studio.media.lore.entries import LoreBook, LoreEntry, LoreSettings
from studio.widgets.lore_panel import LorePanel
from tests.app.conftest import Scripted


def panel_of(person: Scripted) -> LorePanel:
    """The dock, opened as F7 does; it may stand open from the last time."""
    if not person.window.actions_by_id["view.lore"].isChecked():
        person.does("view.lore")
    person.sees(lambda: person.window.findChild(LorePanel) is not None)
    panel = person.window.findChild(LorePanel)
    assert panel is not None
    person.sees(panel.isVisible)
    return panel


def field(panel: LorePanel, kind, name: str):
    return next(found for found in panel.findChildren(kind) if found.accessibleName() == name)


def write_entry(person: Scripted, panel: LorePanel, title: str, key: str, text: str) -> str:
    """By keyboard, as a person does."""
    panel.add_requested.emit()
    QTest.keyClicks(field(panel, QLineEdit, "Title of the entry"), title)
    QTest.keyClicks(field(panel, QPlainTextEdit, "Keys"), key)
    QTest.keyClicks(field(panel, QPlainTextEdit, "Text of the entry"), text)
    return panel.list.current()


def on_disk(person: Scripted) -> None:
    person.wiring.lore.flush()
    person.saved()


def test_nothing_of_the_dock_is_built_before_it_is_opened(person: Scripted) -> None:
    assert person.window.findChild(LorePanel) is None
    assert person.wiring.lore.parts(person.wiring.text.work, "A fox.") == ()


def test_what_is_written_in_the_dock_is_there_after_a_restart(scripted: Callable[..., Scripted]) -> None:
    person = scripted()
    panel = panel_of(person)
    entry_id = write_entry(person, panel, "Rill", "fox", "Rill is a fox.")
    for tab, name, words in (("memory", "Memory", "An island."), ("note", "Author's note", "Quiet.")):
        panel.show_tab(tab)
        QTest.keyClicks(field(panel, QPlainTextEdit, name), words)
    folder = person.session.folder
    person.window.close()  # nothing was flushed by hand

    again = scripted(project=folder)
    notes = again.wiring.lore.notes_of(again.wiring.text.work)
    assert (notes.memory, notes.note) == ("An island.", "Quiet.")
    assert notes.book.entries == (LoreEntry(id=entry_id, title="Rill", keys=("fox",), text="Rill is a fox."),)
    panel = panel_of(again)
    assert panel.list.visible_ids() == [entry_id]


def test_every_scene_of_a_story_shares_its_notes_and_another_story_does_not(person: Scripted) -> None:
    panel = panel_of(person)
    first = person.wiring.text.work
    write_entry(person, panel, "Rill", "fox", "Rill is a fox.")
    person.does("work.scene")
    person.sees(lambda: person.wiring.text.work != first)
    assert [p.title for p in person.wiring.lore.parts(person.wiring.text.work, "A fox.")] == ["Rill"]
    person.does("work.story")
    assert person.wiring.lore.parts(person.wiring.text.work, "A fox.") == ()
    assert panel.list.visible_ids() == []
    person.desk.choose(first)
    assert len(panel.list.visible_ids()) == 1


def test_a_proposal_carries_what_matches(person: Scripted) -> None:
    panel = panel_of(person)
    write_entry(person, panel, "Rill", "fox", "Rill is a fox.")
    write_entry(person, panel, "Owl", "owl", "An owl.")
    story = person.wiring.lore
    person.types("A fox came.")
    take = person.proposes()[0]
    job = take.recipe.job
    assert [(part.kind, part.title, part.text) for part in job.parts] == [("lore", "Rill", "Rill is a fox.")]
    assert job.parts[0].why == "key “fox” matched in the last paragraph"
    assert job.lore_tokens == LoreSettings().budget_tokens
    out = story.left_out(person.wiring.text.work, "A fox came.")
    assert [part.title for part in out] == ["Owl"]


def test_deleting_is_taken_back_by_ctrl_z(person: Scripted) -> None:
    panel = panel_of(person)
    entry_id = write_entry(person, panel, "Rill", "fox", "Rill is a fox.")
    on_disk(person)
    before = person.wiring.lore.notes_of(person.wiring.text.work).book.entries
    panel.choose(entry_id)
    tree = panel.list._tree
    QTest.keyClick(tree, Qt.Key.Key_Delete)
    assert panel.list.visible_ids() == []
    assert "taken out" in person.told
    QTest.keyClick(tree, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert person.wiring.lore.notes_of(person.wiring.text.work).book.entries == before
    on_disk(person)
    assert len([k for k in person.session.reader.facts(_story(person)) if k.startswith("lore/")]) == 1


def _story(person: Scripted) -> str:
    return person.wiring.lore.facts.story_of(person.wiring.text.work)


def test_undo_walks_back_through_all_changes(person: Scripted) -> None:
    panel = panel_of(person)
    lore, work = person.wiring.lore, person.wiring.text.work

    def entries():
        return sorted((entry.title, entry.enabled) for entry in lore.notes_of(work).book.entries)

    entry_id = lore.edits.add(_story(person), "Rill")
    panel.choose(entry_id)
    lore.flush()
    panel.list.switched.emit(entry_id, False)
    lore.flush()
    panel.duplicate_requested.emit(entry_id)
    assert entries() == [("Rill", False), ("Rill (copy)", False)]
    seen = []
    for _ in range(3):
        lore.undo()
        seen.append(entries())
    assert seen == [[("Rill", False)], [("Rill", True)], []]
    lore.undo()
    assert entries() == []


def test_the_caret_decides_what_would_come_in_here(person: Scripted) -> None:
    panel = panel_of(person)
    entry_id = write_entry(person, panel, "Rill", "fox", "Rill is a fox.")
    panel.choose(entry_id)
    person.types("A fox came.")
    person.sees(lambda: panel.form.here.text().startswith("Comes in here"))
    person.pane.editor.set_caret(2)
    person.sees(lambda: panel.form.here.text().startswith("Stays out here"))


def test_a_world_info_file_comes_in_and_goes_out(person: Scripted, tmp_path: Path) -> None:
    panel = panel_of(person)
    file = tmp_path / "world.json"
    rows = {"0": {"key": ["fox"], "content": "A fox.", "comment": "Rill", "probability": 30}}
    file.write_text(json.dumps({"entries": rows}))
    person.waits_for(person.wiring.lore.import_file(file))
    assert "1 entry came in from world.json" in person.told
    person.waits_for(person.wiring.lore.import_file(file))
    assert "1 stood in the lorebook already" in person.told
    assert len(panel.list.visible_ids()) == 1
    out = tmp_path / "out.json"
    person.wiring.lore.export_file(out)
    assert json.loads(out.read_text())["entries"]["0"]["key"] == ["fox"]
    with pytest.raises(StudioError):
        person.wiring.lore.export_file(tmp_path / "none" / "out.json")


def test_a_damaged_file_changes_nothing_and_says_so(person: Scripted, tmp_path: Path) -> None:
    panel_of(person)
    file = tmp_path / "world.json"
    file.write_text("{")
    before = person.wiring.lore.notes_of(person.wiring.text.work)
    person.waits_for(person.wiring.lore.import_file(file))
    assert "world.json is damaged" in person.told
    assert person.wiring.lore.notes_of(person.wiring.text.work) is before


def test_a_files_settings_hold_for_an_empty_book_only(person: Scripted) -> None:
    lore, story = person.wiring.lore, _story(person)
    lore.edits.bring(story, [LoreEntry(id="a", text="a")], LoreSettings(scan_depth=9))
    assert lore.facts.notes(story).book.settings.scan_depth == 9
    lore.edits.bring(story, [LoreEntry(id="b", text="b")], LoreSettings(scan_depth=2))
    assert lore.facts.notes(story).book.settings.scan_depth == 9


def test_the_summary_is_kept_with_what_it_covers(person: Scripted) -> None:
    person.types("One two three four")
    work = person.wiring.text.work
    panel = panel_of(person)
    person.wiring.lore.set_summary(work, "In short.", 7)
    assert panel.summary.text() == "In short."
    on_disk(person)
    assert person.session.reader.facts(_story(person))["summary"] == {"text": "In short.", "covers_chars": 7}
    assert [part.kind for part in person.wiring.lore.parts(work, "")] == ["summary"]


def test_entries_of_another_version_are_kept_and_told(scripted: Callable[..., Scripted]) -> None:
    person = scripted()
    story = _story(person)
    person.session.write(
        lambda store: store.set_fact(story, "lore/x", {"id": "x", "of": "tomorrow"})
    ).result()
    folder = person.session.folder
    person.window.close()
    again = scripted(project=folder)
    assert again.wiring.lore.notes_of(again.wiring.text.work).book == LoreBook()
    assert "could not be read" in again.told
    assert "lore/x" in again.session.reader.facts(story)
