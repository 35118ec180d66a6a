"""What the model itself thought of each token: its probability, its rank, the likeliest others.

Looked up for several steps together and off the raw logits, so that drawing does not wait for it.
Shapes: P places, N rows (takes), V vocabulary, K others.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.takes import Other, Token
from studio.worker.text.tokens import TextTokens

OTHERS = 10
_STEPS = 16
_NUMBERS = 8 * 1024 * 1024  # logits kept for later at most
_BLOCK = 64


@dataclass(frozen=True)
class Thought:
    """One token as the model saw it. `others`: (id, log-probability), likeliest first."""

    logprob: float
    rank: int
    others: tuple[tuple[int, float], ...]


class Insight:
    """Keeps the logits of the last steps until it is worth looking at them; all rows stand at one place."""

    def __init__(self, rows: int, vocab: int) -> None:
        self._rows = rows
        self._steps = max(1, min(_STEPS, _NUMBERS // (rows * vocab)))
        self._logits: list[Tensor] = []
        self._ids: list[Tensor] = []
        self._seen: list[list[Thought]] = []

    def note(self, logits: Tensor, ids: Tensor) -> None:
        """Take in the logits (N, V) and tokens (N,) of the next place; neither may change later."""
        self._logits.append(logits)
        self._ids.append(ids)
        if len(self._ids) == self._steps:
            self._look()

    def rewind(self, place: int) -> None:
        """Forget all from `place` on."""
        del self._seen[place:]
        left = place - len(self._seen)
        del self._logits[left:], self._ids[left:]

    def at(self, place: int, row: int) -> Thought:
        """What the model thought of a row's token."""
        self._look()
        return self._seen[place][row]

    def _look(self) -> None:
        if self._ids:
            found = thoughts(torch.cat(self._logits), torch.cat(self._ids))
            self._seen += [found[at : at + self._rows] for at in range(0, len(found), self._rows)]
            self._logits.clear()
            self._ids.clear()


def thoughts(logits: Tensor, ids: Tensor) -> list[Thought]:
    """A thought for each row of logits (P, V) and its token (P,).

    Raises StudioError when the logits are no numbers.
    """
    whole = logits.logsumexp(-1, keepdim=True)
    chosen = logits.gather(1, ids[:, None])
    values, order = best(logits, OTHERS)
    logprobs = (chosen - whole)[:, 0].tolist()
    if any(logprob != logprob for logprob in logprobs):
        raise overflowed()
    ranks = (values > chosen).sum(-1) + 1
    far = (ranks > values.shape[1]).nonzero()[:, 0]  # only these must be counted
    if len(far):
        ranks[far] = (logits[far] > chosen[far]).sum(-1) + 1
    rows = zip(logprobs, ranks.tolist(), order.tolist(), (values - whole).tolist(), strict=True)
    return [
        Thought(logprob, rank, tuple(zip(numbers, chances, strict=True)))
        for logprob, rank, numbers, chances in rows
    ]


def best(logits: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The `count` greatest of each row (P, V) and their ids, each (P, count), greatest first.

    They stand in the `count` blocks with the greatest maxima, so only those are sorted: a fifth of the time.
    """
    places, vocab = logits.shape
    count = min(count, vocab)
    blocks = vocab // _BLOCK
    if blocks <= count:
        return logits.topk(count, dim=-1)
    cut = blocks * _BLOCK
    parts = logits[:, :cut].unflatten(1, (blocks, _BLOCK))
    tops = parts.amax(-1).topk(count, dim=-1).indices  # (P, count)
    few = parts.gather(1, tops[:, :, None].expand(-1, -1, _BLOCK)).flatten(1)
    ids = (tops[:, :, None] * _BLOCK + torch.arange(_BLOCK, device=logits.device)).flatten(1)
    if cut < vocab:
        few = torch.cat((few, logits[:, cut:]), dim=1)
        rest = torch.arange(cut, vocab, device=logits.device).expand(places, -1)
        ids = torch.cat((ids, rest), dim=1)
    values, found = few.topk(count, dim=-1)
    return values, ids.gather(1, found)


def token_record(
    thought: Thought, number: int, end: int, tokens: TextTokens, *, given: bool = False
) -> Token:
    """A token as it is kept; `given`: it was read, not drawn, and so has no rank."""
    others = tuple(Other(other, tokens.piece(other), logprob) for other, logprob in thought.others)
    rank = 0 if given else thought.rank
    return Token(id=number, end=end, logprob=thought.logprob, rank=rank, others=others)


def overflowed() -> StudioError:
    """The model gives no numbers."""
    return StudioError(
        "The model's numbers overflowed: it gives no probabilities for the next word.",
        kept="What had streamed is kept.",
        do="Choose another model, or the same one in another number format.",
        code="not_a_number",
    )
