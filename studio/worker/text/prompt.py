"""What the model gets to read: note, text before the caret, text after it, fitted into its context."""

from dataclasses import dataclass

from studio.core.jobs import TextJob
from studio.worker.text.tokens import Encoded, TextTokens

_CUT_PARTS = 4  # the prompt is cut in steps of a quarter context, so that its beginning stays put meanwhile
_SUFFIX_PART = 4  # at most this part of the context goes to the text after the caret
_CHARS_A_TOKEN = 8  # more characters than a token is ever likely to span on average


@dataclass(frozen=True)
class Prompt:
    """Token ids to read, and what was done to make them.

    `before` are the last tokens of the text before the caret, `space` says that the text ended in a
    space which the takes' first token now brings along.
    """

    ids: list[int]
    before: list[int]
    cut_chars: int
    filled_in: bool
    space: bool


def lay_out(job: TextJob, tokens: TextTokens, context: int) -> Prompt:
    """The job's prompt as tokens, at most `context - job.tokens` of them.

    Models read text in tokens that begin with their space, so one space at the caret is taken off here.
    """
    text = job.prompt
    space = text.endswith(" ") and bool(text.strip()) and not text.endswith("  ")
    if space:
        text = text[:-1]
    room = max(context - min(job.tokens, context // 2), 1)
    suffix = _suffix(job, tokens, room // _SUFFIX_PART)
    note = tokens.encode(job.note.strip() + "\n\n").ids if job.note.strip() else []
    note = note[: room // 2]
    marks = 3 if suffix else 0
    cut, body = _body(text, tokens, room - len(suffix) - len(note) - marks - 1, context // _CUT_PARTS)
    whole = cut == 0 and job.at <= len(job.prompt)
    opens = tokens.start is not None and (tokens.always_start or whole or not (body or note))
    front = [tokens.start] if opens and tokens.start is not None else []
    ids = front + note + body
    if suffix and tokens.fill_in:
        prefix_mark, suffix_mark, middle_mark = tokens.fill_in
        ids = [*front, prefix_mark, *note, *body, suffix_mark, *suffix, middle_mark]
    if not ids:  # a tokenizer without a start token and nothing to read: begin with a line break
        ids = tokens.encode("\n").ids[:1] or [0]
    return Prompt(ids, body[-8:], cut, bool(suffix), space)


def _suffix(job: TextJob, tokens: TextTokens, room: int) -> list[int]:
    """Tokens of the text after the caret, the nearest ones; none when the model cannot use them."""
    if tokens.fill_in is None or not job.suffix.strip():
        return []
    return tokens.encode(job.suffix[: room * _CHARS_A_TOKEN]).ids[:room]


def _body(text: str, tokens: TextTokens, room: int, step: int) -> tuple[int, list[int]]:
    """(characters left out at the beginning, tokens of the rest), at most `room` tokens."""
    block = max(room, 1) * _CHARS_A_TOKEN
    skipped = max(0, len(text) // block - 1) * block  # a whole number of blocks, so that it stays put
    encoded: Encoded = tokens.encode(text[skipped:])
    excess = len(encoded.ids) - room
    if excess <= 0:
        return skipped, encoded.ids
    drop = min(-(-excess // max(step, 1)) * max(step, 1), len(encoded.ids) - 1)
    return skipped + encoded.starts[drop], encoded.ids[drop:]
