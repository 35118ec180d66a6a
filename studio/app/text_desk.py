"""Joins the writing pane with the open project and the engine: type, undo, branch, propose, stop."""

import secrets
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.acts_desk import ActsDesk
from studio.app.arts import Art
from studio.app.ghost_desk import GhostDesk
from studio.app.lineage import START, lineage_nodes
from studio.app.models_desk import ModelsDesk
from studio.app.prompt_values import PromptValues
from studio.app.session import Session
from studio.app.takes_desk import TakesDesk
from studio.core.errors import StudioError
from studio.core.ids import new_id
from studio.core.jobs import ContextPart, TextJob
from studio.core.takes import Take
from studio.engine.thread import EngineThread
from studio.engine.views import JobView
from studio.media.nearby import after_caret, before_caret
from studio.media.spans import Edit
from studio.panes.text.pane import Proposal, TextPane
from studio.widgets.lineage_view import LineageNode

SEED_BITS = 32
LORE_TOKENS = 512
LIVE = ("waiting", "running", "stopping")


class TextDesk(QObject):
    """The open text and the jobs that run for it; its takes are judged at the `TakesDesk`.

    `parts` and `lore_tokens` tell, for a work and the text before the caret, what the model is to read beside it.
    """

    lineage_changed = Signal()
    notice = Signal(str, str)  # what, do
    opened = Signal(str)  # work id, "" when none is open
    leaving = Signal()  # the work is about to be let go of; the session still stands
    asked = Signal(object)  # TextJob, just submitted
    seen = Signal(object, object)  # TextJob, Made: what the takes that are shown were made from

    def __init__(
        self, pane: TextPane, engine: EngineThread, models: ModelsDesk, acts: ActsDesk, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.art: Art = "text"
        self.parts: Callable[[str, str], tuple[ContextPart, ...]] = lambda _work, _prompt: ()
        self.lore_tokens: Callable[[str], int] = lambda _work: LORE_TOKENS
        self.pane = pane
        self.session: Session | None = None
        self.work = ""
        self.judged = TakesDesk(pane, engine, self)
        self.ghost = GhostDesk(pane, self.judged, self)
        self._acts = acts
        self._values = PromptValues(pane, self)
        self._engine = engine
        self._models = models
        self._jobs: dict[str, JobView] = {}
        self._unborn: TextJob | None = None  # failed before its takes began; regenerate means it
        self._connect()

    def _connect(self) -> None:
        pane = self.pane
        pane.revised.connect(self._on_revised)
        pane.propose_requested.connect(self.propose)
        pane.stop_requested.connect(self.stop)
        pane.regenerate_requested.connect(self.regenerate)
        pane.undo_requested.connect(self.undo)
        pane.redo_requested.connect(self.redo)
        pane.branch_requested.connect(self.branch)
        self._engine.job_changed.connect(self._on_job_changed)
        self.judged.changed.connect(self.lineage_changed)
        self.judged.notice.connect(self.notice)
        self.judged.shown_changed.connect(self._tell_seen)
        self.ghost.notice.connect(self.notice)
        pane.editor.refused.connect(self._on_refused)
        self._acts.wanted.connect(self.propose)

    @property
    def takes(self) -> dict[str, Take]:
        """Every take of the open text, by id."""
        return self.judged.takes

    @property
    def running(self) -> bool:
        """A job of this text runs or waits."""
        return bool(self._live())

    def _live(self) -> list[JobView]:
        return [view for view in self._jobs.values() if view.job.work == self.work]

    # -- which text ------------------------------------------------------------------------------

    def open(self, session: Session, work_id: str, title: str) -> None:
        """Show a work of the project with the takes of its last proposal."""
        self.leave()
        self.session, self.work = session, work_id
        text = session.history(work_id).text
        self.pane.load(work_id, title, text, len(text.text))
        self._values.open(session)
        self.judged.open(session, work_id)
        self.ghost.open(session, work_id)
        self.pane.set_running(self.running)
        self.lineage_changed.emit()
        self.opened.emit(work_id)
        self._tell_seen()

    def leave(self) -> None:
        """Write what is typed and let go of the work."""
        if self.session is not None:
            self.pane.flush()
            self.leaving.emit()
        self._values.leave()
        self.judged.leave()
        self.ghost.leave()
        self.session, self.work, self._unborn = None, "", None

    # -- what every art's desk can do (arts.ArtDesk) -----------------------------------------------

    def flush(self) -> None:
        """Tell what was typed."""
        self.pane.flush()

    def focus(self) -> None:
        """Put the keyboard into the text."""
        self.pane.focus_editor()

    def set_title(self, title: str) -> None:
        """Name the open text."""
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
        """The lineage of the open text; nothing without one."""
        if self.session is None:
            return []
        return lineage_nodes(self.session.history(self.work), self.takes.values(), self._models.titles())

    def branch_from(self, node_id: str) -> None:
        """Stand at a line of the lineage; of a take: where it grew from, the take shown."""
        take = self.takes.get(node_id)
        self.branch(take.parent if take else node_id or START)
        if take:
            self.judged.show_take(take.id)

    def show_take(self, take_id: str) -> None:
        """Show a take of the lineage in the strip."""
        self.judged.show_take(take_id)

    # -- the person writes -----------------------------------------------------------------------

    @Slot(object, str)
    def _on_revised(self, edit: Edit, kind: str) -> None:
        if self.session is None:
            return
        try:
            self.session.revise(self.work, edit, "pasted" if kind == "pasted" else "typed")
        except StudioError as error:  # the editor refuses it first; this is the last guard
            self.pane.apply((edit.inverse(),), None)
            self.notice.emit(error.what, error.do)
        self.lineage_changed.emit()

    @Slot(str)
    def _on_refused(self, why: str) -> None:
        self.notice.emit(why, "")

    @Slot()
    def undo(self) -> None:
        """One step back, across accepts and restarts."""
        if self.session is not None:
            self._apply_step(self.session.step_back(self.work))

    @Slot()
    def redo(self) -> None:
        """One step forward on the branch last stood on."""
        if self.session is not None:
            self._apply_step(self.session.step_on(self.work))

    def _apply_step(self, edit: Edit | None) -> None:
        if edit is not None:
            self.pane.apply((edit,), edit.at + len(edit.inserted))
            self.judged.refresh()

    @Slot(str)
    def branch(self, revision_id: str) -> None:
        """Stand where the work stood at a revision; typing on starts a new line."""
        if self.session is None:
            return
        self.pane.flush()
        edits = self.session.branch(self.work, revision_id)
        self.pane.apply(edits, None, self.session.history(self.work).text)
        self.judged.refresh()
        self.pane.focus_editor()

    # -- the model proposes ----------------------------------------------------------------------

    @Slot()
    def propose(self) -> None:
        """Ask for takes that go on from the caret, or do with the selected passage what was chosen."""
        if self.session is None:
            return
        proposal = self.pane.proposal()
        if self._refused(proposal.values.model):
            return
        reason = self._acts.why_not_now(proposal)
        if reason:
            self.notice.emit(reason, "")
            return
        self._submit(self._job(proposal))

    def job_now(self) -> TextJob | None:
        """What Propose would ask right now; nothing is told or submitted. None when it could not."""
        proposal = self.pane.look()
        if self.session is None or self._models.why_not(proposal.values.model):
            return None
        return None if self._acts.why_not_now(proposal) else self._job(proposal)

    def _job(self, proposal: Proposal) -> TextJob:
        assert self.session is not None
        values = proposal.values
        room = self._models.context_chars(values.model)
        return TextJob(
            id=new_id(),
            work=self.work,
            parent=self.session.history(self.work).head,
            at=proposal.at,
            prompt=before_caret(proposal.prompt, room),
            suffix=after_caret(proposal.suffix, room)
            if self._acts.reads_on(values.model, values.act)
            else "",
            note=values.note,
            parts=self.parts(self.work, proposal.prompt + proposal.selection),
            lore_tokens=self.lore_tokens(self.work),
            model=values.model,
            seed=_seed(values.seed),
            takes=values.takes,
            sampling=values.sampling,
            **self._acts.fields(proposal),
        )

    @Slot(str)
    def regenerate(self, take_id: str = "") -> None:
        """The same request with a new seed and today's knobs; without an earlier one, a first proposal."""
        job = self._unborn or self.judged.job_of(take_id)
        if job is None or self.judged.is_partly_accepted(take_id):
            self.pane.prompt.choose_act("continue")
            self.propose()
            return
        values = self.pane.proposal().values
        if self._refused(values.model):
            return
        if reason := self._acts.why_not(job.act, values.model):
            self.notice.emit(reason, "Choose another model, or check what this one can do (Ask menu).")
            return
        self._submit(
            job.changed(
                id=new_id(),
                seed=_seed(values.seed),
                model=values.model,
                takes=values.takes,
                tokens=values.tokens if job.act == "continue" else job.tokens,
                note=values.note,
                parts=self.parts(job.work, job.prompt + job.selection),
                lore_tokens=self.lore_tokens(job.work),
                sampling=values.sampling,
            )
        )

    def go_on_with(self, job: TextJob, lead: str) -> None:
        """Ask again for what `job` asked, every take beginning with `lead`; as many takes as the box says."""
        if not self._refused(job.model):
            values = self.pane.proposal().values
            self._submit(job.changed(id=new_id(), seed=_seed(values.seed), takes=values.takes, lead=lead))

    def _refused(self, model: str) -> bool:
        reason = self._models.why_not(model)
        if reason:
            self.notice.emit(reason, "Choose another model in the menu below the text.")
        return bool(reason)

    def _submit(self, job: TextJob) -> None:
        if not self.running:
            self.pane.set_waiting(job.takes, "Reading your text…")
        self.pane.prompt.show_seed(job.seed)
        self._jobs[job.id] = JobView(job=job, state="waiting")
        self._unborn = None
        self.pane.set_running(True)
        self._engine.submit(job)
        self.asked.emit(job)

    @Slot()
    def _tell_seen(self) -> None:
        take = next(iter(self.judged.shown()), None)
        if take is not None and take.recipe.made is not None:
            self.seen.emit(take.recipe.writing, take.recipe.made)

    @Slot()
    def stop(self) -> None:
        """Stop what runs or waits for this text; takes stay as far as they got."""
        for view in self._live():
            self._engine.cancel(view.job.id)

    @Slot(object)
    def _on_job_changed(self, view: JobView) -> None:
        job = view.job
        if not isinstance(job, TextJob):
            return
        if view.state in LIVE:
            self._jobs[view.job.id] = view
        else:
            self._jobs.pop(view.job.id, None)
            unborn = view.state == "failed" and not self.judged.knows(view.job.id)
            if unborn and job.work == self.work and job.act != "summarise":
                self._unborn = job
        if view.job.work == self.work:
            self.pane.set_running(self.running)
            if not self.running and not self.judged.knows(view.job.id):
                self.judged.refresh()  # nothing came of it: the waiting cards go


def _seed(wanted: int | None) -> int:
    return secrets.randbits(SEED_BITS) if wanted is None else wanted
