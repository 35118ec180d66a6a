"""Runs of tiny models on small folders, for the tests of training."""

from pathlib import Path
from typing import Any

import numpy as np

from studio.core.tune_events import RunEvent
from studio.core.tune_run import RunFolder
from studio.core.tuning import (
    AdapterSettings,
    Art,
    DataSettings,
    MusicSettings,
    OptimizerSettings,
    RunSettings,
    TextSettings,
    TuneSettings,
)
from studio.media.dataset.found import Document, Survey
from studio.media.dataset.prepare import prepare
from studio.media.dataset.survey import survey
from studio.media.music.midi import write_midi
from studio.worker.tune.run import Run
from tests.starters.sketch_songs import piece
from tests.tiny_models import LINES

_WHO = ("fox", "owl", "girl", "miller", "cat", "crow", "child", "king")
_WHERE = ("mill", "river", "wood", "tower", "garden", "bridge", "barn", "market")


def write_texts(folder: Path, count: int = 12) -> Path:
    """Small stories, all different."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        chance = np.random.default_rng(number)
        words = [
            f"The {chance.choice(_WHO)} went to the {chance.choice(_WHERE)} and met the {chance.choice(_WHO)}."
            for _ in range(6 + number % 5)
        ]
        (folder / f"story {number}.txt").write_text(" ".join([LINES[number % 3], *words]), encoding="utf-8")
    return folder


def write_pieces(folder: Path, count: int = 8) -> Path:
    """Songs of chance."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"song {number}.mid").write_bytes(write_midi(piece(number, 8)).data)
    return folder


def settings_of(art: Art, base: Path, folder: Path, **changes: Any) -> TuneSettings:
    """Small complete settings in fp32; `changes` of the groups are dicts."""
    given: dict[str, Any] = {
        "method": "lora",
        "steps": 8,
        "seed": 3,
        "adapter": {"rank": 4, "alpha": 8.0, "dropout": 0.1},
        "optimizer": {"rate": 1e-2, "batch": 3, "micro_batch": 2, "precision": "fp32", "warmup": 0.2},
        "data": {"validation": 0.2, "test": 0.1},
        "text": {"window": 64, "word_dropout": 0.05},
        "music": {"window": 256},
        "run": {"validate_every": 4, "checkpoint_every": 4, "sample_every": -1, "tensorboard": False},
    }
    for name, value in changes.items():
        given[name] = {**given[name], **value} if isinstance(value, dict) else value
    groups = {
        "adapter": AdapterSettings,
        "optimizer": OptimizerSettings,
        "data": DataSettings,
        "text": TextSettings,
        "music": MusicSettings,
        "run": RunSettings,
    }
    made = {name: groups[name](**value) if name in groups else value for name, value in given.items()}
    return TuneSettings(art=art, base=str(base), folder=str(folder), **made)


def make_run(runs: Path, settings: TuneSettings, **given: Any) -> Run:
    """A run of its own below `runs`, its folder looked through and prepared."""
    folder = RunFolder.create(runs, settings)
    found = survey(settings, lambda *_: None, lambda: False)
    found = prepare(found, folder.data, lambda *_: None, lambda: False).survey
    return Run(folder, settings, found, **given)


def again(run: Run, **given: Any) -> Run:
    """The same run in another life."""
    return Run(run.folder, given.pop("settings", run.settings), run.survey, **given)


def events(run: Run, kind: type[RunEvent]) -> list[Any]:
    """What it told of that kind."""
    return [event for event, _ in run.folder.events() if isinstance(event, kind)]


def hand_made(art: Art, folder: Path, sides: dict[str, list[str]]) -> Survey:
    """A survey whose sides are said."""
    import hashlib

    documents = [
        Document(
            file=name,
            side=side,  # type: ignore[arg-type]
            sha256=hashlib.sha256((folder / name).read_bytes()).hexdigest(),
            units=1,
        )
        for side, names in sides.items()
        for name in names
    ]
    return Survey(art=art, folder=str(folder), documents=tuple(documents))
