"""How a piece is written to a file: notes or sound, which bars and tracks, how fine."""

from typing import Any, Final, Literal

from msgspec import Struct
from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.media.music.export import FORMATS, RATES_HZ, SOUNDS, PieceWish
from studio.widgets.labels import deciding, label, pad

Scope = Literal["whole", "take", "bars", "tracks", "notes", "other"]
_ROW_PX: Final = 26
_ROWS_MOST: Final = 6
_WIDE_PX: Final = 460
_BAR_PX: Final = 88
_ABOUT: Final = {
    "midi": "For other music programs: notes, instruments, tempo, chords as markers.",
    "musicxml": "For notation programs: written out as a page of music.",
    "wav": "Every sample as it is.",
    "flac": "Every sample as it is, in about half the room.",
    "ogg": "Small, for listening and sending.",
}


class PieceFacts(Struct, frozen=True, kw_only=True):
    """What can be chosen from. Bars count from 0. `tracks`: (id, name); `take`: range and chosen tracks are a take's.

    `range`, `chosen_tracks` and the number of chosen `notes` are what the person has marked in the pane.
    """

    bars: int
    tracks: tuple[tuple[str, str], ...]
    range: tuple[int, int] | None = None
    chosen_tracks: tuple[str, ...] = ()
    notes: int = 0
    take: bool = False

    @property
    def scopes(self) -> dict[Scope, str]:
        """What there is to write, the likeliest first."""
        found: dict[Scope, str] = {}
        some = 0 < len(self.chosen_tracks) < len(self.tracks)
        if self.take:
            found |= {"take": "The take alone", "whole": "The piece it was asked for, with it"}
        else:
            found["whole"] = "The whole piece"
        if self.range is not None and not self.take:
            found["bars"] = f"The chosen bars ({_bars(self.range)})"
        if some and not self.take:
            names = [name for id_, name in self.tracks if id_ in self.chosen_tracks]
            shown = ", ".join(names) if len(names) < 4 else f"{len(names)} of {len(self.tracks)}"
            found["tracks"] = f"The chosen tracks ({shown})"
        if self.notes:
            found["notes"] = f"The chosen notes ({self.notes:,})"
        found["other"] = "Other bars and tracks"
        return found


