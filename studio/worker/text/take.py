"""One growing take: its tokens, its text, its end."""

from typing import Literal

from studio.core.events import TakeEnd
from studio.core.takes import Token
from studio.worker.text.tokens import Streamed
from studio.worker.text.trim import sentence_end


class GrowingTake:
    """Takes tokens in, gives text out. With `space`, the first character of the text is not shown:
    it is the space that already stands before the caret.
    """

    def __init__(self, index: int, streamed: Streamed, space: bool) -> None:
        self.index = index
        self.text = ""
        self.ended = False
        self._streamed = streamed
        self._space = space
        self._tokens: list[tuple[int, int, float]] = []  # id, end, log-probability

    def push(self, token: int, logprob: float) -> str:
        """Add a token; the text to show for it."""
        fresh = self._shown(self._streamed.push(token))
        self._tokens.append((token, len(self.text), logprob))
        return fresh

    def close(self) -> str:
        """Add what was held back; the text to show for it."""
        self.ended = True
        fresh = self._shown(self._streamed.flush())
        if fresh and self._tokens:
            token, _, logprob = self._tokens[-1]
            self._tokens[-1] = (token, len(self.text), logprob)
        return fresh

    def _shown(self, fresh: str) -> str:
        if fresh and self._space:
            self._space = False
            fresh = fresh.removeprefix(" ")
        self.text += fresh
        return fresh

    @property
    def tokens(self) -> int:
        """How many tokens it has."""
        return len(self._tokens)

    def end(self, job: str, *, status: Literal["done", "stopped"], trim: bool, seconds: float) -> TakeEnd:
        """The event that closes it; `trim` leaves out an unfinished last sentence."""
        cut = sentence_end(self.text) if trim else len(self.text)
        tokens, start = [], 0
        for token, end, logprob in self._tokens:
            if start >= cut and end > start:
                break
            tokens.append(Token(id=token, end=min(end, cut), logprob=logprob))
            start = end
        return TakeEnd(
            job=job,
            index=self.index,
            text=self.text[:cut],
            tokens=tuple(tokens),
            status=status,
            seconds=seconds,
        )
