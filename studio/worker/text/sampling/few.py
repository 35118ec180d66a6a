"""The usual filters at the end of the order, on the best candidates only: much less to sort."""

import torch
from torch import Tensor

from studio.core.sampling import Sampling, Step
from studio.worker.text.sampling.filters import typical

ENDING: tuple[Step, ...] = (
    "top_k",
    "typical",
    "top_p",
    "min_p",
)  # the filters that are done here, in this order
FEW = 128  # candidates looked at first; nearly always enough once top-p or min-p is on


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


def shortlist(work: Tensor, sampling: Sampling, few: int) -> tuple[Tensor, Tensor, Tensor]:
    """What the filters leave of scores (N, V): sorted scores (N, K), ids (N, K), how many of them (N,)."""
    filters = sampling.top_k > 0 or sampling.top_p < 1.0 or sampling.min_p > 0.0
    if not filters or sampling.typical_p < 1.0:
        few = 0
    elif few and sampling.top_k:
        few = sampling.top_k
    few = min(few, work.shape[1])
    values, order, whole = candidates(work, sampling, few)
    count = kept_count(values, sampling, whole)
    if few and few < work.shape[1] and few != sampling.top_k and int(count.max()) >= few:
        values, order, whole = candidates(work, sampling, 0)
        count = kept_count(values, sampling, whole)
    return values, order, count
