"""What was found in a dropped picture: take over all of its recipe or a part, or only the picture."""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.media.picture.found import FoundRecipe, What
from studio.media.picture.schedulers import shown_name
from studio.widgets.labels import button, label

Wish = Literal["all", "prompt", "seed", "size", "layer", "new"]
THUMB_PX: Final = QSize(192, 192)
_WORDS: Final[tuple[tuple[What, str, str], ...]] = (
    ("all", "Recall all", "Prompt, seed, size, model and every knob, as far as they can be taken over"),
    ("prompt", "Only the prompt", "The prompt and what should not be seen"),
    ("seed", "Only the seed", "The next takes begin from the same seed"),
    ("size", "Only the size", "Width and height"),
)
_FIELDS: Final = (
    ("seed", "seed"), ("steps", "steps"), ("guidance", "guidance"), ("scheduler", "scheduler"),
    ("strength", "strength"), ("clip_skip", "clip skip"),
)  # fmt: skip


class Dropped(Struct, frozen=True, kw_only=True):
    """A picture that came from outside, as the dialog shows it. `notes`: what could not be taken over."""

    name: str
    image: QImage
    size: tuple[int, int]
    found: FoundRecipe
    notes: tuple[str, ...] = ()


class RecallDialog(QDialog):
    """`wish()` tells what was chosen once it is accepted. `can_layer`: a picture is open that it can become part of."""

    def __init__(self, dropped: Dropped, *, can_layer: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Picture with a recipe")
        self._wish: Wish = "all"
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        found = dropped.found
        column.addWidget(label(f"{dropped.name} was made with {found.title}.", "strong"))
        column.addLayout(self._facts(dropped))
        if dropped.notes:
            column.addWidget(_notes(dropped.notes))
        column.addLayout(self._recalls(found))
        column.addLayout(self._rest(can_layer))
        self.setMinimumWidth(620)
        self._main.setFocus()

    def wish(self) -> Wish:
        """What shall be done."""
        return self._wish

    def _facts(self, dropped: Dropped) -> QHBoxLayout:
        thumb = QLabel()
        thumb.setAccessibleName(f"The picture {dropped.name}")
        thumb.setPixmap(_thumb(dropped.image))
        thumb.setAlignment(Qt.AlignmentFlag.AlignTop)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        for title, text in _rows(dropped):
            words = label(text)
            words.setWordWrap(True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(label(title, "muted"), words)
        prompt = QPlainTextEdit(dropped.found.prompt or "(no prompt)")
        prompt.setReadOnly(True)
        prompt.setAccessibleName("Prompt")
        prompt.setToolTip("The words it was made from")
        prompt.setTabChangesFocus(True)
        prompt.setMaximumHeight(96)
        right = QVBoxLayout()
        right.addWidget(prompt)
        right.addLayout(form)
        right.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(thumb)
        row.addLayout(right, 1)
        return row

    def _recalls(self, found: FoundRecipe) -> QHBoxLayout:
        row = QHBoxLayout()
        for what, title, tip in _WORDS:
            knob = button(title, tip, primary=what == "all")
            knob.setEnabled(found.offers(what))
            if not found.offers(what):
                knob.setToolTip("The file does not tell it")
            knob.clicked.connect(lambda _on=False, what=what: self._choose(what))
            if what == "all":
                knob.setDefault(True)
                self._main = knob
            row.addWidget(knob)
        row.addStretch(1)
        return row

    def _rest(self, can_layer: bool) -> QHBoxLayout:
        layer = button("Place as layer", "Put the picture itself onto the open canvas")
        layer.setEnabled(can_layer)
        if not can_layer:
            layer.setToolTip("No picture is open")
        layer.clicked.connect(lambda: self._choose("layer"))
        new = button("As a new picture", "Begin a new picture with it")
        new.clicked.connect(lambda: self._choose("new"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        for widget in (layer, new):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(buttons)
        return row

    def _choose(self, wish: Wish) -> None:
        self._wish = wish
        self.accept()


def _rows(dropped: Dropped) -> list[tuple[str, str]]:
    """What is known, as a table; what is not known has no line."""
    found = dropped.found
    rows = [("Not", found.negative)] if found.negative else []
    values = [f"{title} {_value(found.values[name])}" for name, title in _FIELDS
              if found.values.get(name) not in (None, "")]  # fmt: skip
    if found.offers("size"):
        values.insert(0, f"{found.values['width']} × {found.values['height']}")
    rows.append(("Made", ", ".join(values)))
    if found.model is not None:
        rows.append(("Model", _file(found.model.name)))
    if found.adapters:
        rows.append(("Adapters", ", ".join(f"{_file(a.name)} ({a.weight:g})" for a in found.adapters)))
    rows.append(("File", f"{dropped.size[0]:,} × {dropped.size[1]:,} pixels"))
    return rows


def _value(value: object) -> str:
    """A number as short as it is; a scheduler by the name it has elsewhere too."""
    if isinstance(value, str):
        return shown_name(value)
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _file(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2] or path


def _notes(notes: Sequence[str]) -> QWidget:
    """What could not be taken over; a long list scrolls."""
    words = label("\n".join(f"• {note}" for note in notes), "muted")
    words.setWordWrap(True)
    words.setAccessibleName("What could not be taken over")
    area = QScrollArea()
    area.setWidget(words)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.TabFocus if len(notes) > 4 else Qt.FocusPolicy.NoFocus)
    area.setToolTip("What could not be taken over")
    area.setAccessibleName("What could not be taken over")
    area.setMaximumHeight(min(128, 24 + 22 * len(notes)))
    return area


def _thumb(image: QImage) -> QPixmap:
    aspect, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    small = image.scaled(THUMB_PX, aspect, smooth) if image.width() > 192 or image.height() > 192 else image
    return QPixmap.fromImage(small)
