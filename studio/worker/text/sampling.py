"""How the next token of every take is drawn: all rows at once, few torch calls.

Shapes: N rows, V vocabulary, W tokens of penalty window, K candidates. The order of the steps is
that of `core.jobs.Sampling`; each step sees what the one before it left, renormalised.
"""

import hashlib
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from studio.core.jobs import Sampling

_FEW = 128  # candidates looked at first; nearly always enough once top-p or min-p is on


def take_seeds(seed: int, takes: int) -> tuple[int, ...]:
    """The seeds of a job's takes, 63 bits each: SHA-256 of the job's seed and the take's number."""
    hashes = (hashlib.sha256(f"{seed}:{index}".encode()).digest() for index in range(takes))
    return tuple(int.from_bytes(digest[:8], "big") >> 1 for digest in hashes)


def uniforms(seeds: Sequence[int], tokens: int) -> Tensor:
    """One random number in [0, 1) a step and take, float32 (tokens, N)."""
    columns = [torch.rand(tokens, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    return torch.stack(columns, dim=1)


class Sampler:
    """Draws one token a row and remembers what the penalty must look back on."""

    def __init__(
        self,
        sampling: Sampling,
        *,
        seeds: Sequence[int],
        tokens: int,
        before: Sequence[int],
        never: Iterable[int],
        vocab: int,
        device: str = "cpu",
    ) -> None:
        """`before` are the prompt's tokens, `never` the ids that may not be drawn."""
        self.sampling = sampling
        self._random = uniforms(seeds, tokens).to(device)
        self._step = 0
        banned = [number for number in never if number < vocab]
        self._never = torch.tensor(banned, dtype=torch.int64, device=device)
        window = list(before[-sampling.penalty_tokens :]) if sampling.penalty_tokens else []
        self._window = len(window)
        self._history = torch.zeros(len(seeds), len(window) + tokens, dtype=torch.int64, device=device)
        self._history[:, : len(window)] = torch.tensor(window, dtype=torch.int64)
        self._penalise = sampling.repetition_penalty != 1.0 and sampling.penalty_tokens > 0
        self._filters = sampling.top_k > 0 or sampling.top_p < 1.0 or sampling.min_p > 0.0

    def draw(
        self, logits: Tensor, *, only: Tensor | None = None, without: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Next tokens int64 (N,) and their log-probabilities float32 (N,) from logits (N, V).

        The log-probabilities are the model's own, before any step. `only`: the ids allowed this time;
        `without`: ids not allowed this time.
        """
        plain = logits
        work = logits.clone()
        if only is not None:
            kept = torch.full_like(work, -torch.inf)
            work = kept.index_copy_(1, only, work.index_select(1, only))
        if without is not None:
            work.index_fill_(1, without, -torch.inf)
        if len(self._never):
            work.index_fill_(1, self._never, -torch.inf)
        if self._penalise:
            self._apply_penalty(work)
        temperature = self.sampling.temperature
        ids = self._pick(work.div_(temperature)) if temperature else work.argmax(-1)
        self._history[:, self._window + self._step] = ids
        self._step += 1
        chosen = plain.gather(1, ids[:, None])[:, 0]
        return ids, chosen - plain.logsumexp(-1)

    def _apply_penalty(self, work: Tensor) -> None:
        """Lower the scores (N, V) of tokens seen lately, in place. Source: arXiv 1909.05858, sec. 4.1."""
        end = self._window + self._step
        seen = self._history[:, max(0, end - self.sampling.penalty_tokens) : end]  # (N, W)
        if seen.shape[1]:
            score = work.gather(1, seen)
            factor = self.sampling.repetition_penalty
            work.scatter_(1, seen, torch.where(score < 0, score * factor, score / factor))

    def _pick(self, work: Tensor) -> Tensor:
        """Filter scores (N, V) and draw by the inverse of the cumulated distribution."""
        few = _FEW if self._filters and self.sampling.typical_p >= 1.0 else 0
        if few and self.sampling.top_k:
            few = min(self.sampling.top_k, work.shape[1])
        values, order, whole = candidates(work, self.sampling, few)
        count = kept_count(values, self.sampling, whole)
        if few and few < work.shape[1] and few != self.sampling.top_k and int(count.max()) >= few:
            values, order, whole = candidates(work, self.sampling, 0)
            count = kept_count(values, self.sampling, whole)
        share = (values - values[:, :1]).exp_().cumsum_(-1)  # unnormalised, rising along the kept ones
        total = share.gather(1, (count - 1)[:, None])
        aim = self._random[self._step][:, None] * total
        place = torch.searchsorted(share, aim, right=True)
        place = torch.minimum(place, (count - 1)[:, None])
        return order.gather(1, place)[:, 0]


def candidates(work: Tensor, sampling: Sampling, few: int) -> tuple[Tensor, Tensor, Tensor]:
    """The likeliest `few` tokens (0: all that top-k and typical leave), best first.

    Returns scores (N, K), ids (N, K), and the log of the summed exponentials of what the steps so far
    left (N, 1): all tokens, or the top k, or the typical ones.
    """
    vocab = work.shape[1]
    k = min(sampling.top_k or vocab, vocab)
    if few:
        values, order = work.topk(few, dim=-1)
        whole = values if few == sampling.top_k else work
        return values, order, whole.logsumexp(-1, keepdim=True)
    values, order = torch.sort(work, dim=-1, descending=True, stable=True)
    values, order = values[:, :k], order[:, :k]
    if sampling.typical_p < 1.0:
        values = values.masked_fill(~typical(values, sampling.typical_p), -torch.inf)
        values, again = torch.sort(values, dim=-1, descending=True, stable=True)
        order = order.gather(1, again)
    return values, order, values.logsumexp(-1, keepdim=True)


def typical(values: Tensor, mass: float) -> Tensor:
    """Which tokens (N, K) are locally typical: closest to the expected surprise, until `mass` is full.

    Source: arXiv 2202.00666.
    """
    logs = values.log_softmax(-1)
    chances = logs.exp()
    entropy = -(chances * logs.masked_fill(chances == 0, 0.0)).sum(-1, keepdim=True)
    far, order = torch.sort((-logs - entropy).abs(), dim=-1, stable=True)
    sorted_chances = chances.gather(1, order)
    before = sorted_chances.cumsum(-1) - sorted_chances
    keep = (before < mass) & far.isfinite()
    keep[:, 0] = True
    return torch.zeros_like(keep).scatter_(1, order, keep)


def kept_count(values: Tensor, sampling: Sampling, whole: Tensor) -> Tensor:
    """How many of the sorted scores (N, K) top-p and min-p leave, at least 1: int64 (N,).

    Both keep a beginning of the sorted row: top-p the smallest one that holds the mass, min-p those with
    at least that part of the best one's probability (which renormalising does not change).
    """
    keep = values.isfinite()
    if sampling.top_p < 1.0:
        chances = (values - whole).exp_()
        keep &= chances.cumsum(-1).sub_(chances) < sampling.top_p
    if sampling.min_p > 0.0:
        keep &= (values - values[:, :1]).exp_() >= sampling.min_p
    return keep.sum(-1).clamp_(min=1)
