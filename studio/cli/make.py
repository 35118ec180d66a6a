"""`atelier make text`: takes from a prompt."""

import argparse
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from studio.cli.console import FAILED, OK, PARTLY, Report
from studio.cli.jobs import text_job
from studio.cli.runner import checked_model, device_of, runner
from studio.core.errors import StudioError
from studio.core.resources import starter_model
from studio.core.takes import Take


def main(options: argparse.Namespace, say: Callable[[str], None]) -> Report:
    """Make the takes and report them."""
    prompt = sys.stdin.read() if options.prompt == "-" else options.prompt
    model = checked_model(options.model, starter_model("story"))
    job = text_job(options, model, prompt, suffix=options.suffix, note=options.note)
    if options.out is not None:
        _make_folder(options.out)
    with runner(options.project) as engine:
        work = engine.add_scene("From the command line", prompt + options.suffix)
        parent = engine.session.history(work).head
        takes = engine.run(job.changed(work=work, parent=parent, at=len(prompt)))
    for take in takes:
        say(f"--- take {take.index + 1} (seed {take.seed})\n{take.text}")
    done = [take for take in takes if take.status == "done"]
    status = OK if len(done) == job.takes else PARTLY if takes else FAILED
    body = {
        "model": model_row(takes, model, options.adapter),
        "takes": [take_row(t, options.out) for t in takes],
    }
    return Report(body=body, status=status, device=device_of(takes))


def model_row(takes: list[Take], model: str, adapters: list[str]) -> dict[str, Any]:
    """The model as the envelope names it."""
    made = next((take.recipe.made for take in takes if take.recipe.made), None)
    return {"path": model, "sha256": made.model_sha256 if made else "", "adapters": adapters}


def take_row(take: Take, out: Path | None = None) -> dict[str, Any]:
    """A take as the envelope shows it; with `out` its text goes to a file there."""
    row: dict[str, Any] = {"id": take.id, "seed": take.seed, "status": take.status}
    if out is None:
        row["text"] = take.text
    else:
        file = out / f"take-{take.index + 1}.txt"
        file.write_text(take.text, encoding="utf-8", newline="")
        row["file"] = str(file)
    return row | {
        "sha256": hashlib.sha256(take.text.encode()).hexdigest(),
        "seconds": round(take.seconds, 3),
        "units": len(take.tokens),
        "recipe": msgspec.to_builtins(take.recipe),
    }


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(f"{folder} can't be made: {error.strerror}.", do="Name another --out.") from error
