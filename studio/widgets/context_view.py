"""What the model reads, or read: every part, its cost, why it is in or out, and the words themselves."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QPlainTextEdit,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.events import Seen
from studio.core.jobs import TextJob
from studio.core.takes import Made, PartSeen
from studio.widgets.context_bar import ContextBar, Stretch
from studio.widgets.context_rows import PART_ROLE, PartDelegate, row_of, title_of
from studio.widgets.context_text import read_text
from studio.widgets.labels import button, empty_state, label
from studio.widgets.tones import Tones, follow_tones

_EMPTY: Final = (
    "Nothing has been read yet.\n"
    "Write, or press Ctrl+Return: here you see what the model reads and what it costs."
)


class Looked(Struct, frozen=True, kw_only=True):
    """One state of the context: of the latest request, or of the one that would be made now."""

    parts: tuple[PartSeen, ...]
    left_out: tuple[PartSeen, ...] = ()
    job: TextJob | None = None
    prompt_tokens: int = 0
    reused_tokens: int = 0
    room_tokens: int = 0
    context_tokens: int = 0

    @classmethod
    def of(
        cls, seen: Seen | Made, left_out: Sequence[PartSeen], job: TextJob | None, context_tokens: int = 0
    ) -> "Looked":
        """What a look or a request says; a request knows no room, so the model's context is given."""
        told = seen.context_tokens if isinstance(seen, Seen) else context_tokens
        room = seen.room_tokens if isinstance(seen, Seen) else told - (job.tokens if job else 0)
        return cls(
            parts=seen.parts,
            left_out=tuple(left_out),
            job=job,
            prompt_tokens=seen.prompt_tokens,
            reused_tokens=seen.reused_tokens,
            room_tokens=max(room, seen.prompt_tokens),
            context_tokens=told,
        )


