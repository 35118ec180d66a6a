"""Components a checkpoint file lacks: found in other model folders, or named so that the person can put them there."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.catalog.config import read_json
from studio.catalog.headers import Weights
from studio.catalog.image_configs import checked_config
from studio.catalog.image_families import Family, Part
from studio.catalog.image_folder import INDEX, check_tokenizer, component_weights, is_tokenizer
from studio.catalog.image_layout import Layout
from studio.core.errors import StudioError

# What must agree for a component of another model to stand in: the same network, trained the same.
_SAME: dict[str, tuple[str, ...]] = {
    "CLIPTextModel": ("hidden_size", "num_hidden_layers", "vocab_size"),
    "CLIPTextModelWithProjection": ("hidden_size", "num_hidden_layers", "vocab_size", "projection_dim"),
    "T5EncoderModel": ("d_model", "num_layers", "vocab_size"),
    "Qwen2_5_VLForConditionalGeneration": ("hidden_size", "num_hidden_layers"),
    "Qwen3Model": ("hidden_size", "num_hidden_layers"),
    "AutoencoderKL": ("latent_channels", "scaling_factor", "shift_factor", "block_out_channels"),
    "AutoencoderKLQwenImage": ("z_dim", "base_dim"),
}
_WORDS = {
    "CLIPTokenizer": "the CLIP tokenizer (vocab.json and merges.txt, or tokenizer.json)",
    "T5TokenizerFast": "the T5 tokenizer (tokenizer.json, or spiece.model)",
    "Qwen2Tokenizer": "the Qwen tokenizer (tokenizer.json, or vocab.json and merges.txt)",
    "CLIPTextModel": "the CLIP text encoder",
    "CLIPTextModelWithProjection": "the CLIP text encoder",
    "T5EncoderModel": "the T5 text encoder",
    "Qwen2_5_VLForConditionalGeneration": "the Qwen2.5-VL text encoder",
    "Qwen3Model": "the Qwen3 text encoder",
}


@dataclass(frozen=True)
class FoundPart:
    """Where a component lies; a tokenizer has no weights."""

    folder: Path
    weights: Weights | None = None


def find_part(name: str, part: Part, layout: Layout, others: Sequence[Path]) -> FoundPart | None:
    """A component of the same make in one of the folders, the same family's first; None when there is none.

    The first folder is the one beside the checkpoint: what stands there comes before all.
    """
    pipeline = layout.index["_class_name"]
    folders = [folder for folder in others if folder.is_dir()]
    for folder in sorted(folders, key=lambda folder: (folder != others[0], _pipeline(folder) != pipeline)):
        for candidate in _candidates(folder, name, part):
            if is_tokenizer(name):
                if _same_words(candidate, name, layout):
                    return FoundPart(candidate)
            elif weights := _same_network(candidate, name, part, layout):
                return FoundPart(candidate, weights)
    return None


def missing_words(file: Path, family: Family, names: Sequence[str]) -> str:
    """What is missing, in words, and where the person may put it."""
    what = [f"{_what(family.parts[name])} (folder “{name}”)" for name in names]
    listed = ", ".join(what[:-1]) + f" and {what[-1]}" if len(what) > 1 else what[0]
    return (
        f"{file.name} is a {family.title} checkpoint that does not hold everything: {listed} "
        f"{'are' if len(what) > 1 else 'is'} missing. Add a {family.title} model folder that has "
        f"{'them' if len(what) > 1 else 'it'} to the list, or put {'them' if len(what) > 1 else 'it'} into "
        f"the folder {file.with_suffix('')}."
    )


def vocabulary(folder: Path) -> int:
    """How many words a tokenizer's folder has, as far as it can be told; 0 when it can't."""
    words = folder / "vocab.json"
    if words.is_file():
        return len(read_json(words))
    if not (folder / "tokenizer.json").is_file():
        return 0
    found = read_json(folder / "tokenizer.json")
    model = found.get("model")
    known = model.get("vocab", ()) if isinstance(model, dict) else ()
    names = (
        set(known) if isinstance(known, dict) else {row[0] for row in known if isinstance(row, list) and row}
    )
    added = found.get("added_tokens")
    extra = (
        {row.get("content") for row in added if isinstance(row, dict)} if isinstance(added, list) else set()
    )
    return len(names | extra)


def _what(part: Part) -> str:
    first = part.classes[0]
    return _WORDS.get(first, "the VAE")


def _pipeline(folder: Path) -> str:
    """The pipeline's class a folder is of; "" when it is of none."""
    try:
        return str(read_json(folder / INDEX).get("_class_name"))
    except StudioError:
        return ""


def _candidates(folder: Path, name: str, part: Part) -> list[Path]:
    """Folders of a component of that class: under its own name first, then under any other of the pipeline."""
    found = [folder / name]
    if (folder / INDEX).is_file():
        try:
            index = read_json(folder / INDEX)
        except StudioError:
            return []
        found = [
            folder / key
            for key, entry in sorted(index.items(), key=lambda row: row[0] != name)
            if isinstance(entry, list) and len(entry) == 2 and entry[1] in part.classes
        ]
    return [path for path in found if path.is_dir()]


def _same_words(folder: Path, name: str, layout: Layout) -> bool:
    """Whether a tokenizer has the words that the text encoder was trained on, and no others."""
    try:
        check_tokenizer(folder)
        config = layout.config(name.replace("tokenizer", "text_encoder"))
        wanted = _value(config, "vocab_size")
        known = vocabulary(folder)
    except (StudioError, AttributeError, TypeError):
        return False
    # T5 and Qwen round their embeddings up to a multiple of 64 or more
    return known == wanted or (isinstance(wanted, int) and known > 1000 and 0 <= wanted - known <= 1024)


def _same_network(folder: Path, name: str, part: Part, layout: Layout) -> Weights | None:
    try:
        weights = component_weights(folder, part.library)
        config, wanted = checked_config(folder / "config.json", len(weights.tensors)), layout.config(name)
        of = layout.index[name][1]
        if any(_value(config, key) != _value(wanted, key) for key in _SAME.get(of, ())):
            return None
        return weights
    except StudioError:
        return None


def _value(config: dict[str, Any], key: str) -> Any:
    """A value of a config, also where text models keep theirs."""
    inner = config.get("text_config")
    return config[key] if key in config else inner.get(key) if isinstance(inner, dict) else None
