"""`python -m studio.cli.probe WHAT`: one measurement in a fresh process, for `atelier bench`; prints a JSON line."""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.app.wiring import Wiring
    from studio.core.takes import Take
    from studio.project.store import Store

STARTED = "ATELIER_BENCH_STARTED_S"
LOOK_MS = 4
OPENING = "Once upon a time, a little fox found a small red door in the hill. "
STREAM_TICKS = 400
LONG_TIMES = 36  # openings that make a prompt of about 700 tokens
ACCEPTS = 200
WAIT_S = 120.0


def main(what: str) -> None:
    """Measure one thing and print it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        os.environ["ATELIER_HOME"] = folder
        measures = PROBES
        if what.startswith("picture-"):
            from studio.cli.probe_pictures import PROBES as PICTURES

            measures = PICTURES
        if what.startswith("music-"):
            from studio.cli.probe_music import PROBES as MUSIC

            measures = MUSIC
        if what.startswith("tune-"):
            from studio.cli.probe_tune import PROBES as TUNE

            measures = TUNE
        print(json.dumps(measures[what](Path(folder))))


def started_s() -> float:
    """When this process was started, on the monotonic clock: `atelier bench` notes it as it starts a probe.

    (A process's own start time is known to the second only: the boot time it counts from is rounded.)
    """
    return float(os.environ[STARTED])


def bare(_folder: Path) -> dict[str, float]:
    """A bare PySide6 window with a text field, painted and typed into."""
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication, QMainWindow, QTextEdit

    app = QApplication([])
    window, text = QMainWindow(), QTextEdit()
    window.setCentralWidget(text)
    window.show()
    QTest.keyClicks(text, "a")
    wait(lambda: text.toPlainText() == "a" and window.isVisible())
    ready_ms = (time.monotonic() - started_s()) * 1000
    window.close()
    del app
    return {"ready_ms": ready_ms}


def window_ready(_folder: Path) -> dict[str, float]:
    """The real window, first launch, painted and typed into."""

    def measure(wiring: "Wiring") -> dict[str, float]:
        from PySide6.QtTest import QTest

        editor = wiring.window.pane.editor
        QTest.keyClicks(editor, "a")
        wait(lambda: editor.value().text == "a")
        return {"ready_ms": (time.monotonic() - started_s()) * 1000}

    return with_window(measure)


def first_take(_folder: Path) -> dict[str, float]:
    """Type half a sentence and propose at once, nothing warm; seconds to the first character of a take."""

    def measure(wiring: "Wiring") -> dict[str, float]:
        pane = wiring.window.pane
        type_text(wiring, OPENING.strip())
        heard: list[float] = []
        wiring.engine.takes_grew.connect(lambda _pieces: heard.append(time.monotonic()))
        wait(lambda: bool(wiring.models.titles()))
        pane.propose_requested.emit()
        wait(lambda: bool(heard))
        return {"first_s": heard[0] - started_s()}

    return with_window(measure)


def late(_folder: Path) -> dict[str, float]:
    """Lateness of a 16 ms timer while three takes stream and a key is typed at each tick; then a stop."""

    def measure(wiring: "Wiring") -> dict[str, float]:
        from PySide6.QtTest import QTest

        from studio.widgets.ticks import Ticks, worst

        pane = wiring.window.pane
        type_text(wiring, OPENING.strip())
        wait(lambda: wiring.engine.worker_phase() == "ready")
        rates: list[float] = []
        states: list[str] = []
        wiring.engine.job_changed.connect(lambda view: rates.append(view.rate))
        wiring.engine.job_changed.connect(lambda view: states.append(view.state))

        def press(_due_s: float) -> None:
            QTest.keyClicks(pane.editor, "e "[len(ticks.late_ms) % 6 == 0])
            if not wiring.text.running:
                propose_long(wiring)

        ticks = Ticks(press)
        propose_long(wiring)
        wait(lambda: "running" in states)
        ticks.start()
        wait(lambda: len(ticks.late_ms) >= STREAM_TICKS)
        ticks.stop()
        wait(lambda: bool(wiring.text.running))
        asked_s = time.monotonic()
        wiring.text.stop()
        wait(lambda: states[-1] == "stopping" or not wiring.text.running)
        stop_ms = (time.monotonic() - asked_s) * 1000
        wait(lambda: not wiring.text.running)
        return worst(ticks.late_ms) | {
            "tokens_per_s": statistics.median([rate for rate in rates if rate] or [0.0]),
            "stop_ms": stop_ms,
        }

    return with_window(measure)


def regenerate(_folder: Path) -> dict[str, float]:
    """First text at the window after some 700 tokens, read anew and once more; argument 2: how many pairs."""
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3

    def measure(wiring: "Wiring") -> dict[str, float]:
        heard: list[float] = []
        wiring.engine.takes_grew.connect(lambda _pieces: heard.append(time.monotonic()))

        def first_text_s() -> float:
            heard.clear()
            asked_s = time.monotonic()
            wiring.window.pane.propose_requested.emit()
            wait(lambda: bool(heard))
            wait(lambda: not wiring.text.running)
            return heard[0] - asked_s

        type_text(wiring, OPENING.strip())
        wait(lambda: wiring.engine.worker_phase() == "ready")
        first_text_s()
        pairs = []
        for number in range(runs):
            write_long(wiring, f"{number}. ")
            pairs.append((first_text_s(), first_text_s()))
        ratio = statistics.median(again / first for first, again in pairs)
        return {"first_s": statistics.median(first for first, _ in pairs), "ratio": ratio}

    return with_window(measure)


def write_long(wiring: "Wiring", start: str) -> None:
    """Replace the scene by about 700 tokens that begin so, as a paste does; the caret is at its end."""
    from PySide6.QtWidgets import QApplication

    editor = wiring.window.pane.editor
    QApplication.clipboard().setText(start + OPENING * LONG_TIMES)
    editor.selectAll()
    editor.paste()
    wiring.window.pane.flush()


def accept(_folder: Path) -> dict[str, float]:
    """Accept takes one after the other through the engine; milliseconds until each is on disk."""

    def measure(wiring: "Wiring") -> dict[str, float]:
        from studio.core.ids import new_id, now_ms
        from studio.core.jobs import TextJob
        from studio.core.takes import Recipe, Take

        session, work = wiring.projects.session, wiring.text.work
        assert session is not None
        words = " the fox went home."
        times_ms = []
        for number in range(ACCEPTS):
            history = session.history(work)
            job = TextJob(id=new_id(), work=work, parent=history.head, prompt="", model="", seed=number)
            take = Take(
                id=new_id(), job=job.id, work=work, parent=history.head, index=0, seed=number, status="streaming",
                recipe=Recipe(job=job, index=0), created_ms=now_ms(),
            )  # fmt: skip
            session.write(partial(make_take, take=take, words=words)).result()
            edit = history.text.edit(len(history.text.text), 0, words)
            began = time.perf_counter()
            session.accept(work, take.id, edit).result()
            times_ms.append((time.perf_counter() - began) * 1000)
        return {"p99_ms": sorted(times_ms)[int(ACCEPTS * 0.99)], "runs": ACCEPTS}

    return with_window(measure)


def make_take(store: "Store", take: "Take", words: str) -> None:
    """A finished take in the project."""
    store.start_take(take)
    store.end_take(take.id, "done", words)


def memory(_folder: Path) -> dict[str, float]:
    """Resident memory of the window's process after a story was drafted and the model is warm."""

    def measure(wiring: "Wiring") -> dict[str, float]:
        import psutil

        type_text(wiring, OPENING.strip())
        wait(lambda: wiring.engine.worker_phase() == "ready")
        wiring.window.pane.propose_requested.emit()
        wait(lambda: bool(wiring.text.running))
        wait(lambda: not wiring.text.running)
        return {"rss_mib": psutil.Process().memory_info().rss / 2**20}

    return with_window(measure)


def novel(folder: Path) -> dict[str, float]:
    """A novel of 900 KB in one scene: seconds to open it, lateness of keys in it."""
    from studio.cli.novel import make_novel, measure

    project = folder / "novel.atelier"
    scene = make_novel(project)
    return with_window(lambda wiring: measure(wiring, scene), project)


# -- helpers -------------------------------------------------------------------------------------


def with_window(
    measure: Callable[["Wiring"], dict[str, float]], project: Path | None = None
) -> dict[str, float]:
    """Open the window as a first launch does (or with a project), measure, close it."""
    from studio.app.main import make_app, open_window, quicken_switching
    from studio.app.places import Places
    from studio.app.settings import Settings

    places = Places.default()
    quicken_switching()
    make_app(Settings(places))
    wiring = open_window(places, project)
    try:
        return measure(wiring)
    finally:
        wiring.window.close()


def wait(until: Callable[[], Any]) -> None:
    """Let Qt work until something is so. Raises TimeoutError after WAIT_S."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop, look = QEventLoop(), QTimer(interval=LOOK_MS)
    deadline_s = time.monotonic() + WAIT_S
    look.timeout.connect(lambda: loop.quit() if until() or time.monotonic() > deadline_s else None)
    look.start()
    if not until():
        loop.exec()
    look.stop()
    if not until():
        raise TimeoutError("the measurement did not come to its end")


def type_text(wiring: "Wiring", text: str) -> None:
    """Type into the open scene."""
    from PySide6.QtTest import QTest

    QTest.keyClicks(wiring.window.pane.editor, text)
    wiring.window.pane.flush()


def propose_long(wiring: "Wiring") -> None:
    """Ask for three long takes."""
    from msgspec.structs import replace

    prompt = wiring.window.pane.prompt
    prompt.set_values(replace(prompt.values(), takes=3, tokens=400))
    wiring.window.pane.propose_requested.emit()


PROBES: dict[str, Callable[[Path], dict[str, float]]] = {
    "bare": bare,
    "window": window_ready,
    "first-take": first_take,
    "late": late,
    "regenerate": regenerate,
    "accept": accept,
    "memory": memory,
    "novel": novel,
}

if __name__ == "__main__":
    main(sys.argv[1])
