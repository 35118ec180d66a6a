"""A text's lines as a book's paragraphs."""

import re
from itertools import pairwise

_LINE = re.compile(r"[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029]|\Z)")
_END = "\r\n\x85\u2028\u2029"


def kept_lines(text: str) -> list[tuple[int, int]]:
    """Where each paragraph begins and ends, in order, without the line's end.

    Empty lines at the text's ends are left out, and all of them when every paragraph is parted from the next
    by one: there they are spacing. Elsewhere an empty line was meant and is kept.
    """
    lines: list[tuple[int, int]] = []
    for found in _LINE.finditer(text):
        if found.start() < len(text):
            lines.append((found.start(), found.start() + len(found[0].rstrip(_END))))
    filled = [bool(text[start:end].strip()) for start, end in lines]
    if not any(filled):
        return []
    first, last = filled.index(True), len(filled) - filled[::-1].index(True)
    lines, filled = lines[first:last], filled[first:last]
    if any(a and b for a, b in pairwise(filled)):
        return lines
    return [line for line, full in zip(lines, filled, strict=True) if full]
