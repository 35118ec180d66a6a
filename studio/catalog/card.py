"""What the studio knows about a model folder before loading it."""

from typing import Literal

from msgspec import Struct, field

ModelKind = Literal["text", "image", "music", "adapter", "control", "reference", "vae", "unknown"]


class ModelCard(Struct, frozen=True, kw_only=True):
    """A model folder or file, told by its content.

    `memory_mib` is an estimate of what running it takes on a processor; `fill_in` says that it can
    use the text after the caret. An unusable one says in `why_not` what is wrong and what to do.

    Of an image model: `modes` (of core.pictures.Mode) and `abilities` ("negative", "weights", "clip_skip", "tiling",
    "control", "reference", "lora", "scheduler") are each "" where it can, else a sentence for people. `size` is its
    native width and height, `grid_px` what both must be multiples of; `steps` and `guidance` are good to begin with;
    `schedulers` are class names of diffusers that work with it, its own first. `parts` says for a checkpoint file which
    components come from elsewhere: component -> folder.
    Of a music model `modes` says the same by core.pieces.Task.
    An adapter, a control net or a reference adapter has in `family` the family of models it fits.
    Of an adapter `art` says what its base makes ("": not known) and, of a language or note model, `method` how it
    was trained, `base` what the base was called, `base_sha256` its weights, `virtual_tokens` how many tokens it lays
    before a text (such a one can be on or off, not weighed). `adapters` of a model are the listed ones that fit it.
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
    modes: dict[str, str] = field(default_factory=dict)
    abilities: dict[str, str] = field(default_factory=dict)
    size: tuple[int, int] = (0, 0)
    grid_px: int = 0
    steps: int = 0
    guidance: float = 0.0
    schedulers: tuple[str, ...] = ()
    parts: dict[str, str] = field(default_factory=dict)
    art: str = ""
    method: str = ""
    base: str = ""
    base_sha256: str = ""
    virtual_tokens: int = 0
