"""What the colours of surprise mean, in one slim line."""

import math
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.widgets.labels import ElidedLabel, label
from studio.widgets.page_marks import HEAT_ROLES, HEAT_STEPS, heat_legend
from studio.widgets.tones import Tones, follow_tones

_SWATCH_PX: Final = 22


class HeatLegend(QWidget):
    """Swatches from expected to surprising."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 2)
        row.setSpacing(8)
        row.addWidget(label("The model expected this", "muted"))
        row.addWidget(_Swatches())
        more = ElidedLabel("muted")
        more.show_text("and not this. Click a word to see what else could have stood there.")
        row.addWidget(more, 1)
        self.setAccessibleName("Colours of surprise, from expected to surprising")


class _Swatches(QWidget):
    """One coloured field a step."""

    def __init__(self) -> None:
        super().__init__()
        self._colours: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip("\n".join(explained()))
        follow_tones(self._retone)

    def sizeHint(self) -> QSize:
        """A slim band."""
        return QSize(_SWATCH_PX * len(HEAT_ROLES), 10)

    def _retone(self, tones: Tones) -> None:
        self._colours = tuple(tones.role(name) for name, _ in heat_legend())
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The band."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for index, colour in enumerate(self._colours):
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(index * _SWATCH_PX, 0, _SWATCH_PX - 2, self.height()), 2, 2)


def explained() -> tuple[str, ...]:
    """For each step its word and the probabilities it stands for."""
    likely = ("100 %", *(f"{math.exp(-nats):.0%}".replace("%", " %") for nats in HEAT_STEPS[:-1]))
    likely = (*likely, f"{math.exp(-HEAT_STEPS[-1]):.1%}".replace("%", " %"))
    return tuple(f"{words}: under {share}" for (_, words), share in zip(heat_legend(), likely, strict=True))
