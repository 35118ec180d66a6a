"""What an endpoint gets to read: the same parts as a model in the worker, fitted by a rough count of characters."""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from studio.core.endpoint import Endpoint
from studio.core.errors import StudioError
from studio.core.jobs import ContextPart, TextJob
from studio.core.takes import PartSeen
from studio.media.frames import fill

CHARS_A_TOKEN: Final = 3.5  # its tokenizer is not ours to ask: a little less than English has
CONTINUE: Final = (
    "You are a co-writer. Go on with the text you are given exactly where it ends, in its language, tense and voice. "
    "Write nothing but the continuation: no greeting, no comment, no quotation marks around it."
)
ANSWER: Final = "You are a careful editor. Write nothing but the asked-for text: no greeting, no comment."


class Asked(Struct, frozen=True, kw_only=True):
    """The words that are sent; `prompt` for completions, `system` and `user` for a chat."""

    prompt: str = ""
    system: str = ""
    user: str = ""
    stops: tuple[str, ...] = ()
    parts: tuple[PartSeen, ...] = ()
    cut_chars: int = 0
    tokens: int = 0  # estimated


def asked(job: TextJob, endpoint: Endpoint) -> Asked:
    """Put a job into words. Raises StudioError for an act without a template or a selection that does not fit."""
    room = max(500, int((endpoint.context_tokens - job.tokens) * CHARS_A_TOKEN))
    front, seen = _front(job, room // 2)
    if job.act != "continue":
        return _act(job, endpoint, room, front, seen)
    text, cut = _end_of(_with_late(job.prompt, job.parts) + job.lead, room - len(front))
    seen = [*seen, PartSeen(kind="text", tokens=_tokens(text), chars=len(text), state="cut" if cut else "in")]
    words = Asked(parts=tuple(seen), cut_chars=cut, tokens=_tokens(front + text))
    if endpoint.api == "chat":
        system = f"{CONTINUE}\n\n{front}".strip()
        return _put(words, system=system, user=text)
    return _put(words, prompt=front + text)


def _act(job: TextJob, endpoint: Endpoint, room: int, front: str, seen: list[PartSeen]) -> Asked:
    """An act on a selection: by its template."""
    frame = job.frame
    if frame is None:
        raise StudioError(
            f"There is no template for “{job.act}”.", do="Look into the folder of act templates."
        )
    spare = room - len(front) - len(job.selection) - len(frame.user) - len(frame.shots) - len(frame.system)
    if spare < 0:
        raise StudioError(
            "The selection is too long for this endpoint's context.",
            kept="Your text is as it was.",
            do="Select less, or give the endpoint a larger context in Other engines.",
            code="too_long",
        )
    before, cut = _end_of(job.prompt, spare // 2)
    values = {
        "selection": job.selection,
        "instruction": job.instruction,
        "before": before,
        "after": job.suffix[: spare // 4],
    }
    seen.append(PartSeen(kind="selection", tokens=_tokens(job.selection), chars=len(job.selection)))
    words = Asked(parts=tuple(seen), cut_chars=cut)
    if endpoint.api == "chat":
        system = f"{fill(frame.system, **values) or ANSWER}\n\n{front}".strip()
        user = fill(frame.user, **values)
        return _put(words, system=system, user=user, tokens=_tokens(system + user))
    prompt = front + fill(frame.shots or frame.user, **values) + job.lead
    return _put(words, prompt=prompt, stops=frame.stops if frame.shots else (), tokens=_tokens(prompt))


def _put(words: Asked, **more: object) -> Asked:
    return replace(words, **more)


def _front(job: TextJob, room: int) -> tuple[str, list[PartSeen]]:
    """What is read before the text, and what of it found room: memory first, then by order."""
    pieces: list[str] = []
    seen: list[PartSeen] = []
    used, lore_used = 0, 0
    early = [part for part in job.parts if part.depth < 0]
    ranked = {part.id: place for place, part in enumerate(sorted(early, key=lambda part: -part.order))}
    for part in sorted(early, key=lambda part: (part.kind == "lore", ranked[part.id])):
        cost = _tokens(part.text)
        full = used + len(part.text) > room or (part.kind == "lore" and lore_used + cost > job.lore_tokens)
        seen.append(_seen(part, "out" if full else "in", "left out: its room was full" if full else part.why))
        if not full:
            pieces.append(part.text.strip())
            used += len(part.text)
            lore_used += cost if part.kind == "lore" else 0
    if job.note.strip():
        pieces.append(job.note.strip())
        seen.append(
            PartSeen(kind="note", title="Note of this request", tokens=_tokens(job.note), chars=len(job.note))
        )
    seen += [_seen(part, "in", part.why) for part in job.parts if part.depth >= 0]
    return ("\n\n".join(pieces) + "\n\n" if pieces else ""), seen


def _seen(part: ContextPart, state: str, why: str) -> PartSeen:
    tokens = 0 if state == "out" else _tokens(part.text)
    return PartSeen(
        kind=part.kind,
        id=part.id,
        title=part.title,
        state="out" if state == "out" else "in",
        tokens=tokens,
        chars=len(part.text),
        why=why,
    )


def _with_late(text: str, parts: tuple[ContextPart, ...]) -> str:
    """The text with lore and notes put in at their depth, in brackets, before a paragraph."""
    late = [part for part in parts if part.depth >= 0]
    if not late:
        return text
    paragraphs = text.split("\n")
    for part in sorted(late, key=lambda part: part.depth):
        place = max(0, len(paragraphs) - 1 - part.depth)
        paragraphs.insert(place, f"[{part.text.strip()}]")
    return "\n".join(paragraphs)


def _end_of(text: str, room: int) -> tuple[str, int]:
    """The last part of a text that fits, from a word on; and how many characters were left out."""
    if len(text) <= room:
        return text, 0
    cut = len(text) - max(room, 0)
    space = text.find(" ", cut)
    cut = space + 1 if 0 <= space < cut + 40 else cut
    return text[cut:], cut


def _tokens(text: str) -> int:
    return round(len(text) / CHARS_A_TOKEN)
