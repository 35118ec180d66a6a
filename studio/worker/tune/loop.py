"""The training loop of text and music: transformers' own, with our rows, our way of saving and the person's steering.

Of `transformers.Trainer` the loop, the optimizer steps, clipping, mixed precision, callbacks, early stopping and the
contents of a checkpoint are used as they are. Ours are: an item of the data set is all rows of one step, which
`training_step` sums up in parts as large as the memory allows; a checkpoint is written into a staged folder that is
renamed when it is whole; the weights in it are those that are trained.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.utils.data import Dataset
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from studio.core.tune_events import Evaluated, Saved
from studio.core.tuning import SOFT
from studio.worker.image.memory import give_back, ran_out
from studio.worker.tune import methods
from studio.worker.tune.callbacks import Pace
from studio.worker.tune.calling import Caller
from studio.worker.tune.chance import Chance, untouched
from studio.worker.tune.checkpoints import Checkpoints
from studio.worker.tune.ladder import Ladder
from studio.worker.tune.loading import Place
from studio.worker.tune.packing import Row
from studio.worker.tune.run import Loss, Run
from studio.worker.tune.text_rows import Rows
from studio.worker.tune.watch import AstrayError, Watch
from studio.worker.tune.weighing import mean_loss, weigh_documents

WEIGHTS = "trained.safetensors"
_MINUTE_S = 60.0


@dataclass
class Work:
    """All that a loop works on. `held` are the rows of the validation side's documents."""

    run: Run
    rows: Rows
    held: Mapping[str, Sequence[Row]]
    caller: Caller
    place: Place
    ladder: Ladder
    checkpoints: Checkpoints
    best: Checkpoints
    pace: Pace = field(default_factory=Pace)
    losses: list[Loss] = field(default_factory=list)
    why: str = "done"


class Steps(Dataset[list[Row]]):
    """Item N: the rows of optimizer step N."""

    def __init__(self, rows: Rows, steps: int, batch: int) -> None:
        self._rows, self._steps, self._batch = rows, steps, batch

    def __len__(self) -> int:
        return self._steps

    def __getitem__(self, step: int) -> list[Row]:
        return [self._rows.row(step * self._batch + number) for number in range(self._batch)]


def only(items: list[list[Row]]) -> dict[str, list[Row]]:
    """The collator: a batch is one item."""
    return {"rows": items[0]}


