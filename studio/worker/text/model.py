"""What a text model must be able to do: one small interface for the lean and the generic path.

Shapes: N rows (takes), T tokens, V vocabulary.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from torch import Tensor

Tick = Callable[[float], None]  # told 0..1 while loading; raises StoppedError when the job was cancelled


class TextModel(Protocol):
    """A causal language model in memory. Attention caches are opaque values of the model's own."""

    family: str
    device: str
    dtype: str
    parameters: int
    context_tokens: int
    vocab: int

    def empty(self) -> Any:
        """The cache of an empty prompt."""

    def extend(self, cache: Any, ids: Sequence[int]) -> Tensor:
        """Read T more tokens into a prompt's cache, in place; the last one's logits, float32 (V,)."""

    def cropped(self, cache: Any, tokens: int) -> Any:
        """A new cache of the first `tokens` tokens of another."""

    def cache_bytes(self, cache: Any) -> int:
        """Memory a prompt's cache holds."""

    def fork(self, cache: Any, rows: int, room: int) -> Any:
        """A cache of `rows` takes that all begin with this prompt and may grow by `room` tokens."""

    def step(self, forked: Any, ids: Tensor) -> Tensor:
        """Give each row its next token, int64 (N,); logits for the one after, float32 (N, V)."""
