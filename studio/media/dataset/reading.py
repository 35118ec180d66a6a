"""The words of a folder's files, as they are learnt from: one text a file, read in the background, a few at a time."""

import hashlib
import zipfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final

from msgspec import Struct

from studio.core.errors import StoppedError, StudioError
from studio.core.files import told
from studio.core.tune_events import Finding
from studio.media.dataset.aside import waited
from studio.media.dataset.found import Problem, Stopped
from studio.media.manuscript.forms import FORMS, NOTHING_CHANGED, form_named, form_of
from studio.media.manuscript.guard import damaged, empty
from studio.media.manuscript.manuscript import Manuscript
from studio.media.manuscript.plain import decoded, is_binary, lines_of
from studio.media.manuscript.read import read_manuscript

SUFFIXES: Final = frozenset(suffix for info in FORMS.values() for suffix in info.suffixes)
TEXT_BYTES_MOST: Final = 64 * 2**20  # of a file that is not packed: a hundred long novels
BLOCK_CHARS: Final = 200_000
_ARCHIVES: Final = (".docx", ".odt", ".epub")
_AT_ONCE: Final = 2
_AHEAD: Final = 4
_SMALL_BYTES: Final = 65_536
_HALF_A_SIGN: Final = "ends in half of one"
_OURS: Final = frozenset(("pandoc", "full"))  # not the file's fault: nothing else could be read either
_FINDINGS: Final[dict[str, Finding]] = {
    "form": "not_this_kind",
    "empty": "empty",
    "large": "large",
    "bomb": "large",
    "read_only": "denied",
}


class Reading(Struct, frozen=True, kw_only=True):
    """A file's text: paragraphs are lines, as the text pane has them; plain text keeps its own empty lines."""

    file: str
    sha256: str
    size_bytes: int
    text: str
    truncated: bool = False


def read_text(folder: Path, file: str, stopped: Stopped) -> Reading:
    """Read one file of any form. Raises StudioError with media.manuscript's codes; StoppedError."""
    path = folder / file
    with told(f"read {path.name}", kept=NOTHING_CHANGED):
        size = path.stat().st_size
    packed = path.suffix.lower() in _ARCHIVES
    if not packed and size > TEXT_BYTES_MOST:
        what = f"“{path.name}” is too large to learn from ({size // 2**20:,} MiB; {TEXT_BYTES_MOST // 2**20} at most)."
        raise StudioError(what, kept=NOTHING_CHANGED, do="Divide it into several files.", code="large")
    if form_named(path) == "txt":
        return _plain(path, file)
    sha256 = _hashed(path, stopped)
    return Reading(file=file, sha256=sha256, size_bytes=size, text=words_of(read_manuscript(path, stopped)))


def words_of(manuscript: Manuscript) -> str:
    """A manuscript's words in reading order: headings and paragraphs are lines, stars stand between scenes."""
    chapters = []
    for chapter in manuscript.chapters:
        scenes = "\n* * *\n".join(scene.text.text for scene in chapter.scenes if scene.text.text.strip())
        chapters.append("\n".join(part for part in (chapter.title, scenes) if part))
    return "\n\n".join(part for part in chapters if part.strip()).strip()


def readings(folder: Path, files: Sequence[str], stopped: Stopped) -> Iterator[Reading | Problem]:
    """The files' texts in their order; a Problem for one that can't be read. Holds a few texts at most.

    Raises StoppedError within 0.2 s; a file that is just being read is then finished with in the background.
    Raises StudioError when nothing could be read whatever the file ("pandoc", "full").
    """
    pool = ThreadPoolExecutor(_AT_ONCE, "read-text")
    waiting: deque[tuple[str, Future[Reading]]] = deque()
    ended = Event()

    def halted() -> bool:
        return ended.is_set() or stopped()

    def first() -> Reading | Problem:
        file, future = waiting.popleft()
        return _outcome(folder, file, stopped, partial(waited, future, stopped))

    try:
        for file in files:
            read = partial(read_text, folder, file, halted)
            if not waiting and _is_quick(folder / file):
                yield _outcome(folder, file, stopped, read)
                continue
            waiting.append((file, pool.submit(read)))
            while len(waiting) > _AHEAD:
                yield first()
        while waiting:
            yield first()
    finally:
        ended.set()
        pool.shutdown(wait=False, cancel_futures=True)


def blocks(text: str) -> Iterator[str]:
    """A text in pieces of about BLOCK_CHARS, divided at spaces, so that no regular expression runs long."""
    at = 0
    while at < len(text):
        end = at + BLOCK_CHARS
        if end < len(text):
            cut = max(text.rfind(" ", at, end), text.rfind("\n", at, end))
            end = cut + 1 if cut > at else end
        yield text[at:end]
        at = end


def problem_of(file: str, error: StudioError, path: Path) -> Problem:
    """What to say of a file that was refused."""
    finding = _FINDINGS.get(error.code, "unreadable")
    if error.code in ("damaged", "form") and _is_cut(path):
        return Problem(file=file, finding="truncated", words=f"“{path.name}” is cut off: its end is missing.")
    return Problem(
        file=file, finding=finding, words=" ".join(part for part in (error.what, error.do) if part)
    )


def _outcome(folder: Path, file: str, stopped: Stopped, read: Callable[[], Reading]) -> Reading | Problem:
    if stopped():
        raise StoppedError("Stopped.", kept=NOTHING_CHANGED)
    try:
        return read()
    except StoppedError:
        raise
    except StudioError as error:
        if error.code in _OURS:
            raise
        return problem_of(file, error, folder / file)
    except RecursionError:  # thousands of elements in one another: no text has that
        what = f"“{Path(file).name}” is nested too deeply to be read."
        return Problem(file=file, finding="unreadable", words=what)


def _is_quick(path: Path) -> bool:
    """Whether reading it takes less than handing it to another thread."""
    try:
        return form_named(path) == "txt" and path.stat().st_size <= _SMALL_BYTES
    except OSError:
        return True


def _plain(path: Path, file: str) -> Reading:
    with told(f"read {path.name}", kept=NOTHING_CHANGED):
        data = path.read_bytes()
    form_of(path, data)  # refuses what only is called a text
    if is_binary(data):
        raise damaged(path)
    text, note = decoded(data)
    lines, _ = lines_of(text)
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):  # never more than one empty line
            kept.append(line)
    if not any(kept):
        raise empty(path)
    return Reading(
        file=file,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        text="\n".join(kept).strip("\n"),
        truncated=_HALF_A_SIGN in note,
    )


def _hashed(path: Path, stopped: Stopped) -> str:
    found = hashlib.sha256()
    with told(f"read {path.name}", kept=NOTHING_CHANGED), path.open("rb") as stream:
        while chunk := stream.read(2**20):
            found.update(chunk)
            if stopped():
                raise StoppedError("Stopped.", kept=NOTHING_CHANGED)
    return found.hexdigest()


def _is_cut(path: Path) -> bool:
    """Whether a packed file begins as one and has no end."""
    try:
        with path.open("rb") as stream:
            begins = stream.read(4) == b"PK\x03\x04"
        return begins and not zipfile.is_zipfile(path)
    except OSError:
        return False
