"""The words of a context in reading order, put together from a job and what was told of its parts."""

from collections.abc import Sequence
from typing import Final

from studio.core.jobs import TextJob
from studio.core.takes import PartSeen

_TITLES: Final = {
    "memory": "Memory",
    "summary": "Running summary",
    "lore": "Lorebook",
    "note": "Note",
    "frame": "Frame",
    "text": "Text",
    "selection": "Selection",
    "suffix": "After the caret",
    "lead": "Takes begin with",
}


def read_text(parts: Sequence[PartSeen], job: TextJob | None) -> str:
    """Every part that was read under a heading of ours; "" without the job."""
    if job is None:
        return ""
    read = [part for part in parts if part.state != "out"]
    text = _Text(job.prompt, sum(part.chars for part in read if part.kind == "text"))
    out = []
    for part in read:
        title = _TITLES.get(part.kind, part.kind)
        if part.title and part.title != title:
            title = f"{title}: {part.title}"
        out.append(f"═ {title} ═\n{_words(part, job, text)}")
    return "\n\n".join(out)


class _Text:
    """The end of the prompt, handed out stretch by stretch."""

    def __init__(self, prompt: str, chars: int) -> None:
        self._rest = prompt[max(0, len(prompt) - chars) :]

    def next(self, chars: int) -> str:
        """The next so many characters."""
        words, self._rest = self._rest[:chars], self._rest[chars:]
        return words


def _words(part: PartSeen, job: TextJob, text: _Text) -> str:
    if part.kind == "text":
        return text.next(part.chars)
    if part.kind == "suffix":
        return job.suffix[: part.chars]
    if part.kind == "selection":
        return job.selection
    if part.kind == "lead":
        return job.lead
    if part.kind == "frame":
        return "(no words of yours: they put the request to the model)"
    found = next((given.text for given in job.parts if given.kind == part.kind and given.id == part.id), "")
    if part.kind == "note" and part.title == "For this request":
        found = job.note
    return found.strip()[: part.chars or None]
