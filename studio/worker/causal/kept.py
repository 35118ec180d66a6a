"""Prompts the model has read lately, kept so that asking again costs nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from studio.worker.causal.model import CausalModel

CHUNK_TOKENS = 64
_KEEP_PROMPTS = 4
_KEEP_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True)
class Read:
    """A prompt in the model: its cache, the logits (V,) after it, and how much of it was already there."""

    ids: list[int]
    cache: Any
    logits: Tensor
    reused: int


class KeptPrompts:
    """The last few prompts of one model.

    Prompts are read in chunks that begin at multiples of `CHUNK_TOKENS`, and only whole chunks are
    taken over from an older prompt: so the same chunks are multiplied in the same shapes whether they
    were kept or not, and a take is the same to the last bit.
    """

    def __init__(self, model: CausalModel) -> None:
        self._model = model
        self._most = getattr(model, "keep_prompts", _KEEP_PROMPTS)
        self._kept: list[Read] = []  # latest last

    def read(self, ids: list[int], check: Callable[[], None]) -> Read:
        """Read a prompt, or find it read. `check` is called before each chunk and may raise StoppedError."""
        for place, old in enumerate(self._kept):
            if old.ids == ids:
                self._kept.append(self._kept.pop(place))
                return Read(ids, old.cache, old.logits, len(ids))
        start, cache = self._longest(ids)
        logits: Tensor | None = None
        for at in range(start, len(ids), CHUNK_TOKENS):
            check()
            logits = self._model.extend(cache, ids[at : at + CHUNK_TOKENS])
        if logits is None:
            raise ValueError("an empty prompt cannot be read")
        fresh = Read(ids, cache, logits, start)
        self._kept.append(fresh)
        self._forget()
        return fresh

    def reusable(self, ids: list[int]) -> int:
        """How many first tokens of a prompt need not be computed; reads only, so any thread may ask."""
        kept = [old.ids for old in tuple(self._kept)]
        if ids in kept:
            return len(ids)
        return max((shared(old, ids[:-1]) // CHUNK_TOKENS * CHUNK_TOKENS for old in kept), default=0)

    def clear(self) -> None:
        """Forget all prompts."""
        self._kept.clear()

    def _longest(self, ids: list[int]) -> tuple[int, Any]:
        """The most whole chunks an older prompt shares with this one, and a cache of them.

        At least one token is left to compute, for the logits.
        """
        best, source = 0, None
        for old in self._kept:
            same = shared(old.ids, ids[:-1]) // CHUNK_TOKENS * CHUNK_TOKENS
            if same > best:
                best, source = same, old
        if source is None:
            return 0, self._model.empty()
        return best, self._model.cropped(source.cache, best)

    def _forget(self) -> None:
        """Drop the oldest prompts beyond the number and the memory allowed, but never the latest."""
        while len(self._kept) > 1:
            size = sum(self._model.cache_bytes(read.cache) for read in self._kept)
            if len(self._kept) <= self._most and size <= _KEEP_BYTES:
                return
            self._kept.pop(0)


def shared(a: list[int], b: list[int]) -> int:
    """How many first elements two lists have in common."""
    limit = min(len(a), len(b))
    if a[:limit] == b[:limit]:
        return limit
    return next(place for place in range(limit) if a[place] != b[place])
