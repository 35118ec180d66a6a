"""From lines, headings and breaks to chapters and scenes."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from studio.media.manuscript.gather import Event
from studio.media.manuscript.manuscript import Chapter, Scene
from studio.media.spans import Run, SpanText, merged, runs_of

SCENE_BREAK = re.compile(r"\s*(?:\*\s*){3,}|\s*[#⁂❦§]\s*|\s*(?:[-–—_~•·=]\s*){3,}")


def divided(events: Sequence[Event], title: str, lost: Counter[str]) -> tuple[str, tuple[Chapter, ...]]:
    """The story's title ("" when the file names none) and its chapters.

    The highest heading begins a chapter, the next lower one a scene, and so do breaks (`***`, `#`, a rule).
    One highest heading alone at the very beginning, with others below it, is the story's title; so is a bold
    line there, or one that says what the file is called.
    """
    events = _without_spacing(_breaks_seen(events))
    title, events = _title_taken(events, title)
    levels = sorted({event.level for event in events if event.kind == "heading"})
    if not levels and sum(event.kind == "part" for event in events) > 1:
        events = [Event("heading", level=1) if event.kind == "part" else event for event in events]
        levels = [1]
    building = _Building()
    for event in events:
        if event.kind == "heading" and event.level == levels[0]:
            building.begin_chapter(event.text.text)
        elif event.kind == "heading" and event.level == levels[1]:
            building.begin_scene(event.text.text)
        elif event.kind == "break":
            building.begin_scene("")
        elif event.kind == "heading":
            lost["smaller headings (now plain lines)"] += 1
            building.lines.append(event.text)
        elif event.kind == "line":
            building.lines.append(event.text)
    return title, building.ended()


class _Building:
    """Chapters as they come."""

    def __init__(self) -> None:
        self.lines: list[SpanText] = []
        self._chapters: list[tuple[str, list[tuple[str, SpanText]]]] = [("", [])]
        self._scene_title = ""

    def begin_scene(self, title: str) -> None:
        """A break without words before it begins nothing."""
        text = _joined(self.lines)
        if text.text or self._scene_title:
            self._chapters[-1][1].append((self._scene_title, text))
        self.lines, self._scene_title = [], title

    def begin_chapter(self, title: str) -> None:
        self.begin_scene("")
        self._chapters.append((title, []))

    def ended(self) -> tuple[Chapter, ...]:
        """All that has words, or a heading."""
        self.begin_scene("")
        out: list[Chapter] = []
        for index, (title, scenes) in enumerate(self._chapters):
            if index == 0 and not scenes:
                continue
            kept = scenes or [("", SpanText())]  # a heading alone is a chapter that waits for its words
            if index and not title and not scenes:
                continue
            named = title or (f"Chapter {len(out) + 1}" if index else "")
            out.append(
                Chapter(
                    title=named,
                    scenes=tuple(
                        Scene(title=own or f"Scene {number}", text=text)
                        for number, (own, text) in enumerate(kept, 1)
                    ),
                )
            )
        return tuple(out)


def _breaks_seen(events: Sequence[Event]) -> list[Event]:
    """Lines that are nothing but stars or a rule are breaks."""
    return [
        Event("break") if event.kind == "line" and SCENE_BREAK.fullmatch(event.text.text) else event
        for event in events
    ]


def _without_spacing(events: list[Event]) -> list[Event]:
    """Where all paragraphs are parted by empty ones, these are spacing and go; else each was meant."""
    tight = any(_has_words(a) and _has_words(b) for a, b in pairwise(events))
    return events if tight else [e for e in events if e.kind != "line" or e.text.text]


def _has_words(event: Event) -> bool:
    return event.kind == "line" and bool(event.text.text)


def _title_taken(events: list[Event], title: str) -> tuple[str, list[Event]]:
    seen = [event for event in events if event.kind != "part" and (event.kind != "line" or event.text.text)]
    if not seen:
        return title, events
    first = seen[0]
    if first.kind == "heading":
        others = [event.level for event in seen[1:] if event.kind == "heading"]
        alone = bool(others) and first.level < min(others)
        if alone or (title and " ".join(title.split()) == first.text.text and others):
            return title or first.text.text, [event for event in events if event is not first]
    elif first.kind == "line" and len(seen) > 1:
        words = first.text.text.strip("*")
        before_all = seen[1].kind == "heading" or not any(event.kind == "heading" for event in seen)
        if (first.bold and not title and before_all) or (title and words == " ".join(title.split())):
            return title or words, [event for event in events if event is not first]
    return title, events


def _joined(lines: list[SpanText]) -> SpanText:
    """Lines as one text; empty ones at its ends are spacing."""
    low, high = 0, len(lines)
    while low < high and not lines[low].text:
        low += 1
    while high > low and not lines[high - 1].text:
        high -= 1
    kept = lines[low:high]
    runs: list[Run] = []
    for index, line in enumerate(kept):
        if index:
            runs += runs_of("\n", line.runs[0].author if line.runs else "")
        runs += line.runs
    return SpanText(text="\n".join(line.text for line in kept), runs=merged(runs))
