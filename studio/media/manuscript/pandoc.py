"""Runs the carried pandoc: sandboxed, bounded in time, memory and output, stopped when asked. No shell."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from studio.core.errors import StoppedError, StudioError
from studio.media.manuscript.forms import NOTHING_CHANGED

SECONDS_MOST = 180.0
MEMORY_MIB_MOST = 1_500  # a 150,000-word book takes 370
OUTPUT_BYTES_MOST = 300 * 2**20
_POLL_S = 0.05
_HEAP_EXHAUSTED = 251
_STDERR_CHARS = 2_000

Stopped = Callable[[], bool]


class PandocError(Exception):
    """pandoc did not understand its input; the message is its own."""


def find_pandoc() -> Path:
    """The program that came with Atelier. Raises StudioError "pandoc" when it is missing."""
    spec = find_spec("pypandoc")  # found, not imported: that takes a sixth of a second and asks the system's
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, "files", "pandoc.exe" if sys.platform == "win32" else "pandoc")
        if path.is_file():
            return path
    raise StudioError(
        "The part that reads and writes documents (pandoc) is missing from this installation.",
        kept=NOTHING_CHANGED,
        do="Install Atelier again, or use Markdown or plain text to export.",
        code="pandoc",
    )


def run_pandoc(
    arguments: Sequence[str],
    data: bytes,
    folder: Path,
    stopped: Stopped,
    seconds_most: float = SECONDS_MOST,
) -> bytes:
    """Give `data` to pandoc and return what it wrote; `folder` is an empty one for its files.

    Raises PandocError when it refused, StoppedError when `stopped` said so (within 0.1 s), StudioError
    "large" when it took more time, memory or room than any book needs.
    """
    source, target, said = folder / "input", folder / "output", folder / "said"
    source.write_bytes(data)
    command = [
        str(find_pandoc()),
        "+RTS",
        f"-M{MEMORY_MIB_MOST}m",
        "-RTS",
        "--sandbox",
        f"--data-dir={folder}",
        f"--output={target}",
        *arguments,
        str(source),
    ]
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    with said.open("wb") as words:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=words,
            cwd=folder,
            env=_environment(),
            creationflags=flags,
        )
        try:
            _wait(process, target, stopped, seconds_most)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode == _HEAP_EXHAUSTED:
        raise _too_much("memory")
    if process.returncode != 0 or not target.is_file():
        raise PandocError(said.read_text("utf-8", "replace")[:_STDERR_CHARS])
    return target.read_bytes()


def _wait(process: "subprocess.Popen[bytes]", target: Path, stopped: Stopped, seconds_most: float) -> None:
    end_s = time.monotonic() + seconds_most
    while True:
        try:
            process.wait(timeout=_POLL_S)
            return
        except subprocess.TimeoutExpired:
            if stopped():
                raise StoppedError("Stopped.", kept=NOTHING_CHANGED) from None
            if time.monotonic() > end_s:
                raise _too_much("time") from None
            if target.exists() and target.stat().st_size > OUTPUT_BYTES_MOST:
                raise _too_much("room") from None


def _too_much(what: str) -> StudioError:
    return StudioError(
        f"The document takes more {what} than any book needs; converting it was ended.",
        kept=NOTHING_CHANGED,
        do="Divide it into parts, or save it in another form.",
        code="large",
    )


def _environment() -> dict[str, str]:
    """Nothing of the person's but what programs need to start; UTF-8 whatever the system speaks."""
    needed = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
    return {name: os.environ[name] for name in needed if name in os.environ} | {"LANG": "C.UTF-8"}
