"""An adapter laid over a model, in a job."""

from typing import Annotated

from msgspec import Meta

from studio.core.checked import Checked


class Adapter(Checked, frozen=True, kw_only=True):
    """A fine-tuned adapter (a file or folder) laid over a model; weight 1.0 is as trained."""

    path: str
    weight: Annotated[float, Meta(ge=-4.0, le=4.0)] = 1.0
