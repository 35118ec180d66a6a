"""Adapters of language and note models in PEFT's layout: told by their files, without reading their weights."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from studio.catalog.adapter_note import AdapterNote, read_note
from studio.catalog.card import ModelCard
from studio.catalog.config import read_json
from studio.catalog.headers import TensorInfo, read_header
from studio.catalog.image_adapters import PEFT_CONFIG
from studio.core.errors import StudioError

AdapterMethod = Literal["lora", "dora", "adalora", "ia3", "prefix", "prompt"]
SOFT_METHODS: Final = ("prefix", "prompt")  # tokens before the text, no weights
WEIGHTS: Final = "adapter_model.safetensors"
PROMPT: Final = "prompt_embeddings"
_METHODS: Final[Mapping[str, AdapterMethod]] = {
    "LORA": "lora",
    "ADALORA": "adalora",
    "IA3": "ia3",
    "PREFIX_TUNING": "prefix",
    "PROMPT_TUNING": "prompt",
}
_PREFIX: Final = "base_model.model."
_PART = re.compile(r"^(.+)\.(lora_A|lora_B|lora_E|lora_magnitude_vector|ia3_l)(?:\.weight)?$")
_WRAPPING = re.compile(r"\.(?:base_layer|modules_to_save|original_module)(?=\.)")
_PARTS: Final[Mapping[str, frozenset[str]]] = {
    "lora": frozenset(("lora_A", "lora_B")),
    "dora": frozenset(("lora_A", "lora_B", "lora_magnitude_vector")),
    "adalora": frozenset(("lora_A", "lora_B", "lora_E")),
    "ia3": frozenset(("ia3_l",)),
}
# Settings of peft that change what the tensors mean, in ways that are not computed here.
_FOREIGN: Final = (
    "trainable_token_indices", "target_parameters", "layer_replication", "alora_invocation_tokens",
    "use_qalora", "use_bdlora", "lora_bias", "arrow_config", "kasa_config", "velora_config",
    "monteclora_config", "megatron_config",
)  # fmt: skip
_PLAIN_STARTS: Final = (None, True, False, "gaussian", "orthogonal", "eva")  # others change the base as well


@dataclass(frozen=True)
class PeftAdapter:
    """An adapter folder as its files declare it.

    `parts`: module -> part ("lora_A", ...) -> its tensor's name in the file. `given`: tensors of the base that it
    replaces -> their names in the file (biases, whole modules).
    """

    folder: Path
    method: AdapterMethod
    config: Mapping[str, Any]
    tensors: Mapping[str, TensorInfo]
    note: AdapterNote | None
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """Its weights."""
        return self.folder / WEIGHTS

    @property
    def title(self) -> str:
        """A name for people."""
        return (self.note.name if self.note else "") or self.folder.name

    @property
    def virtual_tokens(self) -> int:
        """How many tokens it lays before a text; 0 of one that changes weights."""
        return self.tensors[PROMPT].shape[0] if self.method in SOFT_METHODS else 0


def is_peft(folder: Path) -> bool:
    """Whether a folder holds an adapter in PEFT's layout, and no whole model."""
    return (folder / PEFT_CONFIG).is_file() and not (folder / "config.json").is_file()


def is_of_language(folder: Path) -> bool:
    """Whether an adapter says of itself that its base is a language or note model."""
    if not is_peft(folder):
        return False
    note = read_note(folder)
    return note.art != "image" if note else read_json(folder / PEFT_CONFIG).get("task_type") == "CAUSAL_LM"


