"""`atelier models check [PATH]`: which acts a model can be trusted with, tried on the built-in passages."""

import argparse
import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from studio.app.places import Places
from studio.catalog.abilities import SHIPPED_NAME, Abilities, encoded, shipped_results
from studio.cli.console import FAILED, OK, Report, UsageError
from studio.cli.runner import checked_model, runner
from studio.core.errors import StoppedError, StudioError
from studio.core.events import Check, Checked, Checking
from studio.core.files import told, write_whole
from studio.core.ids import new_id
from studio.core.jobs import ACTS, Act, Frame
from studio.core.resources import resource_path, starter_model
from studio.engine.thread import EngineThread
from studio.engine.views import Problem
from studio.media.frames import read_frames

Said = Checking | Checked | Problem


def main(options: argparse.Namespace, say: Callable[[str], None]) -> Report:
    """Check a model (the starter without PATH), remember the results, report them."""
    places = Places.default()
    found = read_frames([resource_path("acts"), places.data / "acts"])
    for problem in found.problems:
        say(str(problem))
    frames = _chosen(options.acts, found.frames)
    model = checked_model(options.path, starter_model("story"))
    with runner(None) as engine:
        checked = _check(engine.engine, Check(id=new_id(), model=model, frames=frames), say)
    Abilities(places.data / "abilities.json").note(checked)
    if options.ship:
        with told(f"write {SHIPPED_NAME} beside the model", kept="The results were remembered all the same."):
            write_whole(Path(model) / SHIPPED_NAME, encoded(shipped_results(checked)))
    rows: list[dict[str, Any]] = []
    for result in checked.acts:
        rows.append(
            {
                "act": result.act,
                "usable": result.usable,
                "passed": result.passed,
                "of": result.of,
                "need": result.need,
                "why": result.why,
            }
        )
        say(f"{result.act}: {result.passed} of {result.of}" + (f" ({result.why})" if result.why else ""))
    body = {"model": {"path": model, "sha256": checked.model_sha256}, "acts": rows}
    return Report(body=body, status=OK if rows else FAILED)


def _chosen(names: str | None, frames: dict[Act, Frame]) -> tuple[Frame, ...]:
    """The templates of the acts named, all without a name."""
    if not names:
        return tuple(frames.values())
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in ACTS]
    if unknown:
        raise UsageError(f"“{unknown[0]}” is no act; the acts are {', '.join(ACTS)}.")
    return tuple(frame for act, frame in frames.items() if act in wanted)


def _check(engine: EngineThread, check: Check, say: Callable[[str], None]) -> Checked:
    """Have it checked and wait. Ctrl+C stops it and raises StoppedError."""
    said: queue.SimpleQueue[Said] = queue.SimpleQueue()
    for signal in (engine.checking, engine.checked, engine.check_failed):
        signal.connect(said.put, Qt.ConnectionType.DirectConnection)
    engine.check(check).result()
    told = -1
    try:
        while True:
            match said.get():
                case Checked() as checked:
                    return checked
                case Problem() as problem:
                    raise StudioError(problem.what, kept=problem.kept, do=problem.do, code="check_failed")
                case Checking(done=done):
                    if int(done * 10) > told:
                        told = int(done * 10)
                        say(f"checking: {told * 10} %")
    except KeyboardInterrupt:
        engine.cancel(check.id).result()
        raise StoppedError("The check was stopped.", kept="Nothing was changed.") from None
