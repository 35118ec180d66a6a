"""A tiny picture model, a folder of pictures, and runs that train on them."""

import hashlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

from studio.core.tune_events import RunEvent, Stepped
from studio.core.tune_run import RunFolder
from studio.core.tuning import (
    AdapterSettings,
    DataSettings,
    ImageSettings,
    OptimizerSettings,
    RunSettings,
    TuneSettings,
)
from studio.media.dataset.found import Document, Side, Survey
from studio.worker.tune.run import OnSample, Run, no_sample

SIZE_PX = 32  # four latents a side
STEPS = 6


def write_pictures(folder: Path, count: int = 10) -> Survey:
    """Pictures of noise with captions, every third of them wide; the last three are of the validation side."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(0)
    documents = []
    for at in range(count):
        wide, high = (64, 32) if at % 3 == 0 else (32, 32)
        file = folder / f"{at:02d}.png"
        Image.fromarray(chance.integers(0, 256, (high, wide, 3), dtype=np.uint8)).save(file)
        side: Side = "validation" if at >= count - 3 else "train"
        documents.append(
            Document(
                file=file.name,
                side=side,
                sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
                units=wide * high,
                caption=f"a red fox {at}",
                width=wide,
                height=high,
            )
        )
    return Survey(art="image", folder=str(folder), documents=tuple(documents))


def settings_for(base: Path, survey: Survey, method: str = "lora", **changes: Any) -> TuneSettings:
    """Complete settings of a short training in float32; `changes` go into the group that has the field."""
    groups: dict[str, dict[str, Any]] = {
        "adapter": {"rank": 2, "virtual_tokens": 2, "layers": 1, "trigger": "<it>" if "inversion" in method else ""},
        "optimizer": {"rate": 2e-3, "batch": 4, "micro_batch": 2, "precision": "fp32"},
        "image": {"size": SIZE_PX},
        "run": {"validate_every": 2, "checkpoint_every": 2, "sample_every": -1, "patience": 0},
        "data": {},
        "": {"steps": STEPS},
    }  # fmt: skip
    kinds: dict[str, Any] = {
        "adapter": AdapterSettings, "optimizer": OptimizerSettings, "image": ImageSettings, "run": RunSettings,
        "data": DataSettings, "": TuneSettings,
    }  # fmt: skip
    for name, value in changes.items():
        place = next(group for group, kind in kinds.items() if name in kind.__struct_fields__)
        groups[place][name] = value
    own = groups.pop("")
    made: Any = {name: kinds[name](**fields) for name, fields in groups.items()}
    return TuneSettings(art="image", base=str(base), folder=survey.folder, method=method, **made, **own)  # type: ignore[arg-type]


@dataclass
class Told:
    """A run and all it told."""

    run: Run
    events: list[RunEvent] = field(default_factory=list)

    def of(self, kind: Any) -> list[Any]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


def run_for(
    folder: Path,
    settings: TuneSettings,
    survey: Survey,
    hear: Callable[[RunEvent], None] | None = None,
    on_sample: OnSample = no_sample,
) -> Told:
    """A run in a folder that is made where it is not there."""
    place = RunFolder(folder) if folder.is_dir() else RunFolder.create(folder.parent, settings)
    if place.path != folder:
        place.path.rename(folder)
        place = RunFolder(folder)
    told = Told(Run(place, settings, survey, on_sample=on_sample))
    told.run.listeners = (told.events.append, *((hear,) if hear else ()))
    return told


def at_step(step: int, act: Callable[[], None]) -> Callable[[RunEvent], None]:
    """A listener that acts when a checkpoint was made at that step, or that step was told."""

    def hear(event: RunEvent) -> None:
        if isinstance(event, Stepped) and event.step == step:
            act()

    return hear


def tensors_of(folder: Path) -> dict[str, Tensor]:
    """All tensors below a folder, by file and name."""
    found = {}
    for file in sorted(folder.rglob("*.safetensors")):
        for name, tensor in load_file(file).items():
            found[f"{file.relative_to(folder).as_posix()} {name}"] = tensor
    return found


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    """Bit for bit."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def main(arguments: Sequence[str]) -> None:
    """Train in a process that kills itself at a step: BASE PICTURES RUN STEP."""
    from studio.worker.tune.picture import train_image

    base, pictures, folder, step = arguments
    survey = write_pictures(Path(pictures))
    settings = settings_for(Path(base), survey, ema=0.9, flip=True, text_encoder=True, dropout=0.1)
    hear = at_step(int(step), lambda: os.kill(os.getpid(), signal.SIGKILL))
    told = run_for(Path(folder), settings, survey, hear)
    train_image(told.run)


if __name__ == "__main__":
    main(sys.argv[1:])
