"""Some takes of a job drawn together, and the tools that all batches of a model share."""

import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.core.pictures import ImageJob, Rung
from studio.core.seeds import hashed
from studio.worker.hashing import Stamp
from studio.worker.image import schedulers
from studio.worker.image.calling import call_options, prompt_options, remembering
from studio.worker.image.encoding import encode_once
from studio.worker.image.ladder import moved_away, stand_on
from studio.worker.image.latents import shrink_of, unpacked
from studio.worker.image.loading import ImageModel, Reading, load_component
from studio.worker.image.need import need_mib
from studio.worker.image.noise import generators, varied
from studio.worker.image.outfit import Outfit, outfit_for
from studio.worker.image.plain_masks import plain_masks
from studio.worker.image.plan import Plan
from studio.worker.image.png import Pixels, pixels_of, resized
from studio.worker.image.preview import Eye, channels_of, closest, map_for, tiny_decoders
from studio.worker.image.reporter import Reporter, Send
from studio.worker.image.seamless import seamless
from studio.worker.image.stopping import Gate
from studio.worker.image.tiles import Canvas, TilePlan
from studio.worker.image.weights import ClipReader

_MIB = 1024 * 1024


class Tools:
    """What a model needs beside its pipelines: where stops are heard, previews, encoded prompts."""

    def __init__(self, model: ImageModel, cache: Path) -> None:
        self.model, self.gate = model, Gate()
        self.resident_mib = model.parameters * model.dtype.itemsize // _MIB  # what it holds already
        self.steps_done = 0
        self.stood: tuple[Rung, ...] = ()  # rungs that stay: parts of the model were moved away
        self.prompts: dict[str, Any] = {}
        self.outfit = Outfit()
        self._cache = cache
        self._hashes: dict[Stamp, str] = {}
        self._eye: Eye | None = None
        self._reader: ClipReader | None = None
        self._worn: tuple[Any, ...] = ()
        for part in model.parts.values():
            if isinstance(part, torch.nn.Module):
                self.gate.guard(part)

    def close(self) -> None:
        """Forget all that holds memory."""
        self._eye = self._reader = None
        self.prompts.clear()

    def need_mib(self, width: int, height: int, batch: int) -> int:
        """What drawing takes in all, the model included."""
        return need_mib(self.model.card, width, height, batch, self.model.dtype.itemsize)

    def dress(self, job: ImageJob, files: Mapping[str, bytes]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Lay the job's adapters and extras on; the hashes of the ones and the others."""
        self.outfit = outfit_for(self.model, job, files, self._hashes, lambda _done: self.gate.check())
        worn = (job.adapters, self.outfit.adapters)
        if worn != self._worn:
            self._worn = worn
            self.prompts.clear()
            self._reader = None
        for part in self.outfit.networks:
            self.gate.guard(part)
        return self.outfit.adapters, self.outfit.extras

    def eye(self) -> Eye:
        """What turns latents into previews."""
        if self._eye is None:
            model, vae = self.model, self.model.vae
            tiny = tiny_decoders(Path(model.card.path), channels_of(vae), self._tiny)
            self._eye = closest([map_for(vae, self._cache), *tiny], vae)
        return self._eye

    def _tiny(self, folder: Path) -> Any:
        model = self.model
        reading = Reading(1, lambda _done: self.gate.check())
        return load_component("diffusers", "AutoencoderTiny", folder, model.device, model.dtype, reading)

    def reader(self, pipe: Any) -> ClipReader | None:
        """What reads prompts for a family that reads them with CLIP; None for the others."""
        if not ClipReader.can(pipe):
            return None
        if self._reader is None:
            self._reader = ClipReader(pipe)
        return self._reader


class Batch:
    """Takes `indices` of a job, drawn together."""

    def __init__(
        self,
        tools: Tools,
        job: ImageJob,
        plan: Plan | TilePlan,
        seeds: Sequence[int],
        indices: Sequence[int],
        rungs: tuple[Rung, ...],
        send: Send,
    ) -> None:
        self._tools, self._job, self._plan, self._rungs = tools, job, plan, rungs
        self._indices = list(indices)
        self._seeds = [seeds[index] for index in indices]
        self._canvases: list[Canvas] = []
        self._place: tuple[int, int] | None = None
        self._size = plan.tile if isinstance(plan, TilePlan) else (plan.width, plan.height)
        eye = tools.eye() if job.preview else None
        unpack = partial(self._unpacked, shrink_of(tools.model.vae))
        self._reporter = Reporter(job.id, self._indices, eye, unpack, send)

    def draw(self) -> list[Pixels]:
        """The finished pictures, RGB or RGBA. Raises StoppedError, and whatever tells that memory ran out."""
        if isinstance(self._plan, TilePlan):
            return self._draw_tiles(self._plan)
        plan, job = self._plan, self._job
        chances = generators(job, self._seeds)
        drawn = self._through(plan.mode, plan.init, plan.mask, chances, lambda _row, small: plan.small(small))
        return [plan.finish(pixels) for pixels in drawn]

    def unfinished(self) -> list[Pixels | None]:
        """What a stop leaves of each take: its last preview, enlarged; None where nothing could be seen yet."""
        seen = self._reporter.last()
        if isinstance(self._plan, TilePlan):
            return [self._unfinished_tiles(self._plan, row, seen) for row in range(len(self._indices))]
        if not seen:
            return [None] * len(self._indices)
        return [self._plan.enlarged(small) for small in seen]

    def _through(
        self, mode: Any, init: Pixels | None, mask: Pixels | None, chances: list[torch.Generator], framed: Any
    ) -> list[Pixels]:
        """Call the pipeline once."""
        tools, job = self._tools, self._job
        model = tools.model
        tools.gate.check()
        pipe = model.pipe(mode, tools.outfit.control)
        with ExitStack() as around:
            around.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")  # what diffusers says of numpy and of its own next version
            around.callback(pipe.maybe_free_model_hooks)
            pipe.scheduler = schedulers.fresh(model.scheduler, job.scheduler, model.card.schedulers)
            around.callback(schedulers.watch(pipe.scheduler, partial(self._step, pipe, framed)))
            around.callback(stand_on(model, pipe, self._rungs))
            tools.stood = moved_away(self._rungs)
            around.enter_context(encode_once(model.vae))
            around.enter_context(plain_masks(pipe))
            around.enter_context(remembering(pipe, tools.prompts))
            around.enter_context(varied(pipe, job, chances, self._seeds))
            around.enter_context(seamless([model.core, model.vae], job.tiling))
            prompts = [job.prompt_of(index) for index in self._indices]
            options = call_options(pipe, job, self._size, init, mask, chances)
            options |= tools.outfit.call_options(model, mode, self._guide)
            options |= prompt_options(model.family, job, prompts, tools.reader(pipe))
            return pixels_of(pipe(**options)[0].float())

    def _step(
        self, pipe: Any, framed: Any, scheduler: Any, output: Tensor, timestep: Any, sample: Tensor
    ) -> None:
        """After each step of the scheduler."""
        reporter, tools = self._reporter, self._tools
        tools.gate.check()
        tools.steps_done += len(self._indices)
        calls = len(self._plan.places) if isinstance(self._plan, TilePlan) else 1
        steps = getattr(pipe, "_num_timesteps", 0) or len(scheduler.timesteps)
        reporter.begin(steps * calls, framed)
        reporter.step(scheduler, output, timestep, sample)

    def _guide(self, pixels: Pixels) -> Pixels:
        """A control picture as it belongs to what is drawn now."""
        if isinstance(self._plan, TilePlan):
            return self._plan.guide(pixels, self._place or (0, 0))
        return self._plan.guide(pixels)

    def _unpacked(self, shrink: int, latents: Tensor) -> Tensor:
        return unpacked(latents, *self._size, shrink)

    # enlarging

    def _draw_tiles(self, plan: TilePlan) -> list[Pixels]:
        job = self._job
        assert job.upscale is not None
        if job.upscale.scaler == "lanczos":
            return [plan.finish(plan.rgb)] * len(self._indices)
        self._canvases = [Canvas(plan) for _ in self._indices]
        for x, y in plan.places:
            self._place = (x, y)
            chances = [torch.Generator("cpu").manual_seed(hashed(f"{seed}:{x}:{y}")) for seed in self._seeds]
            self._reporter.forget()
            drawn = self._through("image", plan.cut((x, y)), None, chances, self._framed_tile)
            for canvas, pixels in zip(self._canvases, drawn, strict=True):
                canvas.put((x, y), pixels)
        return [plan.finish(canvas.pixels()) for canvas in self._canvases]

    def _framed_tile(self, row: int, small: Pixels) -> Pixels:
        assert isinstance(self._plan, TilePlan)
        return self._plan.small(self._canvases[row], self._place, small)

    def _unfinished_tiles(self, plan: TilePlan, row: int, seen: list[Pixels]) -> Pixels | None:
        """The tiles that are done, the one in the making, and the enlarged picture elsewhere."""
        if not self._canvases:
            return None
        canvas = self._canvases[row]
        if seen and self._place is not None:
            canvas.put(self._place, resized(seen[row], *plan.tile, sharp=False))
        return plan.finish(canvas.pixels())
