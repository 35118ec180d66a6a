"""Other engines for text: servers on this computer or elsewhere, added and changed one by one."""

from collections.abc import Sequence
from typing import Final

import msgspec
from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.core.endpoint import Endpoint, checked_url, is_local
from studio.core.errors import StudioError
from studio.core.ids import new_id
from studio.widgets.labels import button, label, pad, set_role

_ROLE: Final = Qt.ItemDataRole.UserRole
_HINT: Final = "http://localhost:11434/v1"
_TELLS: Final = (
    "Programs like Ollama, llama.cpp's server, LM Studio and vLLM offer their models at an address. "
    "Nothing is sent anywhere until you add one and choose it in the model menu."
)
_KEPT: Final = "kept in the system's keyring"


class EndpointsDialog(QDialog):
    """Values in, signals out: the list on the left, the form of the chosen one on the right."""

    saved = Signal(object, str)  # Endpoint, its key as typed ("" leaves it as it is)
    removed = Signal(str)  # id
    asked = Signal(object, str)  # Endpoint, key: which models does it have?

    def __init__(self, endpoints: Sequence[Endpoint], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Other engines for text")
        self._list = QListWidget()
        self._title, self._url, self._key = QLineEdit(), QLineEdit(), QLineEdit()
        self._model, self._api = QComboBox(), QComboBox()
        self._context = QSpinBox()
        self._extended = QCheckBox("It knows samplers beyond OpenAI's (top-k, min-p, DRY …)")
        self._note = label("", "muted")
        self._add = button("Add", "Add another server", "add")
        self._remove = button("Remove", "Forget the chosen server and its key", "trash")
        self._ask = button("Test", "Ask the server which models it has", "retry")
        self._save = button("Save", "Keep this server", "accept", primary=True)
        self._shown: Endpoint | None = None
        self._dress()
        self._lay_out()
        self.show_endpoints(endpoints)

    def _dress(self) -> None:
        self._list.setAccessibleName("Servers")
        self._list.setToolTip("The servers you added")
        for field, name, hint in (
            (self._title, "Name in the model menu", "Ollama"),
            (self._url, "Address of its API", _HINT),
            (
                self._key,
                "Key, if the server wants one; env:NAME takes it from an environment variable",
                "none",
            ),
        ):
            field.setAccessibleName(name)
            field.setToolTip(name)
            field.setPlaceholderText(hint)
        self._key.setEchoMode(QLineEdit.EchoMode.PasswordEchoOnEdit)
        self._model.setEditable(True)
        self._model.setAccessibleName("Model")
        self._model.setToolTip("The model's name at the server; Test fills the list")
        self._api.addItem("Continues text (completions)", "completions")
        self._api.addItem("Chat only (chat completions)", "chat")
        self._api.setAccessibleName("Kind")
        self._api.setToolTip(
            "Completions continue your text as it stands; chat is for instruct models without that"
        )
        self._context.setRange(256, 2_000_000)
        self._context.setSingleStep(1024)
        self._context.setSuffix(" tokens")
        self._context.setAccessibleName("Context")
        self._context.setToolTip("How much text the model can read at once")
        pad(self._context)
        self._note.setWordWrap(True)
        self._add.clicked.connect(self._on_add)
        self._remove.clicked.connect(self._on_remove)
        self._ask.clicked.connect(self._on_ask)
        self._save.clicked.connect(self._on_save)
        self._list.currentItemChanged.connect(self._on_chosen)
        self._url.textEdited.connect(lambda _text: self.say(""))

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.addWidget(self._list, 1)
        row = QHBoxLayout()
        row.addWidget(self._add)
        row.addWidget(self._remove)
        left.addLayout(row)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        for words, field in (
            ("Name", self._title),
            ("Address", self._url),
            ("Key", self._key),
            ("Model", self._model),
            ("Kind", self._api),
            ("Context", self._context),
            ("", self._extended),
        ):
            form.addRow(words, field)
        right = QVBoxLayout()
        right.addLayout(form)
        right.addWidget(self._note)
        right.addStretch(1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self._ask)
        foot.addWidget(self._save)
        right.addLayout(foot)
        halves = QHBoxLayout()
        halves.setSpacing(24)
        halves.addLayout(left, 2)
        halves.addLayout(right, 3)
        tells = label(_TELLS, "muted")
        tells.setWordWrap(True)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(12)
        outer.addWidget(tells)
        outer.addLayout(halves, 1)
        outer.addWidget(close)
        self.resize(760, 480)

    # -- values ----------------------------------------------------------------------------------

    def show_endpoints(self, endpoints: Sequence[Endpoint], chosen: str = "") -> None:
        """Show this list; the chosen one, else the first, else a new one."""
        self._list.blockSignals(True)
        self._list.clear()
        for endpoint in endpoints:
            item = QListWidgetItem(endpoint.title)
            item.setData(_ROLE, endpoint)
            item.setToolTip(endpoint.url)
            self._list.addItem(item)
        self._list.blockSignals(False)
        rows = [row for row, endpoint in enumerate(endpoints) if endpoint.id == chosen]
        if endpoints:
            self._list.setCurrentRow(rows[0] if rows else 0)
        else:
            self._on_add()

    def show_models(self, models: Sequence[str]) -> None:
        """What the server has; the name that stands there stays."""
        name = self._model.currentText()
        self._model.clear()
        self._model.addItems(list(models))
        self._model.setCurrentText(name or (models[0] if models else ""))
        count = len(models)
        self.say(f"The server answers and has {count} model{'s' * (count != 1)}.", "success")

    def say(self, words: str, role: str = "muted") -> None:
        """A line below the form; "" says where the text goes."""
        if not words and self._url.text().strip() and not is_local(self._url.text().strip()):
            words, role = "This is not your computer: the text you propose with is sent there.", "warning"
        self._note.setText(words)
        set_role(self._note, role)

    def url(self) -> str:
        """The address that the form shows, as an endpoint keeps it; "" when it is none."""
        try:
            return checked_url(self._url.text())
        except StudioError:
            return ""

    def endpoint(self) -> Endpoint:
        """What the form says. Raises StudioError that names the field."""
        key = self._key.text().strip()
        has_key = bool(key) or bool(self._shown and self._shown.key)
        url = checked_url(self._url.text(), with_key=has_key)
        where = self._shown.key if self._shown and not key else ("" if not key else "keyring")
        try:
            return Endpoint(
                id=self._shown.id if self._shown else new_id(),
                title=self._title.text().strip() or self._model.currentText().strip() or url,
                url=url,
                model=self._model.currentText().strip(),
                api=self._api.currentData(),
                context_tokens=self._context.value(),
                extended=self._extended.isChecked(),
                key=key if key.startswith("env:") else where,
            )
        except msgspec.ValidationError as error:
            raise StudioError(f"This cannot be kept: {error}.", do="Make it shorter.") from error

    # -- what happens ----------------------------------------------------------------------------

    def _on_chosen(self, item: QListWidgetItem | None) -> None:
        self._shown = item.data(_ROLE) if item is not None else None
        shown = self._shown or Endpoint(id="new", title="new", url=_HINT)
        self._title.setText(shown.title if self._shown else "")
        self._url.setText(shown.url if self._shown else "")
        self._key.clear()
        in_ring = shown.key == "keyring"
        self._key.setPlaceholderText(_KEPT if in_ring else shown.key or "none")
        self._model.clear()
        self._model.setCurrentText(shown.model)
        self._api.setCurrentIndex(self._api.findData(shown.api))
        self._context.setValue(shown.context_tokens)
        self._extended.setChecked(shown.extended)
        self._remove.setEnabled(self._shown is not None)
        self.say("")

    def _on_add(self) -> None:
        self._list.setCurrentRow(-1)
        self._on_chosen(None)
        self._url.setFocus()

    def _on_remove(self) -> None:
        if self._shown is not None:
            self.removed.emit(self._shown.id)

    def _on_ask(self) -> None:
        self._tell(self.asked)

    def _on_save(self) -> None:
        self._tell(self.saved)

    def _tell(self, signal: SignalInstance) -> None:
        try:
            endpoint = self.endpoint()
        except StudioError as error:
            self.say(f"{error.what} {error.do}".strip(), "danger")
            return
        key = self._key.text().strip()
        signal.emit(endpoint, "" if key.startswith("env:") else key)
