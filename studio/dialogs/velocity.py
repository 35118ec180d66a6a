"""How strong notes are played: all the same, more or less, or rising and falling."""

from typing import Final

from PySide6.QtWidgets import QWidget

from studio.dialogs.notes_dialog import NotesDialog
from studio.media.music.wishes import VelocityWish
from studio.widgets.knob_fields import ChoiceField, WholeField

_WAYS: Final = (
    ("set", "All as strong"),
    ("change", "Stronger or softer by"),
    ("scale", "A share of what they are"),
    ("ramp", "From the first to the last"),
)


class VelocityDialog(NotesDialog):
    """One way at a time; the fields of the others are hidden."""

    def __init__(self, about: str, last: VelocityWish | None = None, parent: QWidget | None = None) -> None:
        super().__init__("Velocity", about, "Set velocity", parent)
        wish = last or VelocityWish()
        self._how = ChoiceField(_WAYS)
        self._fields = {
            "value": WholeField(1, 127),
            "by": WholeField(-126, 126),
            "percent": WholeField(1, 400),
            "first": WholeField(1, 127),
            "last": WholeField(1, 127),
        }
        self._fields["percent"].setSuffix(" %")
        self._row("&How", self._how, "What is done to the velocities")
        for name, words, tip in (
            ("value", "&Velocity", "1 is the softest, 127 the strongest"),
            ("by", "&By", "Added to each; with a minus they become softer"),
            ("percent", "&Share", "Of each; 100 % leaves them as they are"),
            ("first", "&First", "The velocity of the first note"),
            ("last", "&Last", "The velocity of the last note; those between follow evenly in time"),
        ):
            self._row(words, self._fields[name], tip)
            self._fields[name].set_value(getattr(wish, name))
            self._fields[name].changed.connect(self._tell)
        self._how.set_value(wish.how)
        self._how.changed.connect(self._show_fields)
        self._how.changed.connect(self._tell)
        self._show_fields()

    def choice(self) -> VelocityWish:
        """What stands in the dialog."""
        values = {name: field.value() for name, field in self._fields.items()}
        return VelocityWish(how=self._how.value(), **values)

    def _show_fields(self) -> None:
        how = self._how.value()
        wanted = {"set": ("value",), "change": ("by",), "scale": ("percent",), "ramp": ("first", "last")}[how]
        for name, field in self._fields.items():
            self._form.setRowVisible(field, name in wanted)
