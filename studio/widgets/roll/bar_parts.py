"""What the roll's bar is put together from: gaps, a button with settings beside it, and how each becomes an entry."""

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from studio.widgets.icons import IconButton
from studio.widgets.tones import current_tones

_GAP_PX: Final = 13


class Gap(QWidget):
    """A thin line between groups, or room that grows."""

    def __init__(self, stretch: int = 0) -> None:
        super().__init__()
        self.stretch = stretch
        self.setSizePolicy(
            QSizePolicy.Policy.Expanding if stretch else QSizePolicy.Policy.Fixed,
            QSizePolicy.Policy.Expanding,
        )

    def sizeHint(self) -> QSize:
        """A line with some air; what grows needs none."""
        return QSize(0 if self.stretch else _GAP_PX, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The line."""
        if not self.stretch:
            painter = QPainter(self)
            painter.fillRect(
                self.width() // 2, 6, 1, max(0, self.height() - 12), QColor(current_tones().border)
            )
            painter.end()


class SplitButton(QWidget):
    """An icon that does something as it was set last, and beside it an arrow that asks how."""

    pressed_main = Signal()
    pressed_arrow = Signal()

    def __init__(self, icon: str, tip: str, arrow_tip: str) -> None:
        super().__init__()
        self.main = IconButton(icon, tip)
        self.arrow = IconButton("down", arrow_tip, role="muted", size=12)
        self.arrow.setFixedWidth(20)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.main)
        row.addWidget(self.arrow, 0, Qt.AlignmentFlag.AlignVCenter)
        self.main.clicked.connect(self.pressed_main)
        self.arrow.clicked.connect(self.pressed_arrow)

    def set_tip(self, tip: str) -> None:
        """What pressing does."""
        self.main.set_tip(tip)


class Item:
    """A part of the bar; `kept`: it never goes into the menu."""

    def __init__(self, widget: QWidget, *, kept: bool = False) -> None:
        self.widget = widget
        self.kept = kept

    @property
    def stretch(self) -> int:
        """Whether it takes what room is left."""
        return self.widget.stretch if isinstance(self.widget, Gap) else 0

    @property
    def width(self) -> int:
        """The room it needs, in px."""
        fixed = self.widget.minimumWidth() if self.widget.minimumWidth() == self.widget.maximumWidth() else 0
        return fixed or self.widget.sizeHint().width()

    def add_to(self, menu: QMenu, title: str) -> None:
        """The same as an entry of a menu."""
        button = self.widget
        if not isinstance(button, IconButton):
            menu.addSeparator()
            return
        action = menu.addAction(button.icon(), title or button.accessibleName())
        action.setToolTip(button.toolTip())
        action.setEnabled(button.isEnabled())
        action.setCheckable(button.isCheckable())
        action.setChecked(button.isChecked())
        action.triggered.connect(button.click)
