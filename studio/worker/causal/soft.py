"""Learnt tokens that stand before every prompt: as keys and values (prefix) or as vectors that are read (prompt).

Sources: prefix tuning arXiv 2101.00190, prompt tuning arXiv 2104.08691; laid out as peft 0.21 does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor


@dataclass(frozen=True)
class Soft:
    """The virtual tokens of one adapter, float32 (T, numbers): keys and values of all layers, or vectors."""

    kept: bool
    numbers: Tensor

    @property
    def tokens(self) -> int:
        """How many places of the context they take."""
        return self.numbers.shape[0]

    def keys_and_values(self, layers: int, heads: int) -> tuple[Tensor, Tensor]:
        """Of a prefix: keys and values, (layers, heads, T, C) each, as attention has them after rotation."""
        both = self.numbers.view(self.tokens, layers, 2, heads, -1).permute(1, 2, 3, 0, 4)
        return both[:, 0], both[:, 1]


class Beginning(Protocol):
    """A model whose prompts can begin with virtual tokens."""

    def begun_with(self, soft: Sequence[Soft]) -> Any:
        """A model on the same weights, whose empty prompt holds these tokens; none: a plain one."""


def in_order(soft: Sequence[Soft]) -> list[Soft]:
    """Prefixes first: they were trained to stand at the beginning; vectors that are read see them."""
    return sorted(soft, key=lambda one: not one.kept)
