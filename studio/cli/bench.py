"""`atelier bench`: what the studio costs on this machine, every figure beside what it must reach."""

import argparse
import platform
import statistics
import sys
from collections.abc import Callable
from typing import Any, Literal

import psutil

from studio.cli.bench_image import MEASURES as IMAGE
from studio.cli.bench_music import measures as of_music
from studio.cli.bench_tune import measures as of_tune
from studio.cli.console import FAILED, OK, Report
from studio.cli.figures import Figure, median_of, probe
from studio.cli.figures import run as _run
from studio.core.errors import StudioError
from studio.core.resources import starter_model


def main(options: argparse.Namespace, say: Callable[[str], None]) -> Report:
    """Measure the figures of one part of the studio, or of all."""
    figures: dict[str, Figure] = {}
    parts = {
        "text": (_window, _worker, _first_take, _streaming, _novel, _regenerate, _accept, _memory),
        "image": IMAGE,
        "music": of_music(options),
        "tune": of_tune(options),
    }
    for measure in (measure for part in parts if options.part in (None, part) for measure in parts[part]):
        say(f"measuring: {(measure.__doc__ or '').splitlines()[0]}")
        for name, figure in measure(options.quick).items():
            figures[name] = _judged(figure)
            say(f"  {name}: {figure.value} {figure.unit}" + _reach_words(figures[name]))
    missed = [name for name, figure in figures.items() if figure.met is False]
    status = FAILED if options.check and missed else OK
    error = StudioError(f"Not met: {', '.join(missed)}.", code="not_met") if status == FAILED else None
    return Report(body={"figures": figures, "machine": _machine()}, status=status, error=error)


def _judged(figure: Figure) -> Figure:
    if figure.value is not None:
        figure.value = round(figure.value, 3)
        if figure.reach is not None:
            figure.met = figure.value <= figure.reach if figure.at == "most" else figure.value >= figure.reach
    elif figure.reach is not None:
        figure.met = False
    return figure


def _reach_words(figure: Figure) -> str:
    if figure.reach is None:
        return ""
    return f" (at {figure.at} {figure.reach}: {'met' if figure.met else 'NOT met'})"


# -- the figures ---------------------------------------------------------------------------------


def _window(quick: bool) -> dict[str, Figure]:
    """from process start to a painted, typable window"""
    runs = 3 if quick else 7
    pairs = [(probe("window")["ready_ms"], probe("bare")["ready_ms"]) for _ in range(runs)]
    return {
        "window_ms": Figure(value=_median(pairs, 0), unit="ms", reach=900, runs=runs),
        "bare_window_ms": Figure(value=_median(pairs, 1), unit="ms", runs=runs),
    }


def _worker(quick: bool) -> dict[str, Figure]:
    """1, 4 and 8 takes beside generate() and llama.cpp; regenerate; memory of a take"""
    runs = 3 if quick else 20
    found = _run(
        [sys.executable, "-m", "studio.worker", "measure", "text", str(starter_model("story")), str(runs)]
    )

    def rate(name: str) -> Figure:
        return Figure(value=found[f"{name}_tokens_per_s"], unit="tokens/s", runs=runs)

    def ratio(name: str, reach: float, at: Literal["most", "least"], why: str = "") -> Figure:
        return Figure(value=found[name], unit="x", reach=reach, at=at, runs=runs, why=why)

    figures = {
        "text_tokens_per_s": rate("text"),
        "takes4_tokens_per_s": rate("takes4"),
        "takes8_tokens_per_s": rate("takes8"),
        "generate_tokens_per_s": rate("generate"),
        "generate4_tokens_per_s": rate("generate4"),
        "x_generate": ratio("x_generate", 2.5, "least", f"decode step: {found['kernel']}"),
        "takes4_x_generate": ratio("takes4_x_generate", 2.5, "least"),
        "takes4_cost": ratio("takes4_cost", 1.8, "most"),
        "regenerate_first_token": ratio("regenerate_first_token", 0.1, "most"),
        "memory_per_extra_take_kib": Figure(value=float(found["take_bytes"]) / 1024, unit="KiB"),
    }
    return figures | _llama_cpp(found, rate, ratio)


