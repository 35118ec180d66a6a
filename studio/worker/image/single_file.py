"""Loads a checkpoint file: each component's tensors are read, renamed by diffusers' converters, and put in place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.catalog.card import ModelCard
from studio.catalog.headers import read_header
from studio.catalog.image_families import FAMILIES, Family
from studio.catalog.image_file import CORE_PREFIX, core_tensors, prefixes_of
from studio.catalog.image_folder import is_tokenizer
from studio.catalog.image_layout import Layout, layout_of
from studio.core.errors import StudioError
from studio.worker.image.components import class_of, empty_model, fill_from_tensors
from studio.worker.image.loading import Reading, Tick, load_component, load_small
from studio.worker.image.tensor_file import TensorFile

_PADDING = ("pad_token", "model_max_length")


def load_checkpoint(card: ModelCard, device: str, dtype: torch.dtype, tick: Tick) -> dict[str, Any]:
    """The components of a checkpoint file; those it lacks come from the folders the card names.

    Their configs are the layouts that came with the program: nothing is fetched. Raises StudioError when tensors are
    missing or not of the family's sizes.
    """
    file = Path(card.path)
    family = FAMILIES[card.family]
    tensors = read_header(file)
    layout = layout_of(family, tensors, file)
    index = layout.index
    reading = Reading(card.size_bytes, tick)
    parts: dict[str, Any] = {}
    for name in family.parts:
        library, of = index[name]
        if name == "scheduler":
            config = layout.config(name)
            parts[name] = class_of(library, config["_class_name"]).from_config(config)
        elif name in card.parts:
            parts[name] = _from_elsewhere(
                name, library, of, Path(card.parts[name]), layout, device, dtype, reading
            )
        else:
            names = _names(tensors, family, name)
            parts[name] = (
                _from_file(file, names, family, name, layout, device, dtype, reading) if names else None
            )
        reading.told(0)
    return parts


def _from_elsewhere(
    name: str,
    library: str,
    of: str,
    folder: Path,
    layout: Layout,
    device: str,
    dtype: torch.dtype,
    reading: Reading,
) -> Any:
    """A component that lies in another model's folder. The words of a tokenizer are shared, its padding is not."""
    if is_tokenizer(name):
        settings = layout.tokenizer_settings(name, folder)
        return load_small(library, of, folder, **{key: settings[key] for key in _PADDING if key in settings})
    return load_component(library, of, folder, device, dtype, reading)


def _names(tensors: dict[str, Any], family: Family, component: str) -> list[str]:
    """A component's tensors in the file."""
    if component == family.core:
        return list(core_tensors(tensors, family))
    starts = prefixes_of(family, component)
    return [name for name in tensors if starts and name.startswith(starts)]


def _from_file(
    file: Path, names: list[str], family: Family, component: str, layout: Layout, device: str, dtype: torch.dtype,
    reading: Reading,
) -> torch.nn.Module:  # fmt: skip
    """A component whose tensors are in the file. They are read first, one by one, then renamed in memory."""
    library, of = layout.index[component]
    config = layout.config(component)
    model = empty_model(library, of, config, file)
    tensors: dict[str, Tensor] = {}
    with TensorFile(file) as weights:
        for name in names:
            tensors[name] = weights.read(name, reading.told)
    try:
        named = _renamed(model, tensors, family, component, of, config)
    except (KeyError, IndexError, ValueError, RuntimeError) as error:
        raise StudioError(
            f"{file.name} could not be read as a {family.title} checkpoint: its {component} is not complete ({error}).",
            do="Copy or download the file again.",
            code="damaged_model",
        ) from error
    fill_from_tensors(model, named, file, device, dtype, reading.told)
    return model


def _renamed(
    model: torch.nn.Module, tensors: dict[str, Tensor], family: Family, component: str, of: str, config: Any
) -> dict[str, Tensor]:
    """The tensors under the names that the component's own class has for them."""
    from diffusers.loaders.single_file_model import SINGLE_FILE_LOADABLE_CLASSES
    from diffusers.loaders.single_file_utils import convert_open_clip_checkpoint

    if component == family.core:
        stripped = {name.removeprefix(CORE_PREFIX): tensor for name, tensor in tensors.items()}
        if set(model.state_dict()) <= set(stripped):
            return stripped
    if component in (family.core, "vae"):
        convert: Callable[..., dict[str, Tensor]] = SINGLE_FILE_LOADABLE_CLASSES[of]["checkpoint_mapping_fn"]
        return convert(config=config, checkpoint=tensors)
    start = next(start for start in prefixes_of(family, component) if next(iter(tensors)).startswith(start))
    if start.endswith(".model."):  # OpenCLIP's own names
        named: dict[str, Tensor] = convert_open_clip_checkpoint(model, tensors, prefix=start)
        return named
    named = {name.removeprefix(start): tensor for name, tensor in tensors.items()}
    if family.name == "sd3" and component == "text_encoder" and "text_projection.weight" not in named:
        named["text_projection.weight"] = torch.eye(config["projection_dim"])  # left out of such files
    return named
