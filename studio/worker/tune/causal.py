"""Trains a model of text or of music on a run's documents: from the base to a staged adapter."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from transformers import EarlyStoppingCallback, TrainerCallback, TrainerControl, TrainerState

from studio.catalog.card import ModelCard
from studio.catalog.config import read_json
from studio.catalog.headers import read_weights
from studio.catalog.inspect import inspect_model
from studio.catalog.music import DESCRIPTION
from studio.catalog.tunable import can_pack
from studio.core.errors import StudioError
from studio.core.files import told, write_whole
from studio.core.tuning import WHOLE
from studio.media.music.vocabulary import PAD, SAMPLED
from studio.worker.hashing import WeightsHash
from studio.worker.text.tokens import load_tokens
from studio.worker.tune import methods
from studio.worker.tune.attention import packs_exactly, plainly
from studio.worker.tune.callbacks import Pace, Teller, tensorboard, wandb
from studio.worker.tune.calling import Caller
from studio.worker.tune.checkpoints import Checkpoint, Checkpoints, identity_of
from studio.worker.tune.ladder import Ladder
from studio.worker.tune.loading import choose_place, lighten, load_causal
from studio.worker.tune.loop import Loop, Work
from studio.worker.tune.material import Material, music_material, text_material
from studio.worker.tune.music_corpus import DRUMS
from studio.worker.tune.music_rows import read_pieces
from studio.worker.tune.optimizers import optimizer_for, schedule_for
from studio.worker.tune.run import Run, Trained
from studio.worker.tune.watch import AstrayError

Make = Callable[[Any, bool], Material]  # of the base and whether rows are packed


def train_text(run: Run) -> Trained:
    """Train a language model. Raises StudioError, StoppedError when the person cancels, OSError."""
    card = inspect_model(run.settings.base)
    tokens = load_tokens(Path(card.path))
    return _train(run, card, Caller(run.settings.text.packing), partial(text_material, run, card, tokens))


def train_music(run: Run) -> Trained:
    """Train a model of notes. Raises as `train_text`."""
    card = inspect_model(run.settings.base)
    caller = Caller(True, sampled=SAMPLED, pad=PAD)
    trained = _train(run, card, caller, partial(music_material, run, card))
    if run.settings.method in WHOLE and (read_pieces(run).track_program == DRUMS).any():
        _now_with_drums(trained.adapter / DESCRIPTION)
    return trained


def _now_with_drums(description: Path) -> None:
    """A model that has seen drums says so: it can be asked for them."""
    said = read_json(description)
    with told("write the model's description", "The checkpoints are kept."):
        write_whole(description, msgspec.json.encode(said | {"drums": True}))


@dataclass(frozen=True)
class _Ready:
    """A model prepared for training, and what it is trained on."""

    work: Work
    model: Any
    from_checkpoint: Checkpoint | None


def _train(run: Run, card: ModelCard, caller: Caller, make: Make) -> Trained:
    if not card.usable:
        raise StudioError(card.why_not, kept="Nothing was trained yet.", code="model")
    ready = _prepare(run, card, caller, make)
    work, model, found = ready.work, ready.model, ready.from_checkpoint
    optimizer = optimizer_for(model, run.settings)
    schedule = schedule_for(optimizer, run.settings, run.settings.steps)
    loop = Loop(work, model, (optimizer, schedule), _callbacks(run, work, found))
    ended = found is not None and found.facts.get("why") == "patience"
    if found is not None:
        loop.take_up(found.facts)
    if found is None and run.settings.run.sample_every > 0:
        loop.sample()
    if ended and found is not None:
        _look_back(loop, found)
    else:
        _run(loop, found)
    return _finished(run, card, loop)


def _prepare(run: Run, card: ModelCard, caller: Caller, make: Make) -> _Ready:
    settings = run.settings
    run.phase("loading", words=card.title)
    place = choose_place(settings, card.parameters)
    base = load_causal(card, settings, place)
    vocabulary = int(base.get_output_embeddings().weight.shape[0])
    packed = caller.packed and can_pack(settings) and packs_exactly(base, vocabulary)
    if not packed:
        plainly(base)
    material = make(base, packed)
    run.check()
    model = _method(run, base, material).to(place.device)
    lighten(model, settings, place)
    identity = identity_of(settings, run.survey)
    checkpoints = Checkpoints(
        run.folder.checkpoints,
        settings.run.checkpoints,
        identity,
        damaged=partial(run.note, code="checkpoint"),
    )
    best = Checkpoints(run.folder.checkpoints, 1, identity, prefix="best")
    found = checkpoints.newest()
    facts = found.facts if found else {}
    ladder = Ladder(
        facts.get("micro_batch") or settings.optimizer.micro_batch or settings.optimizer.batch,
        checkpointing=facts.get("checkpointing", settings.optimizer.checkpointing),
        can_checkpoint=bool(getattr(base, "supports_gradient_checkpointing", False))
        and settings.method != "prefix",
    )
    best.drop_beyond(found.step if found else 0)
    checkpoints.drop_beyond(found.step if found else 0)
    checkpoints.prune()
    if found is not None:
        run.note(f"The training goes on after step {found.step:,}.", code="resumed", step=found.step)
    losses = [
        (step, float("nan") if train is None else train, val) for step, train, val in facts.get("losses", ())
    ]
    work = Work(
        run=run,
        rows=material.rows,
        held=material.held,
        caller=Caller(packed, caller.sampled, caller.pad),
        place=place,
        ladder=ladder,
        checkpoints=checkpoints,
        best=best,
        pace=Pace(facts.get("seconds", 0.0), facts.get("units", 0)),
        losses=losses,
    )
    return _Ready(work, model, found)


def _method(run: Run, base: Any, material: Material) -> Any:
    settings = run.settings
    if settings.from_adapter:
        return methods.load_for_training(base, Path(settings.from_adapter), settings, steps=settings.steps)
    return methods.apply(base, settings, steps=settings.steps, start=material.first)


class _AfterStep(TrainerCallback):
    """What a method does behind each step of the optimizer."""

    def on_optimizer_step(
        self, args: Any, state: TrainerState, control: TrainerControl, model: Any = None, **_: Any
    ) -> None:
        """See `TrainerCallback`."""
        del args, control
        methods.after_step(model, state.global_step + 1)


def _callbacks(run: Run, work: Work, found: Checkpoint | None) -> list[TrainerCallback]:
    options = run.settings.run
    callbacks: list[TrainerCallback] = [_AfterStep(), Teller(run, work.pace)]
    if options.patience and work.held and options.validate_every > 0:
        callbacks.append(EarlyStoppingCallback(early_stopping_patience=options.patience))
    if options.tensorboard:
        callbacks.append(tensorboard(run, found.step if found else 0))
    if options.wandb and (offline := wandb(run)) is not None:
        callbacks.append(offline)
    return callbacks


def _run(loop: Loop, found: Checkpoint | None) -> None:
    """Train to an end of whatever kind."""
    work = loop.work
    work.run.phase("training")
    loop.args.eval_on_start = found is None and loop.args.eval_strategy != "no"
    try:
        loop.train(resume_from_checkpoint=str(found.folder) if found else None)
    except AstrayError as astray:
        work.why = astray.why
        _after_going_astray(loop)


def _after_going_astray(loop: Loop) -> None:
    """Say so, and have the last good weights: the best, else those of a checkpoint, else those before the step."""
    work, step = loop.work, loop.state.global_step
    what = (
        "The training loss was no number any more"
        if work.why == "nan"
        else "The training loss climbed and did not come down again"
    )
    last = work.checkpoints.newest()
    if loop.state.best_global_step is None and last is None and (work.why == "diverged" or step == 0):
        raise StudioError(
            f"{what}, at step {step + 1:,}.",
            kept="Nothing was learnt that could be kept.",
            do="Train again with a lower learning rate (a third of this one), or longer warm-up.",
            code="diverged",
        )
    work.run.note(
        f"{what}, at step {step + 1:,}: the training was ended there and the last good state is kept.",
        do="Train again with a lower learning rate (a third of this one).",
        code=work.why,
        step=step,
    )
    if loop.state.best_global_step is None and work.why == "diverged" and last is not None:
        loop.load_weights(last.folder)


def _look_back(loop: Loop, found: Checkpoint) -> None:
    """A training that had ended before it could be published: its state, as it was left."""
    loop.state = TrainerState.load_from_json(str(found.folder / "trainer_state.json"))
    loop.work.why = found.facts["why"]
    loop.load_weights(found.folder)


def _finished(run: Run, card: ModelCard, loop: Loop) -> Trained:
    """Lay the best weights down as an adapter or a model, in the run's staged folder."""
    work, state = loop.work, loop.state
    kept = work.best.at(state.best_global_step) if state.best_global_step is not None else None
    if kept is not None:
        loop.load_weights(kept.folder)
    with told("write what was learnt", "The checkpoints are kept."):
        shutil.rmtree(run.staged, ignore_errors=True)
        run.staged.mkdir(parents=True)
        sha256 = WeightsHash(read_weights(Path(card.path)).files, {}).result()
        methods.save(loop.model, run.staged, run.settings, card, base_sha256=sha256)
    return Trained(
        step=state.global_step,
        steps=run.settings.steps,
        stopped=work.why != "done",
        best_step=kept.step if kept is not None else state.global_step,
        best_val=state.best_metric if kept is not None and state.best_metric is not None else float("nan"),
        losses=tuple(work.losses),
        adapter=run.staged,
        why=work.why,
        trainable=methods.trained_numbers(loop.model),
        parameters=card.parameters,
        seconds=work.pace.seconds,
        units=work.pace.units,
        micro_batch=work.ladder.micro_batch,
        precision=work.place.computed,
    )
