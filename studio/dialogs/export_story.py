"""What to export, in which form, and whether with the authors."""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct
from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

from studio.widgets.labels import deciding, label

Scope = Literal["scene", "chapter", "story"]
_SCOPES: Final[dict[Scope, str]] = {
    "story": "The whole story",
    "chapter": "This chapter",
    "scene": "Only this text",
}


class FormChoice(Struct, frozen=True, kw_only=True):
    """A kind of file: `suffix` with its dot; `authors` when it can show whose words are whose."""

    form: str
    title: str
    suffix: str
    authors: bool


class ExportChoice(Struct, frozen=True, kw_only=True):
    """What the person chose."""

    form: str
    scope: Scope
    authors: bool
    sidecar: bool


class ExportDialog(QDialog):
    """`choice()` tells what was chosen once it is accepted; where it goes is asked after that."""

    def __init__(
        self,
        forms: Sequence[FormChoice],
        names: dict[Scope, str],
        last: ExportChoice | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`names` holds the scopes there are, with what they are called."""
        super().__init__(parent)
        self.setWindowTitle("Export")
        self._forms = {form.form: form for form in forms}
        self._form = QComboBox()
        for form in forms:
            self._form.addItem(f"{form.title} ({form.suffix})", form.form)
        self._scope = QComboBox()
        for scope, words in _SCOPES.items():
            if scope in names:
                self._scope.addItem(f"{words}: {names[scope]}" if names[scope] else words, scope)
        self._authors = QCheckBox("Mark the model's words with a character style")
        self._sidecar = QCheckBox("Keep who wrote what in a file beside it")
        self._note = label("", "muted")
        self._lay_out()
        self._form.currentIndexChanged.connect(self._show)
        self._set(last)
        self._show()

    def choice(self) -> ExportChoice:
        """What stands in the dialog."""
        form = str(self._form.currentData())
        return ExportChoice(
            form=form,
            scope=self._scope.currentData(),
            authors=self._authors.isChecked() and self._forms[form].authors,
            sidecar=self._sidecar.isChecked(),
        )

    def _lay_out(self) -> None:
        self._form.setAccessibleName("Form of the file")
        self._form.setToolTip("The kind of file to write")
        self._scope.setAccessibleName("What to export")
        self._scope.setToolTip("How much of the story to write")
        self._authors.setToolTip("They are coloured in the document, and known again when it is imported")
        self._sidecar.setToolTip(
            "Name.authors.json: which words are yours, which a model's, with model and seed"
        )
        self._note.setWordWrap(True)
        form = QFormLayout()
        form.addRow("&What", self._scope)
        form.addRow("&Form", self._form)
        buttons = deciding("Export…")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addLayout(form)
        column.addSpacing(4)
        for widget in (self._authors, self._sidecar, self._note, buttons):
            column.addWidget(widget)
        self.setMinimumWidth(440)

    def _set(self, last: ExportChoice | None) -> None:
        if last is None:
            return
        self._form.setCurrentIndex(max(0, self._form.findData(last.form)))
        self._scope.setCurrentIndex(max(0, self._scope.findData(last.scope)))
        self._authors.setChecked(last.authors)
        self._sidecar.setChecked(last.sidecar)

    @Slot()
    def _show(self) -> None:
        form = self._forms[str(self._form.currentData())]
        self._authors.setEnabled(form.authors)
        words = {
            "txt": "Only the words: no headings but chapters' titles, *emphasis* as typed.",
            "md": "*Emphasis* and **strong words** stay as typed; every other sign shows as it is.",
        }
        self._note.setText(words.get(form.form, "*Emphasis* becomes italics, **strong words** become bold."))
