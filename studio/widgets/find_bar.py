"""The bar above the text that finds and replaces in it."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from studio.media.find import Options
from studio.widgets.find_options import FindOptions, toggle
from studio.widgets.icons import IconButton
from studio.widgets.labels import button, label, set_role

_FIELD_PX = 220


class FindBar(QWidget):
    """Values in, signals out; Enter goes to the next hit, Shift+Enter to the one before, Esc closes."""

    changed = Signal()  # what is looked for, or how
    stepped = Signal(int)  # 1 to the next hit, -1 to the one before
    replace_requested = Signal()
    replace_all_requested = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._pattern = field("Find in this text", "Find")
        self._template = field("Replace by", "Replace by")
        self._how = FindOptions()
        self._inside = toggle("[ ]", "In the selection", "Only in what was selected when this was pressed")
        self._count = label("", "muted")
        self._count.setAccessibleName("Hits")
        self._next = IconButton("down", "Next (Enter, F3)", size=16)
        self._previous = IconButton("up", "Previous (Shift+Enter, Shift+F3)", size=16)
        self._close = IconButton("close", "Close (Esc)", size=14)
        self._replace = button("Replace", "Replace this hit and go to the next")
        self._all = button("Replace all", "Replace every hit; one undo takes it back")
        self._lay_out()
        self._connect()
        self.set_count(0, 0)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 6, 12, 6)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        how = QHBoxLayout()
        how.setSpacing(2)
        for widget in (self._how, self._inside, self._previous, self._next):
            how.addWidget(widget)
        how.addWidget(self._count, 1)
        how.addWidget(self._close)
        grid.addWidget(self._pattern, 0, 0)
        grid.addLayout(how, 0, 1)
        self._second = QWidget()
        buttons = QHBoxLayout(self._second)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.addWidget(self._replace)
        buttons.addWidget(self._all)
        buttons.addStretch(1)
        grid.addWidget(self._template, 1, 0)
        grid.addWidget(self._second, 1, 1)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)
        order = (self._pattern, self._template, self._how, self._inside, self._previous, self._next)
        for first, second in zip(order, (*order[1:], self._replace), strict=True):
            self.setTabOrder(first, second)

    def _connect(self) -> None:
        self._pattern.textChanged.connect(self.changed)
        self._how.changed.connect(self.changed)
        self._inside.toggled.connect(self.changed)
        self._next.clicked.connect(lambda: self.stepped.emit(1))
        self._previous.clicked.connect(lambda: self.stepped.emit(-1))
        self._replace.clicked.connect(self.replace_requested)
        self._all.clicked.connect(self.replace_all_requested)
        self._close.clicked.connect(self.closed)

    # -- values ---------------------------------------------------------------------------

    def open(self, *, replacing: bool, pattern: str = "") -> None:
        """Show the bar and put the keyboard into it; a `pattern` takes the old one's place."""
        self._template.setVisible(replacing)
        self._second.setVisible(replacing)
        if pattern and pattern != self._pattern.text():
            self._pattern.setText(pattern)
        self.show()
        self._pattern.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._pattern.selectAll()

    def options(self) -> Options:
        """What is looked for, and how."""
        return self._how.options(self._pattern.text())

    def template(self) -> str:
        """What takes its place."""
        return self._template.text()

    def replacing(self) -> bool:
        """Whether the fields for replacing are shown."""
        return not self._second.isHidden()

    def inside(self) -> bool:
        """Only in the selection."""
        return self._inside.isChecked()

    def set_inside(self, on: bool) -> None:
        """Only in the selection, or everywhere."""
        self._inside.setChecked(on)

    def set_count(self, current: int, total: int) -> None:
        """Which hit of how many is marked, from 1; 0 when none is."""
        if not self._pattern.text():
            words = ""
        elif not total:
            words = "Nothing found"
        else:
            words = f"{current:,} of {total:,}" if current else f"{total:,} found"
        self._tell(words, "muted" if total or not self._pattern.text() else "warning")
        for control in (self._next, self._previous, self._replace, self._all):
            control.setEnabled(bool(total))

    def set_problem(self, what: str) -> None:
        """Why it can't be looked for."""
        self.set_count(0, 0)
        self._tell(what, "danger")

    def show_done(self, what: str) -> None:
        """What a replacement has done."""
        self._tell(what, "muted")

    def _tell(self, words: str, role: str) -> None:
        set_role(self._count, role)
        self._count.setText(words)
        self._count.setToolTip(words)

    # -- Qt's events ----------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Esc is this bar's while the keyboard is in it, not the window's."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_enter(back=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)

    def _on_enter(self, back: bool) -> None:
        if self._template.hasFocus() and not back:
            self.replace_requested.emit()
        else:
            self.stepped.emit(-1 if back else 1)


def field(hint: str, name: str) -> QLineEdit:
    """A line to write into."""
    line = QLineEdit()
    line.setPlaceholderText(hint)
    line.setAccessibleName(name)
    line.setToolTip(hint)
    line.setMinimumWidth(_FIELD_PX)
    line.setClearButtonEnabled(False)
    return line
