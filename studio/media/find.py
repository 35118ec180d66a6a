"""Find and replace in a text whose characters know their authors."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from studio.core.errors import StudioError
from studio.media.spans import Edit, Run, Runs, SpanText, merged, runs_of, whole

if TYPE_CHECKING:
    from regex import Pattern

TIME_LIMIT_S: Final = 2.0  # a pattern may be written so that it never ends
HITS_MOST: Final = 100_000
STEPS_MOST: Final = 50  # up to so many changes an editor makes one by one, beyond it takes the whole edit
_TEMPLATE: Final = (
    r"\$(?:(?P<number>\d{1,2})|\{(?P<name>\w+)\}|(?P<all>&)|(?P<plain>\$))"
    r"|\\(?:(?P<number2>\d{1,2})|g<(?P<name2>\w+)>|(?P<plain2>[nt\\]))"
)
_PLAIN: Final = {"$": "$", "n": "\n", "t": "\t", "\\": "\\"}


class Options(Struct, frozen=True, kw_only=True):
    """What is looked for, and how."""

    pattern: str
    regex: bool = False
    case: bool = False
    whole_words: bool = False


class Hit(Struct, frozen=True):
    """Characters start..end; empty for a pattern that may match nothing."""

    start: int
    end: int


class Replaced(Struct, frozen=True, kw_only=True):
    """`edit` replaces `count` hits at once (None when nothing changes); `locked` hits were left as they are.

    `steps` do the same when applied one after another, last hit first: less for an editor to lay out.
    """

    edit: Edit | None
    steps: tuple[Edit, ...] = ()
    count: int = 0
    locked: int = 0


def compiled(options: Options) -> "Pattern[str]":
    """The pattern; "^" and "$" stand for the ends of paragraphs. Raises StudioError "pattern" when it is none."""
    import regex  # its matches can be stopped in time; read when the first search begins, not with the window

    flags = regex.MULTILINE | (0 if options.case else regex.IGNORECASE)
    source = options.pattern if options.regex else regex.escape(options.pattern)
    if options.whole_words:
        source = rf"(?<!\w)(?:{source})(?!\w)"
    try:
        return regex.compile(source, flags)
    except (regex.error, OverflowError, RecursionError) as error:
        raise StudioError(
            f"“{options.pattern}” is no regular expression: {error}.",
            kept="Nothing was changed.",
            do="Mend it, or switch regular expressions off to find it as it is written.",
            code="pattern",
        ) from error


def find(
    text: str, options: Options, start: int = 0, end: int | None = None, time_limit_s: float = TIME_LIMIT_S
) -> tuple[Hit, ...]:
    """Every hit between two places, first to last, none over another.

    Raises StudioError: "pattern" for a wrong pattern, "slow" when it takes too long, "many" when it hits more
    than HITS_MOST times.
    """
    return tuple(Hit(*match.span()) for match in _matches(text, options, start, end, time_limit_s))


def _matches(text: str, options: Options, start: int, end: int | None, time_limit_s: float) -> Iterator[Any]:
    if not options.pattern:
        return
    pattern = compiled(options)
    last = len(text) if end is None else end
    count = 0
    try:
        for match in pattern.finditer(text, start, last, timeout=time_limit_s):
            if options.whole_words and match.end() == last < len(text) and _in_word(text, last):
                continue  # the word goes on behind the place where the search ends
            count += 1
            if count > HITS_MOST:
                raise StudioError(
                    f"“{options.pattern}” is found more than {HITS_MOST:,} times.",
                    kept="Nothing was changed.",
                    do="Look for something rarer, or in a smaller part of the text.",
                    code="many",
                )
            yield match
    except TimeoutError as error:
        raise StudioError(
            f"Looking for “{options.pattern}” took longer than {time_limit_s:g} s.",
            kept="Nothing was changed.",
            do="Write the expression so that it has fewer ways to match, for example without a “*” inside a “*”.",
            code="slow",
        ) from error


def _in_word(text: str, at: int) -> bool:
    return _is_word(text[at - 1 : at]) and _is_word(text[at : at + 1])


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


# -- replacing -----------------------------------------------------------------------------------------


def template_parts(template: str, groups: int, names: Mapping[str, int]) -> tuple[str | int, ...]:
    r"""A replacement as words and numbers of groups: $1, ${1}, ${name}, \1, \g<name>, $& for all; \n and \t.

    A $ or \ that means none of these stands for itself; $$ is a $ and \\ a \. Raises StudioError "pattern" for a
    group that the expression does not have.
    """
    out: list[str | int] = []
    at = 0
    for match in re.finditer(_TEMPLATE, template):
        out.append(template[at : match.start()])
        at = match.end()
        if name := match["number"] or match["name"] or match["number2"] or match["name2"]:
            out.append(_group(name, groups, names))
        elif match["all"]:
            out.append(0)
        else:
            out.append(_PLAIN[match["plain"] or match["plain2"]])
    out.append(template[at:])
    return tuple(part for part in out if part != "")


def _group(name: str, groups: int, names: Mapping[str, int]) -> int:
    if name.isdecimal() and int(name) <= groups:
        return int(name)
    if name in names:
        return names[name]
    raise StudioError(
        f"The replacement speaks of group {name}, which the expression does not have.",
        kept="Nothing was changed.",
        do=f"It has {groups} group{'' if groups == 1 else 's'}, in round brackets; write $$ for a dollar sign.",
        code="pattern",
    )


def replace(
    value: SpanText,
    options: Options,
    template: str,
    start: int = 0,
    end: int | None = None,
    *,
    only: Hit | None = None,
    time_limit_s: float = TIME_LIMIT_S,
) -> Replaced:
    """Replace every hit between two places, or `only` that one if it is one still.

    What a replacement has in common with its hit at either end keeps its author, the rest is the person's. Hits
    that touch locked text are left as they are. In a plain search the template stands for itself. Raises
    StudioError as `find` and `template_parts` do.
    """
    changes: list[_Change] = []
    locks = value.locks()
    count = locked = 0
    parts: tuple[str | int, ...] | None = None
    for match in _matches(value.text, options, start, end, time_limit_s):
        if only is not None and match.span() != (only.start, only.end):
            if match.start() > only.start:
                break
            continue
        if parts is None:
            pattern = match.re
            parts = (
                template_parts(template, pattern.groups, pattern.groupindex) if options.regex else (template,)
            )
        if _touches(locks, *match.span()):
            locked += 1
            continue
        count += 1
        written = "".join((match[part] or "") if isinstance(part, int) else part for part in parts)
        if change := _least(match.start(), match[0], whole(written)):
            changes.append(change)
    steps = tuple(value.edit(*change) for change in reversed(changes)) if len(changes) <= STEPS_MOST else ()
    edit = _one_edit(value, changes)
    return Replaced(edit=edit, steps=steps or ((edit,) if edit else ()), count=count, locked=locked)


_Change = tuple[int, int, str]  # place, characters to take away, characters to write


def _touches(locks: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a hit lies in or over one of these; an empty one only when strictly inside."""
    index = bisect_right(locks, start, key=lambda lock: lock[1])  # the first that ends behind `start`
    return index < len(locks) and locks[index][0] < max(end, start)


