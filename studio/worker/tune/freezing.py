"""Methods that train some of a model's own weights: the biases, the last layers, or all."""

from collections.abc import Sequence
from typing import Final

import torch
from torch import nn

from studio.core.errors import StudioError
from studio.core.tuning import TuneSettings

_AT_THE_END: Final = (  # what follows the layers, by the families' names; the heads of language models stay
    "norm", "ln_f", "final_layernorm", "final_layer_norm", "layer_norm", "norm_f", "conv_norm_out", "conv_out",
    "norm_out", "proj_out", "all_final_layer",
)  # fmt: skip
_LISTS: Final = (
    "layers",
    "h",
    "blocks",
    "block",
    "up_blocks",
    "transformer_blocks",
    "single_transformer_blocks",
)


def thaw(model: nn.Module, settings: TuneSettings) -> None:
    """Let the method's part of the weights learn and no other; they become float32 where they were half of that.

    Raises StudioError when the model has nothing of the kind.
    """
    _to_full_precision(model)
    model.requires_grad_(False)
    for weight in _chosen(model, settings):
        weight.requires_grad_(True)


def layer_list(model: nn.Module) -> nn.ModuleList:
    """The model's layers, first to last, of a UNet its upward blocks. Raises StudioError where there are none.

    Where a transformer has two stacks (Flux), those that come last.
    """
    found = [
        part
        for name, part in model.named_modules()
        if isinstance(part, nn.ModuleList) and name.rpartition(".")[2] in _LISTS and len(part)
    ]
    depth = getattr(getattr(model, "config", None), "num_hidden_layers", 0)
    exact = [part for part in found if len(part) == depth]
    ups = getattr(model, "up_blocks", None)
    if isinstance(ups, nn.ModuleList):
        return ups
    if not found:
        raise StudioError(
            "This model's layers could not be told apart.",
            kept="Nothing was changed.",
            do="Choose LoRA.",
            code="method",
        )
    singles = getattr(model, "single_transformer_blocks", None)
    if isinstance(singles, nn.ModuleList) and len(singles):
        return singles
    return (exact or found)[0] if exact else max(found, key=len)


def _chosen(model: nn.Module, settings: TuneSettings) -> Sequence[nn.Parameter]:
    match settings.method:
        case "bitfit":
            biases = [weight for name, weight in model.named_parameters() if name.endswith("bias")]
            if not biases:
                raise StudioError(
                    "This model has no bias terms, and BitFit trains nothing else.",
                    kept="Nothing was changed.",
                    do="Choose LoRA.",
                    code="method",
                )
            return biases
        case "last_layers":
            return _last(model, settings.adapter.layers)
        case _:
            return list(model.parameters())


def _last(model: nn.Module, count: int) -> list[nn.Parameter]:
    layers = layer_list(model)
    if count > len(layers):
        raise StudioError(
            f"This model has {len(layers)} layers; {count} can't be trained.",
            kept="Nothing was changed.",
            do="Choose fewer.",
            code="method",
        )
    parts: list[nn.Module] = list(layers)[-count:]
    for owner in [model, *(part for part in model.children() if not isinstance(part, nn.ModuleList))]:
        parts += [part for name, part in owner.named_children() if name in _AT_THE_END]
    chosen = {id(weight): weight for part in parts for weight in part.parameters()}
    return list(chosen.values())


def _to_full_precision(model: nn.Module) -> None:
    """Steps are far smaller than what half precision tells apart: a weight in it would not move at all."""
    if any(weight.dtype in (torch.float16, torch.bfloat16) for weight in model.parameters()):
        model.float()
