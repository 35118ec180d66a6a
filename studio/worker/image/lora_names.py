"""The names of LoRA tensors as the trainers write them, turned into pairs of this model's own layers."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from studio.catalog.image_adapters import PEFT_CONFIG
from studio.core.errors import StudioError

_ENDINGS = (
    (re.compile(r"\.lora_A(?:\.default)?\.weight$|\.lora\.down\.weight$|\.lora_down\.weight$"), "down"),
    (re.compile(r"\.lora_B(?:\.default)?\.weight$|\.lora\.up\.weight$|\.lora_up\.weight$"), "up"),
    (re.compile(r"\.lora_linear_layer\.down\.weight$"), "down"),
    (re.compile(r"\.lora_linear_layer\.up\.weight$"), "up"),
    (re.compile(r"\.lora_magnitude_vector(?:\.default)?(?:\.weight)?$"), "magnitude"),
    (re.compile(r"\.alpha$"), "alpha"),
)
_OLD_PROCESSOR = re.compile(r"\.processor\.(to_[qkv]|to_out)_lora\.(down|up)\.weight$")
_KOHYA = re.compile(r"^lora_(unet|transformer|te\d?|text_encoder(?:_\d)?)_(.+)$")
_TEXT_PARTS = {
    "te": "text_encoder", "te1": "text_encoder", "te2": "text_encoder_2", "te3": "text_encoder_3",
}  # fmt: skip


@dataclass
class Pair:
    """One layer's low-rank pair: its change is up @ down, times the alpha over the rank (folded into `up`).

    `magnitude`: of DoRA, how long each row of the changed weight is made. `bias`: what it adds to the layer's.
    """

    down: Tensor
    up: Tensor
    magnitude: Tensor | None = None
    bias: Tensor | None = None


Layers = dict[str, dict[str, Pair]]  # component -> layer -> pair


def layers_of(tensors: Mapping[str, Tensor], config: Mapping[str, Any], pipe: Any, core: str) -> Layers:
    """The pairs of a LoRA, by component and layer of this pipeline.

    Raises StudioError naming a layer that the model has not, or has in another size: the LoRA is of another family.
    """
    if any("dora_scale" in name for name in tensors):
        raise StudioError(
            "It is a DoRA adapter in kohya's layout, which this version can't lay over a model.",
            do="Choose one in the layout of diffusers, or a plain LoRA.",
            code="adapter",
        )
    modules = modules_of(pipe)
    found = _collect(tensors, modules, core)
    if found is None:
        found = _collect(_converted(tensors, pipe, core), modules, core)
    if found is None:
        raise StudioError(
            f"It has layers that the model has not (for example {min(tensors)}).",
            do="Choose an adapter that was made for this family of models.",
            code="adapter",
        )
    layers: Layers = {}
    for (part, layer), halves in found.items():
        pair = _pair(layer, halves, config)
        _check(layer, pair, modules[part][layer])
        layers.setdefault(part, {})[layer] = pair
    return layers


def peft_config(path: Path) -> dict[str, Any]:
    """adapter_config.json of a peft adapter's folder; empty for the other kinds."""
    file = (path if path.is_dir() else path.parent) / PEFT_CONFIG
    if not file.is_file():
        return {}
    config: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return config


def modules_of(pipe: Any) -> dict[str, dict[str, nn.Module]]:
    """The layers a LoRA may change, by component; wrapped ones under their own name."""
    found: dict[str, dict[str, nn.Module]] = {}
    for part in pipe._lora_loadable_modules:
        module = getattr(pipe, part, None)
        if module is not None:
            found[part] = {
                name: getattr(layer, "base_layer", layer)
                for name, layer in module.named_modules()
                if isinstance(getattr(layer, "base_layer", layer), nn.Linear | nn.Conv2d) and ".lora_" not in name
                and not name.endswith(".base_layer")
            }  # fmt: skip
    return found


