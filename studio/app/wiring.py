"""Who is connected to whom: window, project, engine, models."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.acts_desk import ActsDesk
from studio.app.arts import ArtDesk, Arts
from studio.app.book_desk import BookDesk
from studio.app.compare_desk import CompareDesk
from studio.app.context_desk import ContextDesk
from studio.app.exchange_desk import ExchangeDesk
from studio.app.file_drop import FileDrop
from studio.app.find_book_desk import FindBookDesk
from studio.app.find_desk import FindDesk
from studio.app.heat_desk import HeatDesk
from studio.app.inside_desk import InsideDesk
from studio.app.locks_desk import LocksDesk
from studio.app.lore_desk import LoreDesk
from studio.app.models_desk import ModelsDesk
from studio.app.passage_desk import PassageDesk
from studio.app.picture_files_desk import PictureFilesDesk
from studio.app.picture_place import PicturePlace
from studio.app.piece_files_desk import PieceFilesDesk
from studio.app.piece_place import PiecePlace
from studio.app.places import Places
from studio.app.presets_desk import PresetsDesk, sampling_presets
from studio.app.project_desk import ProjectDesk
from studio.app.queue_desk import QueueDesk
from studio.app.remote_desk import RemoteDesk
from studio.app.scenes_desk import ScenesDesk
from studio.app.search_desk import SearchDesk
from studio.app.settings import Settings
from studio.app.spell_desk import SpellDesk
from studio.app.summary_desk import SummaryDesk
from studio.app.tasks import Tasks
from studio.app.text_desk import TextDesk
from studio.app.window import MainWindow
from studio.core.jobs import ImageJob, PieceJob
from studio.engine.thread import EngineThread
from studio.engine.views import Problem, WorkerView

LINEAGE_DELAY_MS = 250


class Wiring(QObject):
    """Owns the engine, the desks and the running coroutines of one window."""

    ended = Signal()

    def __init__(self, window: MainWindow, settings: Settings, places: Places, engine: EngineThread) -> None:
        super().__init__(window)
        self.window, self.settings, self.places, self.engine = window, settings, places, engine
        self.tasks = Tasks(self.show_problem)
        self.has_ended = False
        self._warned = False
        self.models = ModelsDesk(window.pane.prompt, settings, places, engine, self)
        self.acts = ActsDesk(window.pane, settings, places, self.models, engine, self)
        self.remote = RemoteDesk(window, places, engine, self.models, self.tasks, self)
        self.text = TextDesk(window.pane, engine, self.models, self.acts, self)
        self.arts = Arts(self.text, self)
        presets = sampling_presets(places.data / "presets" / "text")
        self.presets = PresetsDesk(window.pane.prompt.knobs, presets, self.tasks, window, self)
        self.locks = LocksDesk(window.pane, self.text, self)
        self.inside = InsideDesk(window.pane, self.text, self)
        self.heat = HeatDesk(window.pane, self.text, self)
        self.projects = ProjectDesk(window, engine, settings, places, self.arts, self)
        self.queue = QueueDesk(window.queue, engine, self.projects.title_of, self)
        self.pictures = PicturePlace(
            window, settings, places, self.arts, self.projects, self.models, engine, self.tasks, self
        )
        self.pieces = PiecePlace(
            window, settings, places, self.arts, self.projects, self.models, engine, self.tasks, self
        )
        self.picture_files = PictureFilesDesk(
            window, settings, self.pictures, self.projects, self.models, self.tasks, self
        )
        self.piece_files = PieceFilesDesk(self.pieces, self)
        self.passage = PassageDesk(window, self.text, self.pictures, self)
        self.compare = CompareDesk(window, self.text, self)
        self.exchange = ExchangeDesk(window, settings, self.projects, self.text, self)
        self.lore = LoreDesk(self.text, self.tasks, window, self)
        self.text.parts, self.text.lore_tokens = self.lore.parts, self.lore.budget
        self.summary = SummaryDesk(self.text, self.acts, self.models, self.lore, engine, self)
        self.context = ContextDesk(self.text, self.lore, engine, window, self)
        self.search = SearchDesk(self.projects, self.text, self.lore, engine, self.tasks, window, self)
        self.book = BookDesk(window, engine, self.text, self.projects, self)
        self.scenes = ScenesDesk(window, self.text, self.projects, self.book, self)
        self.find = FindDesk(self.text, self.tasks, self)
        self.find_book = FindBookDesk(
            self.text, engine, self.tasks, self.projects.texts_of_story, self.projects.choose, self
        )
        self.spelling = SpellDesk(window.pane.editor, settings, places, self._story, self)
        self._lineage_timer = QTimer(self, singleShot=True, interval=LINEAGE_DELAY_MS)
        self._connect()

    def _connect(self) -> None:
        window, text = self.window, self.text
        self._lineage_timer.timeout.connect(self._show_lineage)
        for desk in (self.acts, self.locks, self.inside, self.lore, self.summary, self.presets):
            desk.notice.connect(self._notice)
        self._on_made(text)
        self.arts.made.connect(self._on_made)
        self.arts.changed.connect(window.set_art)
        self.arts.opened.connect(lambda desk: window.show_page(desk.art))
        window.quietened.connect(self.arts.set_quiet)
        self.arts.left.connect(lambda: window.show_page(""))
        window.lineage.branch_requested.connect(self._branch)
        self.compare.branch_requested.connect(self._branch)
        self.compare.notice.connect(self._notice)
        self.passage.notice.connect(self._notice)
        self.pictures.notice.connect(self._notice)
        self.pictures.told.connect(self._tell)
        self.pieces.notice.connect(self._notice)
        self.pieces.told.connect(self._tell)
        window.lineage.compare_requested.connect(self._compare_pictures)
        window.lineage.take_chosen.connect(self._show_take)
        self.search.take_found.connect(self._show_take)
        window.pane.model_chosen.connect(self.models.choose)
        window.pane.add_model_requested.connect(self.add_model)
        self.engine.worker_changed.connect(self._on_worker)
        self.engine.problem.connect(self.show_problem)
        self.projects.problem.connect(self.show_problem)
        self.projects.switched.connect(self.queue.reset)
        self.projects.works_shown.connect(self.queue.show_jobs)
        self.projects.leaving.connect(lambda: window.lineage.thumbs_from(None))
        window.lineage.tips_from(self._recipe_of)
        self._connect_book()
        FileDrop(window).dropped.connect(self._import_file)
        self.exchange.music_chosen.connect(self.piece_files.import_file)
        window.may_close = self._may_close
        window.closing.connect(self.close)

    def _connect_book(self) -> None:
        window, projects, spelling = self.window, self.projects, self.spelling
        window.fill_dock("view.scene", self.book.make_card)
        window.fill_dock("edit.find_book", self.find_book.make_panel)
        self.scenes.notice.connect(self._notice)
        window.works.removed_requested.connect(lambda: self.tasks.start(self.scenes.show_removed()))
        self.find_book.told.connect(self._tell_found)
        projects.leaving.connect(self.find.close)
        projects.leaving.connect(self.find_book.reset)
        projects.leaving.connect(spelling.leave)
        projects.works_shown.connect(self._tell_names)
        self.text.lineage_changed.connect(spelling.follow_story)
        spelling.problem.connect(lambda error: self.show_problem(Problem.of(error)))

    @Slot(str, str, str)
    def _tell(self, what: str, do: str, tone: str) -> None:
        self.window.messages.show_message(what, do=do, tone=tone)

    @Slot(str, str)
    def _compare_pictures(self, older: str, newer: str) -> None:
        if self.arts.current.art == "picture":
            self.pictures.views.compare_nodes(older, newer)

    @Slot(object)
    def _on_made(self, desk: ArtDesk) -> None:
        """A desk that was built: its pane stands in the window, its words are told."""
        desk.lineage_changed.connect(self._lineage_timer.start)
        desk.notice.connect(self._notice)
        if desk is not self.text:
            self.window.put_page(desk.art, desk.pane)

    def _story(self) -> str:
        return self.projects.story_of(self.text.work)

    @Slot()
    def _tell_names(self) -> None:
        if self.projects.session is not None:
            self.spelling.show_project(
                self.projects.session, {work.title for work in self.projects.works.values()}
            )

    @Slot(str, str, str)
    def _tell_found(self, what: str, kept: str, tone: str) -> None:
        self.window.messages.show_message(what, kept, tone=tone)

    def add_model(self) -> None:
        """Ask for a model folder and add it."""
        self.tasks.start(self.models.add_folder(self.window))

    @Slot(object)
    def _import_file(self, path: Path) -> None:
        self.tasks.start(self.exchange.import_file(path))

    def stop(self) -> None:
        """Stop the takes of the open work and whatever else the window waits for; else close the find bar."""
        if not self.arts.running and not self.tasks.busy:
            self.find.close()
        self.arts.current.stop()
        self.acts.stop()
        self.tasks.cancel_all()

    # -- telling the person ----------------------------------------------------------------------

    @Slot(object)
    def show_problem(self, problem: Problem) -> None:
        """An error in the bar above the text."""
        self.window.messages.show_message(
            problem.what, problem.kept, problem.do, problem.details, tone="danger"
        )

    @Slot(str, str)
    def _notice(self, what: str, do: str) -> None:
        self.window.messages.show_message(what, do=do, tone="info")

    @Slot(object)
    def _on_worker(self, view: WorkerView) -> None:
        self.window.show_worker(view.detail)
        wrong = view.phase in ("failed", "broken")
        waiting = view.phase in ("starting", "loading")
        tone = "danger" if wrong else "muted"
        self.arts.set_worker_notice(view.detail if wrong or waiting else "", tone)

    @Slot()
    def _show_lineage(self) -> None:
        session = self.arts.current.session
        self.window.lineage.thumbs_from(session.reader.thumbs if session is not None else None)
        self.window.lineage.set_nodes(self.arts.current.nodes())

    @Slot(str)
    def _show_take(self, take_id: str) -> None:
        self.arts.current.show_take(take_id)

    def _recipe_of(self, take_id: str) -> str:
        """How a picture's or a piece's take was made; "" for a text's, whose row says enough."""
        session = self.arts.current.session
        try:
            take = session.reader.take(take_id) if session is not None else None
        except KeyError:  # it is on its way to the disk
            return ""
        if take is None:
            return ""
        titles = self.models.titles()
        match take.recipe.job:  # the window opens sooner without these
            case ImageJob():
                from studio.app.picture_lineage import recipe_words

                return recipe_words(take, titles)
            case PieceJob():
                from studio.app.piece_lineage import recipe_words as piece_words

                return piece_words(take, titles, self.pieces.track_names())
        return ""

    @Slot(str)
    def _branch(self, node_id: str) -> None:
        self.arts.current.branch_from(node_id)

    # -- the end ---------------------------------------------------------------------------------

    def _may_close(self) -> bool:
        """Stay, once, when the disk has refused the last words: closing would lose them."""
        self.arts.flush()
        self.lore.flush()
        session = self.projects.session
        if session is None or self._warned or session.settle():
            return True
        self._warned = True
        self.show_problem(
            Problem(
                what="Your last words are not on disk yet: the disk does not take them.",
                kept="They stand in the window, and Atelier goes on trying.",
                do="Free some space and wait for “Saved”. Closing again closes all the same.",
            )
        )
        return False

    @Slot()
    def close(self) -> None:
        """Write what is typed, then worker, project, thread: nothing is left behind."""
        self.tasks.cancel_all()
        self.projects.leave()
        self.pictures.keep_layout()
        self.pieces.keep_layout()
        self.piece_files.close()
        self.pieces.close()
        self.window.keep_layout()
        self.engine.stop()
        self.has_ended = True
        self.ended.emit()
