"""A model's config.json: read, and its numbers held against the weights before anyone believes them."""

import json
import re
from pathlib import Path
from typing import Any

from studio.catalog.headers import Weights
from studio.core.errors import StudioError

_LAYER = re.compile(r"(?:^|\.)(?:layers|h|blocks|block)\.(\d+)\.")
_MAX_CONFIG_BYTES = 16_000_000
_MAX_CONTEXT = 100_000_000
_LAYERS = ("num_hidden_layers", "n_layer", "num_layers")
_WIDTH = ("hidden_size", "n_embd", "d_model", "dim")
_CONTEXT = ("max_position_embeddings", "n_positions", "n_ctx", "seq_length", "max_seq_len")
_INNER = ("intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size", "moe_intermediate_size")
_HEADS = ("num_attention_heads", "n_head", "num_key_value_heads", "num_local_experts", "num_experts")


def read_json(file: Path) -> dict[str, Any]:
    """A JSON object from a file. Raises StudioError naming the file."""
    try:
        if file.stat().st_size > _MAX_CONFIG_BYTES:
            raise ValueError("too large")
        value = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise StudioError(
            f"{file.name} is missing from {file.parent}.",
            do="Copy or download the missing file into the folder, then try again.",
            code="missing_file",
        ) from None
    except (OSError, ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise StudioError(
            f"{file.name} in {file.parent} cannot be read: it is not a JSON object.",
            do="Copy or download the file again.",
            code="damaged_model",
        )
    return value


def number(config: dict[str, Any], names: tuple[str, ...]) -> int:
    """The first of these fields that is a whole number; 0 when none is."""
    return next((config[name] for name in names if type(config.get(name)) is int), 0)


def context_tokens(config: dict[str, Any]) -> int:
    """How many tokens the model can look back over; 2048 when the config does not say (ALiBi models)."""
    return number(config, _CONTEXT) or 2048


def check_sizes(folder: Path, config: dict[str, Any], weights: Weights) -> None:
    """Refuse a config whose sizes are not those of the weights, before anything is allocated from it.

    Raises StudioError naming the field.
    """
    layers, width, vocab = number(config, _LAYERS), number(config, _WIDTH), number(config, ("vocab_size",))
    if min(layers, width, vocab) < 1:
        raise _disagrees(folder, "it does not say how many layers, hidden units and tokens the model has")
    found = {int(hit[1]) for name in weights.tensors if (hit := _LAYER.search(name))}
    if found and layers != max(found) + 1:
        raise _disagrees(folder, f"it announces {layers} layers, the weights have {max(found) + 1}")
    if layers > len(weights.tensors):
        raise _disagrees(
            folder, f"it announces {layers} layers, the weights have {len(weights.tensors)} tensors"
        )
    if vocab * width > weights.parameters:
        raise _disagrees(folder, f"a vocabulary of {vocab} by {width} units is larger than all the weights")
    for name in _INNER:
        inner = number(config, (name,))
        if inner < 0 or inner * width > weights.parameters:
            raise _disagrees(folder, f"{name} = {inner} is larger than the weights")
    for name in _HEADS:
        if not 0 <= number(config, (name,)) <= max(width, 4096):
            raise _disagrees(folder, f"{name} = {config[name]} is not possible")
    if number(config, ("head_dim",)) * number(config, _HEADS[:2]) * width > weights.parameters:
        raise _disagrees(folder, f"head_dim = {config['head_dim']} is larger than the weights")
    if not 1 <= context_tokens(config) <= _MAX_CONTEXT:
        raise _disagrees(folder, f"a context of {context_tokens(config)} tokens is not possible")


def _disagrees(folder: Path, why: str) -> StudioError:
    return StudioError(
        f"config.json in {folder} does not fit the weights beside it: {why}.",
        do="Copy or download config.json and the weights again, from the same place.",
        code="damaged_model",
    )
