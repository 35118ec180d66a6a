"""The models in memory, of all kinds: loads them, keeps the last ones while there is room."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from msgspec.structs import replace

from studio.catalog.card import ModelKind
from studio.catalog.inspect import inspect_model
from studio.core.errors import StoppedError, StudioError
from studio.core.events import Event, Loading, Ready
from studio.worker.causal.llama import LeanLlama
from studio.worker.causal.model import Tick
from studio.worker.hashing import Stamp
from studio.worker.makers import Asked, make, stamps_of, wrong_kind
from studio.worker.room import device_here, fitting, too_large
from studio.worker.text.maker import TextRunner

if TYPE_CHECKING:
    from studio.worker.image.runner import ImageRunner
    from studio.worker.music.runner import MusicRunner


_KEEP_MODELS = 2  # of each kind
_TELL_S = 0.05  # at most this often a Loading event


@dataclass
class _Loaded:
    """A model on the shelf; `stamps` tell whether its files have changed since."""

    kind: ModelKind
    stamps: tuple[Stamp, ...]
    runner: "TextRunner | ImageRunner | MusicRunner"
    ready: Ready

    @property
    def text(self) -> TextRunner | None:
        """Its runner when it is a language model."""
        return self.runner if isinstance(self.runner, TextRunner) else None

    def close(self) -> None:
        """Let go of what a runner holds outside of its model."""
        if not isinstance(self.runner, TextRunner):
            self.runner.close()


class Shelf:
    """Loads models from their folders and keeps up to two of each kind. Belongs to the computing thread."""

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
        """The runner of a language model, loaded if need be (then Loading and Ready are sent).

        Raises StudioError when it cannot be used, StoppedError when the job was cancelled meanwhile.
        """
        runner: TextRunner = self._runner("text", model, job, stopped)
        if isinstance(runner.model, LeanLlama):
            runner.model.settle_kernel()
        return runner

    def painter(self, model: str, job: str, stopped: Callable[[], bool]) -> "ImageRunner":
        """The same for a picture model."""
        runner: ImageRunner = self._runner("image", model, job, stopped)
        return runner

    def composer(self, model: str, job: str, stopped: Callable[[], bool]) -> "MusicRunner":
        """The same for a model of notes."""
        runner: MusicRunner = self._runner("music", model, job, stopped)
        if isinstance(runner.model, LeanLlama):
            runner.model.settle_kernel()
        return runner

    def _runner(self, kind: ModelKind, model: str, job: str, stopped: Callable[[], bool]) -> Any:
        loaded, _ = self._get(model, job, stopped)
        if loaded.kind != kind:
            raise wrong_kind(Path(model).name, wanted=kind)
        torch.set_num_threads(loaded.runner.threads)
        return loaded.runner

    def desk(self, model: str) -> TextRunner | None:
        """The runner of a language model that stands in memory, to look at only: any thread may ask."""
        loaded = self._loaded.get(str(Path(model).expanduser().resolve()))
        return loaded.text if loaded is not None else None

    def missing_kernels(self) -> str:
        """The number type of the latest model's weights when no compiled step for it has been made yet, else ""."""
        latest = next(reversed(self._loaded.values())).runner if self._loaded else None
        model = getattr(latest, "model", None)
        return model.missing_kernels if isinstance(model, LeanLlama) else ""

    def _get(self, model: str, job: str, stopped: Callable[[], bool]) -> tuple[_Loaded, bool]:
        """The model, and whether it had to be loaded; it becomes the latest one."""
        folder = str(Path(model).expanduser().resolve())
        stamps = stamps_of(Path(folder))
        latest = next(reversed(self._loaded), "")
        old = self._loaded.pop(folder, None)
        if old is not None and old.stamps == stamps:
            self._loaded[folder] = old
            if latest != folder:
                self._send(old.ready)  # the window says which model is at work
            return old, False
        if old is not None:
            old.close()
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
        if card.kind not in ("text", "image", "music"):
            raise StudioError(
                f"{card.title} is no model that makes something by itself.",
                do="Choose a model; this one is laid over another.",
                code="wrong_kind",
            )
        device = device_here()
        same = [path for path, loaded in self._loaded.items() if loaded.kind == card.kind]
        for path in same[: max(0, len(same) - _KEEP_MODELS + 1)]:
            self._drop(path)
        while (dtype := fitting(card, device)) is None and self._loaded:
            self._drop(next(iter(self._loaded)))
        if dtype is None:
            raise too_large(card, device)
        runner, ready = make(Asked(card, device, dtype, self._teller(folder, job, stopped), self._hashes))
        return _Loaded(
            card.kind, stamps, runner, replace(ready, model=folder, seconds=time.monotonic() - began)
        )

    def _drop(self, folder: str) -> None:
        """Take a model off the shelf; its memory is free after that."""
        self._loaded.pop(folder).close()
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

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