class ExportPieceDialog(QDialog):
    """`choice()` tells what was chosen once it is accepted; where it goes is asked after that."""

    def __init__(
        self, facts: PieceFacts, last: PieceWish | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export music")
        self._facts = facts
        self._format = _choice([(f"{title} ({suffix})", kind) for kind, (title, suffix) in FORMATS.items()])
        self._scope = _choice([(title, scope) for scope, title in facts.scopes.items()])
        self._first, self._last = _bar(facts.bars, "First bar"), _bar(facts.bars, "Last bar")
        self._tracks = QListWidget()
        self._rate = _choice([(f"{rate / 1000:g} kHz", rate) for rate in RATES_HZ])
        self._bits = _choice([("16 bits", 16), ("24 bits", 24)])
        self._quality = QSlider(Qt.Orientation.Horizontal)
        self._quality_said = label("", "muted")
        self._stems = QCheckBox("Each track in a file of its own")
        self._about = label("", "muted")
        self._about.setWordWrap(True)
        self._describe()
        self._lay_out()
        self._set(last or PieceWish())
        self._connect()
        self._show()

    def choice(self) -> PieceWish:
        """What stands in the dialog; of chosen notes, that is all there is."""
        scope: Scope = self._scope.currentData()
        bars: tuple[int, int] | None = None
        tracks: tuple[str, ...] = ()
        if scope in ("take", "bars"):
            bars = self._facts.range
        elif scope == "other" and (self._first.value(), self._last.value()) != (1, self._facts.bars):
            bars = (self._first.value() - 1, self._last.value() - 1)
        if scope in ("take", "tracks"):
            tracks = self._facts.chosen_tracks
        elif scope == "other" and len(checked := self._checked()) < len(self._facts.tracks):
            tracks = checked
        return PieceWish(
            format=self._format.currentData(),
            first_bar=bars[0] if bars else None,
            last_bar=bars[1] if bars else None,
            tracks=tracks,
            rate=self._rate.currentData(),
            bits=self._bits.currentData(),
            quality=self._quality.value() / 10,
            stems=self._stems.isChecked() and len(self._facts.tracks) > 1,
        )

    def only_notes(self) -> bool:
        """Whether nothing but the chosen notes is wanted."""
        return bool(self._scope.currentData() == "notes")

    # -- building ----------------------------------------------------------------------------------

    def _describe(self) -> None:
        for widget, name, tip in (
            (self._format, "Format", "The kind of file to write"),
            (self._scope, "What to write", "How much of the piece is written"),
            (self._first, "First bar", "The first bar that is written"),
            (self._last, "Last bar", "The last bar that is written"),
            (self._tracks, "Tracks", "The tracks that are written"),
            (self._rate, "Sample rate", "44.1 kHz is that of CDs, 48 kHz that of films"),
            (self._bits, "Bits a sample", "24 bits leave more room for working on"),
            (self._quality, "Quality", "Higher is larger and closer to the sound"),
            (self._stems, "Each track in a file of its own", "They add up to the whole mix"),
        ):  # fmt: skip
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
        self._quality.setRange(0, 10)
        self._quality.setPageStep(1)
        rows = min(max(2, len(self._facts.tracks)), _ROWS_MOST)
        self._tracks.setFixedHeight(rows * _ROW_PX + 2 * self._tracks.frameWidth() + 8)
        for track_id, name in self._facts.tracks:
            item = QListWidgetItem(name, self._tracks)
            item.setSizeHint(QSize(0, _ROW_PX))
            item.setData(Qt.ItemDataRole.UserRole, track_id)
            item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled)
            item.setCheckState(Qt.CheckState.Checked)

    def _lay_out(self) -> None:
        form = self._form = QFormLayout()
        form.addRow("&Format", self._format)
        form.addRow("", self._about)
        form.addRow("&What", self._scope)
        self._bars_row = _row(self._first, label("to", "muted"), self._last)
        form.addRow("&Bars", self._bars_row)
        form.addRow("Tracks", self._tracks)
        form.addRow("Sample &rate", self._rate)
        form.addRow("B&its", self._bits)
        self._quality_row = _row(self._quality, self._quality_said)
        form.addRow("&Quality", self._quality_row)
        form.addRow("", self._stems)
        buttons = deciding("Export…")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._go = next(
            one for one in buttons.buttons() if isinstance(one, QPushButton) and one.text() == "Export…"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(buttons)
        self.setMinimumWidth(_WIDE_PX)

    def _set(self, wish: PieceWish) -> None:
        for box, value in ((self._format, wish.format), (self._rate, wish.rate), (self._bits, wish.bits)):
            box.setCurrentIndex(max(0, box.findData(value)))
        self._quality.setValue(round(wish.quality * 10))
        self._stems.setChecked(wish.stems)
        first, last = self._facts.range or (0, self._facts.bars - 1)
        self._first.setValue(first + 1)
        self._last.setValue(last + 1)

    def _connect(self) -> None:
        for signal in (
            self._format.currentIndexChanged,
            self._scope.currentIndexChanged,
            self._quality.valueChanged,
            self._tracks.itemChanged,
        ):
            signal.connect(self._show)
        self._first.valueChanged.connect(lambda bar: self._last.setValue(max(bar, self._last.value())))
        self._last.valueChanged.connect(lambda bar: self._first.setValue(min(bar, self._first.value())))

    # -- showing -----------------------------------------------------------------------------------

    @Slot()
    def _show(self) -> None:
        kind, scope = str(self._format.currentData()), self._scope.currentData()
        sounds = kind in SOUNDS
        self._about.setText(_ABOUT[kind])
        self._quality_said.setText(str(self._quality.value()))
        for widget, wanted in (
            (self._bars_row, scope == "other"),
            (self._tracks, scope == "other" and len(self._facts.tracks) > 1),
            (self._rate, sounds),
            (self._bits, kind in ("wav", "flac")),
            (self._quality_row, kind == "ogg"),
            (self._stems, sounds and len(self._facts.tracks) > 1),
        ):
            self._form.setRowVisible(widget, wanted)
        none = scope == "other" and not self._checked()
        self._go.setEnabled(not none)
        self._go.setToolTip("Choose at least one track" if none else "")
        self.adjustSize()

    def _checked(self) -> tuple[str, ...]:
        items = [self._tracks.item(row) for row in range(self._tracks.count())]
        return tuple(
            item.data(Qt.ItemDataRole.UserRole)
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        )


def _bars(bars: tuple[int, int]) -> str:
    return f"{bars[0] + 1}–{bars[1] + 1}" if bars[1] > bars[0] else str(bars[0] + 1)


def _choice(entries: list[tuple[str, Any]]) -> QComboBox:
    box = QComboBox()
    for title, value in entries:
        box.addItem(title, value)
    return box


def _bar(bars: int, name: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(1, max(1, bars))
    box.setFixedWidth(_BAR_PX)
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
