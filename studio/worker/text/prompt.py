"""What the model gets to read: what it should know, the text before the caret, the text after it, or an act.

What seldom changes stands first, so that a prompt that differs only near its end is read only there.
"""

from dataclasses import dataclass

from studio.core.jobs import TextJob
from studio.core.takes import PartSeen
from studio.worker.text.prompt_acts import lay_out_act
from studio.worker.text.prompt_parts import fit_parts
from studio.worker.text.prompt_pieces import Pen, Piece, joined, told
from studio.worker.text.prompt_text import cut_text, with_late
from studio.worker.text.tokens import TextTokens

_SUFFIX_PART = 4  # at most this part of the room goes to the text after the caret
_RESERVE_PARTS = 8  # room for late parts is kept in steps of an eighth context, so that the cut stays put
_CHARS_A_TOKEN = 8
_BEFORE_TOKENS = 8


@dataclass(frozen=True)
class Prompt:
    """Token ids to read, and what was done to make them.

    `ids` end with `lead_ids`, the tokens of the job's lead, with which every take begins. `before` are the last
    tokens before the take. `space` says that the take's first character is a space that stands before the caret
    already; `first_spaced` that the first token drawn must bring a space along (that one, or the lead's last).
    A take ends before the first of `stops` and at `ends` (beside the tokenizer's own). `answer`: the take is an
    answer, whitespace around it is none of it. `parts` tells every part in reading order, then those left out;
    their tokens add up to the prompt's. `room_tokens` is how many it might have had.
    """

    ids: list[int]
    before: list[int]
    cut_chars: int
    filled_in: bool
    space: bool
    lead_ids: list[int]
    first_spaced: bool
    stops: tuple[str, ...]
    ends: frozenset[int]
    answer: bool
    parts: tuple[PartSeen, ...]
    room_tokens: int


