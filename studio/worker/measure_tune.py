"""The trainer's figures for text: ours beside a plain transformers and peft Trainer, and what telling costs.

`python -m studio.worker measure tune text|image|charts BASE FOLDER [PAIRS]`: one JSON object.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import peft
import torch
import transformers

from studio.catalog.inspect import inspect_model
from studio.core.tune_events import Phase, RunEvent, Stepped
from studio.core.tune_run import RunFolder
from studio.core.tuning import (
    AdapterSettings,
    Art,
    DataSettings,
    OptimizerSettings,
    RunSettings,
    TextSettings,
    TuneSettings,
)
from studio.media.dataset.defaults import complete
from studio.media.dataset.prepare import prepare
from studio.media.dataset.survey import survey
from studio.worker.tune.run import Run, Trained

PLACES: Final = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
RANK: Final = 16
RATE: Final = 1e-3
_STEPS: Final = 8
_CHART_STEPS: Final = 24
_WINDOW: Final = 512
_ROWS: Final = 4  # of a window each: about 2,000 tokens a step
_CHART_ROWS: Final = 2


class Deaf(Run):
    """A run that tells nobody anything; it only remembers when."""

    def tell(self, event: RunEvent) -> None:
        """Pass it to the listeners; nothing is written."""
        for listener in self.listeners:
            listener(event)


def measure_tune(part: str, base: str, folder: str, pairs: int) -> dict[str, Any]:
    """The figures of a part. Raises StudioError."""
    match part:
        case "text":
            return measure_text(base, folder, pairs)
        case "charts":
            return measure_charts(base, folder, pairs)
        case "image":
            from studio.worker.measure_tune_image import measure_image

            return measure_image(base, folder, pairs)
        case _:
            raise ValueError(part)


def measure_text(base: str, folder: str, pairs: int) -> dict[str, Any]:
    """Tokens a second of LoRA: ours (packed rows, the number type that the probe chooses) and a plain Trainer (padded
    batches, float32), in interleaved pairs in one process, on the same stories, threads and about as many tokens a
    step. Padding and what does not count as a step (loading, tokenising) are left out on both sides.
    """
    settings = settings_of("text", base, folder, _STEPS, _ROWS)
    with tempfile.TemporaryDirectory(prefix="atelier-measure-") as scratch:
        first = trained(settings, Path(scratch))  # the first of both warms up
        lengths, plain = plain_trainer(settings, _WINDOW * _ROWS)
        plain()
        rates: list[tuple[float, float]] = []
        for number in range(pairs):
            turns: list[Callable[[], float]] = [lambda: _rate(trained(settings, Path(scratch))), plain]
            found = [turn() for turn in (turns if number % 2 == 0 else turns[::-1])]
            rates.append((found[0], found[1]) if number % 2 == 0 else (found[1], found[0]))
    return {
        "tokens_per_s": statistics.median(ours for ours, _ in rates),
        "plain_tokens_per_s": statistics.median(theirs for _, theirs in rates),
        "x_plain": statistics.median(ours / theirs for ours, theirs in rates),
        "precision": first.precision,
        "threads": torch.get_num_threads(),
        "documents": len(lengths),
        "mean_tokens": statistics.mean(lengths),
    }


def measure_charts(base: str, folder: str, pairs: int) -> dict[str, Any]:
    """What telling steps, writing TensorBoard's files and being ready to sample cost: the seconds from the first step
    to the last with them, over those without, less one.
    """
    plain = settings_of("text", base, folder, _CHART_STEPS, _CHART_ROWS)
    full = plain.changed(
        run=RunSettings(validate_every=-1, checkpoint_every=-1, sample_every=4, patience=0, tensorboard=True)
    )
    costs = []
    with tempfile.TemporaryDirectory(prefix="atelier-measure-") as scratch:
        lasted(plain, Path(scratch), Deaf)
        for number in range(pairs):
            if number % 2:
                with_all = lasted(full, Path(scratch), Run)
                without = lasted(plain, Path(scratch), Deaf)
            else:
                without = lasted(plain, Path(scratch), Deaf)
                with_all = lasted(full, Path(scratch), Run)
            costs.append(with_all / without - 1)
    return {"cost": statistics.median(costs), "steps": _CHART_STEPS}


def settings_of(art: Art, base: str, folder: str, steps: int, batch: int) -> TuneSettings:
    """A LoRA on all of the folder that does nothing beside its steps."""
    return TuneSettings(
        art=art,
        base=base,
        folder=folder,
        steps=steps,
        adapter=AdapterSettings(rank=RANK, alpha=float(RANK), targets=PLACES if art == "text" else ()),
        optimizer=OptimizerSettings(batch=batch, micro_batch=batch, rate=RATE),
        data=DataSettings(validation=0.0, test=0.0, drop_duplicates=False),
        text=TextSettings(window=_WINDOW, fill=0.0),
        run=RunSettings(
            validate_every=-1, checkpoint_every=-1, sample_every=-1, patience=0, tensorboard=False
        ),
    )


def prepared(settings: TuneSettings, runs: Path, kind: type[Run] = Run) -> Run:
    """A run that can be trained: its folder looked through, its settings complete."""

    def quiet(_done: float, _words: str) -> None:
        """Nobody waits."""

    folder = RunFolder.create(runs, settings)
    found = survey(settings, quiet, lambda: False)
    ready = prepare(found, folder.data, quiet, lambda: False)
    return kind(folder, complete(settings, ready.survey, inspect_model(settings.base)), ready.survey)


def trained(settings: TuneSettings, runs: Path) -> Trained:
    """Ours, once through."""
    from studio.worker.tune.causal import train_text

    return train_text(prepared(settings, runs))


def lasted(settings: TuneSettings, runs: Path, kind: type[Run]) -> float:
    """Seconds from the beginning of the training to its last step."""
    from studio.worker.tune.causal import train_text

    run, marks = prepared(settings, runs, kind), [0.0, 0.0]

    def mark(event: RunEvent) -> None:
        if isinstance(event, Phase) and event.name == "training" and not marks[0]:
            marks[0] = time.perf_counter()
        if isinstance(event, Stepped) and event.step == event.steps:
            marks[1] = time.perf_counter()

    run.listeners = (mark,)
    train_text(run)
    return marks[1] - marks[0]


def _rate(made: Trained) -> float:
    return made.units / made.seconds


def plain_trainer(settings: TuneSettings, tokens_a_step: int) -> tuple[list[int], Callable[[], float]]:
    """The documents' lengths, and a script as most are written: dynamic padding, AdamW, float32. It gives tokens a
    second, those of padding not counted.
    """
    tokenizer = transformers.AutoTokenizer.from_pretrained(settings.base, local_files_only=True)
    tokenizer.pad_token = tokenizer.eos_token
    files = sorted(Path(settings.folder).glob("*.txt"))
    encoded = [
        tokenizer(file.read_text("utf-8"), truncation=True, max_length=settings.text.window) for file in files
    ]
    lengths = [len(one["input_ids"]) for one in encoded]
    batch = max(1, round(tokens_a_step / statistics.mean(lengths)))

    def run() -> float:
        model = transformers.AutoModelForCausalLM.from_pretrained(
            settings.base, local_files_only=True, dtype=torch.float32
        )
        config = peft.LoraConfig(r=RANK, lora_alpha=RANK, target_modules=list(PLACES), task_type="CAUSAL_LM")
        with tempfile.TemporaryDirectory() as scratch:
            trainer = _Plain(
                model=peft.get_peft_model(model, config),
                args=transformers.TrainingArguments(
                    output_dir=scratch,
                    max_steps=settings.steps,
                    per_device_train_batch_size=batch,
                    learning_rate=RATE,
                    save_strategy="no",
                    report_to=[],
                    disable_tqdm=True,
                    use_cpu=not torch.cuda.is_available(),
                    dataloader_pin_memory=False,
                ),
                train_dataset=encoded,
                data_collator=transformers.DataCollatorForLanguageModeling(tokenizer, mlm=False),
            )
            clock = _Clock()
            trainer.add_callback(clock)
            trainer.train()
        return trainer.tokens / clock.seconds

    return lengths, run


class _Plain(transformers.Trainer):
    """Counts the tokens that are no padding."""

    tokens = 0

    def training_step(self, model: Any, inputs: Any, *more: Any, **named: Any) -> Any:
        """See `transformers.Trainer`."""
        self.tokens += int(inputs["attention_mask"].sum())
        return super().training_step(model, inputs, *more, **named)


class _Clock(transformers.TrainerCallback):
    """Seconds within steps."""

    seconds = 0.0
    _began = 0.0

    def on_step_begin(self, *args: Any, **kwargs: Any) -> None:
        """See `transformers.TrainerCallback`."""
        del args, kwargs
        self._began = time.perf_counter()

    def on_step_end(self, *args: Any, **kwargs: Any) -> None:
        """See `transformers.TrainerCallback`."""
        del args, kwargs
        self.seconds += time.perf_counter() - self._began
