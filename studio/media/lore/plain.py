"""Foreign JSON taken apart carefully: whatever stands there, a value of ours comes out or nothing does."""

import math
from collections import Counter
from typing import Any, Final

from msgspec import Struct

from studio.media.lore.entries import MAX_TEXT_CHARS, LoreEntry, LoreSettings
from studio.media.spans import whole

MAX_KEY_CHARS: Final = 1000
MAX_KEYS: Final = 1000
MAX_NAME_CHARS: Final = 1000
_NUMBER_CHARS: Final = 20


class Imported(Struct, frozen=True, kw_only=True):
    """What a file held. `settings` only when it says any; `unused` tells in plain sentences what is not used here."""

    entries: tuple[LoreEntry, ...]
    settings: LoreSettings | None = None
    unused: tuple[str, ...] = ()
    name: str = ""
    source: str = ""


class Unused:
    """Collects what a file says and we have no use for."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def note(self, what: str) -> None:
        """Once more."""
        self._counts[what] += 1

    def sentences(self) -> tuple[str, ...]:
        """What, and for how many entries."""
        return tuple(
            f"{what} ({count} {'entry' if count == 1 else 'entries'})"
            for what, count in self._counts.most_common()
        )


def text(value: object, limit: int = MAX_NAME_CHARS) -> str:
    """A text; numbers become one, anything else is empty."""
    if isinstance(value, str):
        return whole(value[:limit])
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)[:_NUMBER_CHARS]
    return ""


def long_text(value: object, unused: Unused) -> str:
    """The text of an entry, cut where it is too long."""
    if isinstance(value, str) and len(value) > MAX_TEXT_CHARS:
        unused.note(f"Texts longer than {MAX_TEXT_CHARS:,} characters were cut")
    return text(value, MAX_TEXT_CHARS)


def number(value: object, default: int, low: int, high: int) -> int:
    """A whole number within bounds; also from a text or a broken number."""
    if isinstance(value, str) and len(value) <= _NUMBER_CHARS:
        try:
            value = float(value)
        except ValueError:
            return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return default
    return int(min(max(value, low), high))


def maybe_number(value: object, low: int, high: int) -> int | None:
    """A whole number within bounds, None where there is none."""
    return number(value, low, low, high) if _is_number(value) else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def flag(value: object, default: bool) -> bool:
    """Yes or no."""
    if isinstance(value, bool):
        return value
    return bool(value) if isinstance(value, int | float) else default


def maybe_flag(value: object) -> bool | None:
    """Yes, no, or nothing said."""
    return value if isinstance(value, bool) else None


def keys(value: object, unused: Unused) -> tuple[str, ...]:
    """Keys from a list, or from one text with commas between them; empty and double ones dropped."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        return ()
    out: dict[str, None] = {}
    for item in value:
        if len(text(item, MAX_KEY_CHARS + 1)) > MAX_KEY_CHARS:
            unused.note(f"Keys longer than {MAX_KEY_CHARS:,} characters were left out")
        elif key := text(item).strip():
            out[key] = None
    if len(out) > MAX_KEYS:
        unused.note(f"Keys after the {MAX_KEYS:,}th were left out")
    return tuple(out)[:MAX_KEYS]


def table(value: object) -> dict[str, Any]:
    """An object, empty where there is none."""
    return value if isinstance(value, dict) else {}
