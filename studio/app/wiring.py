"""Who is connected to whom: window, project, engine, models."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.lineage import START, lineage_nodes
from studio.app.models_desk import ModelsDesk
from studio.app.places import Places
from studio.app.project_desk import ProjectDesk
from studio.app.queue_desk import QueueDesk
from studio.app.settings import Settings
from studio.app.tasks import Tasks
from studio.app.text_desk import TextDesk
from studio.app.window import MainWindow
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
        self.text = TextDesk(window.pane, engine, self.models, self)
        self.projects = ProjectDesk(window, engine, settings, places, self.text, self)
        self.queue = QueueDesk(window.queue, engine, self.projects.title_of, self)
        self._lineage_timer = QTimer(self, singleShot=True, interval=LINEAGE_DELAY_MS)
        self._connect()

    def _connect(self) -> None:
        window, text = self.window, self.text
        self._lineage_timer.timeout.connect(self._show_lineage)
        text.lineage_changed.connect(self._lineage_timer.start)
        text.notice.connect(self._notice)
        window.lineage.branch_requested.connect(self._branch)
        window.lineage.take_chosen.connect(text.judged.show_take)
        window.pane.model_chosen.connect(self.models.choose)
        window.pane.add_model_requested.connect(self.add_model)
        self.engine.worker_changed.connect(self._on_worker)
        self.engine.problem.connect(self.show_problem)
        self.projects.problem.connect(self.show_problem)
        self.projects.switched.connect(self.queue.reset)
        self.projects.works_shown.connect(self.queue.show_jobs)
        window.may_close = self._may_close
        window.closing.connect(self.close)

    def add_model(self) -> None:
        """Ask for a model folder and add it."""
        self.tasks.start(self.models.add_folder(self.window))

    def stop(self) -> None:
        """Stop the takes of the open text and whatever else the window waits for."""
        self.text.stop()
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
        self.window.pane.prompt.set_notice(view.detail if wrong or waiting else "", tone=tone)

    @Slot()
    def _show_lineage(self) -> None:
        text = self.text
        if text.session is None:
            self.window.lineage.set_nodes([])
            return
        nodes = lineage_nodes(text.session.history(text.work), text.takes.values(), self.models.titles())
        self.window.lineage.set_nodes(nodes)

    @Slot(str)
    def _branch(self, node_id: str) -> None:
        take = self.text.takes.get(node_id)
        self.text.branch(take.parent if take else node_id or START)
        if take:
            self.text.judged.show_take(take.id)

    # -- the end ---------------------------------------------------------------------------------

    def _may_close(self) -> bool:
        """Stay, once, when the disk has refused the last words: closing would lose them."""
        self.text.pane.flush()
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
        self.window.keep_layout()
        self.engine.stop()
        self.has_ended = True
        self.ended.emit()
