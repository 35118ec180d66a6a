"""A text model that answers from a table: every probability but the real path is made up."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from studio.worker.causal.kept import KeptPrompts
from studio.worker.text.maker import TextRunner
from studio.worker.text.tokens import TextTokens

Script = Callable[[str], str]  # the prompt's text -> what the model goes on with
SURE, GUESS = 50.0, 5.0


class ScriptedModel:
    """Says what the script says, then the end token; with what follows the caret given, it is surer of it."""

    family, device, dtype, kernel = "scripted", "cpu", "float32", "torch"
    can = ("torch",)
    parameters = 1

    def __init__(self, tokens: TextTokens, script: Script, *, uses_suffix: bool, context: int = 4096) -> None:
        self.context_tokens = context
        self.vocab = tokens.size
        self._tokens, self._script, self._uses_suffix = tokens, script, uses_suffix

    def empty(self) -> list[int]:
        return []

    def extend(self, cache: list[int], ids: Sequence[int]) -> Tensor:
        cache.extend(ids)
        return self._one(self._plan(cache)[0])

    def cropped(self, cache: list[int], tokens: int) -> list[int]:
        return cache[:tokens]

    def cache_bytes(self, cache: list[int]) -> int:
        return 8 * len(cache)

    def extend_all(self, cache: list[int], ids: Sequence[int]) -> Tensor:
        """What it thinks of a text it is shown: sure of it when it knows what follows, else it guesses."""
        assert self._tokens.fill_in is not None
        sure = self._uses_suffix and self._tokens.fill_in[1] in cache
        cache.extend(ids)
        return torch.stack([self._one(number, 8.0 if sure else GUESS) for number in [*ids[1:], ids[-1]]])

    def fork(self, cache: list[int], rows: int, room: int, kernel: str = "") -> dict[str, Any]:
        return {"plan": self._plan(cache), "at": 0, "rows": rows}

    def step(self, forked: dict[str, Any], ids: Any) -> Tensor:
        forked["at"] += 1
        plan = forked["plan"]
        return self._one(plan[min(forked["at"], len(plan) - 1)]).expand(forked["rows"], -1).clone()

    def rewind(self, forked: dict[str, Any], back: int) -> None:
        forked["at"] -= back

    def _plan(self, cache: list[int]) -> list[int]:
        answer = self._script(self._tokens.decode(cache))
        return [*self._tokens.encode(answer).ids, min(self._tokens.ends)]

    def _one(self, number: int, strength: float = SURE) -> Tensor:
        logits = torch.zeros(self.vocab)
        logits[number] = strength
        return logits


def scripted_runner(tokens: TextTokens, script: Script, *, uses_suffix: bool) -> TextRunner:
    """A runner of such a model."""
    model = ScriptedModel(tokens, script, uses_suffix=uses_suffix)
    return TextRunner(model, tokens, lambda: "0" * 64, KeptPrompts(model), 1)  # type: ignore[arg-type]
