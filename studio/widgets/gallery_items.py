"""What a gallery shows of each take, and what it can be asked for: plain values."""

from typing import Final

from msgspec import Struct

VERDICTS: Final = (
    ("", "All verdicts"),
    ("undecided", "Undecided"),
    ("accepted", "Accepted"),
    ("rejected", "Rejected"),
)


class GalleryItem(Struct, frozen=True, kw_only=True, gc=False):
    """A picture take: `take` and `work` are ids, `asset` the file's name, `verdict` "" while there is none.

    `preview`: only the last preview of a stopped take. `note` says more in the tooltip (the model's name, say).
    """

    take: str
    work: str
    asset: str
    width: int
    height: int
    prompt: str
    model: str = ""
    seed: int = 0
    verdict: str = ""
    created_ms: int = 0
    preview: bool = False
    note: str = ""


class GalleryWants(Struct, frozen=True, kw_only=True):
    """Which takes are wanted; "" leaves a field open. `verdict` is one of VERDICTS."""

    query: str = ""
    verdict: str = ""
    model: str = ""
    adapter: str = ""
    work: str = ""


def item_words(item: GalleryItem) -> str:
    """A picture in a sentence, for those who cannot see it."""
    stands = item.verdict or "undecided"
    kind = "preview" if item.preview else "picture"
    return f"{item.prompt or 'no prompt'}. {stands} {kind}, {item.width} × {item.height}"


def item_tip(item: GalleryItem) -> str:
    """What a tooltip says."""
    lines = [item.prompt or "No prompt", f"{item.width} × {item.height}, seed {item.seed}"]
    if item.note:
        lines.append(item.note)
    if item.verdict or item.preview:
        lines.append(", ".join(word for word in (item.verdict, "preview" if item.preview else "") if word))
    return "\n".join(lines)


def count_words(count: int) -> str:
    """How many there are."""
    return f"{count:,} pictures" if count != 1 else "1 picture"
