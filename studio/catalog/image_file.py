"""Checkpoint files: which family a single .safetensors file is of, what it holds, and where the rest comes from."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import platformdirs
from msgspec.structs import replace

from studio.catalog.card import ModelCard
from studio.catalog.headers import TensorInfo, Weights
from studio.catalog.image_families import FAMILIES, FAMILY_TITLES, Family
from studio.catalog.image_folder import image_card, is_tokenizer, refuse_odd_core
from studio.catalog.image_layout import Layout, layout_of
from studio.catalog.image_parts import find_part, missing_words
from studio.catalog.lists import read_list
from studio.core.errors import StudioError

CORE_PREFIX = "model.diffusion_model."
# Siblings that share their family's layers but are drawn with by pipelines we have not.
_OTHERS = (
    (r"^conditioner\.embedders\.0\.model\.", "an SDXL refiner"),
    (r"distilled_guidance_layer\.", "a Chroma model"),
    (r"single_stream_modulation\.", "a Flux 2 model"),
    (r"^(?:model\.diffusion_model\.)?layers\.0\.adaLN_modulation\.1\.", "a Lumina 2 model"),
    (r"txt_in\.text_norm\.", "a Qwen-Image 2 model"),
    (r"motion_modules\.", "a video model"),
    (r"^control_model\.|controlnet_cond_embedding|zero_convs\.", "a control net in one file"),
    (r"(?:^|\.)head\.modulation$", "a Wan video model"),
)
_HOLDS: dict[str, tuple[str, ...]] = {  # how a component's tensors begin in checkpoint files
    "vae": ("first_stage_model.", "vae."),
    "sd1/text_encoder": ("cond_stage_model.transformer.",),
    "sd2/text_encoder": ("cond_stage_model.model.",),
    "sdxl/text_encoder": ("conditioner.embedders.0.transformer.",),
    "sdxl/text_encoder_2": ("conditioner.embedders.1.model.",),
    "sd3/text_encoder": ("text_encoders.clip_l.transformer.",),
    "sd3/text_encoder_2": ("text_encoders.clip_g.transformer.",),
    "sd3/text_encoder_3": ("text_encoders.t5xxl.transformer.",),
    "flux/text_encoder": ("text_encoders.clip_l.transformer.",),
    "flux/text_encoder_2": ("text_encoders.t5xxl.transformer.",),
}


def inspect_checkpoint(
    file: Path, tensors: Mapping[str, TensorInfo], title: str, others: Sequence[Path]
) -> ModelCard:
    """The card of a checkpoint file. Components it lacks are looked for beside it and in the folders `others`.

    When some are nowhere the card is not usable and says in `why_not` which, and where they may be put.
    Raises StudioError when the file is of no family we know.
    """
    family = _family(file, tensors)
    layout = layout_of(family, tensors, file)
    refuse_odd_core(file.name, family, layout.config(family.core), layout.config("vae"))
    parts, missing, weights = _parts(file, tensors, family, layout, others)
    weights[family.core] = Weights((file,), dict(core_tensors(tensors, family)), file.stat().st_size)
    card = image_card(file, title, family, weights, layout)
    why = missing_words(file, family, missing) if missing else ""
    return replace(
        card, parts={name: str(path) for name, path in parts.items()}, usable=not missing, why_not=why
    )


def core_tensors(tensors: Mapping[str, TensorInfo], family: Family) -> dict[str, TensorInfo]:
    """The tensors of the UNet or transformer in a checkpoint's header."""
    held = tuple(start for key, starts in _HOLDS.items() if _of(key, family) for start in starts)
    prefixed = {name: tensor for name, tensor in tensors.items() if name.startswith(CORE_PREFIX)}
    return prefixed or {name: tensor for name, tensor in tensors.items() if not name.startswith(held)}


def prefixes_of(family: Family, component: str) -> tuple[str, ...]:
    """How the names of a component's tensors begin in a checkpoint file of that family."""
    if component == family.core:
        return (CORE_PREFIX,)
    return _HOLDS.get(component) or _HOLDS.get(f"{family.name}/{component}") or ()


def neighbours_of(file: Path, others: Sequence[Path] | None) -> tuple[Path, ...]:
    """Where components may be taken from: the folder of the file's own name beside it, then the other models."""
    return (file.with_suffix(""), *(listed_models() if others is None else others))


