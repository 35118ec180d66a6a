"""`atelier make music`: takes of notes, from nothing or from a file: gone on from, filled in, varied, added to."""

import argparse
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from studio.catalog.card import ModelCard
from studio.catalog.inspect import inspect_model
from studio.cli.console import FAILED, OK, PARTLY, Report, UsageError
from studio.cli.image_options import adapters_of
from studio.cli.make import make_folder, model_row
from studio.cli.music_job import Asked, asked, music_job
from studio.cli.runner import Runner, checked_model, device_of, runner
from studio.core.files import told, write_whole
from studio.core.pieces import PieceJob
from studio.core.resources import starter_model
from studio.core.takes import Take
from studio.media.music.document_takes import notes_from
from studio.media.music.facts import measure
from studio.media.music.midi_write import write_midi
from studio.media.music.obedience import obedience
from studio.media.music.score import Score
from studio.media.music.take_scores import laid_in
from studio.media.music.theory import key_name, parse_scale


def main(options: argparse.Namespace, say: Callable[[str], None]) -> Report:
    """Make the takes and report them."""
    ask = asked(options)
    card = _card(options.model)
    job, files = music_job(ask, card, adapters_of(options))
    if options.out is not None:
        make_folder(options.out)
    title = options.source.stem if options.source is not None else "From the command line"
    with runner(options.project) as engine:
        session = engine.session
        work = session.add_work("piece", title, "")
        if ask.read is not None:
            session.revise_piece(work, ask.score, f"Import {title}", "imported")
        else:
            session.revise_piece(work, ask.score, "Set up", "drawn")
        takes = run_music(engine, job, files, work)
    rows = [row_of(take, ask.score, options.out) for take in takes]
    for row in rows:
        say(
            f"take {row['index'] + 1} (seed {row['seed']}): {row.get('file', row['status'])}, {row['facts']['words']}"
        )
    body: dict[str, Any] = {
        "model": model_row(takes, card.path, options.adapter),
        "from": _begun(options, ask),
        "bars": [job.first_bar + 1, job.last_bar + 1],
        "takes": rows,
    }
    done = [take for take in takes if take.status == "done"]
    status = OK if len(done) == job.takes else PARTLY if takes else FAILED
    return Report(body=body, status=status, device=device_of(takes))


def row_of(take: Take, base: Score, out: Path | None) -> dict[str, Any]:
    """A take as the envelope shows it; with `out` the piece with it goes to a file there, else its notes stand here."""
    job, score = take.recipe.composing, laid_in(base, take)
    row: dict[str, Any] = {"id": take.id, "index": take.index, "seed": take.seed, "status": take.status}
    data = write_midi(score).data
    if out is None:
        row["text"] = take.text
    else:
        file = out / f"take-{take.index + 1}.mid"
        with told(f"write {file}"):
            write_whole(file, data)
        row["file"] = str(file)
    return row | {
        "sha256": hashlib.sha256(data).hexdigest(),
        "seconds": round(take.seconds, 3),
        "units": len(take.tokens),
        "notes": sum(map(len, notes_from(take.text).values())),
        "facts": _facts(score, job),
        "held": msgspec.to_builtins(obedience(score, take.id, job.scale)),
        "recipe": msgspec.to_builtins(take.recipe),
    }


def _facts(score: Score, job: PieceJob) -> dict[str, Any]:
    """What the written bars and tracks measure."""
    tracks = (job.new.id,) if job.new is not None else job.tracks
    scale = parse_scale(job.scale) if job.scale else None
    facts = measure(score, tracks, job.first_bar, job.last_bar, scale)
    return {
        "notes": facts.notes,
        "bars": facts.bars,
        "density": round(facts.density, 3),
        "low": facts.low,
        "high": facts.high,
        "key": key_name(facts.key) if facts.key else None,
        "in_key": facts.in_key,
        "in_chord": facts.in_chord,
        "polyphony": None if facts.polyphony is None else round(facts.polyphony, 3),
        "words": facts.words,
    }


def run_music(engine: Runner, job: PieceJob, files: dict[str, bytes], work: str) -> list[Take]:
    """The takes of a job about a piece of the project, in order; they grow from where it stands."""
    session = engine.session
    session.write(lambda store: store.put_assets(files)).result()
    return engine.run(job.changed(work=work, parent=session.history(work).head))


def _begun(options: argparse.Namespace, ask: Asked) -> dict[str, Any] | None:
    if ask.read is None:
        return None
    return {
        "file": str(options.source),
        "bars": len(ask.read.score.bars()),
        "tracks": len(ask.read.score.tracks),
        "changed": list(ask.read.notes),
    }


def _card(path: Path | None) -> ModelCard:
    starter = starter_model("sketch")
    if path is None and not starter.is_dir():
        raise UsageError("No music model came with this installation: name one with --model PATH.")
    return inspect_model(checked_model(path, starter, "music"))
