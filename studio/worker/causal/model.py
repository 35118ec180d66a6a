"""What a causal language model must be able to do: one small interface for the lean, the generic and llama.cpp's path.

Shapes: N rows (takes), T tokens, V vocabulary.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from torch import Tensor

Tick = Callable[[float], None]  # told 0..1 while loading; raises StoppedError when the job was cancelled


class CausalModel(Protocol):
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

    @property
    def can(self) -> tuple[str, ...]:
        """The kernels it can compute takes with now."""

    @property
    def kernel(self) -> str:
        """What computes the takes of a job that begins now: "torch", "native" or "llama.cpp". Read once a job."""

    def extend_all(self, cache: Any, ids: Sequence[int]) -> Tensor:
        """As `extend`, but the logits after each token, float32 (T, V)."""

    def fork(self, cache: Any, rows: int, room: int, kernel: str = "") -> Any:
        """A cache of `rows` takes that all begin with this prompt and may grow by `room` tokens.

        `kernel`: which one computes them ("": the best there is; one that is not there: torch). The prompt's
        cache must not be extended any more.
        """

    def takes_bytes(self, forked: Any) -> int:
        """Memory the takes of a fork hold, the prompt's own not counted where it is shared."""

    def step(self, forked: Any, ids: Any) -> Tensor:
        """Give each row its next token, int64 (N,), a tensor or numpy's; logits for the one after, float32 (N, V)."""

    def step_many(self, forked: Any, ids: Any) -> Tensor:
        """T successive tokens for each row, int64 (N, T); logits float32 (N, T, V), as T steps give them."""

    def rewind(self, forked: Any, back: int) -> None:
        """Forget the last `back` tokens of every row."""


def chosen_kernel(model: CausalModel, asked: str) -> str:
    """The one that computes a job: the one it asks for where that exists, else the fastest."""
    return asked if asked in model.can else model.kernel
