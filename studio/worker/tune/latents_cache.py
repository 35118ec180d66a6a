"""Tensors kept on disk by key: what a VAE and text encoders answer is reckoned once, not at every step."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.files import from_os, write_whole

_SHARD_BYTES: Final = 64 * 2**20
_SHARD_KEYS: Final = 1024
_BETWEEN: Final = "|"  # key and field in a tensor's name


def key_of(*parts: object) -> str:
    """A short key that differs where any of the parts does."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


class TensorCache:
    """Named tensors by key, in shards `KIND-00000.safetensors` that are written whole; damaged ones are dropped.

    What was put is there after `flush`. Read tensors are views of the file, in memory as long as the system likes.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        """Take up what is there. Raises StudioError where the folder cannot be made."""
        self._folder, self._kind = folder, kind
        self._open: list[Any] = []
        self._place: dict[str, tuple[int, list[str]]] = {}
        self._fresh: dict[str, dict[str, Tensor]] = {}
        self._fresh_bytes = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise from_os(error, "make the folder for what the encoders answer") from error
        for shard in sorted(folder.glob(f"{kind}-*.safetensors")):
            self._take_up(shard)
        self._next = max((int(path.stem.rpartition("-")[2]) for path in self._shards()), default=-1) + 1

    def __contains__(self, key: object) -> bool:
        return key in self._place or key in self._fresh

    def __len__(self) -> int:
        return len(self._place) + len(self._fresh)

    def missing(self, keys: Iterable[str]) -> list[str]:
        """Those that are not there, each once, in order."""
        return [key for key in dict.fromkeys(keys) if key not in self]

    def put(self, key: str, tensors: Mapping[str, Tensor]) -> None:
        """Keep tensors under a key. Raises StudioError ("full", ...) when a shard cannot be written."""
        own = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
        self._fresh[key] = own
        self._fresh_bytes += sum(tensor.nbytes for tensor in own.values())
        if self._fresh_bytes >= _SHARD_BYTES or len(self._fresh) >= _SHARD_KEYS:
            self.flush()

    def flush(self) -> None:
        """Write what was put since. Raises StudioError."""
        if not self._fresh:
            return
        named = {
            f"{key}{_BETWEEN}{name}": tensor
            for key, tensors in self._fresh.items()
            for name, tensor in tensors.items()
        }
        shard = self._folder / f"{self._kind}-{self._next:05d}.safetensors"
        try:
            write_whole(shard, save(named))
        except OSError as error:
            raise from_os(
                error, "keep what the encoders answered", "Your pictures are as they were."
            ) from error
        self._next += 1
        self._fresh, self._fresh_bytes = {}, 0
        self._take_up(shard)

    def get(self, key: str) -> dict[str, Tensor]:
        """The tensors of a key. Raises KeyError."""
        if key in self._fresh:
            return self._fresh[key]
        at, names = self._place[key]
        return {name: self._open[at].get_tensor(f"{key}{_BETWEEN}{name}") for name in names}

    def _shards(self) -> list[Path]:
        return sorted(self._folder.glob(f"{self._kind}-*.safetensors"))

    def _take_up(self, shard: Path) -> None:
        try:
            opened = safe_open(shard, framework="pt")
            names = list(opened.keys())
        except (SafetensorError, OSError):
            shard.unlink(missing_ok=True)  # a cache: it is only reckoned again
            return
        self._open.append(opened)
        for name in names:
            key, _, field = name.rpartition(_BETWEEN)
            self._place.setdefault(key, (len(self._open) - 1, []))[1].append(field)


def too_little_left(error: StudioError) -> bool:
    """Whether an error of `put` says that the disk is full: then a run can go on without a cache."""
    return error.code == "full"
