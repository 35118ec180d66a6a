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
    replay = {"batch": max(drawn.batches, default=0), "rungs": drawn.rungs} if drawn else {}
    if drawn and drawn.scheduler and recipe.drawing.scheduler:
        replay["scheduler"] = drawn.scheduler
    job: ImageJob = recipe.drawing.changed(**(replay | bound))
    return job