def read_adapter(path: str | Path) -> PeftAdapter:
    """What an adapter folder holds. Raises StudioError ("adapter") in plain words when it can't be used."""
    folder = Path(path).expanduser()
    if not is_peft(folder):
        raise wrong(folder, "there is no adapter_config.json in it", "Choose the folder that training wrote.")
    if not (folder / WEIGHTS).is_file():
        raise wrong(folder, f"{WEIGHTS} is missing from it", "Copy or download it again.")
    config = read_json(folder / PEFT_CONFIG)
    method = _method(folder, config)
    tensors = read_header(folder / WEIGHTS)
    note = read_note(folder)
    if method in SOFT_METHODS:
        _check_soft(folder, tensors)
        return PeftAdapter(folder, method, config, tensors, note)
    parts, given = _sorted(folder, tensors)
    for module, found in parts.items():
        if found.keys() != _PARTS[method]:
            raise wrong(folder, f"what it has of {module} is not what {method} needs")
    return PeftAdapter(folder, method, config, tensors, note, parts, given)


def inspect_adapter(folder: Path, title: str) -> ModelCard:
    """The card of an adapter of a language or note model. Raises StudioError when it can't be used."""
    adapter = read_adapter(folder)
    note = adapter.note
    gpt2 = any(".h." in name and name.endswith((".c_attn", ".c_proj", ".c_fc")) for name in adapter.parts)
    base = str(adapter.config.get("base_model_name_or_path") or "")
    size = adapter.file.stat().st_size
    return ModelCard(
        path=str(folder),
        title=(note.name if note else "") or title,
        kind="adapter",
        art=note.art if note else "",
        family=note.family if note else "gpt2" if gpt2 else "",
        method=adapter.method,
        base=(note.base_title if note else "") or re.split(r"[/\\]", base.rstrip("/\\"))[-1],
        base_sha256=note.base_sha256 if note else "",
        virtual_tokens=adapter.virtual_tokens,
        parameters=sum(tensor.count for tensor in adapter.tensors.values()),
        size_bytes=size,
        memory_mib=round(size / 2**20),
    )


def wrong(folder: Path, why: str, do: str = "") -> StudioError:
    """The error for an adapter that can't be used by itself."""
    return StudioError(
        f"The adapter {folder.name} can't be used: {why}.",
        do=do or "Choose another one, or train it again.",
        code="adapter",
    )


def _method(folder: Path, config: Mapping[str, Any]) -> AdapterMethod:
    """Which method it is; refuses what would be computed wrongly. Raises StudioError."""
    kind = str(config.get("peft_type", "")).upper()
    method = _METHODS.get(kind)
    if method is None:
        named = f"adapter_config.json names the kind {kind}" if kind else "adapter_config.json names no kind"
        raise wrong(folder, f"{named} that this version knows")
    for name in _FOREIGN:
        if config.get(name):
            raise wrong(folder, f"it uses “{name}” of peft, which this version does not compute")
    start = config.get("init_lora_weights")
    if kind == "LORA" and start not in _PLAIN_STARTS:
        raise wrong(folder, f"it began as “{start}”, which changes the model's own weights too")
    return "dora" if method == "lora" and config.get("use_dora") else method


def _check_soft(folder: Path, tensors: Mapping[str, TensorInfo]) -> None:
    if tensors.keys() != {PROMPT} or len(tensors[PROMPT].shape) != 2 or not all(tensors[PROMPT].shape):
        raise wrong(folder, f"{WEIGHTS} does not hold the virtual tokens alone")


def _sorted(
    folder: Path, tensors: Mapping[str, TensorInfo]
) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """The tensors by what they do. Raises StudioError for one that is not understood."""
    parts: dict[str, dict[str, str]] = {}
    given: dict[str, str] = {}
    for key in tensors:
        name = key.removeprefix(_PREFIX)
        if name == key:
            raise wrong(folder, f"the tensor {key} is none of peft's")
        hit = _PART.match(name)
        if hit:
            parts.setdefault(hit[1], {})[hit[2]] = key
        elif "lora_" in name or "ia3_" in name or "trainable_tokens" in name:
            raise wrong(folder, f"the tensor {key} changes the table of tokens, which this version can't do")
        else:
            given[_WRAPPING.sub("", name)] = key
    if not parts and not given:
        raise wrong(folder, f"{WEIGHTS} is empty")
    return parts, given
