"""Opens, makes, copies and exports projects; joins the works list with the open one."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QInputDialog

from studio.app.arts import KINDS, Arts
from studio.app.ask import ask_path, run_dialog
from studio.app.places import Places
from studio.app.session import Session
from studio.app.settings import Settings
from studio.app.tasks import done, problem_of
from studio.app.window import MainWindow
from studio.core.errors import StudioError
from studio.engine.thread import EngineThread
from studio.project.records import NO_WORDS, Work, WorkKind
from studio.project.store import Store
from studio.widgets.works_list import WorkRow

UNTITLED = "Untitled"
LAST_WORK = "last_work"
HOLDS_TEXT = ("scene", "note")
FIRST_TITLES: dict[str, str] = {
    "scene": "Scene",
    "chapter": "Chapter",
    "story": "Story",
    "note": "Note",
    "picture": "Picture",
    "piece": "Piece",
}


class ProjectDesk(QObject):
    """The open project and its list of works."""

    problem = Signal(object)  # Problem
    switched = Signal()
    works_shown = Signal()
    leaving = Signal()  # the session is still there

    def __init__(
        self,
        window: MainWindow,
        engine: EngineThread,
        settings: Settings,
        places: Places,
        arts: Arts,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.session: Session | None = None
        self._switching = False
        self._window, self._engine = window, engine
        self._settings, self._places, self._arts = settings, places, arts
        self._works: dict[str, Work] = {}
        works = window.works
        works.chosen.connect(self.choose)
        works.add_requested.connect(self.add_work)
        works.renamed.connect(self._rename)
        works.moved.connect(self._move)
        works.moved_together.connect(self._move_together)
        works.remove_requested.connect(self._remove)

    # -- opening ---------------------------------------------------------------------------------

    def open_at_start(self, wanted: Path | None) -> None:
        """The wanted project, the last one, or a new untitled one; the window is not painted before."""
        folder = wanted or next(iter(self._settings.recent()), None)
        if folder is not None:
            try:
                self._engine.open_project(folder).result()
                self._adopt(folder)
                self._tell_recovered()
                return
            except StudioError as error:
                self.problem.emit(problem_of(error))
        self._adopt(self._make_untitled())

    def _tell_recovered(self) -> None:
        """After a crash or a power cut: what was found and kept."""
        found = self._engine.write(lambda store: store.recovered).result()
        if found.takes or found.jobs:
            takes = f"{found.takes} take{'' if found.takes == 1 else 's'}"
            self._window.messages.show_message(
                "Atelier was not closed the last time.",
                f"Your text is as it stood; {takes} being written then were kept as far as they got."
                if found.takes
                else "Your text is as it stood.",
                "What was still running can be tried again in the queue." if found.jobs else "",
                tone="info",
            )

    async def open(self, folder: Path) -> None:
        """Open another project; when that fails the one that was open is opened again."""
        await self._switch(lambda: self._engine.open_project(folder), folder)

    async def new(self) -> None:
        """A new untitled project."""
        folder = self._places.new_project_folder(UNTITLED)
        await self._switch(lambda: self._engine.create_project(folder, UNTITLED), folder)

    async def ask_open(self) -> None:
        """Ask for a project folder and open it."""
        start = self._settings.recent()[0].parent if self._settings.recent() else self._places.projects
        mode = QFileDialog.FileMode.Directory
        folder = await ask_path(self._window, "Open an Atelier project (a folder)", start, mode=mode)
        if folder is not None:
            await self.open(folder)

    async def _switch(self, opening: Callable[[], "Future[None]"], folder: Path) -> None:
        before = self.session.folder if self.session else None
        if self._switching or (before is not None and folder.resolve() == before.resolve()):
            return
        self._arts.flush()
        if self.session is not None and not self.session.settle():
            raise StudioError(
                "The disk does not take your last words, so this project stays open.",
                kept="They stand in the window, and Atelier goes on trying.",
                do="Free some space, wait for “Saved”, then open the other project.",
            )
        self.leave()
        self._switching = True
        self._arts.set_enabled(False)  # words typed meanwhile would belong to neither
        opened = opening()
        try:
            await done(opened)
            self._adopt(folder)
        except BaseException:  # refused, or cancelled: the engine holds the old one until the next is open
            if self.session is None:
                held = before if opened.cancelled() or opened.exception() is not None else folder
                if held is not None:
                    self._adopt(held)
            raise
        finally:
            self._switching = False
            self._arts.set_enabled(True)
            self._arts.current.focus()
            self.switched.emit()
            self._engine.tell_queue()  # now that the works' titles are known

    def _make_untitled(self) -> Path:
        folder = self._places.new_project_folder(UNTITLED)
        self._engine.create_project(folder, UNTITLED).result()
        return folder

    def _adopt(self, folder: Path) -> None:
        """Show the project that the engine has opened."""
        session = Session(self._engine, folder, self)
        self.session = session
        session.saved_changed.connect(self._arts.set_saved)
        session.failed.connect(self._on_failed)
        session.works_changed.connect(self._show_works)
        self._settings.add_recent(folder)
        self._window.setWindowTitle(f"{session.reader.title} — Atelier")
        if not session.reader.works():
            story = session.add_work("story", "Untitled story", "")
            session.add_work("scene", "Scene 1", story)
        self._show_works()
        self.choose(self._first_work())

    def leave(self) -> None:
        """Write what is typed and let go of the project in the window (the engine still holds it)."""
        self._arts.leave()
        self.leaving.emit()
        self._undo_remove = None
        self._window.messages.clear()
        if self.session is not None:
            self.session.close()
            self.session = None

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        self.problem.emit(problem_of(error))

    # -- copies ----------------------------------------------------------------------------------

    async def rename(self) -> None:
        """Give the project another title; its folder keeps its name."""
        session = self._open_session()
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle("Rename project")
        dialog.setLabelText("Title of the project:")
        dialog.setTextValue(session.reader.title)
        if await run_dialog(dialog) and (title := dialog.textValue().strip()):
            await done(session.write(lambda store: store.set_title(title)))
            self._window.setWindowTitle(f"{title} — Atelier")

    async def save_copy(self) -> None:
        """Copy the whole project into a new folder."""
        session = self._open_session()
        start = session.folder.with_name(f"{session.folder.stem} copy.atelier")
        mode = QFileDialog.FileMode.AnyFile
        target = await ask_path(self._window, "Save a copy", start, mode=mode, suffix="atelier")
        if target is None:
            return
        self._arts.flush()
        damaged = await done(self._engine.write(lambda store: store.backup(target)))
        kept = f"Already damaged in the original: {', '.join(damaged)}." if damaged else ""
        self._window.messages.show_message(f"A copy was saved in {target}.", kept, tone="success")

    # -- works -----------------------------------------------------------------------------------

    def title_of(self, work_id: str) -> str:
        """A work's title, "" when unknown."""
        return self._works[work_id].title if work_id in self._works else ""

    @Slot(str)
    def choose(self, work_id: str) -> None:
        """Open a work; for a story or chapter its first scene. One that was removed changes nothing."""
        if work_id and work_id not in self._works:
            return
        target = self._first_open(work_id)
        if self.session is None or (target and target == self._arts.work):
            return
        if not target:
            self._arts.leave()
            return
        if self._window.works.current() != work_id:  # a chapter that was clicked stays marked
            self._window.works.choose(target)
        work = self._works[target]
        self._arts.open(self.session, target, work.title, work.kind)
        self.session.write(lambda store: store.set_setting(LAST_WORK, target))
        self._arts.current.focus()

    @Slot(str, str)
    def add_work(self, kind: WorkKind, parent: str = "", title: str = "") -> str:
        """A new scene, chapter, story, note, picture or piece, and open it; its id, "" when the disk refused."""
        session = self._open_session()
        if kind in NO_WORDS:  # it stands at the top, whatever is marked
            parent = ""
        if kind in ("scene", "chapter") and not parent:
            parent = self._container(kind)
        number = 1 + sum(work.kind == kind and work.parent == parent for work in self._works.values())
        work_id = session.add_work(kind, title or f"{FIRST_TITLES[kind]} {number}", parent)
        if kind == "story" and work_id:
            session.add_work("scene", "Scene 1", work_id)
        if work_id:
            self.choose(work_id)
        return work_id

    def _container(self, kind: str) -> str:
        """Where a new scene or chapter goes: beside the open text, at least in its story."""
        line = self._with_parents(self._arts.work)
        fitting = ("chapter", "story") if kind == "scene" else ("story",)
        return next((work for work in line if self._works[work].kind in fitting), "") or next(
            (work.id for work in self._works.values() if work.kind == "story"), ""
        )

    @Slot(str, str)
    def _rename(self, work_id: str, title: str) -> None:
        self._open_session().change_works(lambda store: store.rename_work(work_id, title))
        if work_id == self._arts.work:
            self._arts.current.set_title(title)

    @Slot(str, str, int)
    def _move(self, work_id: str, parent: str, index: int) -> None:
        siblings = [w.id for w in self._works.values() if w.parent == parent and w.id != work_id]
        before = siblings[index] if index < len(siblings) else None
        self._open_session().change_works(lambda store: store.move_work(work_id, parent, before))

    @Slot(object, str, int)
    def _move_together(self, work_ids: list[str], parent: str, index: int) -> None:
        """Several works, in the order given, before the one that stands at `index` when they are gone."""
        siblings = [w.id for w in self._works.values() if w.parent == parent and w.id not in work_ids]
        before = siblings[index] if index < len(siblings) else None

        def move(store: Store) -> None:
            with store.batch():
                for work_id in work_ids:
                    store.move_work(work_id, parent, before)

        self._open_session().change_works(move)

    @Slot(str)
    def _remove(self, work_id: str) -> None:
        session = self._open_session()
        title = self.title_of(work_id)
        self._arts.flush()
        session.change_works(lambda store: store.remove_work(work_id))
        self.choose(self._arts.work if self._arts.work in self._works else self._first_work())

        def bring_back() -> None:
            session.change_works(lambda store: store.restore_work(work_id))
            self.choose(work_id)

        self.offer_back(f"“{title}” was removed from the list.", "Nothing is deleted.", bring_back)

    def offer_back(
        self, what: str, kept: str, restore: Callable[[], None], action: str = "Bring back"
    ) -> None:
        """Tell what was done to the list, with a button that takes it back."""
        self._undo_remove = restore
        self._window.messages.show_message(what, kept, action=action)

    def bring_back(self) -> None:
        """Take back the last removal."""
        restore, self._undo_remove = self._undo_remove, None
        if restore is not None:
            restore()

    _undo_remove: Callable[[], None] | None = None

    @Slot()
    def _show_works(self) -> None:
        works = self._open_session().reader.works()
        self._works = {work.id: work for work in works}
        self._window.works.set_works(
            [WorkRow(id=work.id, parent=work.parent, kind=work.kind, title=work.title) for work in works]
        )
        self.works_shown.emit()

    def _first_work(self) -> str:
        last = str(self._open_session().reader.get_setting(LAST_WORK, ""))
        return last if last in self._works else self._first_open(next(iter(self._works), ""))

    def _first_open(self, work_id: str) -> str:
        """The work itself when it can be opened, else the first text below it; "" when none."""
        if work_id in self._works and self._works[work_id].kind in KINDS:
            return work_id
        return next(
            (
                work.id
                for work in self._works.values()
                if work.kind in HOLDS_TEXT and work_id in self._with_parents(work.id)
            ),
            "",
        )

    @property
    def works(self) -> dict[str, Work]:
        """The works that are not removed, in reading order."""
        return self._works

    def texts_of_story(self) -> list[Work]:
        """The texts of the open text's story in reading order; of the whole project when it is in none."""
        story = self.story_of(self._arts.work)
        whole = story not in self._works or self._works[story].kind != "story"
        return [
            work
            for work in self._works.values()
            if work.kind in HOLDS_TEXT and (whole or self.story_of(work.id) == story)
        ]

    def story_of(self, work_id: str) -> str:
        """The topmost work that holds this one; itself when nothing does, "" for a stranger."""
        return self._story_of(work_id)

    def line_of(self, work_id: str) -> list[str]:
        """A work and all that hold it, from the inside out."""
        return self._with_parents(work_id)

    def _with_parents(self, work_id: str) -> list[str]:
        line: list[str] = []
        while work_id in self._works and work_id not in line:
            line.append(work_id)
            work_id = self._works[work_id].parent
        return line

    def _story_of(self, work_id: str) -> str:
        line = self._with_parents(work_id)
        return line[-1] if line else ""

    def _open_session(self) -> Session:
        if self.session is None:
            raise StudioError("No project is open.", do="Open or make one in the File menu.")
        return self.session
