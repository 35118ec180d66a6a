"""Steps over whole rows: scores (N, V) in, scores out, -inf for what a step leaves out.

Every filter keeps at least one token of a row. Equal scores stand in the order of their ids.
"""

import math

import torch
from torch import Tensor

_COLDEST = 1e-6  # a temperature below this is 0: scores divided by it would overflow


def cool(work: Tensor, temperature: float, reach: float, exponent: float) -> Tensor:
    """Divide by the temperature; with `reach` R by one in T - R .. T + R that grows with the entropy.

    Dynamic temperature as in llama.cpp and KoboldCpp: least + (most - least) * (entropy / greatest entropy)^exponent,
    where the greatest is that of all tokens left being equally likely.
    """
    if not reach:
        return work.div_(temperature)
    left = work.isfinite().sum(-1, keepdim=True)
    logs = work.log_softmax(-1)
    entropy = -(logs.exp() * logs.masked_fill(logs == -torch.inf, 0.0)).sum(-1, keepdim=True)
    share = (entropy / left.clamp(min=2).log()).clamp_(0.0, 1.0)
    least, most = max(0.0, temperature - reach), temperature + reach
    heat = least + (most - least) * share**exponent
    heat = torch.where(left > 1, heat, 1.0)
    return torch.where(heat > _COLDEST, work / heat.clamp(min=_COLDEST), greedy(work))


def greedy(work: Tensor) -> Tensor:
    """Leave the likeliest token, the first of equal ones."""
    best = work.argmax(-1, keepdim=True)
    return torch.full_like(work, -torch.inf).scatter_(1, best, work.gather(1, best))


def top_k(work: Tensor, k: int) -> Tensor:
    """Leave the k likeliest tokens."""
    order = work.argsort(dim=-1, descending=True, stable=True)[:, k:]
    return work.scatter_(1, order, -torch.inf)


def top_p(work: Tensor, mass: float) -> Tensor:
    """Leave the fewest likeliest tokens that hold `mass`. Source: arXiv 1904.09751, sec. 3.1."""
    values, order = work.sort(dim=-1, descending=True, stable=True)
    chances = values.softmax(-1)
    out = chances.cumsum(-1) - chances >= mass
    out[:, 0] = False
    return work.masked_fill_(torch.zeros_like(out).scatter_(1, order, out), -torch.inf)


def min_p(work: Tensor, part: float) -> Tensor:
    """Leave the tokens with at least that part of the likeliest one's probability. Source: arXiv 2407.01082."""
    return work.masked_fill_((work - work.amax(-1, keepdim=True)).exp_() < part, -torch.inf)


def top_n_sigma(work: Tensor, n: float) -> Tensor:
    """Leave the scores within n standard deviations of the best. Source: arXiv 2411.07641, algorithm 1.

    The deviation is that of the tokens not left out yet (with their number as divisor, as in llama.cpp).
    """
    there = work.isfinite()
    count = there.sum(-1, keepdim=True).clamp_(min=1)
    mean = work.masked_fill(~there, 0.0).sum(-1, keepdim=True) / count
    spread = ((work - mean).masked_fill_(~there, 0.0).square_().sum(-1, keepdim=True) / count).sqrt_()
    return work.masked_fill_(work < work.amax(-1, keepdim=True) - n * spread, -torch.inf)


def typical(values: Tensor, mass: float) -> Tensor:
    """Which tokens bool (N, K) are locally typical: closest to the expected surprise, until `mass` is full.

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


def xtc(work: Tensor, threshold: float, acts: Tensor, spared: Tensor) -> Tensor:
    """Leave out the tokens of at least `threshold` but the least likely of them, in rows where `acts` (N,).

    A row in which that would hit a `spared` id (line break, end of text) stays as it is.
    Source: p-e-w's definition, oobabooga/textgen pull request 6335.
    """
    values, order = work.sort(dim=-1, descending=True, stable=True)
    start = xtc_start(values.softmax(-1), order, threshold, acts, spared)
    out = torch.arange(work.shape[1], device=work.device) < start
    return work.masked_fill_(torch.zeros_like(out).scatter_(1, order, out), -torch.inf)


def xtc_start(chances: Tensor, order: Tensor, threshold: float, acts: Tensor, spared: Tensor) -> Tensor:
    """How many of the sorted tokens (N, K) XTC leaves out at the front, int64 (N, 1)."""
    start = (((chances >= threshold) & (chances > 0)).sum(-1, keepdim=True) - 1).clamp_(min=0)
    places = torch.arange(order.shape[1], device=order.device)
    hit = (torch.isin(order, spared) & (places < start)).any(-1, keepdim=True)
    return torch.where(hit | ~acts[:, None], 0, start)


def surprises(work: Tensor) -> Tensor:
    """Surprise of each token in bits, (N, V)."""
    return work.log_softmax(-1) / -math.log(2.0)


def mirostat(work: Tensor, bits: Tensor, limit: Tensor) -> Tensor:
    """Leave the tokens whose surprise `bits` (N, V) is at most `limit` (N,), or the likeliest alone.

    Source: arXiv 2007.14966, algorithm 2 ("Mirostat 2.0" of its code): cut, draw X, then
    limit -= eta * (surprise of X - tau); the surprise is that under the distribution before the cut.
    """
    out = (bits > limit[:, None]).scatter_(1, work.argmax(-1, keepdim=True), False)
    return work.masked_fill_(out, -torch.inf)
