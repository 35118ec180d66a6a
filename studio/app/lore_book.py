"""Changes of a story's lorebook, each of which can be taken back."""

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from studio.app.story_facts import ENTRY, SETTINGS, StoryFacts
from studio.core.ids import new_id
from studio.media.lore.entries import LoreBook, LoreEntry, LoreSettings

MOST_STEPS: Final = 200


class LoreBookEdits(QObject):
    """Adds, changes, deletes and imports entries; `undo` takes the last change of a story's book back."""

    changed = Signal()  # the steps that can be taken back are others now

    def __init__(self, facts: StoryFacts, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._facts = facts
        self._steps: list[tuple[str, dict[str, LoreEntry | None]]] = []
        self._typing = ""  # the entry whose changes still belong to the last step
        facts.written.connect(self._end_step)

    def can_undo(self, story: str) -> bool:
        """Whether there is a change of this story's book to take back."""
        return any(changed == story for changed, _ in self._steps)

    def add(self, story: str, title: str) -> str:
        """A new entry; its id."""
        entry = LoreEntry(id=new_id(), title=title)
        self._change(story, [entry])
        return entry.id

    def duplicate(self, story: str, entry_id: str) -> str:
        """A copy of an entry; its id, "" when there is no such entry."""
        entry = self._entries(story).get(entry_id)
        if entry is None:
            return ""
        copy: LoreEntry = entry.changed(id=new_id(), title=f"{entry.name} (copy)"[:1000])
        self._change(story, [copy])
        return copy.id

    def change(self, story: str, entry: LoreEntry) -> None:
        """An entry as it is now; what is typed into one in a row is one step."""
        if self._typing == entry.id:
            self._put(story, {entry.id: entry})
        else:
            self._change(story, [entry])
            self._typing = entry.id

    def delete(self, story: str, entry_id: str) -> LoreEntry | None:
        """Take an entry out of the book; the entry."""
        entry = self._entries(story).get(entry_id)
        if entry is not None:
            self._step(story, {entry_id: entry})
            self._put(story, {entry_id: None})
        return entry

    def bring(
        self, story: str, entries: Iterable[LoreEntry], settings: LoreSettings | None
    ) -> tuple[int, int]:
        """Take in the entries of a file; (how many came in, how many stood there already).

        A file's settings hold only for a book that was empty.
        """
        held = self._entries(story)
        known = {_without_id(entry) for entry in held.values()}
        given = list(entries)
        fresh = [entry for entry in given if _without_id(entry) not in known]
        if settings is not None and not held:
            self.set_settings(story, settings)
        self._change(story, fresh)
        return len(fresh), len(given) - len(fresh)

    def set_settings(self, story: str, settings: LoreSettings) -> None:
        """What holds for entries that do not say otherwise."""
        notes = self._facts.notes(story)
        book = replace(notes.book, settings=settings)
        self._facts.put(story, replace(notes, book=book), {SETTINGS: msgspec.to_builtins(settings)})

    def undo(self, story: str) -> str:
        """Take the story's last change back; the id of an entry it brought back or changed, "" when there is none."""
        self._typing = ""
        place = next((at for at, step in reversed([*enumerate(self._steps)]) if step[0] == story), None)
        if place is None:
            return ""
        _, before = self._steps.pop(place)
        self._put(story, before)
        self.changed.emit()
        return next((entry_id for entry_id, entry in before.items() if entry is not None), "")

    def forget(self) -> None:
        """Another project is open: its changes are not to be taken back into this one."""
        self._steps, self._typing = [], ""
        self.changed.emit()

    def _entries(self, story: str) -> dict[str, LoreEntry]:
        return {entry.id: entry for entry in self._facts.notes(story).book.entries}

    def _change(self, story: str, entries: list[LoreEntry]) -> None:
        if entries:
            held = self._entries(story)
            self._step(story, {entry.id: held.get(entry.id) for entry in entries})
            self._put(story, {entry.id: entry for entry in entries})

    def _put(self, story: str, changed: dict[str, LoreEntry | None]) -> None:
        notes = self._facts.notes(story)
        held = self._entries(story) | changed
        entries = tuple(entry for entry in held.values() if entry is not None)
        facts = {
            f"{ENTRY}{entry_id}": None if entry is None else msgspec.to_builtins(entry)
            for entry_id, entry in changed.items()
        }
        book = LoreBook(entries=entries, settings=notes.book.settings)
        self._facts.put(story, replace(notes, book=book), facts)

    def _step(self, story: str, before: dict[str, LoreEntry | None]) -> None:
        self._typing = ""
        self._steps = [*self._steps[-MOST_STEPS:], (story, before)]
        self.changed.emit()

    def _end_step(self) -> None:
        self._typing = ""


def _without_id(entry: LoreEntry) -> LoreEntry:
    same: LoreEntry = replace(entry, id="-")
    return same
