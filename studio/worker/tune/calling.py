"""How a causal model is called with rows, and what each of their targets costs it: packed where it can, else padded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from studio.worker.tune.attention import packed_inputs
from studio.worker.tune.packing import IGNORE, Row

_EVEN = (
    128  # packed rows are filled up to a multiple: each new length has kernels made for it, which are kept
)
_WORTH_CHOOSING = 0.9  # with fewer targets than this share of the places, scores are computed for those alone


@dataclass(frozen=True)
class Caller:
    """`sampled`: only the first so many tokens are ever targets and are scored alone (0: all). `pad` fills up rows.

    `packed`: all rows stand one behind the other in one long one, else each in a line of its own.
    """

    packed: bool
    sampled: int = 0
    pad: int = 0

    def costs(self, model: Any, rows: Sequence[Row], device: torch.device) -> Tensor:
        """Nats of every counted target of the rows, in their order, float32 (sum of Row.counted,)."""
        if not self.packed:
            return self._padded(model, [one for row in rows for one in row.alone()], device)
        targets = torch.from_numpy(np.concatenate([row.targets for row in rows]))
        segments = [length for row in rows for length in row.segments]
        wanted = torch.nonzero(targets != IGNORE).flatten()
        rest = -len(targets) % _EVEN
        inputs = np.concatenate([*(row.inputs for row in rows), np.full(rest, self.pad)])
        call = packed_inputs(
            torch.from_numpy(inputs)[None].to(device), [*segments, rest] if rest else segments
        )
        if len(wanted) < _WORTH_CHOOSING * len(targets):
            places = functional.pad(wanted, (0, -len(wanted) % _EVEN))
            scores = model(**call, logits_to_keep=places.to(device)).logits[0, : len(wanted)]
        else:
            scores = model(**call).logits[0]
            scores = scores if len(wanted) == len(scores) else scores[wanted.to(device)]
        return self._nats(scores, targets[wanted].to(device))

    def _padded(self, model: Any, rows: list[Row], device: torch.device) -> Tensor:
        longest = max(len(row) for row in rows)
        inputs = torch.full((len(rows), longest), self.pad)
        targets = torch.full((len(rows), longest), IGNORE)
        mask = torch.zeros((len(rows), longest), dtype=torch.long)
        for line, row in enumerate(rows):
            inputs[line, : len(row)] = torch.from_numpy(row.inputs)
            targets[line, : len(row)] = torch.from_numpy(row.targets)
            mask[line, : len(row)] = 1
        out = model(input_ids=inputs.to(device), attention_mask=mask.to(device), use_cache=False)
        scores = out.logits[:, -longest:]  # virtual tokens of a prompt have scores too
        wanted = targets != IGNORE
        return self._nats(scores[wanted.to(device)], targets[wanted].to(device))

    def _nats(self, scores: Tensor, targets: Tensor) -> Tensor:
        scores = (scores[:, : self.sampled] if self.sampled else scores).float()
        return functional.cross_entropy(scores, targets, reduction="none")
