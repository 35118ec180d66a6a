"""Where the files that came with the program lie."""

from pathlib import Path
from typing import Final

STARTERS: Final = ("story", "picture", "sketch")  # writes, draws, composes
_PACKAGE = Path(__file__).resolve().parent.parent


def resource_path(*parts: str) -> Path:
    """A path below resources/: inside an installed wheel, or beside the package in a checkout."""
    inside = _PACKAGE / "_resources"
    return (inside if inside.is_dir() else _PACKAGE.parent / "resources").joinpath(*parts)


def starter_model(kind: str) -> Path:
    """The folder of the starter model of that kind, one of STARTERS."""
    return resource_path("models", kind)


def starter_models() -> list[Path]:
    """The starter models that came with the program, the story model first."""
    return [starter_model(kind) for kind in STARTERS if kind == STARTERS[0] or starter_model(kind).is_dir()]
