"""One lorebook entry as a form: it always holds a valid entry and tells every change."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.media.lore.entries import Logic, LoreEntry, Unit
from studio.media.lore.scan import Hit
from studio.widgets.labels import button, label, pad, set_role

_LOGICS: Final[tuple[tuple[Logic, str], ...]] = (
    ("any", "any of them must stand there too"),
    ("all", "all of them must stand there too"),
    ("not_any", "none of them may stand there"),
    ("not_all", "not all of them may stand there"),
)
_TRISTATE: Final[tuple[tuple[bool | None, str], ...]] = ((None, "as the book"), (True, "yes"), (False, "no"))
_UNITS: Final[tuple[tuple[Unit, str], ...]] = (("paragraphs", "paragraphs"), ("characters", "characters"))
_BOOK_PLACE, _TEXT_PLACE = -2, -1
_MAX_LINE_CHARS: Final = 1000
_KEY_LINES: Final = 3
_FIELD_WIDTH_PX: Final = 96


class LoreEntryForm(QWidget):
    """Values in, `changed` out; the id of the entry stays."""

    changed = Signal(object)  # LoreEntry

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entry: LoreEntry | None = None
        self._title = QLineEdit()
        self._keys = QPlainTextEdit()
        self._text = QPlainTextEdit()
        self._always = QCheckBox("Always on, whatever the text says")
        self.here = label("", "muted")
        self._more_button = button(
            "More", "Further keys, budget, group, place and how keys are found", flat=True
        )
        self._more = QWidget()
        self._secondary = QPlainTextEdit()
        self._logic = QComboBox()
        self._case = QComboBox()
        self._whole = QComboBox()
        self._depth = QSpinBox()
        self._unit = QComboBox()
        self._order = QSpinBox()
        self._limit = QSpinBox()
        self._place = QSpinBox()
        self._group = QLineEdit()
        self._priority = QSpinBox()
        self._category = QLineEdit()
        self._brings_in = QCheckBox("Its text may bring in others")
        self._brought_in = QCheckBox("Others' texts may bring it in")
        self._dress()
        self._lay_out()
        self._connect()
        self._more.hide()
        self.setEnabled(False)

    # -- making ---------------------------------------------------------------------------

    def _dress(self) -> None:
        self._title.setPlaceholderText("Title")
        self._title.setMaxLength(_MAX_LINE_CHARS)
        self._keys.setPlaceholderText("Keys, one a line: fox\n/red (door|gate)/i")
        self._text.setPlaceholderText("What the model is told when a key is near: The fox is called Rill…")
        self._secondary.setPlaceholderText("Further keys, one a line")
        for field, lines in ((self._keys, _KEY_LINES), (self._secondary, _KEY_LINES), (self._text, 6)):
            field.setTabChangesFocus(True)
            field.setProperty("lines", lines)  # their heights stand in the sheet, which would overrule ours
            if field is self._text:
                field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        for box, choices in ((self._logic, _LOGICS), (self._unit, _UNITS)):
            for value, words in choices:
                box.addItem(words, value)
        for box in (self._case, self._whole):
            for state, words in _TRISTATE:
                box.addItem(words, state)
        self._logic.setMinimumWidth(_FIELD_WIDTH_PX)
        self._logic.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._dress_numbers()
        self._name_all()

    def _dress_numbers(self) -> None:
        self._order.setRange(-1_000_000, 1_000_000)
        self._priority.setRange(0, 1_000_000)
        self._limit.setRange(0, 100_000)
        self._limit.setSpecialValueText("no limit")
        self._limit.setSuffix(" tokens")
        self._depth.setRange(-1, 1_000_000)
        self._depth.setSpecialValueText("as the book")
        self._place.setRange(_BOOK_PLACE, 1000)
        self._place.setSpecialValueText("as the book")
        self._place.setSuffix(" paragraphs back")
        for box in (self._order, self._priority, self._limit, self._depth, self._place):
            pad(box)
            box.setKeyboardTracking(False)
        for line in (self._group, self._category):
            line.setMaxLength(_MAX_LINE_CHARS)

    def _name_all(self) -> None:
        for widget, name, tip in (
            (self._title, "Title of the entry", "What it is called in the lists; the model does not read it"),
            (
                self._keys,
                "Keys",
                "One a line. A key is found as it is written; /between slashes/i is a regular expression",
            ),
            (self._text, "Text of the entry", "What the model is told"),
            (self._always, "Always on", "It needs no key"),
            (self._secondary, "Further keys", "One a line; what they must do is said below"),
            (self._logic, "What the further keys must do", "What the further keys must do"),
            (self._case, "Match case", "Whether Fox and fox are told apart"),
            (self._whole, "Whole words", "Whether fox is found in foxglove"),
            (self._depth, "Looks back", "How far before the caret keys are looked for"),
            (self._unit, "Unit of looking back", "What is counted"),
            (self._order, "Order", "Where room is short the highest order stays"),
            (self._limit, "Limit", "At most so many tokens of its text are read"),
            (
                self._place,
                "Place",
                "How near the caret the text stands. -1: before the whole text. What changes near the caret costs"
                " little to read again; what changes before the text costs all of it.",
            ),
            (self._group, "Group", "Of the entries of one group that match, one stays"),
            (self._priority, "Weight in the group", "The highest weight of a group stays"),
            (self._category, "Category", "Only sorts the list"),
            (self._brings_in, "Its text may bring in others", "Keys of others are looked for in it"),
            (self._brought_in, "Others' texts may bring it in", "Its keys are looked for in other entries"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 4, 0, 0)
        outer.setSpacing(8)
        self.here.setWordWrap(True)
        self._more_button.setCheckable(True)
        for widget in (self._title, self._keys, self.here):
            outer.addWidget(widget)
        outer.addWidget(self._text, 1)
        outer.addWidget(self._always)
        row = QHBoxLayout()
        row.addWidget(self._more_button)
        row.addStretch(1)
        outer.addLayout(row)
        outer.addWidget(self._more)
        form = QFormLayout(self._more)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(self._secondary)
        form.addRow(self._logic)
        rows: tuple[tuple[str, QWidget], ...] = (
            ("Order", self._order),
            ("Limit", self._limit),
            ("Place", self._place),
            ("Looks back", self._depth),
            ("in", self._unit),
            ("Match case", self._case),
            ("Whole words", self._whole),
            ("Group", self._group),
            ("Weight", self._priority),
            ("Category", self._category),
        )
        for words, field in rows:
            name = label(words)
            name.setToolTip(field.toolTip())
            name.setBuddy(field)
            field.setMinimumWidth(_FIELD_WIDTH_PX)
            field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            form.addRow(name, field)
        form.addRow(self._brings_in)
        form.addRow(self._brought_in)

    def _connect(self) -> None:
        for line in (self._title, self._group, self._category):
            line.textEdited.connect(self._tell)
        for text in (self._keys, self._text, self._secondary):
            text.textChanged.connect(self._tell)
        for check in (self._always, self._brings_in, self._brought_in):
            check.toggled.connect(self._tell)
        for combo in (self._logic, self._unit, self._case, self._whole):
            combo.currentIndexChanged.connect(self._tell)
        for box in (self._order, self._limit, self._place, self._depth, self._priority):
            box.valueChanged.connect(self._tell)
        self._more_button.toggled.connect(self._show_more)

    # -- values ---------------------------------------------------------------------------

    def show_entry(self, entry: LoreEntry | None) -> None:
        """Show an entry, or nothing; not told."""
        if entry == self._entry or (entry is not None and self._entry is not None and entry == self.entry()):
            self._entry = entry
            return
        self._entry = None  # what is set below is not told
        self._fill(entry or LoreEntry(id="none"))
        self.setEnabled(entry is not None)
        self._entry = entry
        self.show_hit(None)

    def _fill(self, entry: LoreEntry) -> None:
        self._title.setText(entry.title)
        for field, text in (
            (self._keys, "\n".join(entry.keys)),
            (self._secondary, "\n".join(entry.secondary)),
            (self._text, entry.text),
        ):
            if field.toPlainText() != text:
                field.setPlainText(text)
        self._always.setChecked(entry.always_on)
        self._logic.setCurrentIndex(self._logic.findData(entry.logic))
        self._unit.setCurrentIndex(self._unit.findData(entry.scan_unit))
        self._case.setCurrentIndex(_index(entry.case_sensitive))
        self._whole.setCurrentIndex(_index(entry.whole_words))
        self._order.setValue(entry.order)
        self._limit.setValue(entry.limit_tokens)
        self._place.setValue(_BOOK_PLACE if entry.depth is None else entry.depth)
        self._depth.setValue(-1 if entry.scan_depth is None else entry.scan_depth)
        self._group.setText(entry.group)
        self._priority.setValue(entry.group_priority)
        self._category.setText(entry.category)
        self._brings_in.setChecked(entry.brings_in)
        self._brought_in.setChecked(entry.brought_in)

    def entry(self) -> LoreEntry | None:
        """What the form says now; None while it shows nothing."""
        if self._entry is None:
            return None
        found: LoreEntry = self._entry.changed(
            title=self._title.text(),
            text=self._text.toPlainText()[:200_000],
            keys=_lines(self._keys),
            secondary=_lines(self._secondary),
            logic=self._logic.currentData(),
            case_sensitive=_TRISTATE[self._case.currentIndex()][0],
            whole_words=_TRISTATE[self._whole.currentIndex()][0],
            always_on=self._always.isChecked(),
            order=self._order.value(),
            scan_depth=None if self._depth.value() < 0 else self._depth.value(),
            scan_unit=self._unit.currentData(),
            limit_tokens=self._limit.value(),
            group=self._group.text(),
            group_priority=self._priority.value(),
            category=self._category.text(),
            depth=None if self._place.value() == _BOOK_PLACE else self._place.value(),
            brings_in=self._brings_in.isChecked(),
            brought_in=self._brought_in.isChecked(),
        )
        return found

    def show_hit(self, hit: Hit | None) -> None:
        """Say whether it would come in at the caret, and why."""
        if hit is None:
            self.here.setText("")
        else:
            verdict = "Comes in here" if hit.matched else "Stays out here"
            self.here.setText(f"{verdict}: {hit.why}.")
            set_role(self.here, "success" if hit.matched else "muted")

    def focus_title(self) -> None:
        """Put the keyboard into the title, all of it marked."""
        self._title.setFocus()
        self._title.selectAll()

    def _show_more(self, on: bool) -> None:
        self._more_button.setText("Less" if on else "More")
        self._more.setVisible(on)

    def _tell(self) -> None:
        entry = self.entry()
        if entry is not None and entry != self._entry:
            self._entry = entry
            self.changed.emit(entry)


def _index(state: bool | None) -> int:
    return next(at for at, (value, _) in enumerate(_TRISTATE) if value is state)


def _lines(field: QPlainTextEdit) -> tuple[str, ...]:
    lines = (line.strip()[:_MAX_LINE_CHARS] for line in field.toPlainText().split("\n"))
    return tuple(dict.fromkeys(line for line in lines if line))[:1000]
