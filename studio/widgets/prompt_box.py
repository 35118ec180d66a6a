"""What is asked of the model: a note, which model, how many takes, how long, and the button."""

from typing import Final

from msgspec import Struct
from PySide6.QtCore import QPoint, QRegularExpression, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QRegularExpressionValidator, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.core.jobs import Sampling
from studio.widgets.icons import IconButton, put_icon
from studio.widgets.labels import ElidedLabel, button, pad, set_look, set_role
from studio.widgets.sampling_knobs import SamplingKnobs

_ADD: Final = "\0add"
_ROLE: Final = Qt.ItemDataRole.UserRole
_HINT: Final = "What should the model know? It is read before your text and is no part of it."
_USUAL_NOTICE: Final = "Ctrl+Return proposes, Esc stops."
_NOTE_LINES: Final = 3
_MAX_SEED: Final = 2**63 - 1


class ModelChoice(Struct, frozen=True, kw_only=True):
    """A line of the model menu; `why_not` says why an unusable one is grey."""

    path: str
    title: str
    detail: str = ""
    usable: bool = True
    why_not: str = ""


class ProposeValues(Struct, frozen=True, kw_only=True):
    """What the box says. `seed` None is a new one every time; `tokens` is the length of a take."""

    note: str = ""
    model: str = ""
    takes: int = 3
    tokens: int = 80
    seed: int | None = None
    sampling: Sampling = Sampling()


