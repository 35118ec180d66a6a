"""Opening, falling back, the list of works, export: what stands in the window afterwards and on the disk."""

import threading
from pathlib import Path

import pytest

from studio.project.reader import Reader
from studio.project.store import Store
from tests.app.conftest import Scripted


def titles(person: Scripted) -> list[tuple[str, str]]:
    """Title and parent's title of every work on the disk, in reading order."""
    works = person.session.reader.works()
    names = {work.id: work.title for work in works}
    return [(work.title, names.get(work.parent, "")) for work in works]


def shown(person: Scripted) -> list[str]:
    """The titles in the works list."""
    return [work.title for work in person.desk._works.values()]


# -- opening --------------------------------------------------------------------------------------


def test_the_first_launch_makes_an_untitled_project_with_a_scene(person: Scripted) -> None:
    assert person.session.folder == person.wiring.places.projects / "Untitled.atelier"
    assert titles(person) == [("Untitled story", ""), ("Scene 1", "Untitled story")]
    assert person.desk.title_of(person.wiring.text.work) == "Scene 1"
    assert "Untitled" in person.window.windowTitle()
    assert person.wiring.settings.recent() == [person.session.folder]


def test_the_next_launch_opens_the_last_project_at_the_last_text(scripted) -> None:
    person: Scripted = scripted()
    person.types("First.")
    first = person.wiring.text.work
    person.does("work.note")
    person.types("A note.")
    folder, note = person.session.folder, person.wiring.text.work
    person.wiring.close()
    again: Scripted = scripted()
    assert again.session.folder == folder
    assert again.wiring.text.work == note != first and again.text == "A note."


def test_a_locked_project_at_start_gives_way_to_a_new_one_and_says_who_has_it(scripted) -> None:
    first: Scripted = scripted()
    first.types("Mine.")
    first.saved()
    second: Scripted = scripted(project=first.session.folder)
    assert second.session.folder.name == "Untitled 2.atelier"
    assert second.text == "" and second.pane.isVisible()
    assert "open" in second.told
    second.types("Other.")
    second.saved()
    assert first.text == "Mine." and first.session.reader.text_of(first.wiring.text.work).text == "Mine."


