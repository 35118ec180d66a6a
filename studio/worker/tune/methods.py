"""The methods of fine-tuning a language or note model: laid over it, gone on with, loaded, and kept.

What is said of a model "that was prepared" goes for picture models' components too (methods_image).
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from peft import PeftModel
from torch import Tensor, nn

from studio.catalog.adapter_note import write_note
from studio.catalog.card import ModelCard
from studio.core.errors import StudioError
from studio.core.tuning import SOFT, WHOLE, TuneSettings
from studio.worker.tune import adalora, freezing
from studio.worker.tune.method_configs import causal_config
from studio.worker.tune.notes import note_of
from studio.worker.tune.peft_folders import ADAPTER_CONFIG, laid, resumed, save_adapter, seeded, wrapped
from studio.worker.tune.soft_start import begin_with
from studio.worker.tune.whole import lay_weights, save_whole

_JUDGEMENT: Final = "adalora/"


def apply(model: Any, settings: TuneSettings, *, steps: int, start: Sequence[int] = ()) -> Any:
    """Prepare a model of transformers for training by a method; all else in it is frozen.

    Gives a PeftModel around it, or the model itself for core.tuning.WHOLE (then in float32). `steps` are the optimizer
    steps in all. `start`: tokens whose traces the learnt tokens of "prefix" and "prompt" begin as, for example the
    first of a training document; without them they begin at random. The same settings (their seed) prepare it the
    same way. Raises StudioError "method" when the model can't take it.
    """
    if settings.method in WHOLE:
        freezing.thaw(model, settings)
        return model
    with seeded(settings.seed):
        prepared: Any = wrapped(model, causal_config(model, settings, steps))
        if settings.method in SOFT:
            begin_with(prepared, start)
    return prepared


def load_for_training(model: Any, adapter: Path, settings: TuneSettings, *, steps: int) -> Any:
    """The same, going on from an adapter (or, for WHOLE, from a model's weights) that was trained by that method.

    Raises StudioError "adapter" when it is of another method, is damaged or does not fit.
    """
    if settings.method in WHOLE:
        lay_weights(model, adapter)
        freezing.thaw(model, settings)
        return model
    return resumed(model, adapter, settings, steps)


def load(model: Any, adapter: Path) -> Any:
    """A model as an adapter (or a whole model of the same shapes) makes it, to weigh it or to make takes; frozen.

    Raises StudioError "adapter" when it is damaged or does not fit.
    """
    if not (adapter / ADAPTER_CONFIG).is_file():
        lay_weights(model, adapter)
        return model.eval().requires_grad_(False)
    return laid(model, adapter).eval().requires_grad_(False)


def save(model: Any, folder: Path, settings: TuneSettings, card: ModelCard, *, base_sha256: str = "") -> None:
    """Write what was learnt into a folder that is there (staged by the caller): see catalog.adapter_note for the note.

    An adapter in PEFT's layout; for WHOLE a model's folder in the layout of the base, in its number type. The model
    is left as it was. Raises OSError, StudioError "numbers" when a weight is not a number.
    """
    check_numbers(model)
    if settings.method in WHOLE:
        save_whole(model, folder, card)
    else:
        save_adapter(model, folder, card.path)
    write_note(folder, note_of(settings, card, trained_numbers(model), base_sha256=base_sha256))


# What goes for all prepared models


def trainable(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """What the method trains, by name."""
    return [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]


def after_step(model: nn.Module, step: int) -> None:
    """What a method does behind an optimizer step (counted from 1), before the gradients are cleared."""
    if adalora.is_adalora(model):
        adalora.allocate(model, step)


def extra_loss(model: nn.Module) -> Tensor | None:
    """What a method adds to the loss, weighted; None for most.

    A PeftModel that is called with labels has added it to its own `loss` already, in evaluation too.
    """
    return adalora.orthogonality(model) if adalora.is_adalora(model) else None


def state(model: nn.Module) -> dict[str, Tensor]:
    """All that a bit-exact resume needs of the model: what is trained, and what the method found out on its way."""
    found = {name: weight.detach().clone() for name, weight in trainable(model)}
    if adalora.is_adalora(model):
        found |= {f"{_JUDGEMENT}{name}": value for name, value in adalora.judgement(model).items()}
    return found


def restore(model: nn.Module, kept: Mapping[str, Tensor]) -> None:
    """Put `state` back into a model that was prepared in the same way. Raises ValueError when it is of another one."""
    weights = dict(trainable(model))
    judged = {
        name.removeprefix(_JUDGEMENT): value for name, value in kept.items() if name.startswith(_JUDGEMENT)
    }
    plain = {name: value for name, value in kept.items() if not name.startswith(_JUDGEMENT)}
    if plain.keys() != weights.keys():
        raise ValueError(
            f"the kept weights are not this model's: {sorted(plain.keys() ^ weights.keys())[:3]}"
        )
    with torch.no_grad():
        for name, value in plain.items():
            weights[name].copy_(value)
    if adalora.is_adalora(model):
        adalora.judge_again(model, judged)


@contextlib.contextmanager
def without(model: Any) -> Iterator[None]:
    """The base model alone, for as long as the block lasts. Raises ValueError for WHOLE: it is no more."""
    if not isinstance(model, PeftModel):
        raise ValueError("the base model is trained itself")
    with model.disable_adapter():
        yield


def trained_numbers(model: nn.Module) -> int:
    """How many numbers are trained."""
    return sum(weight.numel() for _, weight in trainable(model))


def check_numbers(model: nn.Module) -> None:
    """Raises StudioError "numbers" when training has left something that is not a number."""
    for name, weight in trainable(model):
        if not torch.isfinite(weight).all():
            raise StudioError(
                f"The training went astray: {name} holds values that are no numbers.",
                kept="The last good checkpoint is kept.",
                do="Train again with a lower learning rate.",
                code="numbers",
            )