class NoteField(QPlainTextEdit):
    """One to three lines."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("note")
        self.setPlaceholderText(_HINT)
        self.setAccessibleName("Note to the model")
        self.setToolTip(_HINT)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        lines = max(1, min(_NOTE_LINES, round(self.document().size().height())))
        self.setFixedHeight(QFontMetrics(self.font()).lineSpacing() * lines + 20)
        many = self.document().size().height() > _NOTE_LINES
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if many else policy.ScrollBarAlwaysOff)


class PromptBox(QFrame):
    """Shared by all panes: values in and out, signals for what the person wants."""

    propose_requested = Signal()
    stop_requested = Signal()
    model_chosen = Signal(str)  # path
    add_model_requested = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("promptBox")
        self._running = False
        self._blocked = ""
        self._notice = (_USUAL_NOTICE, "muted")
        self._model = ""
        self.note = NoteField()
        self._models = QComboBox()
        self._takes = QSpinBox()
        self._tokens = QSpinBox()
        self._seed = QLineEdit()
        self._lock = IconButton("unlock", "Keep this seed: the same seed makes the same takes", size=16)
        self._knobs_button = IconButton("knobs", "Sampling knobs: how the next word is chosen", size=18)
        self._button = button("Propose", "Ask the model for takes (Ctrl+Return)", "spark", primary=True)
        self.notice = ElidedLabel("muted")
        self.knobs = SamplingKnobs()
        self._popover = QFrame(self, Qt.WindowType.Popup)
        self._dress()
        self._lay_out()
        self._connect()
        self._show_state()

    # -- making ---------------------------------------------------------------------------

    def _dress(self) -> None:
        self._models.setToolTip("Which model proposes")
        self._models.setAccessibleName("Model")
        self._models.setMinimumWidth(112)
        self._models.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._models.setMinimumContentsLength(8)
        self._models.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        usual = ProposeValues()
        for box, low, high, value, unit, tip in (
            (self._takes, 1, 8, usual.takes, (" take", " takes"), "How many takes are made side by side"),
            (
                self._tokens,
                8,
                4096,
                usual.tokens,
                (" tokens", " tokens"),
                "How long a take may get; a word is about 1.3 tokens",
            ),
        ):
            box.setRange(low, high)
            box.setSuffix(unit[1])
            box.setValue(value)
            pad(box)
            box.setToolTip(tip)
            box.setAccessibleName(tip)
        self._tokens.setSingleStep(20)
        self._takes.setFixedWidth(88)
        self._tokens.setFixedWidth(112)
        self._seed.setPlaceholderText("auto")
        self._seed.setFixedWidth(104)
        self._seed.setAccessibleName("Seed")
        self._seed.setToolTip("Seed: the number chance starts from. Empty takes a new one every time.")
        self._seed.setValidator(QRegularExpressionValidator(QRegularExpression(r"\d{0,19}"), self._seed))
        self._lock.setCheckable(True)
        self._button.setMinimumWidth(108)
        self._popover.setObjectName("knobs")
        inner = QVBoxLayout(self._popover)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.knobs)

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 12, 12, 12)
        outer.setSpacing(8)
        outer.addWidget(self.note)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._models, 1)
        for widget in (self._takes, self._tokens):
            row.addWidget(widget)
        seed = QHBoxLayout()
        seed.setSpacing(0)
        seed.addWidget(self._seed)
        seed.addWidget(self._lock)
        row.addLayout(seed)
        row.addWidget(self._knobs_button)
        row.addWidget(self._button)
        outer.addLayout(row)

    def _connect(self) -> None:
        self._models.activated.connect(self._on_model)
        self.note.textChanged.connect(self._on_change)
        self._takes.valueChanged.connect(self._on_takes)
        self._tokens.valueChanged.connect(self._on_change)
        self._seed.textEdited.connect(self._on_seed_typed)
        self._lock.toggled.connect(self._on_lock)
        self.knobs.changed.connect(self._on_change)
        self._knobs_button.clicked.connect(self.open_knobs)
        self._button.clicked.connect(self._on_button)

    # -- values ---------------------------------------------------------------------------

    def values(self) -> ProposeValues:
        """What the box says now."""
        text = self._seed.text()
        return ProposeValues(
            note=self.note.toPlainText().strip(),
            model=self._model,
            takes=self._takes.value(),
            tokens=self._tokens.value(),
            seed=min(int(text), _MAX_SEED) if text and self._lock.isChecked() else None,
            sampling=self.knobs.values(),
        )

    def set_values(self, values: ProposeValues) -> None:
        """Fill the box; `changed` is not told."""
        blocked = self.blockSignals(True)
        self.note.setPlainText(values.note)
        self._takes.setValue(values.takes)
        self._tokens.setValue(values.tokens)
        self.knobs.set_values(values.sampling)
        self._seed.setText("" if values.seed is None else str(values.seed))
        self._lock.setChecked(values.seed is not None)
        self._select(values.model)
        self.blockSignals(blocked)

    def set_models(self, models: list[ModelChoice], chosen: str = "") -> None:
        """Fill the model menu; `chosen` (else the one before, else the first usable) is shown."""
        usable = [model.path for model in models if model.usable]
        wanted = chosen or self._model
        items = QStandardItemModel(self._models)
        for model in models:
            item = QStandardItem(model.title if model.usable else f"{model.title}  ({model.why_not})")
            item.setData(model.path, _ROLE)
            item.setToolTip(model.detail if model.usable else model.why_not)
            item.setEnabled(model.usable)
            items.appendRow(item)
        add = QStandardItem("Add a model folder…")
        add.setData(_ADD, _ROLE)
        items.appendRow(add)
        self._models.setModel(items)  # deletes the one before
        if wanted not in usable:
            wanted = usable[0] if usable else ""
        self._model = wanted
        self._select(wanted)

    def _select(self, path: str) -> None:
        index = self._models.findData(path, _ROLE) if path else -1
        if index >= 0:
            self._model = path
        self._models.setCurrentIndex(self._models.findData(self._model, _ROLE) if self._model else -1)
        self._models.setToolTip(f"Which model proposes: {self._models.currentText() or 'none yet'}")

    def set_running(self, on: bool) -> None:
        """While takes are made the button stops them."""
        self._running = on
        self._show_state()

    def is_running(self) -> bool:
        """Whether the button is a stop button."""
        return self._running

    def set_notice(self, text: str, tone: str = "muted") -> None:
        """A word in `notice`; it never blocks anything. Empty shows the usual one."""
        self._notice = (text or _USUAL_NOTICE, tone if text else "muted")
        self._show_state()

    def set_blocked(self, reason: str) -> None:
        """Why nothing can be proposed, shown beside the grey button; "" frees it."""
        self._blocked = reason
        self._show_state()

    def show_seed(self, seed: int) -> None:
        """The seed that was used last: the lock keeps it."""
        if not self._lock.isChecked():
            self._seed.clear()
            self._seed.setPlaceholderText(str(seed))
            self._seed.setProperty("last_seed", str(seed))

    def close_knobs(self) -> None:
        """Put the sampling knobs away."""
        self._popover.close()

    def focus_note(self) -> None:
        """Put the caret into the note."""
        self.note.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- what happens ---------------------------------------------------------------------

    def _show_state(self) -> None:
        running = self._running
        self._button.setText("Stop" if running else "Propose")
        self._button.setAccessibleName(self._button.text())
        self._button.setToolTip(
            "Stop; the takes stay as far as they got (Esc)"
            if running
            else "Ask the model for takes (Ctrl+Return)"
        )
        set_look(self._button, "primary", not running)
        blocked = bool(self._blocked) and not running
        self._button.setEnabled(not blocked)
        put_icon(self._button, "stop" if running else "spark", "text" if running else "accent_text", 16)
        text, tone = (self._blocked, "warning") if blocked else self._notice
        self.notice.show_text(text)
        set_role(self.notice, tone)

    def _on_button(self) -> None:
        if self._running:
            self.stop_requested.emit()
        else:
            self.propose_requested.emit()

    def _on_model(self, index: int) -> None:
        path = self._models.itemData(index, _ROLE)
        if path == _ADD:
            self._select(self._model)
            self.add_model_requested.emit()
        elif path != self._model:
            self._select(path)
            self.model_chosen.emit(path)
            self.changed.emit()

    def _on_takes(self, count: int) -> None:
        self._takes.setSuffix(" take" if count == 1 else " takes")
        self.changed.emit()

    def _on_change(self) -> None:
        self.changed.emit()

    def _on_seed_typed(self, text: str) -> None:
        self._lock.setChecked(bool(text))
        self.changed.emit()

    def _on_lock(self, on: bool) -> None:
        self._lock.set_icon("lock" if on else "unlock", "accent" if on else "text")
        if on and not self._seed.text():
            self._seed.setText(str(self._seed.property("last_seed") or "1"))
        elif not on:
            self._seed.clear()
        self.changed.emit()

    def open_knobs(self) -> None:
        """Show the sampling knobs above their button."""
        self._popover.adjustSize()
        size: QSize = self._popover.sizeHint()
        corner = self._knobs_button.mapToGlobal(QPoint(self._knobs_button.width(), 0))
        self._popover.move(corner.x() - size.width(), corner.y() - size.height() - 8)
        self._popover.show()
