"""One layer in the list of layers: what it looks like, its name, whether it is shown and held."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from studio.media.picture.document import Layer
from studio.widgets.icons import IconButton
from studio.widgets.labels import ElidedLabel
from studio.widgets.tones import current_tones

THUMB_PX = 40
_KINDS = {"raster": "", "mask": "where to draw", "lock": "stays as it is"}


class NameField(QLineEdit):
    """Looks like a label until it is written in; Escape gives the writing up."""

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFrame(False)
        self.setProperty("quiet", True)
        self.setStyleSheet(
            "QLineEdit { background: transparent; border: none; padding: 0; min-height: 18px; }"
        )
        self._before = ""

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Its layer is the one that is meant."""
        super().focusInEvent(event)
        self._before = self.text()
        self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape: as it was."""
        if event.key() == Qt.Key.Key_Escape and self.text() != self._before:
            self.setText(self._before)
            event.accept()
        else:
            super().keyPressEvent(event)


class LayerRow(QWidget):
    """Values in, wishes out."""

    renamed = Signal(str, str)
    shown = Signal(str, bool)
    held = Signal(str, bool)
    chosen = Signal(str)

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.layer = layer
        self._thumb = QLabel()
        self._thumb.setFixedSize(THUMB_PX, THUMB_PX)
        self._name = NameField()
        self._kind = ElidedLabel("muted")
        self._eye = IconButton("eye", "", size=16)
        self._hold = IconButton("unlock", "", size=16)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._name)
        words.addWidget(self._kind)
        words.addStretch(1)
        box = QHBoxLayout(self)
        box.setContentsMargins(4, 3, 2, 3)
        box.setSpacing(8)
        box.addWidget(self._thumb)
        box.addLayout(words, 1)
        box.addWidget(self._hold)
        box.addWidget(self._eye)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._name.editingFinished.connect(self._on_named)
        self._name.chosen.connect(lambda: self.chosen.emit(self.layer.id))
        self._eye.clicked.connect(lambda: self.shown.emit(self.layer.id, not self.layer.visible))
        self._hold.clicked.connect(lambda: self.held.emit(self.layer.id, not self.layer.held))
        self.show_layer(layer)

    def sizeHint(self) -> QSize:
        """As wide as the list."""
        return QSize(160, THUMB_PX + 8)

    def show_layer(self, layer: Layer) -> None:
        """Show another state of the layer."""
        self.layer = layer
        if not self._name.hasFocus():
            self._name.setText(layer.name)
            self._name.setCursorPosition(0)
        self._name.setAccessibleName(f"Name of the layer {layer.name}")
        self._name.setToolTip(f"“{layer.name}”. Click to rename; F2 in the list")
        parts = [_KINDS[layer.kind], "" if layer.opacity == 1 else f"{round(layer.opacity * 100)} %"]
        text = " · ".join(part for part in parts if part)
        self._kind.show_text(text)
        self._kind.setVisible(bool(text))
        self._eye.set_icon("eye" if layer.visible else "eye-off", "text" if layer.visible else "faint")
        self._eye.set_tip(f"Hide “{layer.name}”" if layer.visible else f"Show “{layer.name}”")
        self._hold.set_icon("lock" if layer.held else "unlock", "accent" if layer.held else "faint")
        hold = "Let go of" if layer.held else "Hold"
        self._hold.set_tip(f"{hold} “{layer.name}”: a held layer cannot be painted on, moved or removed")

    def show_thumb(self, image: QImage | None) -> None:
        """What it looks like, at most THUMB_PX a side; None when it is empty."""
        ratio = self.devicePixelRatioF()
        side = round(THUMB_PX * ratio)
        pixmap = QPixmap(side, side)
        tones = current_tones()
        pixmap.fill(QColor(tones.sunken))
        if image is not None:
            mode = Qt.TransformationMode.SmoothTransformation
            small = image.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, mode)
            painter = QPainter(pixmap)
            painter.drawImage((side - small.width()) // 2, (side - small.height()) // 2, small)
            painter.end()
        pixmap.setDevicePixelRatio(ratio)
        self._thumb.setPixmap(pixmap)

    def start_rename(self) -> None:
        """Write the name."""
        self._name.setFocus(Qt.FocusReason.OtherFocusReason)
        self._name.selectAll()

    def writes(self) -> bool:
        """Its name is being written."""
        return self._name.hasFocus()

    def _on_named(self) -> None:
        name = " ".join(self._name.text().split())
        if name and name != self.layer.name:
            self.renamed.emit(self.layer.id, name)
        else:
            self._name.setText(self.layer.name)
