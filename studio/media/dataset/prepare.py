"""Makes a surveyed folder ready for a trainer: texts are written into the run's data, other files stay where they are.

What is trained on is what was surveyed: every file is compared with its hash when it is read again.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from studio.core.errors import StoppedError, StudioError
from studio.core.files import sync_folder, told
from studio.media.dataset.found import Document, Problem, Side, Stopped, Survey, Tell, keep
from studio.media.dataset.reading import Reading, readings

TEXTS: Final = "texts.jsonl"  # a line that says what it was made from, then a TextRow each
_DIVIDER: Final = "<|endoftext|>"  # a line of its own, in collections of many texts
_KEPT: Final = "Your folder was not changed."


class TextRow(Struct, frozen=True, kw_only=True):
    """A whole text: a document, or one `part` of a file that holds several, parted by lines of <|endoftext|>."""

    file: str
    side: Side
    sha256: str
    text: str
    part: int = 0


class _Head(Struct, frozen=True, kw_only=True):
    made_from: str  # sha256 of the survey
    rows: int = 0


class Prepared(NamedTuple):
    """What is left of the survey after all files were read once more, and words on what is missing from it."""

    survey: Survey
    notes: tuple[str, ...]


def prepare(survey: Survey, data: Path, tell: Tell, stopped: Stopped) -> Prepared:
    """Write what a trainer reads into `data`, and the survey beside it (found.keep). Nothing is done twice.

    Files that changed or went away since the survey are left out and told. Raises StudioError "no_data" when there is
    nothing to learn from, or of the disk ("full", "read_only", "io"); StoppedError.
    """
    notes: list[str] = []
    with told("write the run's data", kept=_KEPT):
        data.mkdir(parents=True, exist_ok=True)
        if survey.art == "text" and survey.on("train"):
            survey, notes = _texts_written(survey, data, tell, stopped)
        if not survey.on("train"):
            raise nothing_to_learn(survey)
        keep(survey, data)
    return Prepared(survey, tuple(notes))


def nothing_to_learn(survey: Survey) -> StudioError:
    """The refusal of a folder without training data, with the commonest reason."""
    noun = {"text": "texts", "image": "pictures", "music": "pieces"}[survey.art]
    out = [problem for problem in survey.problems if problem.left_out]
    what = f"There are no {noun} to learn from in “{survey.folder}”."
    if out:
        what += f" {len(out):,} files were left out, the first: {out[0].words}"
    return StudioError(what, kept=_KEPT, do=f"Choose a folder that has {noun} in it.", code="no_data")


def texts(data: Path, side: Side) -> Iterator[TextRow]:
    """The texts of a side in the order of their files, one at a time. Raises OSError."""
    decoder = msgspec.json.Decoder(TextRow)
    with (data / TEXTS).open("rb") as stream:
        next(stream)
        for line in stream:
            row = decoder.decode(line)
            if row.side == side:
                yield row


def check(survey: Survey, document: Document) -> Path:
    """The path of a picture or a piece. Raises StudioError "changed" when it is not the file that was surveyed."""
    path = Path(survey.folder, document.file)
    try:
        with path.open("rb") as stream:
            same = hashlib.file_digest(stream, "sha256").hexdigest() == document.sha256
    except OSError as error:
        raise _changed(document, error.strerror or str(error)) from error
    if not same:
        raise _changed(document, "it is another file now")
    return path


def _changed(document: Document, why: str) -> StudioError:
    return StudioError(
        f"“{document.file}” is not as it was when the folder was looked through: {why}.",
        kept="What was learnt so far is kept.",
        do="Put it back, or start a new run.",
        code="changed",
    )


def _texts_written(survey: Survey, data: Path, tell: Tell, stopped: Stopped) -> tuple[Survey, list[str]]:
    made_from = hashlib.sha256(msgspec.json.encode(survey)).hexdigest()
    if _head(data) == made_from:
        return survey, []
    temporary = data / f".{TEXTS}.tmp"
    missing: dict[str, str] = {}
    try:
        with temporary.open("wb") as stream:
            stream.write(msgspec.json.encode(_Head(made_from=made_from)) + b"\n")
            for row in _rows(survey, missing, tell, stopped):
                stream.write(msgspec.json.encode(row) + b"\n")
            left = _without(survey, missing)
            if missing:  # a later call finds the survey as it is now
                stream.seek(0)
                stream.write(
                    msgspec.json.encode(
                        _Head(made_from=hashlib.sha256(msgspec.json.encode(left)).hexdigest())
                    )
                )
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(data / TEXTS)
        sync_folder(data)
    finally:
        with suppress(OSError):
            temporary.unlink()
    return left, [f"“{file}” was left out: {why}." for file, why in missing.items()]


def _head(data: Path) -> str:
    """What the texts there were made from, "" when there are none."""
    try:
        with (data / TEXTS).open("rb") as stream:
            return msgspec.json.decode(stream.readline(), type=_Head).made_from
    except (OSError, msgspec.DecodeError):
        return ""


def _rows(survey: Survey, missing: dict[str, str], tell: Tell, stopped: Stopped) -> Iterator[TextRow]:
    files = [document.file for document in survey.documents]
    found = readings(Path(survey.folder), files, stopped)
    for index, (document, reading) in enumerate(zip(survey.documents, found, strict=True)):
        if stopped():
            raise StoppedError("Stopped.", kept=_KEPT)
        if index % 50 == 0:
            tell(index / len(files), f"Reading {index + 1:,} of {len(files):,}: {document.file}")
        if not isinstance(reading, Reading):
            missing[document.file] = "it can't be read any more"
        elif reading.sha256 != document.sha256:
            missing[document.file] = "it changed while the run was being prepared"
        else:
            yield from _parts(document, reading.text)


def _parts(document: Document, text: str) -> Iterator[TextRow]:
    part: list[str] = []
    count = 0
    for line in [*text.split("\n"), _DIVIDER]:
        if line.strip() != _DIVIDER:
            part.append(line)
            continue
        if whole := "\n".join(part).strip("\n"):
            yield TextRow(
                file=document.file, side=document.side, sha256=document.sha256, text=whole, part=count
            )
            count += 1
        part = []


def _without(survey: Survey, missing: dict[str, str]) -> Survey:
    gone = [
        Problem(file=file, finding="unreadable", words=f"Left out: {why}.") for file, why in missing.items()
    ]
    return msgspec.structs.replace(
        survey,
        documents=tuple(document for document in survey.documents if document.file not in missing),
        problems=(*survey.problems, *gone),
    )
