"""Whether this processor writes faster in bf16 than in fp32: tried once, remembered.

It mostly does not (measured: 13 against 18 tokens a second with 135 M parameters), though a processor with bf16
dot products may. The verdict is kept, so that the same job is computed in the same number type every day.
"""

import json
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import torch

LARGE = 50_000_000  # parameters; smaller models stay in the processor's cache, where fp32 is fast enough
_CLEARLY = 1.2  # bf16 must win by this factor: it is the coarser one
_SIZE, _MATRICES, _ROUNDS = (1024, 2048), 8, 5  # 64 MiB in fp32, more than most caches
_ROWS = 256


def bf16_is_faster(folder: Path, threads: int) -> bool:
    """The verdict for this processor and number of threads; `folder` keeps it."""
    return _verdict(folder, threads, "", 1)


def bf16_multiplies_faster(folder: Path, threads: int) -> bool:
    """The same for whole matrices, as picture models have them (processors with AMX: three times as fast)."""
    return _verdict(folder, threads, " rows", _ROWS)


def _verdict(folder: Path, threads: int, kind: str, rows: int) -> bool:
    key = f"{torch.__version__} {torch.backends.cpu.get_cpu_capability()} {os.cpu_count()} {threads}{kind}"
    file = folder / "precision.json"
    known = _known(file)
    if key not in known:
        coarse, fine = _seconds(torch.bfloat16, threads, rows), _seconds(torch.float32, threads, rows)
        known[key] = coarse * _CLEARLY < fine
        with suppress(OSError):  # it is only tried again the next time
            _keep(file, known)
    return known[key]


def _known(file: Path) -> dict[str, bool]:
    """Verdicts so far; none when they cannot be read."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return {k: v for k, v in found.items() if type(v) is bool} if isinstance(found, dict) else {}


def _keep(file: Path, known: dict[str, bool]) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as fresh:
        json.dump(known, fresh)
    Path(fresh.name).replace(file)


def _seconds(dtype: torch.dtype, threads: int, rows: int) -> float:
    """Seconds of some rows' products with all matrices (one: as a decode step has them); the best of some rounds."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.inference_mode():
            row = torch.ones(rows, _SIZE[1], dtype=dtype)
            weights = [torch.full(_SIZE, 0.5, dtype=dtype) for _ in range(_MATRICES)]
            best = float("inf")
            for _ in range(_ROUNDS):
                began = time.perf_counter()
                for weight in weights:
                    torch.nn.functional.linear(row, weight)
                best = min(best, time.perf_counter() - began)
        return best
    finally:
        torch.set_num_threads(before)
