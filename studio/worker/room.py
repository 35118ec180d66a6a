"""Memory for one more model: what it needs in which number type, and what is free."""

from pathlib import Path

import psutil
import torch

from studio.catalog.card import ModelCard
from studio.core.errors import StudioError

_MIB = 1024 * 1024
_SPARE_MIB = 300  # left free for the rest of the computer
_USUAL_PX = 512


def device_here() -> str:
    """Where models compute."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def free_mib(device: str) -> int:
    """Memory a new model may take there."""
    if device == "cuda":
        return int(torch.cuda.mem_get_info()[0]) // _MIB
    return int(psutil.virtual_memory().available) // _MIB


def number_types(card: ModelCard, device: str) -> tuple[tuple[torch.dtype, int], ...]:
    """Number types a model may be loaded in, the best first, with their bytes."""
    if card.kind != "image" and Path(card.path).is_file():  # a GGUF file: used as it stands there
        return ((torch.float32, max(1, round(card.size_bytes / max(card.parameters, 1)))),)
    if device == "cuda":
        whole = torch.cuda.is_bf16_supported(including_emulation=False)
        return ((torch.bfloat16 if whole else torch.float16, 2),)
    return ((torch.float32, 4), (torch.bfloat16, 2))


def need_mib(card: ModelCard, size_bytes: int) -> int:
    """What a model takes in that number type, with what it needs to work."""
    if card.kind == "image":
        from studio.worker.image.need import need_mib as drawing

        width, height = (side or _USUAL_PX for side in card.size)
        return drawing(card, width, height, 1, size_bytes) + _SPARE_MIB
    return round(card.parameters * size_bytes * 1.1 / _MIB) + _SPARE_MIB


def fitting(card: ModelCard, device: str) -> torch.dtype | None:
    """The best number type in which the model fits into what is free; None when in none."""
    free = free_mib(device)
    return next((kind for kind, size in number_types(card, device) if need_mib(card, size) <= free), None)


def too_large(card: ModelCard, device: str) -> StudioError:
    """What the person is told when it fits in no way."""
    least = min(need_mib(card, size) for _, size in number_types(card, device))
    return StudioError(
        f"The model {card.title} needs about {least} MiB of memory; {free_mib(device)} MiB are free.",
        do="Close other programs or choose a smaller model.",
        code="no_memory",
    )