def _llama_cpp(
    found: dict[str, Any], rate: Callable[[str], Figure], ratio: Callable[..., Figure]
) -> dict[str, Figure]:
    """The same beside llama.cpp, in each of its number types; without its package, why not."""
    figures: dict[str, Figure] = {}
    for kind in ("f32", "f16", "q8_0"):
        name = f"llama_cpp_{kind}"
        if f"x_{name}" not in found:
            figures[f"{name}_tokens_per_s"] = Figure(value=None, unit="tokens/s", why=found["llama_cpp_why"])
            continue
        figures[f"{name}_tokens_per_s"] = rate(name)
        figures[f"x_{name}"] = Figure(value=found[f"x_{name}"], unit="x", runs=int(found["runs"]))
    if "x_llama_cpp_f32" in found:
        figures["x_llama_cpp_f32"] = ratio("x_llama_cpp_f32", 0.9, "least", "stretch: 1.0")
    return figures


def _first_take(quick: bool) -> dict[str, Figure]:
    """from launching the program to the first character of a take"""
    runs = 2 if quick else 5
    pairs = []
    for _ in range(runs):
        ours = probe("first-take")["first_s"]
        bare = _run([sys.executable, "-m", "studio.worker", "measure", "import", str(starter_model("story"))])
        pairs.append((ours, bare["together_s"]))
    ratio = statistics.median(ours / bare for ours, bare in pairs)
    return {
        "first_take_s": Figure(value=_median(pairs, 0), unit="s", reach=12, runs=runs),
        "bare_import_and_load_s": Figure(value=_median(pairs, 1), unit="s", runs=runs),
        "first_take_x_bare": Figure(value=ratio, unit="x", reach=1.2, runs=runs),
    }


def _streaming(quick: bool) -> dict[str, Figure]:
    """lateness of a 16 ms timer while three takes stream and a key is typed at each tick"""
    runs = 1 if quick else 3
    found = [probe("late") for _ in range(runs)]
    ticks = sum(int(row["ticks"]) for row in found)
    return {
        "ui_late_ms_p99": Figure(value=median_of(found, "p99_ms"), unit="ms", reach=16, runs=ticks),
        "ui_late_ms_max": Figure(value=median_of(found, "max_ms"), unit="ms", reach=50, runs=ticks),
        "text_tokens_per_s_at_window": Figure(
            value=median_of(found, "tokens_per_s"), unit="tokens/s", runs=runs
        ),
        "stop_ms": Figure(value=median_of(found, "stop_ms"), unit="ms", reach=100, runs=runs),
    }


def _regenerate(quick: bool) -> dict[str, Figure]:
    """first text at the window after a prompt of 700 tokens: read anew, and once more"""
    runs = 3 if quick else 10
    found = probe("regenerate", str(runs))
    return {
        "first_text_s_at_window": Figure(value=found["first_s"], unit="s", runs=runs),
        "regenerate_first_token_at_window": Figure(value=found["ratio"], unit="x", reach=0.25, runs=runs),
    }


def _novel(quick: bool) -> dict[str, Figure]:
    """a novel of 900 KB in one scene: opened, and typed into with ghost text, spelling and colours"""
    runs = 1 if quick else 3
    found = [probe("novel") for _ in range(runs)]
    keys = sum(int(row["keys"]) for row in found)
    return {
        "novel_open_s": Figure(value=median_of(found, "open_s"), unit="s", reach=1, runs=runs),
        "novel_key_ms_p99": Figure(value=median_of(found, "key_ms_p99"), unit="ms", reach=16, runs=keys),
    }


def _accept(_quick: bool) -> dict[str, Figure]:
    """accepting a take until it is durably on disk"""
    found = probe("accept")
    return {"accept_ms_p99": Figure(value=found["p99_ms"], unit="ms", reach=25, runs=int(found["runs"]))}


def _memory(_quick: bool) -> dict[str, Figure]:
    """memory of the window's process with a story open"""
    return {"window_rss_mib": Figure(value=probe("memory")["rss_mib"], unit="MiB", reach=160)}


# -- helpers -------------------------------------------------------------------------------------


def _median(rows: list[tuple[float, float]], column: int) -> float:
    return statistics.median(row[column] for row in rows)


def _machine() -> dict[str, Any]:
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "cores": psutil.cpu_count(),
        "memory_mib": psutil.virtual_memory().total >> 20,
        "load": [round(load, 2) for load in psutil.getloadavg()],
    }
