"""Trains a picture model: steps with checkpoints, validation and samples, steered by the run's folder."""

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import Final

import numpy as np
import psutil
import torch
from msgspec.structs import replace

from studio.catalog.image_folder import weight_files
from studio.core.files import told
from studio.core.tune_events import Evaluated, Saved
from studio.worker.hashing import WeightsHash
from studio.worker.tune import picture_state
from studio.worker.tune.checkpoints import Checkpoints
from studio.worker.tune.inversion import Learned, vectors, word_of
from studio.worker.tune.methods_image import save_image, save_inversion
from studio.worker.tune.picture_charts import Charts
from studio.worker.tune.picture_course import Course, Teller
from studio.worker.tune.picture_data import Feed
from studio.worker.tune.picture_setup import Subject, subject_of
from studio.worker.tune.picture_step import Step, Stepper
from studio.worker.tune.picture_weigh import mean, some, weigh
from studio.worker.tune.run import Run, Trained

_MIB: Final = 2**20


def train_image(run: Run) -> Trained:
    """Train as the run's settings say, from its newest whole checkpoint where it has one.

    What was learnt lies in `run.staged` then. Raises StudioError (memory, disk, model, data), StoppedError when the
    run was cancelled.
    """
    return PictureTraining(run).through()


class PictureTraining:
    """One life of an image training: it begins, goes on from a checkpoint, ends."""

    def __init__(self, run: Run) -> None:
        """Load and prepare everything. Raises StudioError, StoppedError."""
        settings = self.settings = run.settings
        self.run, self.steps = run, settings.steps
        self.subject: Subject = subject_of(run)
        inverts = settings.method == "textual_inversion"
        self.feed = Feed(
            self.subject.train,
            self.subject.prior,
            settings.image,
            settings.optimizer.batch,
            settings.seed,
            inverts,
        )
        self.stepper = Stepper(self.subject, self.feed, settings, self._note_memory)
        self.course = Course(settings.run.patience)
        self.teller = Teller(self.steps)
        identity = picture_state.identity_of(settings, run.survey, self.subject.model)
        folder = run.folder.checkpoints
        self.checkpoints = Checkpoints(folder, settings.run.checkpoints, identity, damaged=self._note_damage)
        self.best = Checkpoints(folder, 1, identity, prefix="best", damaged=self._note_damage)
        self.step, self.began, self.pictures, self._saved = 0, time.monotonic(), 0, -1
        self.why = "done"

    # The whole way

    def through(self) -> Trained:
        """Train to the end; what was learnt is left staged."""
        self._take_up()
        charts = Charts(self.run, self.step)
        before = self.run.listeners
        self.run.listeners = (*before, charts.hear)
        try:
            return self._train()
        finally:
            self.run.listeners = before
            charts.close()

    def _train(self) -> Trained:
        """All steps that are left, and what comes of them."""
        self.subject.aside.put()
        self.run.phase("training")
        if self.step == 0 and not self.course.losses:
            self._weigh()
            self._sample()
        while self.step < self.steps and self._goes_on():
            if not self._one():
                break
        if self.why not in ("nan", "diverged"):
            if self.course.losses[-1][0] != self.step:
                self._weigh()
            self._keep()
        self._put_best()
        return self._trained(self._leave())

    def _one(self) -> bool:
        """Make a step and what is due behind it; whether the training is still sound."""
        began = time.monotonic()
        made = self.stepper.step(self.step)
        if not made.fine:
            self._end(
                "nan",
                "The loss is no number any more, so the training ended; the last good weights are kept.",
            )
            return False
        self.step += 1
        self.pictures += made.pictures
        self.course.learnt(made.loss)
        self.course.seconds += time.monotonic() - began
        self._tell(made, time.monotonic() - began)
        due = self.settings.run
        if _due(self.step, due.validate_every) and self.step < self.steps:
            self._weigh()
        if self.course.astray:
            self._end("diverged", "The loss ran away, so the training ended; the best weights are kept.")
            return False
        if _due(self.step, due.sample_every):
            self._sample()
        if _due(self.step, due.checkpoint_every) and self.step < self.steps:
            self._keep()
        return True

    def _goes_on(self) -> bool:
        """Whether another step is to be made: hears pause, stop and cancel; looks at patience and time."""
        self.run.check()
        if self.run.want() == "pause":
            self._keep()  # what a pause of days may lose is nothing
            self.run.wait_while_paused()
            self.run.check()
        minutes = self.settings.run.minutes
        if self.run.want() == "stop":
            self.why = "stopped"
        elif self.course.tired:
            self.why = "patience"
        elif minutes and self.course.seconds >= minutes * 60:
            self.why = "minutes"
        return self.why == "done"

    # What is due now and then

    def _weigh(self) -> None:
        """Weigh the validation side; keep the weights where they are the best."""
        self.run.phase("evaluating")
        subject, never = self.subject, self.settings.run.validate_every < 0
        between = self.settings.run.validate_every * self.settings.optimizer.batch
        examples, levels = some([] if never else subject.validation, between)
        with self._at_rest():
            losses = weigh(
                subject.model, subject.objective, subject.source, examples, levels,
                cast=self.stepper.accelerator.autocast, check=self.run.check,
            )  # fmt: skip
            val = mean(losses)
            best = self.course.weighed(self.step, val if examples else None)
            if best and examples:
                self.best.save(self.step, lambda folder: picture_state.write_weights(self.stepper, folder))
                self.best.prune()
        if examples:
            self.run.tell(Evaluated(step=self.step, steps=self.steps, val_loss=val, best=best))
        self.run.phase("training")

    def _sample(self) -> None:
        """Have samples drawn with the weights as they stand."""
        with self._at_rest(), self.subject.aside.back():
            self.run.on_sample(self.step, self.subject.model)

    def _keep(self) -> None:
        """Make a checkpoint, unless this step has one."""
        if self._saved == self.step:
            return
        ladder = self.stepper.ladder
        facts = {
            "course": self.course.facts(),
            "micro_batch": ladder.micro_batch,
            "checkpointing": ladder.checkpointing,
        }
        made = self.checkpoints.save(
            self.step, lambda folder: picture_state.write(self.stepper, folder), facts
        )
        self.checkpoints.prune()
        self._saved = self.step
        name = made.folder.relative_to(self.run.folder.path).as_posix()
        self.run.tell(Saved(step=self.step, steps=self.steps, folder=name))

    def _tell(self, made: Step, seconds: float) -> None:
        event = self.teller.stepped(
            self.step,
            made.loss,
            made.lr,
            made.norm,
            made.pictures,
            seconds,
            memory_mib(self.subject.model.device),
        )
        if event is not None:
            self.run.tell(event)

    # Beginning and end

    def _take_up(self) -> None:
        """Go on from the newest whole checkpoint, if there is one."""
        found = self.checkpoints.newest()
        if found is None:
            return
        picture_state.read(self.stepper, found.folder, found.facts)
        self.course.take_up(found.facts["course"])
        self.step = self._saved = found.step
        self.checkpoints.drop_beyond(found.step)
        self.best.drop_beyond(found.step)
        self.run.note(f"The training goes on from step {found.step}.", code="resumed", step=found.step)

    def _put_best(self) -> None:
        """The best weights stand in the model; the last ones where none were weighed."""
        found = self.best.at(self.course.best_step) if isfinite(self.course.best_val) else None
        if found is not None:
            picture_state.read_weights(self.stepper, found.folder)
        elif self.why in ("nan", "diverged") and (kept := self.checkpoints.newest()) is not None:
            picture_state.read_weights(self.stepper, kept.folder)
        else:
            self.stepper.mean.stay()

    def _leave(self) -> Path:
        """Write what was learnt into the staged folder."""
        staged, subject = self.run.staged, self.subject
        sha256 = WeightsHash(weight_files(Path(subject.model.card.path)), {}).result()
        with told("keep what was learnt", "The checkpoints are kept."):
            shutil.rmtree(staged, ignore_errors=True)
            staged.mkdir(parents=True)
            learned = {name: part for name, part in subject.tuned.items() if isinstance(part, Learned)}
            if learned:
                adapter = replace(self.settings.adapter, trigger=word_of(self.settings))
                named = replace(self.settings, adapter=adapter)
                save_inversion(subject.model, vectors(learned), staged, named, base_sha256=sha256)
            else:
                save_image(subject.model, subject.tuned, staged, self.settings, base_sha256=sha256)
        return staged

    def _trained(self, adapter: Path) -> Trained:
        return Trained(
            step=self.step,
            steps=self.steps,
            stopped=self.step < self.steps,
            best_step=self.course.best_step,
            best_val=self.course.best_val,
            losses=tuple(self.course.losses),
            adapter=adapter,
            why=self.why,
            trainable=sum(weight.numel() for weight in self.stepper.parameters),
            parameters=self.subject.model.card.parameters,
            seconds=time.monotonic() - self.began,
            units=self.pictures,
            micro_batch=self.stepper.ladder.micro_batch,
            precision=self.subject.precision,
        )

    def _end(self, why: str, words: str) -> None:
        self.why = why
        self.run.note(words, "Train again with a lower learning rate.", why, self.step)

    @contextmanager
    def _at_rest(self) -> Iterator[None]:
        """The mean of the weights in place, nothing learns, and chance goes on behind it as if nothing had been."""
        core, states = self.subject.model.core, (random.getstate(), np.random.get_state())
        modules = [core, *self.stepper.modules]
        for module in modules:
            module.eval()
        try:
            with torch.no_grad(), torch.random.fork_rng(), self.stepper.mean.in_place():
                yield
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])
            self.stepper.settle()

    def _note_memory(self, words: str) -> None:
        self.run.note(words, code="memory", step=self.step)

    def _note_damage(self, words: str) -> None:
        self.run.note(words, code="checkpoint")


def memory_mib(device: str) -> float:
    """What the training takes: of the graphics card, else of main memory."""
    if device.startswith("cuda"):
        return float(torch.cuda.max_memory_allocated()) / _MIB
    return float(psutil.Process().memory_info().rss) / _MIB


def _due(step: int, every: int) -> bool:
    return every > 0 and step % every == 0
