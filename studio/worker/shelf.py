"""The models in memory, of all kinds: loads them, keeps the last ones while there is room."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from msgspec.structs import replace

from studio.catalog.card import ModelCard, ModelKind
from studio.catalog.headers import read_weights
from studio.catalog.inspect import inspect_model
from studio.core.adapter import Adapter, AtWork, at_work
from studio.core.errors import StoppedError, StudioError
from studio.core.events import Event, Loading, Ready
from studio.worker.causal.adapted import Overlay, check_adapters, read_overlay
from studio.worker.causal.generic import GenericModel
from studio.worker.causal.llama import LeanLlama
from studio.worker.causal.model import Tick
from studio.worker.hashing import Stamp, WeightsHash
from studio.worker.makers import Asked, make, stamps_of, wrong_kind
from studio.worker.room import device_here, fitting, too_large
from studio.worker.text.maker import TextRunner

if TYPE_CHECKING:
    from studio.worker.image.runner import ImageRunner
    from studio.worker.music.runner import MusicRunner


_KEEP_MODELS = 2  # of each kind
_TELL_S = 0.05  # at most this often a Loading event


@dataclass(frozen=True)
class _Name:
    """Which model, and what is laid over its weights."""

    folder: str
    adapters: AtWork = ()

    @classmethod
    def of(cls, model: str, adapters: Sequence[Adapter] = ()) -> "_Name":
        return cls(str(Path(model).expanduser().resolve()), at_work(adapters))


@dataclass
class _Loaded:
    """A model on the shelf; `stamps` tell whether its files have changed since, `weighed` whether its weights are
    others than the model's own.
    """

    kind: ModelKind
    stamps: tuple[Stamp, ...]
    runner: "TextRunner | ImageRunner | MusicRunner"
    ready: Ready
    weighed: bool = False

    @property
    def text(self) -> TextRunner | None:
        """Its runner when it is a language model."""
        return self.runner if isinstance(self.runner, TextRunner) else None

    def close(self) -> None:
        """Let go of what a runner holds outside of its model."""
        if not isinstance(self.runner, TextRunner):
            self.runner.close()


class Shelf:
    """Loads models from their folders and keeps up to two of each kind, at most one of them with changed weights of
    the same model. Belongs to the computing thread.
    """

    def __init__(self, send: Callable[[Event], None]) -> None:
        self._send = send
        self._loaded: dict[_Name, _Loaded] = {}  # latest last
        self._hashes: dict[Stamp, str] = {}

    def warm(self, model: str) -> None:
        """Load a model if need be and say that it is ready. Raises StudioError when it cannot be used."""
        loaded, fresh = self._get(_Name.of(model), "", lambda: False)
        if not fresh:
            self._send(loaded.ready)

    def runner(
        self, model: str, job: str, stopped: Callable[[], bool], adapters: Sequence[Adapter] = ()
    ) -> TextRunner:
        """The runner of a language model with these adapters laid on, loaded if need be (then Loading and Ready are
        sent). Weight 0 is none; another weight does not read the model's files again but where its own weights are
        not in memory any more.

        Raises StudioError when it cannot be used, StoppedError when the job was cancelled meanwhile.
        """
        runner: TextRunner = self._runner("text", _Name.of(model, adapters), job, stopped)
        if isinstance(runner.model, LeanLlama):
            runner.model.settle_kernel()
        return runner

    def painter(self, model: str, job: str, stopped: Callable[[], bool]) -> "ImageRunner":
        """The same for a picture model."""
        runner: ImageRunner = self._runner("image", _Name.of(model), job, stopped)
        return runner

    def composer(
        self, model: str, job: str, stopped: Callable[[], bool], adapters: Sequence[Adapter] = ()
    ) -> "MusicRunner":
        """The same as `runner` for a model of notes."""
        runner: MusicRunner = self._runner("music", _Name.of(model, adapters), job, stopped)
        if isinstance(runner.model, LeanLlama):
            runner.model.settle_kernel()
        return runner

    def _runner(self, kind: ModelKind, name: _Name, job: str, stopped: Callable[[], bool]) -> Any:
        loaded, _ = self._get(name, job, stopped)
        if loaded.kind != kind:
            raise wrong_kind(Path(name.folder).name, wanted=kind)
        torch.set_num_threads(loaded.runner.threads)
        return loaded.runner

    def desk(self, model: str, adapters: Sequence[Adapter] = ()) -> TextRunner | None:
        """The runner of a language model that stands in memory, to look at only: any thread may ask."""
        loaded = self._loaded.get(_Name.of(model, adapters))
        return loaded.text if loaded is not None else None

    def missing_kernels(self) -> str:
        """The number type of the latest model's weights when no compiled step for it has been made yet, else ""."""
        latest = next(reversed(self._loaded.values())).runner if self._loaded else None
        model = getattr(latest, "model", None)
        return model.missing_kernels if isinstance(model, LeanLlama) else ""

    def _get(self, name: _Name, job: str, stopped: Callable[[], bool]) -> tuple[_Loaded, bool]:
        """The model, and whether it had to be loaded; it becomes the latest one."""
        own = stamps_of(Path(name.folder))
        stamps = own + tuple(one for path, _ in name.adapters for one in stamps_of(Path(path)))
        latest = next(reversed(self._loaded), None)
        old = self._loaded.pop(name, None)
        if old is not None and old.stamps == stamps:
            self._loaded[name] = old
            if latest != name:
                self._send(old.ready)  # the window says which model is at work
            return old, False
        if old is not None:
            old.close()
        del old  # its memory must go before the new one comes
        fresh = self._load(name, job, stopped, stamps, own)
        self._loaded[name] = fresh
        self._send(fresh.ready)
        return fresh, True

    def _load(
        self,
        name: _Name,
        job: str,
        stopped: Callable[[], bool],
        stamps: tuple[Stamp, ...],
        own: tuple[Stamp, ...],
    ) -> _Loaded:
        """Load it; `own` are the stamps of the model's own files."""
        began = time.monotonic()
        card = _usable(name.folder)
        device, tick = device_here(), self._teller(name.folder, job, stopped)
        overlay = self._overlay(card, name.adapters)
        weighed = overlay is not None and bool(overlay.weighed)
        beside = self._beside(name.folder, own, weighed) if overlay is not None else None
        same = [one for one, loaded in self._loaded.items() if loaded.kind == card.kind]
        for one in same[: max(0, len(same) - _KEEP_MODELS + 1)]:
            self._drop(one)
        dtype: torch.dtype | None = torch.float32
        while beside is None and (dtype := fitting(card, device)) is None and self._loaded:
            self._drop(next(iter(self._loaded)))
        if dtype is None:
            raise too_large(card, device)
        runner, ready = make(Asked(card, device, dtype, tick, self._hashes, name.adapters, overlay, beside))
        ready = replace(ready, model=name.folder, seconds=time.monotonic() - began)
        return _Loaded(card.kind, stamps, runner, ready, weighed)

    def _overlay(self, card: ModelCard, adapters: AtWork) -> Overlay | None:
        """What they make of the model; None without any. Raises StudioError for one that does not fit."""
        if not adapters:
            return None

        def sha256() -> str:
            return WeightsHash(read_weights(Path(card.path)).files, self._hashes).result()

        return read_overlay(check_adapters(adapters, card, sha256), card.family)

    def _beside(
        self, folder: str, own: tuple[Stamp, ...], weighed: bool
    ) -> "TextRunner | MusicRunner | None":
        """A runner of the same files whose weights can be used: the plain one's where only tokens are laid before it.

        Where weights change, the one with other changes goes off the shelf, and is used where its own weights can be
        put back.
        """
        for name, loaded in list(self._loaded.items()):
            if name.folder != folder or loaded.weighed != weighed:
                continue
            runner = loaded.runner
            fresh = loaded.stamps[: len(own)] == own
            if weighed:
                self._drop(name)
            if fresh and (not weighed or isinstance(getattr(runner, "model", None), GenericModel)):
                return cast("TextRunner | MusicRunner", runner)
        return None

    def _drop(self, name: _Name) -> None:
        """Take a model off the shelf; its memory is free after that."""
        self._loaded.pop(name).close()
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


def _usable(folder: str) -> ModelCard:
    """The card of a model that makes something by itself. Raises StudioError."""
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
    return card
