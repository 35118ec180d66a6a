"""Looking through the person's folder before a training: for the runner, and as a process of its own for dialogs."""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from studio.catalog.card import ModelCard
from studio.catalog.inspect import inspect_model
from studio.catalog.tunable import why_not
from studio.core.errors import StudioError
from studio.core.tune_events import Broke, Phase, Surveyed, encode_event
from studio.core.tune_run import RunFolder
from studio.core.tuning import TuneSettings, read_settings, write_settings
from studio.media.dataset.defaults import complete, tokens_of
from studio.media.dataset.found import SIDES, Side, Stopped, Survey, Tell, keep, kept
from studio.media.dataset.survey import survey
from studio.worker.startup import leave_interrupts_to_parent
from studio.worker.threads import usable_cores


def checked_base(settings: TuneSettings) -> ModelCard:
    """The card of the base model, when it can be fine-tuned so. Raises StudioError that says why not."""
    card = inspect_model(settings.base)
    why = why_not(card, settings, gpu=gpu_here())
    if why:
        raise StudioError(
            why,
            kept="Nothing was changed.",
            do="Choose another method or another base model.",
            code="method",
        )
    return card


def look(settings: TuneSettings, tell: Tell, stopped: Stopped) -> Survey:
    """What is in the folder. Raises StudioError; StoppedError when `stopped` says so."""
    return survey(settings, tell, stopped, _sides_before(settings))


def _sides_before(settings: TuneSettings) -> dict[str, Side]:
    """Where the run that this one goes on from had its documents, by content."""
    if not settings.data.since:
        return {}
    try:
        before = kept(RunFolder(Path(settings.data.since)).data)
    except (OSError, msgspec.DecodeError) as error:
        raise StudioError(
            f"The earlier run {settings.data.since} could not be read, so what it held out is not known.",
            kept="Nothing was changed.",
            do="Leave data.since out to divide the folder anew.",
            code="no_run",
        ) from error
    return {document.sha256: document.side for document in before.documents}


def settle(settings: TuneSettings, found: Survey, card: ModelCard) -> TuneSettings:
    """The settings with nothing left to fill in, for this folder and this computer."""
    return complete(settings, found, card, cores=usable_cores(), accelerated=gpu_here())


def gpu_here() -> bool:
    """Whether torch can compute on a graphics card; a torch built for processors alone need not be imported (3 s)."""
    spec = find_spec("torch")
    libraries = Path(spec.origin).parent / "lib" if spec is not None and spec.origin else None
    if libraries is not None and not any((*libraries.glob("*torch_cuda*"), *libraries.glob("*torch_hip*"))):
        return False
    import torch

    return bool(torch.cuda.is_available())


def surveyed(settings: TuneSettings, found: Survey) -> Surveyed:
    """What is told of a folder that was looked through."""
    return Surveyed(
        documents={side: len(found.on(side)) for side in SIDES},
        units={side: tokens_of(found, side) for side in SIDES},
        left_out=sum(problem.left_out for problem in found.problems),
        settings=write_settings(settings),
    )


def main(arguments: list[str]) -> int:
    """`survey [--keep DIR]`: settings (TOML) on stdin; lines of JSON on stdout, the last one the survey or a Broke.

    To be killed when it is not wanted any more: it writes nothing but DIR/found.json, whole, at its end.
    """
    leave_interrupts_to_parent()
    folder = Path(arguments[1]) if arguments[:1] == ["--keep"] and len(arguments) > 1 else None

    def say(line: bytes) -> None:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()

    def tell(done: float, words: str) -> None:
        say(encode_event(Phase(name="survey", done=done, words=words)))

    try:
        say(_answer(read_settings(sys.stdin.read(), "What was asked for"), tell, folder))
    except StudioError as error:
        say(encode_event(Broke(what=error.what, kept=error.kept, do=error.do, code=error.code)))
        return 1
    return 0


def _answer(settings: TuneSettings, tell: Callable[[float, str], None], folder: Path | None) -> bytes:
    card = checked_base(settings)
    found = look(settings, tell, lambda: False)
    if folder is not None:
        keep(found, folder)
    answer: dict[str, Any] = {"event": "surveyed", "survey": found}
    answer["settings"] = write_settings(settle(settings, found, card))
    return msgspec.json.encode(answer) + b"\n"
