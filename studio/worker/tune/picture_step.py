"""One step of an image training: a batch in parts of one shape, as many at once as memory allows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from studio.core.tuning import TuneSettings
from studio.worker.image.memory import give_back, ran_out
from studio.worker.tune.ema import Mean
from studio.worker.tune.ladder import Ladder
from studio.worker.tune.methods import after_step, extra_loss, trainable
from studio.worker.tune.optimizers import optimizer_for, schedule_for
from studio.worker.tune.picture_data import Feed, Pick, framed, shot_of
from studio.worker.tune.picture_families import predict
from studio.worker.tune.picture_loss import noise_of, squared_errors
from studio.worker.tune.picture_quick import accelerator_for, quick
from studio.worker.tune.picture_setup import Subject

_SKIPS_MOST = 20  # steps on end that half precision may skip while it finds its scale


@dataclass(frozen=True)
class Step:
    """What a step came to. `fine`: the weights were moved, or only half precision's scale was."""

    loss: float
    norm: float
    lr: float
    pictures: int
    fine: bool


class Stepper:
    """Moves the weights, a step at a time; a step's pictures, noise and chance follow from its number alone."""

    def __init__(
        self, subject: Subject, feed: Feed, settings: TuneSettings, note: Callable[[str], None]
    ) -> None:
        self.subject, self.feed, self.settings, self._note = subject, feed, settings, note
        self.modules: list[nn.Module] = list(subject.tuned.values())
        self.parameters = [weight for module in self.modules for _, weight in trainable(module)]
        self.accelerator: Accelerator = accelerator_for(subject.precision, subject.model.device)
        plain = optimizer_for(self.modules, settings)
        self.optimizer: Any = self.accelerator.prepare(plain)
        self.schedule: Any = schedule_for(plain, settings, settings.steps)
        self.mean = Mean(self.parameters, settings.image.ema)
        self.ladder = Ladder(settings.optimizer.micro_batch, checkpointing=settings.optimizer.checkpointing)
        self._skipped = 0
        self.settle()

    def settle(self) -> None:
        """Have the networks do what the ladder says, and learn."""
        if self.ladder.checkpointing:
            for module in (self.subject.model.core, *self.modules):
                if hasattr(module, "enable_gradient_checkpointing"):
                    module.enable_gradient_checkpointing()
        self.subject.model.core.train()
        for module in self.modules:
            module.train()

    def step(self, number: int) -> Step:
        """Make step `number`, counted from 0. Raises StudioError ("no_memory")."""
        picks = self.feed.picks(number)
        while True:
            try:
                loss = self._gradients(picks, number)
                break
            except (RuntimeError, MemoryError) as error:
                if not ran_out(error):
                    raise
            self.optimizer.zero_grad()  # outside of the handler, which holds the tensors of the failure
            give_back(self.subject.model.device)
            self._note(self.ladder.step_down())
            self.settle()
        return self._move(loss, number, len(picks))

    def _move(self, loss: float, number: int, pictures: int) -> Step:
        """Move the weights along the gradients, unless these are no numbers."""
        clip = self.settings.optimizer.clip or inf
        norm = float(self.accelerator.clip_grad_norm_(self.parameters, clip))
        lr = float(self.schedule.get_last_lr()[0])
        halves = self.accelerator.scaler is not None
        self._skipped = 0 if isfinite(norm) else self._skipped + 1
        if not isfinite(loss) or (not isfinite(norm) and (not halves or self._skipped > _SKIPS_MOST)):
            self.optimizer.zero_grad()
            return Step(loss, norm, lr, pictures, fine=False)
        self.optimizer.step()
        for module in self.modules:
            after_step(module, number + 1)
        self.optimizer.zero_grad()
        self.schedule.step()
        self.mean.update()
        return Step(loss, norm if isfinite(norm) else 0.0, lr, pictures, fine=True)

    def _gradients(self, picks: Sequence[Pick], number: int) -> float:
        """Gather the gradients of a step's loss; the loss."""
        chance = torch.Generator("cpu").manual_seed(_mixed(self.settings.seed, number))
        torch.manual_seed(_mixed(self.settings.seed, number))  # of dropout
        levels = self.subject.objective.drawn(len(picks), chance)
        seeds = torch.randint(2**62, (len(picks),), generator=chance).tolist()
        total = 0.0
        for at, places in enumerate(self._parts(picks)):
            loss = self._loss(
                [picks[place] for place in places], [seeds[place] for place in places], levels[places]
            )
            for more in (extra_loss(module) for module in self.modules) if at == 0 else ():
                loss = loss if more is None else loss + more
            self.accelerator.backward(loss)
            total += float(loss.detach())
        return total

    def _parts(self, picks: Sequence[Pick]) -> list[list[int]]:
        """The places of a step's pictures, in parts of one shape."""
        shapes: dict[tuple[int, int], list[int]] = {}
        for place, pick in enumerate(picks):
            shapes.setdefault(self.feed.examples[pick.at].bucket, []).append(place)
        most = self.ladder.micro_batch
        return [all_[at : at + most] for all_ in shapes.values() for at in range(0, len(all_), most)]

    def _loss(self, picks: Sequence[Pick], seeds: Sequence[int], levels: Tensor) -> Tensor:
        """The share of the step's loss of pictures of one shape."""
        subject, device = self.subject, self.subject.model.device
        examples = [self.feed.examples[pick.at] for pick in picks]
        ways = [(example, pick.variant) for example, pick in zip(examples, picks, strict=True)]
        clean = subject.source.latents(ways)
        noise = torch.stack([noise_of(seed, clean.shape[1:]) for seed in seeds])
        noisy, wanted = subject.objective.noised(clean, noise, levels)
        cut = torch.stack(
            [framed(example, shot_of(example, way, self.settings.image)) for example, way in ways]
        )
        prior = self.settings.image.prior_weight
        counts = torch.tensor([prior if example.prior else 1.0 for example in examples])
        with self.accelerator.autocast(), quick(noisy):
            told = subject.source.told([pick.caption for pick in picks])
            times = subject.objective.times(levels).to(device)
            found = predict(subject.model, noisy.to(device), times, told, cut)
        errors = squared_errors(found, wanted.to(device))
        weights = (counts * subject.objective.weights(levels)).to(device)
        return (errors * weights).sum() / self.feed.batch


def _mixed(seed: int, step: int) -> int:
    """A seed of a step's own."""
    return (seed * 1_000_003 + step * 7_919 + 1) % 2**63
