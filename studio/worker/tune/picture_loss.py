"""What a picture model is to foresee and how far off it is: levels of noise, noisy latents, targets, weights."""

from collections.abc import Sequence
from typing import Any, Final

import torch
from diffusers import DDPMScheduler
from torch import Tensor

FLOW: Final = "flow"


class Objective:
    """The noise of one model family: from its scheduler, which says what the network was taught to foresee.

    A level is a whole number: of diffusion the timestep, of flow matching the place in the scheduler's table of
    noise levels (0 is nothing but noise).
    """

    def __init__(self, scheduler: Any, *, flow: bool, min_snr: float = 0.0) -> None:
        """`min_snr`: gamma of arXiv 2303.09556, 0 weighs all levels alike. Flow matching knows no such ratio."""
        self.min_snr = 0.0 if flow else min_snr
        if flow:
            self.kind = FLOW
            own = type(scheduler).from_config(scheduler.config)  # a table that no drawing has bent
            self._sigmas, self._times = own.sigmas.float()[: len(own.timesteps)], own.timesteps.float()
            self._signal = torch.empty(0)
        else:
            table = DDPMScheduler.from_config(scheduler.config)
            self.kind = str(scheduler.config.get("prediction_type", "epsilon"))
            self._signal = table.alphas_cumprod.float()
            self._times = torch.arange(len(self._signal)).float()
            self._sigmas = torch.empty(0)

    @property
    def levels(self) -> int:
        """How many there are."""
        return len(self._times)

    def drawn(self, count: int, chance: torch.Generator) -> Tensor:
        """Levels (count,) to learn at, spread over the batch so that few pictures see many: less is left to luck.

        All alike for diffusion; for flow matching logit-normal, most in the middle (arXiv 2403.03206).
        """
        even = (torch.arange(count) + torch.rand(count, generator=chance)) / count
        even = even[torch.randperm(count, generator=chance)]
        if self.kind == FLOW:
            even = torch.sigmoid(torch.special.ndtri(even.clamp(1e-4, 1 - 1e-4)))
        return (even * self.levels).long().clamp(0, self.levels - 1)

    def spread(self, count: int, offset: float) -> Tensor:
        """Levels (count,) to weigh at: evenly over all, moved by `offset` in 0..1 of a gap."""
        even = (torch.arange(count) + offset) / count
        return (even * self.levels).long().clamp(0, self.levels - 1)

    def times(self, levels: Tensor) -> Tensor:
        """What the network is told of levels (B,): its timesteps."""
        times = self._times[levels]
        return times if self.kind == FLOW else times.long()

    def noised(self, clean: Tensor, noise: Tensor, levels: Tensor) -> tuple[Tensor, Tensor]:
        """Noisy latents and what is to be foreseen of them, both (B, C, h, w).

        Sources: arXiv 2006.11239 (noise), 2202.00512 (velocity), 2210.02747 (flow).
        """
        if self.kind == FLOW:
            sigma = self._sigmas[levels].view(-1, 1, 1, 1).to(clean)
            return (1 - sigma) * clean + sigma * noise, noise - clean
        signal = self._signal[levels].view(-1, 1, 1, 1).to(clean)
        keep, fade = signal.sqrt(), (1 - signal).sqrt()
        noisy = keep * clean + fade * noise
        match self.kind:
            case "v_prediction":
                return noisy, keep * noise - fade * clean
            case "sample":
                return noisy, clean
            case _:
                return noisy, noise

    def weights(self, levels: Tensor) -> Tensor:
        """How much each level (B,) counts: float (B,); arXiv 2303.09556, eq. 4."""
        if not self.min_snr:
            return torch.ones(len(levels))
        signal = self._signal[levels]
        ratio = signal / (1 - signal)
        most = ratio.clamp(max=self.min_snr)
        match self.kind:
            case "v_prediction":
                return most / (ratio + 1)
            case "sample":
                return most
            case _:
                return torch.where(ratio > 0, most / ratio.clamp(min=1e-12), torch.ones_like(ratio))


def squared_errors(found: Tensor, wanted: Tensor) -> Tensor:
    """The mean squared error of each of (B, C, h, w): float32 (B,)."""
    return (found.float() - wanted.float()).square().flatten(1).mean(1)


def noise_of(seed: int, shape: Sequence[int]) -> Tensor:
    """Noise that is the same on every device."""
    return torch.randn(tuple(shape), generator=torch.Generator("cpu").manual_seed(seed))
