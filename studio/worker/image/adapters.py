"""LoRA adapters laid over an image model: a stack with weights that changes without touching the model's own."""

import hashlib
import itertools
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file

from studio.catalog.image_adapters import PEFT_FOLDER, lora_file, scales_file
from studio.core.adapter import Adapter
from studio.core.errors import StudioError
from studio.worker.hashing import Stamp, stamp
from studio.worker.image.loading import ImageModel, LaidAdapter
from studio.worker.image.lora_names import Layers, layers_of, peft_config
from studio.worker.image.scales import scaled_layers


def lay_over(model: ImageModel, adapters: Sequence[Adapter]) -> tuple[str, ...]:
    """Have exactly these adapters lie over the model, with these weights; the SHA-256 of each one's file, in order.

    Those that lie there already are not read again; the others are taken off. The model's own weights are never
    written to, so without adapters it draws bit for bit as before. The same file twice counts with both weights.
    Raises StudioError when one does not fit; then those that lay there before are taken off too.
    """
    pipe = model.any_pipe()
    files = [_file(adapter) for adapter in adapters]
    stamps = {file: stamp(file) for file in files}
    keep = {str(file) for file in files if _unchanged(model, file, stamps[file])}
    _take_off(model, pipe, [path for path in model.adapters if path not in keep])
    try:
        for adapter, file in zip(adapters, files, strict=True):
            if str(file) not in model.adapters:
                _lay(model, pipe, adapter, file, stamps[file])
    except StudioError:
        model.adapters.clear()
        pipe.unload_lora_weights()
        raise
    weights: dict[str, float] = {}
    for adapter, file in zip(adapters, files, strict=True):
        name = model.adapters[str(file)].name
        weights[name] = weights.get(name, 0.0) + adapter.weight
    if weights:
        pipe.set_adapters(list(weights), list(weights.values()))
    return tuple(model.adapters[str(file)].sha256 for file in files)


def _file(adapter: Adapter) -> Path:
    place = Path(adapter.path).expanduser()
    file = lora_file(place) or scales_file(place)
    if file is None or not file.is_file():
        raise StudioError(
            f"The adapter {adapter.path} is not there, or holds no LoRA.",
            do="Take it off, or choose another one.",
            code="adapter",
        )
    return file


def _unchanged(model: ImageModel, file: Path, now: Stamp) -> bool:
    laid = model.adapters.get(str(file))
    return laid is not None and laid.stamp == now


def _lay(model: ImageModel, pipe: Any, adapter: Adapter, file: Path, now: Stamp) -> None:
    """Read an adapter's file and wrap the layers it changes. Raises StudioError naming the adapter."""
    title = Path(adapter.path).name
    try:
        place = Path(adapter.path).expanduser()
        if file.parent.parent.name == PEFT_FOLDER:
            layers = scaled_layers(file.parent.parent, pipe)
        else:
            layers = layers_of(load_file(file), peft_config(place), pipe, model.table.core)
        name = _free_name(model)
        with warnings.catch_warnings():  # peft warns of second adapters, and of merging
            warnings.filterwarnings("ignore", message="Already found a `peft_config`")
            warnings.filterwarnings("ignore", message="`lora_bias=True` was passed")
            pipe.load_lora_weights(_named(layers), adapter_name=name)
    except StudioError as error:
        raise StudioError(
            f"The adapter {title} does not fit {model.card.title} ({model.table.title}). {error.what}",
            do=error.do,
            code="adapter",
        ) from error
    except (OSError, SafetensorError, ValueError, RuntimeError, KeyError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise StudioError(
            f"The adapter {title} could not be laid over {model.card.title}: {first}",
            do="Copy or download it again, or choose another one.",
            code="adapter",
        ) from error
    with file.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    model.adapters[str(file)] = LaidAdapter(name, sha256, now)


def _free_name(model: ImageModel) -> str:
    taken = {laid.name for laid in model.adapters.values()}
    return next(name for number in itertools.count() if (name := f"laid_{number}") not in taken)


def _named(layers: Layers) -> dict[str, Any]:
    """The pairs under the names that diffusers reads."""
    state: dict[str, Any] = {}
    for part, pairs in layers.items():
        for layer, pair in pairs.items():
            state[f"{part}.{layer}.lora_A.weight"] = pair.down.contiguous()
            state[f"{part}.{layer}.lora_B.weight"] = pair.up.contiguous()
            if pair.bias is not None:
                state[f"{part}.{layer}.lora_B.bias"] = pair.bias.contiguous()
            if pair.magnitude is not None:  # encoders and cores name it differently
                end = ".weight" if part.startswith("text_encoder") else ""
                state[f"{part}.{layer}.lora_magnitude_vector{end}"] = pair.magnitude.contiguous()
    return state


def _take_off(model: ImageModel, pipe: Any, paths: Sequence[str]) -> None:
    """Take adapters off; with the last one the wrapped layers are put back as they were."""
    if not paths:
        return
    names = [model.adapters.pop(path).name for path in paths]
    if model.adapters:
        pipe.delete_adapters(names)
    else:
        pipe.unload_lora_weights()
