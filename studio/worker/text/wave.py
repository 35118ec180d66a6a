"""All takes of one job, in step.

The batch stays whole until the last take ends, so that no take's bits depend on when another one ended. When one
take is taken back (a banned phrase stands in it), all rows go back and the others are given the tokens they had:
the same numbers in the same shapes, so they end up exactly where they were.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import torch
from torch import Tensor

from studio.core.events import Delta, Event, JobEnd
from studio.core.jobs import TextJob
from studio.core.seeds import take_seeds
from studio.worker.causal.model import CausalModel
from studio.worker.text.insight import Insight, Thought, overflowed
from studio.worker.text.prompt import Prompt
from studio.worker.text.sampling import Sampler, marks_of
from studio.worker.text.take import GrowingTake
from studio.worker.text.tokens import TextTokens
from studio.worker.text.watch import Watch

_DELTA_S = 0.02  # text of a shorter time goes out together
_TRIES_A_PLACE = 32  # tokens forbidden at one place before the take ends there
_QUICK_KERNELS = ("native", "llama.cpp")  # their logits are in a processor's memory
_MORE_TRIES = 64  # times a take may be taken back beyond its number of tokens

Send = Callable[[Event], None]
Stopped = Callable[[], bool]


@dataclass(frozen=True)
class Opening:
    """What the takes begin from: the cache and logits (V,) after prompt and lead, and the lead's thoughts."""

    cache: Any
    logits: Tensor
    lead: list[Thought]


