"""Adapters of picture models in the files that diffusers itself reads: LoRA pairs, and learnt words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from peft.tuners.adalora.layer import AdaLoraLayer
from peft.tuners.lora.layer import LoraLayer
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from studio.catalog.image_adapters import INVERSION_FILE
from studio.core.errors import StudioError
from studio.worker.tune.adalora import ADAPTER

LORA_FILE: Final = "pytorch_lora_weights.safetensors"
_ARCHITECTURES: Final = {  # as the modelspec standard calls our families: readers tell a LoRA's family by it
    "sd1": "stable-diffusion-v1", "sd2": "stable-diffusion-v2", "sdxl": "stable-diffusion-xl-v1-base",
    "sd3": "stable-diffusion-3", "flux": "flux-1", "qwen_image": "qwen-image", "z_image": "z-image",
}  # fmt: skip
_WORDS_OF: Final = {
    "text_encoder": "clip_l",
    "text_encoder_2": "clip_g",
}  # how files with two of them name them


def save_lora_file(tuned: Mapping[str, Any], file: Path, family: str) -> None:
    """Write the pairs of components as one LoRA: `<component>.<layer>.lora_A.weight` and so on.

    The alpha is in the second matrix already, so readers that know of none draw the same. AdaLoRA becomes the LoRA it
    equals; DoRA has its magnitudes beside the pairs. Raises OSError.
    """
    tensors: dict[str, Tensor] = {}
    for part, model in tuned.items():
        encoder = part.startswith("text_encoder")
        for name, layer in model.base_model.model.named_modules():
            if isinstance(layer, AdaLoraLayer):
                pair = _folded(layer)
            elif isinstance(layer, LoraLayer):
                pair = _pair(layer, encoder)
            else:
                continue
            tensors |= {f"{part}.{name}.{half}": value for half, value in pair.items()}
    notes = {"format": "pt", "modelspec.architecture": f"{_ARCHITECTURES[family]}/lora"}
    save_file(tensors, file, metadata=notes)


def _pair(layer: Any, encoder: bool) -> dict[str, Tensor]:
    """One layer's tensors. Magnitudes are named as diffusers asks for, which is otherwise in encoders than in cores."""
    down = layer.lora_A[ADAPTER].weight.detach()
    up = layer.lora_B[ADAPTER].weight.detach() * layer.scaling[ADAPTER]
    found = {"lora_A.weight": down.contiguous(), "lora_B.weight": up.contiguous()}
    if ADAPTER in layer.lora_magnitude_vector:
        name = "lora_magnitude_vector.weight" if encoder else "lora_magnitude_vector"
        found[name] = layer.lora_magnitude_vector[ADAPTER].weight.detach().contiguous()
    return found


def _folded(layer: Any) -> dict[str, Tensor]:
    """An AdaLoRA layer as a LoRA: its singular values in the first matrix, its scale in the second."""
    down = (layer.lora_A[ADAPTER] * layer.lora_E[ADAPTER]).detach()  # (R, I) or (R, I * kh * kw)
    up = (
        layer.lora_B[ADAPTER] * (layer.scaling[ADAPTER] / (layer.ranknum[ADAPTER] + 1e-5))
    ).detach()  # (O, R)
    base = layer.get_base_layer()
    if isinstance(base, nn.Conv2d):
        down = down.reshape(-1, base.in_channels // base.groups, *base.kernel_size)
        up = up[:, :, None, None]
    return {"lora_A.weight": down.contiguous(), "lora_B.weight": up.contiguous()}


def save_inversion_file(vectors: Mapping[str, Tensor], folder: Path, trigger: str) -> None:
    """Write a word's vectors: under the word itself with one text encoder, else by the encoders' usual names.

    Raises OSError, ValueError without a word.
    """
    if not trigger:
        raise ValueError("a learnt word needs a name")
    plain = {name: values.detach().float().cpu().contiguous() for name, values in vectors.items()}
    if len(plain) == 1:
        tensors = {trigger: next(iter(plain.values()))}
    else:
        tensors = {_WORDS_OF[name]: values for name, values in plain.items()}
    save_file(tensors, folder / INVERSION_FILE, metadata={"format": "pt", "trigger": trigger})


def load_inversion(pipe: Any, folder: Path, trigger: str) -> None:
    """Teach a pipeline of diffusers a learnt word, through its own loader. Raises StudioError "adapter"."""
    try:
        tensors = load_file(folder / INVERSION_FILE)
        if "clip_g" in tensors:
            for name, words in _WORDS_OF.items():
                encoder, tokenizer = (
                    getattr(pipe, name),
                    getattr(pipe, name.replace("text_encoder", "tokenizer")),
                )
                pipe.load_textual_inversion(
                    tensors[words], token=trigger, text_encoder=encoder, tokenizer=tokenizer
                )
        else:
            (values,) = tensors.values()
            pipe.load_textual_inversion(values, token=trigger)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise StudioError(
            f"The word {trigger} of {folder.name} could not be taught to this model: {str(error).splitlines()[0]}",
            kept="Nothing was changed.",
            do="Choose one that was trained on this model.",
            code="adapter",
        ) from error
