"""The card of the open scene: title, status, synopsis, goal, and how far scene, chapter and book are."""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.media.words import Figures
from studio.widgets.labels import empty_state, label, pad

STATUSES: Final = ("Idea", "Draft", "Revised", "Final")
WORDS_PER_MINUTE: Final = 238  # silent reading of English: Brysbaert 2019, mean of 190 studies
_REST_MS: Final = 800
_GOAL_MOST: Final = 1_000_000
_SYNOPSIS_PX: Final = 136
_EMPTY: Final = "No scene is open."


class PartFigures(Struct, frozen=True, kw_only=True):
    """A chapter or book: its title, its sums, and how many scenes stand at which status."""

    title: str
    figures: Figures
    statuses: tuple[tuple[str, int], ...] = ()
    counting: bool = False  # some scenes are still being counted


class CardValues(Struct, frozen=True, kw_only=True):
    """What the card shows; `work` "" stands for no open scene."""

    work: str = ""
    title: str = ""
    status: str = ""
    synopsis: str = ""
    goal: int = 0
    figures: Figures = Figures()
    chapter: PartFigures | None = None
    book: PartFigures | None = None
    written_today: int = 0
    session_goal: int = 0


class SceneCard(QWidget):
    """Values in, signals out. What is typed is told a moment later, and before another scene is shown."""

    renamed = Signal(str, str)  # work id, title
    status_changed = Signal(str, str)
    synopsis_changed = Signal(str, str)
    goal_changed = Signal(str, int)
    session_goal_changed = Signal(str, int)  # work id: the goal is that of its story

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values = CardValues()
        self._title = QLineEdit()
        self._status = QComboBox()
        self._synopsis = _Text()
        self._goal = _goal("No goal")
        self._progress = _bar("Words of the goal of this scene")
        self._counts = _Words("Length of this scene")
        self._chapter = _Words("The chapter")
        self._book = _Words("The book")
        self._today = _Words("Written today")
        self._session_goal = _goal("No goal")
        self._session_progress = _bar("Words of today's goal")
        self._timer = QTimer(self, singleShot=True, interval=_REST_MS)
        self._empty = empty_state(_EMPTY)
        self._body = QWidget()
        self._name_controls()
        self._lay_out()
        self._connect()
        self.show_values(CardValues())

    def _name_controls(self) -> None:
        for widget, name, tip in (
            (self._title, "Title", "The scene's title, as the list of works has it"),
            (self._status, "Status", "How far it is; write your own word if none fits"),
            (self._synopsis, "Synopsis", "What happens in this scene, in a few sentences"),
            (self._goal, "Words wanted", "How many words this scene shall have; 0 for no goal"),
            (self._session_goal, "Words a day", "How many words you want to write a day; 0 for no goal"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
        self._status.setEditable(True)
        self._status.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._status.addItems(["", *STATUSES])
        self._synopsis.setPlaceholderText("What happens here?")
        self._synopsis.setTabChangesFocus(True)
        self._synopsis.setFixedHeight(_SYNOPSIS_PX)
        for widget in (self._status, self._goal, self._session_goal):
            widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _lay_out(self) -> None:
        form = QFormLayout()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(16, 8, 16, 12)
        column.addLayout(form)
        column.addStretch(1)
        form.setVerticalSpacing(8)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow("Title", self._title)
        form.addRow("Status", self._status)
        form.addRow(label("Synopsis"))
        form.addRow(self._synopsis)
        form.addRow("Goal", self._goal)
        form.addRow(self._progress)
        form.addRow(self._counts)
        for heading, widget in (("Chapter", self._chapter), ("Book", self._book)):
            widget.heading.setText(heading)
            form.addRow(widget.heading)
            form.addRow(widget)
        form.addRow(label("Today", "strong"))
        form.addRow("Goal", self._session_goal)
        form.addRow(self._session_progress)
        form.addRow(self._today)
        scroll = QScrollArea()
        scroll.setWidget(self._body)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll = scroll
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        outer.addWidget(self._empty)

    def _connect(self) -> None:
        self._timer.timeout.connect(self.flush)
        self._synopsis.textChanged.connect(self._timer.start)
        self._synopsis.left.connect(self.flush)
        self._title.editingFinished.connect(self.flush)
        self._status.activated.connect(self.flush)
        line = self._status.lineEdit()
        if line is not None:
            line.editingFinished.connect(self.flush)
        self._goal.valueChanged.connect(self._timer.start)
        self._goal.editingFinished.connect(self.flush)
        self._session_goal.valueChanged.connect(self._timer.start)
        self._session_goal.editingFinished.connect(self.flush)

    # -- values ---------------------------------------------------------------------------

    def show_values(self, values: CardValues) -> None:
        """Show a scene; of the one that is shown already, only what nobody is writing in."""
        if values.work != self._values.work:
            self.flush()
        before, self._values = self._values, values
        same = before.work == values.work
        self._empty.setVisible(not values.work)
        self._scroll.setVisible(bool(values.work))
        for widget, new, old in (
            (self._title, values.title, before.title),
            (self._status, values.status, before.status),
            (self._synopsis, values.synopsis, before.synopsis),
            (self._goal, values.goal, before.goal),
            (self._session_goal, values.session_goal, before.session_goal),
        ):
            if not (same and new == old):
                _put(widget, new)
        self._show_counts()

    def _show_counts(self) -> None:
        values = self._values
        figures = values.figures
        minutes = max(1, round(figures.words / WORDS_PER_MINUTE)) if figures.words else 0
        lines = [f"{_many(figures.words, 'word')}, {_many(figures.characters, 'character')}"]
        if figures.words:
            lines.append(f"{_many(minutes, 'minute')} to read, {figures.mine} % mine")
        self._counts.setText("\n".join(lines))
        _fill(self._progress, figures.words, values.goal)
        for widget, part in ((self._chapter, values.chapter), (self._book, values.book)):
            widget.heading.setVisible(part is not None)
            widget.setVisible(part is not None)
            if part is not None:
                widget.heading.setText(part.title)
                widget.setText(_part_words(part))
        goal = values.session_goal
        today = f"{values.written_today:,} of {goal:,} words" if goal else _many(values.written_today, "word")
        self._today.setText(f"{today} written by you")
        _fill(self._session_progress, values.written_today, values.session_goal)

    def flush(self) -> None:
        """Tell now what was changed."""
        self._timer.stop()
        values, work = self._values, self._values.work
        if not work:
            return
        title, status = self._title.text().strip(), self._status.currentText().strip()
        synopsis = self._synopsis.toPlainText().strip()
        if not title:
            _put(self._title, values.title)
            title = values.title
        goal, session_goal = self._goal.value(), self._session_goal.value()
        self._values = replace(
            values, title=title, status=status, synopsis=synopsis, goal=goal, session_goal=session_goal
        )
        if title != values.title:
            self.renamed.emit(work, title)
        if status != values.status:
            self.status_changed.emit(work, status)
        if synopsis != values.synopsis:
            self.synopsis_changed.emit(work, synopsis)
        if goal != values.goal:
            self.goal_changed.emit(work, goal)
        if session_goal != values.session_goal:
            self.session_goal_changed.emit(work, session_goal)


class _Words(QLabel):
    """Some lines of figures with the heading that stands above them."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.heading = label("", "strong")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "muted")
        self.setWordWrap(True)
        self.setAccessibleName(name)


class _Text(QPlainTextEdit):
    """Tells when the keyboard goes elsewhere."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was written is told."""
        super().focusOutEvent(event)
        self.left.emit()


def _part_words(part: PartFigures) -> str:
    lines = [f"{_many(part.figures.words, 'word')}, {part.figures.mine} % mine"]
    if part.statuses:
        lines.append(", ".join(f"{count:,} {status}" for status, count in part.statuses))
    if part.counting:
        lines.append("Still counting…")
    return "\n".join(lines)


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _goal(none: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(0, _GOAL_MOST)
    box.setSingleStep(100)
    box.setGroupSeparatorShown(True)
    box.setSuffix(" words")
    box.setSpecialValueText(none)
    pad(box)
    return box


def _bar(name: str) -> QProgressBar:
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setAccessibleName(name)
    bar.hide()
    return bar


def _fill(bar: QProgressBar, done: int, goal: int) -> None:
    bar.setVisible(goal > 0)
    if goal > 0:
        bar.setRange(0, goal)
        bar.setValue(max(0, min(done, goal)))
        bar.setToolTip(f"{done:,} of {goal:,} words")


def _put(widget: QWidget, value: str | int) -> None:
    """Show a value without telling it as the person's."""
    was = widget.blockSignals(True)
    match widget:
        case QLineEdit():
            widget.setText(str(value))
        case QComboBox():
            widget.setCurrentText(str(value))
        case QSpinBox():
            widget.setValue(int(value))
        case QPlainTextEdit():
            widget.setPlainText(str(value))
    widget.blockSignals(was)
