"""How well a model foresees documents: nats a token, document by document, over rows that are always the same."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from msgspec import Struct

from studio.worker.tune.calling import Caller
from studio.worker.tune.packing import Row

_TOKENS_AT_ONCE = 4096


class DocumentLoss(Struct, frozen=True):
    """One document: the sum over its counted targets, in nats, and how many they are."""

    file: str
    nats: float
    tokens: int

    @property
    def mean(self) -> float:
        """Nats a token."""
        return self.nats / max(1, self.tokens)


def mean_loss(found: Sequence[DocumentLoss]) -> float:
    """Nats a token over all of them; nan over none."""
    tokens = sum(one.tokens for one in found)
    return sum(one.nats for one in found) / tokens if tokens else float("nan")


@torch.no_grad()
def weigh_documents(
    model: Any,
    documents: Mapping[str, Sequence[Row]],
    caller: Caller,
    check: Callable[[float], None] = lambda _: None,
) -> list[DocumentLoss]:
    """Every document's loss, by name. `check` is told 0..1 between parts and may raise to stop.

    The model is put into evaluation mode and back. Several short rows are computed at once.
    """
    device = next(model.parameters()).device
    training = model.training
    model.eval()
    order = [(file, row) for file in sorted(documents) for row in documents[file]]
    nats: dict[str, float] = dict.fromkeys(sorted(documents), 0.0)
    tokens: dict[str, int] = dict.fromkeys(nats, 0)
    try:
        done = 0
        while done < len(order):
            check(done / len(order))
            part = _next(order, done)
            costs = caller.costs(model, [row for _, row in part], device).double().cpu()
            ends = np.cumsum([row.counted for _, row in part]).tolist()
            for (file, row), start, end in zip(part, [0, *ends], ends, strict=False):
                nats[file] += float(costs[start:end].sum())
                tokens[file] += row.counted
            done += len(part)
    finally:
        model.train(training)
    return [DocumentLoss(file, nats[file], tokens[file]) for file in nats if tokens[file]]


def _next(order: list[tuple[str, Row]], first: int) -> list[tuple[str, Row]]:
    """As many rows from `first` on as are computed at once; at least one."""
    last, tokens = first, 0
    while last < len(order) and (last == first or tokens + len(order[last][1]) <= _TOKENS_AT_ONCE):
        tokens += len(order[last][1])
        last += 1
    return order[first:last]
