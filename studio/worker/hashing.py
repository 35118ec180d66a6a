"""The SHA-256 of a model's weights, reckoned beside the load."""

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path

_BLOCK_BYTES = 4 * 1024 * 1024
Stamp = tuple[str, int, int]  # path, size in bytes, time of change in ns


def stamp(file: Path) -> Stamp:
    """What tells a file's version without reading it."""
    state = file.stat()
    return str(file), state.st_size, state.st_mtime_ns


class WeightsHash:
    """Hashes files in a thread of its own. Of several: the SHA-256 of their hashes' lines."""

    def __init__(self, files: Sequence[Path], known: dict[Stamp, str]) -> None:
        """`known` remembers hashes by stamp and is filled."""
        self._files = files
        self._known = known
        self._result = ""
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="weights-hash", daemon=True)
        self._thread.start()

    def result(self) -> str:
        """The hash, lower-case hex; waits for it. Raises OSError when a file could not be read."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._result

    def _run(self) -> None:
        try:
            hashes = [self._of(file) for file in self._files]
        except OSError as error:
            self._error = error
            return
        if len(hashes) == 1:
            self._result = hashes[0]
            return
        lines = "".join(f"{file.name} {digest}\n" for file, digest in zip(self._files, hashes, strict=True))
        self._result = hashlib.sha256(lines.encode()).hexdigest()

    def _of(self, file: Path) -> str:
        key = stamp(file)
        if key not in self._known:
            digest = hashlib.sha256()
            with file.open("rb") as stream:
                while block := stream.read(_BLOCK_BYTES):
                    digest.update(block)
            self._known[key] = digest.hexdigest()
        return self._known[key]
