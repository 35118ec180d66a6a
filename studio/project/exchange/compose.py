"""Works as a document tree for pandoc: headings, scene breaks, paragraphs, emphasis, whose words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from studio.media.manuscript.emphasis import Stretch, stretches
from studio.media.manuscript.gather import MODEL_STYLE
from studio.media.spans import HUMAN, Run, Runs, SpanText, merged, whole
from studio.project.lines import kept_lines
from studio.project.records import Work

API_VERSION = (1, 23, 1)
BREAK_STYLE = "Atelier scene break"
_BREAK = "* * *"
_EMPTY = "\u00a0"
_TITLED = ("chapter", "note")
Node = dict[str, Any]


def composed(works: Sequence[Work], texts: Mapping[str, SpanText], title: str, authors: bool) -> bytes:
    """pandoc's JSON for works in the order given; a story's name is the title, a chapter's a heading.

    With `authors` the words that models wrote carry the character style MODEL_STYLE.
    """
    blocks: list[Node] = []
    text_before = False
    for work in works:
        text = texts.get(work.id, SpanText())
        lines = kept_lines(text.text)
        if work.kind in _TITLED and work.title.strip():
            blocks.append(_heading(work.title))
            text_before = False
        if text_before and lines:
            blocks.append(_scene_break())
        sliced = _sliced(text.runs, lines) if authors else [()] * len(lines)
        blocks += [
            _paragraph(whole(text.text[start:end]), runs)
            for (start, end), runs in zip(lines, sliced, strict=True)
        ]
        text_before = text_before or bool(lines)
    meta = {"title": {"t": "MetaInlines", "c": [_words(title)]}} if title else {}
    return msgspec.json.encode({"pandoc-api-version": API_VERSION, "meta": meta, "blocks": blocks})


def _heading(title: str) -> Node:
    return {"t": "Header", "c": [1, _attributes(), [_words(" ".join(title.split()))]]}


def _scene_break() -> Node:
    inner = {"t": "Para", "c": [_words(_BREAK)]}
    style = ["", [], [["custom-style", BREAK_STYLE], ["style", "text-align: center"]]]
    return {"t": "Div", "c": [style, [inner]]}


def _sliced(runs: Runs, lines: Sequence[tuple[int, int]]) -> list[Runs]:
    """The authors of each line, in one walk: a book has thousands of lines and of runs."""
    out: list[Runs] = []
    index = place = 0  # the run at hand, and where it begins
    for start, end in lines:
        while index < len(runs) and place + runs[index].length <= start:
            place += runs[index].length
            index += 1
        found: list[Run] = []
        at, ahead = place, index
        while ahead < len(runs) and at < end:
            over = min(at + runs[ahead].length, end) - max(at, start)
            found.append(runs[ahead].of(over))
            at += runs[ahead].length
            ahead += 1
        out.append(merged(found))
    return out


def _paragraph(line: str, runs: Runs) -> Node:
    """A line as a paragraph; without `runs` nobody is told apart."""
    if not line.strip():
        return {"t": "Para", "c": [_words(_EMPTY)]}
    inlines = [node for stretch in stretches(line) for node in _dressed(line, stretch, runs)]
    return {"t": "Para", "c": inlines}


def _dressed(line: str, stretch: Stretch, runs: Runs) -> Iterator[Node]:
    """A stretch of one setting, cut where its author changes."""
    for start, end, is_model in _by_author(stretch.start, stretch.end, runs):
        node = _words(line[start:end])
        if stretch.emph:
            node = {"t": "Emph", "c": [node]}
        if stretch.strong:
            node = {"t": "Strong", "c": [node]}
        if is_model:
            node = {"t": "Span", "c": [["", [], [["custom-style", MODEL_STYLE]]], [node]]}
        yield node


def _by_author(start: int, end: int, runs: Runs) -> Iterator[tuple[int, int, bool]]:
    if not runs:
        yield start, end, False
        return
    place = 0
    low, model = start, False
    for run in runs:
        begins, place = place, place + run.length
        if place <= start or begins >= end:
            continue
        is_model = run.author != HUMAN
        at = max(begins, start)
        if at > low and is_model != model:
            yield low, at, model
            low = at
        model = is_model
    yield low, end, model


def _words(text: str) -> Node:
    """Words with their spaces in one piece."""
    return {"t": "Str", "c": text.replace("\t", " ")}


def _attributes() -> list[Any]:
    return ["", [], []]
