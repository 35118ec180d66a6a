"""The running summary: what the model no longer reads of a long text, told by the model itself, kept for the person."""

from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.acts_desk import ActsDesk
from studio.app.lore_desk import LoreDesk
from studio.app.models_desk import ModelsDesk
from studio.app.session import Session
from studio.app.text_desk import TextDesk
from studio.core.ids import new_id
from studio.core.jobs import TextJob
from studio.core.takes import Made, Take
from studio.engine.thread import EngineThread
from studio.engine.views import JobView
from studio.media.summary import Stretch, stretch, summary_job

COVERS: Final = (
    "summary_covers"  # fact of a work: so many characters of its beginning are told in the summary
)
FITS: Final = "All of this text still fits into what the model reads: there is nothing to summarise yet."
LIMIT_SHARE: Final = (
    6  # of the characters a model could use at most; the summary so far and the answer need room
)


class SummaryDesk(QObject):
    """Sees how much of a text was cut off, offers to summarise it, and puts the answer where it can be edited."""

    notice = Signal(str, str)  # what, do

    def __init__(
        self,
        text: TextDesk,
        acts: ActsDesk,
        models: ModelsDesk,
        lore: LoreDesk,
        engine: EngineThread,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._text, self._acts, self._models, self._lore = text, acts, models, lore
        self._engine = engine
        self._cut: dict[str, int] = {}  # work -> how much of its beginning the model did not read last
        self._covers: dict[str, int] = {}
        self._offered: set[str] = set()
        self._job: TextJob | None = None  # the one that was asked for here and has not ended
        self._session: Session | None = None  # its project
        self._previous = ""  # the summary it carries on
        text.opened.connect(self._on_opened)
        text.seen.connect(self._on_seen)
        acts.changed.connect(self._show)
        lore.summarise_requested.connect(self.summarise)
        engine.take_ended.connect(self._on_take_ended)
        engine.job_changed.connect(self._on_job_changed)

    @property
    def running(self) -> bool:
        """A summary is being made."""
        return self._job is not None

    # -- when it is worth it ---------------------------------------------------------------------

    @Slot(object, object)
    def _on_seen(self, job: TextJob, made: Made) -> None:
        if job.act == "continue" and job.work == self._text.work:
            self._cut[job.work] = max(0, job.at - len(job.prompt)) + made.prompt_cut_chars
            self._show()
            self._offer(job.work)

    def _offer(self, work: str) -> None:
        if work not in self._offered and not self._why_not(work):
            self._offered.add(work)
            self.notice.emit(
                "The beginning of this text no longer fits into what the model reads.",
                "Summarise it in the Lorebook (F7, Summary): the model is told the summary instead.",
            )

    @Slot(str)
    def _on_opened(self, _work: str) -> None:
        if self._text.session is not self._session:  # another project's queue does not go on
            self._job = None
        self._show()

    @Slot()
    def _show(self) -> None:
        self._lore.set_summary_blocked(self._why_not(self._text.work))

    def _why_not(self, work: str) -> str:
        if not work or self._text.session is None:
            return "No text is open."
        if self.running:
            return "The model is summarising; Esc stops it."
        if reason := self._acts.why_not("summarise"):
            return reason
        return FITS if self._next(work) is None else ""

    def _next(self, work: str) -> Stretch | None:
        """The next characters to summarise; None when there are none, or too few."""
        assert self._text.session is not None
        text = self._text.session.history(work).text.text
        limit = self._models.context_chars(self._text.pane.prompt.values().model) // LIMIT_SHARE
        return stretch(text, self._covered(work), self._cut.get(work, 0), limit)

    def _covered(self, work: str) -> int:
        """How much of the work's beginning the summary tells; nothing once the person has emptied it."""
        if not self._lore.notes_of(work).summary.strip():
            return 0
        if work not in self._covers:
            assert self._text.session is not None
            kept = self._text.session.reader.facts(work).get(COVERS, 0)
            self._covers[work] = kept if isinstance(kept, int) else 0
        return self._covers[work]

    # -- the job ---------------------------------------------------------------------------------

    @Slot(str)
    def summarise(self, work: str) -> None:
        """Have the model carry the summary on; what came of it is shown, kept and may be edited."""
        session, values = self._text.session, self._text.pane.prompt.values()
        frame = self._acts.template("summarise")
        if reason := self._models.why_not(values.model) or self._why_not(work):
            self.notice.emit(reason, "")
            return
        part = self._next(work)
        if session is None or part is None or frame is None:
            return
        self._session, self._previous = session, self._lore.notes_of(work).summary.strip()
        self._job = summary_job(
            id=new_id(),
            work=work,
            model=values.model,
            frame=frame,
            previous=self._previous,
            text=session.history(work).text.text,
            part=part,
        )
        self._show()
        self._engine.submit(self._job)

    @Slot(object)
    def _on_take_ended(self, take: Take) -> None:
        """Also of one that was asked for before a restart, or tried again in the queue."""
        job, session = take.recipe.job, self._text.session
        if not isinstance(job, TextJob) or job.act != "summarise":
            return
        if take.status != "done" or not take.text.strip() or session is None:
            return
        if not _holds(session, take.work):  # the last words of the project that was open before
            return
        work, end = take.work, job.at
        if end <= self._covered(work):
            return
        if not self._carries_on(job):
            self._job = None
            self.notice.emit(
                "You changed the summary while the model wrote on it: yours stays as it is.",
                "Summarise again to have the model carry yours on.",
            )
            return
        self._covers[work] = end
        session.write(lambda store: store.set_fact(work, COVERS, end))
        self._lore.set_summary(work, take.text.strip(), end)

    def _carries_on(self, job: TextJob) -> bool:
        """Whether the summary is still the one that the model was told."""
        now = self._lore.notes_of(job.work).summary.strip()
        if self._job is not None and job.id == self._job.id:
            return now == self._previous
        return not now or job.selection.startswith(f"{now}\n\n")

    @Slot(object)
    def _on_job_changed(self, view: JobView) -> None:
        if (
            self._job is None
            or view.job.id != self._job.id
            or view.state in ("waiting", "running", "stopping")
        ):
            return
        done, self._job = view.state == "done", None
        self._show()
        if done and view.job.work == self._text.work and self._next(view.job.work) is not None:
            self.summarise(view.job.work)  # a long beginning is told piece after piece


def _holds(session: Session, work: str) -> bool:
    try:
        session.reader.work(work)
    except KeyError:
        return False
    return True
