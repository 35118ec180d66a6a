"""NovelAI's lorebook files (.lorebook, versions 1 to 6), also inside a scenario or a story.

Fields: entries with `text`, `displayName`, `keys`, `searchRange` (characters), `forceActivation`, `contextConfig`
(`tokenBudget`: tokens, or a share of the context up to 1), `category`; categories with `enabled`. A key is found as
a whole word in either case, may be /a pattern/i, and may ask for several words with " & " between them.
"""

import re
from typing import Any, Final

from studio.core.ids import new_id
from studio.media.lore.entries import LoreEntry
from studio.media.lore.keys import is_pattern
from studio.media.lore.plain import Imported, Unused, flag, keys, long_text, number, table, text

NEWEST: Final = 6
_RANGE_CHARS: Final = 1000
_PRIORITY: Final = 400
_AND: Final = re.compile(r"\s*&\s*")
_NO_USE: Final = {
    "keyRelative": "Standing where the key stands (keyRelative) is not used",
    "loreBiasGroups": "Phrase biases of entries are not used: the sampling knobs have their own",
    "advancedConditions": "Advanced conditions are not used",
}


def read_novelai(book: dict[str, Any]) -> Imported:
    """A lorebook as NovelAI writes it."""
    unused = Unused()
    if number(book.get("lorebookVersion"), 1, 0, 1_000_000) > NEWEST:
        unused.note(f"The file is of a newer version than {NEWEST}: parts of it may be missing")
    found = book.get("categories")
    categories = {
        text(table(row).get("id")): table(row) for row in (found if isinstance(found, list) else [])
    }
    if any(flag(row.get("createSubcontext"), False) for row in categories.values()):
        unused.note("Subcontexts of categories are not used")
    if flag(table(book.get("settings")).get("orderByKeyLocations"), False):
        unused.note("Ordering by where the keys stand is not used")
    rows = [table(row) for row in book["entries"] if isinstance(row, dict)]
    entries = tuple(_entry(row, categories.get(text(row.get("category")), {}), unused) for row in rows)
    return Imported(entries=entries, unused=unused.sentences(), source="NovelAI lorebook")


def _entry(row: dict[str, Any], category: dict[str, Any], unused: Unused) -> LoreEntry:
    config = table(row.get("contextConfig"))
    for sentence in (sentence for name, sentence in _NO_USE.items() if _says_something(row.get(name))):
        unused.note(sentence)
    first, further = _keys(keys(row.get("keys"), unused))
    priority = number(config.get("budgetPriority"), _PRIORITY, -1_000_000, 1_000_000)
    return LoreEntry(
        id=new_id(),
        title=text(row.get("displayName")),
        text=_framed(long_text(row.get("text"), unused), config, unused),
        keys=first,
        secondary=further,
        logic="all",
        enabled=flag(row.get("enabled"), True) and flag(category.get("enabled"), True),
        always_on=flag(row.get("forceActivation"), False),
        order=priority,
        scan_depth=number(row.get("searchRange"), _RANGE_CHARS, 0, 1_000_000),
        scan_unit="characters",
        whole_words=True,
        case_sensitive=False,
        limit_tokens=_limit(config, unused),
        category=text(category.get("name")),
        depth=_depth(config, priority),
        brought_in=flag(row.get("nonStoryActivatable"), False),
    )


def _says_something(value: object) -> bool:
    """Not False, and not the bias group that stands empty in every file."""
    if isinstance(value, list):
        return any(table(item).get("phrases") for item in value) or any(isinstance(v, str) for v in value)
    return bool(value)


def _keys(found: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(keys, further keys that must all stand there): "a & b" alone is two of them, beside others a pattern."""
    split = [[part for part in _AND.split(key) if part] if not is_pattern(key) else [key] for key in found]
    if len(split) == 1 and len(split[0]) > 1:
        return (split[0][0],), tuple(split[0][1:])
    return tuple(_both(parts) if len(parts) > 1 else parts[0] for parts in split if parts), ()


def _both(parts: list[str]) -> str:
    inner = "".join(rf"(?=.*\b{re.escape(part)}\b)" for part in parts)
    return f"/^{inner}/is".replace("\\ ", " ")


def _framed(body: str, config: dict[str, Any], unused: Unused) -> str:
    """The text with the words that NovelAI puts around it."""
    if not body.strip():
        return body
    front, end = text(config.get("prefix")), text(config.get("suffix"))
    if front.strip() or end.strip():
        unused.note("Words before or after an entry (prefix, suffix) became part of its text")
    return (front if front.strip() else "") + body + (end if end.strip() else "")


def _limit(config: dict[str, Any], unused: Unused) -> int:
    budget = config.get("tokenBudget")
    if isinstance(budget, float) and 0 < budget < 1:
        unused.note("A budget as a share of the context is not used: set a number of tokens")
    tokens = number(budget, 0, 0, 100_000)
    return tokens if tokens > 1 else 0


def _depth(config: dict[str, Any], priority: int) -> int | None:
    """Only what is placed after the story is counted from the caret."""
    position = number(config.get("insertionPosition"), -1, -1001, 1_000_000)
    return -position - 1 if priority < 0 and position < 0 else None
