"""`atelier tune inspect FOLDER`: what of a folder could be trained on, by art; changes nothing and begins nothing."""

import argparse
from collections.abc import Callable
from typing import Any, Final

from studio.cli.console import Report
from studio.core.tune_events import Finding
from studio.core.tuning import ARTS, Art, TuneSettings
from studio.media.dataset.found import Survey
from studio.media.dataset.survey import survey

_DUPLICATES: Final[tuple[Finding, ...]] = ("duplicate", "near_duplicate")


def main(options: argparse.Namespace, say: Callable[[str], None]) -> Report:
    """Look through the folder once for each art."""
    found = {}
    for art in ARTS:
        told: set[str] = set()

        def tell(_done: float, words: str, told: set[str] = told) -> None:
            if words and words not in told and len(told) < 20:
                told.add(words)
                say(words)

        settings = TuneSettings(art=art, base="", folder=str(options.folder.resolve()))
        looked = survey(settings, tell, lambda: False)
        found[art] = _found(looked)
        say(_line(art, looked))
    return Report(body={"found": found})


def _found(looked: Survey) -> dict[str, Any]:
    problems = looked.problems
    return {
        "files": len(looked.documents),
        "units": sum(document.units for document in looked.documents),
        "duplicates": sum(problem.finding in _DUPLICATES for problem in problems),
        "bad": [
            {"file": problem.file, "why": problem.words}
            for problem in problems
            if problem.left_out and problem.finding not in _DUPLICATES
        ],
        "notes": [*looked.notes, *(f"{p.file}: {p.words}" for p in problems if not p.left_out)],
    }


def _line(art: Art, looked: Survey) -> str:
    left_out = sum(problem.left_out for problem in looked.problems)
    return f"{art}: {len(looked.documents)} to train on, {left_out} left out, {looked.passed_over} of other kinds"
