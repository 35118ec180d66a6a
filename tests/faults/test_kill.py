"""kill -9 of the window and of the worker: what was acknowledged is there, nothing is left running."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from studio.project.store import Store
from tests.flows.conftest import MODEL_WAIT_MS, OPENING, Person, launch, person  # noqa: F401  fixtures

SAVE_LOOP = Path(__file__).with_name("save_loop.py")
ROUNDS = 20


@pytest.mark.timeout(400)  # twenty windows
def test_killed_window_keeps_every_acknowledged_keystroke(tmp_path: Path) -> None:
    moments = random.Random(4)
    kept = 0
    for _ in range(ROUNDS):
        folder, acknowledged, worker = _killed_after(tmp_path, moments.randint(1, 25))
        with Store.open(folder) as store:  # the dead window's lock is taken over
            work = next(work for work in store.works() if work.kind == "scene")
            kept += len(store.text_of(work.id).text) >= acknowledged
            assert not store.check()
        psutil.wait_procs(worker, timeout=5)
        assert not [process for process in worker if process.is_running()], "an orphaned worker"
    assert kept == ROUNDS


def _killed_after(home: Path, saves: int) -> tuple[Path, int, list[psutil.Process]]:
    """Start the typing window, kill it after so many acknowledged saves; its project, the last one, its worker."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "ATELIER_HOME": str(home)}
    window = subprocess.Popen(
        [sys.executable, str(SAVE_LOOP)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=SAVE_LOOP.parents[2],
    )
    assert window.stdout is not None
    watchdog = threading.Timer(60, window.kill)
    watchdog.start()
    try:
        folder = Path(window.stdout.readline().partition(" ")[2].strip())
        acknowledged = 0
        for _ in range(saves):
            acknowledged = int(window.stdout.readline().split()[1])
        children = psutil.Process(window.pid).children(recursive=True)
        os.kill(window.pid, signal.SIGKILL)
        rest = window.stdout.read().split("\n")
        said = [int(line.split()[1]) for line in rest if line.startswith("saved ") and line[6:].isdigit()]
        return folder, max([acknowledged, *said]), children
    finally:
        watchdog.cancel()
        window.kill()
        window.wait()
        window.stdout.close()


def test_killed_worker_keeps_what_streamed_and_comes_back(person: Person) -> None:  # noqa: F811
    person.types(OPENING)
    values = person.pane.prompt.values()
    person.pane.prompt.set_values(type(values)(model=values.model, takes=3, tokens=400))
    takes, engine = person.wiring.text.takes, person.wiring.engine
    grown: set[str] = set()
    killed: list[int] = []

    def on_grew(pieces: list[tuple[str, str]]) -> None:
        """At the first words of the last take: a moment later all might be done."""
        grown.update(take_id for take_id, text in pieces if text)
        if len(grown) == 3 and not killed:
            killed.append(engine.worker_pid())
            os.kill(killed[0], signal.SIGKILL)

    engine.takes_grew.connect(on_grew)
    person.does("take.propose")
    person.sees(lambda: killed and not person.wiring.text.running, MODEL_WAIT_MS)
    (dead,) = killed
    assert {take.status for take in takes.values()} == {"failed"}
    assert all(take.text for take in takes.values())
    person.sees(person.window.messages.isVisible)
    again = person.proposes("take.regenerate")
    assert {take.status for take in again} == {"done"}
    assert person.wiring.engine.worker_pid() not in (None, dead)


def _shown(strip, take_id: str) -> str:
    draft = strip.draft(take_id)
    return draft.text if draft else ""


def test_closing_the_window_while_takes_stream_keeps_them(launch: Callable[..., Person]) -> None:  # noqa: F811
    person = launch()  # noqa: F811
    person.types(OPENING)
    values = person.pane.prompt.values()
    person.pane.prompt.set_values(type(values)(model=values.model, takes=2, tokens=400))
    person.does("take.propose")
    strip = person.pane.strip
    person.sees(
        lambda: (
            len(person.wiring.text.takes) == 2
            and all(_shown(strip, take) for take in person.wiring.text.takes)
        ),
        MODEL_WAIT_MS,
    )
    folder = person.wiring.projects.session.folder
    person.window.close()
    with Store.open(folder) as store:
        work = next(work for work in store.works() if work.kind == "scene")
        takes = store.takes_of(work.id)
        assert {take.status for take in takes} == {"stopped"}
        assert all(take.text for take in takes)
