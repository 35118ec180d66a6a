"""How an image training went so far: losses, the best, when to end; kept with each checkpoint."""

import time
from collections import deque
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import Any, Final

from studio.core.tune_events import Stepped
from studio.worker.tune.run import Loss

_RECENT: Final = 20  # steps
_ASTRAY: Final = 5.0  # times the loss of the first steps, or of the base: the training has diverged
_TELL_S: Final = 0.1


@dataclass
class Course:
    """The course of one run over all its lives."""

    patience: int
    losses: list[Loss] = field(default_factory=list)
    best_step: int = 0
    best_val: float = nan
    worse: int = 0  # validations on end without a better one
    seconds: float = 0.0  # of training, in all lives
    first: list[float] = field(default_factory=list)
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))
    since: list[float] = field(default_factory=list)  # training losses since the last validation

    def learnt(self, loss: float) -> None:
        """A step was made."""
        if len(self.first) < _RECENT:
            self.first.append(loss)
        self.recent.append(loss)
        self.since.append(loss)

    def weighed(self, step: int, val: float | None) -> bool:
        """The validation side was weighed; whether it is the best. None: there is none, and the last is the best."""
        train = sum(self.since) / len(self.since) if self.since else nan
        self.losses.append((step, train, nan if val is None else val))
        self.since.clear()
        if val is None:
            self.best_step = step
            return True
        better = isfinite(val) and not val >= self.best_val  # the first is compared with nan
        if better:
            self.best_step, self.best_val, self.worse = step, val, 0
        else:
            self.worse += 1
        return better

    @property
    def tired(self) -> bool:
        """Whether patience is at its end."""
        return bool(self.patience) and self.worse >= self.patience

    @property
    def astray(self) -> bool:
        """Whether the loss has run away from where it began."""
        base = self.losses[0][2] if self.losses else nan
        if isfinite(base) and not self.losses[-1][2] <= _ASTRAY * base:
            return True
        full = len(self.first) == _RECENT == len(self.recent)
        return full and sum(self.recent) > _ASTRAY * sum(self.first)

    def facts(self) -> dict[str, Any]:
        """For a checkpoint's manifest."""
        return {
            "losses": [[step, _plain(train), _plain(val)] for step, train, val in self.losses],
            "best_step": self.best_step,
            "best_val": _plain(self.best_val),
            "worse": self.worse,
            "seconds": self.seconds,
            "first": self.first,
            "recent": list(self.recent),
            "since": self.since,
        }

    def take_up(self, facts: dict[str, Any]) -> None:
        """Go on from `facts`. Raises KeyError."""
        self.losses = [(int(step), _number(train), _number(val)) for step, train, val in facts["losses"]]
        self.best_step, self.best_val = int(facts["best_step"]), _number(facts["best_val"])
        self.worse, self.seconds = int(facts["worse"]), float(facts["seconds"])
        self.first, self.since = list(facts["first"]), list(facts["since"])
        self.recent = deque(facts["recent"], maxlen=_RECENT)


class Teller:
    """Steps as they are told: at most ten a second, with the pace of the last ones."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._told = -_TELL_S
        self._paces: deque[tuple[float, int]] = deque(maxlen=_RECENT)

    def stepped(
        self, step: int, loss: float, lr: float, norm: float, pictures: int, seconds: float, memory_mib: float
    ) -> Stepped | None:
        """What to tell of a step that took so long; None while it is too early to tell another."""
        self._paces.append((seconds, pictures))
        now = time.monotonic()
        if now - self._told < _TELL_S and step < self._steps:
            return None
        self._told = now
        spent = max(sum(each for each, _ in self._paces), 1e-9)
        return Stepped(
            step=step,
            steps=self._steps,
            train_loss=loss,
            lr=lr,
            grad_norm=norm,
            rate=sum(count for _, count in self._paces) / spent,
            memory_mib=memory_mib,
            left_s=spent / len(self._paces) * (self._steps - step),
        )


def _plain(value: float) -> float | None:
    return value if isfinite(value) else None  # JSON knows no nan


def _number(value: float | None) -> float:
    return nan if value is None else float(value)
