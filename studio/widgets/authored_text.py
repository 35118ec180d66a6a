"""Keeps a Qt document and a text with authors the same, whichever of them changes."""

from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument

from studio.media.spans import Edit, Run, Runs, SpanText, merged
from studio.widgets.positions import Positions

LINE_HEIGHT_PERCENT: Final = 145.0
PARAGRAPH_GAP_PX: Final = 10.0
PARAGRAPH: Final = "\u2029"  # how Qt writes the end of a paragraph
_UNSHOWABLE: Final = {
    "\r": " ",
    "\0": "\ufffd",
    "\ufdd0": "\ufffd",  # these three mean frames and objects to Qt
    "\ufdd1": "\ufffd",
    "\ufffc": "\ufffd",
}


def shown(text: str) -> str:
    """The text as the Qt document holds it: as many characters, in the same places."""
    for character, stand_in in _UNSHOWABLE.items():
        if character in text:
            text = text.replace(character, stand_in)
    return text.replace("\n", PARAGRAPH)


def clean(text: str) -> str:
    """Text from outside, made fit for a story: line ends are newlines, nothing unshowable."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace(PARAGRAPH, "\n").replace("\0", "")
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def difference(old: str, new: str) -> tuple[int, int, int]:
    """Where two texts differ: the length of the same start, and what is left of each without the same end."""
    start = _same_start(old, new)
    old, new = old[start:], new[start:]
    end = _same_start(old[::-1], new[::-1])
    return start, len(old) - end, len(new) - end


def _same_start(one: str, two: str) -> int:
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == two[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


class AuthoredText(QObject):
    """Owns who wrote what in a QTextDocument. `changed` tells what the person did; `apply` is never echoed."""

    changed = Signal(object, str)  # Edit, "typed" | "pasted"

    def __init__(self, document: QTextDocument, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._value = SpanText()
        self._positions = Positions("")
        self._quiet = False
        self._incoming: list[tuple[int, Runs]] = []  # (UTF-16 place, authors) of what is being pasted
        document.setUndoRedoEnabled(False)
        document.contentsChange.connect(self._on_contents_change)

    @property
    def value(self) -> SpanText:
        """The text with its authors."""
        return self._value

    @property
    def positions(self) -> Positions:
        """Character places <-> UTF-16 places of the document."""
        return self._positions

    def load(self, value: SpanText) -> None:
        """Show another text. Not echoed."""
        self._value = value
        self._positions = Positions(value.text)
        self._quiet = True
        try:
            self._document.clear()
            cursor = QTextCursor(self._document)
            cursor.setBlockFormat(paragraph_format())
            cursor.insertText(shown(value.text))
        finally:
            self._quiet = False

    def apply(self, edit: Edit) -> None:
        """Take over a change made elsewhere. Raises ValueError, nothing changed, when it does not fit."""
        value = self._value.apply(edit)
        first = self._positions.units(edit.at)
        last = self._positions.units(edit.at + len(edit.removed))
        self._value = value
        self._positions.replaced(value.text, edit.at, edit.removed, edit.inserted)
        cursor = QTextCursor(self._document)
        cursor.setPosition(first)
        cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
        self._quiet = True
        try:
            cursor.insertText(shown(edit.inserted), QTextCharFormat())
        finally:
            self._quiet = False

    def insert(self, cursor: QTextCursor, text: str, runs: Runs) -> None:
        """Put text whose authors are known at the cursor: a change by the person, kind "pasted"."""
        self._incoming.append((cursor.selectionStart(), runs))
        cursor.insertText(shown(text), QTextCharFormat())

    def _on_contents_change(self, unit: int, units_removed: int, _units_added: int) -> None:
        """Qt reports more than changed (IME, formats, first and last paragraph): compare, then trim."""
        if self._quiet:
            return
        old_units = self._positions.length_units
        start = self._positions.points(min(unit, old_units))
        end_unit = min(unit + units_removed, old_units)
        end = self._positions.points(end_unit)
        if self._positions.units(end) < end_unit:  # inside a wide character
            end += 1
        tail_units = old_units - self._positions.units(end)
        new = self._between(self._positions.units(start), self._document.characterCount() - 1 - tail_units)
        same, removed, inserted = difference(shown(self._value.text[start:end]), new)
        if not removed and not inserted:
            self._incoming.clear()
            return
        added = new[same : same + inserted].replace(PARAGRAPH, "\n")
        self._take(start + same, removed, added)

    def _take(self, at: int, removed: int, added: str) -> None:
        edit = self._value.edit(at, removed, added)
        self._value = self._value.apply(edit)
        self._positions.replaced(self._value.text, at, edit.removed, added)
        kind = "typed"
        if self._incoming:
            kind = "pasted"
            edit = self._with_known_authors(edit)
        self.changed.emit(edit, kind)

    def _with_known_authors(self, edit: Edit) -> Edit:
        """The same edit with the authors that came along with pasted text."""
        end = edit.at + len(edit.inserted)
        authors = SpanText(text=edit.inserted, runs=edit.inserted_runs)
        for unit, runs in self._incoming:
            at = self._positions.points(unit)
            for run in runs:
                low, high = max(at, edit.at) - edit.at, min(at + run.length, end) - edit.at
                if low < high:
                    part = authors.edit(
                        low, high - low, authors.text[low:high], (Run(length=high - low, author=run.author),)
                    )
                    authors = authors.apply(part)
                at += run.length
        self._incoming.clear()
        start = self._value.slice_runs(0, edit.at)
        rest = self._value.slice_runs(end, len(self._value.text))
        self._value = SpanText(text=self._value.text, runs=merged((*start, *authors.runs, *rest)))
        return Edit(
            at=edit.at,
            removed=edit.removed,
            removed_runs=edit.removed_runs,
            inserted=edit.inserted,
            inserted_runs=authors.runs,
        )

    def _between(self, first_unit: int, last_unit: int) -> str:
        cursor = QTextCursor(self._document)
        cursor.setPosition(first_unit)
        cursor.setPosition(last_unit, QTextCursor.MoveMode.KeepAnchor)
        return cursor.selectedText()


def paragraph_format() -> QTextBlockFormat:
    """How every paragraph is set: calm line spacing, a small gap after."""
    out = QTextBlockFormat()
    out.setLineHeight(LINE_HEIGHT_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    out.setBottomMargin(PARAGRAPH_GAP_PX)
    return out
