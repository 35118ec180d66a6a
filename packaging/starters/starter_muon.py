"""Muon for layers of any shape: each matrix's step is its momentum with all singular values near one.

Source: K. Jordan et al., Muon (2024); convolutions are taken as matrices of outputs by everything else.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

A, B, C = 3.4445, -4.7750, 2.0315  # the quintic's coefficients, as published


def orthogonal(matrices: Tensor, rounds: int = 5) -> Tensor:
    """Matrices (N, R, C) with the same singular vectors and singular values near one."""
    x = matrices.bfloat16()
    wide = x.shape[1] <= x.shape[2]
    x = x if wide else x.mT
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(rounds):
        square = torch.bmm(x, x.mT)
        mixed = torch.bmm(square, square).mul_(C).add_(square, alpha=B)
        x = torch.bmm(mixed, x).add_(x, alpha=A)
    return (x if wide else x.mT).to(matrices.dtype)


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, made orthogonal, scaled to the size of AdamW's steps; equal shapes go together."""

    def __init__(
        self, params: Iterable[Tensor], lr: float, momentum: float = 0.95, weight_decay: float = 0.0
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # noqa: ARG002
        """Move every parameter that has a gradient."""
        for group in self.param_groups:
            alike: dict[tuple[int, int], list[Tensor]] = {}
            for weight in group["params"]:
                if weight.grad is not None:
                    alike.setdefault((len(weight), weight[0].numel()), []).append(weight)
            for shape, weights in alike.items():
                self.move(weights, shape, group)

    def move(self, weights: list[Tensor], shape: tuple[int, int], group: dict[str, float]) -> None:
        """One step of matrices of one shape."""
        aims = []
        for weight in weights:
            state = self.state[weight]
            if not state:
                state["momentum"] = torch.zeros_like(weight)
            held: Tensor = state["momentum"]
            held.lerp_(weight.grad, 1 - group["momentum"])
            aims.append(weight.grad.lerp(held, group["momentum"]).reshape(shape))
        steps = orthogonal(torch.stack(aims))
        size = 0.2 * max(shape) ** 0.5
        for weight, step in zip(weights, steps, strict=True):
            weight.mul_(1 - group["lr"] * group["weight_decay"])
            weight.add_(step.view(weight.shape), alpha=-group["lr"] * size)


def shares(
    named: Iterable[tuple[str, Tensor]], apart: tuple[str, ...] = ()
) -> tuple[list[Tensor], list[Tensor]]:
    """Parameters for Muon (matrices and convolutions) and for AdamW (the rest, and names holding one of `apart`)."""
    matrices, rest = [], []
    for name, value in named:
        plain = value.ndim < 2 or any(part in name for part in apart)
        (rest if plain else matrices).append(value)
    return matrices, rest
