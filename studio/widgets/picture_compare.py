"""Compare two pictures: a line between them, one after the other, their difference, or side by side."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from msgspec import Struct
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QSlider,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from studio.widgets.compare_difference import DifferenceMaker
from studio.widgets.compare_stage import CompareMode, CompareStage
from studio.widgets.icons import IconButton
from studio.widgets.labels import ElidedLabel, button, empty_state, label
from studio.widgets.picture_keys import LOOKING, looked
from studio.widgets.picture_stage import PictureStage, Viewpoint
from studio.widgets.take_wishes import TakeWishes

_MODES: Final[tuple[tuple[CompareMode, str, str, str], ...]] = (
    ("slider", "Slider", "A line parts the two (1)", "Drag the line, or move it with the arrow keys."),
    ("toggle", "Toggle", "One after the other in the same place (2)", "Hold Space to see the second."),
    ("difference", "Difference", "Only what differs, made stronger (3)", ""),
    ("side", "Side by side", "Both at once (4)", "Zoom and pan move both."),
)
_BLINK_MS: Final = 600
_STEP: Final = 0.02
_GAINS: Final = (1, 2, 4, 8, 16)
_EMPTY: Final = "Choose two pictures to compare."


class PictureChoice(Struct, frozen=True, kw_only=True):
    """A picture that can be compared: a take's or a node's id, its name, and what tells it from others."""

    id: str
    title: str
    detail: str = ""


class PictureCompare(TakeWishes):
    """Zoom and pan are the same for both; `image_wanted` asks for pixels, `show_image` brings them."""

    pair_changed = Signal(str, str)
    mode_changed = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewpoint = Viewpoint(self)
        self.stage = CompareStage(self.viewpoint)
        self._sides = (PictureStage(self.viewpoint), PictureStage(self.viewpoint))
        self._maker = DifferenceMaker(self)
        self._images: dict[str, QImage] = {}
        self._choices: tuple[PictureChoice, ...] = ()
        self._pair = ("", "")
        self._mode: CompareMode = "slider"
        self._boxes = (QComboBox(), QComboBox())
        self._buttons = QButtonGroup(self)
        self._words = ElidedLabel("muted")
        self._zoom = label("", "muted")
        self._gain = QSlider(Qt.Orientation.Horizontal)
        self._gain_text = label("", "muted")
        self._blink = QCheckBox("Blink")
        self._timer = QTimer(self, interval=_BLINK_MS)
        self._empty = empty_state(_EMPTY)
        self._stack = QStackedLayout()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Compare two pictures")
        self.setAccessibleDescription(f"1 to 4 choose how, X swaps the two. {LOOKING}.")
        self._lay_out()
        self._connect()
        self.set_mode("slider")

    # -- building -------------------------------------------------------------------------

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 6, 8, 8)
        outer.setSpacing(6)
        outer.addLayout(self._head())
        sides = QWidget()
        row = QHBoxLayout(sides)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for stage in self._sides:
            row.addWidget(stage, 1)
        for page in (self._empty, self.stage, sides):
            self._stack.addWidget(page)
        outer.addLayout(self._stack, 1)
        outer.addLayout(self._foot())

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(4)
        for box, name in zip(self._boxes, ("First picture", "Second picture"), strict=True):
            box.setAccessibleName(name)
            box.setToolTip(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(12)
        swap = IconButton("swap", "Swap the two (X)")
        swap.clicked.connect(self.swap)
        close = IconButton("close", "Back (Esc)")
        close.clicked.connect(self.closed)
        head.addWidget(self._boxes[0], 1)
        head.addWidget(swap)
        head.addWidget(self._boxes[1], 1)
        head.addSpacing(12)
        for index, (_mode, title, tip, _words) in enumerate(_MODES):
            one = button(title, tip, flat=True)
            one.setCheckable(True)
            one.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves Space and arrows to the pictures
            self._buttons.addButton(one, index)
            head.addWidget(one)
        head.addStretch(1)
        head.addWidget(close)
        return head

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self._gain.setRange(0, len(_GAINS) - 1)
        self._gain.setValue(2)
        self._gain.setFixedWidth(140)
        self._gain.setAccessibleName("How much stronger the difference is shown")
        self._gain.setToolTip("How much stronger the difference is shown (Up, Down)")
        self._blink.setToolTip("Show one after the other by itself (B)")
        self._blink.setAccessibleName("Blink")
        fit = button("Fit", "Show whole pictures (0)", flat=True)
        pixels = button("100 %", "Show a picture's own pixels (A)", flat=True)
        fit.clicked.connect(self.viewpoint.fit)
        pixels.clicked.connect(lambda: self._looking().show_pixels())
        foot.addWidget(self._words, 1)
        for widget in (self._blink, self._gain, self._gain_text, self._zoom, fit, pixels):
            foot.addWidget(widget)
        return foot

    def _connect(self) -> None:
        for at, box in enumerate(self._boxes):
            box.activated.connect(partial(self._on_chosen, at))
        self._buttons.idClicked.connect(lambda at: self.set_mode(_MODES[at][0]))
        self._gain.valueChanged.connect(self._make_difference)
        self._blink.toggled.connect(self._on_blink)
        self._timer.timeout.connect(lambda: self.stage.set_shows_second(not self.stage.shows_second()))
        self._maker.made.connect(self._on_difference)
        self.viewpoint.changed.connect(self._show_zoom)

    # -- values ---------------------------------------------------------------------------

    def set_choices(self, choices: Sequence[PictureChoice]) -> None:
        """Which pictures there are; the two that are shown stay if they are still among them."""
        self._choices = tuple(choices)
        for box in self._boxes:
            box.clear()
            for choice in self._choices:
                box.addItem(choice.title, choice.id)
                box.setItemData(box.count() - 1, choice.detail or choice.title, Qt.ItemDataRole.ToolTipRole)
        ids = [choice.id for choice in self._choices]
        first, second = (kept if kept in ids else "" for kept in self._pair)
        self.show_pair(first, second)

    def show_pair(self, first: str, second: str) -> None:
        """Compare these two of the choices; "" leaves one open."""
        changed = (first, second) != self._pair
        self._pair = (first, second)
        self._images = {name: image for name, image in self._images.items() if name in self._pair}
        for box, wanted in zip(self._boxes, self._pair, strict=True):
            box.setCurrentIndex(box.findData(wanted))
        self._show()
        for wanted in dict.fromkeys(self._pair):
            if wanted and wanted not in self._images:
                self.image_wanted.emit(wanted)
        if changed:
            self.pair_changed.emit(first, second)

    def pair(self) -> tuple[str, str]:
        """The two that are compared."""
        return self._pair

    def show_image(self, take_id: str, image: QImage) -> None:
        """The pixels of one of the two; of another: nothing."""
        if take_id in self._pair:
            self._images[take_id] = image
            self._show()

    def mode(self) -> CompareMode:
        """How the two are shown."""
        return self._mode

    def set_mode(self, mode: CompareMode) -> None:
        """Show the two another way."""
        self._mode = mode
        at = [entry[0] for entry in _MODES].index(mode)
        self._buttons.button(at).setChecked(True)
        self._words.show_text(_MODES[at][3])
        self._blink.setVisible(mode == "toggle")
        for widget in (self._gain, self._gain_text):
            widget.setVisible(mode == "difference")
        if mode != "toggle":
            self._blink.setChecked(False)
            self.stage.set_shows_second(False)
        self.stage.set_mode(mode)
        self._show()
        self.mode_changed.emit(mode)

    def words(self) -> str:
        """What is said below the pictures."""
        return self._words.text()

    def gain(self) -> int:
        """How many times stronger the difference is shown."""
        return _GAINS[self._gain.value()]

    def set_blinking(self, on: bool) -> None:
        """Show one after the other by itself."""
        self._blink.setChecked(on)

    def swap(self) -> None:
        """The first becomes the second."""
        self.show_pair(self._pair[1], self._pair[0])

    # -- inside ---------------------------------------------------------------------------

    def _image(self, at: int) -> QImage:
        return self._images.get(self._pair[at], QImage())

    def _title(self, at: int) -> str:
        return next((choice.title for choice in self._choices if choice.id == self._pair[at]), "")

    def _looking(self) -> PictureStage:
        return self._sides[0] if self._mode == "side" else self.stage

    def _show(self) -> None:
        first, second = self._image(0), self._image(1)
        self.stage.set_image(first)
        self.stage.set_second(second)
        self.stage.set_names(self._title(0), self._title(1))
        for stage, image in zip(self._sides, (first, second), strict=True):
            stage.set_image(image)
        page = 2 if self._mode == "side" else 1
        self._stack.setCurrentIndex(page if all(self._pair) else 0)
        self._make_difference()
        self._show_zoom()

    def _make_difference(self) -> None:
        self._gain_text.setText(f"× {self.gain()}")
        if self._mode != "difference":
            return
        first, second = self._image(0), self._image(1)
        if first.isNull() or second.isNull():
            self.stage.set_apart(QImage())
            self._words.show_text("")
        else:
            if not self._maker.knows(first, second):
                self.stage.set_apart(QImage())
                self._words.show_text("Comparing…")
            self._maker.make(first, second, self.gain())

    def _on_difference(self, image: QImage, words: str) -> None:
        if self._mode == "difference":
            self.stage.set_apart(image)
            self._words.show_text(words)

    def _on_chosen(self, at: int, index: int) -> None:
        chosen = str(self._boxes[at].itemData(index) or "")
        pair = [*self._pair]
        if chosen == pair[1 - at]:
            pair[1 - at] = pair[at]  # the same twice says nothing: the two change places
        pair[at] = chosen
        self.show_pair(pair[0], pair[1])

    def _on_blink(self, on: bool) -> None:
        if on:
            self._timer.start()
        else:
            self._timer.stop()
            self.stage.set_shows_second(False)

    def _show_zoom(self) -> None:
        scale = self._looking().scale()
        self._zoom.setText(f"{scale:.0%}".replace("%", " %") if scale else "")

    # -- keys -----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose how, move the line, toggle, look."""
        if looked(self._looking(), event):
            return
        key = event.key()
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_4:
            self.set_mode(_MODES[key - Qt.Key.Key_1][0])
        elif key == Qt.Key.Key_X:
            self.swap()
        elif key == Qt.Key.Key_Escape:
            self.closed.emit()
        elif not self._mode_key(Qt.Key(key), event.isAutoRepeat()):
            super().keyPressEvent(event)

    def _mode_key(self, key: Qt.Key, repeated: bool) -> bool:
        stage = self.stage
        moves = {
            Qt.Key.Key_Left: stage.split() - _STEP,
            Qt.Key.Key_Right: stage.split() + _STEP,
            Qt.Key.Key_PageUp: stage.split() - 5 * _STEP,
            Qt.Key.Key_PageDown: stage.split() + 5 * _STEP,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: 1.0,
        }
        match self._mode:
            case "slider" if key in moves:
                stage.set_split(moves[key])
            case "toggle" if key == Qt.Key.Key_Space:
                if not repeated:
                    stage.set_shows_second(True)
            case "toggle" if key == Qt.Key.Key_B:
                self._blink.toggle()
            case "difference" if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                self._gain.setValue(self._gain.value() + (1 if key == Qt.Key.Key_Up else -1))
            case _:
                return False
        return True

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """The first again."""
        if event.key() == Qt.Key.Key_Space and self._mode == "toggle":
            if not event.isAutoRepeat():
                self.stage.set_shows_second(False)
            return
        super().keyReleaseEvent(event)
