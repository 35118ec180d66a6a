"""A lorebook's entries and settings, and all that a story tells the model beside its text."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from studio.core.checked import Checked
from studio.core.ids import new_id

Logic = Literal["any", "all", "not_any", "not_all"]
Unit = Literal["paragraphs", "characters"]
Key = Annotated[str, Meta(min_length=1, max_length=1000)]
Keys = Annotated[tuple[Key, ...], Meta(max_length=1000)]
Depth = Annotated[int, Meta(ge=0, le=1_000_000)]
Place = Annotated[int, Meta(ge=-1, le=1000)]
MAX_TEXT_CHARS = 200_000
MAX_ENTRIES = 20_000


class LoreEntry(Checked, frozen=True, kw_only=True):
    """A piece of knowledge and what brings it in. Nothing here is left to chance: a text brings it in or does not.

    It comes in when it is `always_on`, or when one of `keys` stands in the last `scan_depth` `scan_unit` before
    the caret (None: as the book says; 0: nothing is looked at) and `secondary` agrees: "any" or "all" of them
    stand there too, "not_any": none does, "not_all": not all do. A key written /like this/i is a regular
    expression (flags i, m, s, u, g); any other is found as it is written, as whole words or anywhere.
    Of the entries that came in, one of a `group` stays: the highest `group_priority`, then `order`, then title.
    A comma in `group` means several groups. `brings_in`: its text may bring in others; `brought_in`: others' texts
    may bring it in. `order`, `limit_tokens` and `depth` are ContextPart's; a `depth` of None is before the text for
    an entry that is always on and the book's for others (what comes and goes before the text would make the model
    read all of it anew). `category` only sorts the list.
    """

    id: str
    title: Annotated[str, Meta(max_length=1000)] = ""
    text: Annotated[str, Meta(max_length=MAX_TEXT_CHARS)] = ""
    keys: Keys = ()
    secondary: Keys = ()
    logic: Logic = "any"
    case_sensitive: bool | None = None
    whole_words: bool | None = None
    enabled: bool = True
    always_on: bool = False
    order: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] = 100
    scan_depth: Depth | None = None
    scan_unit: Unit = "paragraphs"
    limit_tokens: Annotated[int, Meta(ge=0, le=100_000)] = 0
    group: Annotated[str, Meta(max_length=1000)] = ""
    group_priority: Annotated[int, Meta(ge=0, le=1_000_000)] = 100
    category: Annotated[str, Meta(max_length=1000)] = ""
    depth: Place | None = None
    brings_in: bool = True
    brought_in: bool = True

    @property
    def name(self) -> str:
        """What it is called on screen."""
        first_line = next(iter(self.text.strip().splitlines()), "")[:40]
        return self.title.strip() or next(iter(self.keys), "") or first_line or "Untitled entry"

    def same_as(self, other: "LoreEntry") -> bool:
        """Equal but for the id."""
        return bool(self == other.changed(id=self.id))


class LoreSettings(Checked, frozen=True, kw_only=True):
    """What holds for every entry that does not say otherwise.

    `budget_tokens` is the room all entries together may take; `recursion` how many rounds entries may bring in
    further ones (0: none); `depth` how many paragraphs before the caret they stand.
    """

    scan_depth: Depth = 4
    scan_unit: Unit = "paragraphs"
    budget_tokens: Annotated[int, Meta(ge=0, le=100_000)] = 512
    case_sensitive: bool = False
    whole_words: bool = True
    recursion: Annotated[int, Meta(ge=0, le=10)] = 2
    depth: Place = 3


class LoreBook(Struct, frozen=True, kw_only=True):
    """The entries of one story."""

    entries: tuple[LoreEntry, ...] = ()
    settings: LoreSettings = LoreSettings()

    def depth_of(self, entry: LoreEntry) -> int:
        """How many paragraphs before the caret an entry stands; -1: before the text."""
        if entry.depth is not None:
            return entry.depth
        return -1 if entry.always_on else self.settings.depth


class StoryNotes(Struct, frozen=True, kw_only=True):
    """All that a story tells the model beside its text.

    The author's `note` stands `note_depth` paragraphs before the caret; `summary` stands for the first
    `covers_chars` characters of the story.
    """

    memory: str = ""
    note: str = ""
    note_depth: int = 3
    summary: str = ""
    covers_chars: int = 0
    book: LoreBook = LoreBook()


def in_list_order(entries: tuple[LoreEntry, ...]) -> list[LoreEntry]:
    """As they stand in a list: the highest order first, then by category and name."""
    return sorted(entries, key=lambda entry: (-entry.order, entry.category, entry.name.casefold(), entry.id))


def blank(title: str = "") -> LoreEntry:
    """A new entry."""
    return LoreEntry(id=new_id(), title=title)
