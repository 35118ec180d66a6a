"""The notes of one take: while they are written, and when all are there, with what they measure."""

from typing import ClassVar, Final

from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from studio.core.errors import StudioError
from studio.core.pieces import PieceJob
from studio.core.takes import Take
from studio.media.music.growing import GrowingNotes
from studio.media.music.score import Bars, Score
from studio.media.music.take_facts import TakeFacts, take_facts
from studio.media.music.take_places import bar_span, between, written_tracks
from studio.widgets.icons import IconButton
from studio.widgets.labels import label, set_role
from studio.widgets.off_thread import OffThread
from studio.widgets.piece_menu import fill_piece_menu
from studio.widgets.piece_mini import MiniBars, MiniRoll
from studio.widgets.piece_words import bar_words, count_words, doing_text, job_words
from studio.widgets.take_bodies import CardFacts, Say, StripWords

_MARGINS_PX: Final = (10, 2, 6, 0)
_LEAST_PX: Final = 96
_PLAY_TIP: Final = "Play this take in its place (Space)"
_MEASURE_MS: Final = 8  # after its end is shown, not in the same breath
_HERE_MOST: Final = 300  # notes, measured in 3 ms
PIECE_WORDS: Final = StripWords(
    empty="No takes yet.\nChoose bars in the ruler, or none, then press Ctrl+Return: the model proposes notes.",
    running="The model is reading your piece…",
)


