"""Loads an image model: component by component, so that progress is told and a cancel is heard all the way."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from studio.catalog.card import ModelCard
from studio.catalog.config import read_json
from studio.catalog.image_families import FAMILIES, Family
from studio.catalog.image_folder import component_files, is_tokenizer
from studio.core.errors import StudioError
from studio.core.pictures import Mode
from studio.worker.hashing import Stamp
from studio.worker.image.components import class_of, empty_model, fill_from_files, quiet

Tick = Callable[[float], None]  # told 0..1 while loading; raises StoppedError when the job was cancelled
_SWITCHES: dict[str, dict[str, Any]] = {
    "StableDiffusion": {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False},
    "StableDiffusionXL": {"add_watermarker": False},
}


@dataclass(frozen=True)
class LaidAdapter:
    """An adapter that lies over a model: its name there, its file's hash and version."""

    name: str
    sha256: str
    stamp: Stamp


class ImageModel:
    """An image model in memory: its components, and a pipeline of diffusers for each mode that share them."""

    def __init__(self, card: ModelCard, parts: dict[str, Any], device: str, dtype: torch.dtype) -> None:
        self.card = card
        self.device = device
        self.dtype = dtype
        self.family = card.family
        self.parts = parts
        self.controls: Any = None  # the control nets in use, as one; see extras
        self.controls_used = 0
        self.loaded_controls: dict[str, Any] = {}
        self.reference: Any = None  # the reference adapter in use, see extras
        self.adapters: dict[str, LaidAdapter] = {}  # by file: what is laid over it, see adapters
        self._pipes: dict[tuple[str, bool], Any] = {}

    @property
    def table(self) -> Family:
        """The row of its family."""
        return FAMILIES[self.family]

    @property
    def core(self) -> Any:
        """The UNet or transformer."""
        return self.parts[self.table.core]

    @property
    def vae(self) -> Any:
        """The VAE."""
        return self.parts["vae"]

    @property
    def scheduler(self) -> Any:
        """The scheduler the model came with; jobs make their own from its config."""
        return self.parts["scheduler"]

    @property
    def parameters(self) -> int:
        """Numbers in all components together."""
        return self.card.parameters

    def pipe(self, mode: Mode, control: bool = False) -> Any:
        """The pipeline for a mode; all of them share the components. Enlarging goes on from pictures.

        What diffusers' `from_pipe` does, but for its cast of everything to one number type: parts that must stay
        float32 stay it. Raises StudioError when the family can't.
        """
        mode = "image" if mode == "upscale" else mode
        why = self.card.modes.get(mode, "")
        if why:
            raise StudioError(f"{self.card.title}: {why}", do="Choose another model.", code="cannot")
        if control and self.controls is None:
            raise StudioError("No control net is loaded.", do="Choose a control net.", code="cannot")
        if control and self.controls_used > 1 and mode not in self.table.several_controls:
            raise StudioError(
                f"{self.table.title} models can follow only one control picture in this mode.",
                do="Take the others off, or choose another mode or model.",
                code="cannot",
            )
        name = self._class_name(mode, control)
        if (name, control) not in self._pipes:
            self._pipes[name, control] = self._build(name, control)
        return self._pipes[name, control]

    def follow(self, controls: Any, number: int) -> None:
        """Have these control nets, as one network, in all pipelines that follow some; None lets go of them."""
        self.controls, self.controls_used = controls, number
        for (_name, control), pipe in self._pipes.items():
            if control:
                pipe.controlnet = controls

    def any_pipe(self) -> Any:
        """A pipeline: what is laid over the components in it lies over those of all others."""
        return self.pipe(next(mode for mode in self.table.pipelines if not self.card.modes.get(mode)))

    def share_reference(self) -> None:
        """Every pipeline has the image encoder of the reference adapter in use, or none."""
        for pipe in self._pipes.values():
            self._give_encoder(pipe)

    def _give_encoder(self, pipe: Any) -> None:
        if "image_encoder" in pipe.config:
            encoder = self.reference.encoder if self.reference else None
            extractor = self.reference.extractor if self.reference else None
            pipe.register_modules(image_encoder=encoder, feature_extractor=extractor)

    def close(self) -> None:
        """Let go of everything; its memory comes back."""
        for pipe in self._pipes.values():
            pipe.maybe_free_model_hooks()
        self._pipes.clear()
        self.parts = {}
        self.controls = self.reference = None
        self.loaded_controls = {}
        gc.collect()
        if self.device != "cpu":
            torch.cuda.empty_cache()

    def _class_name(self, mode: Mode, control: bool) -> str:
        names = self.table.control_pipelines if control else self.table.pipelines
        if mode not in names:
            what = "follow a control picture in this mode" if control else "do that"
            raise StudioError(
                f"{self.table.title} models can't {what}.", do="Choose another mode or model.", code="cannot"
            )
        return names[mode]

    def _build(self, name: str, control: bool) -> Any:
        parts = {key: part for key, part in self.parts.items() if key != "scheduler"}
        scheduler = type(self.scheduler).from_config(self.scheduler.config)
        nets = {"controlnet": self.controls} if control else {}
        stem = self.table.pipelines["text"].removesuffix("Pipeline")
        pipe = class_of("diffusers", name)(**parts, **nets, **_SWITCHES.get(stem, {}), scheduler=scheduler)
        pipe.set_progress_bar_config(disable=True)
        self._give_encoder(pipe)
        return pipe


