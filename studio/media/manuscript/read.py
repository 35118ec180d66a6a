"""Reads a file into a manuscript; nothing is changed anywhere."""

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.parsers import expat

import msgspec

from studio.core.errors import StoppedError
from studio.core.files import told
from studio.media.manuscript.chapters import divided
from studio.media.manuscript.forms import FORMS, NOTHING_CHANGED, Form, form_of
from studio.media.manuscript.gather import NOTES, Gatherer
from studio.media.manuscript.guard import check_archive, damaged, empty, read_bytes
from studio.media.manuscript.manuscript import Manuscript
from studio.media.manuscript.odt import EntityError, Marked, marked
from studio.media.manuscript.pandoc import PandocError, Stopped, run_pandoc
from studio.media.manuscript.plain import decoded, events_of, is_binary
from studio.media.manuscript.rtf import for_pandoc, joined
from studio.media.manuscript.sidecar import read_sidecar, with_authors

_RTF_NOTE = b"\\footnote"
_ARCHIVES = ("docx", "odt", "epub")
_NO_MARKS: Marked = Marked(b"", None, "")
Tell = Callable[[str], None]


def never() -> bool:
    """Nobody stops it."""
    return False


def read_manuscript(path: Path, stopped: Stopped = never, tell: Tell = lambda _words: None) -> Manuscript:
    """Read a manuscript, with its authors when the file or `Name.authors.json` beside it tells them.

    `tell` hears what goes on. Raises StudioError: "form", "empty", "large", "bomb", "locked", "damaged",
    "pandoc", or the system's refusal; StoppedError.
    """
    tell(f"Looking at {path.name}…")
    data = read_bytes(path)
    form = form_of(path, data)
    if form in _ARCHIVES:
        check_archive(path, form)
    elif form != "rtf" and is_binary(data):
        raise damaged(path)
    _go_on(stopped)
    tell(f"Reading {path.name}…")
    gatherer, notes = _gathered(path, form, data, stopped)
    _go_on(stopped)
    tell("Finding chapters and scenes…")
    title, chapters = divided(gatherer.events, " ".join(gatherer.title.split()), gatherer.lost)
    found = Manuscript(
        title=title or path.stem,
        chapters=chapters,
        lost=dict(gatherer.lost),
        notes=tuple(notes),
    )
    if not any(scene.text.text.strip() for scene in found.scenes):
        raise empty(path)
    beside = read_sidecar(path)
    return with_authors(found, beside) if beside is not None else found


def _gathered(path: Path, form: Form, data: bytes, stopped: Stopped) -> tuple[Gatherer, list[str]]:
    note, marks = "", _NO_MARKS
    if form == "rtf":
        data = for_pandoc(data)
    elif form not in _ARCHIVES:
        text, note = decoded(data, form)
        if form == "txt":
            gatherer = Gatherer()
            gatherer.events, notes = events_of(text)
            return gatherer, [note, *notes] if note else notes
        data = text.encode("utf-8", "replace")
    elif form == "odt":
        try:
            marks = marked(data)
        except (EntityError, KeyError, expat.ExpatError, zipfile.BadZipFile) as error:
            raise damaged(path) from error
        data = marks.data
    document = _document(path, form, data, stopped)
    gatherer = Gatherer(marks.marks)
    gatherer.title = marks.title or _plain(document.get("meta", {}).get("title"))
    gatherer.walk(document["blocks"])
    if form == "rtf" and (unread := data.count(_RTF_NOTE) - gatherer.lost[NOTES]) > 0:
        note = f"{unread} footnotes could not be read: save it as .docx and import that to keep their words."
    return gatherer, [note] if note else []


def _document(path: Path, form: Form, data: bytes, stopped: Stopped) -> dict[str, Any]:
    with (
        told(f"read {path.name}", kept=NOTHING_CHANGED),
        tempfile.TemporaryDirectory(prefix="atelier-", ignore_cleanup_errors=True) as folder,
    ):
        try:
            out = run_pandoc([f"--from={FORMS[form].reader}", "--to=json"], data, Path(folder), stopped)
            found: dict[str, Any] = msgspec.json.decode(joined(out) if form == "rtf" else out)
        except (PandocError, msgspec.DecodeError) as error:
            raise damaged(path, str(error)) from error
    return found


def _plain(meta: Any) -> str:
    """The words of a title in a document's metadata."""
    if not isinstance(meta, dict):
        return ""
    if meta["t"] == "MetaString":
        return str(meta["c"])
    gatherer = Gatherer()
    gatherer.walk([{"t": "Plain", "c": meta["c"]}] if meta["t"] == "MetaInlines" else [])
    return " ".join(event.text.text.strip("*") for event in gatherer.events)


def _go_on(stopped: Stopped) -> None:
    if stopped():
        raise StoppedError("Stopped.", kept=NOTHING_CHANGED)
