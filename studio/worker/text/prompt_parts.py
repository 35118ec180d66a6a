"""Memory, summary, lore and notes fitted into the room they may take: what is in, cut, out, and why."""

from collections.abc import Callable
from dataclasses import dataclass, field

from studio.core.jobs import ContextPart, TextJob
from studio.core.takes import PartSeen, PartState
from studio.worker.text.prompt_pieces import Pen, Piece

_FIXED_SHARE = 2  # memory, summary and notes may take half of the room
_LORE_SHARE = 2  # lore may take half of it
_TEXT_SHARE = 4  # a quarter is always left to the text
_HEAD_KINDS = ("memory", "summary", "lore", "note")
_BUDGET_ORDER = ("memory", "note", "summary")  # who is served first when the room is short

Form = Callable[[str], str]


@dataclass
class Fitted:
    """The parts that found room. `head` stands before the text; `late` is (depth in paragraphs, piece)."""

    head: list[Piece] = field(default_factory=list)
    late: list[tuple[int, Piece]] = field(default_factory=list)
    out: list[PartSeen] = field(default_factory=list)

    @property
    def late_tokens(self) -> int:
        """How many tokens the late parts have."""
        return sum(len(piece.ids) for _, piece in self.late)


def fit_parts(job: TextJob, pen: Pen, room: int, late_form: Form) -> Fitted:
    """Fit the job's parts and its note into a prompt of `room` tokens; `late_form` words those near the caret."""
    parts = [part for part in job.parts if part.text.strip()]
    if job.note.strip():
        parts.append(ContextPart(kind="note", title="For this request", text=job.note, order=1000))
    fixed = sorted(
        (part for part in parts if part.kind != "lore"), key=lambda part: _BUDGET_ORDER.index(part.kind)
    )
    fixed_room = room // _FIXED_SHARE
    chosen: list[tuple[ContextPart, Piece]] = []
    fitted = Fitted()
    left = fixed_room
    for part in fixed:
        why = f"memory, summary and notes may take {fixed_room} tokens, half of what the model can read"
        piece = _fit(part, pen, _form(part, late_form), left, why)
        left -= len(piece.ids)
        chosen.append((part, piece))
    lore_room = min(job.lore_tokens, room // _LORE_SHARE, room - room // _TEXT_SHARE - (fixed_room - left))
    chosen += _fit_lore([part for part in parts if part.kind == "lore"], pen, late_form, lore_room, job)
    for part, piece in sorted(chosen, key=lambda pair: (_HEAD_KINDS.index(pair[0].kind), pair[0].order)):
        if piece.state == "out":
            fitted.out.append(piece.seen)
        elif part.depth < 0:
            fitted.head.append(piece)
        else:
            fitted.late.append((part.depth, piece))
    return fitted


def _fit_lore(
    parts: list[ContextPart], pen: Pen, late_form: Form, room: int, job: TextJob
) -> list[tuple[ContextPart, Piece]]:
    """Lore from the highest order down, whole entries only, until the budget is full."""
    room = max(room, 0)
    budget = f"the lore budget of {room} tokens"
    if room < job.lore_tokens:
        budget += f" (as much of the {job.lore_tokens} allowed as this model has room for)"
    left = room
    chosen = []
    for part in sorted(parts, key=lambda part: -part.order):
        piece = _fit(part, pen, _form(part, late_form), left, "", whole=True)
        if piece.state == "out":
            needed = len(pen.inside(_form(part, late_form)(part.text.strip())).ids)
            needed = min(needed, part.limit_tokens or needed)
            why = f"left out: {budget} was full, {left} were left and it needs {needed}"
            piece = _out(part, _with(why, part.why))
        left -= len(piece.ids)
        chosen.append((part, piece))
    return chosen


def _fit(part: ContextPart, pen: Pen, form: Form, left: int, budget: str, *, whole: bool = False) -> Piece:
    """One part in at most `left` tokens and its own limit; with `whole` only the own limit may cut it."""
    text = part.text.strip()
    ids = pen.inside(form(text)).ids
    own = part.limit_tokens or len(ids)
    if whole and min(own, len(ids)) > left:
        return _out(part, budget)
    limit = min(own, left)
    state: PartState = "in"
    why = part.why
    if len(ids) > limit:
        full = len(ids)
        text, ids = _shortened(pen, text, form, limit)
        reason = f"its own limit is {own}" if own <= left else budget
        if not ids:
            return _out(
                part, _with(f"left out: {limit} of its {full} tokens are too few: {reason}", part.why)
            )
        state, why = "cut", _with(f"cut to {len(ids)} of {full} tokens: {reason}", part.why)
    return Piece(ids, part.kind, part.id, part.title, state, len(text), why)


def _shortened(pen: Pen, text: str, form: Form, limit: int) -> tuple[str, list[int]]:
    """The beginning of a text that fits, up to a whole word, and its tokens; ("", []) when nothing does."""
    encoded = pen.inside(text)
    keep = min(limit, len(encoded.ids) - 1)
    while keep > 0:
        end = encoded.starts[keep]
        short = text[:end]
        if end < len(text) and not text[end].isspace() and " " in short.strip():
            short = short[: short.rstrip().rfind(" ")]
        short = short.strip()
        ids = pen.inside(form(short)).ids
        if short and len(ids) <= limit:
            return short, ids
        keep -= max(1, len(ids) - limit)
    return "", []


def _out(part: ContextPart, why: str) -> Piece:
    return Piece([], part.kind, part.id, part.title, "out", len(part.text.strip()), why)


def _with(why: str, brought: str) -> str:
    return f"{why} ({brought})" if brought else why


def _form(part: ContextPart, late_form: Form) -> Form:
    """How a part is worded: plain before the text, marked as no part of the story within it."""
    if part.depth >= 0:
        return late_form
    if part.kind == "summary":
        return lambda text: f"The story so far: {text}\n\n"
    return lambda text: f"{text}\n\n"