def listed_models() -> list[Path]:
    """The model folders on the person's list, for those who can't ask the window (the worker)."""
    home = os.environ.get("ATELIER_HOME")
    data = Path(home) if home else platformdirs.user_data_path("Atelier", appauthor=False)
    try:
        saved = json.loads(read_list(data / "models.json"))["folders"]
        return [Path(folder) for folder in saved if isinstance(folder, str)]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


def _of(key: str, family: Family) -> bool:
    return "/" not in key or key.startswith(f"{family.name}/")


def _parts(
    file: Path, tensors: Mapping[str, TensorInfo], family: Family, layout: Layout, others: Sequence[Path]
) -> tuple[dict[str, Path], list[str], dict[str, Weights]]:
    """Components from elsewhere with their folders, those that are nowhere, and the weights of all."""
    parts: dict[str, Path] = {}
    missing: list[str] = []
    weights: dict[str, Weights] = {}
    for name, part in family.parts.items():
        if name in (family.core, "scheduler"):
            continue
        starts = prefixes_of(family, name)
        held = {key: tensor for key, tensor in tensors.items() if starts and key.startswith(starts)}
        if held:
            weights[name] = Weights((file,), held, 0)
            continue
        found = find_part(name, part, layout, others)
        if found is not None:
            parts[name] = found.folder
            if found.weights:
                weights[name] = found.weights
        elif not (part.optional or (is_tokenizer(name) and _encoder_left_out(name, family, weights))):
            missing.append(name)
    return parts, missing, weights


def _encoder_left_out(tokenizer: str, family: Family, weights: Mapping[str, Weights]) -> bool:
    """Whether the text encoder a tokenizer belongs to is an optional one that is not there."""
    encoder = tokenizer.replace("tokenizer", "text_encoder")
    return family.parts[encoder].optional and encoder not in weights


def _family(file: Path, tensors: Mapping[str, TensorInfo]) -> Family:
    """The family of a checkpoint. Raises StudioError."""
    names = "\n".join(tensors)
    if re.search(r"\.(?:quant_map|absmax|scale_weight|weight_scale|comfy_quant)", names):
        raise StudioError(
            f"The weights in {file.name} are quantised, which this version cannot run.",
            do="Choose the same model in fp16, bf16 or fp32.",
            code="quantised_model",
        )
    other = next((what for pattern, what in _OTHERS if re.search(pattern, names, re.MULTILINE)), "")
    name = "" if other else _family_name(tensors, names)
    if not name:
        raise StudioError(
            f"{file.name} is {other or 'no checkpoint of an image model'}; this studio can't draw with it.",
            do=f"Choose a checkpoint of one of these families: {FAMILY_TITLES}.",
            code="unknown_architecture",
        )
    return FAMILIES[name]


def _family_name(tensors: Mapping[str, TensorInfo], names: str) -> str:
    if f"{CORE_PREFIX}input_blocks.0.0.weight" in tensors:
        if "conditioner.embedders.1." in names or f"{CORE_PREFIX}label_emb.0.0.weight" in tensors:
            return "sdxl"
        return "sd2" if "cond_stage_model.model." in names or _prompt_width(tensors) == 1024 else "sd1"
    if re.search(r"^(?:model\.diffusion_model\.)?joint_blocks\.0\.", names, re.MULTILINE):
        return "sd3"
    if re.search(
        r"^(?:model\.diffusion_model\.)?double_blocks\.0\.|^single_transformer_blocks\.0\.", names, re.M
    ):
        return "flux"
    if re.search(r"^(?:model\.diffusion_model\.)?layers\.0\.adaLN_modulation\.0\.", names, re.MULTILINE):
        return "z_image"
    if re.search(r"^(?:model\.diffusion_model\.)?transformer_blocks\.0\.img_mod\.1\.", names, re.MULTILINE):
        return "qwen_image"
    return ""


def _prompt_width(tensors: Mapping[str, TensorInfo]) -> int:
    """How wide the prompt is that a UNet attends to."""
    found: Any = next((t.shape[-1] for n, t in tensors.items() if n.endswith("attn2.to_k.weight")), 0)
    return int(found)
