"""Adapters of tiny models, made by peft itself: random, and strong enough to be seen."""

import json
from pathlib import Path
from typing import Any

from studio.catalog.adapter_note import AdapterNote, write_note

METHODS = ("lora", "dora", "adalora", "ia3", "prefix", "prompt")
STRENGTH = 0.3


def config_of(method: str, **changes: Any) -> Any:
    """peft's config of a method."""
    import peft

    plain: dict[str, Any] = {"task_type": "CAUSAL_LM", **changes}
    low: dict[str, Any] = {"r": 4, "lora_alpha": 6, "target_modules": "all-linear", **plain}
    match method:
        case "lora":
            return peft.LoraConfig(**low)
        case "dora":
            return peft.LoraConfig(use_dora=True, **low)
        case "adalora":
            low.pop("r")
            return peft.AdaLoraConfig(init_r=5, target_r=3, total_step=100, tinit=10, tfinal=20, **low)
        case "ia3":
            return peft.IA3Config(**plain)
        case "prefix":
            return peft.PrefixTuningConfig(num_virtual_tokens=5, **plain)
        case "prompt":
            return peft.PromptTuningConfig(num_virtual_tokens=5, **plain)
        case _:
            raise ValueError(method)


def load_base(base: Path) -> Any:
    """The model by transformers, float32."""
    import torch
    import transformers

    return transformers.AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)


def make_adapter(
    folder: Path,
    base: Path,
    method: str = "lora",
    *,
    seed: int = 1,
    note: AdapterNote | None = None,
    **changes: Any,
) -> Path:
    """An adapter over the model in `base`, saved by peft; its folder."""
    import peft
    import torch

    torch.manual_seed(seed)
    model = peft.get_peft_model(load_base(base), config_of(method, **changes))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.requires_grad and "original_module" not in name:
                weight.add_(torch.randn_like(weight) * STRENGTH * (weight.std() if weight.ndim == 1 else 1.0))
    if method == "adalora":
        _prune(model)
    model.save_pretrained(folder)
    if note is not None:
        write_note(folder, note)
    return folder


def _prune(model: Any) -> None:
    """A rank pattern as its budget leaves one: another rank for each matrix."""
    pattern = {}
    for at, name in enumerate(name for name, _ in model.named_parameters() if "lora_E" in name):
        kept = [place >= at % 3 for place in range(5)]
        pattern[name.removeprefix("base_model.model.")] = kept
    model.peft_config["default"].rank_pattern = pattern


def write_lora(folder: Path, base: Path, *, seed: int = 1) -> Path:
    """A LoRA of a Llama's queries in peft's layout, written without peft; its folder."""
    import torch
    from safetensors.torch import load_file, save_file

    folder.mkdir(parents=True)
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for name, weight in load_file(base / "model.safetensors").items():
        if name.endswith("q_proj.weight"):
            key = f"base_model.model.{name.removesuffix('.weight')}"
            tensors[f"{key}.lora_A.weight"] = torch.randn(4, weight.shape[1], generator=generator)
            tensors[f"{key}.lora_B.weight"] = torch.randn(weight.shape[0], 4, generator=generator)
    save_file(tensors, folder / "adapter_model.safetensors", {"format": "pt"})
    config = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 4, "lora_alpha": 4}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return folder
