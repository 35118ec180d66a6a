"""`atelier make`: takes of a text; those of a picture are in make_image, those of music in make_music."""

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from studio.app.places import Places
from studio.cli.console import FAILED, OK, PARTLY, Report, UsageError
from studio.cli.jobs import text_job
from studio.cli.runner import checked_model, device_of, runner
from studio.core.errors import StudioError
from studio.core.jobs import TextJob
from studio.core.resources import resource_path, starter_model
from studio.core.takes import Take
from studio.media.frames import answer_tokens, load_frames


def main(options: argparse.Namespace, say: Callable[[str], None]) -> Report:
    """Make the takes and report them."""
    if options.kind == "image":
        from studio.cli import make_image  # Pillow and the picture modules only for pictures

        return make_image.main(options, say)
    if options.kind == "music":
        from studio.cli import make_music  # and those of music only for music

        return make_music.main(options, say)
    prompt = read_stdin() if options.prompt == "-" else options.prompt
    model = checked_model(options.model, starter_model("story"))
    job = text_job(options, model, prompt, suffix=options.suffix, note=options.note)
    if job.act != "continue":
        job = _with_template(job, tokens_given="tokens" in _told(options))
    if options.out is not None:
        make_folder(options.out)
    with runner(options.project) as engine:
        work = engine.add_scene("From the command line", prompt + job.selection + options.suffix)
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


def read_stdin() -> str:
    """The whole of it, as text. Raises UsageError."""
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise UsageError(f"What stands on stdin is not UTF-8 text: {error}.") from error


def _told(options: argparse.Namespace) -> set[str]:
    """The fields of the job that were given, by an option of their own or by --set."""
    own = {"tokens"} if options.tokens is not None else set()
    return own | {pair.partition("=")[0] for pair in options.set}


def _with_template(job: TextJob, *, tokens_given: bool) -> TextJob:
    """An act on a selection is put by its template, the person's own before ours. Raises UsageError."""
    if not job.selection.strip():
        raise UsageError(f"The act “{job.act}” needs a passage: --set selection=TEXT.")
    frame = job.frame or load_frames([resource_path("acts"), Places.default().data / "acts"]).get(job.act)
    if frame is None:
        raise StudioError(f"The template of “{job.act}” is missing or damaged.", do="See “atelier doctor”.")
    tokens = job.tokens if tokens_given else answer_tokens(frame, job.selection)
    framed: TextJob = job.changed(frame=frame, tokens=tokens, trim="none")
    return framed


def make_folder(folder: Path) -> None:
    """Make it when it is not there, and see that it can be written to before anything is. Raises StudioError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(f"{folder} can't be made: {error.strerror}.", do="Name another --out.") from error
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise StudioError(
            f"Nothing can be written into {folder}: {error.strerror}.",
            kept="Nothing was made yet.",
            do="Name another --out, or change the folder's permissions.",
        ) from error
