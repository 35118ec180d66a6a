"""A whole picture model written as a pipeline folder of diffusers: what was not trained is copied from the base."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from safetensors.torch import save_file

from studio.catalog.config import read_json
from studio.catalog.headers import TensorInfo, read_header
from studio.catalog.image_folder import HINTS, INDEX, component_files
from studio.core.errors import StudioError
from studio.worker.image.loading import ImageModel, Reading, load_component
from studio.worker.tune.whole import cast, module_dtype, usual_dtype

_CORE_FILE: Final = "diffusion_pytorch_model.safetensors"
_COPIED: Final = (".json", ".txt", ".model", ".jinja", ".safetensors")  # nothing that could be code


def save_pipeline(model: ImageModel, trained: tuple[str, ...], folder: Path) -> None:
    """Write a model with these components trained as a folder that diffusers loads. Raises OSError.

    Trained components are in the number type of the base's files; the others are the base's own files.
    """
    base = Path(model.card.path)
    if base.is_dir():
        for name in (INDEX, HINTS):
            if (base / name).is_file():
                shutil.copyfile(base / name, folder / name)
        for name, part in model.parts.items():
            if part is not None and (base / name).is_dir():
                _copy(base / name, folder / name, weights=name not in trained)
        for name in trained:
            _write(model, name, folder / name, _headers(model, base / name, name))
        return
    pipe = model.any_pipe()
    pipe.save_pretrained(str(folder), safe_serialization=True)
    for name in trained:
        for file in (folder / name).glob("*.safetensors*"):
            file.unlink()
        _write(model, name, folder / name, read_header(base))


def lay_parts(model: ImageModel, folder: Path, names: Iterable[str]) -> None:
    """Put the weights of a pipeline folder's components into a model of the same make. Raises StudioError "adapter"."""
    index = read_json(folder / INDEX)
    for name in names:
        part = model.parts[name]
        library, of = index.get(name) or ("", "")
        if (library, of) != (model.table.parts[name].library, type(part).__name__):
            raise _other_make(model, folder, f"its {name} is a {of}, not a {type(part).__name__}")
        told = Reading(1, lambda _: None)
        other = load_component(library, of, folder / name, "cpu", module_dtype(part), told)
        try:
            part.load_state_dict(other.state_dict())
        except RuntimeError as error:
            raise _other_make(model, folder, str(error).strip().splitlines()[-1].strip()) from error


def _other_make(model: ImageModel, folder: Path, why: str) -> StudioError:
    return StudioError(
        f"{folder.name} is no model of the same make as {model.card.title}: {why.rstrip('.')}.",
        kept="Nothing was changed.",
        do="Choose one that was trained from this model.",
        code="adapter",
    )


def _headers(model: ImageModel, folder: Path, name: str) -> dict[str, TensorInfo]:
    tensors: dict[str, TensorInfo] = {}
    for file in component_files(folder, model.table.parts[name].library):
        tensors |= read_header(file)
    return tensors


def _write(model: ImageModel, name: str, folder: Path, usual: dict[str, TensorInfo]) -> None:
    """A component's weights, whole, in the number type that was usual."""
    part: Any = model.parts[name]
    folder.mkdir(parents=True, exist_ok=True)
    tensors = cast(part.state_dict(), usual_dtype(usual.values()))
    if model.table.parts[name].library == "transformers":
        part.save_pretrained(str(folder), state_dict=tensors)
        return
    if not (folder / "config.json").is_file():
        part.save_config(str(folder))
    save_file(
        {key: value.clone() for key, value in tensors.items()}, folder / _CORE_FILE, metadata={"format": "pt"}
    )


def _copy(source: Path, target: Path, *, weights: bool) -> None:
    """A component's files; without its weights when it was trained."""
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.iterdir()):
        of_weights = ".safetensors" in file.name
        if file.is_file() and file.suffix in _COPIED and (weights or not of_weights):
            shutil.copyfile(file, target / file.name)