class Loop(transformers.Trainer):
    """One training."""

    control: transformers.TrainerControl

    def __init__(
        self, work: Work, model: Any, optimizers: Any, callbacks: list[transformers.TrainerCallback]
    ) -> None:
        self.work = work
        settings = work.run.settings
        super().__init__(
            model=model,
            args=arguments(work),
            train_dataset=Steps(work.rows, settings.steps, settings.optimizer.batch),
            eval_dataset=Steps(work.rows, 1, 1) if work.held else None,  # never read: `evaluate` is ours
            data_collator=only,
            optimizers=optimizers,
            callbacks=callbacks,
        )
        self.remove_callback(transformers.PrinterCallback)
        self._watch = Watch()
        self._since: list[float] = []  # training losses since the last validation
        self._units = 0
        self._ended = -1  # the last step whose end was seen to
        if work.ladder.checkpointing:
            self._recompute()

    # One step

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Tensor:
        """All rows of a step, forth and back, in parts; smaller ones where the memory does not suffice."""
        del num_items_in_batch
        self.work.pace.begin()
        model.train()
        rows = sorted(inputs["rows"], key=len) if not self.work.caller.packed else inputs["rows"]
        before = Chance.now()
        while (loss := self._tried(model, rows)) is None:
            self.model.zero_grad()
            before.put_back()
            give_back(str(self.args.device))
            self.work.run.note(
                self.work.ladder.step_down(), code="memory", step=self.state.global_step
            )  # raises at the end
            if self.work.ladder.checkpointing:
                self._recompute()
        self._units = sum(map(len, rows))
        self._watch.loss(float(loss))
        self._since.append(float(loss))
        return loss

    def _tried(self, model: Any, rows: Sequence[Row]) -> Tensor | None:
        """The loss of a step, its gradients laid down; None when memory ran out."""
        try:
            return self._forth_and_back(model, rows)
        except (RuntimeError, MemoryError) as error:
            if not ran_out(error):
                raise
        return None

    def _forth_and_back(self, model: Any, rows: Sequence[Row]) -> Tensor:
        counted, size = max(1, sum(row.counted for row in rows)), self.work.ladder.micro_batch
        total = torch.zeros((), device=self.args.device)
        for first in range(0, len(rows), size):
            self.work.run.check()
            part = rows[first : first + size]
            with self.compute_loss_context_manager():
                loss = self.work.caller.costs(model, part, self.args.device).sum() / counted
                extra = methods.extra_loss(self.model)
                asked = loss if extra is None else loss + extra * (len(part) / len(rows))
            self.accelerator.backward(asked)
            total += loss.detach()
        return total

    def _recompute(self) -> None:
        self.model.activation_checkpointing_enable({"use_reentrant": False})

    def _get_grad_norm(self, model: Any, grad_norm: Any = None) -> float:
        norm = float(super()._get_grad_norm(model, grad_norm))
        if not self.args.fp16:  # there an overflow is met by a smaller scale
            self._watch.norm(norm)
        return norm

    # Around it

    def _maybe_log_save_evaluate(self, *args: Any, **kwargs: Any) -> None:
        """After each step: what transformers does, then what the person wants."""
        step = self.state.global_step
        if step == self._ended:  # it asks once more at the end of all steps
            return
        self._ended = step
        self.work.pace.end(self._units)
        super()._maybe_log_save_evaluate(*args, **kwargs)
        every = self.work.run.settings.run.sample_every
        if every > 0 and step % every == 0:
            self.sample()
        self._steer(*args, **kwargs)

    def _steer(self, *args: Any, **kwargs: Any) -> None:
        run, want = self.work.run, self.work.run.want()
        if self.control.should_training_stop:
            return
        if want == "pause":
            self.control.should_save = True  # a pause may end with the computer being turned off
            super()._maybe_log_save_evaluate(*args, **kwargs)
            want = run.wait_while_paused()
        run.check()
        minutes = run.settings.run.minutes
        late = minutes > 0 and self.work.pace.seconds > minutes * _MINUTE_S
        if want == "stop" or late:
            self.work.why = "stopped" if want == "stop" else "minutes"
            weighed = self.work.losses and self.work.losses[-1][0] == self.state.global_step
            self.control.should_evaluate = bool(self.work.held) and not weighed
            self.control.should_save = self.control.should_training_stop = True
            super()._maybe_log_save_evaluate(*args, **kwargs)

    def sample(self) -> None:
        """Have a sample made, and leave no trace of it."""
        training = self.model.training
        self.model.eval()
        with untouched(), torch.no_grad(), self.work.place.autocast():
            self.work.run.on_sample(self.state.global_step, self.model)
        self.model.train(training)

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Weigh the validation side; its mean loss in nats a token is `eval_loss`."""
        del args, kwargs
        run, step = self.work.run, self.state.global_step
        run.phase("evaluating")
        value = self._weighed()
        lowest = math.inf if self.state.best_metric is None else self.state.best_metric
        best = step > 0 and value < lowest
        train = sum(self._since) / len(self._since) if self._since else math.nan
        self._since = []
        self.work.losses.append((step, train, value))
        run.tell(Evaluated(step=step, steps=self.state.max_steps, val_loss=value, best=best))
        run.phase("training")
        found = {"eval_loss": value}
        self.log(dict(found))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, dict(found))
        stops = self.control.should_training_stop and step < self.state.max_steps
        if stops and self.work.why == "done":
            self.work.why = "patience"
            self.control.should_save = True
        return found

    def _weighed(self) -> float:
        """The base's own loss at step 0 of learnt tokens, which begin as something of their own."""

        def check(_: float) -> None:
            self.work.run.check()

        settings = self.work.run.settings
        begins = self.state.global_step == 0 and settings.method in SOFT and not settings.from_adapter
        with untouched(), self.work.place.autocast():
            if begins:
                with methods.without(self.model):
                    return mean_loss(weigh_documents(self.model, self.work.held, self.work.caller, check))
            return mean_loss(weigh_documents(self.model, self.work.held, self.work.caller, check))

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Tell the callbacks; transformers' own history would grow with every step and is not kept."""
        del start_time
        self.control = self.callback_handler.on_log(self.args, self.state, self.control, logs)

    def floating_point_ops(self, inputs: dict[str, Any]) -> int:
        """Not reckoned: a guess from shapes that packed rows do not have."""
        del inputs
        return 0

    # Checkpoints

    def _determine_best_metric(self, metrics: dict[str, float], trial: Any) -> bool:
        best = super()._determine_best_metric(metrics, trial)
        if best:
            self.work.best.save(self.state.global_step, self._save_weights)
            needed = {found.get("best_step") for found in self.work.checkpoints.facts().values()}
            self.work.best.prune(frozenset(step for step in needed if step is not None))
        return bool(best)

    def _save_weights(self, folder: Path) -> None:
        kept = {name: value.cpu().contiguous() for name, value in methods.state(self.model).items()}
        save_file(kept, folder / WEIGHTS)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """A checkpoint of transformers, in a folder that is there whole or not at all."""
        work, step = self.work, self.state.global_step
        if step in work.checkpoints.steps() and work.checkpoints.at(step) is not None:
            return

        def write(folder: Path) -> None:
            usual, self.args.output_dir = self.args.output_dir, str(folder)
            try:
                super(Loop, self)._save_checkpoint(model, trial)
            finally:
                self.args.output_dir = usual
            inner = folder / f"{PREFIX_CHECKPOINT_DIR}-{step}"
            for file in inner.iterdir():
                file.rename(folder / file.name)
            inner.rmdir()

        found = work.checkpoints.save(step, write, self._facts())
        work.checkpoints.prune()
        place = found.folder.relative_to(work.run.folder.path).as_posix()
        work.run.tell(Saved(step=step, steps=self.state.max_steps, folder=place))

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        """What transformers calls to have the model written."""
        del state_dict
        folder = Path(str(output_dir))
        folder.mkdir(parents=True, exist_ok=True)
        self._save_weights(folder)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        del model
        self.load_weights(Path(resume_from_checkpoint))

    def load_weights(self, folder: Path) -> None:
        """Put what was trained back as it was kept."""
        methods.restore(self.model, load_file(folder / WEIGHTS))

    def _facts(self) -> dict[str, Any]:
        work = self.work
        return {
            "why": work.why,
            "best_step": self.state.best_global_step,
            "losses": [[step, None if math.isnan(train) else train, val] for step, train, val in work.losses],
            "since": self._since,
            "watch": self._watch.kept(),
            "seconds": work.pace.seconds,
            "units": work.pace.units,
            "micro_batch": work.ladder.micro_batch,
            "checkpointing": work.ladder.checkpointing,
        }

    def take_up(self, facts: dict[str, Any]) -> None:
        """What a checkpoint remembered beside transformers' own state."""
        self._since = list(facts["since"])
        self._watch.take_up(facts["watch"])


