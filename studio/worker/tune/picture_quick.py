"""The quickest way through a picture network here: its number type, its attention, its threads."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from studio.core.tuning import Precision
from studio.worker.causal.compiled import cache_folder
from studio.worker.image.loading import ImageModel
from studio.worker.precision import bf16_multiplies_faster
from studio.worker.threads import settle_threads

_FEW_PLACES: Final = 1024  # of latents: spelled-out attention needs memory for all pairs of them


def device_here() -> str:
    """Where a training computes."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def settled_precision(wanted: Precision, device: str, parameters: int) -> str:
    """ "fp32", "bf16" or "fp16"; "auto" is what is fastest here and safe. Sets torch's threads as well."""
    threads = settle_threads(parameters, os.environ, drawing=True)
    if wanted != "auto":
        return "fp32" if wanted == "fp16" and device == "cpu" else wanted
    if device == "cpu":
        return "bf16" if bf16_multiplies_faster(cache_folder(), threads) else "fp32"
    return "bf16" if torch.cuda.is_bf16_supported() else "fp16"


def accelerator_for(precision: str, device: str) -> Accelerator:
    """A fresh accelerator of one process; precision "fp32", "bf16" or "fp16"."""
    AcceleratorState._reset_state(
        reset_partial_state=True
    )  # an earlier run of this process may have had another
    return Accelerator(mixed_precision="no" if precision == "fp32" else precision, cpu=device == "cpu")


def quick(latents: Tensor) -> AbstractContextManager[None]:
    """Attention for latents (B, C, h, w). On a processor it is spelled out where they are few: the fused kernel's way
    back takes half of a step then (measured on 16 x 16)."""
    few = latents.shape[-1] * latents.shape[-2] <= _FEW_PLACES
    return _spelled_out() if few and not torch.cuda.is_available() else nullcontext()


@contextmanager
def _spelled_out() -> Iterator[None]:
    with sdpa_kernel(SDPBackend.MATH):
        yield


def lay_out(model: ImageModel) -> None:
    """Weights of convolutions as tensor cores like them best: channels last. (A processor is slower with them so,
    measured with AMX: 74 pictures a second instead of 84.)"""
    if model.table.core == "unet" and model.device.startswith("cuda"):
        model.core.to(memory_format=torch.channels_last)


class Aside:
    """The parts that no step needs wait in main memory while a graphics card trains."""

    def __init__(self, model: ImageModel, names: tuple[str, ...]) -> None:
        self._model = model
        self._names = names if model.device.startswith("cuda") else ()

    def put(self) -> None:
        """Off the card with them."""
        for name in self._names:
            self._model.parts[name].to("cpu")
        if self._names:
            torch.cuda.empty_cache()

    @contextmanager
    def back(self) -> Iterator[None]:
        """All parts are there, to draw samples."""
        for name in self._names:
            self._model.parts[name].to(self._model.device)
        try:
            yield
        finally:
            self.put()
