"""Splitting, merging and doubling scenes, and bringing removed works back."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.ask import run_dialog
from studio.app.book_desk import BookDesk
from studio.app.project_desk import HOLDS_TEXT, ProjectDesk
from studio.app.rewriting import open_session, rewrite
from studio.app.session import Session
from studio.app.text_desk import TextDesk
from studio.app.window import MainWindow
from studio.core.errors import StudioError
from studio.core.ids import new_id, now_ms
from studio.media.spans import Edit, SpanText
from studio.project.records import Work
from studio.project.store import Store
from studio.widgets.works_list import WorksList

COPIED = ("status", "synopsis", "goal")


class ScenesDesk(QObject):
    """Every change of a text is one revision of that text; no scene is ever deleted."""

    notice = Signal(str, str)  # what, do

    def __init__(
        self, window: MainWindow, text: TextDesk, projects: ProjectDesk, book: BookDesk, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._window, self._text, self._projects, self._book = window, text, projects, book
        works: WorksList = window.works
        works.split_requested.connect(self.split)
        works.merge_requested.connect(self.merge)
        works.duplicate_requested.connect(self.duplicate)
        works.status_chosen.connect(self._set_status)
        book.renamed.connect(works.renamed)

    @Slot(object, str)
    def _set_status(self, work_ids: list[str], status: str) -> None:
        for work_id in work_ids:
            self._book.set_status(work_id, status)

    # -- split -----------------------------------------------------------------------------------

    @Slot(str)
    def split(self, work_id: str = "") -> None:
        """What stands behind the cursor becomes a scene of its own, with its authors and locks."""
        work = self._projects.works.get(work_id or self._text.work)
        if work is None or work.kind != "scene":
            self.notice.emit("Only a scene can be split.", "Open one and put the cursor where it shall end.")
            return
        if work.id != self._text.work:
            self.notice.emit("This scene is not open.", "Open it and put the cursor where it shall end.")
            return
        pane = self._text.pane
        pane.flush()
        value, at = pane.value(), pane.caret()
        cut, tail = _cut(value, at)
        if not value.text[:cut].strip() or not tail.text.strip():
            self.notice.emit("There is nothing to split here.", "Put the cursor between two paragraphs.")
            return
        if value.is_locked(at, at):
            self.notice.emit("The cursor stands in a locked passage.", "Put it before or behind the passage.")
            return
        new = self._add_beside(work, f"{work.title}, continued", tail)
        if not new:
            return
        rewrite(self._text, work.id, value.edit(cut, len(value.text) - cut, ""), moves_locks=True, caret=cut)
        self._copy_facts(work.id, new, ("status",))
        self._offer_undo(
            f"“{work.title}” ends here now; what came behind is a scene of its own.",
            (work.id, new),
            lambda store: store.remove_work(new),
            "“Merge with the next scene” puts them together again.",
        )

    # -- merge -----------------------------------------------------------------------------------

    @Slot(str)
    def merge(self, work_id: str = "") -> None:
        """The next scene's text goes to the end of this one; the next one goes to the removed works."""
        work = self._projects.works.get(work_id or self._text.work)
        next_ = self._next_scene(work) if work is not None and work.kind == "scene" else None
        if work is None or next_ is None:
            self.notice.emit(
                "There is no next scene to merge with.", "Choose a scene that is followed by another."
            )
            return
        self._text.pane.flush()
        session = open_session(self._text)
        first, second = session.history(work.id).text, session.history(next_.id).text
        if self._text.work != work.id:
            self._projects.choose(work.id)
        seam = len(first.text)
        if second.text:
            between = "\n" if first.text and not first.text.endswith("\n") else ""
            whole = SpanText().apply(SpanText().edit(0, 0, between))
            whole = whole.apply(whole.edit(len(between), 0, second.text, second.runs))
            rewrite(self._text, work.id, first.edit(seam, 0, whole.text, whole.runs), caret=seam)
        self._join_synopses(work.id, next_.id)
        session.change_works(lambda store: store.remove_work(next_.id))
        self._projects.choose(work.id)
        self._text.pane.editor.reveal(seam)
        self._offer_undo(
            f"“{next_.title}” stands at the end of “{work.title}” now.",
            (work.id,) if second.text else (),
            lambda store: store.restore_work(next_.id),
            "“Split the scene here” parts them again; “Removed works” has the second as it was.",
        )

    def _next_scene(self, work: Work) -> Work | None:
        story = self._projects.story_of(work.id)
        scenes = [
            other
            for other in self._projects.works.values()
            if other.kind == "scene" and self._projects.story_of(other.id) == story
        ]
        place = scenes.index(work) + 1
        return scenes[place] if place < len(scenes) else None

    def _join_synopses(self, work_id: str, other_id: str) -> None:
        parts = [str(self._book.fact(work, "synopsis") or "") for work in (work_id, other_id)]
        if parts[1]:
            self._book.set_synopsis(work_id, "\n".join(part for part in parts if part))

    # -- duplicate -------------------------------------------------------------------------------

    @Slot(str)
    def duplicate(self, work_id: str = "") -> None:
        """A copy of a text beside it, its authors, locks, status, synopsis and goal with it; then it is open."""
        work = self._projects.works.get(work_id or self._text.work)
        if work is None or work.kind not in HOLDS_TEXT:
            self.notice.emit("Only scenes and notes can be duplicated.", "Choose one in the list of works.")
            return
        self._text.pane.flush()
        value = open_session(self._text).history(work.id).text
        new = self._add_beside(work, f"{work.title} (copy)", value)
        if new:
            self._copy_facts(work.id, new, COPIED)
            self._projects.choose(new)

    # -- parts of these --------------------------------------------------------------------------

    def _add_beside(self, work: Work, title: str, value: SpanText) -> str:
        """A new work right after another, with a text; its id, "" when the disk refused."""
        session = open_session(self._text)
        siblings = [other.id for other in self._projects.works.values() if other.parent == work.parent]
        place = siblings.index(work.id) + 1
        before = siblings[place] if place < len(siblings) else None
        new = Work(id=new_id(), kind=work.kind, title=title, parent=work.parent, created_ms=now_ms())

        def add(store: Store) -> None:
            with store.batch():
                store.add_work(new)
                store.move_work(new.id, new.parent, before)

        if not session.change_works(add):
            return ""
        if value.text:
            edit = Edit(at=0, inserted=value.text, inserted_runs=value.runs)
            session.revise(new.id, edit, "pasted")
        return new.id

    def _copy_facts(self, from_id: str, to_id: str, keys: tuple[str, ...]) -> None:
        for key in keys:
            self._book.copy_fact(from_id, to_id, key)

    def _offer_undo(
        self, what: str, revised: tuple[str, ...], change: Callable[[Store], Any], otherwise: str
    ) -> None:
        """A button that takes back the revision of the first text just made, and the change of the list.

        When one of the texts was written in since, taking half of it back would lose or double words: it says what
        to do `otherwise`.
        """
        session = open_session(self._text)
        heads = {work: session.history(work).head for work in revised}

        def take_back() -> None:
            self._text.pane.flush()
            if any(session.history(work).head != head for work, head in heads.items()):
                self.notice.emit("It was written in since, so both texts stay as they are.", otherwise)
                return
            if revised:
                self._projects.choose(revised[0])
                self._text.undo()
            session.change_works(change)

        self._projects.offer_back(what, "Both texts are kept as they were.", take_back, "Undo")

    # -- removed works ---------------------------------------------------------------------------

    async def show_removed(self) -> None:
        """What was removed from the project, to read and to bring back."""
        from studio.dialogs.removed import RemovedDialog

        dialog = RemovedDialog(self._removed(), self._window)

        def restore(work_ids: list[str]) -> None:
            self._restore(work_ids)
            dialog.show_works(self._removed())

        dialog.restore_requested.connect(restore)
        dialog.looked_at.connect(lambda work_id: dialog.show_text(self._text_of(work_id)))
        await run_dialog(dialog)

    def _session(self) -> Session:
        """The open project; when all of its texts are removed, none of them is open."""
        if self._projects.session is None:
            raise StudioError("No project is open.", do="Open or make one in the File menu.")
        return self._projects.session

    def _text_of(self, work_id: str) -> SpanText:
        """The text of a work, or of all the texts in it."""
        reader = self._session().reader
        works = {work.id: work for work in reader.works(removed=True)}
        whole = SpanText()
        for work in works.values():
            if work.kind in HOLDS_TEXT and work_id in _line(works, work.id):
                value, at = reader.text_of(work.id), len(whole.text)
                if at:
                    whole = whole.apply(whole.edit(at, 0, "\n\n"))
                whole = whole.apply(whole.edit(len(whole.text), 0, value.text, value.runs))
        return whole

    def _restore(self, work_ids: list[str]) -> None:
        """Back where they were, with the chapter or story that held them if that is removed too."""
        session = self._session()
        works = {work.id: work for work in session.reader.works(removed=True)}
        wanted = {up for work_id in work_ids for up in _line(works, work_id) if works[up].removed}

        def restore(store: Store) -> None:
            with store.batch():
                for work_id in wanted:
                    store.restore_work(work_id)

        if session.change_works(restore) and work_ids:
            self._projects.choose(work_ids[0])

    def _removed(self) -> "list[Any]":
        from studio.dialogs.removed import RemovedWork

        works = {work.id: work for work in self._session().reader.works(removed=True)}
        return [
            RemovedWork(
                id=work.id,
                kind=work.kind,
                title=work.title,
                where=", ".join(works[up].title for up in reversed(_line(works, work.id)[1:])),
            )
            for work in works.values()
            if work.removed
        ]


def _line(works: dict[str, Work], work_id: str) -> list[str]:
    line: list[str] = []
    while work_id in works and work_id not in line:
        line.append(work_id)
        work_id = works[work_id].parent
    return line


def _cut(value: SpanText, at: int) -> tuple[int, SpanText]:
    """Where the first part ends and what the second holds; free line ends at the cut belong to neither."""
    text = value.text
    start, end = at, at
    while end < len(text) and text[end] == "\n" and not value.is_locked(end, end + 1):
        end += 1
    while start > 0 and text[start - 1] == "\n" and not value.is_locked(start - 1, start):
        start -= 1
    return start, SpanText(text=text[end:], runs=value.slice_runs(end, len(text)))
