"""Shows what the model read for the latest takes, and while its dock is open what it would read now."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from studio.app.lore_desk import LoreDesk
from studio.app.text_desk import TextDesk
from studio.app.window import MainWindow
from studio.core.events import Seen
from studio.core.jobs import TextJob
from studio.core.takes import Made, PartSeen
from studio.engine.thread import EngineThread
from studio.engine.views import Problem, WorkerView

if TYPE_CHECKING:
    from studio.widgets.context_view import ContextView

DOCK: Final = "view.context"
LOOK_DELAY_MS: Final = 700
_MOST_KEPT: Final = 50
_NOT_NOW: Final = "A preview needs a model that can be used; choose one below the text."


class ContextDesk(QObject):
    """The dock is built when it is first seen; nothing is asked of the worker while it is not."""

    def __init__(
        self, text: TextDesk, lore: LoreDesk, engine: EngineThread, window: MainWindow, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._text, self._lore, self._engine = text, lore, engine
        self._view: ContextView | None = None
        self._job: TextJob | None = None  # the one that is being looked at
        self._left_out: dict[str, tuple[PartSeen, ...]] = {}  # by job
        self._latest: tuple[TextJob, Made] | None = None
        self._context_tokens = 0
        self._timer = QTimer(self, singleShot=True, interval=LOOK_DELAY_MS)
        self._timer.timeout.connect(self._look)
        text.asked.connect(self._on_asked)
        text.seen.connect(self._on_seen)
        text.opened.connect(self._on_opened)
        text.leaving.connect(self._on_leaving)
        pane = text.pane
        for change in (
            pane.editor.caret_moved,
            pane.selection_changed,
            pane.values_changed,
            text.lineage_changed,
        ):
            change.connect(self._look_soon)
        lore.changed.connect(self._look_soon)
        engine.looked.connect(self._on_looked)
        engine.look_failed.connect(self._on_failed)
        engine.worker_changed.connect(self._on_worker)
        window.fill_dock(DOCK, self._make_view)

    def _make_view(self) -> QWidget:
        from studio.widgets.context_view import ContextView  # the window opens sooner without it

        view = ContextView()
        self._view = view
        view.part_chosen.connect(self._lore.open_part)
        view.shown.connect(self._look_soon)
        if self._latest is not None:
            self._on_seen(*self._latest)
        return view

    # -- requests --------------------------------------------------------------------------------

    @Slot(object)
    def _on_asked(self, job: TextJob) -> None:
        kept = dict(list(self._left_out.items())[-_MOST_KEPT:])
        self._left_out = kept | {job.id: self._lore.left_out(job.work, job.prompt + job.selection)}

    @Slot(object, object)
    def _on_seen(self, job: TextJob, made: Made) -> None:
        self._latest = (job, made)
        if self._view is not None:
            self._view.show_seen(made, self._left_out.get(job.id, ()), job, self._context_tokens)

    @Slot()
    def _on_leaving(self) -> None:
        """An answer that is still on its way is about a text that nobody has open: it is no longer waited for."""
        self._latest, self._job = None, None
        if self._view is not None:
            self._view.clear()

    @Slot(str)
    def _on_opened(self, _work: str) -> None:
        self._look_soon()

    # -- the preview -----------------------------------------------------------------------------

    @Slot()
    def _look_soon(self, *_of: object) -> None:
        if self._view is not None and self._view.isVisible():
            self._timer.start()

    @Slot()
    def _look(self) -> None:
        if self._view is None or not self._view.isVisible():
            return
        if self._text.running:  # the worker has better things to do
            self._timer.start()
            return
        self._job = self._text.job_now()
        if self._job is None:
            self._view.show_problem(_NOT_NOW if self._text.work else "")
        else:
            self._engine.look(self._job)

    @Slot(object)
    def _on_looked(self, seen: Seen) -> None:
        job = self._job
        if self._view is None or job is None or seen.job != job.id:
            return
        self._view.show_problem("")
        self._view.show_seen(seen, self._lore.left_out(job.work, job.prompt + job.selection), job)

    @Slot(object)
    def _on_failed(self, problem: Problem) -> None:
        if self._view is not None and self._job is not None and problem.job == self._job.id:
            self._view.show_problem(f"{problem.what} {problem.do}".strip())

    @Slot(object)
    def _on_worker(self, view: WorkerView) -> None:
        if view.phase == "ready":
            self._context_tokens = view.context_tokens
            self._look_soon()
