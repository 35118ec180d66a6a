"""What a story tells the model beside its text: lorebook, memory, author's note, running summary."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from studio.media.lore.entries import LoreEntry, StoryNotes
from studio.media.lore.scan import Hit
from studio.widgets.icons import IconButton
from studio.widgets.labels import ElidedLabel
from studio.widgets.lore_entry_form import LoreEntryForm
from studio.widgets.lore_list import LoreList
from studio.widgets.lore_settings_form import LoreSettingsForm
from studio.widgets.story_notes import AuthorsNoteField, NoteField, SummaryField

TABS = ("lore", "memory", "note", "summary")


class LorePanel(QWidget):
    """Values in, signals out; what is written here is told with every change."""

    memory_changed = Signal(str)
    note_changed = Signal(str, int)  # text, depth in paragraphs
    summary_changed = Signal(str)
    entry_changed = Signal(object)  # LoreEntry
    settings_changed = Signal(object)  # LoreSettings
    add_requested = Signal()
    duplicate_requested = Signal(str)  # entry id
    delete_requested = Signal(str)
    undo_requested = Signal()
    import_requested = Signal()
    export_requested = Signal()
    summarise_requested = Signal()
    shown = Signal()  # it, or its lorebook, can be seen again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: dict[str, LoreEntry] = {}
        self._hits: dict[str, Hit] = {}
        self.list = LoreList()
        self.form = LoreEntryForm()
        self.memory = NoteField(
            "Memory",
            "What the model should always know of this story. It is read before the text.",
            "Mira keeps the lantern on the hill. The year is 1871.",
        )
        self.note = AuthorsNoteField()
        self.summary = SummaryField()
        self.settings = LoreSettingsForm()
        self._popover = QFrame(self, Qt.WindowType.Popup)
        self._search = QLineEdit()
        self._add = IconButton("add", "New entry")
        self._delete = IconButton("trash", "Delete the chosen entry; Ctrl+Z in the list brings it back")
        self._undo = IconButton("undo", "Take back the last change of the lorebook")
        self._settings_button = IconButton(
            "knobs", "Settings of the lorebook: look back, budget, whole words"
        )
        self._import = IconButton("open", "Import SillyTavern World Info or a NovelAI lorebook")
        self._export = IconButton("export", "Export as SillyTavern World Info")
        self._tabs = QTabWidget()
        self._figure = ElidedLabel("muted")
        self._lay_out()
        self._connect()
        self.set_can_undo(False)

    # -- making ---------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._search.setPlaceholderText("Search entries")
        self._search.setAccessibleName("Search the lorebook")
        self._search.setToolTip("Looks through titles, keys, groups and texts")
        self._search.setClearButtonEnabled(True)
        self._tabs.setObjectName("tightTabs")
        self._tabs.setAccessibleName("Memory, lorebook, note and summary")
        self._tabs.tabBar().setAccessibleName("Parts of the story's notes")
        self._tabs.setToolTip("What the model reads beside the text")
        self._tabs.tabBar().setUsesScrollButtons(False)
        inner = QVBoxLayout(self._popover)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.settings)
        for page, title, tip in (
            (self._lore_page(), "Lorebook", "Entries that come in when their keys are near the caret"),
            (self.memory, "Memory", "Always read, before the text"),
            (self.note, "Note", "Author's note: always read, close before the caret"),
            (self.summary, "Summary", "Running summary of what no longer fits"),
        ):
            at = self._tabs.addTab(page, title)
            self._tabs.setTabToolTip(at, tip)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 0, 8, 0)
        outer.addWidget(self._tabs)

    def _lore_page(self) -> QWidget:
        page = QWidget()
        tools = QHBoxLayout()
        tools.setSpacing(2)
        tools.addWidget(self._figure, 1)
        for widget in (
            self._add,
            self._delete,
            self._undo,
            self._settings_button,
            self._import,
            self._export,
        ):
            tools.addWidget(widget)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.form)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(6)
        column.addWidget(self._search)
        column.addWidget(self.list, 1)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(upper)
        splitter.addWidget(scroll)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(6)
        splitter.setSizes([220, 320])
        splitter.setStretchFactor(1, 1)
        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 6, 0, 8)
        outer.setSpacing(4)
        outer.addLayout(tools)
        outer.addWidget(splitter, 1)
        return page

    def _connect(self) -> None:
        self._search.textChanged.connect(self.list.search)
        self.list.chosen.connect(self._show_entry)
        self.list.switched.connect(self._on_switched)
        self.list.order_wanted.connect(self._on_order)
        self.list.delete_requested.connect(self.delete_requested)
        self.list.duplicate_requested.connect(self.duplicate_requested)
        self.list.undo_requested.connect(self.undo_requested)
        self.form.changed.connect(self._on_entry)
        self._add.clicked.connect(self.add_requested)
        self._delete.clicked.connect(self._on_delete)
        self._undo.clicked.connect(self.undo_requested)
        self._settings_button.clicked.connect(self.open_settings)
        self._import.clicked.connect(self.import_requested)
        self._export.clicked.connect(self.export_requested)
        self.settings.changed.connect(self.settings_changed)
        self.memory.changed.connect(self.memory_changed)
        self.note.changed.connect(lambda text: self.note_changed.emit(text, self.note.depth()))
        self.note.depth_changed.connect(lambda depth: self.note_changed.emit(self.note.text(), depth))
        self.summary.changed.connect(self.summary_changed)
        self.summary.summarise_requested.connect(self.summarise_requested)
        self._tabs.currentChanged.connect(lambda _at: self.shown.emit())

    # -- values ---------------------------------------------------------------------------

    def show_notes(self, notes: StoryNotes, covers_words: int) -> None:
        """Show all of a story; nothing is told, carets stay where the text is the same."""
        self.memory.set_text(notes.memory)
        self.note.set_text(notes.note)
        self.note.set_depth(notes.note_depth)
        self.summary.set_text(notes.summary)
        self.summary.set_covers(covers_words)
        self.settings.set_values(notes.book.settings)
        self._entries = {entry.id: entry for entry in notes.book.entries}
        self.list.set_entries(notes.book.entries)
        self._show_entry(self.list.current())
        self._show_figure()

    def show_hits(self, hits: Sequence[Hit]) -> None:
        """What would come in at the caret."""
        self._hits = {hit.entry.id: hit for hit in hits}
        self.list.set_hits(hits)
        self.form.show_hit(self._hits.get(self.list.current()))
        self._show_figure()

    def choose(self, entry_id: str, rename: bool = False) -> None:
        """Show one entry; with `rename` its title waits to be written."""
        self.show_tab("lore")
        self._search.clear()
        self.list.choose(entry_id)
        self._show_entry(entry_id)
        if rename:
            self.form.focus_title()

    def show_tab(self, tab: str) -> None:
        """Bring "lore", "memory", "note" or "summary" to the front."""
        self._tabs.setCurrentIndex(TABS.index(tab))

    def tab(self) -> str:
        """Which one is in front."""
        return TABS[self._tabs.currentIndex()]

    def set_can_undo(self, can: bool) -> None:
        """Whether there is a change of the lorebook to take back."""
        self._undo.setEnabled(can)

    def set_summary_blocked(self, reason: str) -> None:
        """Why the model cannot summarise now; "" when it can."""
        self.summary.set_blocked(reason)

    def open_settings(self) -> None:
        """Show the settings below their button."""
        self._popover.adjustSize()
        corner = self._settings_button.mapToGlobal(
            QPoint(self._settings_button.width(), self._settings_button.height() + 4)
        )
        self._popover.move(corner.x() - self._popover.width(), corner.y())
        self._popover.show()

    # -- what happens ---------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that what is shown should be fresh."""
        super().showEvent(event)
        self.shown.emit()

    def _show_entry(self, entry_id: str) -> None:
        entry = self._entries.get(entry_id)
        self.form.show_entry(entry)
        self.form.show_hit(self._hits.get(entry_id) if entry else None)
        self._delete.setEnabled(entry is not None)

    def _show_figure(self) -> None:
        count = len(self._entries)
        here = sum(hit.matched for hit in self._hits.values())
        self._figure.show_text(f"{here:,} of {count:,} here" if count else "No entries")
        self._figure.setToolTip(f"{here:,} of {count:,} entries would come in at the caret")

    def _on_entry(self, entry: LoreEntry) -> None:
        self._entries[entry.id] = entry
        self.entry_changed.emit(entry)

    def _on_switched(self, entry_id: str, on: bool) -> None:
        self._on_entry(self._entries[entry_id].changed(enabled=on))
        self._show_entry(self.list.current())

    def _on_order(self, entry_id: str, order: int) -> None:
        self._on_entry(self._entries[entry_id].changed(order=order))
        self._show_entry(self.list.current())

    def _on_delete(self) -> None:
        if entry_id := self.list.current():
            self.delete_requested.emit(entry_id)
