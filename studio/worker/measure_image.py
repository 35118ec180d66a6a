"""The picture maker's figures: ours beside a bare diffusers pipeline, takes, previews, switching, memory.

`python -m studio.worker measure image PATH TEXT_PATH [PAIRS]`: one JSON object, seconds and ratios.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import psutil
import torch

from studio.core.events import Event, Preview
from studio.core.pictures import ImageJob
from studio.worker.image.runner import ImageRunner
from studio.worker.shelf import Shelf

_PROMPT = "a red heart"
_JOBS = 30
_MIB = 1024 * 1024


def measure_image(path: str, text_path: str, pairs: int) -> dict[str, Any]:
    """Ours with and without previews, 4 takes, and the bare pipeline, in interleaved rounds: the same weights, sizes,
    steps, number type and threads in one process. Ratios are medians over the rounds.
    """
    shelf = Shelf(_ignore)
    runner = shelf.painter(path, "", _never)
    bare = _bare(path, runner)
    runs: dict[str, Callable[[int], float]] = {
        "bare": bare,
        "off": lambda seed: _ours(runner, path, seed, preview=False),
        "on": lambda seed: _ours(runner, path, seed, preview=True),
        "takes4": lambda seed: _ours(runner, path, seed, preview=True, takes=4),
    }
    for run in runs.values():
        run(0)
    rounds: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(pairs):
        for name in (list(runs), list(reversed(runs)))[number % 2]:  # what comes first is warmer in no favour
            rounds[name].append(runs[name](number))
    card = runner.model.card
    return {
        "take_s": statistics.median(rounds["off"]),
        "bare_s": statistics.median(rounds["bare"]),
        "x_bare": _ratio(rounds, "off", "bare"),
        "preview_x_bare": _ratio(rounds, "on", "bare"),
        "preview_cost": _ratio(rounds, "on", "off"),
        "takes4_cost": _ratio(rounds, "takes4", "on"),
        "first_preview_s": statistics.median(_first_preview(runner, path, seed) for seed in range(5)),
        "switch_s": _switch(shelf, path, text_path),
        "rss_growth": _growth(runner, path),
        "runs": pairs,
        "threads": runner.threads,
        "device": runner.model.device,
        "dtype": str(runner.model.dtype).removeprefix("torch."),
        "steps": card.steps,
        "width": card.size[0],
        "height": card.size[1],
    }


def _ratio(rounds: dict[str, list[float]], above: str, below: str) -> float:
    return statistics.median(a / b for a, b in zip(rounds[above], rounds[below], strict=True))


def _never() -> bool:
    return False


def _ignore(event: Event) -> None:
    del event


def _job(runner: ImageRunner, path: str, seed: int, preview: bool, takes: int = 1) -> ImageJob:
    card = runner.model.card
    return ImageJob(
        id="measure", prompt=f"{_PROMPT} {seed}", model=path, seed=seed, takes=takes, steps=card.steps,
        guidance=card.guidance, width=card.size[0], height=card.size[1], preview=preview,
    )  # fmt: skip


def _ours(runner: ImageRunner, path: str, seed: int, *, preview: bool, takes: int = 1) -> float:
    """Seconds of a job, all of it: to the PNGs, the thumbnails and the memory given back."""
    job = _job(runner, path, seed, preview, takes)
    began = time.perf_counter()
    runner.run(job, {}, _ignore, _never)
    return time.perf_counter() - began


def _bare(path: str, runner: ImageRunner) -> Callable[[int], float]:
    """A plain call of diffusers' own pipeline, as any script would write it: seconds to the PIL picture."""
    from diffusers import DiffusionPipeline

    card, model = runner.model.card, runner.model
    pipe = DiffusionPipeline.from_pretrained(path, dtype=model.dtype, local_files_only=True)
    pipe.to(model.device)
    pipe.set_progress_bar_config(disable=True)

    def seconds(seed: int) -> float:
        began = time.perf_counter()
        pipe(
            prompt=f"{_PROMPT} {seed}",
            num_inference_steps=card.steps,
            guidance_scale=card.guidance,
            width=card.size[0],
            height=card.size[1],
            generator=torch.Generator("cpu").manual_seed(seed),
        )
        return time.perf_counter() - began

    return seconds


def _first_preview(runner: ImageRunner, path: str, seed: int) -> float:
    """Seconds from a job's start to the first picture of it."""
    heard: list[float] = []

    def watch(event: Event) -> None:
        if isinstance(event, Preview) and event.pictures and not heard:
            heard.append(time.perf_counter())

    began = time.perf_counter()
    runner.run(_job(runner, path, seed, True), {}, watch, lambda: bool(heard))
    return heard[0] - began


def _switch(shelf: Shelf, path: str, text_path: str) -> float:
    """Seconds until a picture model that stands in memory is ready again after a language model was used."""
    times = []
    for _ in range(5):
        shelf.runner(text_path, "", _never)
        began = time.perf_counter()
        shelf.painter(path, "", _never)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _growth(runner: ImageRunner, path: str) -> float:
    """How much larger the process is after 30 more jobs of changing kinds: 0.01 is a per cent."""
    process = psutil.Process()

    def jobs(count: int) -> float:
        for number in range(count):
            runner.run(_job(runner, path, number, number % 2 == 0, 1 + number % 3), {}, _ignore, _never)
        return process.memory_info().rss / _MIB

    before = jobs(6)
    return jobs(_JOBS) / before - 1.0
