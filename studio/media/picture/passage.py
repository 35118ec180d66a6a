"""From a passage of a story to the prompt of a picture: what is told there, without speech and without prompt signs."""

import re
from typing import Final

from studio.media.pieces import sentence_ends

PROMPT_CHARS: Final = 240  # about what a picture model reads at once
TITLE_CHARS: Final = 40

_SPOKEN: Final = re.compile(r"“[^”]*”|\"[^\"\n]*\"|«[^»]*»|「[^」]*」")
_SIGNS: Final = re.compile(r"[(){}\[\]|\\<>]+|__+")
_LEFT_OVER: Final = re.compile(r"\s+([,.;:!?])|([,;:])(?=\s*[,.;:!?])")


def passage_at(text: str, start: int, end: int) -> tuple[int, int]:
    """What is to be pictured: the selection, else the sentence around (or before) the caret; characters.

    Raises ValueError where nothing stands.
    """
    if text[start:end].strip():
        return start, end
    before = text[:end].rstrip()
    first, last = 0, len(text)
    for at in sentence_ends(text):
        if at < len(before):
            first = at
        else:
            last = at
            break
    if not text[first:last].strip():
        raise ValueError("there is no passage")
    return first + len(text[first:last]) - len(text[first:last].lstrip()), last


def passage_prompt(passage: str) -> str:
    """The passage as a prompt of at most PROMPT_CHARS characters: whole sentences as far as they fit, else words.

    What is said aloud is left out where something else is told; signs that weigh or choose words go.
    """
    told = _SPOKEN.sub(" ", passage)
    words = sum(char.isalpha() for char in told)
    plain = told if words >= 12 else passage
    plain = " ".join(_SIGNS.sub(" ", plain).split())
    plain = " ".join(_LEFT_OVER.sub(r"\1", plain).split()).strip(" ,;:–—-")
    if len(plain) <= PROMPT_CHARS:
        return plain
    end = max((at for at in sentence_ends(plain) if at <= PROMPT_CHARS), default=0)
    return plain[:end].strip() if end else plain[:PROMPT_CHARS].rpartition(" ")[0] or plain[:PROMPT_CHARS]


def passage_title(passage: str) -> str:
    """A short name for the picture."""
    words = passage_prompt(passage)
    if len(words) <= TITLE_CHARS:
        return words.rstrip(".!?")
    return (words[:TITLE_CHARS].rpartition(" ")[0] or words[:TITLE_CHARS]).rstrip(" ,;:.") + "…"
