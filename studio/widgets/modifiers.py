"""Which keys are held while something is pointed at."""

from msgspec import Struct
from PySide6.QtCore import Qt


class Modified(Struct, frozen=True, kw_only=True):
    """What carries `modifiers` says them in words."""

    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier

    @property
    def shift(self) -> bool:
        """Shift is held."""
        return bool(self.modifiers & Qt.KeyboardModifier.ShiftModifier)

    @property
    def alt(self) -> bool:
        """Alt is held."""
        return bool(self.modifiers & Qt.KeyboardModifier.AltModifier)

    @property
    def ctrl(self) -> bool:
        """Ctrl is held."""
        return bool(self.modifiers & Qt.KeyboardModifier.ControlModifier)
