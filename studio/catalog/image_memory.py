"""How much memory drawing takes, told before a model is loaded: weights, one step's activations, the decoding.

The factors are how many numbers stand in memory at the worst moment, per pixel and channel; they were measured as
the peak of a process (fp32, processor) on models of real shape, and rounded up.
"""

from typing import Any

_MIB = 1024 * 1024
_LIBRARIES_MIB = 500  # torch, diffusers and transformers themselves
_DECODE = 10.5  # feature maps of the first level's width, as large as the picture (measured 7.0 to 10.0)
_DECODE_VIDEO = 12.0  # a video VAE keeps a few more
_UNET = 60.0  # feature maps of the narrowest level's width, as large as the latents, skips among them (40)
_TRANSFORMER = (
    30.0  # rows as long as the model is wide: queries, keys, values, the wide middle layer (18 to 23)
)
_PROMPT_TOKENS = 512
_ONE_ROW = ("FluxTransformer2DModel", "QwenImageTransformer2DModel")


def weights_mib(parameters: int, dtype_bytes: int) -> int:
    """The weights alone."""
    return round(parameters * dtype_bytes / _MIB)


def memory_mib(
    parameters: int, core: dict[str, Any], vae: dict[str, Any], size: tuple[int, int], dtype_bytes: int
) -> int:
    """An estimate of what one take of that size needs, in all, on a processor; from the configs of core and VAE."""
    width, height = size
    drawing = drawing_mib(core, vae, width, height, 1, dtype_bytes)
    return weights_mib(parameters, dtype_bytes) + drawing + _LIBRARIES_MIB


def drawing_mib(
    core: dict[str, Any], vae: dict[str, Any], width: int, height: int, batch: int, dtype_bytes: int
) -> int:
    """What a step or the decoding needs beside the weights, whichever is more."""
    step = _step_bytes(core, vae, width, height, batch, dtype_bytes)
    return round(max(step, _decode_bytes(vae, width, height, batch, dtype_bytes)) / _MIB)


def _decode_bytes(vae: dict[str, Any], width: int, height: int, batch: int, dtype_bytes: int) -> float:
    """The VAE's last levels hold a few feature maps as large as the picture."""
    pixels = batch * width * height
    if "base_dim" in vae:
        return _DECODE_VIDEO * pixels * int(vae["base_dim"]) * dtype_bytes
    channels = vae.get("block_out_channels") or vae.get("decoder_block_out_channels") or [128, 256]
    first = max(int(channels[0]), int(channels[1]) // 2 if len(channels) > 1 else 0)
    return _DECODE * pixels * first * dtype_bytes


def _step_bytes(
    core: dict[str, Any], vae: dict[str, Any], width: int, height: int, batch: int, dtype_bytes: int
) -> float:
    """A step reads each picture twice (with and without the prompt) at once where guidance is on.

    Flux is told its guidance, Qwen-Image reads one after the other.
    """
    rows = batch if core.get("_class_name") in _ONE_ROW else 2 * batch
    latents = width * height / _shrink(vae) ** 2
    if "block_out_channels" in core:
        return _UNET * rows * latents * int(core["block_out_channels"][0]) * dtype_bytes
    heads = core.get("num_attention_heads") or core.get("n_heads") or 1
    wide = int(core.get("dim") or heads * core.get("attention_head_dim", 64))
    return _TRANSFORMER * rows * (latents / 4 + _PROMPT_TOKENS) * wide * dtype_bytes


def _shrink(vae: dict[str, Any]) -> int:
    """How many pixels a latent stands for, in a row."""
    levels = vae.get("block_out_channels") or vae.get("decoder_block_out_channels")
    return 2 ** (len(levels) - 1) if isinstance(levels, list) and levels else 8
