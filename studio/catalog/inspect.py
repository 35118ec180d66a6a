"""What a model folder is and whether it can be used: told by its content, never by its name."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.catalog.adapter_note import read_note
from studio.catalog.adapters import inspect_adapter, is_of_language, is_peft
from studio.catalog.card import ModelCard, ModelKind
from studio.catalog.config import check_sizes, context_tokens, read_json
from studio.catalog.families import TEXT_FAMILIES
from studio.catalog.gguf import inspect_gguf, is_gguf
from studio.catalog.headers import TensorInfo, Weights, read_header, read_weights
from studio.catalog.image_adapters import PEFT_CONFIG, inspect_lora, inspect_noted, is_lora, lora_file
from studio.catalog.image_extras import inspect_component, inspect_reference, is_component, is_reference
from studio.catalog.image_file import inspect_checkpoint, neighbours_of
from studio.catalog.image_folder import INDEX, inspect_pipeline
from studio.catalog.music import check_tokens, is_music, modes
from studio.core.errors import StudioError

_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_CODE = ("modeling_*.py", "configuration_*.py", "tokenization_*.py", "modelling_*.py")
_TOKENIZERS = (("tokenizer.json",), ("vocab.json", "merges.txt"))
_FILL_IN = (b"<|fim_prefix|>", b"<|fim_suffix|>", b"<|fim_middle|>")
_LANGUAGE = re.compile(
    r"\.layers\.\d+\.(?:self_attn\.[qkvo]_proj|mlp\.(?:gate|up|down)_proj)|transformer\.h\.\d"
)
_MIB = 1024 * 1024


def title_of(folder: Path) -> str:
    """A name for people, from the folder's name."""
    return folder.name.replace("_", " ").replace("-", " ").strip() or str(folder)


def inspect_model(path: str | Path, others: Sequence[Path] | None = None) -> ModelCard:
    """Look into a model folder or file of any kind; loads nothing.

    `others` are the model folders on this computer: a checkpoint file may lack what one of them has (None: those on
    the person's list). Raises StudioError saying which file stands in the way, why, and what to do.
    """
    folder = Path(path).expanduser()
    try:
        folder = folder.resolve()
        return _inspect(folder, others)
    except OSError as error:
        raise StudioError(
            f"{folder} could not be read: {error.strerror or error}.",
            do="Check that the folder is there and that you may read it.",
            code="unreadable_model",
        ) from error


def kind_of(path: Path) -> ModelKind:
    """What kind of model a folder or file seems to be, whether it can be used or not; never raises."""
    try:
        if is_gguf(path) or path.suffix == ".gguf":
            return "text"
        if path.is_file():
            return "image" if path.suffix == ".safetensors" else "unknown"
        if (path / INDEX).is_file():
            return "image"
        if (path / PEFT_CONFIG).is_file():
            return "adapter"
        if is_music(path):
            return "music"
        config = read_json(path / "config.json") if (path / "config.json").is_file() else {}
        if is_component(config):
            return "control" if "ControlNet" in str(config["_class_name"]) else "vae"
        return "text" if "model_type" in config or "architectures" in config else "unknown"
    except (OSError, StudioError):
        return "unknown"


def _inspect(folder: Path, others: Sequence[Path] | None) -> ModelCard:
    if not folder.exists():
        raise StudioError(
            f"There is no folder or file {folder}.",
            do="Choose the folder or the file that holds the model.",
            code="missing_model",
        )
    if is_gguf(folder):
        return inspect_gguf(folder)
    if not folder.is_dir():
        return _inspect_file(folder, others)
    if (folder / INDEX).is_file():
        return inspect_pipeline(folder, title_of(folder))
    if found := _adapter_folder(folder):
        return found
    _refuse_other_kinds(folder)
    config = read_json(folder / "config.json")
    if is_component(config):
        return inspect_component(folder, title_of(folder))
    family = _family(folder, config)
    weights = _weights(folder)
    check_sizes(folder, config, weights)
    music = is_music(folder)
    if music:
        check_tokens(folder)
    return ModelCard(
        path=str(folder),
        title=title_of(folder),
        kind="music" if music else "text",
        family=family,
        parameters=weights.parameters,
        size_bytes=weights.size_bytes,
        memory_mib=_memory_mib(weights),
        context_tokens=context_tokens(config),
        fill_in=music or _can_fill_in(_tokenizer(folder)),
        modes=modes(folder) if music else {},
    )


def _inspect_file(file: Path, others: Sequence[Path] | None) -> ModelCard:
    """A file that is no GGUF: a checkpoint, a LoRA or an IP-Adapter in safetensors."""
    if file.suffix in (".ckpt", ".pt", ".pth", ".bin", ".pkl"):
        raise StudioError(
            f"{file.name} is a single file, and a pickle: opening it could run foreign code, so it is not opened.",
            do="Choose a .safetensors version of the model.",
            code="pickle_weights",
        )
    if file.suffix != ".safetensors":
        raise StudioError(
            f"{file.name} is a single file of a kind this studio does not know.",
            do="Choose a model folder, a .gguf file, or a .safetensors file of an image model.",
            code="unknown_model",
        )
    title = file.stem.replace("_", " ").replace("-", " ")
    tensors = read_header(file)
    if is_reference(tensors):
        return inspect_reference(file, file, title)
    if is_lora(tensors):
        return inspect_lora(file, file, title)
    return inspect_checkpoint(file, tensors, title, neighbours_of(file, others))


