"""Every sampling step in plain Python, straight from its published definition; slow and easy to check.

A row of scores is a list of floats, -inf for what is out. Functions return the new row; those that decide by
comparing return (row, margin) too: how far the nearest decision was from falling the other way, so that a test
can leave out rows on which float32 and Python's floats may differ.
"""

import math
from collections.abc import Collection, Sequence
from itertools import pairwise

from studio.core.sampling import Sampling

OUT = -math.inf
Row = list[float]
Judged = tuple[Row, float]


def softmax(row: Row) -> list[float]:
    """Probabilities."""
    top = max(row)
    parts = [math.exp(score - top) if score > OUT else 0.0 for score in row]
    total = math.fsum(parts)
    return [part / total for part in parts]


def entropy(chances: Sequence[float]) -> float:
    """In nats."""
    return -math.fsum(p * math.log(p) for p in chances if p > 0)


def best_first(row: Row) -> list[int]:
    """Ids that are not out, likeliest first, equal ones by id."""
    return sorted((i for i, score in enumerate(row) if score > OUT), key=lambda i: (-row[i], i))


def only(row: Row, kept: Collection[int]) -> Row:
    """The row with nothing but these ids."""
    return [score if i in kept else OUT for i, score in enumerate(row)]


def top_k(row: Row, k: int) -> Row:
    """The k likeliest (arXiv 1805.04833)."""
    return only(row, best_first(row)[:k])


def nucleus(order: list[int], chances: Sequence[float], mass: float) -> tuple[list[int], float]:
    """The shortest beginning of `order` that holds `mass`, at least one; and the margin."""
    gathered, margin = 0.0, math.inf
    for count, i in enumerate(order):
        if count:
            margin = min(margin, abs(gathered - mass))
            if gathered >= mass:
                return order[:count], margin
        gathered += chances[i]
    return order, margin


def top_p(row: Row, mass: float) -> Judged:
    """arXiv 1904.09751."""
    kept, margin = nucleus(best_first(row), softmax(row), mass)
    return only(row, kept), margin


def min_p(row: Row, part: float) -> Judged:
    """arXiv 2407.01082: at least `part` of the likeliest one's probability."""
    chances = softmax(row)
    floor = part * max(chances)
    kept = [i for i in best_first(row) if chances[i] >= floor]
    margin = min((abs(chances[i] / max(chances) - part) for i in best_first(row)), default=math.inf)
    return only(row, kept), margin


def typical(row: Row, mass: float) -> Judged:
    """arXiv 2202.00666: by distance of surprise to the entropy, until the mass is full."""
    chances = softmax(row)
    expected = entropy(chances)
    there = best_first(row)
    if any(chances[i] == 0.0 for i in there):
        return row, 0.0
    far = {i: abs(-math.log(chances[i]) - expected) for i in there}
    order = sorted(there, key=lambda i: (far[i], i))
    kept, margin = nucleus(order, chances, mass)
    if len(kept) < len(order):
        last, following = kept[-1], order[len(kept)]
        if row[last] != row[following]:
            margin = min(margin, far[following] - far[last])
        near = [far[b] - far[a] for a, b in pairwise(order) if row[a] != row[b]]
        margin = min([margin, *near])
    return only(row, kept), margin


def top_n_sigma(row: Row, n: float) -> Judged:
    """arXiv 2411.07641: scores of at least max - n sigma."""
    there = [score for score in row if score > OUT]
    mean = math.fsum(there) / len(there)
    sigma = math.sqrt(math.fsum((score - mean) ** 2 for score in there) / len(there))
    floor = max(there) - n * sigma
    if sigma == 0.0:
        return row, math.inf
    return [score if score >= floor else OUT for score in row], min(abs(score - floor) for score in there)


def temperature(row: Row, t: float, reach: float, exponent: float) -> Row:
    """Plain, or dynamic as in KoboldCpp and llama.cpp."""
    if reach:
        there = [score for score in row if score > OUT]
        if len(there) < 2:
            return row
        share = entropy(softmax(row)) / math.log(len(there))
        least, most = max(0.0, t - reach), t + reach
        t = least + (most - least) * max(share, 0.0) ** exponent
    if t <= 0.0:
        return only(row, best_first(row)[:1])
    return [score / t for score in row]


