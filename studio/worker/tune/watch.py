"""Watches a training for the moment it goes astray: a loss that is no number, or one that climbs and stays high."""

import math
from typing import Any, Final

_SMOOTH: Final = 0.9
_SETTLED: Final = 10  # steps before a climb is judged
_CLIMB: Final = 1.0  # nats (or half of the lowest, where that is more) above the lowest smoothed loss


class AstrayError(Exception):
    """It did. `why` is "nan" or "diverged"; what the optimizer did before it is all right for "nan" alone."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Watch:
    """Is told every loss and every gradient's length. Raises AstrayError."""

    def __init__(self) -> None:
        self._seen, self._smooth, self._lowest = 0, 0.0, math.inf

    def loss(self, value: float) -> None:
        """The training loss of a step, before the optimizer's."""
        if not math.isfinite(value):
            raise AstrayError("nan")
        self._seen += 1
        keep = min(_SMOOTH, 1 - 1 / self._seen)
        self._smooth = keep * self._smooth + (1 - keep) * value
        if self._seen < _SETTLED:
            return
        self._lowest = min(self._lowest, self._smooth)
        if self._smooth > self._lowest + max(_CLIMB, abs(self._lowest) / 2):
            raise AstrayError("diverged")

    def norm(self, value: float) -> None:
        """The length of the gradient, before the optimizer's step."""
        if not math.isfinite(value):
            raise AstrayError("nan")

    def kept(self) -> list[Any]:
        """For a checkpoint."""
        return [self._seen, self._smooth, self._lowest if math.isfinite(self._lowest) else None]

    def take_up(self, kept: list[Any]) -> None:
        """From one."""
        self._seen, self._smooth = int(kept[0]), float(kept[1])
        self._lowest = math.inf if kept[2] is None else float(kept[2])
