"""*Emphasis* and **strong words** in texts that are plain otherwise: the signs a person types."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

_MARKED = re.compile(r"(?<![\\*])(\*{1,3})(?=[^\s*])([^*\n]*[^\s*])\1(?!\*)")


class Stretch(Struct, frozen=True):
    """Characters start..end of a line, set in one way; the asterisks themselves are in none."""

    start: int
    end: int
    emph: bool = False
    strong: bool = False


def stretches(line: str) -> Iterator[Stretch]:
    """A line cut where its emphasis begins and ends.

    Inside a word only what holds no space is emphasis, so that “s**t and f**k” stays as it is.
    """
    done = place = 0
    while found := _MARKED.search(line, place):
        start, end = found.span()
        inside_word = (start > 0 and line[start - 1].isalnum()) or (end < len(line) and line[end].isalnum())
        if inside_word and any(sign.isspace() for sign in found[2]):
            place = start + len(found[1])
            continue
        if start > done:
            yield Stretch(done, start)
        stars = len(found[1])
        yield Stretch(start + stars, end - stars, emph=stars != 2, strong=stars != 1)
        done = place = end
    if done < len(line):
        yield Stretch(done, len(line))


def typed(parts: Iterable[tuple[str, bool, bool, str]]) -> list[tuple[str, str]]:
    """(text, emph, strong, author) parts of a line as (text, author) with asterisks around what is emphasised.

    Spaces at the edges stay outside; an asterisk's author is that of the words it stands at.
    """
    out: list[tuple[str, str]] = []
    group: list[tuple[str, str]] = []
    stars = ""
    for text, wanted, author in _mended(parts):
        if wanted != stars:
            out += _closed(group, stars)
            group, stars = [], wanted
        if text:
            group.append((text, author))
    return out + _closed(group, stars)


def _mended(parts: Iterable[tuple[str, bool, bool, str]]) -> list[tuple[str, str, str]]:
    """(text, stars, author): a space that a program left out of the emphasis where the author changes is in."""
    out = [(text, "*" * (emph + 2 * strong), author) for text, emph, strong, author in parts if text]
    for index in range(1, len(out) - 1):
        (_, before, left), (text, stars, author), (_, after, right) = out[index - 1 : index + 2]
        if text.isspace() and not stars and before == after and before and left != right:
            out[index] = (text, before, author)
    return out


def _closed(group: list[tuple[str, str]], stars: str) -> list[tuple[str, str]]:
    if not stars or not any(text.strip() for text, _ in group):
        return group
    before: list[tuple[str, str]] = []
    after: list[tuple[str, str]] = []
    while not group[0][0].strip():
        before.append(group.pop(0))
    while not group[-1][0].strip():
        after.insert(0, group.pop())
    first, author = group[0]
    lead = first[: len(first) - len(first.lstrip())]
    group[0] = (first.lstrip(), author)
    before += [(lead, author), (stars, author)]
    last, author = group[-1]
    tail = last[len(last.rstrip()) :]
    group[-1] = (last.rstrip(), author)
    return [*before, *group, (stars, author), (tail, author), *after]