def _adapter_folder(folder: Path) -> ModelCard | None:
    """The card of a folder with an adapter or an IP-Adapter in it; None when there is neither."""
    if (folder / "config.json").is_file():
        return None
    note = read_note(folder)
    if note is not None and note.art == "image" and note.method in ("ia3", "textual_inversion"):
        return inspect_noted(folder, title_of(folder), note)
    file = lora_file(folder)
    if file is None:
        return inspect_adapter(folder, title_of(folder)) if is_peft(folder) else None
    tensors = read_header(file)
    if is_reference(tensors):
        return inspect_reference(folder, file, title_of(folder))
    if is_lora(tensors) and _of_images(tensors) and not is_of_language(folder):
        return inspect_lora(folder, file, title_of(folder))
    return inspect_adapter(folder, title_of(folder)) if is_peft(folder) else None


def _of_images(tensors: Mapping[str, TensorInfo]) -> bool:
    """Whether a LoRA is of an image model: language models have their layers under `model.layers` or `.h`.

    So have the text encoders of image models, which name themselves.
    """
    return not any(_LANGUAGE.search(name) for name in tensors if not name.startswith("text_encoder"))


def _refuse_other_kinds(folder: Path) -> None:
    if not (folder / "config.json").is_file() and any(folder.glob("*.gguf")):
        first = sorted(folder.glob("*.gguf"))[0].name
        raise StudioError(
            f"{folder.name} is a folder with GGUF files; each of them is a model by itself.",
            do=f"Choose a file in it, for example {first}.",
            code="wrong_kind",
        )


def _family(folder: Path, config: dict[str, Any]) -> str:
    """The model type, checked against what we can run. Raises StudioError."""
    named = [folder / "tokenizer_config.json"] if (folder / "tokenizer_config.json").is_file() else []
    scripts = sorted(file for pattern in _CODE for file in folder.glob(pattern))
    own_code = [folder / "config.json"] if "auto_map" in config else []
    own_code += scripts + [file for file in named if "auto_map" in read_json(file)]
    if own_code:
        raise StudioError(
            f"{own_code[0].name} in {folder} asks to run code that came with the model; that is never done.",
            do="Choose a model of a family that transformers knows by itself.",
            code="remote_code",
        )
    family = config.get("model_type")
    architectures = config.get("architectures") or []
    shown = ", ".join(map(str, architectures)) if isinstance(architectures, list) and architectures else "?"
    causal = not architectures or "CausalLM" in shown or "LMHeadModel" in shown
    if not isinstance(family, str) or family not in TEXT_FAMILIES or not causal:
        raise StudioError(
            f"config.json in {folder} names the architecture {shown} ({family}), which we do not know.",
            do="Choose a plain causal language model, for example Llama, Qwen, Gemma, Mistral, GPT-2 or Phi.",
            code="unknown_architecture",
        )
    if config.get("quantization_config") or config.get("compression_config"):
        raise StudioError(
            f"The weights in {folder} are quantised (config.json says so), which this version cannot run.",
            do="Choose the same model in fp16, bf16 or fp32.",
            code="quantised_model",
        )
    return family


def _weights(folder: Path) -> Weights:
    """The checked safetensors headers. Raises StudioError when there are none or only pickles."""
    weights = read_weights(folder)
    if weights.tensors:
        return weights
    pickles = sorted(file.name for pattern in _PICKLES for file in folder.glob(pattern))
    if pickles:
        raise StudioError(
            f"{pickles[0]} in {folder} is a pickle: opening it could run foreign code, so it is not opened.",
            do="Choose a version of the model with .safetensors weights, or convert it where it came from.",
            code="pickle_weights",
        )
    raise StudioError(
        f"There are no weights (.safetensors) in {folder}.",
        do="Copy or download the weights into the folder, then try again.",
        code="missing_file",
    )


def _tokenizer(folder: Path) -> Path:
    for names in _TOKENIZERS:
        if all((folder / name).is_file() for name in names):
            return folder / names[0]
    raise StudioError(
        f"tokenizer.json is missing from {folder}.",
        do="Copy or download the tokenizer's files into the folder, then try again.",
        code="missing_file",
    )


def _can_fill_in(tokenizer: Path) -> bool:
    """Whether the tokenizer knows the three fill-in-the-middle marks."""
    raw = tokenizer.read_bytes()
    return all(mark in raw for mark in _FILL_IN)


def _memory_mib(weights: Weights) -> int:
    """Weights in fp32, a tenth for the cache and scratch, and 400 MiB for the libraries themselves."""
    return round(weights.parameters * 4 * 1.1 / _MIB) + 400
