"""Keeps a Qt document and a text with authors the same, whichever of them changes."""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument

from studio.media.spans import Edit, Run, Runs, SpanText, merged
from studio.widgets.positions import Positions, utf16_length

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


def slid(old: str, new: str, found: tuple[int, int, int], end: int) -> tuple[int, int, int]:
    """The same difference, moved so that what came in ends at `end` of `new`, where that is as true.

    An "a" typed among others is where the caret is.
    """
    start, removed, inserted = found
    wanted = end - inserted
    if wanted >= 0 and old[:wanted] == new[:wanted] and old[wanted + removed :] == new[wanted + inserted :]:
        return wanted, removed, inserted
    return start, removed, inserted


def _same_start(one: str, two: str) -> int:
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == two[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def change(old: SpanText, new: SpanText) -> Edit:
    """The one edit that makes a text another one, authors and locks too; what is the same at both ends is left."""
    start, removed, _ = difference(old.text, new.text)
    end = len(old.text) if old.text == new.text else len(old.text) - start - removed
    start = min(start, _same_runs(old.runs, new.runs))
    end = min(end, _same_runs(old.runs[::-1], new.runs[::-1]), len(old.text) - start, len(new.text) - start)
    last = len(new.text) - end
    return old.edit(start, len(old.text) - end - start, new.text[start:last], new.slice_runs(start, last))


def _same_runs(old: Runs, new: Runs) -> int:
    """How many characters the runs at the beginning have in common."""
    length = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            return length + (min(one.length, other.length) if one.like(other) else 0)
        length += one.length
    return length


class Part(Struct, frozen=True):
    """Put `text` by the authors `runs` in the place of characters start..end."""

    start: int
    end: int
    text: str
    runs: Runs


def together(value: SpanText, parts: Sequence[Part]) -> Edit:
    """One edit that does all parts; they are sorted and do not overlap. What stands between them stays as it is."""
    first, last = parts[0].start, parts[-1].end
    texts: list[str] = []
    runs: list[Run] = []
    place = first
    for part in parts:
        texts += (value.text[place : part.start], part.text)
        runs += (*value.slice_runs(place, part.start), *part.runs)
        place = part.end
    return value.edit(first, last - first, "".join(texts), merged(runs))


class AuthoredText(QObject):
    """Owns who wrote what in a QTextDocument. `changed` tells what the person did; `apply` is never echoed.

    Locked text does not change by what the person does: a change that Qt made to it is taken back.
    """

    changed = Signal(object, str)  # Edit, "typed" | "pasted"; the document may be changed again
    followed = Signal(object, bool)  # every Edit, whether by the person; the document is in the midst of it
    refused = Signal()

    def __init__(self, document: QTextDocument, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._value = SpanText()
        self._positions = Positions("")
        self._quiet = False
        self._slipped: tuple[int, int, str] | None = None  # UTF-16 place, length and what stood there
        self._untold: Edit | None = None  # a change by the person, until Qt is done with it
        self._caret_unit: Callable[[], int] = lambda: -1
        document.setUndoRedoEnabled(False)
        document.contentsChange.connect(self._on_contents_change)
        document.contentsChanged.connect(self._on_contents_changed)

    def set_caret_source(self, caret_unit: Callable[[], int]) -> None:
        """Where the caret stands, in UTF-16 places: tells equal letters apart."""
        self._caret_unit = caret_unit

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
            QTextCursor(self._document).insertText(shown(value.text))
        finally:
            self._quiet = False

    def apply(self, edit: Edit) -> None:
        """Take over a change made elsewhere. Raises ValueError, nothing changed, when it does not fit."""
        value = self._value.apply(edit)
        if edit.removed == edit.inserted:  # other authors or locks: no letter moves
            self._value = value
            self._quietly(lambda: self._document.markContentsDirty(*self._units(edit.at, len(edit.inserted))))
            return
        parts = (Part(edit.at, edit.at + len(edit.removed), edit.inserted, edit.inserted_runs),)
        self._put(edit, value, parts, by_person=False)

    def replace(self, parts: Sequence[Part]) -> bool:
        """The person changes several places at once: one edit, kind "pasted". False: refused, nothing done."""
        edit = together(self._value, parts)
        if not self._value.allows(edit):
            self.refused.emit()
            return False
        if edit.removed != edit.inserted:
            self._put(edit, self._value.apply(edit), parts, by_person=True)
            self.changed.emit(edit, "pasted")
        return True

    def insert(self, start: int, end: int, text: str, runs: Runs) -> bool:
        """Put text whose authors are known in the place of characters start..end. False: refused."""
        same, removed, inserted = difference(self._value.text[start:end], text)
        piece = SpanText(text=text, runs=runs)
        at, last = start + same, same + inserted
        return self.replace([Part(at, at + removed, text[same:last], piece.slice_runs(same, last))])

    def _put(self, edit: Edit, value: SpanText, parts: Sequence[Part], *, by_person: bool) -> None:
        """Do in the document what `edit` did to the value; `parts` are in places before it."""
        spots = [self._units(part.start, part.end - part.start) for part in parts]
        self._value = value
        self._positions.replaced(value.text, edit.at, edit.removed, edit.inserted)
        self.followed.emit(edit, by_person)

        def write() -> None:
            cursor = QTextCursor(self._document)
            cursor.beginEditBlock()
            for part, (unit, length) in zip(reversed(parts), reversed(spots), strict=True):
                cursor.setPosition(unit)
                cursor.setPosition(unit + length, QTextCursor.MoveMode.KeepAnchor)
                cursor.insertText(shown(part.text), QTextCharFormat())
            cursor.endEditBlock()

        self._quietly(write)

    def _quietly(self, change: Callable[[], None]) -> None:
        self._quiet = True
        try:
            change()
        finally:
            self._quiet = False

    def _units(self, at: int, length: int) -> tuple[int, int]:
        first = self._positions.units(at)
        return first, self._positions.units(at + length) - first

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
        first_unit = self._positions.units(start)
        tail_units = old_units - self._positions.units(end)
        new = self._between(first_unit, self._document.characterCount() - 1 - tail_units)
        old = shown(self._value.text[start:end])
        if old == new:
            return
        found = difference(old, new)
        caret = self._caret_unit() - first_unit
        if 0 <= caret <= utf16_length(new):
            found = slid(old, new, found, len(_head(new, caret)))
        same, removed, inserted = found
        self._take(start + same, removed, new[same : same + inserted].replace(PARAGRAPH, "\n"))

    def _take(self, at: int, removed: int, added: str) -> None:
        edit = self._value.edit(at, removed, added)
        if not self._value.allows(edit):
            self._slipped = (self._positions.units(at), utf16_length(edit.inserted), shown(edit.removed))
            return
        self._value = self._value.apply(edit)
        self._positions.replaced(self._value.text, at, edit.removed, added)
        self._untold = edit
        self.followed.emit(edit, True)

    def is_changing(self) -> bool:
        """Whether Qt is in the midst of a change: the document must be left alone."""
        return self._untold is not None or self._slipped is not None

    def _on_contents_changed(self) -> None:
        """Qt is done: tell what the person did."""
        edit, self._untold = self._untold, None
        if self._slipped is not None:
            self._take_back(*self._slipped)
        elif edit is not None:
            self.changed.emit(edit, "typed")

    def _take_back(self, unit: int, length: int, text: str) -> None:
        """Undo a change to locked text that nothing kept from happening; then say so."""
        self._slipped = None

        def write() -> None:
            cursor = QTextCursor(self._document)
            cursor.setPosition(unit)
            cursor.setPosition(unit + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(text, QTextCharFormat())

        self._quietly(write)
        self.refused.emit()

    def _between(self, first_unit: int, last_unit: int) -> str:
        cursor = QTextCursor(self._document)
        cursor.setPosition(first_unit)
        cursor.setPosition(last_unit, QTextCursor.MoveMode.KeepAnchor)
        return cursor.selectedText()


def _head(text: str, units: int) -> str:
    return text.encode("utf-16-le", "surrogatepass")[: units * 2].decode("utf-16-le", "ignore")