def _collect(
    tensors: Mapping[str, Tensor], modules: Mapping[str, Mapping[str, nn.Module]], core: str
) -> dict[tuple[str, str], dict[str, Tensor]] | None:
    """The halves of each layer; None when a name is of no layer of this model."""
    flat = {part: {name.replace(".", "_"): name for name in layers} for part, layers in modules.items()}
    found: dict[tuple[str, str], dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        split = _split(name)
        place = _place(split[0], modules, flat, core) if split else None
        if split is None or place is None:
            return None
        found.setdefault(place, {})[split[1]] = tensor
    return found


def _split(name: str) -> tuple[str, str] | None:
    """A layer's name and which half (or alpha) of it this is."""
    if old := _OLD_PROCESSOR.search(name):
        layer = "to_out.0" if old[1] == "to_out" else old[1]
        return f"{name[: old.start()]}.{layer}", old[2]
    for pattern, half in _ENDINGS:
        if match := pattern.search(name):
            return name[: match.start()], half
    return None


def _place(
    layer: str,
    modules: Mapping[str, Mapping[str, nn.Module]],
    flat: Mapping[str, Mapping[str, str]],
    core: str,
) -> tuple[str, str] | None:
    """Component and layer that a trainer's name means; None when there is none."""
    if kohya := _KOHYA.match(layer):
        part = core if kohya[1] in ("unet", "transformer") else _TEXT_PARTS.get(kohya[1], kohya[1])
        names = flat.get(part, {})
        for known in (kohya[2], kohya[2].removeprefix("text_model_"), f"text_model_{kohya[2]}"):
            if known in names:
                return part, names[known]
        return None
    layer = layer.removeprefix("base_model.model.")
    part, _, rest = layer.partition(".")
    if part in ("diffusion_model", "unet", "transformer"):
        part = core
    if part not in modules:
        part, rest = core, layer
    for known in (rest, rest.removeprefix("text_model."), f"text_model.{rest}"):
        if known in modules[part]:
            return part, known
    return None


def _converted(tensors: Mapping[str, Tensor], pipe: Any, core: str) -> dict[str, Tensor]:
    """What diffusers' own converters make of other trainers' names; empty when they can't."""
    options: dict[str, Any] = {"unet_config": pipe.unet.config} if core == "unet" else {}
    if "return_alphas" in signature(pipe.lora_state_dict).parameters:
        options["return_alphas"] = True
    try:
        made = pipe.lora_state_dict(dict(tensors), **options)
    except Exception:  # noqa: BLE001 - a converter meets names it was not written for in many ways
        return {"?": next(iter(tensors.values()))}
    state, alphas = made if isinstance(made, tuple) else (made, None)
    return {**state, **{name: _tensor(value) for name, value in (alphas or {}).items()}}


def _tensor(value: Any) -> Tensor:
    import torch

    return value if isinstance(value, Tensor) else torch.tensor(float(value))


def _pair(layer: str, halves: Mapping[str, Tensor], config: Mapping[str, Any]) -> Pair:
    if "down" not in halves or "up" not in halves:
        raise StudioError(
            f"It is not complete: half of the pair for {layer} is missing.",
            do="Copy or download the adapter again.",
            code="adapter",
        )
    down, up = halves["down"], halves["up"]
    rank = down.shape[0]
    alpha = float(halves["alpha"]) if "alpha" in halves else _peft_alpha(layer, config, rank)
    if config.get("use_rslora"):
        alpha *= math.sqrt(rank)
    return Pair(down, up * (alpha / rank) if alpha != rank else up, halves.get("magnitude"))


def _peft_alpha(layer: str, config: Mapping[str, Any], rank: int) -> float:
    """The alpha a peft config names for a layer; the rank itself (no scaling) when it names none."""
    for pattern, alpha in (config.get("alpha_pattern") or {}).items():
        if re.search(rf"(?:^|\.){pattern}$", layer):
            return float(alpha)
    return float(config.get("lora_alpha", rank))


def _check(layer: str, pair: Pair, module: nn.Module) -> None:
    """Raises StudioError when a pair is not of a layer's size."""
    if isinstance(module, nn.Conv2d):
        sizes = (module.in_channels, module.out_channels)
    else:
        sizes = (int(module.in_features), int(module.out_features))
    if (pair.down.shape[1], pair.up.shape[0]) != sizes or pair.down.shape[0] != pair.up.shape[1]:
        raise StudioError(
            f"Its layer {layer} is for {pair.down.shape[1]} x {pair.up.shape[0]}, the model's is "
            f"{sizes[0]} x {sizes[1]}.",
            do="Choose an adapter that was made for this family of models.",
            code="adapter",
        )
