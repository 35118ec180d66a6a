"""Small helpers that every widget of ours uses for words and looks."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDialogButtonBox,
    QFrame,
    QLabel,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from studio.widgets.icons import put_icon


def label(text: str = "", role: str = "", parent: QWidget | None = None) -> QLabel:
    """A plain-text label; `role` is muted, danger, warning, success, accent or strong."""
    out = QLabel(text, parent)
    out.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        out.setProperty("role", role)
    return out


def set_role(widget: QWidget, role: str) -> None:
    """Change a label's role."""
    set_look(widget, "role", role)


def set_look(widget: QWidget, name: str, value: object) -> None:
    """Change a property the style sheet looks at, and let it look again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def button(
    text: str, tip: str, icon_name: str = "", *, primary: bool = False, flat: bool = False
) -> QPushButton:
    """A push button with a tooltip and, maybe, an icon."""
    out = QPushButton(text)
    out.setToolTip(tip)
    out.setAccessibleName(text or tip)
    out.setProperty("primary", primary)
    out.setProperty("flat", flat)
    out.setAutoDefault(False)
    if icon_name:
        put_icon(out, icon_name, "accent_text" if primary else "text", 16)
    return out


def deciding(go_on: str) -> QDialogButtonBox:
    """A dialog's last row: Cancel, and the button that Return presses."""
    out = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    yes = out.addButton(go_on, QDialogButtonBox.ButtonRole.AcceptRole)
    yes.setProperty("primary", True)
    yes.setDefault(True)
    return out


def empty_state(text: str, parent: QWidget | None = None) -> QLabel:
    """What stands where nothing is yet: says what to do."""
    out = label(text, "muted", parent)
    out.setAlignment(Qt.AlignmentFlag.AlignCenter)
    out.setWordWrap(True)
    out.setMargin(16)
    out.setFrameShape(QFrame.Shape.NoFrame)
    return out


def pad(box: QAbstractSpinBox) -> None:
    """Give a number field the same inner margin as a text field: the sheet cannot."""
    box.lineEdit().setTextMargins(6, 0, 0, 0)


class ElidedLabel(QLabel):
    """One line that ends in … where there is no room; the tooltip has all of it."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show a text, and all of it as tooltip."""
        self.setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(16, QFontMetrics(self.font()).height() + 2)

    def sizeHint(self) -> QSize:
        """As wide as the text, never without height."""
        return QSize(super().sizeHint().width(), self.minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The text, cut where it must be."""
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
