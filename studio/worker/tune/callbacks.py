"""What accompanies a training loop of transformers: telling, TensorBoard's and W&B's files."""

import os
import time
from typing import Any

import psutil
import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from studio.core.tune_events import Stepped
from studio.worker.tune.run import Run

_MIB = 1024 * 1024
_TOLD_EVERY_S = 0.1
_SMOOTH = 0.9  # what the last rate counts beside the newest


class Pace:
    """Steps timed: seconds a step and units a second, smoothed; waiting and looking up between them does not count."""

    def __init__(self, seconds: float = 0.0, units: int = 0) -> None:
        """What earlier lives of the run had."""
        self.seconds, self.units = seconds, units
        self.step_s = self.rate = 0.0
        self._began = time.perf_counter()

    def begin(self) -> None:
        """A step begins."""
        self._began = time.perf_counter()

    def end(self, units: int) -> None:
        """It ended, with so many tokens."""
        took = max(time.perf_counter() - self._began, 1e-9)
        self.seconds += took
        self.units += units
        keep = _SMOOTH if self.step_s else 0.0
        self.step_s = keep * self.step_s + (1 - keep) * took
        self.rate = keep * self.rate + (1 - keep) * units / took


class Teller(TrainerCallback):
    """Tells steps, at most ten a second, and the last one."""

    def __init__(self, run: Run, pace: Pace) -> None:
        self._run, self._pace = run, pace
        self._told = 0.0

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        """See `TrainerCallback`."""
        del control
        now = time.monotonic()
        last = state.global_step >= state.max_steps
        if not logs or "loss" not in logs or (now - self._told < _TOLD_EVERY_S and not last):
            return
        self._told = now
        self._run.tell(
            Stepped(
                step=state.global_step,
                steps=state.max_steps,
                train_loss=float(logs["loss"]),
                lr=float(logs.get("learning_rate", 0.0)),
                grad_norm=float(logs.get("grad_norm", 0.0)),
                rate=self._pace.rate,
                memory_mib=memory_mib(args.device),
                left_s=self._pace.step_s * (state.max_steps - state.global_step),
            )
        )


def memory_mib(device: torch.device) -> float:
    """What the training holds: of a graphics card its most, of a computer's memory what it has now."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / _MIB
    return psutil.Process().memory_info().rss / _MIB


def tensorboard(run: Run, from_step: int) -> TrainerCallback:
    """Writes TensorBoard's files into the run's folder; of a run that goes on, later points are taken back."""
    from tensorboardX import SummaryWriter
    from transformers.integrations import TensorBoardCallback

    folder = run.folder.path / "tensorboard"
    return TensorBoardCallback(SummaryWriter(str(folder), purge_step=from_step + 1 if from_step else None))


def wandb(run: Run) -> TrainerCallback | None:
    """Writes Weights & Biases' files into the run's folder, offline; None, and a word, where it is not installed."""
    from transformers.integrations import WandbCallback, is_wandb_available

    os.environ.update(
        WANDB_MODE="offline", WANDB_DIR=str(run.folder.path), WANDB_PROJECT="atelier", WANDB_SILENT="true"
    )
    if is_wandb_available():
        return WandbCallback()
    run.note(
        "Weights & Biases was asked for but is not installed; the training goes on without it.",
        do="Install it with: pip install atelier-studio[wandb]",
        code="no_wandb",
    )
    return None
