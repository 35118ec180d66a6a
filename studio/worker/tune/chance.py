"""The states of all random generators, taken and put back, so that what happens in between leaves no trace."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch


class Chance(NamedTuple):
    """Python's, numpy's, torch's and the devices'."""

    python: Any
    numpy: Any
    torch: torch.Tensor
    cuda: list[torch.Tensor]

    @classmethod
    def now(cls) -> "Chance":
        """As they are."""
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
        return cls(random.getstate(), np.random.get_state(), torch.get_rng_state(), cuda)

    def put_back(self) -> None:
        """As they were."""
        random.setstate(self.python)
        np.random.set_state(self.numpy)
        torch.set_rng_state(self.torch)
        if self.cuda:
            torch.cuda.set_rng_state_all(self.cuda)


@contextmanager
def untouched() -> Iterator[None]:
    """What is drawn inside the block changes nothing outside."""
    before = Chance.now()
    try:
        yield
    finally:
        before.put_back()
