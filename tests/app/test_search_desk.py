"""Search of the whole project: what is found, and going there."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from studio.media.lore.entries import LoreEntry
from tests.app.conftest import Scripted


def ask(person: Scripted, words: str):
    person.does("tools.search")
    dialog = person.wiring.search.dialog
    assert dialog is not None
    field = dialog.findChild(QLineEdit)
    field.clear()
    QTest.keyClicks(field, words)
    return dialog, field


def test_words_are_found_in_scenes_and_lore_and_return_goes_there(person: Scripted) -> None:
    first = person.wiring.text.work
    person.types("Once there was a lantern on the hill.")
    lore = person.wiring.lore
    entry = LoreEntry(id="x", title="The light", keys=("lamp",), text="The lantern burns blue.")
    lore.edits.bring(lore.facts.story_of(first), [entry], None)
    person.does("work.scene")
    dialog, field = ask(person, "lantern")
    person.sees(lambda: len(dialog.results()) == 2)
    kinds = [result.kind for result in dialog.results()]
    assert sorted(kinds) == ["lore", "text"]
    assert "\x02lantern\x03" in next(r.snippet for r in dialog.results() if r.kind == "text")
    for _ in range(kinds.index("text")):
        QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert person.wiring.text.work == first
    assert person.pane.caret() == person.text.index("lantern")
    person.wiring.search.go_to(str(kinds.index("lore")))
    person.sees(lambda: lore.panel is not None and lore.panel.isVisible())
    assert lore.panel.list.current() == lore.notes_of(first).book.entries[0].id
    dialog.close()


def test_words_that_stand_nowhere_are_said_to(person: Scripted) -> None:
    dialog, _field = ask(person, "zebra")
    person.sees(lambda: dialog._empty.text() == "Nothing in this project matches.")
    assert dialog.results() == []
    dialog.close()
