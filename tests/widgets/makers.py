"""Takes for the tests of widgets and panes."""

from typing import Any

from studio.core.jobs import TextJob
from studio.core.takes import Recipe, Take

JOB = TextJob(id="job", prompt="Once", model="story", seed=7)


def take(take_id: str, text: str = "", status: Any = "done", **more: Any) -> Take:
    """A take of one job."""
    return Take(
        id=take_id,
        job=JOB.id,
        work="work",
        parent="revision",
        index=0,
        seed=7,
        status=status,
        recipe=Recipe(job=JOB, index=0),
        created_ms=1,
        text=text,
        **more,
    )
