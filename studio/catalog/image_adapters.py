"""LoRA adapters of image models: told by the names in the file, with the family they fit told from shapes."""

import re
from collections.abc import Mapping
from pathlib import Path

from studio.catalog.adapter_note import AdapterNote
from studio.catalog.card import ModelCard
from studio.catalog.headers import TensorInfo, read_header, read_notes
from studio.core.errors import StudioError

PEFT_CONFIG = "adapter_config.json"
PEFT_FOLDER = "peft"  # in a folder of ours: each component's adapter in PEFT's layout
INVERSION_FILE = "learned_embeds.safetensors"
_PART = re.compile(r"[._](?:lora_A|lora_B|lora_down|lora_up|lora\.down|lora\.up|lora_linear_layer)[._]")
_DOWN = re.compile(r"[._](?:lora_A|lora_down|lora\.down|lora_linear_layer\.down)[._]")
_OTHER_KINDS = re.compile(r"\.(?:hada_w1_a|lokr_w1|oft_blocks|oft_diag|boft_R|on_input)")
_BLOCK = re.compile(r"transformer_blocks[._](\d+)[._]")
# What the notes of trainers say (kohya's ss_base_model_version, modelspec.architecture): first match counts.
_NOTES = (
    ("sdxl", "sdxl"), ("xl-v1", "sdxl"), ("stable-diffusion-3", "sd3"), ("sd3", "sd3"), ("flux", "flux"),
    ("qwen", "qwen_image"), ("z-image", "z_image"), ("zimage", "z_image"), ("sd_v2", "sd2"),
    ("stable-diffusion-v2", "sd2"), ("sd_v1", "sd1"), ("stable-diffusion-v1", "sd1"),
)  # fmt: skip


def is_lora(tensors: Mapping[str, TensorInfo]) -> bool:
    """Whether these names are those of a LoRA."""
    return any(_PART.search(f".{name}.") for name in tensors)


def lora_file(path: Path) -> Path | None:
    """The weights file of a LoRA: the file itself, or the only one of a folder that is no model; else None."""
    if path.is_file():
        return path if path.suffix == ".safetensors" else None
    preferred = [path / "adapter_model.safetensors", path / "pytorch_lora_weights.safetensors"]
    files = [file for file in preferred if file.is_file()] or sorted(path.glob("*.safetensors"))
    return files[0] if len(files) == 1 or files[:1] == preferred[:1] else None


def scales_file(path: Path) -> Path | None:
    """The weights of an IA3 adapter of ours, of the component that draws; None for anything else."""
    for part in ("unet", "transformer"):
        file = path / PEFT_FOLDER / part / "adapter_model.safetensors"
        if file.is_file():
            return file
    return None


def inspect_noted(path: Path, title: str, note: AdapterNote) -> ModelCard:
    """The card of an adapter of ours that is no LoRA: IA3, or a learnt word, which can only be merged."""
    files = [file for file in sorted(path.rglob("*.safetensors")) if file.is_file()]
    size = sum(file.stat().st_size for file in files)
    word = (path / INVERSION_FILE).is_file()
    return ModelCard(
        path=str(path),
        title=note.name or title,
        kind="adapter",
        art="image",
        family=note.family,
        method=note.method,
        base=note.base_title,
        base_sha256=note.base_sha256,
        parameters=note.parameters,
        size_bytes=size,
        memory_mib=round(size / 2**20),
        usable=not word,
        why_not=f"{note.trigger} is a learnt word. Merge it into a model to draw with it." if word else "",
    )


