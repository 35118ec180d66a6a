"""The real window with the real engine, worker and starter model, on Qt's offscreen platform."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from studio.app.main import open_window
from studio.app.places import Places
from studio.app.wiring import Wiring
from studio.core.takes import Take
from studio.widgets.take_card import TakeCard

OPENING = "Once upon a time, a little fox found a small red door in the hill."
MODEL_WAIT_MS = 100_000


class Person:
    """Someone at the window: types, presses keys, waits for what can be seen."""

    def __init__(self, wiring: Wiring, qtbot) -> None:
        self.wiring, self.qtbot = wiring, qtbot
        self.window, self.pane = wiring.window, wiring.window.pane

    def types(self, words: str) -> None:
        QTest.keyClicks(self.pane.editor, words)

    def does(self, action_id: str) -> None:
        """Trigger an action as its menu entry or shortcut would."""
        action = self.window.actions_by_id[action_id]
        assert action.isEnabled(), action_id
        action.trigger()

    def sees(self, what: Callable[[], object], timeout_ms: int = 30_000) -> None:
        self.qtbot.waitUntil(lambda: bool(what()), timeout=timeout_ms)

    def proposes(self, action_id: str = "take.propose", count: int = 3) -> list[Take]:
        """Ask, wait for all takes, return them in order."""
        before = set(self.wiring.text.takes)
        self.does(action_id)

        def done() -> bool:
            new = [take for take_id, take in self.wiring.text.takes.items() if take_id not in before]
            return len(new) == count and not self.wiring.text.running

        self.sees(done, MODEL_WAIT_MS)
        new = [take for take_id, take in self.wiring.text.takes.items() if take_id not in before]
        return sorted(new, key=lambda take: take.index)

    def card(self, take_id: str) -> TakeCard:
        """The card that shows this take."""
        cards = self.pane.strip.findChildren(TakeCard)
        return next(card for card in cards if card.take is not None and card.take.id == take_id)

    @property
    def text(self) -> str:
        return self.pane.value().text

    def saved(self) -> None:
        """Wait until everything typed is on disk."""
        self.pane.flush()
        session = self.wiring.projects.session
        assert session is not None
        self.sees(lambda: session.saved)


@pytest.fixture
def launch(qapp: QApplication, qtbot, own_home: Path) -> Iterator[Callable[..., Person]]:
    """launch() opens the window as the command does; whatever is open at the end is closed."""
    opened: list[Wiring] = []
    loop = QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    asyncio._set_running_loop(loop)

    def start(project: Path | None = None) -> Person:
        wiring = open_window(Places.default(), project)
        opened.append(wiring)
        qtbot.waitExposed(wiring.window)
        return Person(wiring, qtbot)

    yield start
    for wiring in opened:
        wiring.window.close()
        wiring.window.deleteLater()
    qapp.processEvents()
    asyncio._set_running_loop(None)
    loop.close()
    asyncio.set_event_loop(None)


@pytest.fixture
def person(launch: Callable[..., Person]) -> Person:
    """A first launch."""
    return launch()
