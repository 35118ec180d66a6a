"""The measurement at the window while a fine-tuning run goes on: see probe."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.probe import OPENING, STREAM_TICKS, type_text, wait, with_window

if TYPE_CHECKING:
    from studio.app.wiring import Wiring
    from studio.core.tune_run import RunFolder
    from studio.core.tuning import TuneSettings

_TEXTS = 40
_STEPS = 100_000  # it is ended when the window has been measured
_GONE_S = 60.0


def late(folder: Path) -> dict[str, float]:
    """Lateness of a 16 ms timer while a detached run trains the starter text model and a key is typed at each tick."""
    from studio.core.tune_events import Stepped
    from studio.engine.tune_runs import TuneRuns

    runs = TuneRuns(folder / "runs", folder / "adapters", folder / "models.json")
    run = runs.enqueue(_settings(folder))
    runs.start()

    def step() -> int:
        return max((event.step for event in run.last_events() if isinstance(event, Stepped)), default=0)

    def measure(wiring: "Wiring") -> dict[str, float]:
        from PySide6.QtTest import QTest

        from studio.widgets.ticks import Ticks, worst

        editor = wiring.window.pane.editor
        type_text(wiring, OPENING.strip())
        wait(lambda: step() > 0)
        first = step()
        ticks = Ticks(lambda _due_s: QTest.keyClicks(editor, "e "[len(ticks.late_ms) % 6 == 0]))
        ticks.start()
        wait(lambda: len(ticks.late_ms) >= STREAM_TICKS)
        ticks.stop()
        return worst(ticks.late_ms) | {"steps": float(step() - first)}

    try:
        _until_it_trains(run, step)
        return with_window(measure)
    finally:
        runs.cancel(run)
        deadline_s = time.monotonic() + _GONE_S
        while runs.at_work() and time.monotonic() < deadline_s:
            time.sleep(0.05)


def _until_it_trains(run: "RunFolder", step: Callable[[], int]) -> None:
    """Wait for the first step, or for the run's end. Raises TimeoutError."""
    from studio.core.tune_events import Broke, Finished

    deadline_s = time.monotonic() + 300.0
    while not step():
        if any(isinstance(event, Broke | Finished) for event in run.last_events()):
            raise RuntimeError(f"the run ended before it trained: {run.last_events()[-1]}")
        if time.monotonic() > deadline_s:
            raise TimeoutError("the run did not begin to train")
        time.sleep(0.05)


def _settings(folder: Path) -> "TuneSettings":
    from studio.core.resources import starter_model
    from studio.core.tuning import DataSettings, RunSettings, TuneSettings

    texts = folder / "texts"
    texts.mkdir()
    for number in range(_TEXTS):
        (texts / f"{number:02}.txt").write_text(f"The story of fox {number}.\n\n" + OPENING * 40, "utf-8")
    return TuneSettings(
        art="text",
        base=str(starter_model("story")),
        folder=str(texts),
        steps=_STEPS,
        out=str(folder / "out"),
        data=DataSettings(drop_duplicates=False),
        run=RunSettings(sample_every=-1, patience=0),
    )


PROBES: dict[str, Callable[[Path], dict[str, float]]] = {"tune-late": late}
