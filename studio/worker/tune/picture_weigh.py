"""How well a picture model foresees given pictures: the same noise at the same levels for each, every time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import torch
from torch import Tensor

from studio.worker.image.loading import ImageModel
from studio.worker.image.memory import give_back, ran_out
from studio.worker.tune.picture_data import Example, framed, shot_of
from studio.worker.tune.picture_families import predict
from studio.worker.tune.picture_loss import Objective, noise_of, squared_errors
from studio.worker.tune.picture_quick import quick
from studio.worker.tune.picture_source import Source

Cast = Callable[[], AbstractContextManager[None]]
ROWS: Final = 16  # noisy pictures at once
LEVELS: Final = 2  # of noise, for each picture weighed while training
LEVELS_MOST: Final = 8  # for few pictures, and where it counts
_ROWS_LEAST, _ROWS_MOST = 32, 256
_SHARE: Final = (
    0.45  # forward passes of a validation for each picture learnt from between two: an eighth of the time
)
_OFFSETS: Final = 997  # places within a gap between levels


def some(examples: Sequence[Example], between: int) -> tuple[list[Example], int]:
    """The pictures that are weighed while training, and at how many levels each; the same ones each time.

    `between`: pictures learnt from between two validations, which the cost of one is measured against.
    """
    rows = min(_ROWS_MOST, max(_ROWS_LEAST, round(between * _SHARE)))
    chosen = sorted(examples, key=lambda example: example.sha256)[: rows // LEVELS]
    levels = min(LEVELS_MOST, max(LEVELS, rows // max(1, len(chosen))))
    return sorted(chosen, key=lambda example: example.file), levels


def weigh(
    model: ImageModel,
    objective: Objective,
    source: Source,
    examples: Sequence[Example],
    levels: int = LEVELS_MOST,
    *,
    cast: Cast = nullcontext,
    check: Callable[[], None] = lambda: None,
) -> dict[str, float]:
    """The mean squared error of each picture (by file) over `levels` levels of noise spread evenly.

    Not weighed by level, so that runs with and without min-SNR can be compared. `cast` gives the context of the
    number type; `check` is called before each batch and may raise StoppedError.
    """
    rows = [(example, at) for example in examples for at in range(levels)]
    totals = dict.fromkeys((example.file for example in examples), 0.0)
    most = ROWS
    while rows:
        check()
        group = _first(rows, most)
        try:
            with cast():
                errors = _errors(model, objective, source, group, levels)
        except (RuntimeError, MemoryError) as error:
            if not ran_out(error) or most == 1:
                raise
            errors = None
        if errors is None:
            give_back(model.device)
            most //= 2
            continue
        for (example, _), off in zip(group, errors.tolist(), strict=True):
            totals[example.file] += off / levels
        rows = rows[len(group) :]
    return totals


def mean(losses: dict[str, float]) -> float:
    """The mean over pictures; nan where there are none."""
    return sum(losses.values()) / len(losses) if losses else float("nan")


def _first(rows: Sequence[tuple[Example, int]], most: int) -> list[tuple[Example, int]]:
    """The first rows of one shape."""
    return list(_while_same(rows[:most]))


def _while_same(rows: Sequence[tuple[Example, int]]) -> Iterator[tuple[Example, int]]:
    for row in rows:
        if row[0].bucket != rows[0][0].bucket:
            return
        yield row


@torch.no_grad()
def _errors(
    model: ImageModel,
    objective: Objective,
    source: Source,
    rows: Sequence[tuple[Example, int]],
    levels: int,
) -> Tensor:
    """The squared errors of one batch, (B,)."""
    examples = [example for example, _ in rows]
    clean = source.latents([(example, 0) for example in examples])
    seeds = [int(example.sha256[:15] or "0", 16) for example in examples]
    pairs = [(seed, at) for seed, (_, at) in zip(seeds, rows, strict=True)]
    noise = torch.stack([noise_of(seed + at, clean.shape[1:]) for seed, at in pairs])
    level = torch.stack([objective.spread(levels, seed % _OFFSETS / _OFFSETS)[at] for seed, at in pairs])
    noisy, wanted = objective.noised(clean, noise, level)
    told = source.told([example.caption for example in examples])
    cut = torch.stack([framed(example, shot_of(example, 0, source.settings)) for example in examples])
    core, was, device = model.core, model.core.training, model.device
    core.eval()
    try:
        with quick(noisy):
            found = predict(
                model, noisy.to(device, model.dtype), objective.times(level).to(device), told, cut
            )
    finally:
        core.train(was)
    return squared_errors(found.cpu(), wanted)
