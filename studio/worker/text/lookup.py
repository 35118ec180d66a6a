"""Prompt lookup: a rewrite mostly repeats what it rewrites, so its next tokens are guessed from there and
checked several at a time. The take is the same to the last bit as without it: only tokens that would have been
drawn anyway are kept.

Source: speculative decoding with drafts from the prompt, as in "prompt lookup decoding" (Saxena, 2023).
"""

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor

from studio.core.jobs import Act, TextJob
from studio.worker.causal.model import CausalModel

ACTS: tuple[Act, ...] = ("rewrite", "shorten", "tone")
EXACT_KERNELS = ("native",)  # where several tokens at once give the same bits as one by one
_WORDS = (3, 2)  # so many last tokens must have stood before
_GUESSES = 3  # tokens guessed at once: with the sure one 4 rows, which cost about two (8 cost four and more)
_REST = 8  # tokens without a guess after one that was all wrong


class Lookup:
    """Guesses how a text goes on from where its last tokens stood before."""

    def __init__(self, source: Sequence[int]) -> None:
        """`source`: the tokens read so far."""
        self._ids = list(source)
        self._places: dict[tuple[int, ...], list[int]] = {}  # where what follows these tokens begins
        for end in range(1, len(self._ids) + 1):
            self._index(end)

    def _index(self, end: int) -> None:
        for words in _WORDS:
            if end >= words:
                self._places.setdefault(tuple(self._ids[end - words : end]), []).append(end)

    def add(self, number: int) -> None:
        """The text goes on with this token."""
        self._ids.append(number)
        self._index(len(self._ids))

    def take_back(self, count: int) -> None:
        """The last tokens are gone again."""
        for end in range(len(self._ids), len(self._ids) - count, -1):
            for words in _WORDS:
                if end >= words:
                    self._places[tuple(self._ids[end - words : end])].pop()
            del self._ids[-1]

    def guess(self, most: int) -> list[int]:
        """The tokens that stood after the latest earlier occurrence of the last ones; none when there is none."""
        end = len(self._ids)
        for words in _WORDS:
            earlier = [place for place in self._places.get(tuple(self._ids[-words:]), ())[-2:] if place < end]
            if earlier and end >= words:
                return self._ids[earlier[-1] : earlier[-1] + most]
        return []


class Drafting:
    """A `CausalModel` for one take that steps ahead along guesses; everything else is the model's own."""

    def __init__(self, model: CausalModel, lookup: Lookup) -> None:
        self._model = model
        self._lookup = lookup
        self._ahead: list[
            tuple[int, Tensor]
        ] = []  # guesses the model has read already, and the logits after each
        self._rest = 0  # tokens without a guess still to come
        self.checked = self.right = 0  # guesses so far

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def fork(self, cache: Any, rows: int, room: int, kernel: str = "") -> Any:
        """See `CausalModel`; with room for guesses."""
        if rows != 1:
            raise ValueError("guesses are made for a single take")
        return self._model.fork(cache, rows, room + _GUESSES, kernel)

    def step(self, forked: Any, ids: Any) -> Tensor:
        """See `CausalModel`."""
        number = int(ids[0])
        self._lookup.add(number)
        if self._ahead and self._ahead[0][0] == number:
            self.right += 1
            return self._ahead.pop(0)[1]
        self._turn_back(forked)
        draft = self._guess()
        if not draft:
            return self._model.step(forked, ids)
        rows = self._model.step_many(forked, torch.tensor([[number, *draft]]))[0]
        self.checked += len(draft)
        self._ahead = [(guess, rows[at + 1 : at + 2]) for at, guess in enumerate(draft)]
        return rows[:1]

    def _guess(self) -> list[int]:
        """The next guesses; none for a while after wrong ones."""
        if self._rest:
            self._rest -= 1
            return []
        return self._lookup.guess(_GUESSES)

    def _turn_back(self, forked: Any) -> None:
        """Forget the guesses that were not drawn."""
        wrong = len(self._ahead)
        if wrong:
            self._model.rewind(forked, wrong)
            self._ahead.clear()
            self._rest = _REST if wrong == _GUESSES else 0

    def rewind(self, forked: Any, back: int) -> None:
        """See `CausalModel`."""
        self._model.rewind(forked, back + len(self._ahead))
        self._ahead.clear()
        self._lookup.take_back(back)


def with_lookup(model: CausalModel, job: TextJob, read: Sequence[int], kernel: str) -> CausalModel:
    """The model that makes this job's take: one with guesses where that is exact and likely to pay."""
    if job.takes == 1 and job.act in ACTS and kernel in EXACT_KERNELS:
        return cast(CausalModel, Drafting(model, Lookup(read)))
    return model
