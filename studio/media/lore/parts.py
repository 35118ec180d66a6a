"""A story's memory, summary, lore and author's note as the pieces a job carries to the model."""

from collections.abc import Iterable

from studio.core.jobs import ContextPart
from studio.core.takes import PartSeen
from studio.media.lore.entries import LoreBook, StoryNotes
from studio.media.lore.scan import Hit

_ALWAYS = 1_000_000  # memory, summary and author's note outlast any lore entry where there is little room


def parts_for(notes: StoryNotes, hits: Iterable[Hit]) -> tuple[ContextPart, ...]:
    """What the model reads beside the text, in an order that stays the same while the same entries match."""
    out: list[ContextPart] = []
    if notes.memory.strip():
        out.append(
            ContextPart(
                kind="memory", text=notes.memory.strip(), title="Memory", order=_ALWAYS, why="always read"
            )
        )
    if notes.summary.strip():
        out.append(
            ContextPart(
                kind="summary",
                text=notes.summary.strip(),
                title="Running summary",
                order=_ALWAYS,
                why="stands for what no longer fits",
            )
        )
    out += lore_parts(notes.book, hits)
    if notes.note.strip():
        out.append(
            ContextPart(
                kind="note",
                text=notes.note.strip(),
                title="Author's note",
                order=_ALWAYS,
                depth=notes.note_depth,
                why=_note_place(notes.note_depth),
            )
        )
    return tuple(out)


def lore_parts(book: LoreBook, hits: Iterable[Hit]) -> list[ContextPart]:
    """The entries that came in: those before the text first, then by order, the most weighty last."""
    entries = [(book.depth_of(hit.entry), hit.entry, hit.why) for hit in hits if hit.matched]
    entries.sort(key=lambda item: (item[0] >= 0, item[1].order, item[1].name.casefold(), item[1].id))
    return [
        ContextPart(
            kind="lore",
            text=entry.text.strip(),
            id=entry.id,
            title=entry.name,
            order=entry.order,
            depth=depth,
            limit_tokens=entry.limit_tokens,
            why=why,
        )
        for depth, entry, why in entries
    ]


def left_out(hits: Iterable[Hit]) -> tuple[PartSeen, ...]:
    """The entries that did not come in, and why."""
    return tuple(
        PartSeen(kind="lore", id=hit.entry.id, title=hit.entry.name, state="out", why=hit.why)
        for hit in hits
        if not hit.matched
    )


def _note_place(depth: int) -> str:
    if depth < 0:
        return "always read, before the text"
    if depth == 0:
        return "always read, right before the caret"
    return f"always read, {depth} paragraph{'' if depth == 1 else 's'} before the caret"
