"""Looks through the texts of a folder: what each holds, and what speaks against learning from it."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from msgspec import Struct

from studio.core.errors import StoppedError
from studio.core.tune_events import Finding
from studio.core.tuning import TuneSettings
from studio.media.dataset.aside import aside
from studio.media.dataset.duplicates import Doubled, copies, spanning, spared
from studio.media.dataset.found import Document, Problem, Stopped, Tell
from studio.media.dataset.languages import language_of, prevailing
from studio.media.dataset.looked import Looked
from studio.media.dataset.personal import personal_in, told
from studio.media.dataset.reading import SUFFIXES, Reading, blocks, readings
from studio.media.dataset.sketches import Hashes, hashes_each, near_pairs, sketch
from studio.media.manuscript.forms import NOTHING_CHANGED

WORDS_LEAST: Final = 8  # and for scripts that set no spaces:
CHARS_LEAST: Final = 16
NEAR_SHARE: Final = (
    0.5  # of the shorter text's runs of words: two versions of a chapter, a chapter and its book
)
_TELL_S: Final = 0.1
_READING_SHARE: Final = 0.9
_UNSPACED_CHARS: Final = 12  # characters a word: no language with spaces has so many
_OTHERS: Final = {
    ".doc": "an old Word file; save it as .docx",
    ".pdf": "a PDF; use the document that it was made from",
    ".pages": "a Pages document; export it as .docx",
    ".wps": "a Works document; save it as .docx",
    ".wpd": "a WordPerfect document; save it as .docx",
    ".mobi": "a Kindle book; use it as .epub",
    ".azw3": "a Kindle book; use it as .epub",
    ".fb2": "a FictionBook; use it as .epub",
    ".tex": "a TeX source; save what it sets as .docx or .html",
    ".scriv": "a Scrivener project; compile it to .docx",
}


class _Text(Struct):
    """What is kept of a text while the others are read."""

    document: Document
    hashes: Hashes
    language: str


def look(folder: Path, files: Sequence[str], settings: TuneSettings, tell: Tell, stopped: Stopped) -> Looked:
    """Read every text among `files` (names below `folder`) once, and compare them.

    Documents come with the side "train": media.dataset.survey decides it. Raises StoppedError within 0.2 s, and
    StudioError when documents can't be read at all ("pandoc", "full").
    """
    texts, problems = _examined(folder, files, tell, stopped)
    tell(_READING_SHARE, "Looking for duplicates…")
    out = settings.data.drop_duplicates
    doubles = aside(lambda halted: _doubles(texts, out, halted), stopped)
    problems += [
        Problem(file=texts[each.lesser].document.file, other=texts[each.greater].document.file, finding=finding,
                words=words, left_out=out)
        for each, finding, words in doubles
    ]  # fmt: skip
    gone = {each.lesser for each, _, _ in doubles} if out else set()
    kept = [text for index, text in enumerate(texts) if index not in gone]
    odd, language = _odd_ones(kept)
    others = [problem for file in files if (problem := _of_another_kind(file))]
    return Looked(
        documents=tuple(text.document for text in kept),
        problems=(*problems, *odd, *others),
        passed_over=sum(not _is_text(file) for file in files),
        notes=(f"Most of it is in {language}.",) if language else (),
    )


def _examined(
    folder: Path, files: Sequence[str], tell: Tell, stopped: Stopped
) -> tuple[list[_Text], list[Problem]]:
    chosen = [file for file in files if _is_text(file)]
    most = hashes_each(len(chosen))
    texts: list[_Text] = []
    problems: list[Problem] = []
    told_s = 0.0
    for index, (file, found) in enumerate(zip(chosen, readings(folder, chosen, stopped), strict=True)):
        if time.monotonic() - told_s > _TELL_S:
            told_s = time.monotonic()
            tell(_READING_SHARE * index / len(chosen), f"Reading {index + 1:,} of {len(chosen):,}: {file}")
        if isinstance(found, Problem):
            problems.append(found)
            continue
        text, about = _examine(found, most, stopped)
        problems += about
        if text:
            texts.append(text)
    return texts, problems


def _examine(found: Reading, most: int, stopped: Stopped) -> tuple[_Text | None, list[Problem]]:
    name = PurePosixPath(found.file).name
    problems: list[Problem] = []
    pieces = list(blocks(found.text))
    words = sum(len(piece.split()) for piece in _polled(pieces, stopped))
    unspaced = len(found.text) > _UNSPACED_CHARS * words
    if len(found.text) < CHARS_LEAST if unspaced else words < WORDS_LEAST:
        few = f"“{name}” has too few words to learn from ({words})."
        return None, [Problem(file=found.file, finding="small", words=few)]
    if found.truncated:
        cut = f"“{name}” seems to be cut off: it ends within a sign."
        problems.append(Problem(file=found.file, finding="truncated", words=cut, left_out=False))
    if personal := personal_in(_polled(pieces, stopped)):
        hint = f"“{name}” may hold personal data: {told(personal)}. A model can repeat what it learnt."
        problems.append(Problem(file=found.file, finding="personal", words=hint, left_out=False))
    document = Document(
        file=found.file,
        side="train",
        sha256=found.sha256,
        units=len(found.text),
        size_bytes=found.size_bytes,
        words=words,
    )
    hashes = sketch(_polled(pieces, stopped), most)
    return _Text(document, hashes, language_of(found.text)), problems


def _doubles(texts: Sequence[_Text], out: bool, stopped: Stopped) -> list[tuple[Doubled, Finding, str]]:
    """Those that can go or, when none is to go, enough pairs to hold all versions of a text together."""
    equal = copies([text.document.sha256 for text in texts])
    found: list[tuple[Doubled, Finding, str]] = [
        (each, "duplicate", f"The same as “{texts[each.greater].document.file}”.") for each in equal
    ]
    copied = {each.lesser for each in equal}
    single = [index for index in range(len(texts)) if index not in copied]
    pairs = near_pairs(
        [texts[index].hashes for index in single],
        [texts[index].document.units for index in single],
        NEAR_SHARE,
        stopped,
    )
    if pairs is None:
        raise StoppedError("Stopped.", kept=NOTHING_CHANGED)
    near = [Doubled(single[pair.lesser], single[pair.greater], pair.share) for pair in pairs]
    for each in spared(near) if out else spanning(near):
        other = texts[each.greater].document.file
        share = "All" if each.share > 0.99 else f"About {each.share:.0%}"
        found.append((each, "near_duplicate", f"{share} of it stands in “{other}” too."))
    return found


def _odd_ones(texts: Sequence[_Text]) -> tuple[list[Problem], str]:
    """Texts in another language than most, and the language of most."""
    usual = prevailing(text.language for text in texts)
    return [
        Problem(
            file=text.document.file,
            finding="language",
            words=f"Seems to be in {text.language}; most are in {usual}.",
            left_out=False,
        )
        for text in texts
        if usual and text.language and text.language != usual
    ], usual


def _polled(pieces: Sequence[str], stopped: Stopped) -> Iterator[str]:
    for piece in pieces:
        _go_on(stopped)
        yield piece


def _go_on(stopped: Stopped) -> None:
    if stopped():
        raise StoppedError("Stopped.", kept=NOTHING_CHANGED)


def _is_text(file: str) -> bool:
    return PurePosixPath(file).suffix.lower() in SUFFIXES


def _of_another_kind(file: str) -> Problem | None:
    """A word on documents that people would expect to be read."""
    path = PurePosixPath(file)
    what = _OTHERS.get(path.suffix.lower())
    return Problem(file=file, finding="not_this_kind", words=f"“{path.name}” is {what}.") if what else None
