"""The transport: play, loop, metronome, count-in, record; where it plays, how fast, how loud."""

from typing import Final

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from studio.widgets.icons import IconButton
from studio.widgets.labels import ElidedLabel, label, pad, set_role
from studio.widgets.level_meter import LevelMeter
from studio.widgets.transport_menu import ChoiceKind, ChoiceMenu, Choices

HEIGHT_PX: Final = 34
TEMPO_LEAST, TEMPO_MOST = 20.0, 300.0  # quarters a minute
SPEED_LEAST, SPEED_MOST = 50, 200  # per cent of what is written
SETTLE_MS: Final = 500  # arrows and the wheel make one change of tempo, not one a step
VOLUME_STEPS: Final = 100
CLOCK_FROM_PX: Final = 730
SPACING_PX: Final = 2
GAP_PX: Final = 5
_ICON_PX: Final = 16
_AROUND_PX: Final = 29  # of a number: frame, margins, the caret


class TempoField(QDoubleSpinBox):
    """Quarters a minute; a decimal only where it says something."""

    def textFromValue(self, value: float) -> str:
        """As few figures as tell it."""
        return self.locale().toString(value, "f", 0 if value == round(value) else 1)


class TransportBar(QWidget):
    """Values in, wishes out. `play_requested` is both play and stop."""

    start_requested = Signal()  # back to the start
    play_requested = Signal()
    loop_toggled = Signal(bool)
    metronome_toggled = Signal(bool)
    count_in_toggled = Signal(bool)
    record_toggled = Signal(bool)
    tempo_wanted = Signal(float)  # quarters a minute
    speed_wanted = Signal(float)  # 1.0: as written
    meter_wanted = Signal()
    key_wanted = Signal()
    volume_changed = Signal(float)  # 0 to 1, of the slider
    more_opening = Signal()  # the lists may be said anew
    choice_wanted = Signal(str, str)  # a ChoiceKind, the id; "…": something that is not in the list

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playing = False
        self._tempo_shown = 120.0
        self._choices: dict[ChoiceKind, Choices] = {}
        self.start = _button("to-start", "Back to the start (Ctrl+Home)")
        self.play = _button("play", "Play (Space)")
        self.record = _button("record", "")
        self.loop = _button("loop", "Repeat the loop: drag in the upper ruler to set it", checkable=True)
        self.metronome = _button("metronome", "Metronome", checkable=True)
        self.count_in = _button("count-in", "Count in: one bar before it plays", checkable=True)
        self.place = label("1.1")
        self.clock = label("0:00.0", "muted")
        self.tempo = TempoField()
        self.speed = QSpinBox()
        self.meter = QToolButton()
        self.key = QToolButton()
        self.words = ElidedLabel("muted")
        self.level = LevelMeter()
        self.volume = QSlider(Qt.Orientation.Horizontal)
        self.more = _button("more", "Soundfont, sound device, MIDI ports")
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._dress()
        self._lay_out()
        self._connect()
        self.set_recordable("Choose a MIDI keyboard first, in the menu at the right")
        self.set_playing(False)
        self.set_sound("")
        self._hold_widths()

    # -- building ----------------------------------------------------------------------------------

    def _dress(self) -> None:
        self.setAccessibleName("Transport")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT_PX)
        self.record.setCheckable(True)
        self.place.setToolTip("Where it plays: bar and beat")
        self.place.setAccessibleName("Bar and beat")
        self.clock.setToolTip("Where it plays: minutes and seconds, at the written tempo")
        self.clock.setAccessibleName("Time")
        _number(self.tempo, "Tempo here, in quarters a minute")
        self.tempo.setRange(TEMPO_LEAST, TEMPO_MOST)
        self.tempo.setDecimals(1)
        self.tempo.setValue(120)
        self.tempo.setSuffix(" bpm")
        _number(self.speed, "How fast it plays, of what is written; the piece stays as it is")
        self.speed.setRange(SPEED_LEAST, SPEED_MOST)
        self.speed.setSingleStep(5)
        self.speed.setValue(100)
        self.speed.setSuffix(" %")
        for one, text, tip in (
            (self.meter, "4/4", "Metre here: click to change it"),
            (self.key, "No key", "Key here: click to set it"),
        ):
            one.setText(text)
            one.setToolTip(tip)
            one.setAccessibleName(tip.split(":", maxsplit=1)[0])
            one.setAutoRaise(True)
            one.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.volume.setRange(0, VOLUME_STEPS)
        self.volume.setValue(VOLUME_STEPS)
        self.volume.setFixedWidth(48)
        self.volume.setToolTip("Volume of the whole; files are written at their own")
        self.volume.setAccessibleName("Volume of the whole")

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 4, 2)
        row.setSpacing(SPACING_PX)
        for one in (self.start, self.play, self.record, self.loop, self.metronome, self.count_in):
            row.addWidget(one)
        for part in (_line(), self.place, self.clock):
            row.addWidget(part)
        row.addSpacing(GAP_PX)
        row.addWidget(_line())
        row.addSpacing(GAP_PX)
        for field in (self.tempo, self.speed, self.meter, self.key):
            row.addWidget(field)
        row.addWidget(self.words, 1)
        row.addWidget(self.level)
        row.addSpacing(2)
        row.addWidget(self.volume)
        row.addWidget(self.more)

    def _connect(self) -> None:
        self.start.clicked.connect(self.start_requested)
        self.play.clicked.connect(self.play_requested)
        self.record.clicked.connect(self.record_toggled)
        self.loop.clicked.connect(self.loop_toggled)
        self.metronome.clicked.connect(self.metronome_toggled)
        self.count_in.clicked.connect(self.count_in_toggled)
        self.tempo.valueChanged.connect(lambda _value: self._settle.start())
        self.tempo.editingFinished.connect(self._tell_tempo)
        self._settle.timeout.connect(self._tell_tempo)
        self.speed.valueChanged.connect(lambda value: self.speed_wanted.emit(value / 100))
        self.meter.clicked.connect(self.meter_wanted)
        self.key.clicked.connect(self.key_wanted)
        self.volume.valueChanged.connect(lambda value: self.volume_changed.emit(value / VOLUME_STEPS))
        self.more.clicked.connect(self._open_more)

    def changeEvent(self, event: QEvent) -> None:
        """Another font or theme: the figures take another width."""
        super().changeEvent(event)
        dressed = self.layout() is not None
        if dressed and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._hold_widths()

    def _hold_widths(self) -> None:
        _hold_width(self.place, "888.88")
        _hold_width(self.clock, "88:88.8")
        _hold_number(self.tempo, "888.8 bpm")
        _hold_number(self.speed, "200 %")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow row the clock gives way: bar and beat say the same."""
        self.clock.setVisible(event.size().width() >= CLOCK_FROM_PX)
        super().resizeEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Words and clock give way; everything else is seen."""
        least = super().minimumSizeHint().width()
        if not self.clock.isHidden():
            least -= self.clock.minimumWidth() + SPACING_PX
        return QSize(least, HEIGHT_PX)

    # -- values ------------------------------------------------------------------------------------

    def set_playing(self, playing: bool) -> None:
        """The play button stops what plays."""
        self._playing = playing
        self.play.set_icon("stop" if playing else "play")
        self.play.set_tip("Stop (Space)" if playing else "Play (Space)")
        if not playing:
            self.level.reset()

    def set_place(self, bar: int, beat: int, seconds: float) -> None:
        """Where it plays; bar and beat count from 1."""
        tenths = max(0, int(seconds * 10))
        for one, text in (
            (self.place, f"{bar}.{beat}"),
            (self.clock, f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"),
        ):
            if one.text() != text:
                one.setText(text)

    def set_tempo(self, per_minute: float) -> None:
        """The tempo at the playhead; one that is being typed stays."""
        self._tempo_shown = round(per_minute, 1)
        if self.tempo.value() != self._tempo_shown and not self._settle.isActive():
            self._put_tempo()

    def set_speed(self, scale: float) -> None:
        """How fast it plays, 1.0 as written; nothing is told."""
        self.speed.blockSignals(True)
        self.speed.setValue(round(scale * 100))
        self.speed.blockSignals(False)

    def set_meter(self, beats: int, unit: int) -> None:
        """The metre at the playhead."""
        self.meter.setText(f"{beats}/{unit}")

    def set_key(self, words: str) -> None:
        """The key at the playhead, "D minor"; "" says that there is none."""
        short = words.replace(" minor", " min").replace(" major", " maj")
        self.key.setText(short or "No key")
        self.key.setAccessibleName(f"Key here: {words or 'none'}")

    def set_toggles(self, *, loop: bool, metronome: bool, count_in: bool) -> None:
        """What is on; nothing is told."""
        self.loop.setChecked(loop)
        self.metronome.setChecked(metronome)
        self.count_in.setChecked(count_in)

    def set_volume(self, share: float) -> None:
        """The slider's place, 0 to 1; nothing is told."""
        self.volume.blockSignals(True)
        self.volume.setValue(round(share * VOLUME_STEPS))
        self.volume.blockSignals(False)

    def set_peak(self, peak: float) -> None:
        """How loud it is now, 1.0 is full."""
        self.level.set_peak(peak)

    def set_sound(self, why_not: str, short: str = "No sound device") -> None:
        """Why nothing is heard, in `short` where there is no room; "" brings level and volume back."""
        for one in (self.level, self.volume):
            one.setVisible(not why_not)
        self.words.setText(short if why_not else "")
        self.words.setToolTip(why_not)
        self.words.setAccessibleName(why_not)
        set_role(self.words, "warning" if why_not else "muted")

    def set_recording(self, on: bool) -> None:
        """What the keyboard plays is written."""
        self.record.setChecked(on)
        self.record.set_icon("record", "danger" if on else "text")

    def set_recordable(self, why_not: str) -> None:
        """Why nothing can be recorded; "" frees the button."""
        self.record.setEnabled(not why_not)
        self.record.set_tip(why_not or "Record what the MIDI keyboard plays, from the playhead on")

    def set_choices(self, kind: ChoiceKind, choices: Choices) -> None:
        """What the menu offers."""
        self._choices[kind] = choices

    # -- what happens ------------------------------------------------------------------------------

    def _tell_tempo(self) -> None:
        self._settle.stop()
        if self.tempo.value() != self._tempo_shown:
            self._tempo_shown = self.tempo.value()
            self.tempo_wanted.emit(self.tempo.value())

    def _put_tempo(self) -> None:
        self.tempo.blockSignals(True)
        self.tempo.setValue(self._tempo_shown)
        self.tempo.blockSignals(False)

    def _open_more(self) -> None:
        self.more_opening.emit()
        menu = self.menu_of_more(self)
        menu.exec(self.more.mapToGlobal(QPoint(0, self.more.height())))
        menu.deleteLater()

    def menu_of_more(self, parent: QWidget) -> QMenu:
        """The menu; the caller owns it."""
        menu = QMenu(parent)
        menu.setToolTipsVisible(True)
        for kind, choices in self._choices.items():
            lists = ChoiceMenu(kind, choices, menu)
            for chosen, action in lists.picked.items():
                action.triggered.connect(
                    lambda _on=False, kind=kind, chosen=chosen: self.choice_wanted.emit(kind, chosen)
                )
            menu.addMenu(lists)
        return menu


def _button(name: str, tip: str, *, checkable: bool = False) -> IconButton:
    out = IconButton(name, tip, size=_ICON_PX)
    out.setCheckable(checkable)
    return out


def _number(box: QAbstractSpinBox, tip: str) -> None:
    box.setProperty("tight", True)  # no arrows: the row must fit beside the takes
    box.setKeyboardTracking(False)
    box.setToolTip(f"{tip} (arrow keys, wheel)")
    box.setAccessibleName(tip.split(",", maxsplit=1)[0])
    pad(box)


def _hold_width(one: QLabel, widest: str) -> None:
    """Figures that run must not push what stands beside them."""
    one.ensurePolished()
    one.setMinimumWidth(one.fontMetrics().horizontalAdvance(widest) + 4)
    one.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def _hold_number(box: QAbstractSpinBox, widest: str) -> None:
    """As wide as its widest words, in whatever font."""
    box.ensurePolished()
    box.setFixedWidth(box.lineEdit().fontMetrics().horizontalAdvance(widest) + _AROUND_PX)


def _line() -> QFrame:
    out = QFrame()
    out.setObjectName("barLine")
    out.setFixedSize(1, HEIGHT_PX - 16)
    return out
