"""The surprise view: how much each note surprises the chosen model; the odd ones are chosen, and made anew."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.piece_desk import PieceDesk
from studio.core.events import Weigh, Weighed
from studio.core.ids import new_id
from studio.engine.thread import EngineThread
from studio.engine.views import Problem
from studio.media.music.carried import pack
from studio.media.music.odd import odd_notes, weighed_notes
from studio.media.music.score import Note, Track
from studio.widgets.off_thread import OffThread
from studio.widgets.roll.drag_notes import counted

DELAY_MS: Final = 400  # a person who goes on drawing is not interrupted by a model that reads
_UNSEEN: Final = "This model cannot say how surprising the notes of this track are."


class PieceSurpriseDesk(QObject):
    """Asks only while the view is on, about the track in the roll, and again when that has changed."""

    notice = Signal(str, str)  # what, do
    changed = Signal()  # which notes are odd

    def __init__(self, desk: PieceDesk, engine: EngineThread, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._engine = desk, engine
        self._on = False
        self._asked: tuple[str, Track] = ("", Track(id=""))  # the request on its way, and what it is about
        self._nats: dict[Note, float] = {}
        self._of: tuple[str, tuple[Note, ...]] = ("", ())  # the model and the notes that were measured last
        self._odd: tuple[Note, ...] = ()
        self._trouble = ""
        self._later = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._later.timeout.connect(self.ask)
        self._elsewhere = OffThread(self)  # packing a large piece takes longer than a frame
        self._elsewhere.done.connect(self._on_packed)
        self._connect(engine)

    def _connect(self, engine: EngineThread) -> None:
        desk, bar = self._desk, self._desk.pane.bar
        engine.weighed.connect(self._on_weighed)
        engine.weigh_failed.connect(self._on_failed)
        bar.surprise_shown.connect(self.set_on)
        bar.odd.share_changed.connect(self._find)
        bar.odd.choose_requested.connect(self.choose_odd)
        desk.shown.connect(self._on_shown)
        desk.track_shown.connect(self._on_track)
        desk.opened.connect(self._on_track)
        desk.leaving.connect(self._forget)
        desk.models.shown.connect(self._on_model)

    # -- what is odd -------------------------------------------------------------------------------

    def odd(self) -> tuple[Note, ...]:
        """The odd notes of the track in the roll; none while the view is off."""
        return self._odd

    @Slot()
    def choose_odd(self) -> None:
        """Choose them in the roll."""
        self._desk.pane.roll.choose(self._odd)
        self._desk.pane.roll.setFocus()

    # -- asking ------------------------------------------------------------------------------------

    @Slot(bool)
    def set_on(self, on: bool) -> None:
        """Colour by surprise, or by author again."""
        self._on = on
        if on:
            self._desk.pane.roll.set_surprise(self._nats)
            self.ask()
        else:
            self._forget()
            self._desk.pane.roll.set_surprise(None)

    @Slot()
    def _forget(self) -> None:
        self._later.stop()
        self._asked, self._of = ("", Track(id="")), ("", ())
        self._nats, self._trouble = {}, ""
        self._find()

    @Slot()
    def _on_shown(self) -> None:
        """The piece changed: notes that stayed keep their colour until the model has read it anew."""
        if self._on:
            self._find()
            if self._of != self._wanted():
                self._later.start()

    @Slot()
    def _on_track(self) -> None:
        if self._on:
            self._forget()
            self._desk.pane.roll.set_surprise(self._nats)
            self.ask()

    @Slot()
    def _on_model(self) -> None:
        if self._on and self._of[0] != self._desk.models.chosen:
            self._on_track()

    def _wanted(self) -> tuple[str, tuple[Note, ...]]:
        return self._desk.models.chosen, self._track().notes

    def _track(self) -> Track:
        desk = self._desk
        return next((track for track in desk.score.tracks if track.id == desk.track), Track(id=""))

    @Slot()
    def ask(self) -> None:
        """Have the model read the track in the roll; an older request is dropped by the engine."""
        desk, track = self._desk, self._track()
        self._later.stop()
        if not self._on or desk.session is None or desk.damaged:
            return
        self._trouble = "" if desk.models.chosen else desk.models.why_not("")
        if not track.notes or self._trouble:
            self._nats, self._asked = {}, ("", track)
            self._show()
            return
        self._asked = new_id(), track
        self._elsewhere.start((self._asked[0], desk.models.chosen), partial(pack, desk.score))
        self._find()

    @Slot(object, object)
    def _on_packed(self, request: tuple[str, str], score: bytes) -> None:
        weigh_id, model = request
        if weigh_id == self._asked[0]:  # nothing newer was asked while it was packed
            self._engine.weigh(Weigh(id=weigh_id, model=model, score=score, tracks=(self._asked[1].id,)))

    @Slot(object)
    def _on_weighed(self, weighed: Weighed) -> None:
        request, track = self._asked
        if weighed.id != request or not self._on:
            return
        self._asked = "", track
        self._of = weighed.model, track.notes
        weights = weighed.tracks.get(track.id, ())
        self._nats = weighed_notes(track, weights)
        self._trouble = "" if weights else _UNSEEN
        self._show()

    @Slot(object)
    def _on_failed(self, problem: Problem) -> None:
        if problem.job == self._asked[0] and self._on and problem.job:
            self._asked = "", self._asked[1]
            self._trouble = problem.what
            self._find()
            self.notice.emit(
                f"How surprising the notes are could not be found out. {problem.what}", problem.do
            )

    # -- showing -----------------------------------------------------------------------------------

    def _show(self) -> None:
        self._desk.pane.roll.set_surprise(self._nats)
        self._find()

    @Slot()
    def _find(self) -> None:
        """Which are odd now, and say so."""
        line, before = self._desk.pane.bar.odd, self._odd
        self._odd = odd_notes(self._track(), self._nats, line.share()) if self._on else ()
        line.show_found(len(self._odd), self._words(), self._why_not())
        if self._odd != before:
            self.changed.emit()

    def _why_not(self) -> str:
        models = self._desk.models
        return models.why_not(models.chosen, "vary")

    def _words(self) -> str:
        if self._odd:
            least = min(self._nats[note] for note in self._odd)
            return f"{counted(len(self._odd))}, {least:.1f} nats and more".capitalize()
        if self._asked[0]:
            return "The model reads the track…"
        if self._trouble:
            return self._trouble
        return "" if self._track().notes else "There are no notes in this track yet."
