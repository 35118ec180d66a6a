"""Which tidyings are wanted and how: a box for each with its settings beside it."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QWidget

from studio.media.music.groove import GRIDS
from studio.media.music.score import TICKS, Key, Mode
from studio.media.music.theory import SCALES, key_name, parse_key
from studio.media.music.tidying import TIDYINGS, Tidying, TidyWish
from studio.widgets.knob_fields import ChoiceField, WholeField

TITLES: Final[dict[Tidying, tuple[str, str]]] = {
    "scale": ("Into the key", "Notes that are not of the scale go to the nearest that is"),
    "grid": ("To the grid", "Notes begin on the lines of a grid"),
    "range": ("Into the range", "Notes out of the instrument's usual range move by octaves into it"),
    "overlaps": (
        "Doubles and overlaps",
        "Of notes of one pitch at once one stays; those that overlap end sooner",
    ),
    "velocity": ("Even velocities", "Notes become as loud as those around them"),
}
_MODES: Final[tuple[Mode, ...]] = ("major", "minor")


class TidyFields(QWidget):
    """`wish()` tells what is wanted."""

    changed = Signal()

    def __init__(self, wish: TidyWish, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        keys = [Key(0, tonic, mode) for mode in _MODES for tonic in range(12)]
        self._key = ChoiceField([("", "The piece's key"), *((key_name(key), key_name(key)) for key in keys)])
        self._scale = ChoiceField([("", "All of the key"), *((scale, scale) for scale in SCALES)])
        self._way = ChoiceField([("nearest", "nearest"), ("up", "upwards"), ("down", "downwards")])
        self._grid = ChoiceField([(ticks, name) for name, ticks in GRIDS.items()])
        self._strength, self._swing = WholeField(0, 100), WholeField(50, 75)
        self._amount, self._window = WholeField(0, 100), WholeField(1, 8)
        self._boxes = {kind: QCheckBox(TITLES[kind][0]) for kind in TIDYINGS}
        self._settings: dict[Tidying, QWidget] = {
            "scale": _beside(self._key, self._scale, self._way),
            "grid": _beside(self._grid, self._strength, self._swing),
            "range": QWidget(),
            "overlaps": QWidget(),
            "velocity": _beside(self._amount, self._window),
        }
        self._describe()
        self._lay_out()
        self._show(wish)
        self._connect()

    def _describe(self) -> None:
        for field, name, tip in (
            (self._key, "Key", "Whose scale; the piece's own changes are followed"),
            (self._scale, "Scale", "All of the key: in minor with the raised sixth and seventh"),
            (self._way, "Direction", "Where a note goes that is not of the scale"),
            (self._grid, "Grid", "The lines that notes are drawn to"),
            (self._strength, "Strength", "How far they go there: 100 % is all the way"),
            (self._swing, "Swing", "Where in each pair of steps the second stands: 50 % is straight"),
            (self._amount, "Amount", "How far they go to what is usual around them"),
            (self._window, "Around", "How many quarters before and behind count as around"),
        ):
            field.setAccessibleName(name)
            field.setToolTip(tip)
        self._strength.setSuffix(" %")
        self._amount.setSuffix(" %")
        self._swing.setPrefix("swing ")
        self._swing.setSuffix(" %")
        self._window.setPrefix("± ")
        self._window.setSuffix(" ♩")
        self._swing.setFixedWidth(128)
        self._window.setFixedWidth(128)
        self._grid.setFixedWidth(112)
        self._key.setFixedWidth(148)
        self._scale.setFixedWidth(128)
        self._way.setFixedWidth(104)
        for field in (self._key, self._scale, self._way, self._grid):
            field.setMinimumContentsLength(4)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        for row, kind in enumerate(TIDYINGS):
            box = self._boxes[kind]
            box.setToolTip(TITLES[kind][1])
            box.setAccessibleName(TITLES[kind][0])
            grid.addWidget(box, row, 0)
            grid.addWidget(self._settings[kind], row, 1)
        grid.setColumnStretch(1, 1)

    def _show(self, wish: TidyWish) -> None:
        for kind, box in self._boxes.items():
            box.setChecked(kind in wish.kinds)
        self._key.set_value(key_name(wish.key) if wish.key is not None else "")
        self._scale.set_value(wish.scale or "")
        self._way.set_value(wish.way)
        self._grid.set_value(wish.grid_ticks)
        self._strength.set_value(round(wish.strength * 100))
        self._swing.set_value(round(wish.swing * 100))
        self._amount.set_value(round(wish.amount * 100))
        self._window.set_value(max(1, round(wish.window_ticks / TICKS)))
        self._show_wanted()

    def _connect(self) -> None:
        for box in self._boxes.values():
            box.toggled.connect(self._show_wanted)
            box.toggled.connect(self.changed)
        for field in (self._key, self._scale, self._way, self._grid):
            field.changed.connect(self.changed)
        for number in (self._strength, self._swing, self._amount, self._window):
            number.changed.connect(self.changed)

    def _show_wanted(self) -> None:
        for kind, box in self._boxes.items():
            self._settings[kind].setEnabled(box.isChecked())

    def wish(self) -> TidyWish:
        """What stands in the fields."""
        return TidyWish(
            kinds=tuple(kind for kind, box in self._boxes.items() if box.isChecked()),
            key=parse_key(key) if (key := self._key.value()) else None,
            scale=self._scale.value() or None,
            way=self._way.value(),
            grid_ticks=int(self._grid.value()),
            strength=self._strength.value() / 100,
            swing=self._swing.value() / 100,
            amount=self._amount.value() / 100,
            window_ticks=self._window.value() * TICKS,
        )

    def show_counts(self, counts: dict[Tidying, int]) -> None:
        """How much each found, those that are wanted."""
        for kind, box in self._boxes.items():
            found = f" ({counts[kind]:,})" if kind in counts else ""
            box.setText(f"{TITLES[kind][0]}{found}")


def _beside(*fields: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    for field in fields:
        row.addWidget(field)
    row.addStretch(1)
    return holder
