"""One track in the list of tracks: its colour, name, instrument, mute, solo, lock, volume and pan."""

from typing import Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.media.music.instruments import program_name
from studio.media.music.score import Track
from studio.widgets.icons import IconButton
from studio.widgets.labels import ElidedLabel, set_role
from studio.widgets.tones import Tones, current_tones, follow_tones
from studio.widgets.tracks.colours import track_colour
from studio.widgets.tracks.instruments_menu import instruments_menu
from studio.widgets.tracks.name_field import NameField, QuietButton
from studio.widgets.tracks.slides import MixSlide
from studio.widgets.tracks.switches import LetterSwitch

HEIGHT_PX: Final = 44
_GUTTER_PX: Final = 18  # where the colour stands
_USUAL_VOLUME: Final = 100
_PAN_STEPS: Final = 50  # to each side
_PAN_PX: Final = (28, 40)  # at least, at most
_VOLUME_PX: Final = (36, 60)


class TrackRow(QWidget):
    """Values in, wishes out; it shows what the piece has, so a refused wish leaves it as it was."""

    renamed = Signal(str, str)
    instrument_wanted = Signal(str, int, bool)  # id, program, drums
    mute_toggled = Signal(str, bool)
    solo_toggled = Signal(str, bool)
    lock_toggled = Signal(str, bool)
    volume_changed = Signal(str, int, bool)  # id, 0 to 127, whether it was let go
    pan_changed = Signal(str, float, bool)  # id, -1 to 1, whether it was let go

    def __init__(self, track: Track) -> None:
        super().__init__()
        self.track = track
        self._colour = QColor()
        self._shown = self._at_cursor = False
        self._name = ElidedLabel()
        self._field: NameField | None = None  # made when a name is first written: its sheet costs much
        self._sound = QuietButton()
        self._mute = LetterSwitch("M", "warning")
        self._solo = LetterSwitch("S", "success")
        self._lock = IconButton("unlock", "", size=14)
        self._lock.setFixedSize(QSize(22, 20))
        self._lock.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._volume = MixSlide(0, 127, _USUAL_VOLUME, 4)
        self._pan = MixSlide(-_PAN_STEPS, _PAN_STEPS, 0, 5)
        self._lay_out()
        self._connect()
        follow_tones(self._retone)
        self.show_track(track)

    def _lay_out(self) -> None:
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for slide, (least, most) in ((self._volume, _VOLUME_PX), (self._pan, _PAN_PX)):
            slide.setMinimumWidth(least)
            slide.setMaximumWidth(most)
        above, below = QHBoxLayout(), QHBoxLayout()
        for row in (above, below):
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(2)
        above.addWidget(self._name, 1)
        for one in (self._mute, self._solo, self._lock):
            above.addWidget(one)
        below.addWidget(self._sound, 4)
        below.addWidget(self._volume, 2)
        below.addWidget(self._pan, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(_GUTTER_PX, 2, 4, 2)
        box.setSpacing(1)
        box.addLayout(above)
        box.addLayout(below)

    def _connect(self) -> None:
        self._sound.clicked.connect(self.open_instruments)
        self._mute.clicked.connect(self.toggle_mute)
        self._solo.clicked.connect(self.toggle_solo)
        self._lock.clicked.connect(self.toggle_lock)
        self._volume.moved.connect(lambda value: self.volume_changed.emit(self.track.id, value, False))
        self._volume.settled.connect(lambda value: self.volume_changed.emit(self.track.id, value, True))
        self._pan.moved.connect(lambda step: self.pan_changed.emit(self.track.id, step / _PAN_STEPS, False))
        self._pan.settled.connect(lambda step: self.pan_changed.emit(self.track.id, step / _PAN_STEPS, True))
        for slide in (self._volume, self._pan):
            slide.moved.connect(self._show_tips)

    # -- values ------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """As wide as the list."""
        return QSize(160, HEIGHT_PX)

    def show_track(self, track: Track) -> None:
        """Show another state of the track; what is being moved or written stays in the person's hand."""
        self.track = track
        name = title_of(track)
        self._name.setText(name)
        self._name.setToolTip(f"“{name}”. Double-click or F2: another name")
        self._sound.show_text(program_name(track.program, track.drums))
        self._sound.setAccessibleName(f"Instrument of {name}: {self._sound.text()}")
        self._sound.setToolTip(f"{self._sound.text()}. Click: another instrument")
        self._mute.show_state(
            track.mute, f"{'Let' if track.mute else 'Mute'} “{name}”{' sound again' * track.mute}"
        )
        self._solo.show_state(
            track.solo, f"{'All tracks sound again' if track.solo else f'Hear “{name}” alone (solo)'}"
        )
        self._lock.set_icon("lock" if track.locked else "unlock", "accent" if track.locked else "faint")
        self._lock.set_tip(
            f"Unlock “{name}”"
            if track.locked
            else f"Lock “{name}”: neither a model nor a hand changes its notes"
        )
        self._volume.show_value(track.volume)
        self._pan.show_value(round(track.pan * _PAN_STEPS))
        self._show_tips()
        self._retone(current_tones())

    def set_shown(self, shown: bool) -> None:
        """It is the one in the roll; its controls alone are stops of the Tab key."""
        if shown == self._shown:
            return
        self._shown = shown
        set_role(self._name, "strong" if shown else "")
        policy = Qt.FocusPolicy.TabFocus if shown else Qt.FocusPolicy.NoFocus
        for control in (self._sound, self._mute, self._solo, self._lock, self._volume, self._pan):
            control.setFocusPolicy(policy)
        self.update()

    def set_cursor(self, here: bool) -> None:
        """The keyboard stands at it, though another is in the roll."""
        if here != self._at_cursor:
            self._at_cursor = here
            self.update()

    def flush(self) -> None:
        """Tell what waits: a moved slider, a name being written."""
        self._volume.flush()
        self._pan.flush()
        if self._field is not None:
            self._field.flush()

    # -- what the person wants -----------------------------------------------------------------------

    def start_rename(self) -> None:
        """Write the name."""
        if self._field is None:
            self._field = NameField(self)
            self._field.named.connect(lambda name: self.renamed.emit(self.track.id, name))
        area = self._name.geometry().adjusted(-4, -1, 0, 1)
        self._field.ask(area, self._name.text())

    def writes(self) -> bool:
        """Its name is being written."""
        return self._field is not None and self._field.isVisible()

    def open_instruments(self) -> None:
        """Open the menu of instruments below the name of the present one."""
        track = self.track

        def choose(program: int, drums: bool) -> None:
            self.instrument_wanted.emit(track.id, program, drums)

        menu = instruments_menu(self, choose, track.program, track.drums)
        menu.popup(self._sound.mapToGlobal(QPoint(0, self._sound.height())))

    def toggle_mute(self) -> None:
        """Mute it, or let it sound."""
        self.mute_toggled.emit(self.track.id, not self.track.mute)

    def toggle_solo(self) -> None:
        """Hear it alone, or all."""
        self.solo_toggled.emit(self.track.id, not self.track.solo)

    def toggle_lock(self) -> None:
        """Lock it, or let it be changed."""
        self.lock_toggled.emit(self.track.id, not self.track.locked)

    # -- looks ---------------------------------------------------------------------------------------

    def _show_tips(self) -> None:
        name, volume, pan = title_of(self.track), self._volume.value(), self._pan.value()
        side = "middle" if not pan else f"{abs(pan) * 100 // _PAN_STEPS} % {'left' if pan < 0 else 'right'}"
        for slide, what, figure in (
            (self._volume, "Volume", f"{volume} of 127"),
            (self._pan, "Pan", side),
        ):
            slide.setAccessibleName(f"{what} of {name}")
            slide.setAccessibleDescription(figure)
            slide.setToolTip(f"{what}: {figure}. Double-click: back to the usual value")

    def _retone(self, tones: Tones) -> None:
        self._colour = track_colour(self.track.id, tones)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The colour: a bar when it is in the roll, else a dot; a frame where the keyboard stands."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._at_cursor:
            painter.setPen(QColor(current_tones().focus))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        if self._shown:
            painter.drawRoundedRect(QRectF(5, 5, 4, self.height() - 10), 2, 2)
        else:
            painter.drawEllipse(QRectF(3, self._name.geometry().center().y() - 3.5, 8, 8))


def title_of(track: Track) -> str:
    """The name a track goes by."""
    return track.name or program_name(track.program, track.drums)


def words_of(track: Track) -> str:
    """What a screen reader says of a track."""
    parts = [title_of(track), program_name(track.program, track.drums)]
    parts += [
        word for word, on in (("muted", track.mute), ("solo", track.solo), ("locked", track.locked)) if on
    ]
    return ", ".join(parts)
