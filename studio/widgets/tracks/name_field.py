"""The field in which a track is named, and the button that reads as quiet words."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QSizePolicy, QWidget

from studio.widgets.tones import current_tones

_LONGEST = 80


class NameField(QLineEdit):
    """Laid over a name while it is written. Return or leaving it names, Escape gives the writing up."""

    named = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._before = ""
        self.setMaxLength(_LONGEST)
        self.setAccessibleName("Name of the track")
        self.setToolTip("Return names the track, Esc leaves its name as it was")
        self.setStyleSheet("QLineEdit { padding: 0 3px; min-height: 16px; border-radius: 4px; }")
        self.hide()
        self.returnPressed.connect(self._done)

    def ask(self, area: QRect, name: str) -> None:
        """Show it with a name, all of it chosen."""
        self._before = name
        self.setText(name)
        self.selectAll()
        self.setGeometry(area)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def flush(self) -> None:
        """Name it as it stands."""
        if not self.isHidden():
            self._done()

    def event(self, event: QEvent) -> bool:
        """Escape is heard here before any shortcut of the window."""
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if event.type() in kinds and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.KeyPress:
                self.setText(self._before)
                self._done()
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What means nothing here means nothing in the list either."""
        super().keyPressEvent(event)
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Left for something else (not for its own menu): named."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.flush()

    def _done(self) -> None:
        if self.isHidden():
            return
        name = " ".join(self.text().split())
        parent = self.parentWidget()
        had_focus = self.hasFocus()
        self.hide()
        if had_focus and parent is not None and (holder := parent.parentWidget()) is not None:
            holder.setFocus(Qt.FocusReason.OtherFocusReason)  # the list
        if name and name != self._before:
            self.named.emit(name)


class QuietButton(QAbstractButton):
    """Words that can be pressed, cut where there is no room."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Say something else."""
        if text != self.text():
            self.setText(text)

    def sizeHint(self) -> QSize:
        """A low line."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 6, 20)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(24, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Muted; under the mouse or with the keyboard underlined by a plate."""
        tones = current_tones()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus() or self.isDown():
            painter.setPen(QColor(tones.focus) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tones.sunken))
            painter.drawRoundedRect(self.rect().adjusted(0, 1, -1, -2), 4, 4)
        font = painter.font()
        if font.pointSizeF() > 0:
            font.setPointSizeF(font.pointSizeF() * 0.9)
        painter.setFont(font)
        painter.setPen(QColor(tones.muted))
        area = self.rect().adjusted(2, 0, -2, 0)
        words = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
