"""The running summary of a long story: which part no longer fits, and the job that summarises it on."""

import re

from msgspec import Struct

from studio.core.jobs import Frame, Sampling, TextJob
from studio.media.frames import answer_tokens

LEAST_CHARS = 800  # a shorter stretch is not worth a summary yet
MOST_SUMMARY_CHARS = 3_000
_SCENE = re.compile(r"\n[ \t]*(?:\*[ \t]*\*[ \t]*\*|#+[^\n]*|-{3,}|—{2,})[ \t]*\n+|\n{3,}")
_PARAGRAPH = re.compile(r"\n+")
_SENTENCE = re.compile(r"[.!?…][\"'”’)]*\s+")


class Stretch(Struct, frozen=True, kw_only=True):
    """Characters start..end of a story; once they are summarised, the summary covers `end` characters."""

    start: int
    end: int


def stretch(text: str, covers_chars: int, cut_chars: int, limit_chars: int) -> Stretch | None:
    """The next part of a story to take into the summary; None when there is nothing worth it.

    `covers_chars`: how much from the beginning the summary tells already; `cut_chars`: how much of the beginning
    the model no longer reads (Made.prompt_cut_chars, or what the text's part says); `limit_chars`: how much the
    model can summarise at once. It ends at a border of scenes, else paragraphs, else sentences, and may go on a
    little beyond what is cut, up to such a border: a summary may tell what is still read, but must not miss
    what is not.
    """
    start = min(max(covers_chars, 0), len(text))
    wanted = min(cut_chars, len(text))
    if wanted - start < min(LEAST_CHARS, max(limit_chars, 1)):
        return None
    if wanted - start <= limit_chars:
        end = _border_after(text, wanted, start + limit_chars)
    else:
        end = _border_before(text, start, start + limit_chars)
    return Stretch(start=start, end=end)


def _border_after(text: str, place: int, limit: int) -> int:
    """The first border of paragraphs at `place` or after it, up to `limit`; else the last one before."""
    hit = _PARAGRAPH.search(text, max(place - 1, 0), min(limit, len(text)))
    if hit is not None and hit.end() >= place:
        return hit.end()
    return len(text) if len(text) <= limit and place >= len(text) else min(place, limit)


def _border_before(text: str, start: int, limit: int) -> int:
    """The last border of scenes in the second half of start..limit, else of paragraphs, sentences, words."""
    half = start + (limit - start) // 2
    for pattern in (_SCENE, _PARAGRAPH, _SENTENCE, re.compile(r"\s+")):
        ends = [hit.end() for hit in pattern.finditer(text, half, limit)]
        if ends:
            return ends[-1]
    return limit


def summary_job(
    *,
    id: str,
    work: str,
    model: str,
    frame: Frame,
    previous: str,
    text: str,
    part: Stretch,
    seed: int = 0,
) -> TextJob:
    """The job that tells on the story so far: its take is the new running summary.

    `frame` is the template of "summarise". The summary until now stands before the stretch, so that the model
    carries it on; the take replaces it and covers `part.end` characters, which the job's `at` keeps.
    """
    before = previous.strip()
    passage = text[part.start : part.end].strip()
    selection = f"{before}\n\n{passage}" if before else passage
    limit = answer_tokens(frame, selection)
    return TextJob(
        id=id,
        work=work,
        act="summarise",
        prompt="",
        selection=selection,
        at=part.end,
        frame=frame,
        model=model,
        seed=seed,
        takes=1,
        tokens=min(limit, MOST_SUMMARY_CHARS // 3),
        sampling=Sampling(temperature=0.3),
    )
