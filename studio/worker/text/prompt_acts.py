"""Acts on a selection: put through the model's chat template, or as worked examples to a base model."""

from collections.abc import Sequence
from dataclasses import dataclass

from studio.core.errors import StudioError
from studio.core.jobs import Frame, TextJob
from studio.media.frames import split_template
from studio.worker.text.chat import ChatTemplate
from studio.worker.text.prompt_parts import Fitted, fit_parts
from studio.worker.text.prompt_pieces import Pen, Piece, joined
from studio.worker.text.prompt_text import cut_text

_BEFORE_SHARE = 2  # of what the frame and the parts leave, at most half goes to the text before the selection
_AFTER_SHARE = 4  # and a quarter to the text after it
_SPACED = (":", ">", ".", ")")  # an answer that begins on the line of one of these has a space before it
_KINDS = {"selection": "selection", "before": "text", "after": "suffix", "instruction": "frame"}


@dataclass(frozen=True)
class ActLayout:
    """An act's pieces in order.

    `space`: the answer's first token brings a space along. `opened`: a chat template has set
    the marks, no start token is put before them.
    """

    pieces: list[Piece]
    fitted: Fitted
    space: bool
    stops: tuple[str, ...]
    ends: frozenset[int]
    cut_chars: int
    opened: bool


def lay_out_act(job: TextJob, pen: Pen, room: int, context: int) -> ActLayout:
    """The pieces of an act in at most `room` tokens. Raises StudioError when it has no frame or does not fit."""
    frame = job.frame
    if frame is None:
        raise StudioError(
            f"The act “{job.act}” came without its template.",
            do="Choose the act again; if that does not help, the templates folder may be damaged.",
            code="no_frame",
        )
    chat = pen.tokens.chat
    if chat is not None and frame.user.strip():
        return _Act(job, frame, pen, room, context).through_chat(chat)
    if frame.shots.strip():
        return _Act(job, frame, pen, room, context).with_shots()
    raise StudioError(
        f"The template of “{frame.title}” has no worked examples, which a model without a chat template needs.",
        do="Add “shots” to the template, or choose an instruct model.",
        code="no_frame",
    )


class _Act:
    """One act being laid out."""

    def __init__(self, job: TextJob, frame: Frame, pen: Pen, room: int, context: int) -> None:
        self._job, self._frame, self._pen = job, frame, pen
        self._room, self._context = room, context
        self._cut_chars = 0

    def with_shots(self) -> ActLayout:
        """Worked examples, then what else the model should know, then the task itself."""
        shots = self._frame.shots.strip("\n").rstrip(" ")  # the space is the answer's
        space = shots.endswith(_SPACED)
        parts = split_template(shots)
        examples, task = _last_block(parts)
        must = self._count(parts)
        fitted = self._fit(must)
        known = [*fitted.head, *(piece for _, piece in fitted.late)]
        values = self._values(must + sum(len(piece.ids) for piece in known), parts)
        pieces = [*self._fill(examples, {}), *known, *self._fill(task, values)]
        return ActLayout(pieces, fitted, space, self._frame.stops, frozenset(), self._cut_chars, False)

    def through_chat(self, chat: ChatTemplate) -> ActLayout:
        """The system's words and what the model should know always, then the person's turn."""
        tokens = self._pen.tokens
        system, user = self._frame.system.strip(), self._frame.user.strip()
        with_system = bool(system or self._job.parts or self._job.note.strip())
        layout = chat.layout(system=with_system)
        literals = sum(len(tokens.encode_template(piece)) for kind, piece in layout if kind == "text")
        parts = split_template(user)
        must = literals + self._count(split_template(system)) + self._count(parts)
        fitted = self._fit(must)
        late = [piece for _, piece in fitted.late]
        known = sum(len(piece.ids) for piece in [*fitted.head, *late])
        values = self._values(must + known + 4, parts)
        pieces: list[Piece] = []
        for kind, piece in layout:
            if kind == "text":
                pieces.append(Piece(tokens.encode_template(piece), "frame", chars=len(piece)))
            elif piece == "system":
                words = f"{system}\n\n" if system and fitted.head else system
                pieces += [*self._fill(split_template(words), values), *fitted.head]
            else:
                pieces += [*late, *self._fill(parts, values)]
        ends = frozenset(tokens.encode_template(chat.closing())[:1]) & tokens.never
        return ActLayout(pieces, fitted, False, (), ends, self._cut_chars, True)

    def _fit(self, must: int) -> Fitted:
        if must + 8 > self._room:
            raise StudioError(
                f"The selection is too long: with its template it has {must} tokens, and this model has room "
                f"for {self._room}.",
                kept="Nothing was changed.",
                do="Select less, or choose a model with a larger context.",
                code="too_long",
            )
        return fit_parts(self._job, self._pen, self._room - must, lambda text: f"{text}\n\n")

    def _count(self, parts: Sequence[tuple[str, str]]) -> int:
        """Tokens of a template with selection and instruction in it."""
        job = self._job
        return len(joined(self._fill(parts, {"selection": job.selection, "instruction": job.instruction})))

    def _values(self, taken: int, parts: Sequence[tuple[str, str]]) -> dict[str, str]:
        """What goes into the template; the text around the selection as far as there is room."""
        job, wanted = self._job, {name for name, _ in parts}
        values = {"selection": job.selection, "instruction": job.instruction, "before": "", "after": ""}
        left = max(self._room - taken, 0)
        if "before" in wanted and left >= _BEFORE_SHARE and job.prompt.strip():
            room = left // _BEFORE_SHARE
            body = cut_text(job.prompt, self._pen, room, min(self._context, 4 * room), opening=False)
            self._cut_chars = body.cut
            values["before"] = body.text.strip()
        if "after" in wanted and left >= _AFTER_SHARE and job.suffix.strip():
            room = left // _AFTER_SHARE
            encoded = self._pen.inside(job.suffix[: room * 8])
            end = encoded.starts[room] if room < len(encoded.ids) else len(job.suffix[: room * 8])
            values["after"] = job.suffix[:end].strip()
        return values

    def _fill(self, parts: Sequence[tuple[str, str]], values: dict[str, str]) -> list[Piece]:
        """A template's pieces with the values in it; a space before a value becomes its first character."""
        pieces: list[Piece] = []
        space = ""
        for name, literal in parts:
            if name:
                text = values.get(name, "")
                pieces.append(self._value(name, text, space if text[:1].strip() else ""))
                space = ""
                continue
            literal, space = (literal[:-1], " ") if literal.endswith(" ") else (literal, "")
            pieces.append(Piece(self._pen.inside(literal).ids, "frame", chars=len(literal)))
        return [piece for piece in pieces if piece.ids]

    def _value(self, name: str, text: str, space: str) -> Piece:
        ids = self._pen.inside(space + text).ids
        cut = name == "before" and self._cut_chars > 0
        why = f"the first {self._cut_chars:,} characters did not fit" if cut else ""
        if name == "after" and len(text) < len(self._job.suffix.strip()):
            cut, why = True, "only the beginning of what follows is read"
        title = "Instruction" if name == "instruction" else ""
        return Piece(ids, _KINDS[name], "", title, "cut" if cut else "in", len(text), why)


def _last_block(
    parts: Sequence[tuple[str, str]],
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Split a template with examples at the blank line before its first placeholder."""
    name, literal = parts[0] if parts else ("", "")
    cut = literal.rfind("\n\n") + 2 if not name else 0
    if cut < 2:
        return [], list(parts)
    return [("", literal[:cut])], [("", literal[cut:]), *parts[1:]]
