"""How many threads the worker computes with: all cores but the window's, fewer where that is faster."""

import os
import time
from collections.abc import Mapping

_SMALL_MODEL = 50_000_000  # parameters; below, more threads cost more than they bring
_SMALL_THREADS = 4
_CLEARLY = 1.3  # a smaller number must win by this factor, so that the choice stays the same from day to day
_PROBE_ROWS, _PROBE_SIZE, _PROBE_TIMES = 4, 2048, 8


def usable_cores() -> int:
    """Cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def forced_threads(environ: Mapping[str, str]) -> int | None:
    """The number asked for by ATELIER_THREADS; None when it asks for none."""
    wanted = environ.get("ATELIER_THREADS", "")
    return int(wanted) if wanted.isdecimal() and int(wanted) > 0 else None


def planned_threads(environ: Mapping[str, str]) -> int:
    """ATELIER_THREADS, else one core is left to the window."""
    return forced_threads(environ) or max(1, usable_cores() - 1)


def settle_threads(parameters: int, environ: Mapping[str, str], *, drawing: bool = False) -> int:
    """Choose and set torch's thread count for a model of that size.

    A picture model (`drawing`) multiplies large matrices and has work for all the threads there are.
    """
    import torch

    threads = planned_threads(environ)
    if forced_threads(environ) is None and not drawing:
        if parameters < _SMALL_MODEL:
            threads = min(threads, _SMALL_THREADS)
        elif threads > 1:
            threads = _probe(threads)
    torch.set_num_threads(threads)
    return threads


def _probe(most: int) -> int:
    """`most` threads, or half of them where they multiply clearly faster (cores that are busy or shared)."""
    import torch

    rows = torch.ones(_PROBE_ROWS, _PROBE_SIZE)
    weight = torch.ones(_PROBE_SIZE, _PROBE_SIZE)

    def seconds(threads: int) -> float:
        torch.set_num_threads(threads)
        best = float("inf")
        for _ in range(_PROBE_TIMES):
            start = time.perf_counter()
            rows @ weight
            best = min(best, time.perf_counter() - start)
        return best

    half = max(1, most // 2)
    return half if seconds(half) * _CLEARLY < seconds(most) else most
