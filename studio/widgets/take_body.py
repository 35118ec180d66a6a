"""The text of one take, streaming or being edited."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from studio.core.takes import Take
from studio.media.spans import Edit, Run, SpanText
from studio.widgets.authored_edit import AuthoredEdit, by_take
from studio.widgets.authored_text import change
from studio.widgets.clipboard import copied
from studio.widgets.icons import icon
from studio.widgets.take_bodies import CardFacts, Say
from studio.widgets.typing_group import TypingGroup

_SIZE_PT = 11.5
_MARGIN_PX = 12


class TextTakeBody(AuthoredEdit):
    """Shows a take's text; the person may change it once it no longer grows. Has an undo of its own."""

    take_edited = Signal(object)  # Edit, grouped

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, size_pt=_SIZE_PT)
        self.setObjectName("takeBody")
        self.setAccessibleName("Text of the take")
        self.set_measure(0, _MARGIN_PX, 2)
        self._take_id = ""
        self._touched = False
        self._complete = False
        self._done: list[Edit] = []
        self._undone: list[Edit] = []
        self._group = TypingGroup(self)
        self._group.grouped.connect(self._on_grouped)
        self.edited.connect(self._group.add)
        self.jumped.connect(self._group.flush)
        self.focus_left.connect(self._group.flush)
        self.undo_requested.connect(self._undo)
        self.redo_requested.connect(self._redo)

    def show_take(self, take: Take, draft: SpanText | None = None) -> None:
        """Show a take as it stands; text that only grew is appended, so that nothing flickers."""
        if take.id != self._take_id:
            self._take_id, self._touched, self._complete = take.id, False, False
            self._done.clear()
            self._undone.clear()
        if draft is not None:
            self._touched = True
        elif self._touched or self._group.is_pending():
            draft = self.value()
        complete = not self._complete and take.status != "streaming"
        self._complete = take.status != "streaming"
        self._become(draft if draft is not None else by_take(take.text, take.id))
        if complete:  # followed to its end while it streamed, it is read from its beginning
            text = self.value().text
            self.set_caret(len(text) - len(text.lstrip()))
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self.cursorRect().top() - _MARGIN_PX // 2)
        self.set_editable(take.status != "streaming" and take.verdict is None)

    def clear_take(self) -> None:
        """Show nothing, until the next take."""
        self._take_id, self._touched, self._complete = "", False, False
        self._done.clear()
        self._undone.clear()
        self.load(SpanText())
        self.set_editable(False)

    def append_piece(self, text: str) -> None:
        """More of a streaming take."""
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 4
        value = self.value()
        self.apply(value.edit(len(value.text), 0, text, (Run(length=len(text), author=self._take_id),)))
        if at_end:
            bar.setValue(bar.maximum())

    def apply_edit(self, edit: Edit) -> None:
        """A change of the person's made elsewhere; undone here like any other."""
        self._touched = True
        self._done.append(edit)
        self._undone.clear()
        self.apply(edit)

    def draft(self) -> SpanText:
        """The text as the person left it, with its authors."""
        return self.value()

    def flush(self) -> None:
        """Tell now what is still held back."""
        self._group.flush()

    def is_empty(self) -> bool:
        """Whether there is no text yet."""
        return not self.value().text

    def doing(self) -> str:
        """Reading until there is a word, then writing."""
        return "writing…" if self._words() else "reading your text…"

    def measure_text(self) -> str:
        """How many words it has."""
        words = self._words()
        return f"{words} words" if words != 1 else "1 word"

    def enter(self) -> None:
        """Into the text."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def fill_menu(self, menu: QMenu, facts: CardFacts, say: Say) -> None:
        """Copy, branch, regenerate, reject with words."""
        entries = (
            ("Copy text", "copy", self._copy, True),
            ("Work from here", "branch", lambda: say("branch", ""), True),
            ("Regenerate from here", "regenerate", lambda: say("regenerate", ""), facts.may_remake),
            ("Reject with a reason…", "reject", lambda: say("ask_reason", ""), facts.may_reject),
        )
        for title, name, slot, enabled in entries:
            action = menu.addAction(icon(name), title)
            action.setEnabled(enabled)
            action.triggered.connect(slot)

    def _words(self) -> int:
        return len(self.value().text.split())

    def _copy(self) -> None:
        draft = self.value()
        QApplication.clipboard().setMimeData(copied(draft, 0, len(draft.text)))

    def _become(self, value: SpanText) -> None:
        if value != self.value():
            self.apply(change(self.value(), value))

    def _on_grouped(self, edit: Edit) -> None:
        self._touched = True
        self._done.append(edit)
        self._undone.clear()
        self.take_edited.emit(edit)

    def _undo(self) -> None:
        self._step(self._done, self._undone)

    def _redo(self) -> None:
        self._step(self._undone, self._done)

    def _step(self, source: list[Edit], target: list[Edit]) -> None:
        self._group.flush()
        if not source or self.isReadOnly():
            return
        edit = source.pop().inverse()
        target.append(edit)
        self.apply(edit)
        self.set_caret(edit.at + len(edit.inserted))
        self.take_edited.emit(edit)
