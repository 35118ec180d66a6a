"""`Name.authors.json`: who wrote what in an exported file, kept beside it."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from studio.core.errors import StudioError
from studio.media.diff import diff
from studio.media.manuscript.manuscript import Chapter, Manuscript, Origin, Scene
from studio.media.spans import HUMAN, IMPORTED, Run, Runs, SpanText, merged

SUFFIX = ".authors.json"
VERSION = 1
_BYTES_MOST = 100 * 2**20
_STALE_SHARE = 0.5
_JOIN = "\n"


class Piece(Struct, frozen=True):
    """Characters in a row by one author: "" the person, else the id of a take in `takes`."""

    length: int
    author: str


class Sidecar(Struct, frozen=True, kw_only=True):
    """The exported text, whose words they are, and what made them; `sha256` is the exported file's."""

    atelier: str = "authors"
    version: int = VERSION
    file: str
    sha256: str
    text: str
    runs: tuple[Piece, ...]
    takes: dict[str, Origin]


def sidecar_path(path: Path) -> Path:
    """Where the authors of a file are kept."""
    return path.with_name(path.stem + SUFFIX)


def sidecar_of(path: Path, data: bytes, texts: Sequence[SpanText], origins: Mapping[str, Origin]) -> Sidecar:
    """What to keep beside a file with these bytes, made from these texts."""
    whole = _joined(texts)
    authors = {run.author for run in whole.runs}
    return Sidecar(
        file=path.name,
        sha256=hashlib.sha256(data).hexdigest(),
        text=whole.text,
        runs=tuple(Piece(run.length, run.author) for run in _same_locks(whole.runs)),
        takes={author: origin for author, origin in origins.items() if author in authors},
    )


def encoded(sidecar: Sidecar) -> bytes:
    """As it lies on the disk."""
    return msgspec.json.format(msgspec.json.encode(sidecar), indent=1)


def read_sidecar(path: Path) -> tuple[Sidecar | None, bool] | None:
    """What lies beside a file: None when nothing does, (None, _) when it cannot be understood, and whether
    the file is as it was exported."""
    beside = sidecar_path(path)
    try:
        if not beside.is_file() or beside.stat().st_size > _BYTES_MOST:
            return None
        data = beside.read_bytes()
        found = msgspec.json.decode(data, type=Sidecar)
        if found.atelier != "authors" or found.version > VERSION or any(p.length < 0 for p in found.runs):
            return None, False
        if sum(piece.length for piece in found.runs) != len(found.text):
            return None, False
        unchanged = hashlib.sha256(path.read_bytes()).hexdigest() == found.sha256
    except (OSError, msgspec.DecodeError, msgspec.ValidationError, StudioError):
        return None, False
    return found, unchanged


def with_authors(manuscript: Manuscript, beside: tuple[Sidecar | None, bool]) -> Manuscript:
    """The manuscript with the authors that the sidecar knows for words that are still the same.

    What the file itself marks as a model's stays so; words the sidecar does not know are as the file says.
    """
    sidecar, unchanged = beside
    if sidecar is None:
        return _noted(
            manuscript, "The file with the authors beside it cannot be understood and was left aside."
        )
    scenes = manuscript.scenes
    now = _joined([scene.text for scene in scenes])
    then = SpanText(
        text=sidecar.text, runs=merged(Run(length=p.length, author=p.author) for p in sidecar.runs)
    )
    runs: list[Run] = []
    same_chars = 0
    for piece in diff(then, now):
        if piece.kind == "same":
            known = then.slice_runs(piece.old_at, piece.old_at + len(piece.text))
            runs += _merged_authors(known, piece.runs)
            same_chars += len(piece.text)
        elif piece.kind == "added":
            runs += piece.runs
    if same_chars < _STALE_SHARE * len(now.text):
        return _noted(
            manuscript, "The file with the authors beside it belongs to another text and was left aside."
        )
    done = SpanText(text=now.text, runs=merged(runs))
    found = msgspec.structs.replace(manuscript, chapters=_cut(manuscript, done), origins=dict(sidecar.takes))
    if unchanged:
        return found
    return _noted(found, "It was changed since its export: new words count as yours.")


def _merged_authors(known: Runs, marked: Runs) -> list[Run]:
    """Stretch by stretch: the sidecar's take, else a model when the file says so."""
    out: list[Run] = []
    left, right = list(known), list(marked)
    while left and right:
        length = min(left[0].length, right[0].length)
        author = left[0].author or (IMPORTED if right[0].author != HUMAN else HUMAN)
        out.append(Run(length=length, author=author))
        for side in (left, right):
            if side[0].length == length:
                side.pop(0)
            else:
                side[0] = side[0].of(side[0].length - length)
    return out


def _joined(texts: Sequence[SpanText]) -> SpanText:
    runs: list[Run] = []
    for index, text in enumerate(texts):
        if index:
            runs.append(Run(length=len(_JOIN)))
        runs += text.runs
    return SpanText(text=_JOIN.join(text.text for text in texts), runs=merged(runs))


def _same_locks(runs: Runs) -> Runs:
    return merged(Run(length=run.length, author=run.author) for run in runs)


def _cut(manuscript: Manuscript, whole: SpanText) -> tuple[Chapter, ...]:
    """The chapters again, with the authors of the whole."""
    place = 0
    chapters = []
    for chapter in manuscript.chapters:
        scenes = []
        for scene in chapter.scenes:
            end = place + len(scene.text.text)
            text = SpanText(text=scene.text.text, runs=whole.slice_runs(place, end))
            scenes.append(Scene(title=scene.title, text=text))
            place = end + len(_JOIN)
        chapters.append(Chapter(title=chapter.title, scenes=tuple(scenes)))
    return tuple(chapters)


def _noted(manuscript: Manuscript, note: str) -> Manuscript:
    return msgspec.structs.replace(manuscript, notes=(*manuscript.notes, note))
