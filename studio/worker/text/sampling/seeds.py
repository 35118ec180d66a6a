"""Random numbers: every take has streams of its own, whatever the other takes do."""

from collections.abc import Sequence

import torch
from torch import Tensor

from studio.core.seeds import hashed


def uniforms(seeds: Sequence[int], tokens: int) -> Tensor:
    """One random number in [0, 1) a step and take, float32 (tokens, N)."""
    columns = [torch.rand(tokens, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    return torch.stack(columns, dim=1)


def stream(seed: int, name: str) -> torch.Generator:
    """A further stream of a take: its draws are independent of the main one's."""
    return torch.Generator().manual_seed(hashed(f"{seed}:{name}"))
