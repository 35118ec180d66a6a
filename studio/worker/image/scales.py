"""IA3 adapters of picture models, as the pairs that LoRA is made of: laid, weighed, mixed and taken off like those."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from studio.core.errors import StudioError
from studio.worker.image.lora_names import Layers, Pair, modules_of

_BEFORE, _AFTER = "base_model.model.", ".ia3_l"


def scaled_layers(folder: Path, pipe: Any) -> Layers:
    """What the IA3 adapters of the components below `folder` change, as pairs of this pipeline's layers.

    A layer's output times l is W x + b and diag(l - 1) (W x) and (l - 1) b besides; its input times l is W x and
    W (diag(l - 1) x) besides: exactly a LoRA of full rank, with a bias. Raises StudioError when it does not fit.
    """
    modules = modules_of(pipe)
    layers: Layers = {}
    for part in sorted(path for path in folder.iterdir() if path.is_dir()):
        for name, scale in load_file(part / "adapter_model.safetensors").items():
            layer = name.removeprefix(_BEFORE).removesuffix(_AFTER)
            module = modules.get(part.name, {}).get(layer)
            if not name.endswith(_AFTER) or not isinstance(module, nn.Linear):
                raise _unfit(f"It has a layer that the model has not ({layer}).")
            layers.setdefault(part.name, {})[layer] = _pair(layer, scale.float(), module)
    with_bias = any(pair.bias is not None for pairs in layers.values() for pair in pairs.values())
    if with_bias:  # peft asks for all or none
        for pair in (pair for pairs in layers.values() for pair in pairs.values()):
            pair.bias = torch.zeros(pair.up.shape[0]) if pair.bias is None else pair.bias
    return layers


def _pair(layer: str, scale: Tensor, module: nn.Linear) -> Pair:
    weight = module.weight.detach().float().cpu()
    more = scale.flatten() - 1.0
    if scale.shape == (1, weight.shape[1]):  # of what goes in
        return Pair(torch.diag(more), weight)
    if scale.shape != (weight.shape[0], 1):
        raise _unfit(f"Its layer {layer} is for {scale.numel()} numbers, the model's has {weight.shape[0]}.")
    bias = None if module.bias is None else module.bias.detach().float().cpu() * more
    return Pair(weight, torch.diag(more), bias=bias)


def _unfit(what: str) -> StudioError:
    return StudioError(what, do="Choose an adapter that was made for this model.", code="adapter")