def test_a_folder_that_is_no_project_at_start_is_named(scripted, tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    person: Scripted = scripted(project=tmp_path / "holiday")
    assert "holiday" in person.told
    assert person.session.folder.parent == person.wiring.places.projects
    assert list((tmp_path / "holiday").iterdir()) == []


def test_opening_another_project_writes_the_first_and_shows_the_other(
    person: Scripted, tmp_path: Path
) -> None:
    with Store.create(tmp_path / "Other.atelier", "Other book"):
        pass
    person.types("Not told yet")
    before, work = person.session.folder, person.wiring.text.work
    person.waits_for(person.desk.open(tmp_path / "Other.atelier"))
    assert person.session.folder == tmp_path / "Other.atelier" and person.text == ""
    assert "Other book" in person.window.windowTitle()
    assert person.wiring.settings.recent()[:2] == [tmp_path / "Other.atelier", before]
    assert not (before / "lock").exists()
    with Reader(before) as reader:
        assert reader.text_of(work).text == "Not told yet"


@pytest.mark.parametrize("wrong", ["missing", "empty", "locked"])
def test_opening_that_fails_leaves_what_was_open_and_says_why(
    person: Scripted, tmp_path: Path, wrong: str
) -> None:
    target = tmp_path / "wrong.atelier"
    holder = None
    if wrong == "empty":
        target.mkdir()
    if wrong == "locked":
        holder = Store.create(target)
    try:
        person.types("Mine")
        folder, work = person.session.folder, person.wiring.text.work
        person.waits_for(person.desk.open(target))
    finally:
        if holder is not None:
            holder.close()
    assert person.told
    assert (person.session.folder, person.wiring.text.work, person.text) == (folder, work, "Mine")
    person.types(" still.")
    person.saved()
    with Reader(folder) as reader:
        assert reader.text_of(work).text == "Mine still."
    assert person.wiring.settings.recent() == [folder]


def test_a_new_project_is_another_untitled_one(person: Scripted) -> None:
    first = person.session.folder
    person.waits_for(person.desk.new())
    assert person.session.folder.name == "Untitled 2.atelier" and first.is_dir()
    assert person.text == "" and shown(person) == ["Untitled story", "Scene 1"]


# -- works ----------------------------------------------------------------------------------------


def test_new_works_are_numbered_among_their_kind_and_lie_where_they_belong(person: Scripted) -> None:
    person.does("work.scene")
    person.does("work.chapter")
    person.does("work.scene")
    person.does("work.note")
    assert titles(person) == [
        ("Untitled story", ""),
        ("Scene 1", "Untitled story"),
        ("Scene 2", "Untitled story"),
        ("Chapter 1", "Untitled story"),
        ("Scene 3", "Untitled story"),
        ("Note 1", ""),
    ]
    assert person.desk.title_of(person.wiring.text.work) == "Note 1"


def test_a_scene_added_in_a_chapter_stays_in_it(person: Scripted) -> None:
    person.does("work.chapter")
    chapter = next(work.id for work in person.session.reader.works() if work.kind == "chapter")
    person.window.works.add_requested.emit("scene", chapter)
    assert titles(person)[-1] == ("Scene 1", "Chapter 1")
    person.does("work.scene")
    assert titles(person)[-1] == ("Scene 2", "Chapter 1")


def test_a_new_story_opens_at_its_first_scene(person: Scripted) -> None:
    person.does("work.story")
    assert titles(person)[2:] == [("Story 2", ""), ("Scene 1", "Story 2")]
    assert person.wiring.text.work == person.session.reader.works()[-1].id


def test_renaming_is_on_disk_and_in_the_list(person: Scripted) -> None:
    person.window.works.renamed.emit(person.wiring.text.work, "Tür – “red”")
    assert person.desk.title_of(person.wiring.text.work) == "Tür – “red”"
    assert titles(person)[1] == ("Tür – “red”", "Untitled story")


@pytest.mark.parametrize(("index", "order"), [(0, "3 1 2"), (1, "1 3 2"), (2, "1 2 3"), (9, "1 2 3")])
def test_moving_puts_a_work_before_the_one_that_stands_there(
    person: Scripted, index: int, order: str
) -> None:
    person.does("work.scene")
    person.does("work.scene")
    story, *_, third = (work.id for work in person.session.reader.works())
    person.window.works.moved.emit(third, story, index)
    assert " ".join(title[-1] for title, parent in titles(person) if parent) == order


def test_a_removed_work_gives_way_to_the_first_and_can_be_brought_back(person: Scripted) -> None:
    person.types("First.")
    first = person.wiring.text.work
    person.does("work.scene")
    person.types("Second.")
    second = person.wiring.text.work
    person.window.works.remove_requested.emit(second)
    assert shown(person) == ["Untitled story", "Scene 1"]
    assert person.wiring.text.work == first and "Scene 2" in person.told
    person.window.messages.acted.emit()
    assert shown(person) == ["Untitled story", "Scene 1", "Scene 2"]
    assert (person.wiring.text.work, person.text) == (second, "Second.")
    person.desk.choose(first)
    person.window.messages.acted.emit()
    assert person.text == "First.", "taking back twice does nothing"


def test_removing_a_work_that_is_not_open_leaves_the_open_one(person: Scripted) -> None:
    first = person.wiring.text.work
    person.does("work.scene")
    person.types("Second.")
    person.window.works.remove_requested.emit(first)
    assert person.text == "Second." and shown(person) == ["Untitled story", "Scene 2"]


def test_removing_the_story_takes_its_scenes_along_and_leaves_nothing_to_type_into(person: Scripted) -> None:
    person.types("Kept.")
    story = person.session.reader.works()[0].id
    person.window.works.remove_requested.emit(story)
    assert shown(person) == [] and person.wiring.text.work == ""
    assert not person.pane.isVisible()
    person.window.messages.acted.emit()
    assert person.text == "Kept." and person.pane.isVisible()


def test_first_text_is_the_work_itself_or_the_first_below_it(person: Scripted) -> None:
    desk = person.desk
    scene = person.wiring.text.work
    story = person.session.reader.works()[0].id
    person.does("work.chapter")
    chapter = next(work.id for work in desk._works.values() if work.kind == "chapter")
    assert desk._first_open(scene) == scene
    assert desk._first_open(story) == scene
    assert desk._first_open(chapter) == ""
    desk.add_work("scene", chapter)
    assert desk._first_open(chapter) == person.wiring.text.work != scene
    assert desk._first_open("nobody") == "" and desk._first_open("") == ""


# -- copies ---------------------------------------------------------------------------------------


def test_a_copy_is_a_project_of_its_own_with_what_was_just_typed(
    person: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def chosen(*_arguments: object, **_more: object) -> Path:
        return tmp_path / "Copy.atelier"

    monkeypatch.setattr("studio.app.project_desk.ask_path", chosen)
    person.types("Just typed.")
    person.waits_for(person.desk.save_copy())
    assert "Copy.atelier" in person.told
    with Reader(tmp_path / "Copy.atelier") as copy:
        assert copy.text_of(person.wiring.text.work).text == "Just typed."
        assert copy.project_id != person.session.reader.project_id


def test_a_copy_over_something_is_refused_and_told(
    person: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def chosen(*_arguments: object, **_more: object) -> Path:
        return tmp_path

    (tmp_path / "precious").write_text("mine")
    monkeypatch.setattr("studio.app.project_desk.ask_path", chosen)
    person.waits_for(person.desk.save_copy())
    assert "already" in person.told
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_closed_file_dialog_does_nothing(person: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_arguments: object, **_more: object) -> None:
        return None

    monkeypatch.setattr("studio.app.project_desk.ask_path", nothing)
    folder = person.session.folder
    for work in (person.desk.save_copy(), person.desk.ask_open()):
        person.waits_for(work)
    assert person.told == "" and person.session.folder == folder


@pytest.mark.parametrize("late", [False, True])
def test_a_switch_that_is_stopped_leaves_a_project_open(
    scripted, qtbot, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    person = scripted()
    person.types("mine")
    engine = person.wiring.engine
    gate = threading.Event()
    create = engine.create_project

    def busy_first(folder: Path, title: str):
        engine.write(lambda store: gate.wait(10))
        return create(folder, title)

    if not late:  # stopped before the engine comes to it
        monkeypatch.setattr(engine, "create_project", busy_first)
    task = person.wiring.tasks.start(person.desk.new())
    qtbot.waitUntil(lambda: person.desk._switching)
    task.cancel()
    if not late:
        qtbot.waitUntil(task.done)
    gate.set()
    qtbot.waitUntil(lambda: not person.desk._switching)
    assert person.desk.session is not None
    person.types(" and more")
    person.saved()
    if not late:
        assert person.text == "mine and more"


def test_a_copy_that_is_refused_is_told_and_later_words_are_saved(
    scripted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    person = scripted()
    target = tmp_path / "taken.atelier"
    target.mkdir()
    (target / "something").write_text("of mine")

    async def chosen(*_args: object, **_more: object) -> Path:
        return target

    monkeypatch.setattr("studio.app.project_desk.ask_path", chosen)
    person.waits_for(person.desk.save_copy())
    assert "taken" in person.told
    person.types("after it")
    person.saved()
    with Reader(person.session.folder) as reader:
        assert reader.text_of(person.wiring.text.work).text == "after it"
    assert (target / "something").read_text() == "of mine"
