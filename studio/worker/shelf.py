"""The models in memory: loads them, keeps the last ones while there is room."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import torch

from studio.catalog.card import ModelCard
from studio.catalog.headers import read_weights
from studio.catalog.inspect import inspect_model
from studio.core.errors import StoppedError, StudioError
from studio.core.events import Event, Loading, Ready
from studio.worker.hashing import Stamp, WeightsHash, stamp
from studio.worker.precision import LARGE, bf16_is_faster
from studio.worker.text.compiled import cache_folder
from studio.worker.text.generic import load_generic
from studio.worker.text.kept import KeptPrompts
from studio.worker.text.llama import LeanLlama, lean_shape, load_lean
from studio.worker.text.maker import TextRunner
from studio.worker.text.model import TextModel, Tick
from studio.worker.text.tokens import TextTokens, load_tokens
from studio.worker.threads import settle_threads

_KEEP_MODELS = 2
_TELL_S = 0.05  # at most this often a Loading event
_MIB = 1024 * 1024
_SPARE_MIB = 300  # left free for the rest of the computer
_SETTINGS = ("config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json")


@dataclass
class _Loaded:
    """A model on the shelf; `stamps` tell whether its files have changed since."""

    stamps: tuple[Stamp, ...]
    runner: TextRunner
    ready: Ready


class Shelf:
    """Loads text models from their folders and keeps up to two. Belongs to the computing thread."""

    def __init__(self, send: Callable[[Event], None]) -> None:
        self._send = send
        self._loaded: dict[str, _Loaded] = {}  # by folder, latest last
        self._hashes: dict[Stamp, str] = {}

    def warm(self, model: str) -> None:
        """Load a model if need be and say that it is ready. Raises StudioError when it cannot be used."""
        loaded, fresh = self._get(model, "", lambda: False)
        if not fresh:
            self._send(loaded.ready)

    def runner(self, model: str, job: str, stopped: Callable[[], bool]) -> TextRunner:
        """The runner of a model, loaded if need be (then Loading and Ready are sent).

        Raises StudioError when it cannot be used, StoppedError when the job was cancelled meanwhile.
        """
        loaded, _ = self._get(model, job, stopped)
        if isinstance(loaded.runner.model, LeanLlama):
            loaded.runner.model.settle_kernel()
        torch.set_num_threads(loaded.runner.threads)
        return loaded.runner

    def desk(self, model: str) -> TextRunner | None:
        """The runner of a model that stands in memory, to look at only: any thread may ask."""
        loaded = self._loaded.get(str(Path(model).expanduser().resolve()))
        return loaded.runner if loaded is not None else None

    def missing_kernels(self) -> str:
        """The number type of the latest model's weights when no compiled step for it has been made yet, else ""."""
        latest = next(reversed(self._loaded.values())).runner.model if self._loaded else None
        return latest.missing_kernels if isinstance(latest, LeanLlama) else ""

    def _get(self, model: str, job: str, stopped: Callable[[], bool]) -> tuple[_Loaded, bool]:
        """The model, and whether it had to be loaded; it becomes the latest one."""
        folder = str(Path(model).expanduser().resolve())
        stamps = _stamps(Path(folder))
        old = self._loaded.pop(folder, None)
        if old is not None and old.stamps == stamps:
            self._loaded[folder] = old
            return old, False
        del old  # its memory must go before the new one comes
        fresh = self._load(folder, job, stopped, stamps)
        self._loaded[folder] = fresh
        self._send(fresh.ready)
        return fresh, True

    def _load(self, folder: str, job: str, stopped: Callable[[], bool], stamps: tuple[Stamp, ...]) -> _Loaded:
        began = time.monotonic()
        card = inspect_model(folder)
        if not card.usable:
            raise StudioError(
                f"The model {card.title} cannot be used yet.", do=card.why_not, code="extra_missing"
            )
        device = "cuda" if torch.cuda.is_available() else "cpu"
        dtype = self._make_room(card, device)
        tick = self._teller(folder, job, stopped)
        tick(0.0)
        single = Path(folder).is_file()
        files = (Path(folder),) if single else read_weights(Path(folder)).files
        hashing = WeightsHash(files, self._hashes)
        threads = settle_threads(card.parameters, os.environ)
        if (
            dtype == torch.float32
            and _worth_a_probe(card, device)
            and bf16_is_faster(cache_folder(), threads)
        ):
            dtype = torch.bfloat16
        model, tokens = _load_file(card, threads, tick) if single else _load_folder(card, device, dtype, tick)
        runner = TextRunner(model, tokens, hashing.result, KeptPrompts(model), threads)
        ready = Ready(
            model=folder,
            family=model.family,
            parameters=model.parameters,
            context_tokens=model.context_tokens,
            fill_in=tokens.fill_in is not None,
            chat=tokens.chat is not None,
            device=model.device,
            dtype=model.dtype,
            seconds=time.monotonic() - began,
        )
        return _Loaded(stamps, runner, ready)

    def _make_room(self, card: ModelCard, device: str) -> torch.dtype:
        """Drop older models until the new one fits; the number type it fits in.

        Raises StudioError when it does not fit at all.
        """
        while len(self._loaded) >= _KEEP_MODELS:
            self._loaded.pop(next(iter(self._loaded)))
        sizes: tuple[tuple[torch.dtype, int], ...]
        if device == "cuda":
            free_mib = torch.cuda.mem_get_info()[0] // _MIB
            sizes = ((torch.bfloat16, 2),)
        else:
            free_mib = psutil.virtual_memory().available // _MIB
            sizes = ((torch.float32, 4), (torch.bfloat16, 2))
        if Path(card.path).is_file():  # used as it stands there
            sizes = ((torch.float32, max(1, round(card.size_bytes / max(card.parameters, 1)))),)
        for dtype, size in sizes:
            need_mib = round(card.parameters * size * 1.1 / _MIB) + _SPARE_MIB
            if need_mib <= free_mib:
                return dtype
            if self._loaded:
                self._loaded.clear()
                return self._make_room(card, device)
        raise StudioError(
            f"The model {card.title} needs about {need_mib} MiB of memory; {free_mib} MiB are free.",
            do="Close other programs or choose a smaller model.",
            code="no_memory",
        )

    def _teller(self, folder: str, job: str, stopped: Callable[[], bool]) -> Tick:
        """Reports progress, and raises StoppedError when the job was cancelled."""
        last = -1.0

        def tick(done: float) -> None:
            nonlocal last
            if stopped():
                raise StoppedError()
            now = time.monotonic()
            if done >= 1.0 or now - last >= _TELL_S:
                last = now
                self._send(Loading(model=folder, done=min(done, 1.0), job=job))

        return tick


