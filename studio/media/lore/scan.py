"""Which entries a text brings in, which not, and in plain words why."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

from msgspec import Struct

from studio.media.lore.entries import LoreBook, LoreEntry, LoreSettings, Unit
from studio.media.lore.haystack import Haystack, folded, last_part, paragraphs_back
from studio.media.lore.keys import AnyKey, PatternKey, RegexClock, prepared

MAX_SCAN_CHARS: Final = 300_000
MAX_BROUGHT_CHARS: Final = 100_000  # what entries in turn may be looked through for others
_SHOWN_KEYS: Final = 6


class Hit(Struct, frozen=True, kw_only=True):
    """What became of one entry: `matched` it is to be read; `why` in a short plain clause."""

    entry: LoreEntry
    matched: bool
    why: str


def scan(book: LoreBook, text: str) -> tuple[Hit, ...]:
    """What the end of a text brings in: a hit for every entry, in the book's order.

    For more than one text keep a `Scanner`: it prepares the keys once.
    """
    return Scanner(book).scan(text)


class Scanner:
    """A book with its keys made ready."""

    def __init__(self, book: LoreBook) -> None:
        self.book = book
        self._ready = [_Ready(entry, book.settings) for entry in book.entries]
        self._index = KeyIndex(self._ready)
        depths = {(ready.unit, ready.depth) for ready in self._ready}
        self._widest = [(unit, max(d for u, d in depths if u == unit)) for unit in {u for u, _ in depths}]

    def scan(self, text: str) -> tuple[Hit, ...]:
        """What the end of a text brings in: a hit for every entry, in the book's order."""
        text = text[-MAX_SCAN_CHARS:]
        text = text[min((last_part(text, unit, depth) for unit, depth in self._widest), default=0) :]
        return _Scan(self._ready, self._index, self.book.settings, text).run()


class _Ready:
    """An entry with its keys made ready."""

    def __init__(self, entry: LoreEntry, settings: LoreSettings) -> None:
        self.entry = entry
        self.case = settings.case_sensitive if entry.case_sensitive is None else entry.case_sensitive
        whole = settings.whole_words if entry.whole_words is None else entry.whole_words
        self.keys = [prepared(key, self.case, whole) for key in entry.keys]
        self.secondary = [prepared(key, self.case, whole) for key in entry.secondary]
        own = entry.scan_depth is not None
        self.depth = entry.scan_depth if entry.scan_depth is not None else settings.scan_depth
        self.unit: Unit = entry.scan_unit if own else settings.scan_unit
        self.groups = [name for part in entry.group.split(",") if (name := part.strip())]

    @cached_property
    def none_stands(self) -> str:
        """Why it is out when no key of it stands where it looks."""
        return f"{_none_of('its keys', self.entry.keys)} stands in {_reach(self)}"

    @cached_property
    def never(self) -> str:
        """Why no text can bring it in, "" when one can."""
        if not self.entry.enabled:
            return "switched off"
        if not self.entry.text.strip():
            return "it has no text"
        return "" if self.entry.always_on or self.entry.keys else "it has no keys"


class KeyIndex:
    """Which entries a word or four characters of a text may bring in: most are ruled out without a look."""

    def __init__(self, all_ready: Sequence[_Ready]) -> None:
        self._always: list[int] = []
        self._words: dict[bool, dict[str, list[int]]] = {}
        self._grams: dict[bool, dict[str, list[int]]] = {}
        for number, ready in enumerate(all_ready):
            if ready.never:
                continue
            if ready.entry.always_on:
                self._always.append(number)
                continue
            for key in ready.keys:
                if isinstance(key, PatternKey) or not key.mark:
                    self._always.append(number)
                else:
                    by_case = self._words if key.whole else self._grams
                    by_case.setdefault(ready.case, {}).setdefault(key.mark, []).append(number)

    def candidates(self, places: "_Places") -> set[int]:
        """The numbers of the entries that this text might bring in."""
        out = set(self._always)
        if places.empty:
            return out
        for case, marks in self._words.items():
            for word in marks.keys() & places.hay(case).words:
                out.update(marks[word])
        for case, marks in self._grams.items():
            for gram in marks.keys() & places.hay(case).grams:
                out.update(marks[gram])
        return out


