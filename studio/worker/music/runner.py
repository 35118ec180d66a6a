"""Turns a music job into takes: one prompt read once, then every take at its own pace under its grammar."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from studio import __version__
from studio.catalog.music import no_drums
from studio.core.adapter import Adapter, AtWork, at_work
from studio.core.errors import StoppedError
from studio.core.events import Delta, Event, JobEnd, Started, TakeEnd
from studio.core.pieces import PieceJob
from studio.core.seeds import take_seeds
from studio.core.takes import Made
from studio.media.music.carried import unpack
from studio.media.music.prompts import Plan, prompt
from studio.media.music.prompts_range import writes_drums
from studio.media.music.score import Score
from studio.worker.causal.adapted import no_hashes
from studio.worker.causal.kept import CHUNK_TOKENS, KeptPrompts, Read
from studio.worker.causal.model import CausalModel, chosen_kernel
from studio.worker.causal.ragged import ragged
from studio.worker.music.draw import Dice
from studio.worker.music.take import GrowingPiece

_DELTA_S = 0.02  # notes of a shorter time go out together
Send = Callable[[Event], None]
Stopped = Callable[[], bool]


@dataclass
class MusicRunner:
    """A model of notes that stands ready, with the prompts it has read lately."""

    model: CausalModel
    sha256: Callable[[], str]
    kept: KeptPrompts
    threads: int
    drums: bool = False  # it was trained on drums
    adapters: AtWork = ()  # that are laid over the model
    hashes: Callable[[Sequence[Adapter]], tuple[str, ...]] = no_hashes

    def run(self, job: PieceJob, files: Mapping[str, bytes], send: Send, stopped: Stopped) -> None:
        """Make the job's takes; sends Started, Delta, TakeEnd and JobEnd.

        `files` holds the score the job names. Raises StudioError when the job cannot be done with this model.
        """
        if at_work(job.adapters) != self.adapters:
            raise ValueError("a job's adapters are laid over the model before it comes here")
        score = unpack(files[job.score])
        if not self.drums and writes_drums(score, job):
            raise no_drums()
        with torch.inference_mode():
            _Run(self, job, score, send, stopped).run()

    def close(self) -> None:
        """Let go of the prompts."""
        self.kept.clear()


class _Run:
    """One job."""

    def __init__(
        self, runner: MusicRunner, job: PieceJob, score: Score, send: Send, stopped: Stopped
    ) -> None:
        self._runner, self._job, self._score, self._send, self._stopped = runner, job, score, send, stopped
        self._began = time.monotonic()
        self._kernel = chosen_kernel(runner.model, "")
        seeds = take_seeds(job.seed, job.takes)
        self._takes = [
            GrowingPiece(index, Dice(seed, job.temperature, job.top_k, job.top_p))
            for index, seed in enumerate(seeds)
        ]
        self._seeds = seeds
        self._pieces: dict[int, str] = {}
        self._flushed = 0.0
        self._finished: set[int] = set()

    def run(self) -> None:
        """All passes: the first is read once for all takes; where a range is too long for one, each take goes on from
        what it wrote itself.
        """
        try:
            first = self._pass(self._takes, self._score, None)
            for take in self._takes:
                plan, score = first, self._score
                while plan.next_bar is not None:
                    score = plan.place(score, take.notes)
                    plan = self._pass([take], score, plan.next_bar)
                self._finish(take, "done")
        except StoppedError:
            for take in self._takes:
                self._finish(take, "stopped")
            self._end("stopped")
            return
        self._end("done")

    def _pass(self, takes: Sequence[GrowingPiece], score: Score, from_bar: int | None) -> Plan:
        """Write the bars that fit into the context, all these takes together."""
        model = self._runner.model
        asked = prompt(
            score,
            self._job,
            context=model.context_tokens,
            from_bar=from_bar,
            drums=self._runner.drums,
        )
        read = self._runner.kept.read(asked.ids, self._check)
        if from_bar is None:
            self._send(Started(job=self._job.id, made=self._made(read), seeds=self._seeds))
        for take in takes:
            self._say(take, take.begin(asked.plan))
        caches = ragged(model, read.cache, len(takes), asked.plan.room, self._kernel)
        logits = np.repeat(read.logits.float().cpu().numpy()[None], len(takes), axis=0)
        going = [(row, take) for row, take in enumerate(takes) if not take.ended]
        while going:
            self._check()
            fresh: list[tuple[int, Sequence[int]]] = []
            for at, (row, take) in enumerate(going):
                ids, said = take.push(logits[at])
                self._say(take, said)
                if not take.ended:
                    fresh.append((row, ids))
                elif asked.plan.next_bar is None:
                    self._finish(take, "done")
            going = [(row, takes[row]) for row, _ in fresh]
            if fresh:
                logits = caches.feed(fresh)
        return asked.plan

    def _check(self) -> None:
        if self._stopped():
            raise StoppedError()

    def _say(self, take: GrowingPiece, said: str) -> None:
        if said:
            self._pieces[take.index] = self._pieces.get(take.index, "") + said
        if self._pieces and time.monotonic() - self._flushed >= _DELTA_S:
            self._flush()

    def _flush(self) -> None:
        if self._pieces:
            going = [take.bars for take in self._takes if take.index not in self._finished]
            step = min(going, default=self._job.cells)
            self._send(Delta(job=self._job.id, pieces=tuple(self._pieces.items()), step=step))
            self._pieces.clear()
        self._flushed = time.monotonic()

    def _finish(self, take: GrowingPiece, status: Literal["done", "stopped"]) -> None:
        """Close a take, once."""
        if take.index in self._finished:
            return
        self._finished.add(take.index)
        self._flush()
        self._send(
            TakeEnd(
                job=self._job.id,
                index=take.index,
                text=take.text,
                tokens=tuple(take.records),
                status=status,
                seconds=time.monotonic() - self._began,
            )
        )

    def _end(self, status: Literal["done", "stopped"]) -> None:
        seconds = time.monotonic() - self._began
        drawn = sum(take.drawn for take in self._takes)
        self._send(
            JobEnd(job=self._job.id, status=status, seconds=seconds, tokens_per_s=drawn / max(seconds, 1e-9))
        )

    def _made(self, read: Read) -> Made:
        runner = self._runner
        return Made(
            model_sha256=runner.sha256(),
            family=runner.model.family,
            device=runner.model.device,
            dtype=runner.model.dtype,
            threads=runner.threads,
            adapters_sha256=runner.hashes(self._job.adapters),
            kernel=self._kernel,
            chunk_tokens=CHUNK_TOKENS,
            prompt_tokens=len(read.ids),
            reused_tokens=read.reused,
            computed_tokens=len(read.ids) - read.reused,
            torch=str(torch.__version__),
            atelier=__version__,
        )
