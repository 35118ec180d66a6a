"""The takes of the open text: shows them as they stream, accepts, rejects, keeps edits of them."""

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.session import Session
from studio.app.take_places import Place, Standing, is_whole, part_of, place_of, standings
from studio.core.errors import StudioError
from studio.core.jobs import TextJob
from studio.core.takes import Take
from studio.engine.thread import EngineThread
from studio.media.spans import Edit, SpanText, runs_of
from studio.panes.text.pane import TextPane

GROW_MS = 16  # between two shows of what streams


class TakesDesk(QObject):
    """Knows every take of the open text; the strip shows those of one job."""

    changed = Signal()
    shown_changed = Signal(str)  # the job whose takes the strip shows now; "" for none
    grew = Signal(str)  # take id of the shown job
    notice = Signal(str, str)  # what, do

    def __init__(self, pane: TextPane, engine: EngineThread, parent: QObject) -> None:
        super().__init__(parent)
        self.takes: dict[str, Take] = {}
        self.ghost: Callable[[str], Place | None] = lambda _take_id: None  # the rest that shows at the caret
        self._pane = pane
        self._session: Session | None = None
        self._work = ""
        self._shown_job = ""
        self._edited: set[str] = set()
        self._standings: tuple[str, dict[str, Standing]] = ("", {})
        self._grown: dict[str, str] = {}  # streamed, not shown yet
        self._growing = QTimer(self, singleShot=True, interval=GROW_MS)
        self._growing.timeout.connect(self._show_next)
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
        takes = session.takes_of(work_id)
        self.takes = {take.id: take for take in takes if _is_proposal(take)}
        last = max(self.takes.values(), key=lambda take: take.created_ms, default=None)
        self._show_job(last.job if last else "")

    def leave(self) -> None:
        """Let go of the work."""
        self._session, self._work, self.takes, self._shown_job = None, "", {}, ""
        self._standings = ("", {})
        self._edited.clear()
        self._grown.clear()

    def job_of(self, take_id: str) -> TextJob | None:
        """The job of a take, or of the shown takes."""
        if take_id in self.takes:
            return self.takes[take_id].recipe.writing
        return next(
            (take.recipe.writing for take in self.takes.values() if take.job == self._shown_job), None
        )

    def knows(self, job_id: str) -> bool:
        """A take of this job is among the open text's."""
        return any(take.job == job_id for take in self.takes.values())

    def shown(self) -> list[Take]:
        """The takes of the strip, in order."""
        mine = [take for take in self.takes.values() if take.job == self._shown_job]
        return sorted(mine, key=lambda take: (take.created_ms, take.index))

    def standing(self, take_id: str) -> Standing | None:
        """What of a take is in the text as it stands."""
        return self._in_text().get(take_id)

    def is_partly_accepted(self, take_id: str) -> bool:
        """Some of the take is in the text, and some of it is not."""
        take, draft = self.takes.get(take_id), self.draft(take_id)
        standing = self.standing(take_id)
        if take is None or draft is None or standing is None:
            return False
        return not is_whole(standing, take, draft)

    def draft(self, take_id: str) -> SpanText | None:
        """A take with the person's edits; None when it is unknown."""
        take, session = self.takes.get(take_id), self._session
        if take is None or session is None:
            return None
        if take.status == "streaming":
            return SpanText(text=take.text, runs=runs_of(take.text, take.id))
        return self._pane.strip.draft(take_id) or session.reader.take_draft(take_id)

    # -- the person judges -----------------------------------------------------------------------

    @Slot(str)
    def accept(self, take_id: str) -> None:
        """The take, as edited, becomes part of the work; what is in the text already is not put there twice."""
        take, draft = self.takes.get(take_id), self._pane.strip.draft(take_id)
        session = self._session
        if session is None or take is None or draft is None or take.status == "streaming":
            return
        if not draft.text:
            self.notice.emit("This take is empty.", "Regenerate (Ctrl+R) for another.")
        elif is_whole(self.standing(take_id), take, draft):
            self.notice.emit("This take is part of the text already.", "")
        else:
            self._accept(session, take, draft)

    def _accept(self, session: Session, take: Take, draft: SpanText) -> None:
        place = self.ghost(take.id)
        if place is None:
            head = session.history(self._work).head
            self._make_room(session, take)
            place = place_of(session.history(self._work), take, draft, self.standing(take.id))
            if place.why_not:
                self._go(session, head)
                self.notice.emit(place.why_not, place.do)
                return
        if self._put(session, place, lambda edit: session.accept(self._work, take.id, edit)):
            self._note(replace(take, verdict="accepted"))
            self.refresh()
            self._pane.focus_editor()

    def accept_part(self, take_id: str, length: int, place: Place) -> None:
        """The first `length` characters of what is left of a take become part of the work: one step."""
        take, session = self.takes.get(take_id), self._session
        if session is None or take is None or not length:
            return
        ends = length >= len(place.rest.text) and take.status != "streaming"
        part = replace(place, rest=part_of(place.rest, 0, length))
        put = session.accept if ends else session.accept_part
        if self._put(session, part, lambda edit: put(self._work, take_id, edit), flash=ends):
            self._note(replace(take, verdict="accepted") if ends else take)
            self._pane.focus_editor()

    def _put(
        self, session: Session, place: Place, keep: Callable[[Edit], object], flash: bool = True
    ) -> bool:
        edit = session.history(self._work).text.edit(
            place.at, place.removed, place.rest.text, place.rest.runs
        )
        try:
            keep(edit)
        except StudioError as error:
            self.notice.emit(error.what, error.do)
            return False
        self._pane.apply((edit,), place.at + len(place.rest.text))
        if flash:
            self._pane.flash(place.at, len(place.rest.text))
        return True

    def _make_room(self, session: Session, take: Take) -> None:
        """When only another take of the same place was accepted and nothing written since, it gives way.

        A take that another word of an earlier one led to stands on a line of its own, beside that one.
        """
        history = session.history(self._work)
        head = take.parent if take.recipe.writing.lead else history.head
        while head != take.parent:
            node = history.node(head) if head else None
            other = self.takes.get(node.take) if node is not None and node.kind == "accepted" else None
            if node is None or other is None or other.id == take.id or not _same_place(other, take):
                return
            head = node.parent
        self._go(session, take.parent)

    def _go(self, session: Session, revision_id: str) -> None:
        if session.history(self._work).head != revision_id:
            edits = session.branch(self._work, revision_id)
            self._pane.apply(edits, None, session.history(self._work).text)

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
            self.grew.emit(take_id)

    # -- what the engine tells -------------------------------------------------------------------

    @Slot(object)
    def _on_take_started(self, take: Take) -> None:
        if self._session is not None and take.work == self._work and _is_proposal(take):
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
            if take_id in self.takes:
                self._grown[take_id] = self._grown.get(take_id, "") + text
        if not self._growing.isActive():
            self._show_next()

    @Slot()
    def _show_next(self) -> None:
        """One take's text at a time: a fast model tells more, more often, than a key should wait for."""
        take_id = next(iter(self._grown), "")
        if take_id:
            self._show_grown(take_id)
            self._growing.start()

    def _show_grown(self, take_id: str) -> None:
        """What a take has streamed since it was shown last."""
        text, take = self._grown.pop(take_id, ""), self.takes.get(take_id)
        if text and take is not None:
            self.takes[take_id] = replace(take, text=take.text + text)
            if take.job == self._shown_job:
                self._pane.append(take_id, text)
                self.grew.emit(take_id)

    @Slot(object)
    def _on_take_ended(self, take: Take) -> None:
        self._grown.pop(take.id, None)  # the whole text comes with its end
        if take.id in self.takes:
            self._note(replace(take, tokens=()))  # they are read when someone looks inside

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
        for take_id in tuple(self._grown):
            self._show_grown(take_id)
        self._pane.strip.flush()
        self._shown_job = job_id
        session, shown = self._session, self.shown()
        if session is None or not shown:
            self._pane.clear_takes()
        else:
            drafts = {take.id: self._draft(session, take) for take in shown if take.status != "streaming"}
            self._pane.show_takes([self._as_shown(take, drafts.get(take.id)) for take in shown], drafts)
            self._pane.set_partly_accepted([t.id for t in shown if self.is_partly_accepted(t.id)])
        self.shown_changed.emit(job_id if shown else "")
        self.changed.emit()

    def _draft(self, session: Session, take: Take) -> SpanText:
        """The take with the person's edits; one may still be on its way to the disk."""
        live = self._pane.strip.draft(take.id) if take.id in self._edited else None
        return live or session.reader.take_draft(take.id)

    def _note(self, take: Take) -> None:
        self.takes[take.id] = take
        if self._session is not None and take.job == self._shown_job:
            self._pane.update_take(self._as_shown(take, self._pane.strip.draft(take.id)))
            self._pane.set_partly_accepted([t.id for t in self.shown() if self.is_partly_accepted(t.id)])
        self.changed.emit()

    def _in_text(self) -> dict[str, Standing]:
        """The takes that are part of the text as it stands: accepted on the way to the head."""
        if self._session is None:
            return {}
        history = self._session.history(self._work)
        if self._standings[0] != f"{self._work} {history.head}":
            self._standings = (f"{self._work} {history.head}", standings(history))
        return self._standings[1]

    def _as_shown(self, take: Take, draft: SpanText | None) -> Take:
        """An accept that was undone, or that took in a part only, counts as undecided."""
        if draft is not None and is_whole(self.standing(take.id), take, draft):
            return replace(take, verdict="accepted")
        return replace(take, verdict=None) if take.verdict == "accepted" else take


def _is_proposal(take: Take) -> bool:
    """A summary belongs to the story's notes: it is no proposal for the text. Nor is a picture."""
    job = take.recipe.job
    return isinstance(job, TextJob) and job.act != "summarise"


def _same_place(one: Take, other: Take) -> bool:
    """Whether both takes were asked for the same place of the same text."""
    a, b = one.recipe.writing, other.recipe.writing
    return (one.parent, a.at, len(a.selection)) == (other.parent, b.at, len(b.selection))
