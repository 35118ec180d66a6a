"""Reads a lorebook file of another program; a damaged, huge or foreign file is a clear StudioError."""

from pathlib import Path
from typing import Any, Final

import msgspec

from studio.core.errors import StudioError
from studio.media.lore.entries import MAX_ENTRIES
from studio.media.lore.plain import Imported, table
from studio.media.lore.read_novelai import read_novelai
from studio.media.lore.read_tavern import read_card_book, read_world

MAX_BYTES: Final = 64 * 1024 * 1024
_KEPT: Final = "Nothing was changed."
_KNOWN: Final = (
    "Atelier reads SillyTavern World Info (.json), lorebooks of character cards (.json) and NovelAI"
    " lorebooks (.lorebook)."
)
_PNG: Final = b"\x89PNG"
_INSIDE: Final = (
    "data",
    "character_book",
    "lorebook",
    "content",
)  # where files of cards and stories keep theirs
_DEEP: Final = 4


def read_lorebook(path: Path) -> Imported:
    """The entries of a file. Raises StudioError: "unreadable", "too_large", "damaged", "foreign", "empty"."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise StudioError(
            f"{path.name} could not be read: {error.strerror or error}.", kept=_KEPT, code="unreadable"
        ) from error
    return parse_lorebook(data, path.name)


def parse_lorebook(data: bytes, name: str) -> Imported:
    """The same for the bytes of a file."""
    if len(data) > MAX_BYTES:
        raise StudioError(
            f"{name} is larger than {MAX_BYTES // 2**20} MB; a lorebook is not.", kept=_KEPT, code="too_large"
        )
    if data.startswith(_PNG):
        raise StudioError(
            f"{name} is a picture.",
            kept=_KEPT,
            do="Export the lorebook as JSON where it comes from.",
            code="foreign",
        )
    root = _decoded(data, name)
    found = _read(root, 0)
    if found is None:
        raise StudioError(f"{name} is not a lorebook.", kept=_KEPT, do=_KNOWN, code="foreign")
    if not found.entries:
        raise StudioError(f"{name} holds no entries.", kept=_KEPT, code="empty")
    if len(found.entries) > MAX_ENTRIES:
        raise StudioError(
            f"{name} holds {len(found.entries):,} entries; Atelier takes {MAX_ENTRIES:,}.",
            kept=_KEPT,
            do="Split the file.",
            code="too_large",
        )
    return found


def _decoded(data: bytes, name: str) -> object:
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = f"{name} is damaged or no JSON file: {error}."
    except RecursionError:
        what = f"{name} is nested too deeply for a lorebook."
    raise StudioError(what, kept=_KEPT, do=_KNOWN, code="damaged")


def _read(root: object, depth: int) -> Imported | None:
    """A lorebook here, or inside the card, scenario or story that this is; None when there is none."""
    if not isinstance(root, dict) or depth > _DEEP:
        return None
    entries = root.get("entries")
    if "lorebookVersion" in root and isinstance(entries, list):
        return read_novelai(root)
    if isinstance(entries, dict) and _looks_like(list(entries.values()), ("key", "content", "keys")):
        return read_world(root)
    if isinstance(entries, list) and _looks_like(entries, ("keys", "content", "key")):
        return read_card_book(root) if "keys" in _first(entries) else read_world(root)
    if isinstance(entries, list) and _looks_like(entries, ("text", "contextConfig")):
        return read_novelai(root)
    for name in _INSIDE:
        if (found := _read(root.get(name), depth + 1)) is not None:
            return found
    return None


def _looks_like(rows: list[Any], names: tuple[str, ...]) -> bool:
    """Empty, or its first entry has one of these fields."""
    return not rows or any(name in _first(rows) for name in names)


def _first(rows: list[Any]) -> dict[str, Any]:
    return next((table(row) for row in rows if isinstance(row, dict)), {})
