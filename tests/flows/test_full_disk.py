"""The disk fills up while someone writes: told once, kept, written when there is room again."""

from studio.project.reader import Reader
from tests.flows.conftest import Person


def test_words_typed_on_a_full_disk_are_written_when_there_is_room(person: Person) -> None:
    person.types("Before. ")
    person.saved()
    engine, session = person.wiring.engine, person.wiring.projects.session
    pages = engine.write(lambda store: next(iter(store._db.execute("PRAGMA page_count")))[0]).result()
    engine.write(lambda store: list(store._db.execute(f"PRAGMA max_page_count={pages}"))).result()
    big = "Many words. " * 4_000
    person.pane.editor.insert_text(big)
    person.pane.flush()
    person.sees(person.window.messages.isVisible)
    person.types("After.")
    person.pane.flush()
    assert not session.saved
    assert not person.window.close(), "closing at once would lose the last words"
    engine.write(lambda store: list(store._db.execute("PRAGMA max_page_count=1000000"))).result()
    person.sees(lambda: session.saved)
    with Reader(session.folder) as reader:
        assert reader.text_of(person.wiring.text.work).text == "Before. " + big + "After."
