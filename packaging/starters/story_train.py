"""The training loop: two optimizers, a schedule whose end can be moved, checkpoints that resume exactly."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import starter_run
import torch
from starter_run import Span, device_here, save_whole
from story_model import Shape, StoryModel, reach, rope_tables
from story_pack import IGNORE, Feed
from torch import Tensor

CHECKPOINT, BEST = "checkpoint.pt", "best.pt"


@dataclass(frozen=True)
class Plan:
    """Everything that decides a run besides the data."""

    shape: Shape = field(default_factory=Shape)
    seed: int = 1
    steps: int = 1190  # end after this many steps; 0: by the clock
    minutes: float = 0.0  # end after about this many minutes, where no steps are named
    rate: float = 4e-3  # learning rate of the matrices (scaled to AdamW's step size)
    rate_rest: float = 3e-3  # learning rate of the embedding and the norms
    decay: float = 0.1  # weight decay of the matrices
    warm: int = 60  # steps of rising learning rate
    tail: float = 0.4  # share of the run over which the rate falls to nothing
    group: int = 4096  # tokens handled at once
    groups: int = 4  # groups per step
    long_share: float = 0.28  # of the groups come from long windows (tales, long stories)
    long_share_tail: float = 0.3  # the same once the rate falls
    windows: tuple[int, int] = (512, 1024)  # tokens of a short and of a long window
    save_every: float = 180.0  # seconds between checkpoints
    check_every: int = 25  # steps between validations; the best state seen is the one that ships


@dataclass
class Progress(starter_run.Progress):
    """Where a run stands; saved with it."""

    owed: float = 0.0  # long groups owed by the mixture


class Trainer:
    """One run: model, optimizers, feeds and progress."""

    def __init__(self, plan: Plan, feeds: tuple[Feed, Feed], folder: Path, compiled: bool = True) -> None:
        self.plan, self.feeds, self.folder = plan, feeds, folder
        self.device = device_here()
        self.model = StoryModel(plan.shape, plan.seed).to(self.device)
        self.progress = Progress()
        named = list(self.model.named_parameters())
        matrices = [p for n, p in named if p.ndim == 2 and "embed" not in n]
        rest = [p for n, p in named if p.ndim != 2 or "embed" in n]
        self.muon = torch.optim.Muon(
            matrices, lr=plan.rate, weight_decay=plan.decay, adjust_lr_fn="match_rms_adamw"
        )
        self.adam = torch.optim.AdamW(rest, lr=plan.rate_rest, betas=(0.9, 0.98), weight_decay=0.0)
        self.loss: Callable[..., Tensor] = self.model
        if compiled:
            self.loss = torch.compile(self.model, dynamic=False)
        dtype = torch.bfloat16 if compiled else torch.float32
        self.turns = {
            w: tuple(t.to(dtype) for t in rope_tables(plan.shape, w, self.device)) for w in plan.windows
        }

    def group_loss(self, which: int, batch: np.ndarray, loss: Callable[..., Tensor]) -> tuple[Tensor, int]:
        """Summed loss of windows [B, 3, T] and the number of targets counted."""
        tokens, targets, documents = torch.from_numpy(batch).to(self.device).unbind(1)
        turns = self.turns[self.plan.windows[which]]
        total = loss(tokens.contiguous(), targets.contiguous(), reach(documents), turns)
        return total, int((batch[:, 1] != IGNORE).sum())

    def choose(self) -> list[int]:
        """Which feed each group of this step comes from: 0 short, 1 long."""
        share = self.plan.long_share_tail if self.progress.fall >= 0 else self.plan.long_share
        chosen = []
        for _ in range(self.plan.groups):
            self.progress.owed += share
            chosen.append(int(self.progress.owed >= 1.0))
            self.progress.owed -= chosen[-1]
        return chosen

    def step(self) -> float:
        """One optimizer step; returns the mean loss in nats per token."""
        batches = []
        for which in self.choose():
            batches.append(
                (which, self.feeds[which].take(max(1, self.plan.group // self.plan.windows[which])))
            )
        count = sum(int((batch[:, 1] != IGNORE).sum()) for _, batch in batches)
        value = 0.0
        for which, batch in batches:
            total, _ = self.group_loss(which, batch, self.loss)
            (total / count).backward()
            value += total.item() / count
        factor = self.progress.factor(self.plan.warm)
        momentum = 0.85 + 0.1 * min(1.0, self.progress.step / 200)
        for group in self.muon.param_groups:
            group["lr"], group["momentum"] = self.plan.rate * factor, momentum
        for group in self.adam.param_groups:
            group["lr"] = self.plan.rate_rest * factor
        for optimizer in (self.muon, self.adam):
            optimizer.step()
            optimizer.zero_grad()
        self.progress.step += 1
        return value

    @torch.no_grad()
    def validate(self, batch: np.ndarray) -> float:
        """Mean loss in nats per token over short windows [N, 3, T]."""
        total, count = 0.0, 0
        for start in range(0, len(batch), 4):
            part, n = self.group_loss(0, batch[start : start + 4], self.model)
            total, count = total + part.item(), count + n
        return total / count

    def save(self, name: str = CHECKPOINT) -> None:
        """Write a checkpoint, whole or not at all."""
        state = {
            "model": self.model.state_dict(),
            "muon": self.muon.state_dict(),
            "adam": self.adam.state_dict(),
            "progress": asdict(self.progress),
            "feeds": [(feed.epoch, feed.taken) for feed in self.feeds],
        }
        save_whole(state, self.folder / name)

    def load(self, name: str = CHECKPOINT) -> None:
        """Take up the run from a checkpoint."""
        state = torch.load(self.folder / name, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
        self.progress = Progress(**state["progress"])
        for feed, (epoch, taken) in zip(self.feeds, state["feeds"], strict=True):
            feed.epoch, feed.taken, feed.plan = epoch, taken, []

    def schedule(self, pace: float) -> None:
        """Decide when the rate begins to fall. `pace`: seconds a step."""
        plan = self.plan
        Span(plan.steps, plan.minutes, plan.warm, plan.tail).steer(self.progress, pace, self.folder)

    def check(self, valid: np.ndarray, trained: float, pace: float) -> str:
        """Validate, keep the state if it is the best so far; returns the line to report.

        `trained`: mean training loss since the last time, `pace`: seconds a step.
        """
        plan, now = self.plan, self.progress
        checked = self.validate(valid)
        now.log.append((now.step, trained, checked))
        if checked <= min(entry[2] for entry in now.log):
            self.save(BEST)
        return (
            f"step {now.step} of {now.last}  {now.seconds / 60:.1f} min  train {trained:.4f}"
            f"  valid {checked:.4f}  rate x{now.factor(plan.warm):.3f}"
            f"  {plan.group * plan.groups / pace:.0f} tokens/s"
            f"  epochs {self.feeds[0].epoch}/{self.feeds[1].epoch}"
        )

    def run(self, valid: np.ndarray, say: Callable[[str], None] = print) -> None:
        """Train to the end, saving, validating and reporting on the way."""
        plan, now = self.plan, self.progress
        pace, saved, losses = 3.0, time.monotonic(), []
        while not now.ended:
            began = time.monotonic()
            losses.append(self.step())
            took = time.monotonic() - began
            now.seconds += took
            pace = took if now.step < 5 else 0.95 * pace + 0.05 * min(took, 4 * pace)
            self.schedule(pace)
            if now.step % plan.check_every == 0 or now.step == now.last:
                say(self.check(valid, sum(losses) / len(losses), pace))
                losses = []
            if time.monotonic() - saved > plan.save_every:
                self.save()
                saved = time.monotonic()
        self.save()
