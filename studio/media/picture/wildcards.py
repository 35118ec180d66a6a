"""Wildcard lists: text files in a folder, one choice a line, read when they are asked for."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from studio.core.errors import StudioError

SUFFIX: Final = ".txt"
FILES_MOST: Final = 20_000
FILE_BYTES_MOST: Final = 4_000_000
LINES_MOST: Final = 200_000


class Wildcards(Mapping[str, tuple[str, ...]]):
    """The lists of a folder: `animals.txt` is __animals__, `sea/fish.txt` is __sea/fish__.

    Empty lines and lines that begin with # are left out. A folder that is not there has no lists. Asking for a
    list raises StudioError "wildcard" when its file cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[str, ...]] = {}
        self._names: dict[str, Path] | None = None

    def __getitem__(self, name: str) -> tuple[str, ...]:
        if name not in self._read:
            self._read[name] = _lines(name, self._files()[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files())

    def __len__(self) -> int:
        return len(self._files())

    def _files(self) -> dict[str, Path]:
        if self._names is None:
            self._names = dict(sorted(_found(self._folder)))
        return self._names


def _found(folder: Path) -> Iterator[tuple[str, Path]]:
    left = FILES_MOST
    for place, _folders, files in os.walk(folder):  # follows no links: they may lead back up
        for file in files:
            if file.lower().endswith(SUFFIX) and left:
                left -= 1
                path = Path(place, file)
                yield path.relative_to(folder).as_posix()[: -len(SUFFIX)], path


def _lines(name: str, path: Path) -> tuple[str, ...]:
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_MOST + 1)
        if len(raw) > FILE_BYTES_MOST:
            raise StudioError(
                f"The wildcard list “{name}” is larger than {FILE_BYTES_MOST // 1_000_000} MB.",
                do="Cut it into several lists.",
                code="wildcard",
            )
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")  # lists made with old editors
    except OSError as error:
        raise StudioError(
            f"The wildcard list “{name}” cannot be read: {error.strerror or error}.",
            do=f"Check {path}.",
            code="wildcard",
        ) from error
    lines = (line.strip() for line in text.splitlines()[:LINES_MOST])
    return tuple(line for line in lines if line and not line.startswith("#"))
