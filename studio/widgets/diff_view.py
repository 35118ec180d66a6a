"""Shows what changed between two texts: removed words struck out, added ones underlined, long equal parts folded."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QColor, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTextEdit, QVBoxLayout, QWidget

from studio.media.diff import Piece, changed_words
from studio.media.spans import Run, SpanText, merged
from studio.widgets.clipboard import copied
from studio.widgets.fonts import READING_PT, reading_font
from studio.widgets.icons import IconButton
from studio.widgets.labels import label
from studio.widgets.positions import Positions
from studio.widgets.tones import Tones, follow_tones

_FOLD_CHARS: Final = 700  # an equal stretch longer than this is folded
_KEEP_CHARS: Final = 180  # that much of it stays beside each change
_LINE_HEIGHT_PERCENT: Final = 140.0


class _Body(QTextEdit):
    """A text of which copies say who wrote it."""

    def __init__(self) -> None:
        super().__init__()
        self.put: list[
            tuple[int, int, SpanText]
        ] = []  # (first, last place in the document, what stands there)

    def createMimeDataFromSelection(self) -> QMimeData:
        """The words that are selected, without the marks between them."""
        start, end = self.textCursor().selectionStart(), self.textCursor().selectionEnd()
        texts: list[str] = []
        runs: list[Run] = []
        for first, last, value in self.put:
            if first < end and start < last:
                where = Positions(value.text)
                a, b = where.points(max(start, first) - first), where.points(min(end, last) - first)
                texts.append(value.text[a:b])
                runs += value.slice_runs(a, b)
        chosen = SpanText(text="".join(texts), runs=merged(runs))
        return copied(chosen, 0, len(chosen.text))


class DiffView(QWidget):
    """Values in: the pieces of `media.diff`. The arrows go from change to change."""

    counted = Signal(int)  # how many changes there are

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pieces: Sequence[Piece] = ()
        self._places: list[tuple[int, int]] = []  # first and last place of each change in the document
        self._at = -1
        self._folded = True
        self._body = _Body()
        self._summary = label("", "muted")
        self._before = IconButton("up", "Change before (Shift+F3)", size=16)
        self._after = IconButton("down", "Next change (F3)", size=16)
        self._lay_out()
        self._before.clicked.connect(lambda: self.go(-1))
        self._after.clicked.connect(lambda: self.go(1))
        follow_tones(self._retone)

    def _lay_out(self) -> None:
        self._body.setReadOnly(True)
        self._body.setObjectName("diff")
        self._body.setAccessibleName("Differences")
        self._body.setFont(reading_font(READING_PT))
        self._body.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._body.setTabChangesFocus(True)
        self._body.document().setDocumentMargin(16)
        self._before.setShortcut("Shift+F3")
        self._after.setShortcut("F3")
        row = QHBoxLayout()
        row.addWidget(self._summary, 1)
        row.addWidget(self._before)
        row.addWidget(self._after)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        outer.addLayout(row)
        outer.addWidget(self._body, 1)

    def show_pieces(self, pieces: Sequence[Piece]) -> None:
        """Show other differences and stand at the first."""
        self._pieces = pieces
        self._show()
        self.go(1)
        self.counted.emit(len(self._places))

    def set_folded(self, on: bool) -> None:
        """Whether long equal stretches are left out."""
        if on != self._folded:
            self._folded = on
            self._show()

    def changes(self) -> int:
        """How many places differ."""
        return len(self._places)

    def text(self) -> str:
        """What is shown, for those who cannot see the colours and for tests."""
        return self._body.toPlainText()

    def summary(self) -> QLabel:
        """The line that counts."""
        return self._summary

    def go(self, step: int) -> None:
        """Mark the next (or, with -1, the last) change and scroll to it; goes round at the ends."""
        if not self._places:
            return
        self._at = (self._at + step) % len(self._places) if self._at >= 0 else 0
        start, end = self._places[self._at]
        cursor = QTextCursor(self._body.document())
        cursor.setPosition(start)
        self._body.setTextCursor(cursor)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self._body.ensureCursorVisible()
        mark = QTextEdit.ExtraSelection()  # type: ignore[attr-defined,unused-ignore]
        mark.format.setBackground(QColor(self._tones.flash))
        mark.cursor = cursor
        self._body.setExtraSelections([mark])
        self._say()

    def _say(self) -> None:
        added, removed = changed_words(self._pieces)
        count = len(self._places)
        if not count:
            self._summary.setText("Both are the same, character by character.")
        else:
            what = f"{count} change" + "s" * (count != 1)
            where = f", at {self._at + 1}" if self._at >= 0 and count > 1 else ""
            self._summary.setText(f"{what}{where}  ·  {added} words added, {removed} removed")
        for arrow in (self._before, self._after):
            arrow.setEnabled(count > 0)

    def _show(self) -> None:
        self._at, self._places = -1, []
        self._body.setExtraSelections([])
        self._body.clear()
        self._body.put = []
        cursor = QTextCursor(self._body.document())
        block = QTextBlockFormat()
        block.setLineHeight(_LINE_HEIGHT_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        block.setBottomMargin(6)
        cursor.beginEditBlock()
        cursor.setBlockFormat(block)
        changing = False
        for number, piece in enumerate(self._pieces):
            if piece.kind == "same":
                self._put_same(cursor, piece, first=number == 0, last=number == len(self._pieces) - 1)
                changing = False
                continue
            start = cursor.position()
            # a paragraph that was only removed or added shows its mark, or the change could not be seen
            self._put(cursor, piece, 0, len(piece.text))
            if changing:
                self._places[-1] = (self._places[-1][0], cursor.position())
            else:
                self._places.append((start, cursor.position()))
            changing = True
        cursor.endEditBlock()
        self._say()

    def _put_same(self, cursor: QTextCursor, piece: Piece, *, first: bool, last: bool) -> None:
        text, plain = piece.text, self._formats["same"]
        if not self._folded or len(text) <= _FOLD_CHARS:
            self._put(cursor, piece, 0, len(text))
            return
        head = 0 if first else len(text[:_KEEP_CHARS].rsplit(" ", 1)[0])
        tail = len(text) if last else len(text) - len(text[-_KEEP_CHARS:].split(" ", 1)[-1])
        words = len(text[head:tail].split())
        self._put(cursor, piece, 0, head)
        cursor.insertText("\n" if head else "", plain)
        cursor.insertText(f"⋯ {words:,} words the same ⋯", self._formats["fold"])
        cursor.insertText("\n" if tail < len(text) else "", plain)
        self._put(cursor, piece, tail, len(text))

    def _put(self, cursor: QTextCursor, piece: Piece, start: int, end: int) -> None:
        """Write characters start..end of a piece, and remember where they stand."""
        runs_of = SpanText(text=piece.text, runs=piece.runs).slicer()
        while start < end:
            mark = -1 if piece.kind == "same" else piece.text.find("\n", start, end)
            stop = end if mark < 0 else max(mark, start + 1)
            if mark == start:
                cursor.insertText("¶", self._formats[piece.kind])
            first = cursor.position()
            cursor.insertText(piece.text[start:stop], self._formats[piece.kind])
            part = SpanText(text=piece.text[start:stop], runs=runs_of(start, stop))
            self._body.put.append((first, cursor.position(), part))
            start = stop

    def _retone(self, tones: Tones) -> None:
        self._tones = tones
        same, removed, added, fold = (QTextCharFormat() for _ in range(4))
        same.setForeground(QColor(tones.text))
        removed.setForeground(QColor(tones.danger))
        removed.setBackground(QColor(tones.danger_wash))
        removed.setFontStrikeOut(True)
        added.setForeground(QColor(tones.success))
        added.setBackground(QColor(tones.success_wash))
        added.setFontUnderline(True)
        fold.setForeground(QColor(tones.faint))
        self._formats = {"same": same, "removed": removed, "added": added, "fold": fold}
        self._show()
