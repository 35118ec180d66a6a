"""Turns a text job into takes: one shared prefill, then all takes step by step together."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch

from studio import __version__
from studio.core.errors import StoppedError, StudioError
from studio.core.events import Delta, Event, JobEnd, Started
from studio.core.jobs import TextJob
from studio.core.takes import Made
from studio.worker.text.kept import CHUNK_TOKENS, KeptPrompts, Read
from studio.worker.text.model import TextModel
from studio.worker.text.prompt import Prompt, lay_out
from studio.worker.text.sampling import Sampler, take_seeds
from studio.worker.text.take import GrowingTake
from studio.worker.text.tokens import Streamed, TextTokens

_DELTA_S = 0.02  # text of a shorter time goes out together

Send = Callable[[Event], None]
Stopped = Callable[[], bool]


@dataclass
class TextRunner:
    """A model that stands ready, with its tokenizer and the prompts it has read lately."""

    model: TextModel
    tokens: TextTokens
    sha256: Callable[[], str]
    kept: KeptPrompts
    threads: int

    def run(self, job: TextJob, send: Send, stopped: Stopped) -> None:
        """Make the job's takes; sends Started, Delta, TakeEnd and JobEnd.

        Raises StudioError when the job cannot be done with this model.
        """
        began = time.monotonic()
        if job.adapters:
            raise StudioError(
                "This version cannot lay adapters over a text model yet.",
                do="Remove the adapter and try again.",
            )
        with torch.inference_mode():
            try:
                prompt = lay_out(job, self.tokens, self.model.context_tokens)
                read = self._read(prompt, stopped)
            except StoppedError:
                send(JobEnd(job=job.id, status="stopped", seconds=time.monotonic() - began, tokens_per_s=0.0))
                return
            room = self.model.context_tokens - len(prompt.ids)
            wave = _Wave(self, job, prompt, read, min(job.tokens, room))
            send(Started(job=job.id, made=self._made(prompt, read), seeds=wave.seeds))
            wave.run(send, stopped, began)

    def _read(self, prompt: Prompt, stopped: Stopped) -> Read:
        def check() -> None:
            if stopped():
                raise StoppedError()

        return self.kept.read(prompt.ids, check)

    def _made(self, prompt: Prompt, read: Read) -> Made:
        return Made(
            model_sha256=self.sha256(),
            family=self.model.family,
            device=self.model.device,
            dtype=self.model.dtype,
            threads=self.threads,
            chunk_tokens=CHUNK_TOKENS,
            prompt_tokens=len(prompt.ids),
            reused_tokens=read.reused,
            computed_tokens=len(prompt.ids) - read.reused,
            prompt_cut_chars=prompt.cut_chars,
            filled_in=prompt.filled_in,
            torch=str(torch.__version__),
            atelier=__version__,
        )


class _Wave:
    """All takes of one job, in step. The batch stays whole until the last take ends, so that no take's
    bits depend on when another one ended."""

    def __init__(self, runner: TextRunner, job: TextJob, prompt: Prompt, read: Read, tokens: int) -> None:
        self.seeds = take_seeds(job.seed, job.takes)
        self._job = job
        self._model = runner.model
        self._ends = runner.tokens.ends
        self._limit = tokens
        self._logits = read.logits.expand(job.takes, -1)
        self._forked = None
        self._cache = read.cache
        self._takes = [
            GrowingTake(index, Streamed(runner.tokens, prompt.before), prompt.space)
            for index in range(job.takes)
        ]
        device = runner.model.device
        spaced = runner.tokens.opens_with_space if prompt.space else ()
        self._first = torch.tensor(spaced, device=device) if spaced else None
        self._end_ids = torch.tensor(sorted(self._ends), dtype=torch.int64, device=device)
        size = min(runner.tokens.size, runner.model.vocab)
        self._sampler = Sampler(
            job.sampling,
            seeds=self.seeds,
            tokens=tokens,
            before=prompt.ids,
            never=runner.tokens.never.union(range(size, runner.model.vocab)),
            vocab=runner.model.vocab,
            device=device,
        )

    def run(self, send: Send, stopped: Stopped, began: float) -> None:
        """Stream until every take has ended or the job is stopped."""
        self._send = send
        self._began = began
        self._pieces: list[tuple[int, str]] = []
        self._flushed = 0.0
        started = time.monotonic()
        for step in range(self._limit):
            if stopped():
                break
            self._advance(step)
            if all(take.ended for take in self._takes):
                break
        status: Literal["done", "stopped"] = "done"
        for take in self._takes:
            if not take.ended:
                reached = take.tokens >= self._limit
                status = status if reached else "stopped"
                self._end(take, "done" if reached else "stopped", cut=reached)
        self._flush()
        made = sum(take.tokens for take in self._takes)
        now = time.monotonic()
        rate = made / max(now - started, 1e-9)
        send(JobEnd(job=self._job.id, status=status, seconds=now - began, tokens_per_s=rate))

    def _advance(self, step: int) -> None:
        """One token for every take."""
        opening = step == 0  # a take says at least something, and brings along the space at the caret
        ids, logprobs = self._sampler.draw(
            self._logits, only=self._first if opening else None, without=self._end_ids if opening else None
        )
        self._show(ids.tolist(), logprobs.tolist())
        if step + 1 < self._limit and not all(take.ended for take in self._takes):
            if self._forked is None:
                self._forked = self._model.fork(self._cache, len(self._takes), self._limit)
            self._logits = self._model.step(self._forked, ids)

    def _show(self, ids: list[int], logprobs: list[float]) -> None:
        """Turn tokens into text; send it at once the first time, then every 20 ms."""
        for take, token, logprob in zip(self._takes, ids, logprobs, strict=True):
            if take.ended:
                continue
            if math.isnan(logprob):
                raise StudioError(
                    "The model's numbers overflowed: it gives no probabilities for the next word.",
                    kept="What had streamed is kept.",
                    do="Choose another model, or the same one in another number format.",
                    code="not_a_number",
                )
            if token in self._ends:
                self._end(take, "done", cut=False)
                continue
            fresh = take.push(token, logprob)
            if fresh:
                self._pieces.append((take.index, fresh))
        if self._pieces and time.monotonic() - self._flushed >= _DELTA_S:
            self._flush()

    def _flush(self) -> None:
        """Send the text gathered so far, one piece a take."""
        if self._pieces:
            joined: dict[int, str] = {}
            for index, piece in self._pieces:
                joined[index] = joined.get(index, "") + piece
            step = max(take.tokens for take in self._takes)
            self._send(Delta(job=self._job.id, pieces=tuple(joined.items()), step=step))
            self._pieces.clear()
        self._flushed = time.monotonic()

    def _end(self, take: GrowingTake, status: Literal["done", "stopped"], *, cut: bool) -> None:
        """Close one take; `cut`: it was ended by the number of tokens, perhaps within a sentence."""
        fresh = take.close()
        if fresh:
            self._pieces.append((take.index, fresh))
        self._flush()
        trim = cut and self._job.trim == "sentence"
        seconds = time.monotonic() - self._began
        self._send(take.end(self._job.id, status=status, trim=trim, seconds=seconds))
