"""`atelier tune text|image|music FOLDER`: fine-tune without a window; `tune inspect FOLDER`: look before."""

import argparse
from collections.abc import Callable
from pathlib import Path

from studio.app.places import Places
from studio.cli.console import Report, UsageError
from studio.cli.tune_follow import Following
from studio.cli.tune_settings import settings_of, told_of, typed_over, value_of
from studio.core.errors import StudioError
from studio.core.tune_events import Finished
from studio.core.tune_run import RunFolder
from studio.core.tuning import TuneSettings
from studio.engine.tune_runs import TuneRuns

Say = Callable[[str], None]


def main(options: argparse.Namespace, say: Say) -> Report:
    """Begin a run, or go on with one, and follow it to its end."""
    if options.kind == "inspect":
        from studio.cli import tune_inspect

        return tune_inspect.main(options, say)
    places = Places.default()
    runs = TuneRuns(places.runs, places.adapters, places.models_file)
    run, offset = _resumed(options, runs, say) if options.resume else (_begun(options, runs), 0)
    say(f"The run {run.id} is a process of its own: it goes on when this terminal is closed.")
    return Following(runs, run, say, offset).until_over()


def _begun(options: argparse.Namespace, runs: TuneRuns) -> RunFolder:
    settings = _onward(options, runs) if options.again else settings_of(options)
    if not options.folder.is_dir():
        raise StudioError(
            f"There is no folder {options.folder}.",
            kept="Nothing was begun.",
            do="Choose another one.",
            code="no_folder",
        )
    out = Path(settings.out) if settings.out else None
    if out is not None and out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise UsageError(f"{out} exists already, and nothing is written over: name another place with --out.")
    return runs.enqueue(settings)


def _onward(options: argparse.Namespace, runs: TuneRuns) -> TuneSettings:
    """The settings of the folder's last finished run, going on from its result; what was typed wins."""
    wanted, keys = settings_of(options), told_of(options)
    for run in reversed(runs.all()):
        try:
            asked = run.settings()
        except (StudioError, OSError):
            continue
        if (asked.art, asked.folder) == (wanted.art, wanted.folder) and runs.state(run) in (
            "done",
            "stopped",
        ):
            return typed_over(runs.again(run), wanted, keys)
    raise StudioError(
        f"No run on {wanted.folder} has finished yet.",
        kept="Nothing was begun.",
        do="Leave out --again to begin one.",
        code="no_run",
    )


def _resumed(options: argparse.Namespace, runs: TuneRuns, say: Say) -> tuple[RunFolder, int]:
    """The newest run of the folder that was asked for like this, at work already or in the queue again, and the byte
    of its lines to follow it from. A finished one says its end again."""
    wanted, keys = settings_of(options), told_of(options)
    unlike: dict[str, list[str]] = {}  # run -> the settings in which it is another one
    for run in reversed(runs.all()):
        try:
            asked = run.settings()
        except (StudioError, OSError):
            continue
        if (asked.art, asked.folder) != (wanted.art, wanted.folder):
            continue
        differences = [key for key in keys if value_of(asked, key) != value_of(wanted, key)]
        if not differences:
            return run, _go_on(runs, run, say)
        unlike[run.id] = [f"{key} {value_of(asked, key)}" for key in differences]
    if not unlike:
        what = f"There is no run on {wanted.folder} to go on with."
        raise StudioError(what, do="Leave out --resume to begin one.", code="no_run")
    name, differences = next(iter(unlike.items()))
    raise StudioError(
        f"The last run on {wanted.folder} was asked for with other settings: {', '.join(differences)}.",
        kept=f"The run {name} is as it was.",
        do="Leave those options out to go on with it, or --resume to begin another one.",
        code="no_run",
    )


def _go_on(runs: TuneRuns, run: RunFolder, say: Say) -> int:
    """See that a run will be worked on; where its new lines begin."""
    state = runs.state(run)
    if state == "done":
        return _last_line(run)
    offset = run.events_file.stat().st_size if run.events_file.exists() else 0
    if state in ("running", "paused"):
        runs.go_on(run)
        say(f"The run {run.id} is at work already; it is followed from here.")
    else:
        runs.resume(run)
    return offset


def _last_line(run: RunFolder) -> int:
    """The byte where the line that says a run's end begins."""
    before = 0
    for event, behind in run.events():
        if isinstance(event, Finished):
            return before
        before = behind
    return before
