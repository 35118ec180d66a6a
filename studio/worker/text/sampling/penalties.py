"""Steps that change scores before anything is left out: bias, and penalties for what was said lately."""

from collections.abc import Sequence

import torch
from torch import Tensor

from studio.core.sampling import Sampling
from studio.worker.text.sampling.marks import FORBIDDEN, Form


def penalise(work: Tensor, seen: Tensor, sampling: Sampling) -> Tensor:
    """Lower the scores (N, V) of the tokens of `seen`, int64 (N, W), in place.

    Repetition divides a positive score and multiplies a negative one (arXiv 1909.05858, sec. 4.1); then presence
    is taken off once, frequency as often as the token stands there (OpenAI's definition; here the window
    reaches into the prompt, as in llama.cpp).
    """
    if not seen.shape[1]:
        return work
    factor = sampling.repetition_penalty
    if factor != 1.0:
        score = work.gather(1, seen)
        work.scatter_(1, seen, torch.where(score < 0, score * factor, score / factor))
    if sampling.presence_penalty or sampling.frequency_penalty:
        ones = torch.ones_like(seen, dtype=work.dtype)
        counts = torch.zeros_like(work).scatter_add_(1, seen, ones)
        work -= counts * sampling.frequency_penalty
        work -= (counts > 0) * sampling.presence_penalty
    return work


class Biases:
    """Adds to the scores of biased texts' tokens.

    A text of one token is biased everywhere; one of several tokens on its last token, wherever the tokens before
    it have just been written (transformers' `sequence_bias`): so a forbidden word leaves its beginning free.
    """

    def __init__(self, forms: Sequence[Form], vocab: int, device: str) -> None:
        known = [(row, bias) for row, bias in forms if max(row) < vocab]
        self.reach = max((len(row) - 1 for row, _ in known), default=0)
        pads = [[-1] * (self.reach - len(row) + 1) + list(row[:-1]) for row, _ in known]
        amounts = [-torch.inf if bias <= FORBIDDEN else bias for _, bias in known]
        self.any = bool(known)
        self.forbids = -torch.inf in amounts
        self._before = torch.tensor(pads, dtype=torch.int64, device=device).view(len(known), self.reach)
        self._last = torch.tensor([row[-1] for row, _ in known], dtype=torch.int64, device=device)
        self._amounts = torch.tensor(amounts, dtype=torch.float32, device=device)

    def add(self, work: Tensor, history: Tensor) -> Tensor:
        """Bias scores (N, V) after a history int64 (N, H), in place."""
        tail = history[:, history.shape[1] - self.reach :] if self.reach else history[:, :0]
        if tail.shape[1] < self.reach:  # nothing was said yet: what is missing matches nothing
            missing = tail.new_full((tail.shape[0], self.reach - tail.shape[1]), -2)
            tail = torch.cat((missing, tail), dim=1)
        follows = ((tail[:, None] == self._before) | (self._before == -1)).all(-1)  # (N, forms)
        return work.index_add_(1, self._last, torch.where(follows, self._amounts, 0.0))