class PieceTakeBody(QWidget):
    """Shows a take's notes over what they replace, growing, and what they measure once all are there."""

    STRIP_WORDS: ClassVar[StripWords] = PIECE_WORDS
    wished = Signal(str, str)  # see take_wishes: a wish and its detail

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pieceBody")
        self.setAccessibleName("Notes of the take")
        self.setMinimumHeight(_LEAST_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._take: Take | None = None
        self._base = Score()
        self._grown = GrowingNotes()
        self._read = ""  # the text that `_grown` has read
        self._facts: TakeFacts | None = None
        self._stale = True  # the roll has not begun for this take and score
        self._playing = False
        self._pressed_at: QPointF | None = None
        self._measuring = QTimer(self, singleShot=True, interval=_MEASURE_MS)
        self._measuring.timeout.connect(self._measure)
        self._off = OffThread(self)
        self._off.done.connect(self._on_measured)
        self._lay_out()

    def _lay_out(self) -> None:
        self.roll = MiniRoll()
        self._size = label("", "muted")
        self._share = label("", "muted")
        for line in (self._size, self._share):
            line.setObjectName("pieceFacts")
            line.setWordWrap(True)
            line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._play = IconButton("play", _PLAY_TIP, size=16)
        self._play.clicked.connect(lambda: self.wished.emit("play", ""))
        facts = QVBoxLayout()
        facts.setSpacing(0)
        facts.addWidget(self._size)
        facts.addWidget(self._share)
        foot = QHBoxLayout()
        foot.setSpacing(2)
        foot.addLayout(facts, 1)
        foot.addWidget(self._play, 0, Qt.AlignmentFlag.AlignTop)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(*_MARGINS_PX)
        outer.setSpacing(3)
        outer.addWidget(self.roll, 1)
        outer.addLayout(foot)

    # -- values ------------------------------------------------------------------------------------

    def show_score(self, score: Score) -> None:
        """The score that the take was asked for: what it replaces lies faint behind it."""
        if score is not self._base:
            self._base = score
            self._stale = True
            self._facts = None

    def show_take(self, take: Take) -> None:
        """Show a take as it stands; of a text that goes on where it was, only the rest is read."""
        if self._take is not None and take.id != self._take.id:
            self.clear_take()
        self._take = take
        self.roll.set_dim(take.verdict == "rejected")
        self._begin()
        if not take.text.startswith(self._read):
            self._stale = True
            self._begin()
        self._feed(take.text[len(self._read) :])
        if take.status == "streaming":
            self._show_facts()
        else:
            self.roll.set_writing(False)
            if self._facts is None:
                self._measuring.start()
        self._show_play()

    def clear_take(self) -> None:
        """Show nothing, until the next take."""
        if self._take is None:
            return
        self._take, self._facts, self._stale = None, None, True
        self._measuring.stop()
        self._forget()
        self.roll.show_bars(MiniBars())
        for line in (self._size, self._share):
            line.clear()
        self._show_play()

    def append_piece(self, text: str) -> None:
        """More of a take that is being written."""
        if self._take is not None:
            self._begin()
            self._feed(text)
            self._show_facts()

    def set_playing(self, on: bool) -> None:
        """Whether this take is what is heard."""
        if on != self._playing:
            self._playing = on
            self._play.set_icon("stop" if on else "play", "accent" if on else "text")
            self._play.set_tip("Stop playing (Space)" if on else _PLAY_TIP)

    def flush(self) -> None:
        """Nothing is held back here."""

    def is_empty(self) -> bool:
        """Whether there is no take. One without a note says: a rest."""
        return self._take is None or (self._take.status in ("failed", "stopped") and not self._grown.count)

    def doing(self) -> str:
        """What a take that grows is at."""
        return doing_text(self._grown.count)

    def measure_text(self) -> str:
        """How many notes."""
        if self._take is None or self.is_empty():
            return ""
        growing = self._take.status == "streaming"
        return count_words(self._grown.count) if self._grown.count or not growing else ""

    def enter(self) -> None:
        """Show it in the roll."""
        if self._take is not None:
            self.wished.emit("open", "")

    def facts(self) -> TakeFacts | None:
        """What it measures; None while it grows."""
        return self._facts

    def fill_menu(self, menu: QMenu, facts: CardFacts, say: Say) -> None:
        """All that can be asked of a take of music."""
        fill_piece_menu(menu, facts, say, shown=self._take is not None and not self.is_empty())

    def sizeHint(self) -> QSize:
        """A strip's card."""
        return QSize(200, 140)

    # -- inside ------------------------------------------------------------------------------------

    @property
    def _job(self) -> PieceJob | None:
        job = self._take.recipe.job if self._take is not None else None
        return job if isinstance(job, PieceJob) else None

    def _forget(self) -> None:
        self._grown, self._read = GrowingNotes(), ""

    def _begin(self) -> None:
        """Lay the bars of the take out, once for each take and score; its notes are told anew."""
        job = self._job
        if not self._stale or job is None:
            return
        self._stale = False
        self.roll.show_bars(_bars_of(self._base, job))
        text = self._read
        self._forget()
        if self._take is not None and self._take.text.startswith(text):
            self._feed(text)

    def _feed(self, text: str) -> None:
        if not text:
            return
        before = {track: len(notes) for track, notes in self._grown.notes.items()}
        self._grown.feed(text)
        self._read += text
        self._facts = None
        for track, notes in self._grown.notes.items():
            self.roll.add(track, notes[before.get(track, 0) :])

    @Slot()
    def _measure(self) -> None:
        """A short take here and now, a long one beside the window's thread."""
        take, job, base = self._take, self._job, self._base
        if take is None or job is None or take.status == "streaming":
            return

        def work() -> TakeFacts | None:
            try:
                return take_facts(base, job, take.id, take.text, whole=take.status == "done")
            except StudioError:  # it says what no note can be: accepting tells
                return None

        key = (take.id, take.text, id(base))
        if self._grown.count <= _HERE_MOST:
            self._on_measured(key, work())
        else:
            self._off.start(key, work)

    @Slot(object, object)
    def _on_measured(self, key: tuple[str, str, int], facts: TakeFacts | None) -> None:
        take = self._take
        if take is not None and key == (take.id, take.text, id(self._base)):
            self._facts = facts
            self._show_facts()

    def _show_facts(self) -> None:
        job, facts = self._job, self._facts
        if job is None:
            return
        if facts is None:
            first = self._bar()
            self._size.setText(f"at {bar_words(first, first)}" if first >= 0 else "")
            self._share.clear()
        else:
            self._size.setText(_unbroken(facts.words) or "a rest: no notes")
            self._share.setText(_unbroken(f"held: {facts.held_words}") if facts.held_words else "")
        self._size.setVisible(bool(self._size.text()))
        self._share.setVisible(bool(self._share.text()))
        if facts is not None:
            set_role(self._share, "success" if facts.kept else "warning")
        self._describe(job, facts)

    def _bar(self) -> int:
        """The bar that is being written; -1 before the first note."""
        job, last = self._job, self._grown.last
        if job is None or last < 0:
            return -1
        return Bars.of(self._base.meters, 0, job.last_bar + 1).at(last)

    def _describe(self, job: PieceJob, facts: TakeFacts | None) -> None:
        names = {track.id: track.name for track in self._base.tracks}
        words = job_words(job, names)
        said = self.doing() if self._grown.count else ""
        held = ""
        if facts is not None:
            said = ", ".join(part for part in (self.measure_text(), facts.words) if part)
            held = f"Held: {facts.held_words}" if facts.held_words else ""
        parts = [part for part in (words, said, held) if part]
        self.setAccessibleDescription(". ".join(parts))
        self.setToolTip("\n".join(parts))

    def _show_play(self) -> None:
        take = self._take
        self._play.setEnabled(take is not None and take.status != "streaming" and not self.is_empty())

    # -- the mouse ---------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A drag may begin here; the card hears the press too."""
        if event.button() == Qt.MouseButton.LeftButton and self._can_leave():
            self._pressed_at = event.position()
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Far enough with the button down: the take is dragged out, as a MIDI file."""
        if self._pressed_at is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        moved = (event.position() - self._pressed_at).manhattanLength()
        if moved >= QApplication.startDragDistance():
            self._pressed_at = None
            self.wished.emit("drag", "")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """No drag came of it."""
        self._pressed_at = None
        event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show it in the roll."""
        self._pressed_at = None
        if event.button() == Qt.MouseButton.LeftButton:
            self.enter()

    def _can_leave(self) -> bool:
        return self._take is not None and self._take.status != "streaming" and not self.is_empty()


def _unbroken(words: str) -> str:
    """Parts that a comma divides, each on one line: no number stands at an end and its sign below."""
    return ", ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in words.split(", "))


def _bars_of(base: Score, job: PieceJob) -> MiniBars:
    """What a job's takes are laid over."""
    start, end = bar_span(base, job.first_bar, job.last_bar)
    starts = Bars.of(base.meters, 0, job.last_bar + 1).starts[job.first_bar : job.last_bar + 2]
    tracks = written_tracks(job)
    was = {track.id: between(track, start, end) for track in base.tracks if track.id in tracks}
    around = [
        note
        for track in base.tracks
        if job.new is not None and track.id not in tracks and not track.drums
        for note in between(track, start, end)
    ]
    return MiniBars(starts=starts, tracks=tracks, was=was, around=around)
