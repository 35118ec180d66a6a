"""The small switches of a track: a letter that lights up."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from studio.widgets.tones import current_tones

_SIDE_PX: Final = 20


class LetterSwitch(QAbstractButton):
    """One letter on a small plate; on, the plate has the colour of a role of Tones."""

    def __init__(self, letter: str, role: str) -> None:
        super().__init__()
        self._letter, self._role = letter, role
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_state(self, on: bool, tip: str) -> None:
        """Whether it is on, and what pressing it does. Not told."""
        self.setChecked(on)
        self.setToolTip(tip)
        self.setAccessibleName(tip)

    def nextCheckState(self) -> None:
        """It shows what the piece has, not what was pressed: the piece answers at once."""

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(_SIDE_PX, _SIDE_PX)

    def enterEvent(self, event: QEnterEvent) -> None:
        """It lights up a little."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The plate, the letter."""
        tones = current_tones()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plate = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        on = self.isChecked()
        painter.setPen(QPen(QColor(tones.focus), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        if on:
            painter.setBrush(QColor(tones.role(self._role)))
        else:
            painter.setBrush(QColor(tones.border if self.underMouse() else tones.sunken))
        painter.drawRoundedRect(plate, 4, 4)
        font = painter.font()
        font.setPixelSize(11)
        font.setBold(on)
        painter.setFont(font)
        painter.setPen(QColor(tones.background if on else tones.muted))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self._letter)
