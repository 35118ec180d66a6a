"""The figures of `atelier bench music`: how fast notes are written and played, and how the window is meanwhile."""

import argparse
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, Literal

from msgspec import Struct

from studio.cli.figures import Figure, median_of, probe, run
from studio.core.resources import starter_model

NO_MODEL = "the starter music model is not there, and --model names none"
NO_CORPUS = "no folder of MIDI files is named: --corpus DIR"


class Wish(Struct, frozen=True):
    """With what is measured: a model of notes and a folder of MIDI files; "" where there is none."""

    model: str
    corpus: str

    @classmethod
    def of(cls, options: argparse.Namespace) -> "Wish":
        """What the options say; without --model the starter model."""
        model = options.model or starter_model("sketch")
        there = (model / "config.json").is_file()
        return cls(
            str(model.resolve()) if there else "", str(options.corpus.resolve()) if options.corpus else ""
        )


Measure = Callable[[bool, Wish], dict[str, Figure]]


def measures(options: argparse.Namespace) -> tuple[Callable[[bool], dict[str, Figure]], ...]:
    """The measurements, with what the options name."""
    wish = Wish.of(options)

    def bound(measure: Measure) -> Callable[[bool], dict[str, Figure]]:
        @wraps(measure)
        def measured(quick: bool) -> dict[str, Figure]:
            return measure(quick, wish)

        return measured

    return tuple(bound(measure) for measure in (writing, roll, window, mixing, notes, reading))


def writing(quick: bool, wish: Wish) -> dict[str, Figure]:
    """eight bars of four parts beside bare generate(): one take and four; surprise; memory over jobs"""
    runs = 3 if quick else 10
    worker = [sys.executable, "-m", "studio.worker", "measure", "music"]
    found = run([*worker, wish.model, str(runs)]) if wish.model else {}

    def figure(
        name: str, unit: str, reach: float | None = None, at: Literal["most", "least"] = "most", why: str = ""
    ) -> Figure:
        return Figure(
            value=found.get(name), unit=unit, reach=reach, at=at, runs=runs, why=why if found else NO_MODEL
        )

    how = f"{found['dtype']}, {found['threads']} threads, decode step: {found['kernel']}" if found else ""
    seconds_a_bar = figure("eight_bars_s", "s")
    if seconds_a_bar.value is not None:
        seconds_a_bar.value /= found["bars"]
    return {
        "notes_per_s": figure("notes_per_s", "notes/s", why=how),
        "takes4_notes_per_s": figure("takes4_notes_per_s", "notes/s"),
        "music_s_per_bar": seconds_a_bar,
        "music_8_bars_s": figure("eight_bars_s", "s", 4.0),
        "music_generate_tokens_per_s": figure("generate_tokens_per_s", "tokens/s"),
        "music_generate4_tokens_per_s": figure("generate4_tokens_per_s", "tokens/s"),
        "music_x_generate": figure("x_generate", "x", 2.5, "least", "masked sampling included"),
        "music_takes4_x_generate": figure("takes4_x_generate", "x", 2.5, "least"),
        "music_surprise_200_notes_s": figure("weigh_s", "s", 1.0),
        "music_memory_growth_30_jobs": figure("rss_growth", "x", 0.03),
    }


def roll(quick: bool, wish: Wish) -> dict[str, Figure]:
    """20,000 notes scrolled and dragged at each tick of a 16 ms timer while takes are written"""
    found = _probed("music-roll", quick, wish)
    return _late(found, "roll_scroll", "scroll_", 16) | _late(found, "roll_drag", "drag_", 16)


def window(quick: bool, wish: Wish) -> dict[str, Figure]:
    """lateness of a 16 ms timer while takes are written and the piece plays"""
    return _late(_probed("music-late", quick, wish), "music_ui", "", 16, 50)


def mixing(quick: bool, _wish: Wish) -> dict[str, Figure]:
    """eight tracks: their sound made once, and mixed block by block"""
    runs = 1 if quick else 3
    found = [probe("music-mix") for _ in range(runs)]
    return {
        "mix_8_tracks_x_real_time": Figure(
            value=median_of(found, "mix"), unit="x", reach=60, at="least", runs=runs
        ),
        "sound_8_tracks_x_real_time": Figure(value=median_of(found, "stems"), unit="x", runs=runs),
    }


def notes(quick: bool, _wish: Wish) -> dict[str, Figure]:
    """from drawing a note to its sound"""
    found = probe("music-note", "20" if quick else "100")
    why = (
        f"a device's buffer of {found['device_ms']:.0f} ms is in it"
        if found["heard"]
        else "there is no sound device here: until its block was pulled, by a clock of 20 ms"
    )
    return {
        "drawn_note_heard_ms": Figure(
            value=found["median_ms"], unit="ms", reach=30, runs=int(found["runs"]), why=why
        ),
        "drawn_note_heard_ms_p99": Figure(value=found["p99_ms"], unit="ms", runs=int(found["runs"])),
    }


def reading(quick: bool, wish: Wish) -> dict[str, Figure]:
    """MIDI files read, checked and told about, beside symusic's own reading"""
    names = {"midi_import_files_per_s": "files/s", "midi_import_x_symusic": "x"}
    if not wish.corpus:
        return {name: Figure(value=None, unit=unit, why=NO_CORPUS) for name, unit in names.items()}
    found = probe("music-import", wish.corpus, "50" if quick else "500")
    files, why = int(found["files"]), "" if found["files"] else f"no MIDI files in {wish.corpus}"
    return {
        name: Figure(value=found[name] if files else None, unit=unit, runs=files, why=why)
        for name, unit in names.items()
    }


def _probed(what: str, quick: bool, wish: Wish) -> list[dict[str, Any]]:
    """A few measurements at the window; none without a model."""
    return [probe(what, wish.model) for _ in range(1 if quick else 3)] if wish.model else []


def _late(
    found: list[dict[str, Any]], name: str, column: str, p99: float, most: float | None = None
) -> dict[str, Figure]:
    figures = {}
    ticks = sum(int(row[f"{column}ticks"]) for row in found)
    for what, reach in (("p99", p99), ("max", most)):
        value = median_of(found, f"{column}{what}_ms") if found else None
        why = "" if found else NO_MODEL
        figures[f"{name}_late_ms_{what}"] = Figure(value=value, unit="ms", reach=reach, runs=ticks, why=why)
    return figures
