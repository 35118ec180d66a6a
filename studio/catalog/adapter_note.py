"""What the studio writes beside each adapter and model it made by fine-tuning: what it is of, and how it came about."""

from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from studio.core.files import write_whole
from studio.core.tuning import Art, Method

NOTE_NAME: Final = "atelier_adapter.json"
_MAX_BYTES: Final = 4 * 1024 * 1024


class AdapterNote(Struct, frozen=True, kw_only=True):
    """What came of a fine-tuning.

    `base` is the folder it was trained on, `base_sha256` the SHA-256 of that model's weights as takes have it ("" where
    it was not reckoned). `parameters` counts the numbers that were trained; `parts` are the components they belong
    to (of a picture model). `family` is the base model's. `settings` are core.tuning.TuneSettings as builtins. A model
    that adapters were merged into (`method` "full") says in `merged` which ones, each with its weight.
    """

    format: str = "atelier-adapter"
    version: int = 1
    name: str = ""
    art: Art
    family: str = ""
    method: Method
    base: str = ""
    base_title: str = ""
    base_sha256: str = ""
    parameters: int = 0
    rank: int = 0
    virtual_tokens: int = 0
    trigger: str = ""
    parts: tuple[str, ...] = ()
    licence: str = ""
    made_at: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    merged: tuple[tuple[str, float], ...] = ()


def read_note(folder: Path) -> AdapterNote | None:
    """The note in an adapter's or model's folder; None where there is none that can be read."""
    file = folder / NOTE_NAME
    try:
        if file.stat().st_size > _MAX_BYTES:
            return None
        note = msgspec.json.decode(file.read_bytes(), type=AdapterNote)
    except (OSError, msgspec.DecodeError, RecursionError):
        return None
    return note if note.format == "atelier-adapter" else None


def write_note(folder: Path, note: AdapterNote) -> None:
    """Write the note. Raises OSError."""
    write_whole(folder / NOTE_NAME, msgspec.json.format(msgspec.json.encode(note), indent=1) + b"\n")
