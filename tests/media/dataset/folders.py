"""Folders for the tests of surveys, and prose to fill them with."""

import hashlib
import random
from collections.abc import Mapping
from pathlib import Path

from studio.core.tuning import Art, DataSettings, TuneSettings
from studio.media.dataset.found import Survey
from studio.media.dataset.survey import survey

_WORDS = (
    "the and of to a in that it was he with as for had on at her she but little river house mountain evening morning "
    "window garden lantern traveller letter winter summer stone bridge forest bird horse boat harbour storm candle road"
)
WORDS = tuple(_WORDS.split())
GERMAN = (
    "Der Mann ging in das alte Haus und sah die Frau nicht, die mit dem Kind an dem Fenster stand. "
    "Er war müde und es war schon spät, aber sie sprach auch dann nicht mit ihm, als er sich auf den Stuhl setzte. "
) * 4


def prose(seed: int, words: int = 300) -> str:
    """English-like nonsense, the same for a seed, in paragraphs."""
    dice = random.Random(seed)
    return "\n\n".join(
        " ".join(dice.choice(WORDS) for _ in range(min(60, words - at))).capitalize() + "."
        for at in range(0, words, 60)
    )


def fill(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def wanted(folder: Path, art: Art = "text", **data: object) -> TuneSettings:
    """Settings that ask for a folder."""
    return TuneSettings(art=art, base="", folder=str(folder), data=DataSettings(**data))  # type: ignore[arg-type]


def looked(folder: Path, **data: object) -> Survey:
    """A survey of a folder of texts."""
    return survey(wanted(folder, **data), lambda _done, _words: None, lambda: False)


def state(folder: Path) -> dict[str, tuple[str, int]]:
    """What a folder holds: name -> (hash, time of change)."""
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            path.lstat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
    }
