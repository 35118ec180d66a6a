"""What the studio knows about a model folder before loading it."""

from typing import Literal

from msgspec import Struct

ModelKind = Literal["text", "image", "music", "unknown"]


class ModelCard(Struct, frozen=True, kw_only=True):
    """A model folder, told by its content.

    `memory_mib` is an estimate of what running it takes on a processor; `fill_in` says that it can
    use the text after the caret. An unusable one says in `why_not` what is wrong and what to do.
    """

    path: str
    title: str
    kind: ModelKind = "unknown"
    family: str = ""
    parameters: int = 0
    size_bytes: int = 0
    memory_mib: int = 0
    context_tokens: int = 0
    fill_in: bool = False
    usable: bool = True
    why_not: str = ""
    adapters: tuple[str, ...] = ()
    starter: bool = False
