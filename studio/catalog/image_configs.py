"""The configs of image models' components: not believed before their numbers are held against limits and weights."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.catalog.config import read_json
from studio.core.errors import StudioError

_MOST = 4_194_304  # no width, vocabulary or context of a real model is larger
MANY_TENSORS = 10_000  # where the weights are not looked at: more than any component has
_LIMITS = {
    "sample_size": 8192, "pos_embed_max_size": 1024, "axes_lens": 65_536, "axes_dims_rope": 4096,
    "axes_dims": 4096, "num_train_timesteps": 100_000,
}  # fmt: skip
_REPEATS = frozenset({
    "num_layers", "num_single_layers", "n_layers", "n_refiner_layers", "num_hidden_layers", "layers_per_block",
    "num_res_blocks", "depth", "transformer_layers_per_block", "num_encoder_blocks", "num_decoder_blocks",
    "num_decoder_layers",
})  # fmt: skip


def checked_config(config: Path, tensors: int) -> dict[str, Any]:
    """A component's config.json. `tensors`: how many its weights are; no more layers than those can there be.

    Raises StudioError when it asks to run code of its own, is quantised, or names senseless sizes: building the
    network would then not end, or take all memory.
    """
    value = read_json(config)
    if "auto_map" in value:
        raise StudioError(
            f"{config.name} in {config.parent} asks to run code that came with the model; that is never done.",
            do="Choose a model whose pipeline diffusers knows by itself.",
            code="remote_code",
        )
    if value.get("quantization_config"):
        raise StudioError(
            f"The weights in {config.parent} are quantised (config.json says so), which this version cannot run.",
            do="Choose the same model in fp16, bf16 or fp32.",
            code="quantised_model",
        )
    for name, number in _numbers(value):
        most = min(tensors, _MOST) if name in _REPEATS else _LIMITS.get(name, _MOST)
        if not -1 <= number <= most:
            raise StudioError(
                f"{config.name} in {config.parent} does not fit its weights: {name} is {number}.",
                do="Take config.json and the weights from the same place.",
                code="damaged_model",
            )
    return value


def _numbers(value: Any, name: str = "", deep: int = 0) -> Iterator[tuple[str, int]]:
    """Every whole number in a config, with the name it stands under."""
    if isinstance(value, bool) or deep > 8:
        return
    if isinstance(value, int):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _numbers(inner, str(key), deep + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers(inner, name, deep + 1)
