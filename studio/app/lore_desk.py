"""Joins the story's memory, author's note, lorebook and summary with the dock and with every proposal."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.app.ask import ask_path
from studio.app.lore_book import LoreBookEdits
from studio.app.story_facts import MEMORY, NOTE, SUMMARY, StoryFacts
from studio.app.tasks import Tasks, in_thread
from studio.app.text_desk import TextDesk
from studio.app.window import MainWindow
from studio.core.files import told, write_whole
from studio.core.jobs import ContextPart
from studio.core.takes import PartSeen
from studio.media.lore.entries import LoreBook, LoreEntry, LoreSettings, StoryNotes
from studio.media.lore.parts import left_out, parts_for
from studio.media.lore.scan import MAX_SCAN_CHARS, Hit, Scanner

if TYPE_CHECKING:
    from studio.widgets.lore_panel import LorePanel

DOCK: Final = "view.lore"
LOOK_DELAY_MS: Final = 400
_FILES: Final = ("Lorebooks (*.json *.lorebook *.scenario *.story)", "All files (*)")
_TAB_OF: Final = {"memory": "memory", "note": "note", "summary": "summary"}


class LoreDesk(QObject):
    """`parts` tells what a proposal carries; the dock is built when it is first seen."""

    changed = Signal(str)  # story id: something the model is told is other now
    summarise_requested = Signal(str)  # the open work's id
    notice = Signal(str, str)  # what, do

    def __init__(self, text: TextDesk, tasks: Tasks, window: MainWindow, parent: QObject) -> None:
        super().__init__(parent)
        self._text, self._tasks, self._window = text, tasks, window
        self.facts = StoryFacts(self)
        self.edits = LoreBookEdits(self.facts, self)
        self._panel: LorePanel | None = None
        self._summary_blocked = ""
        self._scanner = Scanner(LoreBook())
        self._scanned: tuple[LoreBook, str, tuple[Hit, ...]] = (self._scanner.book, "", ())
        self._look = QTimer(self, singleShot=True, interval=LOOK_DELAY_MS)
        self._look.timeout.connect(self._show_hits)
        self.facts.changed.connect(self._on_changed)
        self.facts.unreadable.connect(self._on_unreadable)
        text.opened.connect(self.show)
        text.leaving.connect(self._on_leaving)
        text.pane.editor.caret_moved.connect(self._look_soon)
        text.lineage_changed.connect(self._look_soon)
        window.fill_dock(DOCK, self._make_panel)

    @property
    def panel(self) -> "LorePanel | None":
        """What the dock shows, once it was seen."""
        return self._panel

    # -- for proposals ---------------------------------------------------------------------------

    def parts(self, work_id: str, prompt: str) -> tuple[ContextPart, ...]:
        """What the model reads beside the text: memory, summary, matching lore, author's note of its story."""
        return parts_for(self.notes_of(work_id), self._hits(work_id, prompt))

    def left_out(self, work_id: str, prompt: str) -> tuple[PartSeen, ...]:
        """The lorebook's entries that this text does not bring in, and why."""
        return left_out(self._hits(work_id, prompt))

    def budget(self, work_id: str) -> int:
        """The room all lore together may take, in tokens."""
        return self.notes_of(work_id).book.settings.budget_tokens

    def notes_of(self, work_id: str) -> StoryNotes:
        """All that the work's story tells the model."""
        return self.facts.notes(self._story(work_id))

    def set_summary(self, work_id: str, text: str, covers_chars: int) -> None:
        """Keep a running summary that stands for the first so many characters."""
        story = self._story(work_id)
        notes = replace(self.facts.notes(story), summary=text, covers_chars=covers_chars)
        self.facts.put(story, notes, {SUMMARY: {"text": text, "covers_chars": covers_chars}})

    def set_summary_blocked(self, reason: str) -> None:
        """Why the model cannot summarise now; "" when it can."""
        self._summary_blocked = reason
        if self._panel is not None:
            self._panel.set_summary_blocked(reason)

    @Slot()
    def flush(self) -> None:
        """Write now what was changed in the dock."""
        self.facts.flush()

    def _story(self, work_id: str) -> str:
        if self._text.session is not None:
            self._use_session()
        return self.facts.story_of(work_id)

    def _use_session(self) -> None:
        if self.facts.use(self._text.session):
            self.edits.forget()

    def _hits(self, work_id: str, prompt: str) -> tuple[Hit, ...]:
        """Scanned once for the same book and text; the keys are prepared once for the same book."""
        book, prompt = self.notes_of(work_id).book, prompt[-MAX_SCAN_CHARS:]
        if not book.entries:
            return ()
        if self._scanner.book is not book:
            self._scanner = Scanner(book)
        if self._scanned[0] is not book or self._scanned[1] != prompt:
            self._scanned = (book, prompt, self._scanner.scan(prompt))
        return self._scanned[2]

    # -- the dock --------------------------------------------------------------------------------

    def open_part(self, kind: str, entry_id: str = "") -> None:
        """Bring the dock to the front at a lorebook entry, the memory, the note or the summary."""
        self._window.show_dock(DOCK)
        panel = self._panel
        if panel is None:
            return
        if kind == "lore":
            panel.choose(entry_id)
        elif kind in _TAB_OF:
            panel.show_tab(_TAB_OF[kind])

    def _make_panel(self) -> QWidget:
        from studio.widgets.lore_panel import LorePanel  # the window opens sooner without it

        panel = LorePanel()
        self._panel = panel
        panel.memory_changed.connect(self._on_memory)
        panel.note_changed.connect(self._on_note)
        panel.summary_changed.connect(self._on_summary)
        panel.entry_changed.connect(self._on_entry)
        panel.settings_changed.connect(self._on_settings)
        panel.add_requested.connect(self.add_entry)
        panel.duplicate_requested.connect(self._on_duplicate)
        panel.delete_requested.connect(self._on_delete)
        panel.undo_requested.connect(self.undo)
        panel.import_requested.connect(lambda: self._tasks.start(self.ask_import()))
        panel.export_requested.connect(lambda: self._tasks.start(self.ask_export()))
        panel.summarise_requested.connect(lambda: self.summarise_requested.emit(self._text.work))
        panel.shown.connect(self._look_soon)
        self.edits.changed.connect(self._show_can_undo)
        panel.set_summary_blocked(self._summary_blocked)
        self.show()
        return panel

    @Slot()
    def _on_leaving(self) -> None:
        """Write what is typed; when no other work is opened, nothing is left to write on."""
        self.flush()
        QTimer.singleShot(0, self.show)

    @property
    def _open_story(self) -> str:
        return self._story(self._text.work) if self._text.work else ""

    @Slot()
    def show(self, _work: str = "") -> None:
        """Show the notes of the open work's story."""
        if self._text.session is not None:
            self._use_session()
        if self._panel is None:
            return
        story = self._open_story
        self._panel.setEnabled(bool(story))
        self._show_can_undo()
        notes = self.facts.notes(story)
        self._panel.show_notes(notes, self._words_covered(notes))
        self._look_soon()

    @Slot()
    def _show_can_undo(self) -> None:
        if self._panel is not None:
            self._panel.set_can_undo(self.edits.can_undo(self._open_story))

    def _words_covered(self, notes: StoryNotes) -> int:
        text = self._text.pane.value().text
        return len(text[: notes.covers_chars].split())

    @Slot(str)
    def _on_changed(self, story: str) -> None:
        if story == self._open_story:
            self.show()
        self.changed.emit(story)

    @Slot()
    def _look_soon(self, _caret: int = 0) -> None:
        if self._panel is not None and self._panel.isVisible():
            self._look.start()

    @Slot()
    def _show_hits(self) -> None:
        if self._panel is None or not self._text.work:
            return
        looked = self._text.pane.look()
        self._panel.show_hits(self._hits(self._text.work, looked.prompt + looked.selection))

    # -- what the person changes -----------------------------------------------------------------

    @Slot(str)
    def _on_memory(self, text: str) -> None:
        story = self._open_story
        self.facts.put(story, replace(self.facts.notes(story), memory=text), {MEMORY: text or None})

    @Slot(str, int)
    def _on_note(self, text: str, depth: int) -> None:
        story = self._open_story
        notes = replace(self.facts.notes(story), note=text, note_depth=depth)
        self.facts.put(story, notes, {NOTE: {"text": text, "depth": depth}})

    @Slot(str)
    def _on_summary(self, text: str) -> None:
        self.set_summary(self._text.work, text, self.facts.notes(self._open_story).covers_chars)

    @Slot(object)
    def _on_entry(self, entry: LoreEntry) -> None:
        self.edits.change(self._open_story, entry)

    @Slot(object)
    def _on_settings(self, settings: LoreSettings) -> None:
        self.edits.set_settings(self._open_story, settings)

    @Slot()
    def add_entry(self) -> None:
        """A new entry, its title waiting to be written."""
        if self._open_story:
            entry_id = self.edits.add(self._open_story, "")
            if self._panel is not None:
                self._panel.choose(entry_id, rename=True)

    @Slot(str)
    def _on_duplicate(self, entry_id: str) -> None:
        copy = self.edits.duplicate(self._open_story, entry_id)
        if copy and self._panel is not None:
            self._panel.choose(copy, rename=True)

    @Slot(str)
    def _on_delete(self, entry_id: str) -> None:
        entry = self.edits.delete(self._open_story, entry_id)
        if entry is not None:
            self.notice.emit(
                f"“{entry.name}” was taken out of the lorebook.",
                "Ctrl+Z in the list, or the arrow above it, brings it back.",
            )

    @Slot()
    def undo(self) -> None:
        """Take back the last change of the lorebook."""
        entry_id = self.edits.undo(self._open_story)
        if entry_id and self._panel is not None:
            self._panel.choose(entry_id)

    @Slot(int)
    def _on_unreadable(self, count: int) -> None:
        self.notice.emit(
            f"{count} lorebook {'entry' if count == 1 else 'entries'} could not be read: another version of"
            " Atelier wrote them. They are kept in the project.",
            "Open it with that version to see them.",
        )

    # -- files -----------------------------------------------------------------------------------

    async def ask_import(self) -> None:
        """Ask for a lorebook file and take its entries in."""
        mode = QFileDialog.FileMode.ExistingFile
        path = await ask_path(self._window, "Import a lorebook", Path.home(), mode=mode, filters=_FILES)
        if path is not None:
            await self.import_file(path)

    async def import_file(self, path: Path) -> None:
        """Take in the entries of a file; what is not used of it is said. Raises StudioError: nothing changed."""
        from studio.media.lore.read import read_lorebook

        story = self._open_story
        found = await in_thread(read_lorebook, path)
        if not story or story != self._open_story:
            return
        came, known = self.edits.bring(story, found.entries, found.settings)
        self.flush()
        entries = "entry" if came == 1 else "entries"
        kept = f"{known} stood in the lorebook already." if known else ""
        unused = "What the file says and Atelier does not use:\n" + "\n".join(found.unused)
        self._window.messages.show_message(
            f"{came:,} {entries} came in from {path.name} ({found.source}).",
            kept,
            "Some of what the file says is not used here." if found.unused else "",
            details=unused if found.unused else "",
            tone="warning" if found.unused else "success",
        )

    async def ask_export(self) -> None:
        """Ask where to and write the lorebook as SillyTavern World Info."""
        mode = QFileDialog.FileMode.AnyFile
        start, filters = Path.home() / "lorebook.json", ("World Info (*.json)",)
        path = await ask_path(
            self._window, "Export the lorebook", start, mode=mode, filters=filters, suffix="json"
        )
        if path is not None:
            self.export_file(path)

    def export_file(self, path: Path) -> None:
        """Write the lorebook as SillyTavern World Info. Raises StudioError."""
        from studio.media.lore.write_tavern import tavern_json

        book = self.facts.notes(self._open_story).book
        with told(f"write {path.name}", "The lorebook is as it was."):
            write_whole(path, tavern_json(book, path.stem))
        self._window.messages.show_message(
            f"{len(book.entries):,} entries were exported to {path}.", tone="success"
        )
