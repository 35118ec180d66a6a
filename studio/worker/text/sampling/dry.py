"""DRY: the longer a repetition would get, the less likely its next token.

Source: p-e-w's definition, oobabooga/textgen pull request 5677. H tokens so far; `match[n, i]` is how many
tokens up to place i are the same as those up to the last one, counted back to the nearest breaker.
"""

import torch
from torch import Tensor

from studio.core.sampling import Sampling

LONGEST = 50  # longer repetitions count as this long, so that no penalty overflows


class Dry:
    """Keeps the lengths of all repetitions up to date with three calls a token."""

    def __init__(self, sampling: Sampling, breakers: frozenset[int], vocab: int, device: str) -> None:
        self._sampling = sampling
        self._breaks = torch.zeros(vocab, dtype=torch.bool, device=device)
        self._breaks[[number for number in breakers if number < vocab]] = True
        self._match = torch.zeros(0, 0, dtype=torch.int64)

    def start(self, history: Tensor, tokens: int) -> None:
        """Look through a history int64 (N, H), with room for `tokens` more."""
        self._match = history.new_zeros(history.shape[0], history.shape[1] + tokens)
        found = matches(history, self._breaks)
        self._match[:, : found.shape[1]] = found

    def follow(self, history: Tensor) -> None:
        """Take in the last token of a history (N, H)."""
        end = history.shape[1]
        if end < 2:
            return
        last = history[:, -1:]
        shorter = torch.nn.functional.pad(self._match[:, : end - 2], (1, 0))
        same = (history[:, :-1] == last) & ~self._breaks[last]
        self._match[:, : end - 1] = torch.where(same, shorter + 1, 0)

    def penalise(self, work: Tensor, history: Tensor) -> Tensor:
        """Lower the scores (N, V) of the tokens that would go on with a repetition, in place."""
        s, end = self._sampling, history.shape[1]
        start = max(0, end - s.dry_tokens) if s.dry_tokens else 0
        if end - start < 2:
            return work
        places = torch.arange(1, end - start, device=work.device)
        lengths = torch.minimum(self._match[:, start : end - 1], places).clamp_(max=LONGEST)
        follows = history[:, start + 1 :]  # (N, H - 1): what came after each
        counted = (lengths >= s.dry_allowed_length) & ~self._breaks[follows]
        power = torch.pow(s.dry_base, (lengths - s.dry_allowed_length).clamp_(min=0).to(work.dtype))
        amounts = torch.where(counted, power * s.dry_multiplier, 0.0)
        return work.sub_(torch.zeros_like(work).scatter_reduce_(1, follows, amounts, "amax"))


def matches(history: Tensor, breaks: Tensor) -> Tensor:
    """How long each earlier place's repetition is, int64 (N, H - 1), for a history int64 (N, H)."""
    rows, end = history.shape
    lengths = history.new_zeros(rows, max(end - 1, 0))
    alive = torch.ones_like(lengths, dtype=torch.bool)
    for back in range(min(LONGEST, end - 1)):
        last = history[:, end - 1 - back, None]
        alive &= ~breaks[last]
        alive[:, :back] = False  # reaches before the first token
        alive[:, back:] &= history[:, : end - 1 - back] == last
        if not alive.any():
            break
        lengths += alive
    return lengths
