"""`atelier models list|add|remove|check`: the model folders on this computer."""

import argparse
from collections.abc import Callable
from typing import Any

from studio.app.places import Places
from studio.catalog.card import ModelCard
from studio.catalog.catalog import Catalog
from studio.cli.console import Report, UsageError
from studio.core.resources import starter_models


def main(options: argparse.Namespace, say: Callable[[str], None]) -> Report:
    """Change the list or check a model when asked; report it."""
    if options.action == "check":
        from studio.cli import check

        return check.main(options, say)
    catalog = Catalog(Places.default().models_file, starter_models())
    if options.action != "list":
        if options.path is None:
            raise UsageError(f"models {options.action} needs the PATH of a model folder or file.")
        change = catalog.add if options.action == "add" else catalog.remove
        change(options.path.resolve())
    cards = catalog.models()
    for card in cards:
        say(_line(card))
    return Report(body={"models": [_row(card) for card in cards]})


def _line(card: ModelCard) -> str:
    """A model in words."""
    what = " ".join(part for part in (card.kind, card.family) if part)
    need = f", needs {card.memory_mib:,} MiB" if card.memory_mib else ""
    why = "" if card.usable else f"\n  can't be used: {card.why_not}"
    return f"{card.title} ({what}{need}): {card.path}{why}"


def _row(card: ModelCard) -> dict[str, Any]:
    return {
        "path": card.path,
        "title": card.title,
        "kind": card.kind,
        "family": card.family,
        "parameters": card.parameters,
        "memory_mib": card.memory_mib,
        "adapters": list(card.adapters),
        "usable": card.usable,
        "why_not": card.why_not,
    }