def _least(at: int, old: str, new: str) -> _Change | None:
    """The smallest change that makes one the other; None when they are the same."""
    if old == new:
        return None
    most = min(len(old), len(new))
    head = next((i for i in range(most) if old[i] != new[i]), most)
    tail = next((i for i in range(most - head) if old[-1 - i] != new[-1 - i]), most - head)
    return at + head, len(old) - head - tail, new[head : len(new) - tail]


def _one_edit(value: SpanText, changes: Sequence[_Change]) -> Edit | None:
    """The changes as one edit; all between them keeps its authors and its locks."""
    if not changes:
        return None
    starts = [0, *accumulate(run.length for run in value.runs)]
    first = place = changes[0][0]
    texts: list[str] = []
    runs: list[Run] = []
    for at, removed, written in changes:
        texts += (value.text[place:at], written)
        runs += (*_runs_between(value.runs, starts, place, at), *runs_of(written))
        place = at + removed
    return value.edit(first, place - first, "".join(texts), merged(runs))


def _runs_between(runs: Runs, starts: Sequence[int], start: int, end: int) -> Iterator[Run]:
    index = bisect_right(starts, start) - 1
    while start < end:
        length = min(end, starts[index + 1]) - start
        yield runs[index].of(length)
        start, index = start + length, index + 1
