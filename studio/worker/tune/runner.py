"""The runner: a process of its own that works on one run, from the person's folder to an adapter in the lists.

It is steered by the files of its run and outlives whoever began it. Killed at any time, it leaves a run that goes on:
what was found stays found, the newest whole checkpoint is trained on from, a sealed result is only published.
"""

import argparse
import faulthandler
import os
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final, assert_never

import msgspec
from msgspec.structs import replace

from studio.core.errors import StoppedError, StudioError
from studio.core.files import from_os, told, write_whole
from studio.core.tune_events import Broke, Finished, Noted, RunEvent
from studio.core.tune_run import TURN, RunFolder
from studio.core.tuning import Art, read_settings, write_settings
from studio.media.dataset.found import Survey, keep, kept
from studio.media.dataset.prepare import prepare
from studio.worker.startup import leave_interrupts_to_parent
from studio.worker.tune.publish import pending, publish, seal
from studio.worker.tune.queue import holding, is_waiting, next_waiting, start_next
from studio.worker.tune.run import Run, Trained

_NICE: Final = 10  # behind the window and behind the worker that makes takes
_TELL_S: Final = 0.2
Train = Callable[[Run], Trained]
Finish = Callable[[Run, Trained], Finished]
_CHECKPOINTS: Final = "Its checkpoints are kept."


def main(arguments: list[str]) -> int:
    """`run RUN_DIR [--models FILE]`: work on the run, or on the one whose turn it is, then start the next one."""
    parser = argparse.ArgumentParser(prog="python -m studio.worker run")
    parser.add_argument("run", type=Path)
    parser.add_argument("--models", type=Path)
    options = parser.parse_args(arguments)
    asked = RunFolder(options.run.resolve())
    models_file = options.models.resolve() if options.models else None
    leave_interrupts_to_parent()
    yield_to_others()
    with holding(asked.path.parent / TURN) as our_turn:
        ended = our_turn and _take(asked, models_file)
    if ended:  # where not even an end could be written, the next one would fare no better
        start_next(asked.path.parent, models_file)
    return 0


def yield_to_others() -> None:
    """Let everything else that the person does go first."""
    if hasattr(os, "setpriority"):
        lowest = max(_NICE, os.getpriority(os.PRIO_PROCESS, 0))
        os.setpriority(os.PRIO_PROCESS, 0, lowest)
    else:
        import psutil

        psutil.Process().nice(psutil.IDLE_PRIORITY_CLASS)


def _take(asked: RunFolder, models_file: Path | None) -> bool:
    """Work on the run that was asked for where it still waits, else on the next one; whether one came to an end."""
    run = asked if is_waiting(asked) else next_waiting(asked.path.parent)
    if run is None:
        return False
    with holding(run.lock_file) as ours:
        if not ours or not is_waiting(run):
            return ours
        _log_into(run.log_file)
        return work(run, models_file)


def _log_into(log: Path) -> None:
    """From here on what is printed, warned of or crashed with lies beside the run."""
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.close(handle)
    faulthandler.enable()


def train(run: Run) -> Trained:
    """Train with the trainer of the run's art, with samples on the way; several times where a search is asked for."""
    from studio.worker.tune.samples import sampler_for

    trainer = _trainer_of(run.settings.art)
    if run.settings.search.trials:
        from studio.worker.tune.search import search

        return search(run, trainer)
    run.on_sample = sampler_for(run)
    return trainer(run)


def _trainer_of(art: Art) -> Train:
    match art:
        case "text":
            from studio.worker.tune.causal import train_text

            return train_text
        case "music":
            from studio.worker.tune.causal import train_music

            return train_music
        case "image":
            from studio.worker.tune.picture import train_image

            return train_image
        case other:
            assert_never(other)


def finish(run: Run, trained: Trained) -> Finished:
    """Weigh what was learnt and write its card and report beside it."""
    from studio.worker.tune.after import after

    return after(run, trained)


