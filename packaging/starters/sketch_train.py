"""The training loop of the music model: the story model's, with a loss over what can be sampled alone.

Attention is the story model's own, spelled out in strips. Measured forth and back on one core in bfloat16 (4 x 1,024
tokens, not compiled): 1.4 s as through the fused kernel, which cannot keep packed sequences apart without a mask;
torch's spelled-out form (SDPBackend.MATH), the faster one for the picture model's short rows, took 2.4 s.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import story_train
import torch
from story_model import Shape, StoryModel, rope_tables
from torch import Tensor
from torch.nn import functional

from studio.worker.tune.music_feed import Feed
from studio.worker.tune.packing import IGNORE

INNER, HIDDEN, LAYERS = 512, 256, 5


@dataclass(frozen=True)
class Plan(story_train.Plan):
    """Everything that decides a run besides the data.

    A bar of two to four parts takes some 48 tokens of notes and 60 to 75 with all heads: windows of 1,024 tokens hold
    about 15 bars, those of 2,048 about 30. 2,048 is the context, so that eight bars are written with twenty around
    them; most windows are short because attention over long ones costs half as much again.
    """

    shape: Shape = field(default_factory=Shape)
    seed: int = 3
    steps: int = 0
    minutes: float = 240.0
    long_share: float = 0.25
    long_share_tail: float = 0.5
    windows: tuple[int, int] = (1024, 2048)
    check_every: int = 50


def shape_of(words: int, context: int = 2048) -> Shape:
    """The network that ships: 3.1 million parameters."""
    return Shape(
        vocab=words,
        hidden=HIDDEN,
        layers=LAYERS,
        heads=4,
        kv_heads=2,
        head_dim=64,
        inner=INNER,
        context=context,
    )


def sampled_loss(
    model: StoryModel,
    sampled: int,
    tokens: Tensor,
    targets: Tensor,
    bias: Tensor,
    turns: tuple[Tensor, Tensor],
) -> Tensor:
    """Summed loss in nats of the targets [B, T] after the tokens, among the first `sampled` tokens.

    Given tokens are never targets; were they scored, the shared embedding would learn to tell that alone.
    """
    x = model.hidden(tokens, bias, turns).flatten(0, 1)
    logits = functional.linear(x, model.model.embed_tokens.weight[:sampled].to(x.dtype)).float()
    return functional.cross_entropy(logits, targets.flatten(), ignore_index=IGNORE, reduction="sum")


class Trainer(story_train.Trainer):
    """One run."""

    def __init__(
        self, plan: Plan, feeds: tuple[Feed, Feed], folder: Path, sampled: int, compiled: bool = True
    ) -> None:
        super().__init__(plan, feeds, folder, compiled=False)
        self.plain: Callable[..., Tensor] = partial(sampled_loss, self.model, sampled)
        self.loss = self.plain
        if compiled:
            self.loss = torch.compile(self.plain, dynamic=False)
            self.turns = {
                w: tuple(t.bfloat16() for t in rope_tables(plan.shape, w, self.device)) for w in plan.windows
            }

    def group_loss(self, which: int, batch: np.ndarray, loss: Callable[..., Tensor]) -> tuple[Tensor, int]:
        """Summed loss of windows [B, 3, T] and the number of targets counted."""
        return super().group_loss(which, batch, self.plain if loss is self.model else loss)


def feeds_of(make: Callable[[int], Feed], windows: Sequence[int]) -> tuple[Feed, Feed]:
    """The feeds of short and of long windows."""
    short, long = (make(window) for window in windows)
    return short, long
