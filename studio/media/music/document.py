"""A piece as a document: the text its score is kept as, line by line (see document_lines), with authors and locks.

A project keeps it where it keeps a story's text, as the revisions of a text. The characters of a note's line have the
note's author; a locked note's line is locked, without its newline: so locked neighbours are two stretches, between
which a note can be put.
"""

from bisect import bisect_left
from itertools import accumulate, groupby, pairwise

from msgspec.structs import replace

from studio.media.music.checks import checked
from studio.media.music.document_lines import (
    NOTE_LINES,
    damaged,
    head_lines,
    note_columns,
    note_line,
    read_head,
    read_track,
    track_lines,
)
from studio.media.music.document_takes import notes_from, notes_text, take_span, with_take
from studio.media.music.score import Note, Score, Track
from studio.media.spans import Edit, Run, Runs, SpanText, merged, runs_of

__all__ = [
    "from_spans",
    "from_text",
    "note_line",
    "notes_from",
    "notes_text",
    "revision",
    "take_span",
    "to_spans",
    "to_text",
    "with_take",
]


def to_spans(score: Score) -> SpanText:
    """What the project keeps: 20,000 notes take about 20 ms."""
    texts: list[str] = [head_lines(score)]
    runs: list[Run] = [Run(length=len(texts[0]))]
    for track in score.tracks:
        head = track_lines(track)
        texts.append(head)
        runs.append(Run(length=len(head)))
        lines = [f"{note.start} {note.pitch} {note.duration} {note.velocity}\n" for note in track.notes]
        texts.append("".join(lines))
        runs += _runs_of_notes(track.notes, lines)
    return SpanText(text="".join(texts), runs=merged(runs))


def to_text(score: Score) -> str:
    """The same without authors and locks."""
    return to_spans(score).text


def _runs_of_notes(notes: tuple[Note, ...], lines: list[str]) -> list[Run]:
    runs: list[Run] = []
    at = 0
    for (author, locked), group in groupby((note.author, note.locked) for note in notes):
        count = sum(1 for _ in group)
        if locked:
            for line in lines[at : at + count]:
                runs += (Run(length=len(line) - 1, author=author, locked=True), Run(length=1, author=author))
        else:
            runs.append(Run(length=sum(map(len, lines[at : at + count])), author=author))
        at += count
    return runs


def from_text(text: str) -> Score:
    """The score of a kept text, all of it the person's. Raises StudioError when it is damaged or newer."""
    return from_spans(SpanText(text=text, runs=runs_of(text)))


def from_spans(spans: SpanText) -> Score:
    """The score that is kept so; the empty one of an empty text. Raises StudioError when it is damaged or newer.

    A note's author and lock are those of its line's first character.
    """
    text = spans.text
    if not text:
        return Score()
    if not text.endswith("\n"):
        damaged("its last line is cut off")
    starts = _track_starts(text)
    score = read_head(text[: starts[0]][:-1].split("\n"))
    ends = list(accumulate(run.length for run in spans.runs))
    tracks = [_track(spans, ends, start, end) for start, end in pairwise(starts)]
    return checked(replace(score, tracks=tuple(tracks)))


def _track_starts(text: str) -> list[int]:
    """Where each track begins, and where the text ends."""
    starts, at = [], text.find("\ntrack ")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\ntrack ", at + 1)
    return [*starts, len(text)]


def _track(spans: SpanText, ends: list[int], start: int, end: int) -> Track:
    """The track whose lines are the characters start..end; `ends` is where each run ends."""
    text, first = spans.text, start
    while first < end and not text[first].isdecimal():
        first = text.index("\n", first) + 1
    if NOTE_LINES.fullmatch(text, first, end) is None:
        told = NOTE_LINES.match(text, first, end)
        at = told.end() if told else first
        damaged(f"a line says “{text[at : text.index(chr(10), at)][:40]}”")
    block = text[first:end]
    notes = _notes(block, spans.runs, ends, first)
    return read_track(text[start : first - 1].split("\n"), notes)


def _notes(block: str, runs: Runs, ends: list[int], at: int) -> tuple[Note, ...]:
    """The notes of a block that begins at character `at`."""
    columns = note_columns(block)
    run = bisect_left(ends, at + 1)
    if run >= len(runs) or (ends[run] >= at + len(block) and not runs[run].author and not runs[run].locked):
        return tuple(map(Note, *columns))
    starts = [at, *accumulate(map(len, block.splitlines(keepends=True)), initial=at)][1:-1]
    authors: list[str] = []
    locks: list[bool] = []
    count = 0
    while count < len(starts):
        upto = bisect_left(starts, ends[run], count) if run < len(runs) else len(starts)
        kind = runs[min(run, len(runs) - 1)]
        authors += [kind.author] * (upto - count)
        locks += [kind.locked] * (upto - count)
        count, run = upto, run + 1
    return tuple(map(Note, *columns, authors, locks))


def revision(old: SpanText, score: Score) -> Edit:
    """The smallest edit of whole lines, in one place, that makes the text say `score`; authors and locks count.

    It removes and inserts nothing when the text says so already.
    """
    new = to_spans(score)
    before, after = old.text, new.text
    most = min(len(before), len(after))
    same = min(_alike(before, after, most), _alike_runs(old.runs, new.runs))
    head = before.rfind("\n", 0, same) + 1
    most -= head
    tail = min(_alike_back(before, after, most), _alike_runs(old.runs[::-1], new.runs[::-1]), most)
    if not _line_starts(before, after, tail):
        cut = before.find("\n", len(before) - tail)
        tail = 0 if cut < 0 else len(before) - cut - 1
    end, upto = len(before) - tail, len(after) - tail
    return old.edit(head, end - head, after[head:upto], new.slice_runs(head, upto))


def _line_starts(before: str, after: str, tail: int) -> bool:
    """Whether the last `tail` characters of both begin with a line."""
    return all(tail == len(text) or text[len(text) - tail - 1] == "\n" for text in (before, after))


def _alike(one: str, other: str, most: int) -> int:
    """How many characters both begin with, by halving: comparing slices is a hundred times a loop's speed."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _alike_back(one: str, other: str, most: int) -> int:
    """How many characters both end with, `most` at most."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        a, b = len(one), len(other)
        if one[a - middle : a - low] == other[b - middle : b - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _alike_runs(one: Runs, other: Runs) -> int:
    """How many characters both begin with whose authors and locks are the same."""
    length = 0
    for a, b in zip(one, other, strict=False):
        if a == b:
            length += a.length
        else:
            return length + (min(a.length, b.length) if a.like(b) else 0)
    return length
