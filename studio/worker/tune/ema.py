"""The mean of the trained weights over time: what is weighed, drawn with and kept, while others go on learning."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from diffusers.training_utils import EMAModel
from torch import Tensor, nn


class Mean:
    """diffusers' own mean of some parameters, with a decay that grows to `decay`; decay 0: there is none."""

    def __init__(self, parameters: Sequence[nn.Parameter], decay: float) -> None:
        self._parameters = list(parameters)
        self._mean = EMAModel(self._parameters, decay=decay, foreach=True) if decay else None

    def update(self) -> None:
        """A step was made."""
        if self._mean is not None:
            self._mean.step(self._parameters)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The mean stands where the weights do, to the end of the block; they come back bit for bit."""
        if self._mean is None or not self._mean.optimization_step:
            yield
            return
        own = [parameter.detach().clone() for parameter in self._parameters]
        self._mean.copy_to(self._parameters)
        try:
            yield
        finally:
            with torch.no_grad():
                for parameter, value in zip(self._parameters, own, strict=True):
                    parameter.copy_(value)

    def stay(self) -> None:
        """The mean takes the weights' place for good."""
        if self._mean is not None and self._mean.optimization_step:
            self._mean.copy_to(self._parameters)

    def state(self) -> dict[str, Tensor]:
        """What a resumed run needs; empty where there is no mean."""
        if self._mean is None:
            return {}
        means = {f"{at:05d}": tensor for at, tensor in enumerate(self._mean.shadow_params)}
        return {**means, "steps": torch.tensor(self._mean.optimization_step)}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Go on from `state`. Raises KeyError when it is of other parameters."""
        if self._mean is None:
            return
        for at, tensor in enumerate(self._mean.shadow_params):
            tensor.copy_(state[f"{at:05d}"])
        self._mean.optimization_step = int(state["steps"])
