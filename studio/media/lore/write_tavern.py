"""Writes a lorebook as a World Info file that SillyTavern imports; what only Atelier knows goes into `extensions`."""

from typing import Any

import msgspec

from studio.media.lore.entries import LoreBook, LoreEntry, in_list_order
from studio.media.lore.read_tavern import AT_DEPTH, LOGIC


def tavern_json(book: LoreBook, name: str = "") -> bytes:
    """The whole book as the bytes of a World Info file."""
    entries = in_list_order(book.entries)
    root = {
        "name": name,
        "entries": {str(number): _row(number, entry) for number, entry in enumerate(entries)},
        "extensions": {"atelier": msgspec.to_builtins(book.settings)},
    }
    return msgspec.json.format(msgspec.json.encode(root), indent=2)


def _row(number: int, entry: LoreEntry) -> dict[str, Any]:
    at_depth = entry.depth is not None and entry.depth >= 0
    return {
        "uid": number,
        "displayIndex": number,
        "key": list(entry.keys),
        "keysecondary": list(entry.secondary),
        "comment": entry.title,
        "content": entry.text,
        "constant": entry.always_on,
        "vectorized": False,
        "selective": True,
        "selectiveLogic": LOGIC.index(entry.logic),
        "addMemo": bool(entry.title),
        "order": entry.order,
        "position": AT_DEPTH if at_depth else 0,
        "disable": not entry.enabled,
        "excludeRecursion": not entry.brought_in,
        "preventRecursion": not entry.brings_in,
        "delayUntilRecursion": False,
        "probability": 100,
        "useProbability": True,
        "depth": entry.depth if at_depth else 4,
        "group": entry.group,
        "groupOverride": False,
        "groupWeight": entry.group_priority,
        "scanDepth": entry.scan_depth,
        "caseSensitive": entry.case_sensitive,
        "matchWholeWords": entry.whole_words,
        "useGroupScoring": None,
        "automationId": "",
        "role": None,
        "sticky": 0,
        "cooldown": 0,
        "delay": 0,
        "extensions": {
            "atelier": {
                "scan_unit": entry.scan_unit,
                "limit_tokens": entry.limit_tokens,
                "category": entry.category,
                "depth": -1 if entry.depth == -1 else None,
            }
        },
    }
