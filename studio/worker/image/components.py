"""One component of an image pipeline, built empty and filled tensor by tensor from safetensors files."""

import importlib
import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.worker.image.tensor_file import TensorFile, Told

# Where the same component is saved by other versions or with its head: (from, to) at the start of a name.
_RENAMES: tuple[tuple[str, str], ...] = (
    ("", ""),
    ("text_model.", ""),
    ("", "text_model."),
    ("model.", ""),
    ("", "model."),
    ("visual.", "model.visual."),
    ("model.", "model.language_model."),
)


def class_of(library: str, name: str) -> Any:
    """A class of diffusers or transformers by name; the names come from our own table."""
    return getattr(importlib.import_module(library), name)


def quiet() -> None:
    """diffusers and transformers tell nothing on their own: progress and problems go the worker's way."""
    import diffusers.utils.logging as diffusers_log
    import transformers.utils.logging as transformers_log

    for log in (diffusers_log, transformers_log):
        log.set_verbosity_error()
        log.disable_progress_bar()


def empty_model(library: str, name: str, config: dict[str, Any], where: Path) -> nn.Module:
    """The model a config describes, its parameters on the meta device: no memory yet.

    Raises StudioError when the config is none of that class; `where` it was found.
    """
    try:
        kind = class_of(library, name)
        with warnings.catch_warnings(), init_empty_weights(include_buffers=False):
            warnings.simplefilter("ignore")  # the libraries' words to their own developers
            if library == "diffusers":
                return kind.from_config(config)
            return kind(kind.config_class.from_dict(config))
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError) as error:
        raise StudioError(
            f"config.json in {where} could not be used: {_first_line(error)}",
            do="Copy or download the folder again, or choose another model.",
            code="damaged_model",
        ) from error


def fill_from_files(
    model: nn.Module, files: Iterable[Path], device: str, dtype: torch.dtype, told: Told
) -> None:
    """Read the weights of `model` from safetensors files, one tensor at a time, to where they are used.

    At no time is more than one tensor there twice. Raises StudioError when tensors are missing or do not fit.
    """
    filler = Filler(model, device, dtype)
    for file in files:
        with TensorFile(file) as weights:
            for name in weights.names():
                filler.put(name, weights.read(name, told))
        where = file.parent
    filler.finish(where)


def fill_from_tensors(
    model: nn.Module, tensors: dict[str, Tensor], where: Path, device: str, dtype: torch.dtype, told: Told
) -> None:
    """The same from tensors in memory, which are let go of one by one. `where` is told when something is missing."""
    filler = Filler(model, device, dtype)
    for name in list(tensors):
        filler.put(name, tensors.pop(name))
        told(0)
    filler.finish(where)


class Filler:
    """Puts tensors in their places in a model that has none yet."""

    def __init__(self, model: nn.Module, device: str, dtype: torch.dtype) -> None:
        self._model = model
        self._device = device
        self._dtype = dtype
        self._wanted = dict(model.state_dict(keep_vars=True))
        self._missing = {name for name, tensor in self._wanted.items() if tensor.device.type == "meta"}
        self._full = _kept_in_full(model) if dtype == torch.float16 else None

    def put(self, name: str, tensor: Tensor) -> None:
        """Put one tensor in its place; what the model has not is left out. Raises StudioError when it does not fit."""
        place = self._place(name)
        if place is None:
            return
        wanted = self._wanted[place]
        if wanted.shape != tensor.shape:
            raise StudioError(
                f"The tensor {name} is {_shape(tensor)}, the model's config wants {_shape(wanted)}.",
                do="Take config.json and the weights from the same place.",
                code="damaged_model",
            )
        dtype = self._dtype if tensor.is_floating_point() else tensor.dtype
        if self._full is not None and self._full.search(place):
            dtype = torch.float32
        fresh = tensor.to(device=self._device, dtype=dtype)
        owner, _, leaf = place.rpartition(".")
        module = self._model.get_submodule(owner)
        if leaf in module._parameters:
            module._parameters[leaf] = nn.Parameter(fresh, requires_grad=False)
        else:
            module._buffers[leaf] = fresh
        self._missing.discard(place)

    def finish(self, where: Path) -> None:
        """Tie what belongs together, and see that nothing is missing. Raises StudioError naming a tensor."""
        if self._missing and hasattr(self._model, "tie_weights"):
            self._model.tie_weights()
            state = self._model.state_dict(keep_vars=True)
            self._missing = {name for name in self._missing if state[name].device.type == "meta"}
        if self._missing:
            raise StudioError(
                f"The weights in {where} are not complete: the tensor {min(self._missing)} is missing.",
                do="Copy or download config.json and the weights again, from the same place.",
                code="damaged_model",
            )
        self._model.to(self._device)  # buffers that are in no file
        self._model.eval().requires_grad_(False)

    def _place(self, name: str) -> str | None:
        """Where a tensor belongs, under its own name or that of another version of the library."""
        for start, other in _RENAMES:
            if name.startswith(start) and (place := other + name[len(start) :]) in self._wanted:
                return place
        return None


def _kept_in_full(model: nn.Module) -> re.Pattern[str] | None:
    """Names of the modules that must stay float32 where the others are float16."""
    kept = {
        *(getattr(model, "_keep_in_fp32_modules", None) or ()),
        *(getattr(model, "_keep_in_fp32_modules_strict", None) or ()),
    }
    return (
        re.compile("|".join(rf"(?:^|\.){re.escape(name)}(?:\.|$)" for name in sorted(kept))) if kept else None
    )


def _shape(tensor: Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) or "a single number"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