def work(folder: RunFolder, models_file: Path | None, train: Train = train, finish: Finish = finish) -> bool:
    """Bring a run to its end, whatever that is; whether its end could be written down. Its lock is the caller's.

    `train` leaves an adapter staged; `finish` weighs it, writes its card beside it and says what is to be told.
    """
    try:
        end: RunEvent = _bring_to_end(folder, models_file, train, finish)
    except StoppedError as error:
        end = Broke(what=error.what, kept=error.kept, code="cancelled")
    except StudioError as error:
        traceback.print_exc()
        end = _broke(error, traceback.format_exc())
    except OSError as error:
        traceback.print_exc()
        end = _broke(from_os(error, "go on with the training", _CHECKPOINTS), traceback.format_exc())
    except Exception as error:  # noqa: BLE001  told as a bug, with the traceback as details
        traceback.print_exc()
        what = f"Atelier made a mistake: {type(error).__name__}: {error}."
        do = f"Report it with the file {folder.log_file}."
        end = Broke(what=what, kept=_CHECKPOINTS, do=do, code="bug", details=traceback.format_exc())
    try:
        folder.append(end)
    except OSError:
        traceback.print_exc()
        return False
    return True


def _broke(error: StudioError, details: str) -> Broke:
    return Broke(what=error.what, kept=error.kept, do=error.do, code=error.code, details=details)


def _bring_to_end(folder: RunFolder, models_file: Path | None, train: Train, finish: Finish) -> Finished:
    began_s = time.monotonic()
    asked = folder.settings()
    run = Run(folder, asked, Survey(art=asked.art, folder=asked.folder))
    run.phase("survey")  # before anything that takes time or may crash: from here on the run has begun
    if not pending(folder):
        _prepare(run)
        trained = train(run)
        if trained.step == 0 and trained.why == "stopped":
            raise StoppedError("Stopped before the first step.", kept="There is nothing to keep yet.")
        finished = _finished(run, trained, finish)
        seal(folder, trained.adapter, _stamped(finished, trained, time.monotonic() - began_s))
    run.phase("publishing")

    def note(what: str, do: str, code: str) -> None:
        run.tell(Noted(what=what, do=do, code=code))

    return publish(folder, asked.out, models_file, note)


def _finished(run: Run, trained: Trained, finish: Finish) -> Finished:
    """What is to be told. Hours of training are not given up for a report that cannot be made."""
    try:
        return finish(run, trained)
    except StoppedError:
        raise
    except Exception as error:  # noqa: BLE001  noted, with the traceback in the log
        traceback.print_exc()
        what = error.what if isinstance(error, StudioError) else f"{type(error).__name__}: {error}."
        do = f"What was learnt is kept. Report it with the file {run.folder.log_file}."
        run.note(f"The report could not be made: {what}", do, code="no_report", step=trained.step)
    return Finished(step=trained.step, steps=trained.steps, adapter="", stopped=trained.stopped)


def _stamped(finished: Finished, trained: Trained, seconds: float) -> Finished:
    """With what it took and where it was computed."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype, threads = trained.precision, torch.get_num_threads()
    return replace(finished, seconds=seconds, device=device, dtype=dtype, threads=threads)


def _prepare(run: Run) -> None:
    """Fill in the run's survey and its complete settings: those it began with, or new ones."""
    from studio.worker.tune.surveying import checked_base, look, settle, surveyed

    def stopped() -> bool:
        return run.wait_while_paused() in ("stop", "cancel")

    paced = Paced(run)
    card = checked_base(run.settings)
    try:
        run.survey = kept(run.folder.data)
    except (OSError, msgspec.DecodeError):
        run.survey = look(run.settings, paced, stopped)
        with told("write what was found"):
            keep(run.survey, run.folder.data)
    prepared = prepare(run.survey, run.folder.data, paced, stopped)
    run.survey = prepared.survey
    for note in prepared.notes:
        run.note(note)
    try:
        run.settings = read_settings(run.folder.complete_file.read_text("utf-8"))
    except (OSError, StudioError):
        run.settings = settle(run.settings, run.survey, card)
        with told("write the settings"):
            write_whole(run.folder.complete_file, write_settings(run.settings).encode())
    run.tell(surveyed(run.settings, run.survey))


class Paced:
    """Tells how far the survey is, a few times a second."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._last_s = 0.0

    def __call__(self, done: float, words: str) -> None:
        """`done` is 0..1."""
        now_s = time.monotonic()
        if now_s - self._last_s >= _TELL_S:
            self._last_s = now_s
            self._run.phase("survey", done, words)