def lay_out(job: TextJob, tokens: TextTokens, context: int) -> Prompt:
    """The job's prompt as tokens, at most `context - job.tokens` of them.

    Raises StudioError when an act has no frame or its selection does not fit.
    """
    room = max(context - min(job.tokens, context // 2), 1)
    pen = Pen(tokens)
    if job.act == "continue":
        return _going_on(job, pen, room, context)
    return _act(job, pen, room, context)


def _going_on(job: TextJob, pen: Pen, room: int, context: int) -> Prompt:
    """The text before the caret (and after it, for models that fill in).

    Models read text in tokens that begin with their space, so one space at the caret is taken off here.
    """
    tokens = pen.tokens
    text = job.prompt
    space = text.endswith(" ") and bool(text.strip()) and not text.endswith("  ")
    text = text[:-1] if space else text
    lead, spaced = _lead(job, pen, space, room)
    room_left = room - len(lead) - 1
    gap = "\n\n" if "\n\n" in text else "\n"
    fitted = fit_parts(job, pen, room_left, lambda words: f"[{words}]{gap}")
    head = joined(fitted.head)
    step = max(context // _RESERVE_PARTS, 1)
    reserve = -(-fitted.late_tokens // step) * step
    reserve = reserve if reserve <= (room_left - len(head)) // 2 else fitted.late_tokens
    reserve += 2 * len(fitted.late)  # line breaks before parts that stand within a line
    room_left -= len(head) + reserve
    suffix = _suffix(job, pen, room_left // _SUFFIX_PART)
    room_left -= len(suffix.ids) + (3 if suffix.ids else 0)
    body = cut_text(text, pen, room_left, context, opening=not head)
    base = max(job.at - len(job.prompt), 0)
    missing = base + body.cut
    why = f"the first {missing:,} characters of the text do not fit" if missing else ""
    middle = with_late(body, base, fitted.late, why, pen.inside("\n").ids)
    front, inner, marks = _marks(tokens, bool(suffix.ids), whole=not missing, bare=not (body.ids or head))
    pieces = [*front, *fitted.head, *middle]
    if suffix.ids:
        pieces += [marks, suffix, inner]
    if not any(piece.ids for piece in pieces) and not lead:  # nothing to read at all: begin with a line break
        pieces = [Piece(pen.inside("\n").ids[:1] or [0], "frame", title="A line break")]
    before = joined(middle)[-_BEFORE_TOKENS:]
    pieces.append(Piece(lead, "lead", chars=len(job.lead)) if lead else Piece([], "frame"))
    return Prompt(
        ids=joined(pieces),
        before=before,
        cut_chars=body.cut,
        filled_in=bool(suffix.ids),
        space=space,
        lead_ids=lead,
        first_spaced=spaced,
        stops=(),
        ends=frozenset(),
        answer=False,
        parts=told(pieces, fitted.out),
        room_tokens=room,
    )


def _act(job: TextJob, pen: Pen, room: int, context: int) -> Prompt:
    """An act on the selection: the frame, filled; the answer follows."""
    tokens = pen.tokens
    roughly = len(pen.inside(job.lead).ids) + 2
    laid = lay_out_act(job, pen, max(room - roughly, 1), context)
    lead, spaced = _lead(job, pen, laid.space, room)
    pieces = list(laid.pieces)
    ids = joined(pieces)
    if tokens.start is not None and ids[:1] != [tokens.start] and (tokens.always_start or not laid.opened):
        pieces.insert(0, Piece([tokens.start], "frame", title="Start mark"))
    before = joined(pieces)[-_BEFORE_TOKENS:]
    pieces.append(Piece(lead, "lead", chars=len(job.lead)) if lead else Piece([], "frame"))
    return Prompt(
        ids=joined(pieces),
        before=before,
        cut_chars=laid.cut_chars,
        filled_in=False,
        space=False,  # white before an answer is none of it anyhow
        lead_ids=lead,
        first_spaced=spaced and bool(lead),
        stops=laid.stops,
        ends=laid.ends,
        answer=True,
        parts=told(pieces, laid.fitted.out),
        room_tokens=room,
    )


def _lead(job: TextJob, pen: Pen, space: bool, room: int) -> tuple[list[int], bool]:
    """(the lead's tokens, whether the first token drawn brings a space along); at most half the room.

    The space before the caret goes into the lead's first token, the lead's own last space is left to the model.
    """
    lead = job.lead
    if not lead:
        return [], space
    spaced = lead.endswith(" ") and bool(lead.strip()) and not lead.endswith("  ")
    text = (" " if space else "") + (lead[:-1] if spaced else lead)
    return pen.inside(text).ids[: max(room // 2, 1)], spaced


def _suffix(job: TextJob, pen: Pen, room: int) -> Piece:
    """The text after the caret, the nearest of it; nothing when the model cannot use it."""
    if pen.tokens.fill_in is None or not job.suffix.strip():
        return Piece([], "suffix")
    near = job.suffix[: max(room, 0) * _CHARS_A_TOKEN]
    encoded = pen.inside(near)
    if len(encoded.ids) <= room and len(near) == len(job.suffix):
        return Piece(encoded.ids, "suffix", chars=len(near))
    ids = encoded.ids[:room]
    chars = encoded.starts[room] if room < len(encoded.ids) else len(near)
    why = (
        f"the nearest {chars:,} of {len(job.suffix):,} characters: a quarter of the room is for what follows"
    )
    return Piece(ids, "suffix", state="cut", chars=chars, why=why)


def _marks(tokens: TextTokens, filling: bool, *, whole: bool, bare: bool) -> tuple[list[Piece], Piece, Piece]:
    """(what opens the prompt, the mark before the middle, the mark before the suffix)."""
    opens = tokens.start is not None and (tokens.always_start or whole or bare)
    start = [tokens.start] if opens and tokens.start is not None else []
    if not filling or tokens.fill_in is None:
        return [Piece(start, "frame", title="Start mark")], Piece([], "frame"), Piece([], "frame")
    prefix, suffix, middle = tokens.fill_in
    start = start if tokens.always_start else []  # models that fill in learn the mark as the beginning
    front = Piece([*start, prefix], "frame", title="Fill-in marks")
    return (
        [front],
        Piece([middle], "frame", title="Fill-in marks"),
        Piece([suffix], "frame", title="Fill-in marks"),
    )
