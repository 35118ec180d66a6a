"""Pieces of a prompt: tokens that stand together, and what they are to the person."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from studio.core.takes import PartSeen, PartState
from studio.worker.text.tokens import Encoded, TextTokens


@dataclass(frozen=True)
class Piece:
    """Some tokens of a prompt and what they stand for."""

    ids: list[int]
    kind: str
    id: str = ""
    title: str = ""
    state: PartState = "in"
    chars: int = 0
    why: str = ""

    @property
    def seen(self) -> PartSeen:
        """What is told about it."""
        return PartSeen(
            kind=self.kind,
            id=self.id,
            title=self.title,
            state=self.state,
            tokens=len(self.ids),
            chars=self.chars,
            why=self.why,
        )


class Pen:
    """Writes texts as tokens; knows tokenizers that put a space before whatever begins."""

    def __init__(self, tokens: TextTokens) -> None:
        self.tokens = tokens
        alone = tokens.encode("a").ids
        self._adds_space = tokens.encode("\na").ids[-len(alone) :] != alone

    def inside(self, text: str) -> Encoded:
        """Tokens of a text that goes on from something else."""
        if not self._adds_space or not text:
            return self.tokens.encode(text)
        encoded = self.tokens.encode("\n" + text)
        first = bisect_left(encoded.starts, 1)
        return Encoded(encoded.ids[first:], [start - 1 for start in encoded.starts[first:]])

    def opening(self, text: str) -> Encoded:
        """Tokens of a text that nothing stands before."""
        return self.tokens.encode(text)


def joined(pieces: Iterable[Piece]) -> list[int]:
    """All their tokens in a row."""
    return [number for piece in pieces for number in piece.ids]


def told(pieces: Iterable[Piece], out: Iterable[PartSeen] = ()) -> tuple[PartSeen, ...]:
    """What is told about the pieces (empty frames are not worth a word), then what was left out."""
    return (*(piece.seen for piece in pieces if piece.ids or piece.kind != "frame"), *out)
