"""The configs of a checkpoint file's components: from the layout that came with the program, and the file's shapes."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.catalog.config import read_json
from studio.catalog.headers import TensorInfo
from studio.catalog.image_configs import MANY_TENSORS, checked_config
from studio.catalog.image_families import Family
from studio.core.resources import resource_path

_PREFIX = "model.diffusion_model."


class Layout:
    """The configs of a family's components, as a pipeline folder without weights would have them.

    A folder of the checkpoint's own name beside it goes before the family's: what stands there is right. What the
    shapes in the file tell (how many blocks, how wide) goes before the family's usual values.
    """

    def __init__(self, folder: Path, own: Path, told: Mapping[str, Any], core: str) -> None:
        self.folder = folder
        self._own = own
        self._told = told
        self._core = core

    @property
    def index(self) -> dict[str, Any]:
        """model_index.json: which class each component is."""
        return read_json(self.folder / "model_index.json")

    def config(self, component: str) -> dict[str, Any]:
        """A component's config."""
        name = "scheduler_config.json" if component == "scheduler" else "config.json"
        own = self._own / component / name
        if own.is_file():
            return checked_config(own, MANY_TENSORS)
        config = read_json(self.folder / component / name)
        return {**config, **self._told} if component == self._core else config

    def tokenizer_settings(self, component: str, source: Path) -> dict[str, Any]:
        """What a tokenizer's settings must be (its padding) when its words come from another model's folder."""
        if source == self._own / component and (source / "tokenizer_config.json").is_file():
            return {}
        file = self.folder / component / "tokenizer_config.json"
        return read_json(file) if file.is_file() else {}


def layout_of(family: Family, tensors: Mapping[str, TensorInfo], file: Path) -> Layout:
    """The layout for a checkpoint file of that family."""
    folder = resource_path("layouts", family.layout)
    return Layout(folder, file.with_suffix(""), _told_by_shapes(family, tensors), family.core)


def _told_by_shapes(family: Family, tensors: Mapping[str, TensorInfo]) -> dict[str, Any]:
    """What of the core's config the tensors' shapes tell."""
    plain = {name.removeprefix(_PREFIX): tensor for name, tensor in tensors.items()}
    if family.core == "unet":
        first = plain.get("input_blocks.0.0.weight")
        return {"in_channels": first.shape[1]} if first and len(first.shape) == 4 else {}
    if family.name == "sd3":
        return _sd3(plain)
    if family.name == "flux":
        return _flux(plain)
    stem = "layers" if family.name == "z_image" else "transformer_blocks"
    blocks = _count(plain, rf"^{stem}\.(\d+)\.")
    return {"n_layers" if family.name == "z_image" else "num_layers": blocks} if blocks else {}


def _sd3(plain: Mapping[str, TensorInfo]) -> dict[str, Any]:
    """SD3 comes in three sizes, 3.5 with normed queries, the medium 3.5 with a second attention in some blocks."""
    told: dict[str, Any] = {"num_layers": _count(plain, r"^joint_blocks\.(\d+)\.")}
    width = plain.get("x_embedder.proj.bias")
    if width:
        told |= {"num_attention_heads": width.shape[0] // 64, "caption_projection_dim": width.shape[0]}
    places = plain.get("pos_embed")
    if places and len(places.shape) == 3:
        told["pos_embed_max_size"] = math.isqrt(places.shape[1])
    if any(".attn.ln_q." in name for name in plain):
        told["qk_norm"] = "rms_norm"
    second = {
        int(found[1]) for name in plain if (found := re.match(r"joint_blocks\.(\d+)\.x_block\.attn2\.", name))
    }
    return told | {"dual_attention_layers": sorted(second)}


def _flux(plain: Mapping[str, TensorInfo]) -> dict[str, Any]:
    """Flux dev is told its guidance, schnell is not."""
    double = _count(plain, r"^double_blocks\.(\d+)\.") or _count(plain, r"^transformer_blocks\.(\d+)\.")
    single = _count(plain, r"^single_blocks\.(\d+)\.") or _count(
        plain, r"^single_transformer_blocks\.(\d+)\."
    )
    first = plain.get("img_in.weight") or plain.get("x_embedder.weight")
    told = {"in_channels": first.shape[1]} if first else {}
    guided = any("guidance_in." in name or "guidance_embedder." in name for name in plain)
    return {"num_layers": double, "num_single_layers": single, "guidance_embeds": guided, **told}


def _count(plain: Mapping[str, TensorInfo], pattern: str) -> int:
    """One more than the highest number found."""
    return max((int(found[1]) + 1 for name in plain if (found := re.match(pattern, name))), default=0)
