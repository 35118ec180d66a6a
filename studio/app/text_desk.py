"""Joins the writing pane with the open project and the engine: propose, accept, reject, undo, branch."""

import secrets
from collections.abc import Callable

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.session import Session
from studio.core.ids import new_id
from studio.core.jobs import TextJob
from studio.core.takes import Take
from studio.engine.thread import EngineThread
from studio.engine.views import JobView
from studio.media.spans import Edit, moved
from studio.panes.text.pane import TextPane
from studio.widgets.prompt_box import ProposeValues

SEED_BITS = 32
VALUES = "prompt"
VALUES_DELAY_MS = 400


class TextDesk(QObject):
    """The open text: which takes are shown, which job runs for it."""

    lineage_changed = Signal()
    notice = Signal(str, str)  # what, do

    def __init__(
        self, pane: TextPane, engine: EngineThread, usable: Callable[[str], str], parent: QObject
    ) -> None:
        """`usable(model path)` answers "" or the reason why a model can't be used."""
        super().__init__(parent)
        self.pane = pane
        self.session: Session | None = None
        self.work = ""
        self.takes: dict[str, Take] = {}
        self._engine = engine
        self._usable = usable
        self._edited: set[str] = set()
        self._shown_job = ""
        self._active: dict[str, JobView] = {}
        self._values_timer = QTimer(self, singleShot=True, interval=VALUES_DELAY_MS)
        self._connect()

    def _connect(self) -> None:
        pane, engine = self.pane, self._engine
        pane.revised.connect(self._on_revised)
        pane.propose_requested.connect(self.propose)
        pane.stop_requested.connect(self.stop)
        pane.accept_requested.connect(self.accept)
        pane.reject_requested.connect(self.reject)
        pane.restore_requested.connect(self.restore)
        pane.take_edited.connect(self._on_take_edited)
        pane.regenerate_requested.connect(self.regenerate)
        pane.undo_requested.connect(self.undo)
        pane.redo_requested.connect(self.redo)
        pane.branch_requested.connect(self.branch)
        pane.values_changed.connect(self._values_timer.start)
        self._values_timer.timeout.connect(self._keep_values)
        engine.take_started.connect(self._on_take_started)
        engine.takes_grew.connect(self._on_takes_grew)
        engine.take_ended.connect(self._on_take_ended)
        engine.job_changed.connect(self._on_job_changed)

    @property
    def running(self) -> bool:
        """A job of this text runs or waits."""
        return bool(self._active)

    # -- which text ------------------------------------------------------------------------------

    def open(self, session: Session, work_id: str, title: str) -> None:
        """Show a work of the project with the takes of its last proposal."""
        self.leave()
        self.session, self.work = session, work_id
        text = session.history(work_id).text
        self.pane.load(work_id, title, text, len(text.text))
        self._show_values()
        self.takes = {take.id: take for take in session.reader.takes_of(work_id)}
        last = max(self.takes.values(), key=lambda take: take.created_ms, default=None)
        self._show_job(last.job if last else "")
        self._show_running()
        self.lineage_changed.emit()

    def leave(self) -> None:
        """Write what is typed and let go of the work."""
        if self.session is not None and self.work:
            self.pane.flush()
            if self._values_timer.isActive():
                self._keep_values()
        self._values_timer.stop()
        self.session, self.work, self.takes, self._shown_job = None, "", {}, ""

    def _keep_values(self) -> None:
        """Remember note, number of takes and knobs in the project."""
        if self.session is not None:
            kept = msgspec.to_builtins(replace(self.pane.prompt.values(), model=""))
            self.session.write(lambda store: store.set_setting(VALUES, kept))

    def _show_values(self) -> None:
        """What the prompt box held when this project was open last; the chosen model stays."""
        assert self.session is not None
        kept = self.session.reader.get_setting(VALUES)
        if kept is None:
            return
        try:
            values = msgspec.convert(kept, ProposeValues)
        except msgspec.ValidationError:  # of another version: the defaults serve
            return
        self.pane.prompt.set_values(replace(values, model=self.pane.prompt.values().model))

    # -- the person writes -----------------------------------------------------------------------

    @Slot(object, str)
    def _on_revised(self, edit: Edit, kind: str) -> None:
        if self.session is not None:
            self.session.revise(self.work, edit, "pasted" if kind == "pasted" else "typed")
            self.lineage_changed.emit()

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
            self._refresh_takes()

    @Slot(str)
    def branch(self, revision_id: str) -> None:
        """Stand where the work stood at a revision; typing on starts a new line."""
        if self.session is None:
            return
        self.pane.flush()
        edits = self.session.branch(self.work, revision_id)
        self.pane.apply(edits, None)
        self._refresh_takes()
        self.pane.focus_editor()

    # -- the model proposes ----------------------------------------------------------------------

    @Slot()
    def propose(self) -> None:
        """Ask for takes that go on from the caret."""
        if self.session is None:
            return
        proposal = self.pane.proposal()
        values = proposal.values
        if self._refused(values.model):
            return
        seed = secrets.randbits(SEED_BITS) if values.seed is None else values.seed
        self._submit(
            TextJob(
                id=new_id(),
                work=self.work,
                parent=self.session.history(self.work).head,
                at=proposal.at,
                prompt=proposal.prompt,
                suffix=proposal.suffix,
                note=values.note,
                model=values.model,
                seed=seed,
                takes=values.takes,
                tokens=values.tokens,
                sampling=values.sampling,
            )
        )

    @Slot()
    @Slot(str)
    def regenerate(self, take_id: str = "") -> None:
        """The same request with a new seed and today's knobs; without an earlier one, a first proposal."""
        job = self._job_of(take_id)
        if job is None:
            self.propose()
            return
        self.pane.flush()
        values = self.pane.proposal().values
        model = values.model or job.model
        if self._refused(model):
            return
        self._submit(
            job.changed(
                id=new_id(),
                seed=secrets.randbits(SEED_BITS) if values.seed is None else values.seed,
                model=model,
                takes=values.takes,
                tokens=values.tokens,
                note=values.note,
                sampling=values.sampling,
            )
        )

    def _job_of(self, take_id: str) -> TextJob | None:
        if take_id in self.takes:
            return self.takes[take_id].recipe.job
        return next((take.recipe.job for take in self.takes.values() if take.job == self._shown_job), None)

    def _refused(self, model: str) -> bool:
        reason = self._usable(model)
        if reason:
            self.notice.emit(reason, "Choose another model in the menu below the text.")
        return bool(reason)

    def _submit(self, job: TextJob) -> None:
        if not self._active:
            self.pane.set_waiting(job.takes, "Reading your text…")
        self.pane.prompt.show_seed(job.seed)
        self.pane.set_running(True)
        self._engine.submit(job)

    @Slot()
    def stop(self) -> None:
        """Stop what runs or waits for this text; takes stay as far as they got."""
        for job_id in list(self._active):
            self._engine.cancel(job_id)

    # -- the person judges -----------------------------------------------------------------------

    @Slot(str)
    def accept(self, take_id: str) -> None:
        """The take, as edited, becomes part of the work."""
        take = self.takes.get(take_id)
        draft = self.pane.strip.draft(take_id)
        if self.session is None or take is None or draft is None or take.status == "streaming":
            return
        if not draft.text:
            self.notice.emit("This take is empty.", "Regenerate (Ctrl+R) for another.")
            return
        if take_id in self._in_text():
            self.notice.emit("This take is part of the text already.", "")
            return
        self._step_before_sibling(take)
        history = self.session.history(self.work)
        at = moved(take.recipe.job.at, history.path_edits(take.parent, history.head))
        edit = history.text.edit(at, 0, draft.text, draft.runs)
        self.pane.apply((edit,), at + len(draft.text))
        self.pane.flash(at, len(draft.text))
        self.session.accept(self.work, take_id, edit)
        self._note(replace(take, verdict="accepted"))
        self._refresh_takes()
        self.pane.focus_editor()

    def _step_before_sibling(self, take: Take) -> None:
        """When another take of the same place was just accepted and nothing written since, it gives way."""
        assert self.session is not None
        history = self.session.history(self.work)
        if not history.head:
            return
        head = history.node(history.head)
        other = self.takes.get(head.take) if head.kind == "accepted" else None
        if other is not None and head.parent == take.parent and other.recipe.job.at == take.recipe.job.at:
            self.pane.apply(self.session.branch(self.work, take.parent), None)

    @Slot(str, str)
    def reject(self, take_id: str, reason: str) -> None:
        """Set a take aside; it stays in the lineage."""
        take = self.takes.get(take_id)
        if self.session is None or take is None or take.status == "streaming":
            return
        self.session.write(lambda store: store.reject(take_id, reason))
        self._note(replace(take, verdict="rejected", reason=reason))

    @Slot(str)
    def restore(self, take_id: str) -> None:
        """Take a rejection back."""
        take = self.takes.get(take_id)
        if self.session is None or take is None:
            return
        self.session.write(lambda store: store.restore_take(take_id))
        self._note(replace(take, verdict=None, reason=""))

    @Slot(str, object)
    def _on_take_edited(self, take_id: str, edit: Edit) -> None:
        if self.session is not None:
            self._edited.add(take_id)
            self.session.write(lambda store: store.edit_take(take_id, edit))

    # -- what the engine tells -------------------------------------------------------------------

    @Slot(object)
    def _on_take_started(self, take: Take) -> None:
        if take.work != self.work or self.session is None:
            return
        self.takes[take.id] = take
        self._show_job(take.job)
        self.lineage_changed.emit()

    @Slot(object)
    def _on_takes_grew(self, pieces: list[tuple[str, str]]) -> None:
        for take_id, text in pieces:
            if take_id in self.takes and self.takes[take_id].job == self._shown_job:
                self.pane.append(take_id, text)

    @Slot(object)
    def _on_take_ended(self, take: Take) -> None:
        if take.work == self.work and take.id in self.takes:
            self._note(take)

    @Slot(object)
    def _on_job_changed(self, view: JobView) -> None:
        if view.job.work != self.work:
            return
        if view.state in ("waiting", "running", "stopping"):
            self._active[view.job.id] = view
        elif self._active.pop(view.job.id, None) is not None and not self._active:
            self._show_job(self._shown_job)
        self._show_running()

    def _show_running(self) -> None:
        self._active = {job: view for job, view in self._active.items() if view.job.work == self.work}
        self.pane.set_running(bool(self._active))

    # -- showing ---------------------------------------------------------------------------------

    def show_take(self, take_id: str) -> None:
        """Show a take of the lineage, with its siblings, in the strip."""
        if take_id in self.takes:
            self._show_job(self.takes[take_id].job)
            self.pane.strip.choose(take_id)

    def _show_job(self, job_id: str) -> None:
        self._shown_job = job_id
        accepted = self._in_text()
        shown = [self._as_shown(take, accepted) for take in self.takes.values() if take.job == job_id]
        if not shown:
            self.pane.clear_takes()
            return
        drafts = {}
        if self.session is not None:
            for take in shown:
                # an edit may still be on its way to the disk
                live = self.pane.strip.draft(take.id) if take.id in self._edited else None
                drafts[take.id] = live or self.session.reader.take_draft(take.id)
        self.pane.show_takes(sorted(shown, key=lambda take: take.index), drafts)

    def _refresh_takes(self) -> None:
        accepted = self._in_text()
        for take in self.takes.values():
            if take.job == self._shown_job:
                self.pane.update_take(self._as_shown(take, accepted))
        self.lineage_changed.emit()

    def _note(self, take: Take) -> None:
        self.takes[take.id] = take
        if take.job == self._shown_job:
            self.pane.update_take(self._as_shown(take, self._in_text()))
        self.lineage_changed.emit()

    def _in_text(self) -> set[str]:
        """The takes that are part of the text as it stands: accepted on the way to the head."""
        found: set[str] = set()
        if self.session is None:
            return found
        history = self.session.history(self.work)
        at = history.head
        while at:
            node = history.node(at)
            if node.kind == "accepted":
                found.add(node.take)
            at = node.parent
        return found

    @staticmethod
    def _as_shown(take: Take, accepted: set[str]) -> Take:
        """An accept that was undone counts as undecided."""
        if take.id in accepted:
            return replace(take, verdict="accepted")
        return replace(take, verdict=None) if take.verdict == "accepted" else take