class _Scan:
    """One text against one book."""

    def __init__(
        self, all_ready: Sequence[_Ready], index: KeyIndex, settings: LoreSettings, text: str
    ) -> None:
        self._ready, self._index = all_ready, index
        self._rounds = settings.recursion
        self._text = _Places(text, ())
        self._brought = _Places("", ())
        self._clock = RegexClock()
        self._in: dict[int, str] = {}
        self._out: dict[int, str] = {}
        self._group_of: dict[str, LoreEntry] = {}

    def run(self) -> tuple[Hit, ...]:
        near = self._index.candidates(self._text)
        newest = self._round(near)
        for _ in range(self._rounds):
            texts = [ready.entry for ready in newest if ready.entry.brings_in]
            if not texts:
                break
            self._brought = self._brought.with_entries(texts)
            newest = self._round(near | self._index.candidates(self._brought), by_others=True)
        return tuple(self._hit(number, ready) for number, ready in enumerate(self._ready))

    def _hit(self, number: int, ready: _Ready) -> Hit:
        why = self._in.get(number)
        if why is not None:
            return Hit(entry=ready.entry, matched=True, why=why)
        return Hit(
            entry=ready.entry, matched=False, why=self._out.get(number) or ready.never or ready.none_stands
        )

    def _round(self, numbers: Iterable[int], by_others: bool = False) -> list[_Ready]:
        """Bring in whatever matches now; of a group one."""
        came: list[tuple[int, _Ready, str]] = []
        for number in numbers:
            ready = self._ready[number]
            if number in self._in or (by_others and not ready.entry.brought_in):
                continue
            why, why_not = self._judge(ready)
            if why:
                came.append((number, ready, why))
            else:
                self._out[number] = why_not
        stay: list[_Ready] = []
        for number, ready, why in sorted(came, key=_rank):
            if self._gives_way(number, ready):
                continue
            self._in[number] = why
            stay.append(ready)
        return stay

    def _gives_way(self, number: int, ready: _Ready) -> bool:
        for group in ready.groups:
            if (first := self._group_of.get(group)) is not None:
                self._out[number] = f"its group “{group}” gave way to “{first.name}”"
                return True
        for group in ready.groups:
            self._group_of[group] = ready.entry
        return False

    def _judge(self, ready: _Ready) -> tuple[str, str]:
        """(why it is in, "") or ("", why it is not)."""
        if ready.entry.always_on:
            return "always on", ""
        wrong: list[str] = []
        found, where = self._first(ready, ready.keys, wrong)
        if found is None:
            spoilt = f" ({'; '.join(wrong)})" if wrong else ""
            return "", f"{ready.none_stands}{spoilt}"
        why_not = self._secondary(ready, wrong)
        if why_not:
            return "", f"key {_quoted(found)} matched {where}, but {why_not}"
        return f"key {_quoted(found)} matched {where}", ""

    def _secondary(self, ready: _Ready, wrong: list[str]) -> str:
        """Why the further keys keep an entry out, "" when they do not."""
        keys, logic = ready.secondary, ready.entry.logic
        if not keys:
            return ""
        stands = [key.shown for key in keys if self._first(ready, [key], wrong)[0] is not None]
        shown, reach = ready.entry.secondary, _reach(ready)
        if logic == "any" and not stands:
            return f"{_none_of('its further keys', shown)} stands in {reach}"
        if logic == "all" and len(stands) < len(keys):
            missing = next(key.shown for key in keys if key.shown not in stands)
            return f"its further key {_quoted(missing)} does not stand in {reach}"
        if logic == "not_any" and stands:
            return f"{_quoted(stands[0])} stands in {reach} too, which keeps it out"
        if logic == "not_all" and len(stands) == len(keys):
            return f"all its further keys stand in {reach} too, which keeps it out"
        return ""

    def _first(self, ready: _Ready, keys: Iterable[AnyKey], wrong: list[str]) -> tuple[str | None, str]:
        """The first key that stands somewhere, and where; what is wrong with a key goes to `wrong`."""
        for key in keys:
            for places in (self._text, self._brought) if ready.entry.brought_in else (self._text,):
                if places.empty:
                    continue
                hay = places.hay(ready.case)
                start = hay.start(ready.unit, ready.depth) if places is self._text else 0
                if isinstance(key, PatternKey):
                    at = key.find(hay, places.raw_start(ready, start), self._clock)
                    text = hay.raw
                else:
                    at, text = key.find(hay, start), hay.text
                if at >= 0:
                    return key.shown, places.where(text, at)
            if isinstance(key, PatternKey) and key.wrong and key.wrong not in wrong:
                wrong.append(key.wrong)
        return None, ""


class _Places:
    """A text in both foldings; or the texts of entries, one after the other."""

    def __init__(self, text: str, owners: Sequence[tuple[int, str]]) -> None:
        self.empty = not text
        self._raw = text
        self._owners = owners  # (line it begins at, entry's name)
        self._hays: dict[bool, Haystack] = {}

    def hay(self, case_sensitive: bool) -> Haystack:
        if case_sensitive not in self._hays:
            self._hays[case_sensitive] = Haystack(self._raw, folded(self._raw, case_sensitive))
        return self._hays[case_sensitive]

    def raw_start(self, ready: _Ready, start: int) -> int:
        """Where the same part begins in the text as written (folding may change lengths)."""
        return 0 if self._owners else last_part(self._raw, ready.unit, ready.depth) if start else 0

    def with_entries(self, entries: Iterable[LoreEntry]) -> "_Places":
        """The same and these entries' texts."""
        text, owners = self._raw, list(self._owners)
        for entry in entries:
            room = MAX_BROUGHT_CHARS - len(text)
            if room <= 0:
                break
            owners.append((text.count("\n"), entry.name))
            text += entry.text[:room] + "\n"
        return _Places(text, owners)

    def where(self, text: str, at: int) -> str:
        """In words; counted in lines, since folding may change lengths but keeps them."""
        if self._owners:
            line = text.count("\n", 0, at)
            name = next(name for begins, name in reversed(self._owners) if begins <= line)
            return f"in the text of “{name}”"
        back = paragraphs_back(text, at)
        if back == 0:
            return "in the last paragraph"
        return "in the last paragraph but one" if back == 1 else f"{back} paragraphs back"


def _rank(came: tuple[int, _Ready, str]) -> tuple[int, int, str, str]:
    entry = came[1].entry
    return -entry.group_priority, -entry.order, entry.name.casefold(), entry.id


def _quoted(key: str) -> str:
    return f"“{key}”"


def _none_of(what: str, keys: Sequence[str]) -> str:
    shown = ", ".join(keys[:_SHOWN_KEYS]) + ("…" if len(keys) > _SHOWN_KEYS else "")
    return f"none of {what} ({shown})"


def _reach(ready: _Ready) -> str:
    if ready.depth == 0:
        return "the text: it looks at none of it"
    if ready.unit == "characters":
        return f"the last {ready.depth} characters"
    return "the last paragraph" if ready.depth == 1 else f"the last {ready.depth} paragraphs"
