"""SillyTavern's World Info (entries as an object) and the lorebooks of character cards, V2 and V3 (as a list).

Fields and their defaults: public/scripts/world-info.js of SillyTavern 1.13 (newWorldInfoEntryDefinition);
the Character Card V2 specification's `CharacterBook`; Character Card V3's lorebook with `use_regex`.
"""

from typing import Any, Final

from studio.core.ids import new_id
from studio.media.lore.entries import Logic, LoreEntry, LoreSettings, Unit
from studio.media.lore.keys import is_pattern
from studio.media.lore.plain import (
    Imported,
    Unused,
    flag,
    keys,
    long_text,
    maybe_flag,
    maybe_number,
    number,
    table,
    text,
)

LOGIC: Final[tuple[Logic, ...]] = ("any", "not_all", "not_any", "all")  # by SillyTavern's numbers 0..3
AT_DEPTH: Final = 4
NEAR_NOTE: Final = (2, 3)
_NOTE_DEPTH: Final = 4
_ORDER: Final = 1_000_000
_DEPTH: Final = 1_000_000
# a card's name of a field -> the standalone file's
_CARD_NAMES: Final = {
    "exclude_recursion": "excludeRecursion",
    "prevent_recursion": "preventRecursion",
    "delay_until_recursion": "delayUntilRecursion",
    "group_override": "groupOverride",
    "group_weight": "groupWeight",
    "use_group_scoring": "useGroupScoring",
    "scan_depth": "scanDepth",
    "case_sensitive": "caseSensitive",
    "match_whole_words": "matchWholeWords",
    "automation_id": "automationId",
    "ignore_budget": "ignoreBudget",
    "match_persona_description": "matchPersonaDescription",
    "match_character_description": "matchCharacterDescription",
    "match_character_personality": "matchCharacterPersonality",
    "match_character_depth_prompt": "matchCharacterDepthPrompt",
    "match_scenario": "matchScenario",
    "match_creator_notes": "matchCreatorNotes",
    "outlet_name": "outletName",
}
_NO_USE: Final = {
    "vectorized": "Finding by meaning (vectorized) is not used: only keys bring entries in",
    "sticky": "Staying on for some messages (sticky) is not used",
    "cooldown": "Pausing for some messages (cooldown) is not used",
    "delay": "Waiting for some messages (delay) is not used",
    "delayUntilRecursion": "Coming only by other entries' texts (delayUntilRecursion) is not used",
    "useGroupScoring": "Group scoring is not used: the highest weight of a group stays",
    "groupOverride": "“Prioritise in group” is not used: the highest weight of a group stays",
    "ignoreBudget": "“Ignore budget” is not used: give the entry a high order",
    "automationId": "Automation ids are not used",
    "triggers": "Generation triggers are not used",
    "matchPersonaDescription": "Matching personas and characters is not used",
    "matchCharacterDescription": "Matching personas and characters is not used",
    "matchCharacterPersonality": "Matching personas and characters is not used",
    "matchCharacterDepthPrompt": "Matching personas and characters is not used",
    "matchScenario": "Matching personas and characters is not used",
    "matchCreatorNotes": "Matching personas and characters is not used",
}


def read_world(root: dict[str, Any]) -> Imported:
    """A standalone World Info file."""
    unused = Unused()
    found = root["entries"]
    rows = [table(row) for row in (found.values() if isinstance(found, dict) else found)]
    entries = [_entry(_as_standalone(row), unused) for row in rows if row]
    settings = _own_settings(table(table(root.get("extensions")).get("atelier")))
    return Imported(
        entries=tuple(entries),
        settings=settings,
        unused=unused.sentences(),
        name=text(root.get("name")),
        source="SillyTavern World Info",
    )


def read_card_book(book: dict[str, Any]) -> Imported:
    """The lorebook of a character card."""
    unused = Unused()
    found = book.get("entries")
    rows = [table(row) for row in (found if isinstance(found, list) else table(found).values())]
    entries = [_entry(_as_standalone(row), unused) for row in rows if row]
    return Imported(
        entries=tuple(entries),
        settings=_book_settings(book),
        unused=unused.sentences(),
        name=text(book.get("name")),
        source="character card lorebook",
    )


def _book_settings(book: dict[str, Any]) -> LoreSettings | None:
    said: dict[str, Any] = {}
    if (depth := maybe_number(book.get("scan_depth"), 0, _DEPTH)) is not None:
        said["scan_depth"] = depth
    if (budget := maybe_number(book.get("token_budget"), 0, 100_000)) is not None:
        said["budget_tokens"] = budget
    if (recursive := maybe_flag(book.get("recursive_scanning"))) is not None:
        said["recursion"] = LoreSettings().recursion if recursive else 0
    return LoreSettings(**said) if said else None