def arguments(work: Work) -> transformers.TrainingArguments:
    """The settings in transformers' own words."""
    settings, place = work.run.settings, work.place
    options = settings.optimizer
    return transformers.TrainingArguments(
        output_dir=str(work.run.folder.checkpoints),
        max_steps=settings.steps,
        per_device_train_batch_size=1,  # an item is a step's rows
        train_sampling_strategy="sequential",  # they are shuffled already, by number
        max_grad_norm=options.clip,
        eval_strategy="steps" if work.held and settings.run.validate_every > 0 else "no",
        eval_steps=max(1, settings.run.validate_every),
        metric_for_best_model="loss",
        greater_is_better=False,
        save_strategy="steps",
        save_steps=settings.run.checkpoint_every if settings.run.checkpoint_every > 0 else 10**9,
        restore_callback_states_from_checkpoint=True,
        logging_strategy="steps",
        logging_steps=1,
        logging_nan_inf_filter=False,
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_num_workers=0,  # forked children would keep the run's lock open
        dataloader_pin_memory=False,
        seed=settings.seed % 2**32,
        use_cpu=place.device.type == "cpu",
        bf16=place.computed == "bf16",
        fp16=place.computed == "fp16",
    )


__all__ = ["AstrayError", "Loop", "Steps", "Work", "arguments", "only"]
