"""The figures of `atelier bench image`: how fast pictures are drawn, and how the window is meanwhile."""

import sys
from collections.abc import Callable
from typing import Any, Literal

from studio.cli.figures import Figure, median_of, probe, run
from studio.core.errors import StudioError
from studio.core.resources import starter_model


def drawing(quick: bool) -> dict[str, Figure]:
    """one take, previews and four takes beside a bare diffusers pipeline; switching; memory"""
    runs = 5 if quick else 20
    picture = starter_model("picture")
    if not (picture / "model_index.json").is_file():
        raise StudioError(
            "The starter picture model is not there.", do="Run “atelier doctor”.", code="no_model"
        )
    worker = [sys.executable, "-m", "studio.worker", "measure", "image"]
    found = run([*worker, str(picture), str(starter_model("story")), str(runs)])

    def seconds(name: str) -> Figure:
        return Figure(value=found[name], unit="s", runs=runs)

    def at_most(name: str, reach: float, unit: str = "x", why: str = "") -> Figure:
        at: Literal["most"] = "most"
        return Figure(value=found[name], unit=unit, reach=reach, at=at, runs=runs, why=why)

    how = f"{found['steps']} steps, {found['width']} x {found['height']}, {found['dtype']}, {found['threads']} threads"
    return {
        "picture_take_s": at_most("take_s", 1.0, "s", how),
        "bare_pipeline_s": seconds("bare_s"),
        "picture_x_bare": at_most("x_bare", 1.02),
        "picture_preview_x_bare": at_most("preview_x_bare", 1.05),
        "picture_preview_cost": at_most("preview_cost", 1.03),
        "picture_takes4_cost": at_most("takes4_cost", 3.0),
        "picture_switch_s": at_most("switch_s", 0.2, "s"),
        "picture_first_preview_in_worker_s": seconds("first_preview_s"),
        "picture_memory_growth_30_jobs": at_most("rss_growth", 0.03),
    }


def previews(quick: bool) -> dict[str, Figure]:
    """from proposing to the first preview at the window"""
    runs = 1 if quick else 3
    found = [probe("picture-preview") for _ in range(runs)]
    return {
        "first_preview_s": Figure(value=median_of(found, "warm_s"), unit="s", runs=runs),
        "first_preview_cold_s": Figure(value=median_of(found, "cold_s"), unit="s", runs=runs),
    }


def window(quick: bool) -> dict[str, Figure]:
    """lateness of a 16 ms timer while four takes are drawn"""
    return _late("picture-late", "picture_ui", quick, most=50)


def strokes(quick: bool) -> dict[str, Figure]:
    """a brush on a mask of 2048 x 2048 while takes are drawn: from its move to its paint"""
    return _late("picture-stroke", "stroke", quick)


def gallery(quick: bool) -> dict[str, Figure]:
    """a gallery of 20,000 takes: opened, and scrolled at each tick of a 16 ms timer"""
    runs = 1 if quick else 3
    found = [probe("picture-scroll") for _ in range(runs)]
    figures = _late_figures(found, "scroll")
    return figures | {"gallery_open_s": Figure(value=median_of(found, "open_s"), unit="s", runs=runs)}


def _late(what: str, name: str, quick: bool, most: float | None = None) -> dict[str, Figure]:
    return _late_figures([probe(what) for _ in range(1 if quick else 3)], name, most)


def _late_figures(found: list[dict[str, Any]], name: str, most: float | None = None) -> dict[str, Figure]:
    ticks = sum(int(row["ticks"]) for row in found)
    return {
        f"{name}_late_ms_p99": Figure(value=median_of(found, "p99_ms"), unit="ms", reach=16, runs=ticks),
        f"{name}_late_ms_max": Figure(value=median_of(found, "max_ms"), unit="ms", reach=most, runs=ticks),
    }


MEASURES: tuple[Callable[[bool], dict[str, Figure]], ...] = (drawing, previews, window, strokes, gallery)
