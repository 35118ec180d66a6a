"""Joins the music pane with the open project and the engine: draw, undo, branch, stop."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.art_jobs import ArtJobs
from studio.app.arts import Art
from studio.app.lineage import START
from studio.app.piece_lineage import piece_nodes
from studio.app.piece_models import PieceModels
from studio.app.piece_takes_desk import PieceTakesDesk
from studio.app.session import Session
from studio.core.errors import StudioError
from studio.core.jobs import PieceJob
from studio.core.takes import Take
from studio.engine.thread import EngineThread
from studio.engine.views import JobView
from studio.media.music.score import Score, Track
from studio.panes.music.pane import MusicPane
from studio.project.records import RevisionKind
from studio.widgets.lineage_view import LineageNode

if TYPE_CHECKING:
    from studio.app.piece_knobs_desk import PieceKnobsDesk

FIRST_TRACK = "t1"


def fresh_piece() -> Score:
    """What a piece begins as: one empty track, 120 quarters a minute, 4/4."""
    return Score(tracks=(Track(id=FIRST_TRACK, name="Piano"),))


class PieceDesk(QObject):
    """The open piece and the jobs that run for it; its takes are judged at the `PieceTakesDesk`."""

    lineage_changed = Signal()
    notice = Signal(str, str)  # what, do
    opened = Signal(str)  # work id
    leaving = Signal()
    shown = Signal(object)  # Score, as it stands now
    track_shown = Signal(str)  # track id
    range_changed = Signal(object)  # (first, last) bars, or None

    def __init__(self, pane: MusicPane, engine: EngineThread, models: PieceModels, parent: QObject) -> None:
        super().__init__(parent)
        self.art: Art = "piece"
        self.pane = pane
        self.session: Session | None = None
        self.work = ""
        self.score = fresh_piece()
        self.track = FIRST_TRACK  # the one in the roll
        self.range: tuple[int, int] | None = None
        self.damaged = False  # its document can't be read: nothing may be changed in it
        self.models = models
        self.jobs = ArtJobs(engine, PieceJob, self)
        self.judged = PieceTakesDesk(self, engine)
        self.knobs: PieceKnobsDesk
        self._connect()

    def _connect(self) -> None:
        pane, judged = self.pane, self.judged
        judged.changed.connect(self.lineage_changed)
        judged.notice.connect(self.notice)
        judged.ended.connect(self._on_ended)
        self.jobs.changed.connect(self._on_job)
        pane.roll.changed.connect(self.revise)
        pane.roll.refused.connect(lambda why: self.notice.emit(why, ""))
        pane.roll.told.connect(lambda words: self.notice.emit(words, ""))
        pane.roll.bars_chosen.connect(self.set_range)
        pane.prompt.stop_requested.connect(self.stop)

    @property
    def running(self) -> bool:
        """A job of this piece runs or waits."""
        return self.jobs.busy(self.work)

    # -- which piece -------------------------------------------------------------------------------

    def open(self, session: Session, work_id: str, title: str) -> None:
        """Show a work of the project with the takes of its last proposal."""
        self.leave()
        self.session, self.work = session, work_id
        self.pane.set_title(title)
        self.track = ""
        self.show_head()
        self.judged.open(session, work_id)
        self.pane.roll.fit()
        self.pane.set_running(self.running)
        self.models.start()
        self.opened.emit(work_id)

    def leave(self) -> None:
        """Let go of the work."""
        if self.session is not None:
            self.leaving.emit()
            self.judged.leave()
        self.session, self.work, self.damaged = None, "", False
        self.set_range(None)

    def _score_at_head(self) -> Score:
        """The piece as the history has it; before the first step a fresh one."""
        assert self.session is not None
        self.damaged = False
        if not self.session.history(self.work).head:
            return fresh_piece()
        try:
            score = self.session.open_piece(self.work)
        except StudioError as error:
            self.damaged = True
            self.notice.emit(error.what, error.do)
            return fresh_piece()
        return score if score.tracks else fresh_piece()

    def show_head(self) -> None:
        """Show the piece as it stands in the history."""
        if self.session is not None:
            self._show(self._score_at_head())
            self.pane.roll.setEnabled(not self.damaged)

    def _show(self, score: Score) -> None:
        self.score = score
        ids = [track.id for track in score.tracks]
        before = self.track
        self.track = before if before in ids else ids[0]
        self.pane.roll.show_score(score, self.track)
        if self.range is not None and self.range[1] >= len(score.bars()):
            last = len(score.bars()) - 1
            self.set_range((min(self.range[0], last), last))
        if self.track != before:
            self.track_shown.emit(self.track)
        self.shown.emit(score)
        self.judged.refresh()

    @Slot(str)
    def show_track(self, track_id: str) -> None:
        """Have the roll show another track."""
        if track_id != self.track and any(track.id == track_id for track in self.score.tracks):
            self.track = track_id
            self.pane.roll.show_score(self.score, track_id)
            self.track_shown.emit(track_id)

    @Slot(object)
    def set_range(self, bars: tuple[int, int] | None) -> None:
        """The bars that the next takes are about; None: what the task usually means."""
        if bars != self.range:
            self.range = bars
            self.pane.roll.set_range(bars)
            self.range_changed.emit(bars)

    # -- what every art's desk can do (arts.ArtDesk) -----------------------------------------------

    def flush(self) -> None:
        """Tell what a fader that was just moved still holds back; notes are told at once."""
        self.pane.tracks.flush()

    def focus(self) -> None:
        """Put the keyboard into the notes."""
        self.pane.roll.setFocus()

    def set_title(self, title: str) -> None:
        """Name the open piece."""
        self.pane.set_title(title)

    def set_saved(self, saved: bool) -> None:
        """Whether everything is on disk."""
        self.pane.set_saved(saved)

    def set_worker_notice(self, words: str, tone: str) -> None:
        """A word about the model."""
        self.pane.prompt.set_notice(words, tone=tone)

    def set_quiet(self, on: bool) -> None:
        """Nothing but the work, or all again."""
        self.pane.set_distraction_free(on)

    def nodes(self) -> list[LineageNode]:
        """The lineage of the open piece; nothing without one."""
        if self.session is None:
            return []
        history = self.session.history(self.work)
        names = {track.id: track.name for track in self.score.tracks}
        return piece_nodes(history, self.judged.takes.values(), self.models.titles(), names)

    def branch_from(self, node_id: str) -> None:
        """Stand at a line of the lineage; of a take: where it grew from, the take shown."""
        take = self.judged.takes.get(node_id)
        self.branch(take.parent if take else node_id or START)
        if take:
            self.judged.show_take(take.id)

    def show_take(self, take_id: str) -> None:
        """Show a take of the lineage in the strip."""
        self.judged.show_take(take_id)

    # -- the person composes -----------------------------------------------------------------------

    @Slot(object, str, str)
    def revise(self, score: Score, words: str, kind: RevisionKind = "drawn") -> None:
        """A step of the person's: kept in the history, shown everywhere."""
        if self.session is None or self.damaged:
            return
        try:
            self.session.revise_piece(self.work, score, words, kind)
        except StudioError as error:  # the roll refuses it first; this is the last guard
            self.notice.emit(error.what, error.do)
            self.show_head()
            return
        self._show(score)

    @Slot()
    def undo(self) -> None:
        """One step back, across accepts and restarts."""
        self.flush()
        if self.session is not None and self.session.step_back(self.work) is not None:
            self.show_head()

    @Slot()
    def redo(self) -> None:
        """One step forward on the branch last stood on."""
        self.flush()
        if self.session is not None and self.session.step_on(self.work) is not None:
            self.show_head()

    @Slot(str)
    def branch(self, revision_id: str) -> None:
        """Stand where the piece stood at a revision; going on from there starts a new line."""
        self.flush()
        if self.session is not None:
            self.session.branch(self.work, revision_id)
            self.show_head()

    # -- the model proposes (piece_proposals.py asks) ----------------------------------------------

    @Slot()
    def stop(self) -> None:
        """Stop what runs or waits for this piece; with nothing to stop, put the ghost away."""
        if not self.jobs.stop(self.work) and self.judged.ghost_shows:
            self.pane.strip.choose("")

    @Slot(object)
    def _on_job(self, view: JobView) -> None:
        if view.job.work != self.work or self.session is None:
            return
        self.show_running()
        if view.state == "running":
            self.pane.set_progress(view.done)

    def show_running(self) -> None:
        """Say whether something runs; when nothing does, the cards that wait for takes go."""
        self.pane.set_running(self.running)
        if not self.running:
            self.judged.refresh_soon()

    @Slot(object)
    def _on_ended(self, take: Take) -> None:
        strip = self.pane.strip
        if strip.chosen() is None and take.id in strip.take_ids():
            strip.choose(take.id)
        if strip.chosen() == take.id and not self.score.note_count:
            self.judged.ghost.look()  # all of it, then
            self.pane.roll.fit()  # in an empty piece nothing says where to look