class Wave:
    """Draws, shows and ends the takes of a job."""

    def __init__(
        self,
        model: CausalModel,
        tokens: TextTokens,
        job: TextJob,
        prompt: Prompt,
        opening: Opening,
        limit: int,
        kernel: str,
    ) -> None:
        """`limit`: the most tokens a take may have beside its lead. `kernel`: see `CausalModel.fork`."""
        self.seeds = take_seeds(job.seed, job.takes)
        self._job, self._model, self._opening, self._kernel = job, model, opening, kernel
        self._ends = tokens.ends | prompt.ends
        self._limit, self._place, self._replayed = limit, 0, 0
        self._first_logits = opening.logits.expand(job.takes, -1)
        self._logits = self._first_logits
        self._forked: Any = None
        self._drawn: list[Tensor] = []
        self._forbidden: list[dict[int, set[int]]] = [{} for _ in range(job.takes)]
        self._tries: list[Counter[int]] = [Counter() for _ in range(job.takes)]
        watch = Watch(prompt.stops, job.sampling.banned_phrases)
        self._takes = [GrowingTake(index, tokens, prompt, watch) for index in range(job.takes)]
        spaced = tokens.opens_with_space if prompt.first_spaced else ()
        self._first = torch.tensor(spaced, device=model.device) if spaced else None
        self._end_ids = torch.tensor(sorted(self._ends), dtype=torch.int64, device=model.device)
        size = min(tokens.size, model.vocab)
        self._insight = Insight(job.takes, model.vocab)
        self._sampler = Sampler(
            job.sampling,
            seeds=self.seeds,
            tokens=limit,
            before=prompt.ids,
            never=(tokens.never - self._ends).union(range(size, model.vocab)),
            vocab=model.vocab,
            device=model.device,
            marks=marks_of(job.sampling, tokens, self._ends),
            quick=kernel in _QUICK_KERNELS,
        )

    def run(self, send: Send, stopped: Stopped, began: float) -> None:
        """Stream until every take has ended or the job is stopped."""
        self._send, self._began = send, began
        self._pieces: dict[int, str] = {}
        self._flushed = 0.0
        started = time.monotonic()
        if bool(self._opening.logits.isnan().any()):
            raise overflowed()
        for take in self._takes:
            self._show(take, take.opening())
        while self._place < self._limit and self._running() and not stopped():
            self._advance()
        status: Literal["done", "stopped"] = "done"
        for take in self._running():
            reached = take.drawn >= self._limit
            status = status if reached else "stopped"
            self._end(take, "done" if reached else "stopped", cut=reached)
        self._flush()
        made = sum(take.drawn for take in self._takes)
        now = time.monotonic()
        rate = made / max(now - started, 1e-9)
        send(JobEnd(job=self._job.id, status=status, seconds=now - began, tokens_per_s=rate))

    def _running(self) -> list[GrowingTake]:
        return [take for take in self._takes if not take.ended]

    # one step

    def _advance(self) -> None:
        """One token for every take; or back to where one of them goes on differently."""
        ids = self._draw()
        self._insight.note(self._logits, ids)
        self._drawn.append(ids)
        back = self._take_in(ids.tolist())
        if self._pieces and time.monotonic() - self._flushed >= _DELTA_S:
            self._flush()
        if back is not None:
            self._go_back(back)
            return
        self._place += 1
        if self._place < self._limit and self._running():
            if self._forked is None:
                self._forked = self._model.fork(
                    self._opening.cache, len(self._takes), self._limit, self._kernel
                )
            self._logits = self._model.step(self._forked, ids)

    def _draw(self) -> Tensor:
        """The next tokens int64 (N,)."""
        place = self._place
        opening = place == 0  # a take says at least something, and brings along the space at the caret
        forced = None
        if place < self._replayed:
            had = [take.drawn_id(place) if place < take.drawn else -1 for take in self._takes]
            forced = torch.tensor(had, device=self._model.device)
        forbidden = [
            (row, number) for row, places in enumerate(self._forbidden) for number in places.get(place, ())
        ]
        return self._sampler.draw(
            self._logits,
            only=self._first if opening else None,
            without=self._end_ids if opening else None,
            forbidden=forbidden,
            forced=forced,
        )

    def _take_in(self, ids: list[int]) -> int | None:
        """Turn tokens into text; the place to go back to, None to go on."""
        back: int | None = None
        for take, number, stuck in zip(self._takes, ids, self._sampler.stuck, strict=True):
            if take.ended or self._place < take.drawn:
                continue
            if stuck:
                self._end(take, "done", cut=True)
            elif number in self._ends:
                self._end(take, "done", cut=False)
            else:
                self._show(take, take.push(number))
                if take.stopped_at >= 0:
                    self._end(take, "done", cut=False)
                elif take.banned_at >= 0:
                    place = self._take_back(take)
                    back = back if place is None or (back is not None and back < place) else place
        return back

    # banned phrases

    def _take_back(self, take: GrowingTake) -> int | None:
        """Forbid the token a banned phrase began with; the place where the take goes on.

        After too many tries the take ends before the phrase, and there is none.
        """
        row, place = take.index, take.banned_at
        number = take.drawn_id(place)
        take.take_back(place)
        tries = self._tries[row]
        tries[place] += 1
        if tries[place] > _TRIES_A_PLACE or tries.total() > self._limit + _MORE_TRIES:
            self._end(take, "done", cut=True)
            return None
        kept = {at: numbers for at, numbers in self._forbidden[row].items() if at <= place}
        kept.setdefault(place, set()).add(number)
        self._forbidden[row] = kept
        self._sampler.renew(row, place)
        return place

    def _go_back(self, place: int) -> None:
        """Stand at an earlier place again, or once more at this one: its logits, nothing drawn yet."""
        stepped = self._place  # tokens the model was given
        self._replayed = max(self._replayed, self._place + 1)
        if place < stepped:
            self._model.rewind(self._forked, stepped - max(place - 1, 0))
            again = self._drawn[place - 1] if place else None
            self._logits = self._first_logits if again is None else self._model.step(self._forked, again)
        del self._drawn[place:]
        self._insight.rewind(place)
        self._sampler.rewind(place)
        self._place = place

    # text and ends

    def _show(self, take: GrowingTake, fresh: str) -> None:
        if fresh:
            self._pieces[take.index] = self._pieces.get(take.index, "") + fresh

    def _flush(self) -> None:
        """Send the text gathered so far, one piece a take."""
        if self._pieces:
            step = max(take.drawn for take in self._takes)
            self._send(Delta(job=self._job.id, pieces=tuple(self._pieces.items()), step=step))
            self._pieces.clear()
        self._flushed = time.monotonic()

    def _end(self, take: GrowingTake, status: Literal["done", "stopped"], *, cut: bool) -> None:
        """Close one take; `cut`: it was ended within a sentence, perhaps."""
        self._show(take, take.close())
        self._flush()
        trim = cut and self._job.trim == "sentence"
        end = take.end(self._job.id, self._insight, self._opening.lead, trim=trim)
        seconds = time.monotonic() - self._began
        self._send(msgspec.structs.replace(end, status=status, seconds=seconds))