def inspect_lora(path: Path, file: Path, title: str) -> ModelCard:
    """The card of a LoRA of an image model. Raises StudioError when it fits no family we know."""
    tensors = read_header(file)
    if any(_OTHER_KINDS.search(name) for name in tensors):
        raise StudioError(
            f"{file.name} is a LyCORIS adapter (LoHa, LoKr or OFT), which this version can't lay over a model.",
            do="Choose a plain LoRA.",
            code="unknown_adapter",
        )
    if not is_lora(tensors):
        raise StudioError(
            f"{file.name} holds no LoRA: none of its tensors is half of a low-rank pair.",
            do="Choose a LoRA of an image model (.safetensors).",
            code="wrong_kind",
        )
    family = family_of_lora(tensors, read_notes(file))
    if not family:
        raise StudioError(
            f"{file.name} is a LoRA, but of no family of image models this studio knows.",
            do="Choose a LoRA made for Stable Diffusion, SDXL, SD3, Flux, Qwen-Image or Z-Image.",
            code="unknown_adapter",
        )
    return ModelCard(
        path=str(path),
        title=title,
        kind="adapter",
        art="image",
        family=family,
        parameters=sum(tensor.count for tensor in tensors.values()),
        size_bytes=file.stat().st_size,
        memory_mib=round(file.stat().st_size / 2**20),
    )


def family_of_lora(tensors: Mapping[str, TensorInfo], notes: Mapping[str, str]) -> str:
    """Which family's layers it has; "" when none. The layers' names decide, then their widths, then the notes."""
    names = "\n".join(tensors)
    if re.search(r"down_blocks|input_blocks|mid_block|middle_block|up_blocks|output_blocks", names):
        return _unet_family(tensors, names, notes)
    if re.search(r"(?:double_blocks|single_blocks|single_transformer_blocks)[._]", names):
        return "flux"
    if re.search(r"joint_blocks[._]", names):
        return "sd3"
    if re.search(r"transformer_blocks[._]\d+[._](?:img_mlp|img_mod|txt_mlp|txt_mod)", names):
        return "qwen_image"
    if re.search(
        r"(?:noise_refiner|context_refiner|(?:^|[._])layers[._]\d+[._](?:attention|feed_forward))", names
    ):
        return "z_image"
    if "transformer_blocks" in names:
        return _transformer_family(tensors, notes)
    if re.search(r"lora_te|text_encoder", names):
        return "sdxl" if re.search(r"lora_te2_|text_encoder_2", names) else family_of_notes(notes) or "sd1"
    return ""


def family_of_notes(notes: Mapping[str, str]) -> str:
    """What the trainer wrote down; "" when it wrote nothing known."""
    said = f"{notes.get('ss_base_model_version', '')} {notes.get('modelspec.architecture', '')}".lower()
    return next((family for word, family in _NOTES if word in said), "")


def _unet_family(tensors: Mapping[str, TensorInfo], names: str, notes: Mapping[str, str]) -> str:
    """SDXL has two text encoders, wide prompts and stacked transformer blocks; SD 2 is 1,024 wide."""
    widths = {
        tensor.shape[-1] if len(tensor.shape) == 2 else tensor.shape[1]
        for name, tensor in tensors.items()
        if _DOWN.search(f".{name}.") and re.search(r"attn2[._]to_[kv]", name) and len(tensor.shape) >= 2
    }
    stacked = any(int(number) > 0 for number in _BLOCK.findall(names))
    if widths & {768, 1024, 2048}:
        return "sdxl" if 2048 in widths else "sd2" if 1024 in widths else "sd1"
    if stacked or re.search(r"lora_te2_|text_encoder_2", names):
        return "sdxl"
    return family_of_notes(notes) or "sd1"


def _transformer_family(tensors: Mapping[str, TensorInfo], notes: Mapping[str, str]) -> str:
    """Blocks that several families name alike: told by their width and number."""
    widths = {
        tensor.shape[-1]
        for name, tensor in tensors.items()
        if _DOWN.search(f".{name}.") and re.search(r"attn[._]to_q", name)
    }
    if widths & {1536, 2432}:
        return "sd3"
    if 3072 in widths:
        blocks = max(map(int, _BLOCK.findall("\n".join(tensors))), default=0)
        return "qwen_image" if blocks > 18 else family_of_notes(notes) or "flux"
    return family_of_notes(notes) or "sd3"
