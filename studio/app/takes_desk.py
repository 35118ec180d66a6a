"""The takes of the open text: shows them as they stream, accepts, rejects, keeps edits of them."""

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.session import Session
from studio.core.jobs import TextJob
from studio.core.takes import Take
from studio.engine.thread import EngineThread
from studio.media.spans import Edit, SpanText, moved
from studio.panes.text.pane import TextPane


class TakesDesk(QObject):
    """Knows every take of the open text; the strip shows those of one job."""

    changed = Signal()
    notice = Signal(str, str)  # what, do

    def __init__(self, pane: TextPane, engine: EngineThread, parent: QObject) -> None:
        super().__init__(parent)
        self.takes: dict[str, Take] = {}
        self._pane = pane
        self._session: Session | None = None
        self._work = ""
        self._shown_job = ""
        self._edited: set[str] = set()
        self._born_job = ""
        self._born = QTimer(self, singleShot=True, interval=0)
        self._born.timeout.connect(self._show_born)
        pane.accept_requested.connect(self.accept)
        pane.reject_requested.connect(self.reject)
        pane.restore_requested.connect(self.restore)
        pane.take_edited.connect(self._on_take_edited)
        engine.take_started.connect(self._on_take_started)
        engine.takes_grew.connect(self._on_takes_grew)
        engine.take_ended.connect(self._on_take_ended)

    def open(self, session: Session, work_id: str) -> None:
        """Show the takes of a work's last proposal."""
        self._session, self._work = session, work_id
        self.takes = {take.id: take for take in session.reader.takes_of(work_id)}
        last = max(self.takes.values(), key=lambda take: take.created_ms, default=None)
        self._show_job(last.job if last else "")

    def leave(self) -> None:
        """Let go of the work."""
        self._session, self._work, self.takes, self._shown_job = None, "", {}, ""
        self._edited.clear()

    def job_of(self, take_id: str) -> TextJob | None:
        """The job of a take, or of the shown takes."""
        if take_id in self.takes:
            return self.takes[take_id].recipe.job
        return next((take.recipe.job for take in self.takes.values() if take.job == self._shown_job), None)

    def knows(self, job_id: str) -> bool:
        """A take of this job is among the open text's."""
        return any(take.job == job_id for take in self.takes.values())

    # -- the person judges -----------------------------------------------------------------------

    @Slot(str)
    def accept(self, take_id: str) -> None:
        """The take, as edited, becomes part of the work."""
        take, draft = self.takes.get(take_id), self._pane.strip.draft(take_id)
        session = self._session
        if session is None or take is None or draft is None or take.status == "streaming":
            return
        if not draft.text:
            self.notice.emit("This take is empty.", "Regenerate (Ctrl+R) for another.")
        elif take_id in self._in_text(session):
            self.notice.emit("This take is part of the text already.", "")
        else:
            self._accept(session, take, draft)

    def _accept(self, session: Session, take: Take, draft: SpanText) -> None:
        self._make_room(session, take)
        history = session.history(self._work)
        at = moved(take.recipe.job.at, history.path_edits(take.parent, history.head))
        edit = history.text.edit(at, 0, draft.text, draft.runs)
        self._pane.apply((edit,), at + len(draft.text))
        self._pane.flash(at, len(draft.text))
        session.accept(self._work, take.id, edit)
        self._note(replace(take, verdict="accepted"))
        self.refresh()
        self._pane.focus_editor()

    def _make_room(self, session: Session, take: Take) -> None:
        """When another take of the same place was just accepted and nothing written since, it gives way."""
        history = session.history(self._work)
        if not history.head:
            return
        head = history.node(history.head)
        other = self.takes.get(head.take) if head.kind == "accepted" else None
        if other is not None and head.parent == take.parent and other.recipe.job.at == take.recipe.job.at:
            self._pane.apply(session.branch(self._work, take.parent), None)

    @Slot(str, str)
    def reject(self, take_id: str, reason: str) -> None:
        """Set a take aside; it stays in the lineage."""
        take = self.takes.get(take_id)
        if self._session is not None and take is not None and take.status != "streaming":
            self._session.write(lambda store: store.reject(take_id, reason))
            self._note(replace(take, verdict="rejected", reason=reason))

    @Slot(str)
    def restore(self, take_id: str) -> None:
        """Take a rejection back."""
        take = self.takes.get(take_id)
        if self._session is not None and take is not None:
            self._session.write(lambda store: store.restore_take(take_id))
            self._note(replace(take, verdict=None, reason=""))

    @Slot(str, object)
    def _on_take_edited(self, take_id: str, edit: Edit) -> None:
        if self._session is not None:
            self._edited.add(take_id)
            self._session.write(lambda store: store.edit_take(take_id, edit))

    # -- what the engine tells -------------------------------------------------------------------

    @Slot(object)
    def _on_take_started(self, take: Take) -> None:
        if self._session is not None and take.work == self._work:
            self.takes[take.id] = take
            self._born_job = take.job
            self._born.start()  # all takes of a job are born together: shown together

    @Slot()
    def _show_born(self) -> None:
        if any(take.job == self._born_job for take in self.takes.values()):
            self._show_job(self._born_job)

    @Slot(object)
    def _on_takes_grew(self, pieces: list[tuple[str, str]]) -> None:
        for take_id, text in pieces:
            if take := self.takes.get(take_id):
                self.takes[take_id] = replace(take, text=take.text + text)
                if take.job == self._shown_job:
                    self._pane.append(take_id, text)

    @Slot(object)
    def _on_take_ended(self, take: Take) -> None:
        if take.id in self.takes:
            self._note(take)

    # -- showing ---------------------------------------------------------------------------------

    def show_take(self, take_id: str) -> None:
        """Show a take of the lineage, with its siblings, in the strip."""
        if take_id in self.takes:
            self._show_job(self.takes[take_id].job)
            self._pane.strip.choose(take_id)

    def refresh(self) -> None:
        """The text stands elsewhere, or a job has ended: show anew which takes are part of the text."""
        self._show_job(self._shown_job)

    def _show_job(self, job_id: str) -> None:
        self._pane.strip.flush()
        self._shown_job = job_id
        session = self._session
        shown = sorted(
            (t for t in self.takes.values() if t.job == job_id), key=lambda t: (t.created_ms, t.index)
        )
        if session is None or not shown:
            self._pane.clear_takes()
        else:
            accepted = self._in_text(session)
            drafts = {take.id: self._draft(session, take) for take in shown if take.status != "streaming"}
            self._pane.show_takes([_as_shown(take, accepted) for take in shown], drafts)
        self.changed.emit()

    def _draft(self, session: Session, take: Take) -> SpanText:
        """The take with the person's edits; one may still be on its way to the disk."""
        live = self._pane.strip.draft(take.id) if take.id in self._edited else None
        return live or session.reader.take_draft(take.id)

    def _note(self, take: Take) -> None:
        self.takes[take.id] = take
        if self._session is not None and take.job == self._shown_job:
            self._pane.update_take(_as_shown(take, self._in_text(self._session)))
        self.changed.emit()

    def _in_text(self, session: Session) -> set[str]:
        """The takes that are part of the text as it stands: accepted on the way to the head."""
        found: set[str] = set()
        history = session.history(self._work)
        at = history.head
        while at:
            node = history.node(at)
            if node.kind == "accepted":
                found.add(node.take)
            at = node.parent
        return found


def _as_shown(take: Take, accepted: set[str]) -> Take:
    """An accept that was undone counts as undecided."""
    if take.id in accepted:
        return replace(take, verdict="accepted")
    return replace(take, verdict=None) if take.verdict == "accepted" else take
