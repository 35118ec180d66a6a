"""Where a take belongs in the text as it stands, and how much of it is there already."""

from msgspec import Struct

from studio.core.takes import Take
from studio.media.follow import moved_range, stayed
from studio.media.spans import Edit, SpanText, moved
from studio.project.history import History

_NEIGHBOURS = (
    40  # so many characters on both sides tell whether the text is still the one a take was made for
)


class Standing(Struct, frozen=True, kw_only=True):
    """What of a take is in the text at the head: revisions that took a part of it in, oldest first, and their text."""

    revisions: tuple[str, ...] = ()
    text: str = ""
    complete: bool = False


class Place(Struct, frozen=True, kw_only=True):
    """Accepting puts `rest` in place of `removed` characters at `at`; `why_not` says why it can't be done."""

    at: int = 0
    removed: int = 0
    rest: SpanText = SpanText()
    why_not: str = ""
    do: str = ""


def standings(history: History) -> dict[str, Standing]:
    """For every take of which something was accepted on the way to the head: what."""
    pieces: dict[str, list[str]] = {}
    at = history.head
    while at:
        node = history.node(at)
        if node.kind == "accepted":
            pieces.setdefault(node.take, []).append(node.id)
        at = node.parent
    return {take: _standing(history, ids[::-1]) for take, ids in pieces.items()}


def _standing(history: History, ids: list[str]) -> Standing:
    text = "".join(history.path_edits(history.node(id_).parent, id_)[0].inserted for id_ in ids)
    return Standing(revisions=tuple(ids), text=text)


def is_whole(standing: Standing | None, take: Take, draft: SpanText) -> bool:
    """Whether nothing of the take is left to accept."""
    if standing is None:
        return False
    if take.recipe.writing.act != "continue":
        return True  # a replacement is taken in at once
    if take.status == "streaming":
        return False
    typed_first = take.verdict == "accepted" and draft.text.endswith(
        standing.text
    )  # the person typed its beginning
    return typed_first or standing.text.startswith(draft.text)


def place_of(history: History, take: Take, draft: SpanText, standing: Standing | None) -> Place:
    """Where all of the take that is not in the text yet goes."""
    if take.recipe.writing.act != "continue":
        return _place_of_replacement(history, take, draft)
    if standing is None:
        at = moved(take.recipe.writing.at, history.path_edits(take.parent, history.head))
        return _checked(history.text, Place(at=at, rest=draft))
    begin = _rest_begins(draft.text, standing.text, take.text)
    if begin is None:
        return Place(
            why_not="Part of this take is in your text, and that part was changed in the take since.",
            do="Copy the rest from its card, or undo (Ctrl+Z) what was accepted and accept the take as it is now.",
        )
    last = standing.revisions[-1]
    (edit,) = history.path_edits(history.node(last).parent, last)
    at = moved(edit.at + len(edit.inserted), history.path_edits(last, history.head))
    return _checked(history.text, Place(at=at, rest=part_of(draft, begin, len(draft.text))))


def _rest_begins(draft: str, taken: str, made: str) -> int | None:
    """Where the rest of a draft begins of which `taken` is in the text; None when that can't be told.

    `made` is the take before the person edited it: what it said after `taken` may be at the draft's end still.
    """
    if draft.startswith(taken):
        return len(taken)
    if taken.startswith(draft):
        return len(draft)
    rest = made[len(taken) :]
    if made.startswith(taken) and draft.endswith(rest):
        return len(draft) - len(rest)
    tail = taken[-_NEIGHBOURS:]
    return draft.find(tail) + len(tail) if len(tail) == _NEIGHBOURS and draft.count(tail) == 1 else None


def _place_of_replacement(history: History, take: Take, draft: SpanText) -> Place:
    job = take.recipe.writing
    found = moved_range(job.at, len(job.selection), history.path_edits(take.parent, history.head))
    if found is None or history.text.text[found[0] : sum(found)] != job.selection:
        return Place(
            why_not="The passage this take was made for has changed meanwhile, so nothing was replaced.",
            do="The take stays: copy from it, undo the changes to the passage, or select it and ask again.",
        )
    return _checked(history.text, Place(at=found[0], removed=found[1], rest=draft))


def _checked(text: SpanText, place: Place) -> Place:
    if not text.is_locked(place.at, place.at + place.removed):
        return place
    return Place(
        why_not="That passage is locked, so nothing was changed.",
        do="Unlock it first: put the cursor into it and press Ctrl+L. The take stays.",
    )


def part_of(text: SpanText, start: int, end: int) -> SpanText:
    """Characters start..end with their authors."""
    return SpanText(text=text.text[start:end], runs=text.slice_runs(start, end))


class Anchor(Struct, frozen=True, kw_only=True):
    """Where a continuing take begins in the text at a head: what is typed or accepted there stands after it."""

    take: str
    head: str
    at: int


def anchor_of(history: History, take: Take) -> Anchor:
    """The anchor of a take in the text as it stands."""
    edits: tuple[Edit, ...] = history.path_edits(take.parent, history.head)
    return Anchor(take=take.id, head=history.head, at=stayed(take.recipe.writing.at, edits))


def ghost_at(text: str, caret: int, anchor: int, take: Take, draft: str) -> int | None:
    """How much of a draft stands before the caret already, when the rest of it would go on from there.

    None where the text round about is not the one the take was made for.
    """
    job = take.recipe.writing
    done = caret - anchor
    if not 0 <= done <= len(draft) or text[anchor:caret] != draft[:done]:
        return None
    before = job.prompt[-_NEIGHBOURS:]
    after = job.suffix[:_NEIGHBOURS]
    if text[max(0, anchor - len(before)) : anchor] != before or text[caret : caret + _NEIGHBOURS] != after:
        return None
    return done
