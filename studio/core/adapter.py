"""An adapter laid over a model, in a job."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from studio.core.checked import Checked

AtWork = tuple[tuple[str, float], ...]  # paths with their weights


class Adapter(Checked, frozen=True, kw_only=True):
    """A fine-tuned adapter (a file or folder) laid over a model; weight 1.0 is as trained."""

    path: str
    weight: Annotated[float, Meta(ge=-4.0, le=4.0)] = 1.0


def at_work(adapters: Sequence[Adapter]) -> AtWork:
    """Those that count: the same path twice counts with both weights, weight 0 not at all."""
    weights: dict[str, float] = {}
    for adapter in adapters:
        path = str(Path(adapter.path).expanduser().resolve())
        weights[path] = weights.get(path, 0.0) + adapter.weight
    return tuple((path, weight) for path, weight in weights.items() if weight)
