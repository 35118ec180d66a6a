"""What every starter's training shares: lines with the time, a schedule whose end can be moved, whole files."""

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

FINISH = "finish"


def say(text: str) -> None:
    """Print a line at once, with the time of day."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


def device_here() -> torch.device:
    """Where to train: a CUDA device when there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def use_cores() -> None:
    """Compute on all cores, or on as many as OMP_NUM_THREADS says where others need the machine too."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1))


def save_whole(state: dict[str, Any], file: Path) -> None:
    """Write a checkpoint, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    torch.save(state, part)
    part.replace(file)


@dataclass
class Progress:
    """Where a run stands; saved with it."""

    step: int = 0
    seconds: float = 0.0
    level: float = 1.0  # rate factor at which the fall began
    fall: int = -1  # step at which the fall began, -1: not yet
    last: int = -1  # step after which the run ends, -1: not known yet
    leg_step: int = 0  # step at which this leg began; a run that had ended can go on in another
    leg_seconds: float = 0.0  # seconds at which it began
    log: list[tuple[int, float, float]] = field(default_factory=list)  # step, training and validation loss

    def factor(self, warm: int) -> float:
        """The learning rate's factor at this step."""
        rise = min(1.0, (self.step - self.leg_step + 1) / warm)
        if self.fall < 0:
            return rise
        return rise * self.level * max(0.0, (self.last - self.step) / max(1, self.last - self.fall))

    def begin_fall(self, steps_left: int, warm: int) -> None:
        """From now on let the rate fall to nothing within so many steps."""
        level = self.factor(warm) if self.fall >= 0 else 1.0
        self.level, self.fall, self.last = level, self.step, self.step + max(0, steps_left)

    def go_on(self) -> None:
        """Begin another leg after the end of the last."""
        self.level, self.fall, self.last = 1.0, -1, -1
        self.leg_step, self.leg_seconds = self.step, self.seconds

    @property
    def ended(self) -> bool:
        """Whether the last step has been made."""
        return 0 <= self.last <= self.step


@dataclass(frozen=True)
class Span:
    """How long a training lasts, by steps or by the clock, and over which share of it the rate falls."""

    steps: int = 0
    minutes: float = 0.0
    warm: int = 100
    tail: float = 0.4

    def steer(self, now: Progress, pace_s: float, folder: Path) -> None:
        """Decide when the rate begins to fall: by the steps, by the clock, or on request.

        The request is a file `finish` in the run's folder that holds the minutes left. `pace_s`: seconds a step.
        """
        request = folder / FINISH
        if request.exists():
            minutes = float(request.read_text().strip() or "0")
            request.unlink()
            now.begin_fall(int(minutes * 60 / pace_s), self.warm)
        elif now.fall < 0 and self.steps:
            left = self.steps - (now.step - now.leg_step)
            if left <= self.tail * self.steps:
                now.begin_fall(left, self.warm)
        elif now.fall < 0:
            left_s = self.minutes * 60 - (now.seconds - now.leg_seconds)
            if left_s <= self.tail * self.minutes * 60:
                now.begin_fall(int(left_s / pace_s), self.warm)


class Pace:
    """Seconds a step takes, smoothed; one slow step among many counts little."""

    def __init__(self) -> None:
        self.mean_s, self.seen = 0.0, 0

    def add(self, took_s: float) -> None:
        """Take in one step's time."""
        self.seen += 1
        self.mean_s = took_s if self.seen < 5 else 0.97 * self.mean_s + 0.03 * min(took_s, 4 * self.mean_s)
