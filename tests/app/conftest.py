"""A window with a scripted worker: no model and no torch, everything else is real."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

import studio.app.models_desk
from studio.app.places import Places
from studio.app.session import Session
from studio.app.settings import Settings
from studio.app.window import MainWindow
from studio.app.window_actions import connect_actions
from studio.app.wiring import Wiring
from studio.core.ids import new_id, now_ms
from studio.core.resources import resource_path
from studio.engine.thread import EngineThread
from studio.engine.views import Limits
from studio.project.records import Work
from tests.catalog.llama_folder import write_folder
from tests.engine.conftest import FAKE, engine_with
from tests.flows.conftest import Person

__all__ = ["engine_with"]


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny model folder that the program takes for its starter."""
    folder = write_folder(tmp_path / "starter").resolve()
    monkeypatch.setattr(studio.app.models_desk, "starter_model", lambda _kind: folder)
    return folder


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[QEventLoop]:
    """The window's loop, as if it ran: coroutines go on whenever Qt's events are looked after."""
    loop = QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    asyncio._set_running_loop(loop)
    yield loop
    qapp.processEvents()
    asyncio._set_running_loop(None)
    loop.close()
    asyncio.set_event_loop(None)


class Scripted(Person):
    """Someone at a window whose model follows a script."""

    @property
    def desk(self):
        """The desk of projects."""
        return self.wiring.projects

    @property
    def session(self) -> Session:
        """The open project."""
        session = self.wiring.projects.session
        assert session is not None
        return session

    @property
    def told(self) -> str:
        """What the message bar says, "" while it is hidden."""
        messages = self.window.messages
        return messages.accessibleName() if messages.isVisible() else ""

    def waits_for(self, work) -> None:
        """Start a coroutine as an action does and see it end."""
        self.wiring.tasks.start(work)
        self.sees(lambda: not self.wiring.tasks.busy)

    def streams(self, word: str = "ran2") -> None:
        """Wait until every take has come as far as this word of the script."""
        strip = self.pane.strip
        self.sees(lambda: any(word in text_of(strip, take) for take in strip.take_ids()))


def text_of(strip, take_id: str) -> str:
    """What the card of a take shows."""
    draft = strip.draft(take_id)
    return draft.text if draft else ""


@pytest.fixture
def picture_starter(starter: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The starter picture model beside the tiny story model: only its headers are read."""
    folder = resource_path("models", "picture")
    folders = {"story": starter, "picture": folder}
    monkeypatch.setattr(studio.app.models_desk, "starter_model", lambda kind: folders.get(kind, starter))
    return folder


@pytest.fixture
def painters(picture_starter: Path, scripted):
    """painters("slow", project=folder) opens a window with a new picture open (or the project's last work)."""
    from tests.app.picture_person import Painter

    def start(mode: str = "good", project: Path | None = None, limits: Limits | None = None) -> Painter:
        person = scripted(mode, project, limits)
        if project is None:
            person.does("work.picture")
        return Painter(person.wiring, person.qtbot)

    return start


@pytest.fixture
def painter(painters):
    """A new picture with a worker that does what it should."""
    return painters()


@pytest.fixture
def music_starter(starter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model of notes beside the tiny story model: only its headers are read."""
    from tests.catalog.music_folder import write_music_folder

    folder = write_music_folder(tmp_path / "sketch").resolve()
    folders = {"story": starter, "sketch": folder}
    monkeypatch.setattr(studio.app.models_desk, "starter_model", lambda kind: folders.get(kind, starter))
    return folder


@pytest.fixture
def composers(music_starter: Path, scripted):
    """composers("slow", project=folder) opens a window with a new piece open (or the project's last work)."""
    from tests.app.piece_person import Composer

    def start(mode: str = "good", project: Path | None = None, limits: Limits | None = None) -> Composer:
        person = scripted(mode, project, limits)
        if project is None:
            person.does("work.piece")
        return Composer(person.wiring, person.qtbot)

    return start


@pytest.fixture
def composer(composers):
    """A new piece with a worker that does what it should."""
    return composers()


@pytest.fixture
def scripted(loop: QEventLoop, starter: Path, qtbot, own_home: Path) -> Iterator[Callable[..., Scripted]]:
    """scripted("slow", project=folder) opens a window; the script is one of the fake worker's modes."""
    opened: list[Wiring] = []

    def start(mode: str = "good", project: Path | None = None, limits: Limits | None = None) -> Scripted:
        places = Places.default()
        settings = Settings(places)
        command = (sys.executable, str(FAKE), mode)
        engine = EngineThread(places.worker_log(), command=command, limits=limits or Limits(quit_ms=300))
        engine.start()
        window = MainWindow(settings)
        wiring = Wiring(window, settings, places, engine)
        connect_actions(wiring)
        opened.append(wiring)
        wiring.models.show()
        wiring.projects.open_at_start(project)
        window.show()
        qtbot.waitExposed(window)
        return Scripted(wiring, qtbot)

    yield start
    for wiring in opened:
        wiring.close()
        wiring.window.deleteLater()


@pytest.fixture
def person(scripted: Callable[..., Scripted]) -> Scripted:
    """A first launch with a worker that does what it should."""
    return scripted()


@pytest.fixture
def scene_of() -> Callable[..., str]:
    """scene_of(engine) adds a scene to the open project; its id."""

    def add(engine: EngineThread, title: str = "Scene 1", kind: str = "scene", parent: str = "") -> str:
        work = Work(id=new_id(), kind=kind, title=title, parent=parent, created_ms=now_ms())
        engine.write(lambda store: store.add_work(work)).result()
        return work.id

    return add