class ContextView(QWidget):
    """Shows the latest request or a preview of the next one, whichever is newer; the other is a click away."""

    part_chosen = Signal(str, str)  # kind, id: of a part that is double-clicked
    shown = Signal()  # it can be seen again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: dict[str, Looked] = {}
        self._which = "now"
        self._now = button("As you write", "What the model would read if you proposed now")
        self._last = button("Last request", "What the model read for the takes that are shown")
        self._bar = ContextBar()
        self._used = label("", "strong")
        self._reused = label("", "muted")
        self._problem = label("", "warning")
        self._tree = QTreeWidget()
        self._empty = empty_state(_EMPTY)
        self._words_button = button("Show the words", "All that the model reads, in its order")
        self._words = QPlainTextEdit()
        self._lay_out()
        self._now.clicked.connect(lambda: self.show_which("now"))
        self._last.clicked.connect(lambda: self.show_which("last"))
        self._words_button.toggled.connect(self._toggle_words)
        self._tree.itemActivated.connect(self._on_activated)
        follow_tones(self._retone)
        self._show()

    def _lay_out(self) -> None:
        for choice in (self._now, self._last):
            choice.setCheckable(True)
        self._words_button.setCheckable(True)
        for words in (self._used, self._reused, self._problem):
            words.setWordWrap(True)
        self._dress_tree()
        self._words.setReadOnly(True)
        self._words.setAccessibleName("The words the model reads")
        self._words.setToolTip("Headings in ═ ═ are ours; the model does not read them")
        choice_row = QHBoxLayout()
        choice_row.setSpacing(4)
        choice_row.addWidget(self._now)
        choice_row.addWidget(self._last)
        choice_row.addStretch(1)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.addWidget(self._tree)
        self._split.addWidget(self._words)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(6)
        self._words.hide()
        foot = QHBoxLayout()
        foot.addWidget(self._words_button)
        foot.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 8, 8, 8)
        outer.setSpacing(8)
        outer.addLayout(choice_row)
        outer.addWidget(self._bar)
        outer.addWidget(self._used)
        outer.addWidget(self._reused)
        outer.addWidget(self._problem)
        outer.addWidget(self._split, 1)
        outer.addWidget(self._empty, 1)
        outer.addLayout(foot)

    def _dress_tree(self) -> None:
        tree = self._tree
        tree.setColumnCount(2)
        tree.setHeaderLabels(["Part", "Tokens"])
        tree.setRootIsDecorated(False)
        tree.setAccessibleName("Parts of the context, in reading order")
        tree.setToolTip("Return or a double click opens a lorebook entry, the memory or the note")
        tree.setItemDelegate(PartDelegate(tree))
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.sectionResized.connect(lambda *_of: tree.scheduleDelayedItemsLayout())

    # -- values ---------------------------------------------------------------------------

    def show_seen(
        self,
        seen: Seen | Made,
        left_out: Sequence[PartSeen] = (),
        job: TextJob | None = None,
        context_tokens: int = 0,
    ) -> None:
        """Show a look as "as you write", what a request was made from as "last request"."""
        which = "now" if isinstance(seen, Seen) else "last"
        looked = Looked.of(seen, left_out, job, context_tokens)
        fresh = self._shown.get(which) != looked
        self._shown[which] = looked
        if fresh or which == self._which:
            self.show_which(which)

    def show_problem(self, words: str) -> None:
        """Why there is no preview; "" takes it away."""
        self._problem.setText(words)
        self._problem.setVisible(bool(words))

    def show_which(self, which: str) -> None:
        """Show "now" or "last"."""
        self._which = which
        self._show()

    def clear(self) -> None:
        """Another work is open: nothing is known of it yet."""
        self._shown = {}
        self.show_problem("")
        self.show_which("now")

    def rows(self) -> list[tuple[str, str, str, str]]:
        """What the table says: title, tokens, state, why."""
        out = []
        for at in range(self._tree.topLevelItemCount()):
            item = self._tree.topLevelItem(at)
            assert item is not None
            part = item.data(0, PART_ROLE)
            out.append((title_of(part), item.text(1), part.state, part.why))
        return out

    def figures(self) -> str:
        """The lines below the bar."""
        return f"{self._used.text()} {self._reused.text()}".strip()

    def words(self) -> str:
        """The text that is shown on demand."""
        return self._words.toPlainText()

    # -- showing --------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that what is shown should be fresh."""
        super().showEvent(event)
        self.shown.emit()

    def _show(self) -> None:
        looked = self._shown.get(self._which)
        self._now.setChecked(self._which == "now")
        self._last.setChecked(self._which == "last")
        for widget in (self._bar, self._used, self._reused, self._split, self._words_button):
            widget.setVisible(looked is not None)
        self._empty.setVisible(looked is None)
        self._problem.setVisible(bool(self._problem.text()))
        if looked is None:
            self._tree.clear()
            return
        read = [part for part in looked.parts if part.state != "out"]
        stretches = [Stretch(kind=part.kind, title=title_of(part), tokens=part.tokens) for part in read]
        self._bar.show_parts(stretches, looked.room_tokens)
        self._used.setText(_used(looked))
        computed = looked.prompt_tokens - looked.reused_tokens
        self._reused.setText(
            f"{looked.reused_tokens:,} tokens {'would be ' if self._which == 'now' else ''}reused, "
            f"{computed:,} computed"
        )
        self._fill(looked)
        if self._words_button.isChecked():
            self._words.setPlainText(read_text(looked.parts, looked.job))

    def _fill(self, looked: Looked) -> None:
        tree = self._tree
        offset = tree.verticalScrollBar().value()
        tree.clear()
        told = {(part.kind, part.id) for part in looked.parts if part.id}
        missing = [part for part in looked.left_out if (part.kind, part.id) not in told]
        tree.addTopLevelItems([row_of(part) for part in (*looked.parts, *missing)])
        tree.verticalScrollBar().setValue(offset)

    def _toggle_words(self, on: bool) -> None:
        self._words_button.setText("Hide the words" if on else "Show the words")
        self._words.setVisible(on)
        looked = self._shown.get(self._which)
        if on and looked is not None:
            self._words.setPlainText(read_text(looked.parts, looked.job))

    def _on_activated(self, item: QTreeWidgetItem) -> None:
        part = item.data(0, PART_ROLE)
        self.part_chosen.emit(part.kind, part.id)

    def _retone(self, _tones: Tones) -> None:
        self._show()


def _used(looked: Looked) -> str:
    room = f" of {looked.room_tokens:,} tokens" if looked.room_tokens > looked.prompt_tokens else " tokens"
    context = f" (context {looked.context_tokens:,})" if looked.context_tokens else ""
    return f"{looked.prompt_tokens:,}{room}{context}"
