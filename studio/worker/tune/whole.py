"""A whole language or note model written as its base was: same layout, same number type, same tokens."""

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers.utils import logging

from studio.catalog.card import ModelCard
from studio.catalog.config import read_json
from studio.catalog.headers import FLOATING, TensorInfo, read_weights
from studio.worker.tune.peft_folders import first_line, unfit

# What belongs to the weights, besides them; the card, its figures and its licence are of the base and stay there.
_COMPANIONS: Final = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
    "merges.txt", "vocab.txt", "spiece.model", "tokenizer.model", "chat_template.jinja", "chat_template.json",
    "generation_config.json", "atelier_music.json",
)  # fmt: skip
_LARGE: Final = 1_000_000_000
_TYPES: Final = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32, "F64": torch.float32}


def save_whole(model: Any, folder: Path, card: ModelCard) -> None:
    """Write a model of transformers into `folder` as a complete model. Raises OSError.

    In the base's number type, but float16 for a small base in bfloat16, which rounds away changes of up to 0.4 %, most
    of what fine-tuning does. (Large models may compute beyond float16's range.) In float32 where a weight has grown
    too large for float16.
    """
    logging.disable_progress_bar()
    base = Path(card.path)
    dtype = usual_dtype(read_weights(base).tensors.values())
    if dtype == torch.bfloat16 and card.parameters < _LARGE:
        dtype = torch.float16
    tensors = cast(model.state_dict(), dtype)
    kept = next(iter(tensors.values())).dtype if tensors else dtype
    model.save_pretrained(str(folder), state_dict=tensors)
    copy_companions(base, folder)
    config = read_json(folder / "config.json")
    config["dtype"] = str(_number_type(tensors) or kept).removeprefix("torch.")
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")


def copy_companions(base: Path, folder: Path) -> None:
    """The tokenizer, the music's tokens, the templates: what makes weights a model. Raises OSError."""
    for name in _COMPANIONS:
        if (base / name).is_file():
            shutil.copyfile(base / name, folder / name)


def usual_dtype(tensors: Iterable[TensorInfo]) -> torch.dtype:
    """The number type of most of the numbers in files; float32 where there are none."""
    counts: Counter[str] = Counter()
    for tensor in tensors:
        if tensor.dtype in FLOATING:
            counts[tensor.dtype] += tensor.count
    return _TYPES[counts.most_common(1)[0][0]] if counts else torch.float32


def cast(tensors: Mapping[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
    """Tensors in a number type; all in float32 where one has become too large for it. Shared ones stay shared."""
    made: dict[tuple[int, torch.Size], Tensor] = {}
    for tensor in tensors.values():
        key = (tensor.data_ptr(), tensor.shape)
        if key in made:
            continue
        fresh = tensor.detach().to(dtype).contiguous() if tensor.is_floating_point() else tensor.detach()
        if dtype != torch.float32 and not torch.isfinite(fresh).all() and torch.isfinite(tensor).all():
            return cast(tensors, torch.float32)
        made[key] = fresh
    return {name: made[tensor.data_ptr(), tensor.shape] for name, tensor in tensors.items()}


def module_dtype(model: nn.Module) -> torch.dtype:
    """The number type of a module's weights."""
    return next((weight.dtype for weight in model.parameters() if weight.is_floating_point()), torch.float32)


def _number_type(tensors: Mapping[str, Tensor]) -> torch.dtype | None:
    return next((tensor.dtype for tensor in tensors.values() if tensor.is_floating_point()), None)


def lay_weights(model: nn.Module, folder: Path) -> None:
    """Put a whole model's weights into one of the same shapes. Raises StudioError "adapter"."""
    weights = read_weights(folder)
    tensors: dict[str, Tensor] = {}
    for file in weights.files:
        tensors |= load_file(file)
    if not tensors:
        raise unfit(folder, "there are no weights in it")
    try:
        report = model.load_state_dict(tensors, strict=False)
    except RuntimeError as error:
        raise unfit(folder, first_line(error)) from error
    tied = {id(weight) for name, weight in model.named_parameters() if name not in report.missing_keys}
    lacks = [name for name in report.missing_keys if id(_parameter(model, name)) not in tied]
    if lacks or report.unexpected_keys:
        raise unfit(folder, f"{(lacks or report.unexpected_keys)[0]} does not match")


def _parameter(model: nn.Module, name: str) -> Tensor | None:
    owner, _, leaf = name.rpartition(".")
    found: Tensor | None = getattr(model.get_submodule(owner), leaf, None)
    return found
