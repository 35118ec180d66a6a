"""The music maker's figures: ours beside bare `generate()`, takes, seconds for eight bars, surprise, memory.

`python -m studio.worker measure music PATH [PAIRS]`: one JSON object, seconds, rates and ratios.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import psutil
import torch

from studio.core.events import Event, JobEnd, TakeEnd, Weigh
from studio.core.pieces import PieceJob
from studio.media.music.carried import pack
from studio.media.music.prompts import prompt
from studio.media.music.score import TICKS, Key, Note, Score, Track
from studio.worker.causal.compiled import build_kernels
from studio.worker.causal.llama import LeanLlama
from studio.worker.music.runner import MusicRunner
from studio.worker.music.weigh import Weighing
from studio.worker.shelf import Shelf

_BARS, _FIRST, _WRITTEN = 16, 4, 8  # of the piece, and those that are written
_PARTS = ((40, 72), (41, 64), (42, 55), (43, 43))  # a string quartet: program and lowest pitch
_SCALE = (0, 2, 4, 5, 7, 5, 4, 2)
_WEIGHED_NOTES = 200
_WARM_JOBS, _JOBS = 6, 30
_MIB = 1024 * 1024


@dataclass(frozen=True)
class Made:
    """What one job took: seconds, tokens drawn and notes of all its takes."""

    seconds: float
    drawn: int
    notes: int


def measure_music(path: str, pairs: int) -> dict[str, Any]:
    """Ours, under the grammar, and `generate()`, without one, in interleaved rounds: eight bars of four parts of the
    same piece, the same weights, prompt, knobs, threads and number of drawn tokens in one process.

    Ratios are medians over the rounds, by drawn token; what the grammar gives unsampled (the heads of bars) counts
    against ours.
    """
    shelf = Shelf(_ignore)
    runner = shelf.composer(path, "", _never)
    if isinstance(runner.model, LeanLlama) and runner.model.missing_kernels:
        build_kernels(runner.model.missing_kernels)
        runner = shelf.composer(path, "", _never)
    generate = _bare(path, runner)
    _ours(runner, path, 0, 4)
    generate(8, 4)
    rounds: dict[str, list[float]] = {}
    for number in range(pairs):
        for takes in (1, 4):
            for name, value in _pair(runner, path, generate, number, takes).items():
                rounds.setdefault(f"{name}{takes}", []).append(value)
    middle = {name: statistics.median(values) for name, values in rounds.items()}
    return {
        "notes_per_s": middle["notes_per_s1"],
        "takes4_notes_per_s": middle["notes_per_s4"],
        "tokens_per_s": middle["tokens_per_s1"],
        "generate_tokens_per_s": middle["generate_per_s1"],
        "generate4_tokens_per_s": middle["generate_per_s4"],
        "x_generate": middle["ratio1"],
        "takes4_x_generate": middle["ratio4"],
        "eight_bars_s": middle["seconds1"],
        "eight_bars_takes4_s": middle["seconds4"],
        "weigh_s": statistics.median(_weigh(shelf, path, turn) for turn in range(5)),
        "rss_growth": _growth(runner, path),
        "bars": _WRITTEN,
        "runs": pairs,
        "threads": runner.threads,
        "device": runner.model.device,
        "dtype": runner.model.dtype,
        "kernel": runner.model.kernel,
    }


def _never() -> bool:
    return False


def _ignore(event: Event) -> None:
    del event


def _piece(bars: int = _BARS) -> Score:
    """Four parts in quarters."""
    tracks = []
    for part, (program, low) in enumerate(_PARTS):
        notes = [Note(TICKS * at, low + _SCALE[(at + part) % 8], TICKS, 80) for at in range(4 * bars)]
        tracks.append(Track(id=f"t{part}", program=program).with_notes(notes))
    return Score(tracks=tuple(tracks), keys=(Key(0, 0),))


def _job(path: str, seed: int, takes: int, bars: int = _WRITTEN) -> tuple[PieceJob, dict[str, bytes]]:
    data = pack(_piece())
    name = sha256(data).hexdigest()
    tracks = tuple(f"t{part}" for part in range(len(_PARTS)))
    job = PieceJob(
        id="measure", task="infill", score=name, first_bar=_FIRST, last_bar=_FIRST + bars - 1, tracks=tracks,
        hold_key=True, model=path, seed=seed, takes=takes,
    )  # fmt: skip
    return job, {name: data}


def _ours(runner: MusicRunner, path: str, seed: int, takes: int, bars: int = _WRITTEN) -> Made:
    """A whole job: the prompt read anew, all takes written."""
    heard: list[Event] = []
    job, files = _job(path, seed, takes, bars)
    runner.kept.clear()
    began = time.perf_counter()
    runner.run(job, files, heard.append, _never)
    seconds = time.perf_counter() - began
    end = next(event for event in heard if isinstance(event, JobEnd))
    notes = sum(len(event.tokens) for event in heard if isinstance(event, TakeEnd))
    return Made(seconds, round(end.tokens_per_s * end.seconds), notes)


def _pair(
    runner: MusicRunner, path: str, generate: Callable[[int, int], float], number: int, takes: int
) -> dict[str, float]:
    """Ours, and then as many tokens by `generate()`."""
    ours = _ours(runner, path, number, takes)
    each = max(1, round(ours.drawn / takes))
    bare_s = generate(each, takes)
    return {
        "seconds": ours.seconds,
        "notes_per_s": ours.notes / ours.seconds,
        "tokens_per_s": ours.drawn / ours.seconds,
        "generate_per_s": each * takes / bare_s,
        "ratio": (ours.drawn / ours.seconds) / (each * takes / bare_s),
    }


def _bare(path: str, runner: MusicRunner) -> Callable[[int, int], float]:
    """A plain transformers `generate()` with the same prompt and knobs: seconds for so many tokens of N takes."""
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    model = AutoModelForCausalLM.from_pretrained(
        path, local_files_only=True, trust_remote_code=False, dtype=getattr(torch, runner.model.dtype)
    ).to(runner.model.device)
    job, _ = _job(path, 0, 1)
    context = runner.model.context_tokens
    ids = torch.tensor([prompt(_piece(), job, context=context).ids], device=runner.model.device)

    def seconds(tokens: int, takes: int) -> float:
        tokens = min(tokens, context - ids.shape[1])
        began = time.perf_counter()
        model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=True,
            temperature=job.temperature,
            top_k=job.top_k,
            top_p=job.top_p,
            num_return_sequences=takes,
            max_new_tokens=tokens,
            min_new_tokens=tokens,
            pad_token_id=0,
        )
        return time.perf_counter() - began

    return seconds


def _weigh(shelf: Shelf, path: str, turn: int) -> float:
    """Seconds to say how much each of 200 notes surprises."""
    score = _piece(-(-_WEIGHED_NOTES // (4 * len(_PARTS))) + turn % 2)
    asked = Weigh(id="measure", model=path, score=pack(score))
    began = time.perf_counter()
    weighing = Weighing(asked, lambda stopped: shelf.composer(path, asked.id, stopped))
    while weighing.step(_never):
        pass
    weighing.result()
    return time.perf_counter() - began


def _growth(runner: MusicRunner, path: str) -> float:
    """How much larger the process is after 30 more jobs of changing lengths and takes: 0.01 is a per cent."""
    process = psutil.Process()

    def jobs(count: int) -> float:
        for number in range(count):
            _ours(runner, path, number, 1 + number % 3, 1 + number % 4)
        return process.memory_info().rss / _MIB

    before = jobs(_WARM_JOBS)
    return jobs(_JOBS) / before - 1.0
