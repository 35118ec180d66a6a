"""A book of several scenes in the real window: find, replace, order, split, merge, and all of it after a restart."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QTreeWidget

from studio.widgets.find_results import FindResults
from tests.flows.conftest import Person


def writes_scenes(person: Person, *texts: str) -> list[str]:
    """A text a scene; their ids."""
    works = []
    for number, text in enumerate(texts):
        if number:
            person.does("work.scene")
        person.types(text)
        works.append(person.wiring.text.work)
    person.saved()
    return works


def stands(person: Person) -> list[tuple[str, str]]:
    """Title and text of every scene in reading order, as on disk."""
    person.saved()
    session = person.wiring.projects.session
    assert session is not None
    return [
        (work.title, session.reader.text_of(work.id).text)
        for work in session.reader.works()
        if work.kind == "scene"
    ]


def test_a_name_is_changed_in_the_whole_book_but_not_where_it_is_locked(
    launch: Callable[..., Person],
) -> None:
    person = launch()
    works = writes_scenes(person, "Anna ran. Anna fell.", "It was Anna.", "Nobody came.")
    person.wiring.projects.choose(works[0])
    person.pane.editor.select(10, 19)
    person.does("edit.lock")
    person.does("edit.find_book")
    person.sees(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    panel = person.window.findChildren(FindResults)[0]
    pattern, template = [line for line in panel.findChildren(QLineEdit) if line.accessibleName()][:2]
    QTest.keyClicks(pattern, "anna")
    QTest.keyClicks(template, "Berta")
    QTest.keyClick(pattern, Qt.Key.Key_Return)
    person.sees(lambda: "3 in 2 of 3 scenes" in panel._summary.text())
    panel._replace.click()
    done = [("Scene 1", "Berta ran. Anna fell."), ("Scene 2", "It was Berta."), ("Scene 3", "Nobody came.")]
    person.sees(lambda: "2 replaced in 2 scenes" in person.window.messages.accessibleName())
    assert "1 skipped in locked passages" in person.window.messages.accessibleName()
    assert stands(person) == done
    person.wiring.projects.choose(works[1])
    person.does("edit.undo")
    person.window.close()

    again = launch()
    assert stands(again) == [done[0], ("Scene 2", "It was Anna."), done[2]]
    again.wiring.projects.choose(works[0])
    again.does("edit.undo")
    assert again.text == "Anna ran. Anna fell."
    assert again.pane.value().locks() == ((10, 19),)


def test_scenes_are_split_merged_and_put_in_order(launch: Callable[..., Person]) -> None:
    person = launch()
    writes_scenes(person, "One.", "Two. Three.", "Four.")
    tree = person.window.works.findChildren(QTreeWidget)[0]
    works = person.window.works
    scenes = [work.id for work in person.wiring.projects.works.values() if work.kind == "scene"]
    person.wiring.projects.choose(scenes[1])
    person.pane.editor.set_caret(4)
    person.does("work.split")
    assert [text for _, text in stands(person)] == ["One.", "Two.", " Three.", "Four."]
    works.choose(scenes[2])
    tree.dropped.emit(scenes[0], "above")
    assert [text for _, text in stands(person)] == ["Four.", "One.", "Two.", " Three."]
    works.choose(scenes[2])
    person.wiring.projects.choose(scenes[2])
    person.does("work.merge")
    assert [text for _, text in stands(person)] == ["Four.\nOne.", "Two.", " Three."]
    person.window.close()

    again = launch()
    assert [text for _, text in stands(again)] == ["Four.\nOne.", "Two.", " Three."]
    assert [work.title for work in again.wiring.scenes._removed()] == ["Scene 1"]
