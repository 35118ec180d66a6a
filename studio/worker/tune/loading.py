"""The base model of a training of text or music in memory, on its device, in the number type that is fastest there."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn

from studio.catalog.card import ModelCard
from studio.core.errors import StudioError
from studio.core.tuning import WHOLE, TuneSettings
from studio.worker.causal.compiled import cache_folder
from studio.worker.precision import bf16_multiplies_faster
from studio.worker.threads import settle_threads
from studio.worker.tune import quantised
from studio.worker.tune.attention import PACKED, register

Computed = Literal["fp32", "bf16", "fp16"]
_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Place:
    """Where and in what numbers is computed. Weights that are trained are always kept in fp32."""

    device: torch.device
    threads: int
    computed: Computed

    @property
    def dtype(self) -> torch.dtype:
        """The type that matrices are multiplied in."""
        return _DTYPES[self.computed]

    def autocast(self) -> torch.autocast:
        """For calls beside the training loop."""
        return torch.autocast(self.device.type, self.dtype, enabled=self.computed != "fp32")


def choose_place(settings: TuneSettings, parameters: int) -> Place:
    """A CUDA device where there is one. "auto": bf16 where it is faster (on a processor a probe says so, once)."""
    threads = settle_threads(parameters, os.environ, drawing=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    wanted = settings.optimizer.precision
    if wanted == "fp16" and device.type == "cpu":
        wanted = "fp32"  # processors have no unit for it, and no step of it would be exact
    if wanted != "auto":
        return Place(device, threads, wanted)
    if device.type == "cuda":
        return Place(device, threads, "bf16" if torch.cuda.is_bf16_supported() else "fp16")
    faster = bf16_multiplies_faster(cache_folder(), threads)
    return Place(device, threads, "bf16" if faster else "fp32")


def load_causal(card: ModelCard, settings: TuneSettings, place: Place) -> Any:
    """A transformers model that knows packed rows where its family can; all of it frozen, in evaluation mode.

    Raises StudioError "damaged_model", "quantised".
    """
    register()
    options = quantised.loading_options(settings.optimizer.base_bits, place.dtype)
    model = read_causal(Path(card.path), **options)
    if not options:
        model = model.to(place.device)
    else:
        model = quantised.prepare(model, checkpointing=settings.optimizer.checkpointing)
    return model.eval().requires_grad_(False)


def read_causal(folder: Path, dtype: torch.dtype = torch.float32, **options: Any) -> Any:
    """A model as transformers reads it: no network, no pickle, no foreign code. Raises StudioError "damaged_model"."""
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    register()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    fixed = {
        "local_files_only": True,
        "use_safetensors": True,
        "trust_remote_code": False,
        "output_loading_info": True,
        "dtype": dtype,
    }
    try:
        try:
            model, report = AutoModelForCausalLM.from_pretrained(
                folder, attn_implementation=PACKED, **fixed, **options
            )
        except (ValueError, ImportError):  # a family with an attention of its own
            model, report = AutoModelForCausalLM.from_pretrained(folder, **fixed, **options)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError) as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
    else:
        missing = sorted(report["missing_keys"])
        if not missing:
            return model
        why = f"the tensor {missing[0]} is missing"
    raise StudioError(
        f"The model in {folder} could not be built: {why}",
        kept="Nothing was trained yet.",
        do="Check that config.json and the weights belong together, or choose another model.",
        code="damaged_model",
    )


def lighten(model: nn.Module, settings: TuneSettings, place: Place) -> None:
    """Keep the frozen matrices in the type they are multiplied in: else each call would convert them anew.

    Not where the whole model is kept in the end; tables that are looked up (and heads tied to them) stay as they are.
    """
    if place.computed == "fp32" or settings.method in WHOLE or settings.optimizer.base_bits:
        return
    tables = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}
    for module in model.modules():
        if isinstance(module, nn.Linear) and id(module.weight) not in tables:
            for weight in (module.weight, module.bias):
                if weight is not None and not weight.requires_grad:
                    weight.data = weight.data.to(place.dtype)