def _own_settings(said: dict[str, Any]) -> LoreSettings | None:
    """The settings in a file of our own."""
    if not said:
        return None
    usual = LoreSettings()
    return LoreSettings(
        scan_depth=number(said.get("scan_depth"), usual.scan_depth, 0, _DEPTH),
        scan_unit=_unit(said.get("scan_unit")),
        budget_tokens=number(said.get("budget_tokens"), usual.budget_tokens, 0, 100_000),
        case_sensitive=flag(said.get("case_sensitive"), usual.case_sensitive),
        whole_words=flag(said.get("whole_words"), usual.whole_words),
        recursion=number(said.get("recursion"), usual.recursion, 0, 10),
        depth=number(said.get("depth"), usual.depth, -1, 1000),
    )


def _as_standalone(row: dict[str, Any]) -> dict[str, Any]:
    """An entry of a card in the words of a standalone file; one of those as it is."""
    if "keys" not in row or "key" in row:
        return row
    more = table(row.get("extensions"))
    out = {_CARD_NAMES.get(name, name): value for name, value in more.items()}
    out |= {
        "key": row.get("keys"),
        "keysecondary": row.get("secondary_keys"),
        "comment": row.get("comment") or row.get("name"),
        "content": row.get("content"),
        "constant": row.get("constant"),
        "selective": row.get("selective"),
        "order": row.get("insertion_order"),
        "disable": not flag(row.get("enabled"), True),
        "extensions": more,
    }
    if "caseSensitive" not in out:
        out["caseSensitive"] = row.get("case_sensitive")
    if flag(row.get("use_regex"), False):
        out["key"] = [key if is_pattern(key) else f"/{key}/" for key in keys(row.get("keys"), Unused())]
    return out


def _entry(row: dict[str, Any], unused: Unused) -> LoreEntry:
    secondary = keys(row.get("keysecondary"), unused)
    if secondary and not flag(row.get("selective"), True):
        unused.note("Further keys that were switched off were left out")
        secondary = ()
    _tell_unused(row, unused)
    own = table(table(row.get("extensions")).get("atelier"))
    return LoreEntry(
        id=new_id(),
        title=text(row.get("comment")),
        text=long_text(row.get("content"), unused),
        keys=keys(row.get("key"), unused),
        secondary=secondary,
        logic=LOGIC[number(row.get("selectiveLogic"), 0, 0, len(LOGIC) - 1)],
        case_sensitive=maybe_flag(row.get("caseSensitive")),
        whole_words=maybe_flag(row.get("matchWholeWords")),
        enabled=not flag(row.get("disable"), False),
        always_on=flag(row.get("constant"), False),
        order=number(row.get("order"), 100, -_ORDER, _ORDER),
        scan_depth=maybe_number(row.get("scanDepth"), 0, _DEPTH),
        scan_unit=_unit(own.get("scan_unit")),
        limit_tokens=number(own.get("limit_tokens"), 0, 0, 100_000),
        group=text(row.get("group")),
        group_priority=number(row.get("groupWeight"), 100, 0, _ORDER),
        category=text(own.get("category")),
        depth=_depth(row, own, unused),
        brings_in=not flag(row.get("preventRecursion"), False),
        brought_in=not flag(row.get("excludeRecursion"), False),
    )


def _depth(row: dict[str, Any], own: dict[str, Any], unused: Unused) -> int | None:
    position = number(row.get("position"), 0, 0, 100)
    if position == AT_DEPTH:
        return number(row.get("depth"), _NOTE_DEPTH, 0, 1000)
    if position in NEAR_NOTE:
        unused.note(f"A place beside the author's note became {_NOTE_DEPTH} paragraphs before the caret")
        return _NOTE_DEPTH
    if position > AT_DEPTH:
        unused.note("A place among example messages or in an outlet is not used")
    return -1 if number(own.get("depth"), 0, -1, 1000) == -1 else None


def _unit(value: object) -> Unit:
    return "characters" if value == "characters" else "paragraphs"


def _tell_unused(row: dict[str, Any], unused: Unused) -> None:
    for sentence in {sentence for name, sentence in _NO_USE.items() if row.get(name)}:
        unused.note(sentence)
    if flag(row.get("useProbability"), True) and number(row.get("probability"), 100, 0, 100) < 100:
        unused.note("Chance (probability) is not used: an entry comes in by its keys or not at all")
    chosen = table(row.get("characterFilter"))
    if chosen.get("names") or chosen.get("tags"):
        unused.note("Character filters are not used")
