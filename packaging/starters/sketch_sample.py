"""Takes of a music model under the studio's own prompts and grammar: a plain torch loop, several at once.

Rows of one batch differ in length: prompts are padded on the left, and heads of blocks that are fed unsampled wait in
a queue of their row.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from studio.core.pieces import PieceJob
from studio.media.music.grammar import Grammar
from studio.media.music.prompts import Prompt, prompt
from studio.media.music.score import Score
from studio.media.music.vocabulary import PAD, SAMPLED

AT_ONCE = 12


@dataclass
class Row:
    """One take on its way."""

    score: Score
    job: PieceJob
    made: Prompt
    grammar: Grammar
    chance: torch.Generator
    queue: deque[int] = field(default_factory=deque)

    def next(self, scores: Tensor) -> int:
        """The token to feed after scores [V]: a waiting one, or one sampled; PAD when all is written."""
        if self.queue:
            return self.queue.popleft()
        if self.grammar.done:
            return PAD
        token = draw(scores, self.grammar.allowed(), self.job, self.chance)
        self.queue.extend(self.grammar.push(token))
        return token


def draw(scores: Tensor, allowed: Any, job: PieceJob, chance: torch.Generator) -> int:
    """One of the allowed tokens (a mask [SAMPLED]): temperature, then the smallest set that holds the nucleus."""
    free = scores[:SAMPLED].float().cpu().masked_fill(~torch.from_numpy(allowed), float("-inf"))
    odds, order = torch.softmax(free / max(job.temperature, 1e-4), dim=-1).sort(descending=True)
    odds = torch.where(odds.cumsum(-1) - odds < job.top_p, odds, 0.0)
    return int(order[torch.multinomial(odds, 1, generator=chance)])


@torch.no_grad()
def write_all(model: Any, rows: Sequence[Row], device: str) -> None:
    """Write one pass of every row to its end. `model`: a causal model of transformers."""
    longest = max(len(row.made.ids) for row in rows)
    pads = [longest - len(row.made.ids) for row in rows]
    ids = torch.tensor(
        [[PAD] * pad + row.made.ids for pad, row in zip(pads, rows, strict=True)], device=device
    )
    seen = torch.tensor([[0] * pad + [1] * (longest - pad) for pad in pads], device=device)
    places = (seen.cumsum(-1) - 1).clamp(min=0)
    cache = None
    while True:
        out = model(
            input_ids=ids, attention_mask=seen, position_ids=places, past_key_values=cache, use_cache=True
        )
        cache = out.past_key_values
        fed = [row.next(out.logits[i, -1]) for i, row in enumerate(rows)]
        if all(row.grammar.done for row in rows):
            return
        ids = torch.tensor(fed, device=device)[:, None]
        seen = torch.cat((seen, torch.ones_like(ids)), dim=1)
        places = places[:, -1:] + 1


def row_of(score: Score, job: PieceJob, context: int, from_bar: int | None, chance: torch.Generator) -> Row:
    """A row that begins a pass of a job."""
    made = prompt(score, job, context=context, from_bar=from_bar)
    return Row(score, job, made, made.plan.grammar(), chance)


def takes(model: Any, asked: Sequence[tuple[Score, PieceJob]], device: str = "cpu") -> list[Score]:
    """The scores with one take each in place; the job's seed decides, the others in the batch do not (but for
    rounding)."""
    context = int(model.config.max_position_embeddings)
    found: dict[int, Score] = {}
    chances = [torch.Generator().manual_seed(job.seed) for _, job in asked]
    waiting = deque((i, score, job, None) for i, (score, job) in enumerate(asked))
    while waiting:
        now = [waiting.popleft() for _ in range(min(AT_ONCE, len(waiting)))]
        rows = [row_of(score, job, context, bar, chances[i]) for i, score, job, bar in now]
        write_all(model, rows, device)
        for (i, score, job, _), row in zip(now, rows, strict=True):
            placed = row.made.plan.place(score, row.grammar.notes)
            found[i] = placed
            if row.made.plan.next_bar is not None:
                waiting.append((i, placed, job, row.made.plan.next_bar))
    return [found[i] for i in range(len(asked))]
