"""What a resumed image training goes on from: weights, their mean, the optimizer, where the ladder stands."""

from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from studio.core.tuning import TuneSettings
from studio.media.dataset.found import Survey
from studio.worker.image.loading import ImageModel
from studio.worker.tune.latents_cache import key_of
from studio.worker.tune.methods import restore, state
from studio.worker.tune.picture_source import salt_of
from studio.worker.tune.picture_step import Stepper

WEIGHTS: Final = "weights.safetensors"
MEAN: Final = "mean.safetensors"
OPTIMIZER: Final = "optimizer.pt"
_PART: Final = "|"  # component and name of a weight
_NO_MATTER: Final = ("name", "out", "licence", "folder", "run")  # of the settings: the steps are the same


def identity_of(settings: TuneSettings, survey: Survey, model: ImageModel) -> str:
    """Names a training: another model, method, seed or other pictures give another."""
    fields = settings.__struct_fields__
    kept = [getattr(settings, name) for name in fields if name not in _NO_MATTER]
    pictures = [(document.sha256, document.side, document.caption) for document in survey.documents]
    return key_of("image", repr(kept), pictures, salt_of(model))


def weights_of(stepper: Stepper) -> dict[str, Tensor]:
    """All that learns, by component and name."""
    found = {}
    for part, module in stepper.subject.tuned.items():
        for name, tensor in state(module).items():
            found[f"{part}{_PART}{name}"] = tensor.detach().cpu().contiguous()
    return found


def put_weights(stepper: Stepper, weights: dict[str, Tensor]) -> None:
    """Put what `weights_of` gave back. Raises ValueError when it is another method's."""
    for part, module in stepper.subject.tuned.items():
        start = f"{part}{_PART}"
        own = {name.removeprefix(start): value for name, value in weights.items() if name.startswith(start)}
        restore(module, own)


def write_weights(stepper: Stepper, folder: Path) -> None:
    """Only the weights: the best ones are kept so. Raises OSError."""
    save_file(weights_of(stepper), folder / WEIGHTS)


def write(stepper: Stepper, folder: Path) -> None:
    """Everything into a staged folder. Raises OSError."""
    write_weights(stepper, folder)
    if means := stepper.mean.state():
        save_file({name: tensor.cpu().contiguous() for name, tensor in means.items()}, folder / MEAN)
    scaler = stepper.accelerator.scaler
    others: dict[str, Any] = {
        "optimizer": stepper.optimizer.state_dict(),
        "schedule": stepper.schedule.state_dict(),
        "scaler": scaler.state_dict() if scaler is not None else {},
    }
    torch.save(others, folder / OPTIMIZER)


def read_weights(stepper: Stepper, folder: Path) -> None:
    """Put a folder's weights in place."""
    put_weights(stepper, load_file(folder / WEIGHTS))


def read(stepper: Stepper, folder: Path, facts: dict[str, Any]) -> None:
    """Go on from a whole checkpoint."""
    read_weights(stepper, folder)
    if (folder / MEAN).is_file():
        stepper.mean.restore(load_file(folder / MEAN))
    device = stepper.subject.model.device
    others = torch.load(folder / OPTIMIZER, map_location=device, weights_only=True)
    stepper.optimizer.load_state_dict(others["optimizer"])
    stepper.schedule.load_state_dict(others["schedule"])
    if stepper.accelerator.scaler is not None and others["scaler"]:
        stepper.accelerator.scaler.load_state_dict(others["scaler"])
    stepper.ladder.micro_batch = int(facts["micro_batch"])
    stepper.ladder.checkpointing = bool(facts["checkpointing"])
    stepper.settle()
