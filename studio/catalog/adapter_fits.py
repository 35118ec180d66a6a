"""Which adapter fits which language or note model: told from headers and settings, before anything is loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from studio.catalog.adapter_note import read_note
from studio.catalog.adapters import PROMPT, PeftAdapter, read_adapter
from studio.catalog.card import ModelCard
from studio.catalog.config import number, read_json
from studio.catalog.headers import TensorInfo, read_weights
from studio.core.errors import StudioError

ARTS: Final = ("text", "music")
_TABLES: Final = ("embed_tokens", "lm_head", "wte", "embed_in", "embed_out", "word_embeddings")
_WORK: Final = {"text": "writing", "music": "music", "image": "pictures"}


@dataclass(frozen=True)
class Base:
    """What of a model an adapter is held against."""

    card: ModelCard
    tensors: Mapping[str, TensorInfo]
    config: Mapping[str, Any]

    @classmethod
    def of(cls, card: ModelCard) -> "Base":
        """Reads headers and config.json. Raises StudioError when they are damaged, OSError."""
        folder = Path(card.path)
        return cls(card, read_weights(folder).tensors, read_json(folder / "config.json"))

    def find(self, name: str) -> TensorInfo | None:
        """A tensor by the name its module has; older files leave the outermost part of it away."""
        return self.tensors.get(name) or self.tensors.get(name.partition(".")[2])

    @property
    def tied(self) -> bool:
        """Whether reading and writing share one table of tokens."""
        heads = ("lm_head.weight", "embed_out.weight")
        said = self.config.get("tie_word_embeddings") is True
        return said or not any(name.endswith(heads) for name in self.tensors)


def why_not_over(adapter: str | Path, base: ModelCard) -> str:
    """A sentence for people that says why an adapter can't be laid over a model; "" where it can.

    Reads headers only (milliseconds), so weights of the same shapes that are others are not told apart; see
    `why_not_these_weights`. Never raises for a bad adapter or model.
    """
    if base.kind not in ARTS:
        return f"{base.title} is no model that writes text or music."
    if Path(base.path).is_file():
        return "A model in one GGUF file takes no adapters: choose the same model as a folder."
    try:
        return why_not(read_adapter(adapter), Base.of(base))
    except (StudioError, OSError) as error:
        return error.what if isinstance(error, StudioError) else str(error)


def why_not(adapter: PeftAdapter, base: Base) -> str:
    """As `why_not_over`, of what was read already."""
    reason = _other_kind(adapter, base) or (
        _soft(adapter, base) if adapter.virtual_tokens else _weights(adapter, base)
    )
    return f"The adapter {adapter.title} does not fit {base.card.title}: {reason}." if reason else ""


def why_not_these_weights(adapter: PeftAdapter, base: ModelCard, base_sha256: str) -> str:
    """Whether it was trained on other weights of the same shapes, where its note says on which; "" when not.

    A model that was itself tuned from those weights, or merged with another adapter of them, is as good.
    """
    note = adapter.note
    if note is None or not note.base_sha256 or note.base_sha256 == base_sha256:
        return ""
    own = read_note(Path(base.path))
    if own is not None and own.base_sha256 == note.base_sha256:
        return ""
    of = f"{note.base_title}, " if note.base_title and note.base_title != base.title else ""
    return f"The adapter {adapter.title} does not fit {base.title}: it was trained on {of}a model with other weights."


def fitting(base: ModelCard, adapters: Sequence[ModelCard]) -> tuple[str, ...]:
    """The paths of those adapters that a model can take, of any art."""
    if base.kind not in ("image", *ARTS):
        return ()
    if base.kind == "image":
        return tuple(
            card.path for card in adapters if card.art in ("", "image") and card.family == base.family
        )
    near = [card.path for card in adapters if card.method and card.art in ("", base.kind)]
    return tuple(path for path in near if not why_not_over(path, base))


def _other_kind(adapter: PeftAdapter, base: Base) -> str:
    note = adapter.note
    if note is None:
        return ""
    if note.art and note.art != base.card.kind:
        return f"it is for {_WORK.get(note.art, note.art)}, this model is for {_WORK[base.card.kind]}"
    if note.family and note.family != base.card.family:
        return f"it is for the family {note.family}, this model is a {base.card.family}"
    return ""


def _weights(adapter: PeftAdapter, base: Base) -> str:
    for module, parts in adapter.parts.items():
        if base.tied and module.endswith(_TABLES):
            return f"it changes {module}, a table of tokens that this model both reads and writes with"
        found = base.find(f"{module}.weight")
        if found is None:
            return f"this model has no layer {module}"
        shapes = {part: adapter.tensors[key].shape for part, key in parts.items()}
        if not _matches(shapes, found.shape):
            return f"its change of {module} is of another size than this model's"
    for name, key in adapter.given.items():
        if base.tied and name.removesuffix(".weight").endswith(_TABLES):
            return f"it replaces {name}, a table of tokens that this model both reads and writes with"
        found = base.find(name)
        if found is None:
            return f"this model has no tensor {name}"
        if found.shape != adapter.tensors[key].shape:
            return f"its {name} is of another size than this model's"
    return ""


def _matches(parts: Mapping[str, tuple[int, ...]], weight: tuple[int, ...]) -> bool:
    """Whether the parts belong to a weight of that shape, (out, in) or, as GPT-2 has it, (in, out)."""
    if len(weight) != 2:
        return False
    if "ia3_l" in parts:
        across = parts["ia3_l"]
        return len(across) == 2 and min(across) == 1 and max(across) in weight
    (rank, inner), (outer, other) = (_two(parts[name]) for name in ("lora_A", "lora_B"))
    sides = {(outer, inner), (inner, outer)}
    return (
        rank == other
        and weight in sides
        and parts.get("lora_E", (rank, 1)) == (rank, 1)
        and parts.get("lora_magnitude_vector", (outer,)) == (outer,)
    )


def _two(shape: tuple[int, ...]) -> tuple[int, int]:
    return (shape[0], shape[1]) if len(shape) == 2 else (-1, -2)


def _soft(adapter: PeftAdapter, base: Base) -> str:
    """Virtual tokens must be as wide as the model's own, or its keys and values."""
    width = number(dict(base.config), ("hidden_size", "n_embd", "d_model", "dim"))
    tokens, found = adapter.tensors[PROMPT].shape
    wanted = width if adapter.method == "prompt" else _kept_width(base, width)
    if wanted and found != wanted:
        return f"its virtual tokens are {found} numbers wide, this model's are {wanted}"
    if tokens >= base.card.context_tokens:
        return f"its {tokens} virtual tokens leave no room in this model's {base.card.context_tokens}"
    return ""


def _kept_width(base: Base, width: int) -> int:
    """Numbers a token leaves in the attention cache of all layers; 0 where the config does not say."""
    config = dict(base.config)
    heads = number(config, ("num_attention_heads", "n_head", "num_heads"))
    layers = number(config, ("num_hidden_layers", "n_layer", "num_layers"))
    kept = number(config, ("num_key_value_heads",)) or heads
    size = number(config, ("head_dim",)) or (width // heads if heads else 0)
    return 2 * layers * kept * size
