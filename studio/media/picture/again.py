"""Making a picture again exactly: the job that walks the path of a recipe once more."""

from typing import Any

from studio.core.jobs import ImageJob
from studio.core.takes import Recipe


def again(recipe: Recipe, **bound: Any) -> ImageJob:
    """The recipe's job with the batches and the rungs of the memory ladder that it was drawn with.

    All takes of the job are drawn, as the batch they were in can change a last bit; the recipe's `index` is the one
    that is the same. `bound` are fields of the new job: id, work, parent, model …
    """
    drawn = recipe.made.drawn if recipe.made else None
    replay = {"batch": batch_of(drawn.batches, recipe.index), "rungs": drawn.rungs} if drawn else {}
    if drawn and drawn.scheduler and recipe.drawing.scheduler:
        replay["scheduler"] = drawn.scheduler
    job: ImageJob = recipe.drawing.changed(**(replay | bound))
    return job


def batch_of(batches: tuple[int, ...], index: int) -> int:
    """How many takes to draw at a time, so that take `index` is drawn among the same ones again; 0 when not known.

    Where memory ran out on the way, a recipe's batches are not all alike: the latter takes were drawn by fewer.
    """
    takes, own = sum(batches), _batch_with(batches, index)
    if own is None:
        return 0
    same = (size for size in sorted({*batches}, reverse=True) if _batch_with(_cut(takes, size), index) == own)
    return next(same, own[1])


def _batch_with(batches: tuple[int, ...], index: int) -> tuple[int, int] | None:
    """The first take of the batch that holds `index`, and how many it has."""
    first = 0
    for size in batches:
        if first <= index < first + size:
            return first, size
        first += size
    return None


def _cut(takes: int, size: int) -> tuple[int, ...]:
    return tuple(min(size, takes - first) for first in range(0, takes, size))