def penalties(row: Row, window: Sequence[int], repetition: float, presence: float, frequency: float) -> Row:
    """CTRL's repetition penalty (arXiv 1909.05858), then OpenAI's presence and frequency penalties."""
    out = list(row)
    for i in set(window):
        out[i] = out[i] / repetition if out[i] >= 0 else out[i] * repetition
        out[i] -= list(window).count(i) * frequency + presence
    return out


def dry(row: Row, history: Sequence[int], s: Sampling, breakers: Collection[int]) -> Row:
    """p-e-w's definition (oobabooga/textgen pull request 5677)."""
    ids = list(history[-s.dry_tokens :] if s.dry_tokens else history)
    if not ids or ids[-1] in breakers:
        return row
    longest: dict[int, int] = {}
    for at in range(len(ids) - 1):
        following = ids[at + 1]
        if ids[at] != ids[-1] or following in breakers:
            continue
        length = 1
        while length < 50:
            j, before = at - length, ids[-(length + 1)]
            if j < 0 or ids[j] != before or before in breakers:
                break
            length += 1
        longest[following] = max(longest.get(following, 0), length)
    out = list(row)
    for token, length in longest.items():
        if length >= s.dry_allowed_length:
            out[token] -= s.dry_multiplier * s.dry_base ** (length - s.dry_allowed_length)
    return out


def xtc(row: Row, threshold: float, spared: Collection[int]) -> Judged:
    """p-e-w's definition (oobabooga/textgen pull request 6335), once its coin says to act."""
    chances = softmax(row)
    order = [i for i in best_first(row) if chances[i] > 0]
    above = [i for i in order if chances[i] >= threshold]
    margin = min(abs(chances[i] - threshold) for i in order)
    removed = above[:-1]
    if set(removed) & set(spared):
        return row, margin
    return [OUT if i in removed else score for i, score in enumerate(row)], margin


def surprise(row: Row) -> list[float]:
    """In bits."""
    return [-math.log2(p) if p > 0 else math.inf for p in softmax(row)]


def mirostat(row: Row, limit: float) -> Judged:
    """arXiv 2007.14966, algorithm 2: what may be drawn at this limit; at least the likeliest."""
    bits = surprise(row)
    kept = [i for i in best_first(row) if bits[i] <= limit] or best_first(row)[:1]
    return only(row, kept), min(abs(bits[i] - limit) for i in best_first(row))


def left(
    row: Row,
    s: Sampling,
    history: Sequence[int],
    *,
    breakers: Collection[int],
    spared: Collection[int],
    acts: bool,
) -> Judged:
    """All steps in the order of `s`."""
    margin = math.inf
    for step in s.order:
        m = math.inf
        if step == "penalties" and s.penalty_tokens:
            window = history[-s.penalty_tokens :]
            row = penalties(row, window, s.repetition_penalty, s.presence_penalty, s.frequency_penalty)
        elif step == "dry" and s.dry_multiplier:
            row = dry(row, history, s, breakers)
        elif step == "temperature":
            row = temperature(
                row, s.temperature, s.dynamic_range if s.temperature else 0.0, s.dynamic_exponent
            )
        elif step == "top_n_sigma" and s.top_n_sigma:
            row, m = top_n_sigma(row, s.top_n_sigma)
        elif step == "top_k" and s.top_k:
            kept = best_first(row)
            if len(kept) > s.top_k:
                m = row[kept[s.top_k - 1]] - row[kept[s.top_k]]
            row = top_k(row, s.top_k)
        elif step == "typical" and s.typical_p < 1:
            row, m = typical(row, s.typical_p)
        elif step == "top_p" and s.top_p < 1:
            row, m = top_p(row, s.top_p)
        elif step == "min_p" and s.min_p:
            row, m = min_p(row, s.min_p)
        elif step == "xtc" and s.xtc_probability and acts:
            row, m = xtc(row, s.xtc_threshold, spared)
        margin = min(margin, m)
    return row, margin
