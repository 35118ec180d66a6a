"""Measures how much the text after a gap helps the model to fill it."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from story_eval import Scorer
from story_pack import fill_form, split_middle
from story_tokenizer import END_ID, MIDDLE_ID
from tokenizers import Tokenizer
from torch.nn import functional

SEED = 7
LONGEST = 2000  # characters; longer documents are left out, so that each fits the context


@dataclass(frozen=True)
class FillFigure:
    """Bits per byte of the middles, with both sides known and with only the side before."""

    documents: int
    filled: float
    plain: float


def span_bits(scorer: Scorer, ids: list[int], start: int, end: int) -> float:
    """Bits of the tokens ids[start:end] given all before them."""
    scores = scorer(torch.tensor([ids[:-1]]))[0].float()
    bits = functional.cross_entropy(scores, torch.tensor(ids[1:]), reduction="none") / math.log(2)
    return float(bits[start - 1 : end - 1].double().sum())


@torch.no_grad()
def measure_fill(documents: list[str], tokenizer: Tokenizer, scorer: Scorer, count: int = 150) -> FillFigure:
    """The figure over the first documents that are short enough and whose middle is not empty."""
    chance = np.random.default_rng(SEED)
    filled = plain = 0.0
    used = size = 0
    for text in (text for text in documents if len(text) < LONGEST):
        prefix, middle, suffix = split_middle(text, chance)
        if not middle or used == count:
            continue
        ids = tokenizer.encode(fill_form(prefix, middle, suffix, suffix_first=False)).ids
        filled += span_bits(scorer, ids, ids.index(MIDDLE_ID) + 1, len(ids) - 1)
        before, inner = [END_ID, *tokenizer.encode(prefix).ids], tokenizer.encode(middle).ids
        plain += span_bits(scorer, before + inner, len(before), len(before) + len(inner))
        used, size = used + 1, size + len(middle.encode("utf-8"))
    return FillFigure(used, filled / size, plain / size)
