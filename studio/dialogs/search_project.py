"""Search of the whole project: words in, places out; Return goes there."""

from collections.abc import Sequence
from html import escape
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAbstractTextDocumentLayout, QKeyEvent, QPainter, QPalette, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.widgets.labels import empty_state, label
from studio.widgets.tones import current_tones

ASK_DELAY_MS: Final = 180
KINDS: Final = {
    "text": "Text",
    "synopsis": "Synopsis",
    "lore": "Lorebook",
    "memory": "Memory",
    "note": "Author's note",
    "summary": "Running summary",
    "title": "Title",
    "picture": "What a picture was asked for",
}
_HINT: Final = (
    "Finds words in every scene, note, title, synopsis, lorebook entry and memory, and what pictures were asked for.\n"
    "“Quotes” keep words together, a star ends a beginning: fox*"
)
_RESULT: Final = Qt.ItemDataRole.UserRole
_START, _END = "\x02", "\x03"


class SearchResult(Struct, frozen=True, kw_only=True):
    """One place; `snippet` holds its hits between \\x02 and \\x03. The rest is the asker's own business."""

    key: str
    kind: str
    title: str
    snippet: str


class SearchDialog(QDialog):
    """Does not block the window: it stays while the person reads what it found."""

    wanted = Signal(str)  # words
    chosen = Signal(str)  # key of a result

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Search the project")
        self.resize(620, 480)
        self._field = QLineEdit()
        self._list = QListWidget()
        self._empty = empty_state(_HINT)
        self._count = label("", "muted")
        self._stack = QStackedLayout()
        self._timer = QTimer(self, singleShot=True, interval=ASK_DELAY_MS)
        self._lay_out()
        self._field.textChanged.connect(self._timer.start)
        self._field.installEventFilter(self)
        self._timer.timeout.connect(self._ask)
        self._list.itemActivated.connect(self._on_chosen)
        self._list.itemClicked.connect(self._on_chosen)

    def _lay_out(self) -> None:
        self._field.setPlaceholderText("Search the project")
        self._field.setAccessibleName("Words to search for")
        self._field.setToolTip(_HINT)
        self._field.setClearButtonEnabled(True)
        self._list.setAccessibleName("Places found")
        self._list.setToolTip("Return or a click goes there")
        self._list.setItemDelegate(_Delegate(self._list))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        middle = QWidget()
        middle.setLayout(self._stack)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._list)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 12)
        outer.setSpacing(8)
        outer.addWidget(self._field)
        outer.addWidget(middle, 1)
        outer.addWidget(self._count)

    def open_with(self, words: str = "") -> None:
        """Show it with these words (else those from before), marked."""
        if words:
            self._field.setText(words)
        self.show()
        self.raise_()
        self.activateWindow()
        self._field.setFocus()
        self._field.selectAll()
        if self._field.text().strip():
            self._timer.start()

    def words(self) -> str:
        """What stands in the field."""
        return self._field.text()

    def show_results(self, results: Sequence[SearchResult]) -> None:
        """Show what was found for the words asked."""
        self._list.clear()
        for result in results:
            item = QListWidgetItem()
            item.setData(_RESULT, result)
            plain = result.snippet.replace(_START, "").replace(_END, "")
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole,
                f"{KINDS.get(result.kind, result.kind)}, {result.title}: {plain}",
            )
            self._list.addItem(item)
        if results:
            self._list.setCurrentRow(0)
        asked = bool(self._field.text().strip())
        self._empty.setText("Nothing in this project matches." if asked else _HINT)
        self._stack.setCurrentWidget(self._list if results else self._empty)
        count = len(results)
        self._count.setText(f"{count} place{'' if count == 1 else 's'}" if asked else "")

    def show_problem(self, words: str) -> None:
        """The search could not be made."""
        self.show_results(())
        self._empty.setText(words)

    def results(self) -> list[SearchResult]:
        """What is shown."""
        return [self._list.item(at).data(_RESULT) for at in range(self._list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up, down and Return in the field act on the list."""
        if watched is self._field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step and self._list.count():
                row = self._list.currentRow() + step
                self._list.setCurrentRow(min(max(row, 0), self._list.count() - 1))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if self._timer.isActive():
                    self._timer.stop()
                    self._ask()
                elif item := self._list.currentItem():
                    self._on_chosen(item)
                return True
        return super().eventFilter(watched, event)

    def _ask(self) -> None:
        words = self._field.text().strip()
        if words:
            self.wanted.emit(words)
        else:
            self.show_results(())

    def _on_chosen(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(_RESULT).key)


class _Delegate(QStyledItemDelegate):
    """Kind and title on one line, the words with their hits bold below."""

    def _document(self, index: QModelIndex | QPersistentModelIndex, width: int) -> QTextDocument:
        result: SearchResult = index.data(_RESULT)
        tones = current_tones()
        words = escape(result.snippet).replace(_START, "<b>").replace(_END, "</b>").replace("\n", " ")
        kind = KINDS.get(result.kind, result.kind)
        document = QTextDocument()
        document.setDocumentMargin(6)
        document.setTextWidth(width)
        document.setHtml(
            f'<div><b>{escape(result.title)}</b> <span style="color:{tones.muted}">· {kind}</span></div>'
            f'<div style="color:{tones.text}">{words}</div>'
        )
        return document

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As high as its words need."""
        widget = option.widget
        width = widget.viewport().width() if isinstance(widget, QListWidget) else 400
        return QSize(width, round(self._document(index, width).size().height()) + 2)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The row's background as the sheet says, then the words."""
        option.widget.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem,
            option,
            painter,
            option.widget,
        )
        painter.save()
        painter.translate(option.rect.topLeft())
        context = QAbstractTextDocumentLayout.PaintContext()
        palette = option.palette
        context.palette.setColor(QPalette.ColorRole.Text, palette.color(QPalette.ColorRole.Text))
        document = self._document(index, option.rect.width())  # outlives its layout's drawing
        document.documentLayout().draw(painter, context)
        painter.restore()
