"""Whether a take of music that was made once more is the same."""

from typing import Final

from studio.core.takes import Take
from studio.media.music.document_takes import notes_from

_PARTS: Final = (
    ("model_sha256", "the model's files"),
    ("adapters_sha256", "an adapter's file"),
    ("device", "the device"),
    ("dtype", "the number format"),
    ("threads", "the number of threads"),
    ("kernel", "the code that computes"),
    ("torch", "the version of torch"),
)


def verdict_of(first: Take, made: Take) -> tuple[str, str, str]:
    """Words, advice and tone: "success", "warning" or "info"."""
    if made.status != "done":
        return "The take was not made again to its end.", "Try it again.", "info"
    if notes_from(made.text) == notes_from(first.text):
        return "Made again exactly: every note is the same.", "", "success"
    before, now = first.recipe.made, made.recipe.made
    reasons = []
    if before is not None and now is not None:
        reasons = [words for name, words in _PARTS if getattr(before, name) != getattr(now, name)]
    why = f"{', '.join(reasons)} changed meanwhile." if reasons else "Nothing in the recipe says why."
    return "Made again, but not every note is the same.", why[:1].upper() + why[1:], "warning"
