"""A few steps of training on a tiny model, the plain way."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM

from studio.core.tuning import AdapterSettings, TuneSettings
from studio.worker.tune import methods
from studio.worker.tune.optimizers import optimizer_for, schedule_for

PEFT_METHODS = ("lora", "dora", "adalora", "ia3", "prefix", "prompt")


def settings_for(base: Path, method: str = "lora", art: str = "text", **adapter: Any) -> TuneSettings:
    """Settings of a small adapter."""
    small = {"rank": 4, "layers": 1, "virtual_tokens": 5, "trigger": "<it>", **adapter}
    made: Any = {"art": art, "base": str(base), "folder": "x", "method": method}
    return TuneSettings(**made, adapter=AdapterSettings(**small))


def fresh(base: Path) -> Any:
    """The base model, as transformers reads it."""
    return AutoModelForCausalLM.from_pretrained(base, local_files_only=True).eval()


def rows(vocabulary: int = 400, seed: int = 0) -> Tensor:
    """Two rows of twelve tokens."""
    return torch.randint(vocabulary, (2, 12), generator=torch.Generator().manual_seed(seed))


def logits(model: Any, ids: Tensor) -> Tensor:
    """What the model says, in evaluation, float (B, T, V)."""
    model.eval()
    with torch.no_grad():
        said: Tensor = model(input_ids=ids).logits
    return said


class Training:
    """Steps one by one, so that they can be broken off."""

    def __init__(self, model: Any, settings: TuneSettings, steps: int) -> None:
        self.model = model
        self.optimizer = optimizer_for(model, settings)
        self.schedule = schedule_for(self.optimizer, settings, steps)

    def steps(self, numbers: Sequence[int]) -> "Training":
        """Make the steps of these numbers (the first is 1)."""
        self.model.train()
        for number in numbers:
            ids = rows(seed=number)
            self.model(input_ids=ids, labels=ids).loss.backward()
            self.optimizer.step()
            self.schedule.step()
            methods.after_step(self.model, number)
            self.optimizer.zero_grad()
        self.model.eval()
        return self
