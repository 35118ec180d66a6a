"""How well the model foresees held-out music: negative log likelihood per note, for continuation and infill apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from studio.worker.tune.music_write import Written

Scorer = Callable[[Tensor], Tensor]  # token ids [B, T] to scores of the next token [B, T, V]


@dataclass(frozen=True)
class Foresight:
    """Nats over all tokens a task asks for (positions, pitches, velocities, durations, ends of bars), by note."""

    pieces: int
    notes: int
    tokens: int
    nats_per_note: float
    nats_per_token: float


@torch.no_grad()
def foresight(asked: Sequence[Written], scorer: Scorer, sampled: int, device: str = "cpu") -> Foresight:
    """Measure sequences, one at a time; scores count among the first `sampled` tokens alone."""
    total, notes, tokens = 0.0, 0, 0
    for one in asked:
        ids = torch.from_numpy(one.ids.astype(np.int64)).to(device)
        wanted = torch.from_numpy(one.parts[1:] == 2).to(device)
        scores = scorer(ids[None, :-1])[0, wanted, :sampled].float()
        total += float(functional.cross_entropy(scores, ids[1:][wanted], reduction="sum").double())
        notes, tokens = notes + one.notes, tokens + int(wanted.sum())
    return Foresight(len(asked), notes, tokens, total / max(1, notes), total / max(1, tokens))
