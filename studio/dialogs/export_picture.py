"""How a picture is written to a file: format, size, quality, with its recipe or without, merged or by layers."""

from typing import Any, Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.media.picture.export import FORMATS, SIDE_MOST_PX, ExportWish
from studio.widgets.labels import deciding, label, pad

_SIZES: Final = (("As large as it is", 1.0), ("Half", 0.5), ("Twice", 2.0), ("Four times", 4.0))
_SETTLE_MS: Final = 250
_SWATCH_PX: Final = 88
_ABOUT: Final = {
    "png": "Every pixel as it is, with transparency. Most programs read the recipe in it.",
    "jpeg": "Small, without transparency; colours change a little.",
    "webp": "Smaller than JPEG, with transparency.",
    "tiff": "Every pixel as it is, for printing and other studios.",
}


class ExportPictureDialog(QDialog):
    """`choice()` tells what was chosen once it is accepted; where it goes is asked after that.

    `estimate_wanted` asks for the size of the file; `show_estimate` answers.
    """

    estimate_wanted = Signal(object)  # ExportWish

    def __init__(
        self,
        size: tuple[int, int],
        layers: int = 0,
        last: ExportWish | None = None,
        *,
        has_recipe: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """`size` of the picture in pixels; `layers`: how many can be written one by one, 0 for none."""
        super().__init__(parent)
        self.setWindowTitle("Export picture")
        self._size, self._layer_count, self._has_recipe = size, layers, has_recipe
        self._colour = "#ffffff"
        self._format = _choice([(f"{title} ({suffix})", kind) for kind, (title, suffix) in FORMATS.items()])
        self._scale = _choice([*_SIZES, ("Other", 0.0)])
        self._width, self._height = _side("Width"), _side("Height")
        self._quality = QSlider(Qt.Orientation.Horizontal)
        self._quality_said = label("", "muted")
        self._lossless = QCheckBox("Lossless")
        self._ground = QPushButton()
        self._layers = QCheckBox(f"Each of the {layers} layers in a file of its own")
        self._recipe = QCheckBox("Put the recipe into the file")
        self._about, self._estimate = label("", "muted"), label("", "muted")
        self._about.setWordWrap(True)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._describe()
        self._lay_out()
        self._set(last or ExportWish())
        self._connect()
        self._show()

    def choice(self) -> ExportWish:
        """What stands in the dialog."""
        kind = self._format.currentData()
        own = self._scale.currentData() == 1.0
        return ExportWish(
            format=kind,
            width=0 if own else self._width.value(),
            height=0 if own else self._height.value(),
            quality=self._quality.value(),
            lossless=self._lossless.isChecked(),
            background=self._colour,
            recipe=self._recipe.isChecked() and self._has_recipe,
            layers=self._layers.isChecked() and self._layer_count > 1,
        )

    @Slot(int)
    def show_estimate(self, size_bytes: int) -> None:
        """About how large the file becomes; 0 when that is not known."""
        self._estimate.setText(f"About {_shown(size_bytes)}" if size_bytes else "")

    # -- building ----------------------------------------------------------------------------------

    def _describe(self) -> None:
        for widget, name, tip in (
            (self._format, "Format", "The kind of file to write"),
            (self._scale, "Size", "How large the picture is written"),
            (self._width, "Width in pixels", "Width in pixels; the height follows"),
            (self._height, "Height in pixels", "Height in pixels; the width follows"),
            (self._quality, "Quality", "Higher is larger and closer to the picture"),
            (self._lossless, "Lossless", "Every pixel as it is; the file becomes larger"),
            (self._ground, "Background", "What stands where the picture is transparent"),
            (self._layers, "Layers in files of their own", "Named after the layers, the lowest first"),
            (self._recipe, "Put the recipe into the file", "Prompt, seed and all that makes it again"),
        ):  # fmt: skip
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
        self._quality.setRange(1, 100)
        self._ground.setFixedWidth(_SWATCH_PX)
        self._ground.setAutoDefault(False)

    def _lay_out(self) -> None:
        form = self._form = QFormLayout()
        form.addRow("&Format", self._format)
        form.addRow("", self._about)
        form.addRow("&Size", self._scale)
        form.addRow("", _row(self._width, label("×", "muted"), self._height, label("pixels", "muted")))
        form.addRow("&Quality", _row(self._quality, self._quality_said))
        form.addRow("", self._lossless)
        form.addRow("&Background", _row(self._ground))
        form.addRow("", self._layers)
        form.addRow("", self._recipe)
        buttons = deciding("Export…")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self._estimate)
        column.addWidget(buttons)
        self.setMinimumWidth(460)

    def _set(self, wish: ExportWish) -> None:
        self._format.setCurrentIndex(max(0, self._format.findData(wish.format)))
        self._quality.setValue(wish.quality)
        self._lossless.setChecked(wish.lossless)
        self._colour = wish.background
        self._layers.setChecked(wish.layers)
        self._recipe.setChecked(wish.recipe)

    def _connect(self) -> None:
        for signal in (
            self._format.currentIndexChanged,
            self._scale.currentIndexChanged,
            self._quality.valueChanged,
            self._lossless.toggled,
            self._layers.toggled,
            self._recipe.toggled,
        ):
            signal.connect(self._show)
        self._width.valueChanged.connect(lambda width: self._follow(self._height, width, self._size))
        self._height.valueChanged.connect(lambda height: self._follow(self._width, height, self._size[::-1]))
        self._ground.clicked.connect(self._ask_colour)
        self._settle.timeout.connect(lambda: self.estimate_wanted.emit(self.choice()))

    # -- showing -----------------------------------------------------------------------------------

    @Slot()
    def _show(self) -> None:
        kind = str(self._format.currentData())
        lossy = kind == "jpeg" or (kind == "webp" and not self._lossless.isChecked())
        self._about.setText(_ABOUT[kind])
        for widget, wanted in (
            (self._quality, lossy),
            (self._lossless, kind == "webp"),
            (self._ground, kind == "jpeg"),
        ):
            self._form.setRowVisible(self._row_of(widget), wanted)
        self._form.setRowVisible(self._row_of(self._layers), self._layer_count > 1)
        self._quality_said.setText(str(self._quality.value()))
        self._recipe.setEnabled(self._has_recipe)
        if not self._has_recipe:
            self._recipe.setToolTip("This picture was not made by a model: there is no recipe")
        self._ground.setStyleSheet(f"background: {self._colour}; min-height: 22px;")
        factor = float(self._scale.currentData())
        for side, own in ((self._width, self._size[0]), (self._height, self._size[1])):
            side.setEnabled(not factor)
            if factor:
                side.blockSignals(True)
                side.setValue(max(1, round(own * factor)))
                side.blockSignals(False)
        self._settle.start()

    def _row_of(self, widget: QWidget) -> int:
        at = self._form.indexOf(widget)
        if at < 0:
            holder = widget.parentWidget()
            assert holder is not None
            at = self._form.indexOf(holder)
        place: Any = self._form.getItemPosition(at)  # (row, role), whatever the stubs say
        return int(place[0])

    def _follow(self, other: QSpinBox, value: int, size: tuple[int, int]) -> None:
        """The other side keeps the picture's shape."""
        other.blockSignals(True)
        other.setValue(max(1, round(value * size[1] / size[0])))
        other.blockSignals(False)
        self._settle.start()

    @Slot()
    def _ask_colour(self) -> None:
        dialog = QColorDialog(QColor(self._colour), self)
        dialog.colorSelected.connect(self._take_colour)
        dialog.open()

    @Slot(QColor)
    def _take_colour(self, colour: QColor) -> None:
        self._colour = colour.name()
        self._show()


def _choice(entries: list[tuple[str, object]]) -> QComboBox:
    box = QComboBox()
    for title, value in entries:
        box.addItem(title, value)
    return box


def _side(name: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(1, SIDE_MOST_PX)
    box.setFixedWidth(104)
    box.setAccessibleName(name)
    pad(box)
    return box


def _row(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        row.addWidget(widget)
    if not isinstance(widgets[0], QSlider):
        row.addStretch(1)
    return holder


def _shown(size_bytes: int) -> str:
    if size_bytes < 1_000_000:
        return f"{max(1, round(size_bytes / 1_000)):,} kB"
    return f"{size_bytes / 1_000_000:,.1f} MB"
