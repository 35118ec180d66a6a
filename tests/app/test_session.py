"""What the window knows of a project is what stands on the disk, in the order it was asked for."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.app.session import Session
from studio.core.errors import StudioError
from studio.project.reader import Reader
from tests.engine.conftest import Bench

Open = Callable[[], "Desk"]


class Desk:
    """A session on an engine, and what it told."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.work = bench, bench.work
        self.session = Session(bench.engine, bench.folder)
        self.saved: list[bool] = []
        self.failures: list[BaseException] = []
        self.changed: list[str] = []
        self.session.saved_changed.connect(self.saved.append)
        self.session.failed.connect(self.failures.append)
        self.session.history_changed.connect(self.changed.append)

    def types(self, text: str, at: int | None = None, removed: int = 0):
        value = self.session.history(self.work).text
        at = len(value.text) if at is None else at
        return self.session.revise(self.work, value.edit(at, removed, text), "typed")

    @property
    def text(self) -> str:
        return self.session.history(self.work).text.text


@pytest.fixture
def at(engine_with, qtbot) -> Iterator[Desk]:
    desk = Desk(engine_with("good"))
    yield desk
    desk.session.close()


def on_disk(folder: Path, work: str) -> tuple[str, str]:
    with Reader(folder) as reader:
        return reader.text_of(work).text, reader.head(work)


def test_the_text_is_there_at_once_and_on_disk_when_it_is_called_saved(at: Desk, qtbot) -> None:
    assert at.session.saved
    at.types("Once")
    assert at.text == "Once" and not at.session.saved
    qtbot.waitUntil(lambda: at.session.saved)
    assert on_disk(at.bench.folder, at.work)[0] == "Once"
    assert at.saved == [False, True] and at.changed == [at.work]


def test_writes_are_done_in_the_order_they_were_asked_for(at: Desk, qtbot) -> None:
    done: list[int] = []
    futures = [at.session.write(lambda _store, n=n: done.append(n)) for n in range(50)]
    assert at.saved == [False]
    futures[-1].result()
    assert done == list(range(50))
    qtbot.waitUntil(lambda: at.session.saved)
    assert at.saved == [False, True]


def test_a_hundred_steps_are_one_saved(at: Desk, qtbot) -> None:
    for number in range(100):
        at.types(f"{number} ")
    qtbot.waitUntil(lambda: at.session.saved)
    assert at.saved == [False, True]
    assert on_disk(at.bench.folder, at.work) == (at.text, at.session.history(at.work).head)


@pytest.mark.parametrize("seed", range(4))
def test_history_is_as_on_disk_after_any_undo_redo_and_branch(at: Desk, qtbot, seed: int) -> None:
    chance, session, shown = random.Random(seed), at.session, ""
    for _ in range(80):
        history = session.history(at.work)
        places = ["", *(node.id for node in history.nodes())]
        match chance.choice(["type", "type", "cut", "undo", "undo", "redo", "branch"]):
            case "type":
                at.types(chance.choice(["ab ", "é", "🦊 "]), chance.randint(0, len(at.text)))
                shown = at.text
            case "cut":
                start = chance.randint(0, len(at.text))
                at.types("", start, min(3, len(at.text) - start))
                shown = at.text
            case "undo":
                shown = _put(shown, session.step_back(at.work))
            case "redo":
                shown = _put(shown, session.step_on(at.work))
            case "branch":
                for edit in session.branch(at.work, chance.choice(places)):
                    shown = _put(shown, edit)
        assert shown == at.text
    qtbot.waitUntil(lambda: session.saved)
    history = session.history(at.work)
    assert on_disk(at.bench.folder, at.work) == (at.text, history.head)
    with Reader(at.bench.folder) as reader:
        stored = reader.history(at.work)
        assert stored.nodes() == history.nodes() and stored.text == history.text
        assert all(
            stored.redo_child(place) == history.redo_child(place)
            for place in ["", *(node.id for node in history.nodes())]
        )


def _put(text: str, edit) -> str:
    if edit is None:
        return text
    end = edit.at + len(edit.removed)
    assert text[edit.at : end] == edit.removed
    return text[: edit.at] + edit.inserted + text[end:]


def test_at_either_end_a_step_is_none_and_writes_nothing(at: Desk) -> None:
    assert at.session.step_back(at.work) is None
    assert at.session.step_on(at.work) is None
    assert at.saved == []


def test_an_accept_is_revision_and_verdict_in_one(at: Desk, qtbot) -> None:
    job = at.bench.job(takes=1)
    at.bench.engine.submit(job)
    qtbot.waitUntil(lambda: at.bench.heard.ended(job.id))
    (take,) = at.session.reader.takes_of(at.work)
    draft = at.session.reader.take_draft(take.id)
    value = at.session.history(at.work).text
    at.session.accept(at.work, take.id, value.edit(0, 0, draft.text, draft.runs)).result()
    with Reader(at.bench.folder) as reader:
        assert reader.text_of(at.work) == draft
        (verdict,) = reader.verdicts(take.id)
        assert (verdict.kind, verdict.revision) == ("accepted", reader.head(at.work))
    node = at.session.history(at.work).node(at.session.history(at.work).head)
    assert (node.kind, node.take) == ("accepted", take.id)


def test_what_the_disk_refuses_is_told_and_written_later_in_order(at: Desk, qtbot) -> None:
    full = [True]

    def write(words: str):
        def work(store):
            if full[0]:
                raise StudioError("The disk is full.", code="full")
            store.set_setting("words", [*store.get_setting("words", []), words])

        return work

    at.session._retry.setInterval(10)
    for words in "abc":
        at.session.write(write(words))
    qtbot.waitUntil(lambda: at.session.jammed)
    assert {str(error) for error in at.failures} == {"The disk is full."}
    assert not at.session.saved and at.saved == [False] * len(at.saved)
    full[0] = False
    qtbot.waitUntil(lambda: at.session.saved)
    assert at.session.reader.get_setting("words") == ["a", "b", "c"]
    assert not at.session.jammed and at.saved[-1] is True


def test_a_new_work_is_on_disk_and_told_before_its_id_comes_back(at: Desk) -> None:
    told: list[int] = []
    at.session.works_changed.connect(lambda: told.append(len(at.session.reader.works())))
    work = at.session.add_work("scene", "Scene 2", "")
    assert told == [2]
    assert [row.title for row in at.session.reader.works() if row.id == work] == ["Scene 2"]
