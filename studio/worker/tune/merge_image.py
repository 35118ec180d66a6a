"""Merging adapters into a picture model: LoRA of any trainer, what this studio trained, and learnt words."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from studio.catalog.adapter_note import read_note
from studio.catalog.card import ModelCard
from studio.catalog.image_adapters import INVERSION_FILE, PEFT_FOLDER, lora_file
from studio.core.errors import StoppedError, StudioError
from studio.worker.image.loading import ImageModel, load_image
from studio.worker.image.lora_names import layers_of, peft_config
from studio.worker.tune.diffusers_files import load_inversion
from studio.worker.tune.methods_image import load_image_adapter
from studio.worker.tune.peft_folders import quiet
from studio.worker.tune.whole_image import save_pipeline

Sums = dict[tuple[str, str], Tensor]  # component, weight's name -> what the adapters add to it, together


def merge_image(card: ModelCard, weighed: Sequence[tuple[str, float]], folder: Path, stopped: Any) -> None:
    """Write a picture model with adapters (folder or file, weight) merged into it to `folder`, that is there.

    Raises StudioError when one does not fit, StoppedError, OSError.
    """

    def tick(done: float) -> None:
        del done
        if stopped():
            raise StoppedError("Merging was stopped.", kept="Nothing was written.")

    model = load_image(card, "cpu", torch.float32, tick)
    sums: Sums = {}
    words: list[tuple[Path, str]] = []
    for path, weight in weighed:
        tick(0.0)
        place = Path(path)
        if (place / INVERSION_FILE).is_file():
            words.append((place, _word(place, weight)))
        elif (place / PEFT_FOLDER).is_dir():
            _add_ours(model, place, weight, sums)
        else:
            _add_lora(model, place, weight, sums)
    for (part, name), change in sums.items():
        _weights(model.parts[part])[name].data += change
    changed = {part for part, _ in sums}
    changed |= _teach(model, words)
    tick(0.0)
    save_pipeline(model, tuple(sorted(changed)), folder)
    for part in _taught(model) if words else ():
        model.parts[part].save_pretrained(str(folder / part))


def _weights(part: nn.Module) -> dict[str, nn.Parameter]:
    return dict(part.named_parameters())


def _add_ours(model: ImageModel, adapter: Path, weight: float, sums: Sums) -> None:
    """What an adapter of ours changes, whatever its method: peft merges it, and the difference is taken."""
    before = {
        (part, name): value.detach().clone()
        for part, module in model.parts.items()
        if isinstance(module, nn.Module) and (adapter / PEFT_FOLDER / part).is_dir()
        for name, value in _weights(module).items()
    }
    for tuned in load_image_adapter(model, adapter).values():
        with quiet():
            tuned.merge_and_unload()
    for (part, name), was in before.items():
        value = _weights(model.parts[part])[name]
        if not torch.equal(value, was):
            _add(sums, (part, name), (value.detach() - was) * weight)
            value.data.copy_(was)


def _add_lora(model: ImageModel, adapter: Path, weight: float, sums: Sums) -> None:
    """What a plain LoRA of any trainer changes. Raises StudioError."""
    file = lora_file(adapter)
    if file is None:
        raise StudioError(
            f"The adapter {adapter} is not there, or holds no LoRA.",
            kept="Nothing was written.",
            do="Choose another one.",
            code="adapter",
        )
    try:
        layers = layers_of(load_file(file), peft_config(adapter), model.any_pipe(), model.table.core)
    except SafetensorError as error:
        raise StudioError(
            f"{file.name} could not be read: {error}.",
            kept="Nothing was written.",
            do="Copy or download it again.",
            code="adapter",
        ) from error
    for part, pairs in layers.items():
        weights = _weights(model.parts[part])
        for layer, pair in pairs.items():
            name = f"{layer}.weight"
            change = pair.up.float().flatten(1) @ pair.down.float().flatten(1)
            _add(sums, (part, name), change.reshape(weights[name].shape) * weight)


def _add(sums: Sums, place: tuple[str, str], change: Tensor) -> None:
    sums[place] = sums[place] + change if place in sums else change


def _word(adapter: Path, weight: float) -> str:
    note = read_note(adapter)
    if note is None or not note.trigger:
        raise StudioError(
            f"{adapter.name} does not say which word it teaches.",
            kept="Nothing was written.",
            do="Choose one that was trained here.",
            code="merge",
        )
    if weight != 1.0:
        raise StudioError(
            f"{adapter.name} is a learnt word, which has no weight in between (here {weight:g}).",
            kept="Nothing was written.",
            do="Set its weight to 1.",
            code="merge",
        )
    return note.trigger


def _teach(model: ImageModel, words: Sequence[tuple[Path, str]]) -> set[str]:
    """Teach the words; the text encoders that changed."""
    if not words:
        return set()
    pipe = model.any_pipe()
    for adapter, word in words:
        load_inversion(pipe, adapter, word)
    return {part.replace("tokenizer", "text_encoder") for part in _taught(model)}


def _taught(model: ImageModel) -> list[str]:
    """The tokenizers, each of a text encoder that knows the words."""
    parts: Mapping[str, Any] = model.parts
    return [name for name in ("tokenizer", "tokenizer_2") if parts.get(name) is not None]
