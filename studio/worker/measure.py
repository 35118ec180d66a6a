"""Figures the bench asks for that need torch in their own process: `python -m studio.worker measure ...`.

`measure text PATH [PAIRS]` prints rates, ratios and memory, `measure import PATH` the bare import of torch and
transformers and loading the model; `measure image`, `music` and `tune` are in modules of their own. One JSON
object on stdout, seconds, tokens per second, bytes.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from studio.core.events import Delta, Event, TakeEnd
from studio.core.jobs import Sampling, TextJob
from studio.worker.causal.compiled import build_kernels
from studio.worker.measure_llama import bare_llama
from studio.worker.shelf import Shelf
from studio.worker.text.maker import TextRunner

_USAGE = (
    "usage: measure text PATH [PAIRS] | measure import PATH | measure image PATH TEXT_PATH [PAIRS] | "
    "measure music PATH [PAIRS] | measure tune text|image|charts PATH FOLDER [PAIRS]"
)
_TOKENS = 64
_LONG_TOKENS = 700
_OPENING = "Once upon a time there was a little fox who lived near the old mill. Every day"


def main(arguments: list[str]) -> int:
    """Run one measurement and print it; 2 for wrong usage."""
    match arguments:
        case ["text", path, *rest]:
            figures = measure_text(path, int(rest[0]) if rest else 20)
        case ["import", path]:
            figures = measure_import(path)
        case ["image", path, text_path, *rest]:
            from studio.worker.measure_image import measure_image

            figures = measure_image(path, text_path, int(rest[0]) if rest else 20)
        case ["music", path, *rest]:
            from studio.worker.measure_music import measure_music

            figures = measure_music(path, int(rest[0]) if rest else 20)
        case ["tune", part, base, folder, *rest] if part in ("text", "image", "charts"):
            from studio.worker.measure_tune import measure_tune

            figures = measure_tune(part, base, folder, int(rest[0]) if rest else 5)
        case _:
            print(_USAGE, file=sys.stderr)  # noqa: T201
            return 2
    print(json.dumps(figures))  # noqa: T201 - the answer
    return 0


def measure_import(path: str) -> dict[str, float]:
    """Seconds to import torch and transformers and to load the model, as any script would."""
    began = time.perf_counter()
    from transformers import AutoModelForCausalLM, AutoTokenizer

    imported = time.perf_counter()
    AutoTokenizer.from_pretrained(path, local_files_only=True, trust_remote_code=False)
    AutoModelForCausalLM.from_pretrained(path, local_files_only=True, trust_remote_code=False)
    loaded = time.perf_counter()
    return {"import_s": imported - began, "load_s": loaded - imported, "together_s": loaded - began}


def measure_text(path: str, pairs: int) -> dict[str, Any]:
    """Ours, `generate()` and, when its package is there, llama.cpp, in interleaved rounds: the same weights,
    prompt, knobs and threads in one process.

    Ratios are medians over the rounds; `regenerate_first_token` compares a prompt of about 700 tokens
    read for the first time with the same one again.
    """
    build_kernels("bfloat16")
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        runner = Shelf(_ignore).runner(path, "", _never)
        generate = _baseline(path, runner)
        runs: dict[str, Callable[[int], float]] = {
            **{f"takes{takes}": partial(_generated, runner, takes) for takes in (1, 4, 8)},
            "generate": lambda _: generate(1),
            "generate4": lambda _: generate(4),
        }
        llama, why = bare_llama(path, Path(folder), _prompt_ids(runner), _TOKENS, runner.threads)
        runs |= llama
        for run in runs.values():
            run(0)
        rounds: dict[str, list[float]] = {name: [] for name in (*runs, "first", "again")}
        for number in range(pairs):
            for name, run in runs.items():
                rounds[name].append(run(number))
            for name, seconds in zip(("first", "again"), _first_tokens(runner, number), strict=True):
                rounds[name].append(seconds)
        return _figures(rounds) | {
            "llama_cpp_why": why,
            "take_bytes": _take_bytes(runner),
            "runs": pairs,
            "threads": runner.threads,
            "device": runner.model.device,
            "dtype": runner.model.dtype,
            "kernel": runner.model.kernel,
        }


def _figures(rounds: dict[str, list[float]]) -> dict[str, Any]:
    """Rates from the medians of the seconds, ratios as the medians of the rounds' own."""

    def rate(name: str, takes: int = 1) -> float:
        return takes * _TOKENS / statistics.median(rounds[name])

    def ratio(above: str, below: str) -> float:
        return statistics.median(a / b for a, b in zip(rounds[above], rounds[below], strict=True))

    found: dict[str, Any] = {
        "text_tokens_per_s": rate("takes1"),
        "takes4_tokens_per_s": rate("takes4", 4),
        "takes8_tokens_per_s": rate("takes8", 8),
        "generate_tokens_per_s": rate("generate"),
        "generate4_tokens_per_s": rate("generate4", 4),
        "x_generate": ratio("generate", "takes1"),
        "takes4_x_generate": ratio("generate4", "takes4"),
        "takes4_cost": ratio("takes4", "takes1"),
        "first_token_s": statistics.median(rounds["first"]),
        "regenerate_s": statistics.median(rounds["again"]),
        "regenerate_first_token": ratio("again", "first"),
    }
    for name in rounds:
        if name.startswith("llama_cpp"):
            found |= {f"{name}_tokens_per_s": rate(name), f"x_{name}": ratio(name, "takes1")}
    return found


