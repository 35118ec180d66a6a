"""Figures the bench asks for that need torch in their own process: `python -m studio.worker measure ...`.

`measure text PATH [PAIRS]` prints rates and ratios, `measure import PATH` the bare import of torch and
transformers and loading the model. One JSON object on stdout, seconds and tokens per second.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.core.events import Delta, Event, TakeEnd
from studio.core.jobs import Sampling, TextJob
from studio.worker.shelf import Shelf
from studio.worker.text.maker import TextRunner

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
        case _:
            print("usage: measure text PATH [PAIRS] | measure import PATH", file=sys.stderr)  # noqa: T201
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
    """One take, four takes and `generate()` in interleaved rounds on the same weights and threads.

    Ratios are medians over the rounds; `regenerate_first_token` compares a prompt of about 700 tokens
    read for the first time with the same one again.
    """
    runner = Shelf(_ignore).runner(path, "", _never)
    generate = _baseline(path, runner)
    _generated(runner, 1, 0)
    generate()
    rounds = []
    for number in range(pairs):
        one, four = _generated(runner, 1, number), _generated(runner, 4, number)
        rounds.append((one, four, generate(), *_first_tokens(runner, number)))
    one, four, bare, first, again = (statistics.median(column) for column in zip(*rounds, strict=True))
    return {
        "text_tokens_per_s": _TOKENS / one,
        "takes4_tokens_per_s": 4 * _TOKENS / four,
        "generate_tokens_per_s": _TOKENS / bare,
        "x_generate": statistics.median(row[2] / row[0] for row in rounds),
        "takes4_cost": statistics.median(row[1] / row[0] for row in rounds),
        "first_token_s": first,
        "regenerate_s": again,
        "regenerate_first_token": statistics.median(row[4] / row[3] for row in rounds),
        "runs": pairs,
        "threads": runner.threads,
        "device": runner.model.device,
        "dtype": runner.model.dtype,
    }


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


def _baseline(path: str, runner: TextRunner) -> Callable[[], float]:
    """A plain transformers `generate()` with the same sampling settings; seconds for `_TOKENS` tokens."""
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    dtype = getattr(torch, runner.model.dtype)
    model = AutoModelForCausalLM.from_pretrained(
        Path(path), local_files_only=True, trust_remote_code=False, dtype=dtype
    ).to(runner.model.device)
    start = [runner.tokens.start] if runner.tokens.start is not None else []
    ids = torch.tensor([start + runner.tokens.encode(_OPENING).ids], device=runner.model.device)
    knobs = Sampling()

    def generate() -> float:
        began = time.perf_counter()
        model.generate(
            ids,
            do_sample=True,
            temperature=knobs.temperature,
            top_k=0,
            top_p=knobs.top_p,
            min_p=knobs.min_p,
            repetition_penalty=knobs.repetition_penalty,
            max_new_tokens=_TOKENS,
            min_new_tokens=_TOKENS,
            pad_token_id=0,
        )
        return time.perf_counter() - began

    return generate