def _worth_a_probe(card: ModelCard, device: str) -> bool:
    """Large models that torch computes on a processor; plain Llamas have the compiled step."""
    if device != "cpu" or card.parameters < LARGE or Path(card.path).is_file():
        return False
    config = json.loads((Path(card.path) / "config.json").read_text("utf-8"))
    return lean_shape(config) is None


def _load_folder(
    card: ModelCard, device: str, dtype: torch.dtype, tick: Tick
) -> tuple[TextModel, TextTokens]:
    """The lean path for plain Llamas, transformers for all others."""
    folder = Path(card.path)
    tokens = load_tokens(folder)
    shape = lean_shape(json.loads((folder / "config.json").read_text("utf-8")))
    if shape is not None:
        return load_lean(folder, shape, device, dtype, tick), tokens
    return load_generic(card, device, dtype, tick), tokens


def _load_file(card: ModelCard, threads: int, tick: Tick) -> tuple[TextModel, TextTokens]:
    """A GGUF file, by llama.cpp."""
    from studio.worker.text.gguf import GgufModel
    from studio.worker.text.gguf_tokens import GgufTokens

    model = GgufModel(Path(card.path), card.family, threads, tick)
    return model, GgufTokens(model)


def _stamps(folder: Path) -> tuple[Stamp, ...]:
    """The versions of all files a model is made of; empty for a folder that is not there."""
    if folder.is_file():
        return (stamp(folder),)
    files = [folder / name for name in _SETTINGS] + sorted(folder.glob("*.safetensors"))
    return tuple(stamp(file) for file in files if file.is_file())
