"""The captions that lie in a person's folder: same-named .txt files, metadata.jsonl and metadata.csv; only read."""

import csv
import io
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from studio.core.tune_events import Finding
from studio.media.dataset.found import Problem
from studio.media.manuscript.plain import decoded, is_binary

TEXT_SUFFIXES: Final = (".txt", ".caption")  # the second one is kohya's
TABLES: Final = ("metadata.jsonl", "metadata.csv")  # as in the Hub's ImageFolder; the first wins
FILE_KEYS: Final = ("file_name", "file", "image")
TEXT_KEYS: Final = ("text", "caption", "prompt", "description")
TEXT_BYTES_MOST: Final = 64_000
TABLE_BYTES_MOST: Final = 64_000_000
TOLD_MOST: Final = 5  # lines of a table that are told one by one
_Row = tuple[int, Any, str]  # line number, what stands there (None: no row), why not


class Caption(Struct, frozen=True):
    """A caption and where it is from: "txt", "metadata.jsonl", "metadata.csv"; "edited" when it is the person's."""

    text: str
    source: str


class Given(Struct, frozen=True, kw_only=True):
    """Captions by picture, the files that they came from, and what is wrong with those."""

    captions: dict[str, Caption]
    files: frozenset[str]
    problems: tuple[Problem, ...] = ()


def given(folder: Path, files: Sequence[str], pictures: Sequence[str]) -> Given:
    """The captions of `pictures`, all names relative to `folder`; `files` are all names that were found there.

    A .txt beside a picture goes before a table, a table in the picture's own folder before one above it.
    """
    reading = _Reading(folder, frozenset(pictures))
    tables = [name for name in files if posixpath.basename(name).lower() in TABLES]
    # what is read first wins: deeper tables first, of one folder the .jsonl
    for name in sorted(tables, key=lambda name: (-name.count("/"), not name.lower().endswith("jsonl"), name)):
        reading.table(name)
    by_stem: dict[str, list[str]] = {}
    for picture in pictures:
        by_stem.setdefault(posixpath.splitext(picture)[0], []).append(picture)
    for name in files:
        stem, suffix = posixpath.splitext(name)
        if suffix.lower() in TEXT_SUFFIXES and stem in by_stem:
            reading.text(name, by_stem[stem])
    return Given(captions=reading.captions, files=frozenset(reading.files), problems=tuple(reading.problems))


def one_line(text: str) -> str:
    """A caption as models take it: on one line, without signs that cannot be printed."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


class _Reading:
    """What is gathered while the caption files are read."""

    def __init__(self, folder: Path, pictures: frozenset[str]) -> None:
        self.folder, self.pictures = folder, pictures
        self.captions: dict[str, Caption] = {}
        self.files: set[str] = set()
        self.problems: list[Problem] = []

    def text(self, name: str, pictures: Iterable[str]) -> None:
        """A .txt file is the caption of the pictures of its name, whatever a table says."""
        self.files.add(name)
        data = self._read(name, TEXT_BYTES_MOST)
        if data is None:
            return
        if is_binary(data):
            self._problem(name, "unreadable", "is no text, so it can't be a caption")
            return
        words = one_line(decoded(data)[0])
        if words:
            self.captions.update((picture, Caption(words, "txt")) for picture in pictures)

    def table(self, name: str) -> None:
        """Take over what is not said yet; damaged lines and names of files that are not there are told."""
        self.files.add(name)
        data = self._read(name, TABLE_BYTES_MOST)
        if data is None:
            return
        source = posixpath.basename(name).lower()
        rows = _jsonl(data) if source.endswith("jsonl") else _csv(decoded(data)[0])
        wrong: list[str] = []
        for line, row, why in rows:
            picture, why = self._picture(name, row, why)
            words = "" if why else _first(row, TEXT_KEYS)
            if why:
                wrong.append(f"line {line:,} {why}")
            elif words:
                self.captions.setdefault(picture, Caption(words, source))
        for words in wrong[:TOLD_MOST]:
            self._problem(name, "unreadable", words)
        if len(wrong) > TOLD_MOST:
            self._problem(name, "unreadable", f"has {len(wrong) - TOLD_MOST:,} more lines of this kind")

    def _picture(self, name: str, row: Any, why: str) -> tuple[str, str]:
        """The picture that a row of the table `name` is about, or why there is none."""
        if why or not isinstance(row, dict):
            return "", why or "is no JSON object"
        named = next((row[key] for key in FILE_KEYS if isinstance(row.get(key), str) and row[key]), "")
        if not named:
            return "", f"names no file ({FILE_KEYS[0]})"
        picture = posixpath.normpath(posixpath.join(posixpath.dirname(name), named.replace("\\", "/")))
        if picture not in self.pictures:
            return "", f"names “{named[:120]}”, which is no picture of this folder"
        return picture, ""

    def _read(self, name: str, bytes_most: int) -> bytes | None:
        path = self.folder / name
        try:
            size = path.stat().st_size
            if size > bytes_most:
                self._problem(name, "large", f"has {size:,} bytes; captions of up to {bytes_most:,} are read")
                return None
            return path.read_bytes()
        except OSError as error:
            self._problem(name, "denied", f"could not be read: {error.strerror or error}")
            return None

    def _problem(self, name: str, finding: Finding, words: str) -> None:
        """About a caption file: no picture is left out because of it alone."""
        self.problems.append(Problem(file=name, finding=finding, words=words, left_out=False))


def _first(row: dict[str, Any], keys: Sequence[str]) -> str:
    """The first of the columns that is a text; lists of tags are joined."""
    for key in keys:
        value = row.get(key)
        if isinstance(value, list):
            value = ", ".join(part for part in value if isinstance(part, str))
        if isinstance(value, str) and (words := one_line(value)):
            return words
    return ""


def _jsonl(data: bytes) -> Iterator[_Row]:
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield number, msgspec.json.decode(line), ""
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield number, None, f"is damaged: {error}"


def _csv(text: str) -> Iterator[_Row]:
    """Rows by the names in the first one, divided by commas, semicolons or tabs."""
    head = text.split("\n", 1)[0]
    sign = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=sign)
    try:
        names = reader.fieldnames or ()
        if not set(names) & set(FILE_KEYS):
            yield 1, None, f"names no column “{FILE_KEYS[0]}”"
            return
        for row in reader:
            short = None in row or None in row.values()
            yield reader.line_num, row, "has more or fewer columns than the first line" if short else ""
    except csv.Error as error:
        yield reader.line_num + 1, None, f"is damaged: {error}"
