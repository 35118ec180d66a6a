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
from studio.worker.text.generic import load_generic
from studio.worker.text.kept import KeptPrompts
from studio.worker.text.llama import lean_shape, load_lean
from studio.worker.text.maker import TextRunner
from studio.worker.text.model import TextModel, Tick
from studio.worker.text.tokens import load_tokens
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
        torch.set_num_threads(loaded.runner.threads)
        return loaded.runner

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
        device = "cuda" if torch.cuda.is_available() else "cpu"
        dtype = self._make_room(card, device)
        tick = self._teller(folder, job, stopped)
        tick(0.0)
        hashing = WeightsHash(read_weights(Path(folder)).files, self._hashes)
        threads = settle_threads(card.parameters, os.environ)
        tokens = load_tokens(Path(folder))
        model = _load_model(card, device, dtype, tick)
        runner = TextRunner(model, tokens, hashing.result, KeptPrompts(model), threads)
        ready = Ready(
            model=folder,
            family=model.family,
            parameters=model.parameters,
            context_tokens=model.context_tokens,
            fill_in=tokens.fill_in is not None,
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


def _load_model(card: ModelCard, device: str, dtype: torch.dtype, tick: Tick) -> TextModel:
    """The lean path for plain Llamas, transformers for all others."""
    folder = Path(card.path)
    shape = lean_shape(json.loads((folder / "config.json").read_text("utf-8")))
    if shape is not None:
        return load_lean(folder, shape, device, dtype, tick)
    return load_generic(card, device, dtype, tick)


def _stamps(folder: Path) -> tuple[Stamp, ...]:
    """The versions of all files a model is made of; empty for a folder that is not there."""
    files = [folder / name for name in _SETTINGS] + sorted(folder.glob("*.safetensors"))
    return tuple(stamp(file) for file in files if file.is_file())
