"""One growing take of an endpoint: its text, its tokens where the server tells them, its end."""

from typing import Literal

from studio.core.events import TakeEnd
from studio.core.jobs import TextJob
from studio.core.takes import Token
from studio.engine.remote.chunks import Chunk
from studio.media.pieces import last_sentence_end


class Growing:
    """Takes chunks in, gives text to show out. The job's lead is how it begins."""

    def __init__(self, index: int, job: TextJob) -> None:
        self.index = index
        self.text = job.lead
        self.ended = False
        self.count = 0
        self._job = job
        self._spaced = job.prompt.endswith((" ", "\n")) and not job.lead
        self._answer = job.act != "continue"
        self.cut = False  # the number of tokens ended it
        self._tokens: list[Token] = []
        self._sampled_chars = 0
        self._whole_tokens = True

    @property
    def full(self) -> bool:
        """The server goes on beyond what was asked."""
        return self.count > self._job.tokens * 2 + 50

    def add(self, chunk: Chunk) -> str:
        """What is new to show. A space the text before the caret ends in is not said twice."""
        text = chunk.text
        self.cut = self.cut or chunk.finish == "length"
        self.count += max(len(chunk.tokens), 1 if text else 0)
        stripped = 0
        if text and (self._spaced or (self._answer and not self.text)):
            stripped = len(text) - len(text.lstrip() if self._answer else text.removeprefix(" "))
            text = text[stripped:]
            self._spaced = self._answer and not text
        start = len(self.text)
        self.text += text
        self._note(chunk, start - stripped)
        return text

    def _note(self, chunk: Chunk, start: int) -> None:
        """Tokens of a chunk, when they spell its text; else none of the take's are kept."""
        if not chunk.tokens:
            self._whole_tokens = self._whole_tokens and not chunk.text
            return
        at = start
        for sampled in chunk.tokens:
            at = min(at + len(sampled.text), len(self.text))
            rank = next((n for n, o in enumerate(sampled.others, 1) if o.text == sampled.text), 0)
            self._tokens.append(
                Token(id=-1, end=max(at, 0), logprob=sampled.logprob, rank=rank, others=sampled.others)
            )
        if "".join(sampled.text for sampled in chunk.tokens) != chunk.text:
            self._whole_tokens = False

    def close(self) -> str:
        """Nothing is held back here."""
        self.ended = True
        return ""

    def end(self, status: Literal["done", "stopped"], seconds: float) -> TakeEnd:
        """The event that closes it; an unfinished last sentence is left out where the job asks."""
        self.ended = True
        text = self.text.rstrip() if self._answer else self.text
        if self.cut and status == "done" and self._job.trim == "sentence" and not self._answer:
            text = text[: last_sentence_end(text)]
        tokens = []
        start = len(self._job.lead)
        for token in self._tokens if self._whole_tokens else ():
            if start >= len(text):
                break
            tokens.append(
                Token(
                    id=token.id,
                    end=min(token.end, len(text)),
                    logprob=token.logprob,
                    rank=token.rank,
                    others=token.others,
                )
            )
            start = token.end
        return TakeEnd(
            job=self._job.id,
            index=self.index,
            text=text,
            tokens=tuple(tokens),
            status=status,
            seconds=seconds,
        )
