"""What a story tells the model, read from its facts and written back a moment after the last change."""

import logging
from collections.abc import Callable
from typing import Any, Final

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.session import Session
from studio.media.lore.entries import LoreBook, LoreEntry, LoreSettings, StoryNotes
from studio.project.store import Store

DELAY_MS: Final = 500
MEMORY, NOTE, SUMMARY, SETTINGS, ENTRY = "memory", "authors_note", "summary", "lore_settings", "lore/"
log = logging.getLogger(__name__)


class StoryFacts(QObject):
    """The newest notes of every story looked at; the disk follows. Belongs to one open project at a time."""

    changed = Signal(str)  # story id
    written = Signal()  # all that was changed is on its way to the disk
    unreadable = Signal(int)  # so many entries are of another version of Atelier

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._stories: dict[str, StoryNotes] = {}
        self._pending: dict[tuple[str, str], Any] = {}
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self.flush)

    def use(self, session: Session | None) -> bool:
        """Read from and write to this project from now on; whether it is another one.

        What is not written yet goes to the one before.
        """
        if session is self._session:
            return False
        self.flush()
        self._session, self._stories = session, {}
        return True

    def story_of(self, work_id: str) -> str:
        """The story a work belongs to; the work itself when it has none, "" without a project."""
        if self._session is None:
            return ""
        seen: set[str] = set()
        at = work_id
        while at and at not in seen:
            seen.add(at)
            try:
                work = self._session.reader.work(at)
            except KeyError:  # not on disk yet, or never
                return work_id
            if work.kind == "story":
                return at
            at = work.parent
        return work_id

    def notes(self, story: str) -> StoryNotes:
        """What a story tells the model, as it stands now."""
        if story not in self._stories:
            facts = self._session.reader.facts(story) if self._session is not None and story else {}
            self._stories[story], lost = notes_from(facts)
            if lost:
                self.unreadable.emit(lost)
        return self._stories[story]

    def put(self, story: str, notes: StoryNotes, facts: dict[str, Any]) -> None:
        """Take over changed notes; `facts` are the same changes as they are kept (None: gone)."""
        if self._session is None or not story:
            return
        self._stories[story] = notes
        self._pending |= {(story, key): value for key, value in facts.items()}
        self._timer.start()
        self.changed.emit(story)

    @Slot()
    def flush(self) -> None:
        """Write now what is held back."""
        self._timer.stop()
        pending, self._pending = self._pending, {}
        if pending and self._session is not None:
            self._session.write(_writer(pending))
        self.written.emit()


def _writer(pending: dict[tuple[str, str], Any]) -> Callable[[Store], None]:
    def write(store: Store) -> None:
        with store.batch():
            for (story, key), value in pending.items():
                store.set_fact(story, key, value)

    return write


def notes_from(facts: dict[str, Any]) -> tuple[StoryNotes, int]:
    """The notes that a story's facts hold, and how many entries could not be read."""
    note, summary = _table(facts.get(NOTE)), _table(facts.get(SUMMARY))
    entries: list[LoreEntry] = []
    lost = 0
    for key, value in facts.items():
        if not key.startswith(ENTRY):
            continue
        try:
            entries.append(msgspec.convert(value, LoreEntry))
        except msgspec.ValidationError as error:
            log.warning("lorebook entry %s: %s", key, error)
            lost += 1
    notes = StoryNotes(
        memory=_text(facts.get(MEMORY)),
        note=_text(note.get("text")),
        note_depth=_number(note.get("depth"), StoryNotes().note_depth, -1, 1000),
        summary=_text(summary.get("text")),
        covers_chars=_number(summary.get("covers_chars"), 0, 0, 2**53),
        book=LoreBook(entries=tuple(entries), settings=_settings(facts.get(SETTINGS))),
    )
    return notes, lost


def _settings(value: object) -> LoreSettings:
    try:
        return msgspec.convert(value or {}, LoreSettings)
    except msgspec.ValidationError:  # of another version: the usual ones serve
        return LoreSettings()


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object, default: int, low: int, high: int) -> int:
    return min(max(value, low), high) if isinstance(value, int) else default
