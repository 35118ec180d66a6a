"""Writing files so that a power cut leaves the old one or the new one, never half."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from studio.core.errors import StudioError
from studio.core.ids import new_id

_NO_SPACE = 28  # errno.ENOSPC
_READ_ONLY = (1, 13, 30)  # EPERM, EACCES, EROFS


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name beside it, fsync, rename into place, fsync the folder.

    Raises OSError.
    """
    temporary = path.with_name(f".{path.name[:80]}.{new_id()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can (Windows cannot open folders)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def safe_name(title: str, otherwise: str) -> str:
    """A title as a file's name, without its ending; `otherwise` where nothing is left of it."""
    kept = "".join(" " if sign in '<>:"/\\|?*' or ord(sign) < 32 else sign for sign in title)
    return " ".join(kept.split())[:100].strip(". ") or otherwise


@contextmanager
def told(doing: str, kept: str = "") -> Iterator[None]:
    """Turn the system's refusals inside the block into StudioErrors: "full", "read_only" or "io"."""
    try:
        yield
    except OSError as error:
        raise from_os(error, doing, kept) from error


def from_os(error: OSError, doing: str, kept: str = "") -> StudioError:
    """The StudioError of a system error; `doing` completes "Could not ..."."""
    why = error.strerror or str(error)
    if error.errno == _NO_SPACE:
        return StudioError(
            f"Could not {doing}: the disk is full.",
            kept=kept,
            do="Free some space, then try again.",
            code="full",
        )
    if error.errno in _READ_ONLY:
        return StudioError(
            f"Could not {doing}: {why}.",
            kept=kept,
            do="Choose a place that you may write to, or change its permissions.",
            code="read_only",
        )
    return StudioError(f"Could not {doing}: {why}.", kept=kept, do="Check the disk and the path.", code="io")
