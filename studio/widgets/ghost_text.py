"""Text that is not there yet: shown at the caret in the model's colour, laid out with the paragraph.

It is held in the layout's preedit area, where Qt also puts what an input method composes: so it is no part of
the document, of copies, of undo, or of what a screen reader reads. Qt takes a preedit area for its own wherever the
caret goes, therefore it is there only while the caret stands at its place and nothing else is going on.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QTextEdit

from studio.media.spans import Edit
from studio.widgets.authored_text import AuthoredText, shown
from studio.widgets.page_paint import PagePaint

_LINE_END = "\u2028"


class GhostText(QObject):
    """Ghost text of an editor, in characters."""

    cleared = Signal()
    typed = Signal(int)

    def __init__(self, edit: QTextEdit, text: AuthoredText, paint: PagePaint) -> None:
        super().__init__(edit)
        self._edit = edit
        self._text_of = text
        self._paint = paint
        self._at = -1
        self._text = ""
        self._shown = ""  # what stands in the preedit area
        self._unit = -1
        self._anchor: QTextCursor | None = None  # moves with the paragraph that holds the preedit area
        self._busy = 0
        self._composing = False
        edit.document().contentsChanged.connect(self.refresh)  # after the text has heard of it

    @property
    def at(self) -> int:
        """Its place; -1 for none."""
        return self._at

    @property
    def text(self) -> str:
        """What is left of it, shown or waiting."""
        return self._text

    def shows(self) -> bool:
        """Whether it is seen."""
        return bool(self._shown)

    def set(self, at: int, text: str) -> None:
        """Show this at a place, as soon as the caret is there."""
        self._at, self._text = (at, text) if text else (-1, "")
        self.refresh()

    def clear(self, tell: bool = False) -> None:
        """Take it away; `tell` when the person did."""
        was = bool(self._text)
        self.set(-1, "")
        if tell and was:
            self.cleared.emit()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Out of the way while Qt works; afterwards it is back where it still fits."""
        self.suspend()
        try:
            yield
        finally:
            self.resume()

    def suspend(self) -> None:
        """Hide until `resume`."""
        self._busy += 1
        self.refresh()

    def resume(self) -> None:
        """Show again what still fits."""
        self._busy = max(0, self._busy - 1)
        self.refresh()

    def set_composing(self, on: bool) -> None:
        """While an input method composes at the caret the room is its own."""
        self._composing = on
        self.refresh()

    def follow(self, edit: Edit, by_person: bool) -> None:
        """The text changed: what equals the ghost uses it up, what comes before it moves it, all else ends it."""
        if not self._text:
            return
        length = len(edit.inserted)
        end = edit.at + len(edit.removed)
        if edit.at == self._at and not edit.removed and self._text.startswith(edit.inserted):
            self._at, self._text = self._at + length, self._text[length:]
            if not self._text:
                self._at = -1
            if by_person:
                self.typed.emit(length)
        elif by_person or edit.at < self._at < end or (edit.at == self._at and not edit.removed):
            self.clear(tell=by_person)
        elif end <= self._at:
            self._at += length - len(edit.removed)

    def refresh(self) -> None:
        """Show it or hide it, as things stand; later, when the text is just changing."""
        if self._text_of.is_changing():
            return
        wanted = self._text if self._fits() else ""
        unit = self._text_of.positions.units(self._at) if wanted else -1
        if wanted == self._shown and unit == self._unit:
            return
        if self._anchor is not None and unit != self._unit:
            self._put(self._anchor, "")
            self._anchor = None
        self._shown, self._unit = wanted, unit
        self._paint.ghost_at = unit
        if wanted:
            self._anchor = self._anchor or self._anchor_at(unit)
            self._put(self._anchor, shown(wanted).replace("\u2029", _LINE_END))

    def forget(self) -> None:
        """The document was emptied: nothing is to be taken away."""
        self._composing = False
        self._at, self._text, self._shown, self._unit, self._anchor = -1, "", "", -1, None
        self._paint.ghost_at = -1

    def _fits(self) -> bool:
        cursor = self._edit.textCursor()
        return (
            bool(self._text)
            and not self._busy
            and not self._composing
            and not self._edit.isReadOnly()
            and not cursor.hasSelection()
            and 0 <= self._at <= len(self._text_of.value.text)
            and self._text_of.positions.points(cursor.position()) == self._at
        )

    def _anchor_at(self, unit: int) -> QTextCursor:
        anchor = QTextCursor(self._edit.document())
        anchor.setPosition(unit)
        anchor.setKeepPositionOnInsert(True)
        return anchor

    def _put(self, anchor: QTextCursor, text: str) -> None:
        """Change the preedit area; no signal, since the document stays as it is."""
        document, block = self._edit.document(), anchor.block()
        was = document.blockSignals(True)
        try:
            anchor.beginEditBlock()
            block.layout().setPreeditArea(anchor.positionInBlock() if text else -1, text)
            anchor.endEditBlock()  # the layout is told here
        finally:
            document.blockSignals(was)
