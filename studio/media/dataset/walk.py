"""All files below a folder: hidden ones passed over, loops and shut folders told, never more than a stated number."""

import os
import stat
from pathlib import Path
from typing import Final, NamedTuple

from msgspec import Struct

from studio.core.errors import StoppedError, StudioError
from studio.core.tune_events import Finding
from studio.media.dataset.found import Problem, Stopped, Tell

ENTRIES_MOST: Final = 200_000
_POLL_ENTRIES: Final = 500
_NOT_THE_PERSONS: Final = ("__MACOSX", "desktop.ini", "Thumbs.db")  # what systems leave behind
_OFFICE_LOCK: Final = "~$"  # Word's mark of an open document


class Walked(Struct, frozen=True, kw_only=True):
    """What is below a folder: names relative to it, sorted, with forward slashes. `seen` counts all files."""

    files: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    seen: int = 0


class _Place(NamedTuple):
    path: str
    name: str  # relative to the folder, "" for itself


def walk(folder: Path, tell: Tell, stopped: Stopped) -> Walked:
    """Look through a folder and all below it. Links are followed, each folder is entered once, its real place first.

    Raises StudioError "no_folder", "denied" or "too_many" (more than ENTRIES_MOST files and folders); StoppedError.
    """
    if not folder.is_dir():
        what = f"“{folder}” is not a folder." if folder.exists() else f"There is no folder “{folder}”."
        raise StudioError(what, kept="Nothing was changed.", do="Choose another one.", code="no_folder")
    return _Walk(folder, tell, stopped).walked()


class _Walk:
    """One walk. Links to folders wait until all real folders were seen."""

    def __init__(self, folder: Path, tell: Tell, stopped: Stopped) -> None:
        self._root = str(folder)
        self._real_root = folder.resolve()
        self._tell, self._stopped = tell, stopped
        self._folders = [_Place(self._root, "")]
        self._links: list[_Place] = []
        self._entered: set[tuple[int, int]] = set()
        self._files: list[str] = []
        self._problems: list[Problem] = []
        self._entries = 0

    def walked(self) -> Walked:
        while self._folders or self._links:
            if self._folders:
                self._enter(self._folders.pop())
            else:
                self._links.sort(key=lambda place: place.name, reverse=True)
                self._enter(self._links.pop())
        return Walked(
            files=tuple(sorted(self._files)),
            problems=tuple(sorted(self._problems, key=lambda problem: problem.file)),
            seen=len(self._files),
        )

    def _enter(self, place: _Place) -> None:
        try:
            state = Path(place.path).stat()
            if (state.st_dev, state.st_ino) in self._entered or self._is_above(place):
                self._problem(place.name, "loop", "leads to a folder that was looked through already")
                return
            self._entered.add((state.st_dev, state.st_ino))
            with os.scandir(place.path) as entries:
                for entry in entries:
                    self._count()
                    self._see(entry, f"{place.name}/{entry.name}" if place.name else entry.name)
        except OSError as error:
            why = error.strerror or str(error)
            if not place.name:
                raise StudioError(
                    f"The folder “{place.path}” could not be looked into: {why}.",
                    kept="Nothing was changed.",
                    do="Change its permissions, or choose another one.",
                    code="denied",
                ) from error
            self._problem(place.name, "denied", f"could not be looked into: {why}")

    def _see(self, entry: "os.DirEntry[str]", name: str) -> None:
        if entry.name.startswith((".", _OFFICE_LOCK)) or entry.name in _NOT_THE_PERSONS:
            return
        try:
            entry.name.encode()
        except UnicodeEncodeError:  # bytes that are no text: such a name can't be written down anywhere
            self._problem(_sayable(name), "unreadable", "has a name that can't be read; give it another")
            return
        try:
            mode = entry.stat(follow_symlinks=False)
            if getattr(mode, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_HIDDEN:
                return
            if entry.is_dir():
                (self._links if _is_link(entry) else self._folders).append(_Place(entry.path, name))
            elif entry.is_file():  # no pipes or devices: reading one may never end
                self._files.append(name)
            elif entry.is_symlink() and not Path(entry.path).exists():
                self._problem(name, "unreadable", "is a link to something that is not there")
        except OSError as error:
            self._problem(name, "denied", f"could not be looked at: {error.strerror or error}")

    def _is_above(self, place: _Place) -> bool:
        """Whether a link leads out to a folder that holds the walked one: to the whole disk, say."""
        if place.name == "":
            return False
        return self._real_root.is_relative_to(Path(place.path).resolve())

    def _count(self) -> None:
        self._entries += 1
        if self._entries % _POLL_ENTRIES == 0:
            if self._stopped():
                raise StoppedError("Stopped.", kept="Nothing was changed.")
            self._tell(0.0, f"Looking through the folder: {self._entries:,} files so far…")
        if self._entries > ENTRIES_MOST:
            raise StudioError(
                f"There are more than {ENTRIES_MOST:,} files and folders below “{self._root}”.",
                kept="Nothing was changed.",
                do="Choose the folder that holds just what is to be learnt from.",
                code="too_many",
            )

    def _problem(self, name: str, finding: Finding, words: str) -> None:
        name = _sayable(name)
        self._problems.append(Problem(file=name, finding=finding, words=f"“{name}” {words}."))


def _is_link(entry: "os.DirEntry[str]") -> bool:
    """Whether it leads elsewhere; Windows has two kinds, the second told from Python 3.12 on."""
    is_junction = getattr(entry, "is_junction", None)
    return entry.is_symlink() or (is_junction is not None and is_junction())


def _sayable(name: str) -> str:
    """A name with what can't be written replaced."""
    return name.encode("utf-8", "replace").decode()
