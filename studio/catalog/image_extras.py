"""What goes with an image model: control nets, reference adapters (IP-Adapter), tiny VAEs."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.catalog.card import ModelCard, ModelKind
from studio.catalog.config import read_json
from studio.catalog.headers import TensorInfo, Weights, read_header, read_notes
from studio.catalog.image_adapters import family_of_notes
from studio.catalog.image_configs import checked_config
from studio.catalog.image_folder import component_weights
from studio.core.errors import StudioError

_ENCODER = "image_encoder"
_CONTROLS = {
    "ControlNetModel": "", "SD3ControlNetModel": "sd3", "FluxControlNetModel": "flux",
    "QwenImageControlNetModel": "qwen_image",
}  # fmt: skip
_VAES = ("AutoencoderTiny",)
_KEY = re.compile(r"^ip_adapter\.\d+\.to_k_ip\.weight$")


def is_component(config: Mapping[str, Any]) -> bool:
    """Whether a folder's config.json is that of a single component of a pipeline."""
    return isinstance(config.get("_class_name"), str)


def inspect_component(folder: Path, title: str) -> ModelCard:
    """The card of a control net or a tiny VAE. Raises StudioError for any other component."""
    name = read_json(folder / "config.json")["_class_name"]
    if name in _CONTROLS or name in _VAES:
        weights = component_weights(folder, "diffusers")
        config = checked_config(folder / "config.json", len(weights.tensors))
        if name in _VAES:
            return _card(folder, title, "vae", "", weights)
        return _card(folder, title, "control", _CONTROLS[name] or _family_of_control(config), weights)
    raise StudioError(
        f"{folder.name} is a {name}: one part of a pipeline, not a whole model.",
        do="Choose the folder with model_index.json, or a control net.",
        code="wrong_kind",
    )


def is_reference(tensors: Mapping[str, TensorInfo]) -> bool:
    """Whether these names are those of an IP-Adapter."""
    return any(_KEY.match(name) for name in tensors)


def inspect_reference(path: Path, file: Path, title: str) -> ModelCard:
    """The card of an IP-Adapter; `parts` names the folder of the image encoder it needs.

    Raises StudioError when that is not beside it.
    """
    tensors = read_header(file)
    encoder = encoder_of(file, tensors)
    widths = {tensor.shape[-1] for name, tensor in tensors.items() if _KEY.match(name)}
    family = "sdxl" if 2048 in widths else family_of_notes(read_notes(file)) or "sd1"
    weights = component_weights(encoder, "transformers")
    checked_config(encoder / "config.json", len(weights.tensors))
    card = _card(
        path, title, "reference", family, Weights((file, *weights.files), tensors, file.stat().st_size)
    )
    return ModelCard(
        **{
            name: getattr(card, name)
            for name in card.__struct_fields__
            if name not in ("parts", "memory_mib")
        },
        parts={_ENCODER: str(encoder)},
        memory_mib=card.memory_mib + round(weights.parameters * 4 / 2**20),
    )


def encoder_of(file: Path, tensors: Mapping[str, TensorInfo]) -> Path:
    """The folder of the CLIP image encoder that fits an IP-Adapter. Raises StudioError saying where to put it."""
    wanted = _embedding_width(tensors)
    for folder in (
        file.parent / _ENCODER,
        file.parent.parent / _ENCODER,
        file.parent.parent / "models" / _ENCODER,
    ):
        if (folder / "config.json").is_file():
            config = read_json(folder / "config.json")
            if wanted in (0, config.get("projection_dim"), config.get("hidden_size")):
                return folder
    raise StudioError(
        f"The image encoder that {file.name} needs is not there.",
        do=f"Put its folder, named {_ENCODER} (config.json and model.safetensors), beside the file.",
        code="missing_file",
    )


def _embedding_width(tensors: Mapping[str, TensorInfo]) -> int:
    """How wide the picture embeddings are that it reads; 0 when the file does not say."""
    for name in ("image_proj.proj.weight", "image_proj.proj_in.weight", "image_proj.proj.0.weight"):
        if name in tensors:
            return tensors[name].shape[-1]
    return 0


def _family_of_control(config: Mapping[str, Any]) -> str:
    width = config.get("cross_attention_dim")
    if width == 2048 or config.get("addition_embed_type") == "text_time":
        return "sdxl"
    return "sd2" if width == 1024 else "sd1"


def _card(path: Path, title: str, kind: ModelKind, family: str, weights: Weights) -> ModelCard:
    return ModelCard(
        path=str(path),
        title=title,
        kind=kind,
        family=family,
        parameters=weights.parameters,
        size_bytes=weights.size_bytes,
        memory_mib=round(weights.parameters * 4 / 2**20),
    )