def load_image(card: ModelCard, device: str, dtype: torch.dtype, tick: Tick) -> ImageModel:
    """Read an image model; no network, no pickle, no foreign code.

    `card` is what `inspect_model` said of it. Raises StudioError when it cannot be built, StoppedError when the job
    was cancelled meanwhile.
    """
    quiet()
    tick(0.0)
    if Path(card.path).is_file():
        from studio.worker.image.single_file import load_checkpoint

        parts = load_checkpoint(card, device, dtype, tick)
    else:
        parts = load_folder(card, device, dtype, tick)
    model = ImageModel(card, parts, device, dtype)
    tick(1.0)
    return model


class Reading:
    """How far a load is: tells it in bytes read, and hears a cancel."""

    def __init__(self, size_bytes: int, tick: Tick) -> None:
        self._size_bytes = max(size_bytes, 1)
        self._read_bytes = 0
        self._tick = tick

    def told(self, read_bytes: int) -> None:
        """So many bytes more were read. Raises StoppedError."""
        self._read_bytes += read_bytes
        self._tick(min(0.99, self._read_bytes / self._size_bytes))


def load_folder(card: ModelCard, device: str, dtype: torch.dtype, tick: Tick) -> dict[str, Any]:
    """The components of a diffusers folder, by name."""
    folder = Path(card.path)
    index = read_json(folder / "model_index.json")
    reading = Reading(card.size_bytes, tick)
    parts: dict[str, Any] = {}
    for name in FAMILIES[card.family].parts:
        library, of = index.get(name) or ("", None)
        if of is None:
            parts[name] = None
        elif name == "scheduler" or is_tokenizer(name):
            parts[name] = load_small(library, of, folder / name)
        else:
            parts[name] = load_component(library, of, folder / name, device, dtype, reading)
        reading.told(0)
    return parts


def load_component(
    library: str, name: str, folder: Path, device: str, dtype: torch.dtype, reading: Reading
) -> torch.nn.Module:
    """A network from its folder."""
    model = empty_model(library, name, read_json(folder / "config.json"), folder)
    fill_from_files(model, component_files(folder, library), device, dtype, reading.told)
    return model


def load_small(library: str, name: str, folder: Path, **settings: Any) -> Any:
    """A scheduler or tokenizer from its folder. Raises StudioError when its files are damaged."""
    try:
        return class_of(library, name).from_pretrained(folder, local_files_only=True, **settings)
    except Exception as error:  # tokenizers raises plain Exception for a damaged file
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise StudioError(
            f"The files in {folder} could not be read: {first}",
            do="Copy or download the folder again.",
            code="damaged_model",
        ) from error
