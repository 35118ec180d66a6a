"""What the dialogs of a piece's time have in common: a form, what holds now, why it cannot be done, one button."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.core.errors import StudioError
from studio.media.music.score import Bars, Score
from studio.widgets.labels import deciding, label, pad, set_role

BEYOND_BARS = 512  # so far behind the end something may be set
_WIDTH_PX = 420


class TimeStepDialog(QDialog):
    """A step that is tried out at every touch: the button is grey with the reason while it cannot be done.

    `change(score)` is the step, `words` its name in the history; both hold what stands in the dialog.
    """

    same = "That is how it is now."

    def __init__(self, title: str, go_on: str, score: Score, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.score = score
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(16)
        self.form.setVerticalSpacing(10)
        self.about = label("", "muted")
        self.about.setWordWrap(True)
        self.reason = label("", "danger")
        self.reason.setWordWrap(True)
        self.reason.setAccessibleName("Why it cannot be done")
        self._remove = QPushButton()
        self._remove.setAutoDefault(False)
        self._remove.hide()
        self._buttons = deciding(go_on)
        self._removing = False
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._remove.clicked.connect(self._on_remove)
        last = QHBoxLayout()
        last.addWidget(self._remove)
        last.addWidget(self._buttons, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addLayout(self.form)
        column.addWidget(self.about)
        column.addWidget(self.reason)
        column.addStretch(1)
        column.addLayout(last)
        self.setMinimumWidth(_WIDTH_PX)

    # -- what a dialog says of its own ---------------------------------------------------------------

    def change(self, score: Score) -> Score:
        """The step. Raises StudioError when it cannot be done."""
        raise NotImplementedError

    @property
    def words(self) -> str:
        """What the step is called."""
        raise NotImplementedError

    def describe(self) -> str:
        """What holds now, and what will: in plain words."""
        return ""

    def begun(self) -> bool:
        """Whether there is anything yet that could be wrong."""
        return True

    def removable(self) -> str:
        """The words of the button that takes a change away; "" when there is none to take away."""
        return ""

    @property
    def removing(self) -> bool:
        """The other button was pressed: the change shall go."""
        return self._removing

    # -- looking -------------------------------------------------------------------------------------

    @Slot()
    def look(self) -> None:
        """Say anew what holds and whether the step can be done."""
        reason, tone = "", "muted"
        try:
            if self.change(self.score) == self.score:
                reason = self.same
        except StudioError as error:
            reason = f"{error.what} {error.do}".strip()
            tone = "danger" if self.begun() else "muted"
        self.show_reason(reason, tone)
        self.about.setText(self.describe())
        self.about.setVisible(bool(self.about.text()))
        removable = self.removable()
        self._remove.setVisible(bool(removable))
        self._remove.setText(removable)
        self._remove.setToolTip(f"{removable}: what held before it goes on")
        self._remove.setAccessibleName(removable)

    def show_reason(self, reason: str, tone: str = "danger") -> None:
        """Why it cannot be done; "" when it can."""
        set_role(self.reason, tone)
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))
        button = self.button
        button.setEnabled(not reason)
        button.setToolTip(reason)

    @property
    def button(self) -> QPushButton:
        """The button that does it."""
        for one in self._buttons.buttons():
            if self._buttons.buttonRole(one) == QDialogButtonBox.ButtonRole.AcceptRole:
                assert isinstance(one, QPushButton)
                return one
        raise AssertionError("deciding() makes one")

    @Slot()
    def _on_remove(self) -> None:
        self._removing = True
        self.accept()

    def add_row(self, title: str, *widgets: QWidget) -> QWidget:
        """Widgets side by side behind a title whose key goes to the first; the row, to be hidden or shown."""
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        for widget in widgets:
            line.addWidget(widget)
        line.addStretch(1)
        self.form.addRow(title, holder)
        name = self.form.labelForField(holder)
        if isinstance(name, QLabel):
            name.setBuddy(widgets[0])
        return holder

    # -- bars ----------------------------------------------------------------------------------------

    def bars(self, at_least: int = 1) -> Bars:
        """The piece's bars, so many at least."""
        return self.score.bars(at_least)

    def start_of(self, bar: int) -> int:
        """The tick at which a bar (from 0) begins."""
        return self.bars(bar + 1).starts[bar]


def bar_field(score: Score, bar: int, name: str, tip: str, beyond: int = BEYOND_BARS) -> QSpinBox:
    """A field for a bar's number, from 1; `bar` counts from 0. It may lie `beyond` so many bars of the piece."""
    field = QSpinBox()
    field.setRange(1, max(len(score.bars()) + beyond, bar + 1))
    field.setValue(bar + 1)
    named(field, name, tip)
    return field


def count_field(least: int, most: int, value: int, name: str, tip: str) -> QSpinBox:
    """A field for a whole number."""
    field = QSpinBox()
    field.setRange(least, most)
    field.setValue(value)
    named(field, name, tip)
    return field


def named(field: QSpinBox, name: str, tip: str) -> None:
    """Say what a number field is."""
    field.setFixedWidth(96)
    field.setAccessibleName(name)
    field.setToolTip(tip)
    pad(field)


def bars_words(first: int, last: int) -> str:
    """ "bar 3" or "bars 3 to 5", counted from 0 here."""
    return f"bar {first + 1}" if first == last else f"bars {first + 1} to {last + 1}"


def counted(count: int, word: str) -> str:
    """ "1 note", "3 notes"."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
