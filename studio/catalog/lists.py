"""Small files the person's lists live in: read whole or not at all, replaced in one step."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from studio.core.errors import StudioError
from studio.core.files import told, write_whole

MAX_BYTES = 10_000_000
_WAIT_S = 10.0


def read_list(file: Path) -> bytes:
    """What a list file holds; nothing when there is none, or none that can be read."""
    try:
        return file.read_bytes() if file.stat().st_size <= MAX_BYTES else b""
    except OSError:
        return b""


def save_list(file: Path, data: bytes, *, damaged: bool = False) -> None:
    """Replace a file whole. A damaged one is put aside as NAME.damaged. Raises StudioError: nothing was changed."""
    with told(f"write {file}", kept="The list is as it was."):
        file.parent.mkdir(parents=True, exist_ok=True)
        if damaged and file.exists():
            file.replace(file.with_name(file.name + ".damaged"))
        write_whole(file, data)


@contextmanager
def list_held(file: Path) -> Iterator[None]:
    """Keep other processes from changing a list between its reading and its writing. Raises StudioError."""
    lock = FileLock(file.with_name(f".{file.name}.lock"), timeout=_WAIT_S)
    with told(f"write {file}", kept="The list is as it was."):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(poll_interval=0.02)
        except Timeout:  # which is an OSError too
            raise StudioError(
                f"{file} is being written by another program.",
                kept="The list is as it was.",
                do="Try again.",
                code="busy",
            ) from None
    try:
        yield
    finally:
        lock.release()
