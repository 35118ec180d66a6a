"""The look of the chosen layer: levels, gamma, saturation, sharpness, colour balance; its pixels stay as they are."""

from collections.abc import Sequence
from math import log
from typing import Final

from msgspec import Struct
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.media.picture.document import Adjust
from studio.widgets.canvas.histogram import Histogram
from studio.widgets.canvas.slide_row import SlideRow
from studio.widgets.icons import IconButton
from studio.widgets.labels import label


class _Knob(Struct, frozen=True):
    field: str
    name: str
    tip: str
    low: float
    high: float
    usual: float
    whole: bool = False


_KNOBS: Final = (
    _Knob("black", "Black", "What is darker than this becomes black", 0, 254, 0, True),
    _Knob("white", "White", "What is lighter than this becomes white", 1, 255, 255, True),
    _Knob("gamma", "Midtones", "Lighter or darker between black and white", -1.0, 1.0, 0.0),
    _Knob("saturation", "Saturation", "Greyer or more colourful", -1.0, 1.0, 0.0),
    _Knob("sharpness", "Sharpness", "Softer or sharper", -1.0, 1.0, 0.0),
    _Knob("red", "Red", "From cyan to red", -1.0, 1.0, 0.0),
    _Knob("green", "Green", "From magenta to green", -1.0, 1.0, 0.0),
    _Knob("blue", "Blue", "From yellow to blue", -1.0, 1.0, 0.0),
)
_GAMMA_MOST: Final = 4.0


class AdjustPanel(QWidget):
    """Tells each move (`adjusted_live`) and, when a slider is let go, the look that is meant (`adjusted`)."""

    adjusted_live = Signal(object)  # Adjust
    adjusted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = label("Nothing chosen", "muted")
        self._histogram = Histogram()
        self._reset = IconButton("reset", "Back to the layer as it is")
        self._rows: dict[str, SlideRow] = {}
        inner = QWidget()
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        rows.addWidget(self._histogram)
        for knob in _KNOBS:
            words = (lambda value: str(round(value))) if knob.whole else (lambda value: f"{value:+.2f}")
            row = SlideRow(knob.name, knob.tip, knob.low, knob.high, knob.usual, words=words, name_px=76)
            row.moved.connect(self._on_moved)
            row.settled.connect(self._on_settled)
            rows.addWidget(row)
            self._rows[knob.field] = row
        rows.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inner)
        self._inner = inner
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 0, 0)
        head.addWidget(label("Adjust", "strong"))
        head.addWidget(self._title, 1)
        head.addWidget(self._reset)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.setSpacing(8)
        box.addLayout(head)
        box.addWidget(area, 1)
        self._reset.clicked.connect(self._on_reset)
        self.show_layer("", None)

    def show_layer(self, name: str, how: Adjust | None) -> None:
        """Show a layer's look; None when nothing that has one is chosen. A slider in hand stays where it is."""
        self._title.setText(f"“{name}”" if how is not None else "Choose a picture layer")
        self._inner.setEnabled(how is not None)
        if how is None:
            self._histogram.show_counts(())
        if not any(row.held for row in self._rows.values()):
            self._show(how or Adjust())
        self._reset.setEnabled(how is not None and how != Adjust())

    def show_histogram(self, counts: Sequence[Sequence[int]]) -> None:
        """Four rows of 256 counts of the layer before it is adjusted: lightness, red, green, blue."""
        self._histogram.show_counts(counts)

    def value(self) -> Adjust:
        """What the sliders say."""
        at = {field: row.value() for field, row in self._rows.items()}
        black = min(254, round(at["black"]))
        return Adjust(
            black=black,
            white=max(black + 1, round(at["white"])),
            gamma=round(_GAMMA_MOST ** at["gamma"], 4),
            **{field: round(at[field], 3) for field in ("saturation", "sharpness", "red", "green", "blue")},
        )

    def _show(self, how: Adjust) -> None:
        for field, row in self._rows.items():
            value = getattr(how, field)
            row.set_value(log(value) / log(_GAMMA_MOST) if field == "gamma" else value)
        self._histogram.show_levels(how.black, how.white)

    def _on_moved(self) -> None:
        how = self.value()
        self._histogram.show_levels(how.black, how.white)
        self.adjusted_live.emit(how)

    def _on_settled(self) -> None:
        self.adjusted.emit(self.value())

    def _on_reset(self) -> None:
        self._show(Adjust())
        self.adjusted.emit(Adjust())
