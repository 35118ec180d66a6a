"""How far notes go up or down."""

from PySide6.QtWidgets import QCheckBox, QWidget

from studio.dialogs.notes_dialog import NotesDialog
from studio.media.music.wishes import TransposeWish
from studio.widgets.knob_fields import WholeField


class TransposeDialog(NotesDialog):
    """Semitones, or steps of the key's scale."""

    def __init__(
        self,
        about: str,
        key: str = "",
        last: TransposeWish | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`key` names the key ("D minor"); "" when there is none, and so no steps."""
        super().__init__("Transpose", about, "Transpose", parent)
        wish = last or TransposeWish()
        self._by = WholeField(-48, 48)
        self._in_key = QCheckBox(f"Steps of {key}" if key else "Steps of the key")
        self._row("&By", self._by, "Up, or with a minus down; 12 semitones are an octave")
        self._row("", self._in_key, "Notes stay in the key: a third is two steps, large or small as it falls")
        self._in_key.setAccessibleName("In steps of the key")
        self._in_key.setEnabled(bool(key))
        if not key:
            self._in_key.setToolTip("The piece has no key here: choose one first")
        self._by.set_value(wish.by)
        self._in_key.setChecked(wish.in_key and bool(key))
        self._by.changed.connect(self._tell)
        self._in_key.toggled.connect(self._tell)
        self._in_key.toggled.connect(self._show_unit)
        self._show_unit()

    def choice(self) -> TransposeWish:
        """What stands in the dialog."""
        return TransposeWish(by=self._by.value(), in_key=self._in_key.isChecked())

    def _show_unit(self) -> None:
        self._by.setSuffix(" steps" if self._in_key.isChecked() else " semitones")
        self._by.setFixedWidth(150)
