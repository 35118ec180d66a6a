"""What a weights file is called by its contents, in each way other programs count: read once a file, then kept."""

import hashlib
import json
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from studio.catalog.image_adapters import lora_file
from studio.core.errors import StoppedError

_PIECE_BYTES: Final = 4 << 20
_HEADER_MOST: Final = 100 << 20
_SUFFIX: Final = ".safetensors"


class FileHashes:
    """Remembers in `file` (JSON) what it computed, until size or time of a weights file change. For one thread."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, list[Any]] | None = None

    def of(self, path: str, stopped: Callable[[], bool] = lambda: False) -> tuple[str, ...]:
        """The SHA-256 of the file, of its tensors alone (AUTOMATIC1111's and Civitai's "AutoV3"), and the one its
        trainer wrote into it (kohya's), in small letters; of a folder those of the LoRA in it.

        Nothing for what cannot be read. Raises StoppedError when `stopped` says so.
        """
        with suppress(OSError, ValueError, struct.error):
            weights = lora_file(Path(path).expanduser()) or Path(path)
            state = weights.stat()
            stamp = [state.st_size, state.st_mtime_ns]
            known = self._read()
            found = known.get(str(weights))
            if found is None or found[:2] != stamp:
                found = [*stamp, *hashes_of(weights, stopped)]
                known[str(weights)] = found
                self._keep()
            return tuple(found[2:])
        return ()

    def _read(self) -> dict[str, list[Any]]:
        if self._known is None:
            try:
                found = json.loads(self._file.read_bytes())
            except (OSError, ValueError):
                found = {}
            self._known = {
                path: row for path, row in (found.items() if isinstance(found, dict) else ()) if _is_row(row)
            }
        return self._known

    def _keep(self) -> None:
        with suppress(OSError):  # it is only what can be computed again
            self._file.parent.mkdir(parents=True, exist_ok=True)
            beside = self._file.with_suffix(".tmp")
            beside.write_text(json.dumps(self._known), encoding="utf-8")
            beside.replace(self._file)


def hashes_of(file: Path, stopped: Callable[[], bool] = lambda: False) -> tuple[str, ...]:
    """As `FileHashes.of`, read anew. Raises OSError, ValueError for a damaged header, StoppedError."""
    whole = hashlib.sha256()
    with file.open("rb") as stream:
        if file.suffix.lower() != _SUFFIX:
            _feed(stream, stopped, whole)
            return (whole.hexdigest(),)
        head = stream.read(8)
        length = struct.unpack("<Q", head)[0]
        if length > _HEADER_MOST:
            raise ValueError("a header of that length is none")
        header = stream.read(length)
        whole.update(head + header)
        tensors = hashlib.sha256()
        _feed(stream, stopped, whole, tensors)
    names = json.loads(header)
    notes = names.get("__metadata__") if isinstance(names, dict) else None
    told = str(notes.get("sshs_model_hash", "")) if isinstance(notes, dict) else ""
    found = (whole.hexdigest(), tensors.hexdigest(), told.lower())
    return tuple(dict.fromkeys(one for one in found if one))


def _feed(stream: BinaryIO, stopped: Callable[[], bool], *sums: Any) -> None:
    while piece := stream.read(_PIECE_BYTES):
        if stopped():
            raise StoppedError("Stopped.", kept="Nothing was changed.")
        for one in sums:
            one.update(piece)


def _is_row(row: object) -> bool:
    return (
        isinstance(row, list)
        and len(row) > 2
        and all(isinstance(number, int) for number in row[:2])
        and all(isinstance(one, str) for one in row[2:])
    )
