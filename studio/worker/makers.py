"""From a model's card to what makes takes with it: a text, a picture or a music runner."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from msgspec.structs import replace

from studio.catalog.adapter_note import NOTE_NAME
from studio.catalog.adapters import WEIGHTS
from studio.catalog.card import ModelCard
from studio.catalog.headers import read_weights
from studio.catalog.image_adapters import PEFT_CONFIG
from studio.catalog.music import DESCRIPTION
from studio.core.adapter import Adapter, AtWork
from studio.core.errors import StudioError
from studio.core.events import Ready
from studio.worker.causal.adapted import Overlay
from studio.worker.causal.compiled import cache_folder
from studio.worker.causal.generic import GenericModel, load_generic
from studio.worker.causal.kept import KeptPrompts
from studio.worker.causal.llama import LeanLlama, load_lean
from studio.worker.causal.llama_shape import lean_shape
from studio.worker.causal.model import CausalModel, Tick
from studio.worker.hashing import Stamp, WeightsHash, stamp
from studio.worker.precision import LARGE, bf16_is_faster, bf16_multiplies_faster
from studio.worker.text.maker import TextRunner
from studio.worker.text.tokens import TextTokens, load_tokens
from studio.worker.threads import settle_threads

if TYPE_CHECKING:
    from studio.worker.image.runner import ImageRunner
    from studio.worker.music.runner import MusicRunner

_DOES: Final = {"text": "write text", "image": "draw pictures", "music": "write music"}
_SETTINGS = (
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "generation_config.json",
    DESCRIPTION,
    PEFT_CONFIG,
    NOTE_NAME,
)


@dataclass(frozen=True)
class Asked:
    """How a model is to be loaded."""

    card: ModelCard
    device: str
    dtype: torch.dtype
    tick: Tick
    known: dict[Stamp, str]  # hashes of files, filled
    adapters: AtWork = ()
    overlay: Overlay | None = None  # what they change
    beside: "TextRunner | MusicRunner | None" = None  # one of the same model whose own weights are to be used


def make(asked: Asked) -> tuple["TextRunner | ImageRunner | MusicRunner", Ready]:
    """Load it. Raises StudioError when it cannot be used, StoppedError when `tick` does."""
    asked.tick(0.0)
    match asked.card.kind:
        case "image":
            return make_picture(asked)
        case "music":
            return make_music(asked)
        case _:
            return make_text(asked)


def make_text(asked: Asked) -> tuple[TextRunner, Ready]:
    """A language model."""
    card, dtype = asked.card, asked.dtype
    path = Path(card.path)
    single = path.is_file()
    hashing = WeightsHash((path,) if single else read_weights(path).files, asked.known)
    threads = settle_threads(card.parameters, os.environ)
    if (
        dtype == torch.float32
        and _worth_a_probe(card, asked.device)
        and bf16_is_faster(cache_folder(), threads)
    ):
        dtype = torch.bfloat16
    load = _load_file(card, threads, asked.tick) if single else None
    model, tokens = load or _load_folder(asked, dtype)
    runner = TextRunner(model, tokens, hashing.result, KeptPrompts(model), threads, *_laid(asked))
    ready = _ready(card, model)
    return runner, replace(ready, fill_in=tokens.fill_in is not None, chat=tokens.chat is not None)


def make_picture(asked: Asked) -> tuple["ImageRunner", Ready]:
    """A picture model. (Imports diffusers: seconds, the first time.)"""
    from studio.catalog.image_folder import weight_files
    from studio.worker.image.loading import load_image
    from studio.worker.image.runner import ImageRunner

    card, dtype = asked.card, asked.dtype
    hashing = WeightsHash(weight_files(Path(card.path)), asked.known)
    threads = settle_threads(card.parameters, os.environ, drawing=True)
    if dtype == torch.float32 and asked.device == "cpu" and card.parameters >= LARGE:
        dtype = torch.bfloat16 if bf16_multiplies_faster(cache_folder(), threads) else dtype
    model = load_image(card, asked.device, dtype, asked.tick)
    runner = ImageRunner(model, hashing.result, threads, cache_folder().parent / "previews")
    return runner, Ready(
        model=card.path,
        family=model.family,
        parameters=model.parameters,
        device=model.device,
        dtype=str(model.dtype).removeprefix("torch."),
        seconds=0.0,
    )


def make_music(asked: Asked) -> tuple["MusicRunner", Ready]:
    """A model of notes."""
    from studio.worker.music.runner import MusicRunner

    card = asked.card
    hashing = WeightsHash(read_weights(Path(card.path)).files, asked.known)
    threads = settle_threads(card.parameters, os.environ)
    model = _load_model(asked, asked.dtype)
    drums = not card.modes["drums"]
    runner = MusicRunner(model, hashing.result, KeptPrompts(model), threads, drums, *_laid(asked))
    return runner, _ready(card, model)


def _ready(card: ModelCard, model: CausalModel) -> Ready:
    return Ready(
        model=card.path,
        family=model.family,
        parameters=model.parameters,
        context_tokens=model.context_tokens,
        device=model.device,
        dtype=model.dtype,
        seconds=0.0,
    )


def stamps_of(path: Path) -> tuple[Stamp, ...]:
    """The versions of all files a model is made of; empty for a folder that is not there."""
    if path.is_file():
        return (stamp(path),)
    files = [path / name for name in _SETTINGS] + sorted(path.glob("*.safetensors"))
    if (path / "model_index.json").is_file():
        files += [
            path / "model_index.json",
            *sorted(path.glob("*/*.json")),
            *sorted(path.glob("*/*.safetensors")),
        ]
    return tuple(stamp(file) for file in files if file.is_file())


def wrong_kind(card_title: str, *, wanted: str) -> StudioError:
    """What the person is told when a model of another kind was named."""
    return StudioError(
        f"The model {card_title} cannot {_DOES[wanted]}: it was made for something else.",
        do="Choose another model.",
        code="wrong_kind",
    )


def _worth_a_probe(card: ModelCard, device: str) -> bool:
    """Large models that torch computes on a processor; plain Llamas have the compiled step."""
    if device != "cpu" or card.parameters < LARGE or Path(card.path).is_file():
        return False
    config = json.loads((Path(card.path) / "config.json").read_text("utf-8"))
    return lean_shape(config) is None


def _laid(asked: Asked) -> tuple[AtWork, Callable[[Sequence[Adapter]], tuple[str, ...]]]:
    return asked.adapters, partial(adapter_hashes, known=asked.known)


def _load_folder(asked: Asked, dtype: torch.dtype) -> tuple[CausalModel, TextTokens]:
    beside = asked.beside
    tokens = beside.tokens if isinstance(beside, TextRunner) else load_tokens(Path(asked.card.path))
    return _load_model(asked, dtype), tokens


def _load_model(asked: Asked, dtype: torch.dtype) -> CausalModel:
    """The lean path for plain Llamas, transformers for all others; on weights in memory where there are some."""
    folder, overlay = Path(asked.card.path), asked.overlay
    model = asked.beside.model if asked.beside is not None else None
    if isinstance(model, LeanLlama) and overlay is not None and not overlay.weighed:
        with torch.inference_mode():
            return model.begun_with(overlay.soft)
    if isinstance(model, GenericModel) and overlay is not None:
        return model.laid(overlay)
    shape = lean_shape(json.loads((folder / "config.json").read_text("utf-8")))
    if shape is not None:
        return load_lean(folder, shape, asked.device, dtype, asked.tick, overlay)
    loaded = load_generic(asked.card, asked.device, dtype, asked.tick)
    return loaded.laid(overlay) if overlay is not None else loaded


def adapter_hashes(adapters: Sequence[Adapter], known: dict[Stamp, str]) -> tuple[str, ...]:
    """The SHA-256 of each one's weights file, in order; "" of one with weight 0 that is gone. Raises OSError."""
    files = [Path(adapter.path).expanduser().resolve() / WEIGHTS for adapter in adapters]
    return tuple(WeightsHash((file,), known).result() if file.is_file() else "" for file in files)


def _load_file(card: ModelCard, threads: int, tick: Tick) -> tuple[CausalModel, TextTokens]:
    """A GGUF file, by llama.cpp."""
    from studio.worker.text.gguf import GgufModel
    from studio.worker.text.gguf_tokens import GgufTokens

    model = GgufModel(Path(card.path), card.family, threads, tick)
    return model, GgufTokens(model)
