"""Where chance comes from: one generator a take on the processor, so that all devices and batches draw alike."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from studio.core.pictures import ImageJob
from studio.core.seeds import take_seeds


def seeds_of(job: ImageJob) -> tuple[int, ...]:
    """The seed of each take; of a variation, that of the noise each goes towards."""
    if job.variation is None:
        return take_seeds(job.seed, job.takes)
    return (job.variation.seed,) if job.takes == 1 else take_seeds(job.variation.seed, job.takes)


def generators(job: ImageJob, seeds: Sequence[int]) -> list[torch.Generator]:
    """One a take."""
    if job.variation is not None:
        seeds = [job.variation.base_seed] * len(seeds)
    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]


@contextmanager
def varied(
    pipe: Any, job: ImageJob, generators: Sequence[torch.Generator], seeds: Sequence[int]
) -> Iterator[None]:
    """Have the first noise of each take lie between its generator's and that of its seed, for a variation's job."""
    if job.variation is None:
        yield
        return
    others = {id(g): torch.Generator("cpu").manual_seed(s) for g, s in zip(generators, seeds, strict=True)}
    strength, prepare = job.variation.strength, pipe.prepare_latents

    def prepared(*args: Any, **options: Any) -> Any:
        with _Between(others, strength):
            return prepare(*args, **options)

    pipe.prepare_latents = prepared
    try:
        yield
    finally:
        del pipe.prepare_latents


class _Between(TorchFunctionMode):
    """Noise drawn from a known generator is turned towards its other's."""

    def __init__(self, others: dict[int, torch.Generator], strength: float) -> None:
        super().__init__()
        self._others, self._strength = others, strength

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        options = kwargs or {}
        drawn = func(*args, **options)
        if func is not torch.randn or id(options.get("generator")) not in self._others:
            return drawn
        other = func(*args, **(options | {"generator": self._others[id(options["generator"])]}))
        return slerp(drawn, other, self._strength)


def slerp(one: Tensor, other: Tensor, share: float) -> Tensor:
    """Spherical interpolation of two noises: `share` 0 is exactly the one, 1 exactly the other."""
    if share <= 0.0 or share >= 1.0:
        return one if share <= 0.0 else other
    a, b = one.double().flatten(), other.double().flatten()
    cosine = (a @ b / (a.norm() * b.norm())).clamp(-1.0, 1.0)
    angle = torch.arccos(cosine)
    if float(angle.sin()) < 1e-6:
        return (one.double() * (1 - share) + other.double() * share).to(one.dtype)
    mixed = (torch.sin((1 - share) * angle) * a + torch.sin(share * angle) * b) / torch.sin(angle)
    return mixed.to(one.dtype).reshape(one.shape)
