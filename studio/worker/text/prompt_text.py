"""The text before the caret as tokens: cut at its beginning in big steps, with places for what stands in it."""

import re
from bisect import bisect_left
from dataclasses import dataclass, replace

from studio.worker.text.prompt_pieces import Pen, Piece

CUT_PARTS = 4  # the text is cut in steps of a quarter context, so that its beginning stays put meanwhile
STEP_CHARS = 512  # what stands in the text near the caret moves on in steps of about so many characters
_CHARS_A_TOKEN = 8  # more characters than a token is ever likely to span on average
_LOOK_ON_CHARS = 400  # a cut moves on to the next paragraph or sentence within so many characters
_LONG_CHARS = 1_500  # within longer paragraphs sentences count as borders too
_PARAGRAPH = re.compile(r"\n+(?!\n)")
_SENTENCE = re.compile(r"[.!?…][\"'”’)]*(?=\s)")


@dataclass(frozen=True)
class Body:
    """The text's end as tokens: `cut` characters are left out, `text` is the rest, `starts` counts in it."""

    text: str
    ids: list[int]
    starts: list[int]
    cut: int

    def token_at(self, place: int) -> int:
        """The index of the first token that starts at character `place` of `text` or after it."""
        return bisect_left(self.starts, place)


def cut_text(text: str, pen: Pen, room: int, context: int, *, opening: bool) -> Body:
    """The last `room` tokens of a text, or somewhat less: the cut moves in steps of a quarter context."""
    room = max(room, 1)
    block = context * _CHARS_A_TOKEN
    skipped = max(0, len(text) // block - 1) * block  # a whole number of blocks, so that it stays put
    rest = text[skipped:]
    encoded = pen.opening(rest) if opening and not skipped else pen.inside(rest)
    excess = len(encoded.ids) - room
    if excess <= 0:
        return Body(rest, encoded.ids, encoded.starts, skipped)
    step = max(context // CUT_PARTS, 1)
    drop = min(-(-excess // step) * step, len(encoded.ids) - 1)
    drop = _next_beginning(rest, encoded.starts, drop)
    place = encoded.starts[drop]
    starts = [start - place for start in encoded.starts[drop:]]
    return Body(rest[place:], encoded.ids[drop:], starts, skipped + place)


def _next_beginning(text: str, starts: list[int], drop: int) -> int:
    """The token where the next paragraph, else sentence, begins, when one is near; else the same."""
    near = text[starts[drop] : starts[drop] + _LOOK_ON_CHARS]
    hit = _PARAGRAPH.search(near) or _SENTENCE.search(near)
    if hit is None or hit.end() >= len(near):
        return drop
    index = bisect_left(starts, starts[drop] + hit.end())
    return index if index < len(starts) - 1 else drop


def late_place(body: Body, base: int, depth: int) -> int:
    """Where, in characters of `body.text`, a part stands that belongs `depth` paragraphs before the caret.

    `base` is the place of the text's first character in the work. The place is a border of paragraphs, and the
    same one until the caret has moved on by a step: typing does not move it, nor does a regenerate.
    """
    borders = _borders(body.text)
    if depth >= len(borders):
        return 0
    place = borders[-1 - depth]
    step_start = (base + body.cut + place) // STEP_CHARS * STEP_CHARS - base - body.cut
    return borders[bisect_left(borders, step_start)]


def _borders(text: str) -> list[int]:
    """The places where paragraphs begin; in very long ones, some of their sentences too."""
    borders = [0]
    for end in (*(hit.end() for hit in _PARAGRAPH.finditer(text)), len(text) + 1):
        if end - borders[-1] > _LONG_CHARS:
            for hit in _SENTENCE.finditer(text, borders[-1]):
                if hit.end() + 1 >= end:
                    break
                if hit.end() - borders[-1] >= STEP_CHARS:
                    borders.append(hit.end())
        if end <= len(text):
            borders.append(end)
    return borders


def with_late(
    body: Body, base: int, late: list[tuple[int, Piece]], why_cut: str, line_break: list[int]
) -> list[Piece]:
    """The text with the late parts in it, deepest first; within a line, a part begins one of its own."""
    pieces: list[Piece] = []
    state = "cut" if body.cut or base else "in"
    done = 0
    for depth, piece in sorted(late, key=lambda pair: -pair[0]):
        place = late_place(body, base, depth)
        index = max(done, body.token_at(place))
        if place and body.text[place - 1] != "\n":
            piece = replace(piece, ids=line_break + piece.ids)
        if index > done:
            pieces.append(_stretch(body, done, index, state, why_cut))
            done, state = index, "in"
        pieces.append(piece)
    if done < len(body.ids) or not pieces:
        pieces.append(_stretch(body, done, len(body.ids), state, why_cut))
    return pieces


def _stretch(body: Body, first: int, last: int, state: str, why_cut: str) -> Piece:
    """Tokens first..last of the text; the first stretch says what was cut before it."""
    start = body.starts[first] if first < len(body.starts) and first else 0
    end = body.starts[last] if last < len(body.starts) else len(body.text)
    if state == "cut":
        return Piece(body.ids[first:last], "text", state="cut", chars=end - start, why=why_cut)
    return Piece(body.ids[first:last], "text", chars=end - start)
