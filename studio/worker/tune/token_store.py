"""A side's documents as token ids in one flat file of the run's data, read as memory is needed. Numpy only."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from studio.core.files import write_whole


@dataclass(frozen=True)
class TokenStore:
    """N documents (or parts of some): `ids` uint32 (tokens of all,), `starts` int64 (N + 1,), `files` their names."""

    ids: np.ndarray
    starts: np.ndarray
    files: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, number: int) -> np.ndarray:
        return self.ids[self.starts[number] : self.starts[number + 1]]

    @property
    def tokens(self) -> int:
        """Tokens of all documents."""
        return int(self.starts[-1])

    @classmethod
    def of(cls, documents: Iterable[tuple[str, np.ndarray]]) -> "TokenStore":
        """In memory, from names and ids."""
        found = list(documents)
        starts = np.cumsum([0, *(len(ids) for _, ids in found)])
        flat = np.concatenate([ids for _, ids in found]) if found else np.zeros(0)
        return cls(flat.astype("<u4"), starts, tuple(name for name, _ in found))

    @classmethod
    def kept(cls, folder: Path, name: str) -> "TokenStore | None":
        """From a folder; None where it is not there, or not whole."""
        file = folder / f"{name}.u32"
        try:
            listed = (folder / f"{name}.json").read_bytes()
            files, starts = msgspec.json.decode(listed, type=tuple[list[str], list[int]])
            whole = len(starts) == len(files) + 1 and file.stat().st_size == starts[-1] * 4
        except (OSError, msgspec.DecodeError):
            return None
        if not whole:
            return None
        empty: np.ndarray = np.zeros(0, "<u4")
        ids = np.memmap(file, "<u4", mode="r", shape=(starts[-1],)) if starts[-1] else empty
        return cls(ids, np.array(starts, np.int64), tuple(files))

    @classmethod
    def write(cls, folder: Path, name: str, documents: Iterable[tuple[str, np.ndarray]]) -> "TokenStore":
        """Write one document after the other and open it; the list comes last: half a store is none. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        files: list[str] = []
        starts = [0]
        with (folder / f"{name}.u32").open("wb") as stream:
            for file, ids in documents:
                stream.write(ids.astype("<u4").tobytes())
                files.append(file)
                starts.append(starts[-1] + len(ids))
            stream.flush()
            os.fsync(stream.fileno())
        write_whole(folder / f"{name}.json", msgspec.json.encode((files, starts)))
        kept = cls.kept(folder, name)
        if kept is None:
            raise OSError(f"{name}.u32 could not be read back")
        return kept
