"""What was found in a folder: documents with their sides, files left out and why, and how long everything is."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from studio.core.files import write_whole
from studio.core.tune_events import Finding
from studio.core.tuning import Art

Side = Literal["train", "validation", "test"]
SIDES: Final[tuple[Side, ...]] = ("train", "validation", "test")
FOUND: Final = "found.json"  # in a run's data folder
Tell = Callable[[float, str], None]  # 0..1, what goes on
Stopped = Callable[[], bool]


class Document(Struct, frozen=True, kw_only=True):
    """One file that can be trained on. `units`: characters of a text, pixels of a picture, notes of a piece.

    `file` is relative to the folder, with forward slashes. `caption` and `width` x `height` are of pictures, `words`
    of texts, `bars` and `tracks` of pieces.
    """

    file: str
    side: Side
    sha256: str
    units: int
    size_bytes: int = 0
    caption: str = ""
    caption_from: str = ""
    width: int = 0
    height: int = 0
    words: int = 0
    bars: int = 0
    tracks: int = 0
    drums: bool = False


class Problem(Struct, frozen=True, kw_only=True):
    """Something about a file. `left_out`: it is not trained on. `other` is the file that it doubles."""

    file: str
    finding: Finding
    words: str
    left_out: bool = True
    other: str = ""


class Survey(Struct, frozen=True, kw_only=True):
    """A folder looked through. `folder` is absolute; `seen` counts all files below it, `passed_over` those of kinds
    that are not for this art."""

    art: Art
    folder: str
    documents: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()
    seen: int = 0
    passed_over: int = 0
    notes: tuple[str, ...] = ()

    def on(self, side: Side) -> tuple[Document, ...]:
        """The documents of a side, by name."""
        return tuple(document for document in self.documents if document.side == side)

    def units(self, side: Side) -> int:
        """Characters, pixels or notes of a side."""
        return sum(document.units for document in self.on(side))


def keep(survey: Survey, data: Path) -> None:
    """Write it into a run's data folder. Raises OSError."""
    data.mkdir(parents=True, exist_ok=True)
    write_whole(data / FOUND, msgspec.json.encode(survey))


def kept(data: Path) -> Survey:
    """Read it back. Raises OSError or msgspec.DecodeError."""
    return msgspec.json.decode((data / FOUND).read_bytes(), type=Survey)
