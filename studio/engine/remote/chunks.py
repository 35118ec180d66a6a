"""Reads what an OpenAI-compatible server streams: server-sent events, or one JSON object."""

import json
import math
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from studio.core.errors import StudioError
from studio.core.takes import Other
from studio.media.spans import whole

DONE: Final = "[DONE]"
MAX_LINE_CHARS: Final = 1_000_000
_DO: Final = "Look at the server's own log; try again."


class Sampled(Struct, frozen=True):
    """A token as a server tells of it."""

    text: str
    logprob: float
    others: tuple[Other, ...] = ()


class Chunk(Struct, frozen=True):
    """One piece of a stream: text, its tokens where the server tells them, and why it ended ("" when it has not)."""

    text: str = ""
    tokens: tuple[Sampled, ...] = ()
    finish: str = ""


def read_event(line: str) -> Chunk | None:
    """One line of an event stream; None for what is none of ours, and for the last one (`DONE`).

    Raises StudioError for an error the server reports and for what is no JSON.
    """
    if not line.startswith("data:"):
        return None
    data = line[5:].strip()
    return None if not data or data == DONE else read_chunk(data)


def read_chunk(data: str) -> Chunk:
    """The first choice of a completion, streamed or whole."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise StudioError(f"The server sent something that is no JSON: {data[:80]!r}.", do=_DO) from error
    if not isinstance(said, dict):
        raise StudioError(f"The server sent something unexpected: {data[:80]!r}.", do=_DO)
    if said.get("error"):
        raise StudioError(f"The server reports: {error_words(said)}.", do=_DO)
    choices = said.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else {}
    if not isinstance(choice, dict):
        raise StudioError(f"The server sent something unexpected: {data[:80]!r}.", do=_DO)
    finish = choice.get("finish_reason")
    return Chunk(_text(choice), _tokens(choice.get("logprobs")), finish if isinstance(finish, str) else "")


def error_words(said: Any) -> str:
    """What an error object says, in one line."""
    error = said.get("error", said) if isinstance(said, dict) else said
    words = error.get("message", error) if isinstance(error, dict) else error
    return whole(" ".join(str(words).split())[:300])


def _text(choice: Mapping[str, Any]) -> str:
    """Completions say `text`, chats `delta.content` or (not streamed) `message.content`."""
    for holder in (choice, choice.get("delta"), choice.get("message")):
        if isinstance(holder, dict):
            for name in ("text", "content"):
                if isinstance(holder.get(name), str):
                    return whole(holder[name])
    return ""


def _tokens(said: Any) -> tuple[Sampled, ...]:
    """Log-probabilities of a chat (`content`) or of completions (three lists); () when none or odd."""
    if not isinstance(said, dict):
        return ()
    if isinstance(said.get("content"), list):
        return tuple(token for entry in said["content"] if (token := _chat_token(entry)) is not None)
    texts, scores, tops = said.get("tokens"), said.get("token_logprobs"), said.get("top_logprobs")
    if not isinstance(texts, list) or not isinstance(scores, list) or len(texts) != len(scores):
        return ()
    tops = tops if isinstance(tops, list) and len(tops) == len(texts) else [None] * len(texts)
    found: list[Sampled] = []
    for text, score, top in zip(texts, scores, tops, strict=True):
        if isinstance(text, str) and _number(score):
            pairs = top.items() if isinstance(top, dict) else ()
            found.append(Sampled(whole(text), float(score), _others(pairs)))
    return tuple(found)


def _chat_token(entry: Any) -> Sampled | None:
    if (
        not isinstance(entry, dict)
        or not isinstance(entry.get("token"), str)
        or not _number(entry.get("logprob"))
    ):
        return None
    top = entry.get("top_logprobs")
    rows = [row for row in top if isinstance(row, dict)] if isinstance(top, list) else []
    return Sampled(
        whole(entry["token"]),
        float(entry["logprob"]),
        _others((row.get("token"), row.get("logprob")) for row in rows),
    )


def _others(pairs: Any) -> tuple[Other, ...]:
    """Alternatives, best first; servers give no ids: -1."""
    good = [
        Other(-1, whole(text), float(score))
        for text, score in pairs
        if isinstance(text, str) and _number(score)
    ]
    return tuple(sorted(good, key=lambda other: -other.logprob))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
