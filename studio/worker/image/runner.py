"""Turns an image job into takes: plans, draws batch by batch down the memory ladder, and keeps what a stop leaves."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import diffusers
import torch
from msgspec.structs import replace
from tqdm import tqdm

from studio import __version__
from studio.core.errors import StoppedError
from studio.core.events import Event, Image, JobEnd, Started, TakeEnd, Told
from studio.core.pictures import ImageJob
from studio.core.takes import Drawn, Made
from studio.worker.image import schedulers
from studio.worker.image.batch import Batch, Tools
from studio.worker.image.ladder import Ladder
from studio.worker.image.loading import ImageModel
from studio.worker.image.memory import free_mib, give_back, ran_out, settle, unsettle
from studio.worker.image.noise import seeds_of
from studio.worker.image.plan import Plan, plan_of
from studio.worker.image.png import finished
from studio.worker.image.tiles import TilePlan, tile_plan

Send = Callable[[Event], None]
Stopped = Callable[[], bool]


class ImageRunner:
    """A picture model that stands ready. Belongs to the computing thread."""

    def __init__(self, model: ImageModel, sha256: Callable[[], str], threads: int, cache: Path) -> None:
        """`cache` is a folder of the user's for what is worth keeping (the map of previews)."""
        self.model, self.sha256, self.threads = model, sha256, threads
        self._tools = Tools(model, cache)
        tqdm.monitor_interval = 0  # a thread for bars that nobody sees
        settle()

    def run(self, job: ImageJob, files: Mapping[str, bytes], send: Send, stopped: Stopped) -> None:
        """Make the job's takes; sends Started, Preview, Told, TakeEnd and JobEnd.

        `files` are the pictures that the job names. Raises StudioError when it cannot be done with this model.
        """
        with torch.inference_mode(), self._tools.gate.during(stopped):
            try:
                _Run(self, self._tools, job, files, send).run()
            finally:
                give_back(self.model.device)

    def close(self) -> None:
        """Let go of the model."""
        self._tools.close()
        self.model.close()
        unsettle()


class _Run:
    """One job."""

    def __init__(
        self, runner: ImageRunner, tools: Tools, job: ImageJob, files: Mapping[str, bytes], send: Send
    ) -> None:
        self._runner, self._tools, self._job, self._files, self._send = runner, tools, job, files, send
        self._began = time.monotonic()
        self._seeds = seeds_of(job)
        self._batches: list[int] = []
        self._made: Made | None = None
        self._ended = 0  # takes

    def run(self) -> None:
        try:
            self._draw_all()
        except StoppedError:
            for index in range(self._ended, self._job.takes if self._made else 0):
                self._end_take(index, None, "stopped", self._began)
            self._end("stopped")
            return
        self._end("done")

    def _draw_all(self) -> None:
        job, tools = self._job, self._tools
        tools.gate.check()
        plan = self._plan()
        adapters, extras = tools.dress(job, self._files)
        ladder = self._ladder(plan)
        self._made = self._new_made(adapters, extras, ladder)
        self._send(Started(job=job.id, made=self._made, seeds=self._seeds))
        if ladder.rungs and not job.rungs:
            for rung in ladder.rungs:
                self._send(Told(job=job.id, what=ladder.words(rung), code=rung))
        while self._ended < job.takes:
            indices = range(self._ended, min(self._ended + ladder.batch, job.takes))
            if not self._batch(plan, indices, ladder):
                rung = ladder.step()
                give_back(self._runner.model.device)
                self._send(Told(job=job.id, what=ladder.words(rung), code=rung))

    def _batch(self, plan: Plan | TilePlan, indices: Sequence[int], ladder: Ladder) -> bool:
        """Draw these takes; False when memory ran out."""
        job, began = self._job, time.monotonic()
        batch = Batch(self._tools, job, plan, self._seeds, indices, ladder.rungs, self._send)
        try:
            drawn = batch.draw()
        except StoppedError:
            for index, pixels in zip(indices, batch.unfinished(), strict=True):
                image = finished(pixels, preview=True) if pixels is not None else None
                self._end_take(index, image, "stopped", began)
            raise
        except Exception as error:
            if not ran_out(error):
                raise
            return False
        self._batches.append(len(indices))
        made = self._now_made(ladder)
        for index, pixels in zip(indices, drawn, strict=True):
            self._end_take(index, finished(pixels), "done", began, made)
        return True

    def _plan(self) -> Plan | TilePlan:
        grid = self._runner.model.card.grid_px or 8
        plan = tile_plan if self._job.mode == "upscale" else plan_of
        return plan(self._job, self._files, grid)

    def _ladder(self, plan: Plan | TilePlan) -> Ladder:
        """With the batch of the recipe, else the largest that should fit."""
        job, model = self._job, self._runner.model
        rungs = tuple(dict.fromkeys((*self._tools.stood, *job.rungs)))
        batch = min(job.batch or job.takes, job.takes)
        if isinstance(plan, TilePlan) and job.upscale is not None and job.upscale.scaler == "lanczos":
            return Ladder(batch=job.takes, rungs=rungs, device=model.device, tiling="none")
        ladder = Ladder(batch=batch, rungs=rungs, device=model.device, tiling=job.tiling)
        size = plan.tile if isinstance(plan, TilePlan) else (plan.width, plan.height)
        if not job.batch:
            free = free_mib(model.device) + self._tools.resident_mib
            while ladder.batch > 1 and self._tools.need_mib(*size, ladder.batch) > free:
                ladder.step()
        return ladder

    def _new_made(self, adapters: tuple[str, ...], extras: tuple[str, ...], ladder: Ladder) -> Made:
        model, job = self._runner.model, self._job
        return Made(
            model_sha256=self._runner.sha256(),
            family=model.family,
            device=model.device,
            dtype=str(model.dtype).removeprefix("torch."),
            threads=self._runner.threads,
            drawn=Drawn(
                scheduler=schedulers.used(model.scheduler, job.scheduler),
                batches=self._in_turn(ladder.batch),
                adapters_sha256=adapters,
                extras_sha256=extras,
                rungs=ladder.rungs,
                diffusers=diffusers.__version__,
            ),
            torch=str(torch.__version__),
            atelier=__version__,
        )

    def _in_turn(self, batch: int) -> tuple[int, ...]:
        """The batches so far, and those to come."""
        batches, left = list(self._batches), self._job.takes - sum(self._batches)
        while left > 0:
            batches.append(min(batch, left))
            left -= batch
        return tuple(batches)

    def _now_made(self, ladder: Ladder) -> Made | None:
        """How it was computed, where that is not what Started said."""
        assert self._made is not None
        assert self._made.drawn is not None
        drawn = replace(self._made.drawn, batches=self._in_turn(ladder.batch), rungs=ladder.rungs)
        return None if drawn == self._made.drawn else replace(self._made, drawn=drawn)

    def _end_take(
        self, index: int, image: Image | None, status: Any, began: float, made: Made | None = None
    ) -> None:
        seconds = time.monotonic() - began
        self._ended = index + 1
        self._send(
            TakeEnd(job=self._job.id, index=index, image=image, status=status, seconds=seconds, made=made)
        )

    def _end(self, status: Any) -> None:
        seconds = time.monotonic() - self._began
        rate = self._tools.steps_done / seconds if seconds > 0 else 0.0
        self._send(JobEnd(job=self._job.id, status=status, seconds=seconds, tokens_per_s=rate))
