"""What of a project can be searched, cut into passages; and the words a person asks with."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from zlib import crc32

from msgspec import Struct

from studio.media.spans import whole

FoundKind = Literal["text", "synopsis", "lore", "memory", "note", "summary", "title", "picture"]
HIT_START, HIT_END = "\x02", "\x03"
PASSAGE_CHARS = 1_000
PASSAGE_CHARS_MOST = 4_000
SNIPPET_CHARS = 160
_BEFORE_CHARS = 50
_SIGNALS = str.maketrans(dict.fromkeys("\x00\x02\x03", " "))
_ASKED = re.compile(r'"([^"]*)"(\*?)|([^\s"]+)')
_FACT_KINDS: dict[str, FoundKind] = {
    "memory": "memory",
    "synopsis": "synopsis",
    "summary": "summary",
    "authors_note": "note",
}
_LORE = "lore/"
_TITLES = ("title", "name", "comment")


class Passage(Struct, frozen=True):
    """A piece that is found as one; `entry` is the lore entry's id, `at` its place in the work's text."""

    kind: FoundKind
    entry: str
    at: int
    text: str


class Found(Struct, frozen=True, kw_only=True):
    """A place where the words stand. `title` is the work's or the lore entry's.

    `snippet` is one line with HIT_START..HIT_END around the hits; `at` and `end` are the first hit's
    characters in the work's text, -1 when it is not in that.
    """

    work: str
    kind: FoundKind
    entry: str
    title: str
    snippet: str
    at: int = -1
    end: int = -1


class Asked(Struct, frozen=True):
    """A person's query: `match` in the index's language ("" when it holds no word), `parts` for any text."""

    match: str
    parts: tuple[str, ...]


def asked(query: str) -> Asked:
    """Words (all of them), "whole phrases" and beginnings*; every other sign is looked for as it is."""
    terms, parts = [], []
    for phrase, star, word in _ASKED.findall(whole(query).translate(_SIGNALS)):
        beginning = bool(star) or (len(word) > 1 and word.endswith("*"))
        term = phrase or (word[:-1] if word and beginning else word)
        if not term.strip():
            continue
        parts.append(folded(term))
        if any(sign.isalnum() for sign in term):
            terms.append(f'"{term}"' + ("*" if beginning else ""))
    whole_words = " AND ".join(terms) if len(terms) == len(parts) else ""
    return Asked(whole_words, tuple(parts))


def plain(text: str) -> str:
    """The text as the index takes it: without the signs that mark hits in an answer."""
    return text.translate(_SIGNALS)


def folded(text: str) -> str:
    """Without case and accents, each character in its place."""
    text = plain(text)
    if text.isascii():
        return text.lower()
    return text.translate({ord(sign): _folded_sign(sign) for sign in set(text)})


def snippet(text: str) -> tuple[str, int, int]:
    """A line around the first hit of a passage with marked hits; where that hit begins and ends in it."""
    start = text.find(HIT_START)
    at, end = start, text.find(HIT_END) - 1
    low = max(0, start - _BEFORE_CHARS)
    if low:
        space = text.find(" ", low, start)
        low = space + 1 if space >= 0 else low
    cut = text[low : low + SNIPPET_CHARS]
    if cut.count(HIT_START) > cut.count(HIT_END):
        cut += HIT_END
    line = " ".join(cut.split())
    return ("…" if low else "") + line + ("…" if low + SNIPPET_CHARS < len(text) else ""), at, end


def marked(text: str, parts: tuple[str, ...]) -> str:
    """The passage with hits around every occurrence of the parts, case and accents aside."""
    line = folded(text)
    spans: list[tuple[int, int]] = []
    for part in parts:
        at = line.find(part)
        while at >= 0:
            spans.append((at, at + len(part)))
            at = line.find(part, at + len(part))
    out, done = [], 0
    for start, end in sorted(spans):
        if start >= done:
            out += [text[done:start], HIT_START, text[start:end], HIT_END]
            done = end
    return "".join((*out, text[done:]))


def passages_of(title: str, text: str, facts: Mapping[str, Any], prompts: Mapping[str, str]) -> list[Passage]:
    """All that is to be found of a work. `prompts` of its pictures, by take."""
    out = [Passage("title", "", -1, title)] if title.strip() else []
    out += [Passage("text", "", at, piece) for at, piece in cut(text)]
    for key, value in facts.items():
        kind: FoundKind | None = "lore" if key.startswith(_LORE) else _FACT_KINDS.get(key)
        words = "\n".join(_strings(value)) if kind else ""
        if kind and words.strip():
            entry = key.removeprefix(_LORE) if kind == "lore" else ""
            out += [Passage(kind, entry, -1, piece) for _, piece in cut(words)]
    for take, prompt in prompts.items():
        out += [Passage("picture", take, -1, piece) for _, piece in cut(prompt)]
    return out


def cut(text: str) -> Iterator[tuple[int, str]]:
    """Pieces of whole paragraphs, and where they begin.

    Which paragraph ends a piece depends on its own words, so that an edit changes the pieces around it only.
    """
    start = end = 0
    while end < len(text):
        line = end
        end = text.find("\n", line) + 1 or len(text)
        end = min(end, start + PASSAGE_CHARS_MOST)
        long = end - start >= PASSAGE_CHARS and crc32(text[line:end].encode("utf-8", "replace")) & 1
        if long or end - start >= PASSAGE_CHARS_MOST or end == len(text):
            if not text[start:end].isspace():
                yield start, text[start:end]
            start = end


def title_in(value: Any) -> str:
    """What a lore entry is called, as far as its value tells."""
    if isinstance(value, dict):
        return next((str(value[key]) for key in _TITLES if value.get(key)), "")
    return ""


def _strings(value: Any) -> Iterator[str]:
    """The words in a fact; ids and the names of fields are no words."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("id", "kind"):
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _folded_sign(sign: str) -> str:
    base = unicodedata.normalize("NFD", sign)[0]
    lower = base.lower()
    return lower if len(lower) == 1 else base