def _never() -> bool:
    return False


def _ignore(event: Event) -> None:
    del event


def _job(path: str, prompt: str, takes: int, tokens: int, seed: int) -> TextJob:
    return TextJob(
        id="measure", prompt=prompt, model=path, seed=seed, takes=takes, tokens=tokens, trim="none"
    )


def _generated(runner: TextRunner, takes: int, seed: int) -> float:
    """Seconds for takes of `_TOKENS` tokens over a short prompt; a take that ends early is scaled up."""
    longest = 0

    def watch(event: Event) -> None:
        nonlocal longest
        if isinstance(event, TakeEnd):
            longest = max(longest, len(event.tokens))

    begins = time.perf_counter()
    runner.kept.clear()
    runner.run(_job("", _OPENING, takes, _TOKENS, seed), watch, _never)
    return (time.perf_counter() - begins) * _TOKENS / max(longest, 1)


def _first_tokens(runner: TextRunner, seed: int) -> tuple[float, float]:
    """Seconds to the first text of three takes after about 700 tokens: read anew, and once more."""
    ids = runner.tokens.encode(f"{seed}. " + _OPENING * 60).ids[:_LONG_TOKENS]
    text = runner.tokens.decode(ids)
    times = []
    runner.kept.clear()
    for turn in range(2):
        began = time.perf_counter()
        first: list[float] = []

        def watch(event: Event, first: list[float] = first, began: float = began) -> None:
            if isinstance(event, Delta) and not first:
                first.append(time.perf_counter() - began)

        runner.run(_job("", text, 3, 4, seed + turn), watch, _never)
        times.append(first[0] if first else time.perf_counter() - began)
    return times[0], times[1]


def _take_bytes(runner: TextRunner) -> float:
    """Memory one more take of `_TOKENS` tokens costs after a prompt of `_LONG_TOKENS`, allocations counted."""
    import torch

    ids = (_prompt_ids(runner) * _LONG_TOKENS)[:_LONG_TOKENS]
    with torch.inference_mode():
        cache = runner.model.empty()
        runner.model.extend(cache, ids)
        kernel = runner.model.kernel
        sizes = [runner.model.takes_bytes(runner.model.fork(cache, rows, _TOKENS, kernel)) for rows in (1, 5)]
    return (sizes[1] - sizes[0]) / 4


def _prompt_ids(runner: TextRunner) -> list[int]:
    start = [runner.tokens.start] if runner.tokens.start is not None else []
    return start + runner.tokens.encode(_OPENING).ids


def _baseline(path: str, runner: TextRunner) -> Callable[[int], float]:
    """A plain transformers `generate()` with the same sampling settings: seconds for `_TOKENS` tokens of N takes."""
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    dtype = getattr(torch, runner.model.dtype)
    model = AutoModelForCausalLM.from_pretrained(
        Path(path), local_files_only=True, trust_remote_code=False, dtype=dtype
    ).to(runner.model.device)
    ids = torch.tensor([_prompt_ids(runner)], device=runner.model.device)
    knobs = Sampling()

    def generate(takes: int) -> float:
        began = time.perf_counter()
        model.generate(
            ids,
            do_sample=True,
            temperature=knobs.temperature,
            top_k=0,
            top_p=knobs.top_p,
            min_p=knobs.min_p,
            repetition_penalty=knobs.repetition_penalty,
            num_return_sequences=takes,
            max_new_tokens=_TOKENS,
            min_new_tokens=_TOKENS,
            pad_token_id=0,
        )
        return time.perf_counter() - began

    return generate
