"""Finds what is untidy in a text: spacing, quotes, doubled words, repeated lines, an unfinished last sentence."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final, Literal, get_args

from msgspec import Struct

from studio.media.spans import Edit, Run, Runs, SpanText, merged

Rule = Literal["spacing", "quotes", "doubled", "repeated", "unfinished"]
RULES: Final[tuple[Rule, ...]] = get_args(Rule)

_SENTENCE: Final = re.compile(r"[^.!?…。！？\n]+[.!?…。！？]+[\"'”’»)\]]*\s*")
_ENDS: Final = re.compile(r"[.!?…。！？:;—–\-*#][\"'”’»」』）)\]*_]*\s*\Z")
_RIGHTLY_DOUBLED: Final = frozenset(
    {
        "had",
        "that",
        "is",
        "was",
        "no",
        "so",
        "very",
        "ha",
        "oh",
        "bye",
        "knock",
        "tut",
        "there",
        "now",
        "well",
        "ho",
        "hush",
        "more",
        "many",
        "far",
        "long",
        "really",
        "please",
        "again",
        "yes",
        "come",
        "down",
        "up",
    }
)
_DOUBLED: Final = re.compile(r"\b([^\W\d_]++)((?:[^\S\n]++\1\b)+)", re.IGNORECASE)
_LEAST_REPEATED: Final = 12  # characters; a shorter line ("***", "No!") may stand twice


class Fix(Struct, frozen=True, kw_only=True):
    """Replace characters start..end by `text`; `why` says so in plain words."""

    start: int
    end: int
    text: str
    rule: Rule
    why: str


def untidy(text: str, rules: Collection[Rule] = RULES) -> tuple[Fix, ...]:
    """What would be mended, first to last, no two overlapping; an earlier rule has the say."""
    return apart(fix for rule in RULES if rule in rules for fix in _FINDERS[rule](text))


def apart(fixes: Iterable[Fix]) -> tuple[Fix, ...]:
    """Those that overlap none given before them, first to last in the text."""
    taken: list[Fix] = []
    places: list[tuple[int, int]] = []  # of those, in order
    for fix in fixes:
        at = bisect_left(places, (fix.start, fix.end))
        if not any(start < fix.end and fix.start < end for start, end in places[max(0, at - 1) : at + 1]):
            places.insert(at, (fix.start, fix.end))
            taken.append(fix)
    return tuple(sorted(taken, key=lambda fix: (fix.start, fix.end)))


def mended(value: SpanText, fixes: Sequence[Fix]) -> Edit | None:
    """One edit that makes these fixes; locked text is left as it is. None when nothing is left to do.

    What replaces a character keeps its author: a model's straight quote stays the model's when it is curled.
    """
    edits = mendings(value, fixes)
    if not edits:
        return None
    runs_of = value.slicer()
    start, end = edits[0].at, edits[-1].at + len(edits[-1].removed)
    text: list[str] = []
    runs: list[Run] = []
    at = start
    for edit in edits:
        text += (value.text[at : edit.at], edit.inserted)
        runs += (*runs_of(at, edit.at), *edit.inserted_runs)
        at = edit.at + len(edit.removed)
    return value.edit(start, end - start, "".join(text), merged(runs))


def mendings(value: SpanText, fixes: Sequence[Fix]) -> tuple[Edit, ...]:
    """What `mended` does, an edit for each fix that is not locked, all in places of the text as it is."""
    runs_of, locked = value.slicer(), held(value)
    return tuple(
        Edit(
            at=fix.start,
            removed=value.text[fix.start : fix.end],
            removed_runs=runs_of(fix.start, fix.end),
            inserted=fix.text,
            inserted_runs=_runs_for(runs_of, fix),
        )
        for fix in fixes
        if not locked(fix)
    )


def held(value: SpanText) -> Callable[[Fix], bool]:
    """Tells of a fix whether a lock holds it back."""
    locks = value.locks()

    def is_held(fix: Fix) -> bool:
        index = bisect_right(locks, fix.start, key=lambda lock: lock[1])  # the first that ends behind it
        return index < len(locks) and locks[index][0] < max(fix.end, fix.start)

    return is_held


def _runs_for(runs_of: Callable[[int, int], Runs], fix: Fix) -> Runs:
    """The authors of a fix's text: those of what it replaces, the last one's where it is longer."""
    old = runs_of(fix.start, fix.end) or runs_of(max(0, fix.start - 1), fix.start)
    runs, left = [], len(fix.text)
    for run in old:
        part = min(left, run.length)
        runs.append(Run(length=part, author=run.author))
        left -= part
    if left:
        runs.append(Run(length=left, author=old[-1].author if old else ""))
    return merged(runs)


# -- the rules -----------------------------------------------------------------------------------


def _spacing(text: str) -> Iterator[Fix]:
    """Spaces too many, before a mark, or at the end of a line; more than one empty line."""
    for pattern, put, why in (
        (r"[^\S\n]+(?=\n|\Z)", "", "space at the end of a line"),
        (r"(?<=\n)[^\S\n]+(?=\S)|\A[^\S\n]+(?=\S)", "", "space at the beginning of a line"),
        (r"(?<=\S)[^\S\n]{2,}(?=\S)", " ", "more than one space"),
        (r"(?<=\w)[^\S\n\u00a0\u202f](?=[,;:!?](?:\s|\Z)|\.(?:\s|\Z))", "", "space before a mark"),
        (r"\n{3,}", "\n\n", "more than one empty line"),
        (r"(?<=[a-z])(?<!\w\.)([,;])(?=[A-Za-z])", None, "no space after a mark"),
    ):
        for hit in re.finditer(pattern, text):
            if hit.end() == len(text) and put == "" and hit.group() == " ":
                continue  # the space at the caret, before the next word
            yield Fix(
                start=hit.start(),
                end=hit.end(),
                text=f"{hit.group()} " if put is None else put,
                rule="spacing",
                why=why,
            )


def _quotes(text: str) -> Iterator[Fix]:
    """Quotes as most of the text has them: straight or curly."""
    straight, curly = len(re.findall(r"[\"']", text)), len(re.findall(r"[“”‘’]", text))
    if not (straight and curly):
        return
    if curly >= straight:
        for hit in re.finditer(r"[\"']", text):
            yield _quote(hit, _curled(text, hit.start()), "straight quote among curly ones")
    else:
        for hit in re.finditer(r"[“”‘’]", text):
            yield _quote(hit, '"' if hit.group() in "“”" else "'", "curly quote among straight ones")


def _quote(hit: re.Match[str], put: str, why: str) -> Fix:
    return Fix(start=hit.start(), end=hit.end(), text=put, rule="quotes", why=why)


def _curled(text: str, at: int) -> str:
    """Which curly quote stands for the straight one at `at`."""
    before = text[at - 1] if at else " "
    opens = before.isspace() or before in "([{—–-“‘"
    if text[at] == '"':
        return "“" if opens else "”"
    short = re.match(r"'(?:tis|twas|em|til|cause|\d)", text[at:], re.IGNORECASE)
    return "‘" if opens and not short else "’"


def _doubled(text: str) -> Iterator[Fix]:
    """The same word twice in a row."""
    for hit in _DOUBLED.finditer(text):
        if hit.group(1).lower() not in _RIGHTLY_DOUBLED:
            yield Fix(
                start=hit.end(1),
                end=hit.end(),
                text="",
                rule="doubled",
                why=f"“{hit.group(1)}” stands there twice",
            )


def _repeated(text: str) -> Iterator[Fix]:
    """A line or sentence that says again what the one before it said."""
    for pattern, what in ((re.compile(r"[^\n]+\n*"), "line"), (_SENTENCE, "sentence")):
        last = ""
        for hit in pattern.finditer(text):
            said = " ".join(hit.group().split()).casefold()
            if said == last and len(said) >= _LEAST_REPEATED:
                yield Fix(
                    start=hit.start(),
                    end=hit.end(),
                    text="",
                    rule="repeated",
                    why=f"the {what} before it again",
                )
            last = said


def _unfinished(text: str) -> Iterator[Fix]:
    """A last sentence that breaks off, when a whole one stands before it in the same paragraph."""
    if not text.strip() or _ENDS.search(text):
        return
    begin = text.rfind("\n") + 1
    ends = [hit.end() for hit in _SENTENCE.finditer(text, begin)]
    if ends and text[ends[-1] :].strip():
        cut = len(text[: ends[-1]].rstrip())
        yield Fix(start=cut, end=len(text), text="", rule="unfinished", why="the last sentence breaks off")


_FINDERS: Final[dict[Rule, Callable[[str], Iterator[Fix]]]] = {
    "spacing": _spacing,
    "quotes": _quotes,
    "doubled": _doubled,
    "repeated": _repeated,
    "unfinished": _unfinished,
}
