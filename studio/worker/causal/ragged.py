"""Takes of one prompt that each go on at their own pace: some tokens of theirs are given, not drawn.

A row's numbers do not depend on the rows beside it, so a take is the same whatever the others do.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from studio.worker.causal.llama import LeanLlama
from studio.worker.causal.model import CausalModel
from studio.worker.causal.native import NativeStep, NativeTakes


class RaggedTakes(Protocol):
    """The caches of N takes."""

    def feed(self, fresh: Sequence[tuple[int, Sequence[int]]]) -> np.ndarray:
        """Give takes, by their numbers, their next tokens, one or more each; the logits after each one's last,
        float32 (takes fed, V).
        """


def ragged(model: CausalModel, cache: Any, rows: int, room: int, kernel: str = "") -> RaggedTakes:
    """Caches of `rows` takes that begin with this prompt and may grow by `room` tokens; see `CausalModel.fork`."""
    if isinstance(model, LeanLlama) and model.native is not None and kernel in ("", "native"):
        forked = model.fork(cache, rows, room, kernel)
        assert isinstance(forked, NativeTakes)
        return _Native(model.native, forked)
    return _Apart(model, [model.fork(cache, 1, room, kernel) for _ in range(rows)])


class _Native:
    """All takes' rows together through the compiled step."""

    def __init__(self, step: NativeStep, takes: NativeTakes) -> None:
        self._step, self._takes = step, takes
        self._own = [0] * len(takes.slots)

    def feed(self, fresh: Sequence[tuple[int, Sequence[int]]]) -> np.ndarray:
        """See `RaggedTakes`."""
        slots = [take for take, ids in fresh for _ in ids]
        places = [self._own[take] + at for take, ids in fresh for at in range(len(ids))]
        tokens = [token for _, ids in fresh for token in ids]
        arrays = (np.array(numbers, dtype=np.int64) for numbers in (slots, places, tokens))
        logits = self._step.feed(self._takes, *arrays)
        for take, ids in fresh:
            self._own[take] += len(ids)
        last = np.cumsum([len(ids) for _, ids in fresh]) - 1
        return logits if len(last) == len(tokens) else logits[last]


class _Apart:
    """Each take in a cache of its own."""

    def __init__(self, model: CausalModel, forks: list[Any]) -> None:
        self._model, self._forks = model, forks

    def feed(self, fresh: Sequence[tuple[int, Sequence[int]]]) -> np.ndarray:
        """See `RaggedTakes`."""
        logits = [
            self._model.step_many(self._forks[take], np.array([ids], dtype=np.int64))[0, -1]
            for take, ids in fresh
        ]
        return np.stack([row.float().cpu().numpy() for row in logits])
