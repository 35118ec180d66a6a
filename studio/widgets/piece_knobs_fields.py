"""Fields of the music knobs: a level in words, a task that may be grey, an instrument, yes or no."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QStandardItemModel
from PySide6.QtWidgets import QCheckBox, QMenu, QPushButton, QSizePolicy

from studio.media.music.attributes import level_words
from studio.media.music.instruments import program_name
from studio.media.music.vocabulary import LEVELS
from studio.widgets.knob_fields import ChoiceField
from studio.widgets.labels import button
from studio.widgets.piece_knob_words import ANY
from studio.widgets.tracks.instruments_menu import fill_instruments

_SHORT: Final = {" notes a beat": " a beat", "whole notes and": "whole and"}  # the label says it is notes
_LEAST_PX: Final = 120
_AROUND_PX: Final = 48  # beside a button's words: its padding and the arrow


class LevelField(ChoiceField):
    """A step of one measure of music, in words; None leaves it to the model."""

    def __init__(self, kind: str) -> None:
        levels: list[tuple[object, str]] = [(level, _words(kind, level)) for level in range(LEVELS[kind])]
        super().__init__([(None, ANY), *levels])

    def set_value(self, value: object) -> None:
        """Show a level; one beyond the last is shown as that."""
        level = value if isinstance(value, int) else -1
        self.setCurrentIndex(min(level + 1, self.count() - 1))


class TaskField(ChoiceField):
    """One of a few tasks; those that cannot be asked now are grey and say why."""

    def set_reasons(self, reasons: Mapping[str, str]) -> None:
        """Why a task cannot be asked now, by task; "" when it can."""
        lines = self.model()
        assert isinstance(lines, QStandardItemModel)
        for row in range(self.count()):
            why = reasons.get(self.itemData(row), "")
            lines.item(row).setEnabled(not why)
            lines.item(row).setToolTip(why)


class YesNoField(QCheckBox):
    """A switch."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.toggled.connect(self.changed)

    def value(self) -> bool:
        """Whether it is on."""
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        """Turn it."""
        self.setChecked(value)


class InstrumentField(QPushButton):
    """Says the instrument of the new track; pressed it offers all others by family."""

    changed = Signal()
    drums_wanted = Signal()  # the drum kit was chosen: that is a task of its own

    def __init__(self, asks: str) -> None:
        super().__init__()
        self.setToolTip(button("", asks).toolTip())
        self.setAutoDefault(False)
        self._asks, self._program, self._name = asks, 0, ""
        self._menu = QMenu(self)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._menu.aboutToShow.connect(self.fill)
        self.setMenu(self._menu)
        self.set_value(0)

    def value(self) -> int:
        """The General MIDI program."""
        return self._program

    def set_value(self, value: int) -> None:
        """Show another."""
        self._program = value
        self._name = program_name(value)
        self.setAccessibleName(f"{self._asks}: {self._name}")
        self.setToolTip(f"{self._asks}: {self._name}")
        self._fit()
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow panel the name ends in …"""
        self._fit()
        super().resizeEvent(event)

    def sizeHint(self) -> QSize:
        """Room for the whole name."""
        return QSize(
            self.fontMetrics().horizontalAdvance(self._name) + _AROUND_PX, super().sizeHint().height()
        )

    def minimumSizeHint(self) -> QSize:
        """A narrow panel has room for some of it."""
        return QSize(_LEAST_PX, super().minimumSizeHint().height())

    def _fit(self) -> None:
        room = self.width() - _AROUND_PX
        self.setText(self.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideRight, room))

    def fill(self) -> QMenu:
        """The menu, as it opens."""
        self._menu.clear()
        fill_instruments(self._menu, self._on_chosen, self._program)
        return self._menu

    def _on_chosen(self, program: int, drums: bool) -> None:
        if drums:
            self.drums_wanted.emit()
        elif program != self._program:
            self.set_value(program)
            self.changed.emit()


def _words(kind: str, level: int) -> str:
    """A level in as few words as a narrow panel has room for."""
    words = level_words(kind, level)
    for long, short in _SHORT.items():
        words = words.replace(long, short)
    return words
