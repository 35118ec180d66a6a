"""AdaLoRA's running judgement of ranks: kept in checkpoints, and its due besides the loss."""

from collections.abc import Mapping
from typing import Any, Final

import torch
from peft import PeftModel
from torch import Tensor, nn

ADAPTER: Final = "default"
_KEPT: Final = ("ipt", "exp_avg_ipt", "exp_avg_unc")
_PATTERN: Final = "rank_pattern"


def is_adalora(model: nn.Module) -> bool:
    """Whether it is a model with an AdaLoRA adapter that is being trained."""
    return isinstance(model, PeftModel) and hasattr(model.base_model, "rankallocator")


def allocate(model: Any, step: int) -> None:
    """Weigh the ranks after step `step` (from 1) and mask the least; gradients must still be there."""
    for name, weight in model.named_parameters():
        if weight.requires_grad and "lora_" in name and weight.grad is None:  # a layer that took no part
            weight.grad = torch.zeros_like(weight)
    model.base_model.update_and_allocate(step)


def orthogonality(model: Any) -> Tensor:
    """AdaLoRA's second loss, weighted: how far its singular vectors are from orthogonal (arXiv 2303.10512, eq. 4)."""
    weight = model.peft_config[ADAPTER].orth_reg_weight
    losses = []
    for name, vectors in model.named_parameters():
        if ("lora_A" in name or "lora_B" in name) and ADAPTER in name:
            square = vectors @ vectors.T if "lora_A" in name else vectors.T @ vectors
            eye = torch.eye(square.shape[0], device=square.device, dtype=square.dtype)
            losses.append(torch.linalg.matrix_norm(square - eye))
    return weight * torch.stack(losses).mean()


def judgement(model: Any) -> dict[str, Tensor]:
    """What it has found out so far, as tensors."""
    allocator = model.base_model.rankallocator
    found = {
        f"{kept}.{name}": value.detach().clone()
        for kept in _KEPT
        for name, value in getattr(allocator, kept).items()
    }
    pattern = model.peft_config[ADAPTER].rank_pattern or {}
    for name, ranks in pattern.items():
        found[f"{_PATTERN}.{name}"] = torch.tensor(ranks, dtype=torch.bool)
    return found


def judge_again(model: Any, found: Mapping[str, Tensor]) -> None:
    """Put back what `judgement` told."""
    allocator = model.base_model.rankallocator
    allocator.reset_ipt()
    device = next(model.parameters()).device
    pattern: dict[str, list[bool]] = {}
    for name, value in found.items():
        kept, _, weight = name.partition(".")
        if kept == _PATTERN:
            pattern[weight] = value.tolist()
        else:
            getattr(allocator, kept)[weight] = value.to(device, copy=True)
    model.peft_config[ADAPTER].rank_pattern = pattern or None
