"""Plain text in: its encoding, its paragraphs, its chapters."""

import re
from itertools import pairwise
from statistics import median

from studio.media.manuscript.gather import Event
from studio.media.spans import SpanText, runs_of

_UTF16_LE, _UTF16_BE = b"\xff\xfe", b"\xfe\xff"
_HEADING = re.compile(
    r"(?:chapter|part|book|act|kapitel|teil|chapitre|capítulo|capitolo)\s+(?:\d{1,4}|[ivxlc]{1,8}|[^\W\d_]{2,12})"
    r"\b.{0,60}|(?:prologue|epilogue|foreword|prolog|epilog)\b.{0,20}|第[一二三四五六七八九十百千零〇\d]{1,6}[章回卷部].{0,40}",
    re.IGNORECASE,
)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,30})""", re.IGNORECASE)
_WRAPPED_CHARS = (40, 90)
_FULL_SHARE = 0.6


def decoded(data: bytes, form: str = "txt") -> tuple[str, str]:
    """The text and a sentence when its encoding had to be guessed (""), newlines as \\n."""
    note = ""
    try:
        text = data.decode("utf-16" if data.startswith((_UTF16_LE, _UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError:
        named = _CHARSET.search(data[:4_096]) if form == "html" else None
        text, note = _guessed(data, named[1].decode() if named else "")
    text = _CONTROLS.sub("", text)
    return text.replace("\r\n", "\n").replace("\r", "\n"), note


def _guessed(data: bytes, named: str) -> tuple[str, str]:
    if data.startswith((_UTF16_LE, _UTF16_BE)):
        return data.decode("utf-16", "replace"), "Some signs could not be read: the file ends in half of one."
    try:
        if named:
            return data.decode(named), ""
    except (LookupError, UnicodeDecodeError):
        pass
    words = (
        "It is not UTF-8, so it was read as Western European (Windows-1252): look whether accents are right."
    )
    return data.decode("cp1252", "replace"), words


def is_binary(data: bytes) -> bool:
    """Whether bytes are no text in any encoding: zeros stand in them."""
    return b"\x00" in data[:65_536] and not data.startswith((_UTF16_LE, _UTF16_BE))


def lines_of(text: str) -> tuple[list[str], list[str]]:
    """A plain text's lines without spaces at their ends, and notes on what was done to them.

    Lines broken at one width, as in old e-texts, are joined into paragraphs.
    """
    lines = text.replace("\u2028", "\n").replace("\u2029", "\n").split("\n")
    notes = []
    if _is_wrapped(lines):
        lines = _unwrapped(lines)
        notes.append("Lines broken at a fixed width were joined into paragraphs.")
    return [line.rstrip() for line in lines], notes


def events_of(text: str) -> tuple[list[Event], list[str]]:
    """Lines and headings of a plain text, and notes on what was done to them."""
    lines, notes = lines_of(text)
    events = []
    for index, line in enumerate(lines):
        alone = (index == 0 or not lines[index - 1].strip()) and not (
            index + 1 < len(lines) and lines[index + 1].strip()
        )
        kind = "heading" if alone and _HEADING.fullmatch(line.strip()) else "line"
        line = line.strip() if kind == "heading" else line
        events.append(Event(kind, SpanText(text=line, runs=runs_of(line)), level=1))  # type: ignore[arg-type]
    return events, notes


def _is_wrapped(lines: list[str]) -> bool:
    """Whether most lines that are followed by another are about equally long and short enough."""
    followed = [len(a) for a, b in pairwise(lines) if a.strip() and b.strip()]
    if len(followed) < 20 or not any(not line.strip() for line in lines):
        return False
    width = max(sorted(followed)[: max(1, len(followed) * 98 // 100)])
    low, high = _WRAPPED_CHARS
    full = sum(length >= 0.75 * width for length in followed) / len(followed)
    return low <= median(followed) <= high and width <= high + 10 and full >= _FULL_SHARE


def _unwrapped(lines: list[str]) -> list[str]:
    out: list[str] = []
    joined: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            joined.append(line.strip())
            continue
        if joined:
            out += [" ".join(joined), ""]
        joined = []
    return out
