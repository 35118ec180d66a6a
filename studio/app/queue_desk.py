"""Joins the queue view with the engine's queue."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from studio.core.jobs import ImageJob, Job, PieceJob, TextJob
from studio.engine.thread import EngineThread
from studio.engine.views import JobView
from studio.widgets.queue_view import QueueRow, QueueView

FINISHED_SHOWN = 50
ORDER = {"running": 0, "stopping": 0, "waiting": 1}
MODES = {"text": "Picture", "image": "Picture", "inpaint": "Redraw a part of", "upscale": "Enlarge"}


class QueueDesk(QObject):
    """Every job the engine told of, in the queue's order."""

    def __init__(
        self, view: QueueView, engine: EngineThread, title_of: Callable[[str], str], parent: QObject
    ) -> None:
        """`title_of(work id)` names a work."""
        super().__init__(parent)
        self._view = view
        self._engine = engine
        self._title_of = title_of
        self._jobs: dict[str, JobView] = {}
        engine.job_changed.connect(self._on_job_changed)
        view.cancel_requested.connect(self._cancel)
        view.retry_requested.connect(self._retry)
        view.move_requested.connect(self._move)
        view.clear_requested.connect(self._clear)

    def reset(self) -> None:
        """Another project: its engine tells its jobs anew."""
        self._jobs.clear()
        self.show_jobs()

    def active(self) -> list[JobView]:
        """Jobs that run or wait."""
        return [view for view in self._jobs.values() if view.state in ORDER]

    @Slot(object)
    def _on_job_changed(self, view: JobView) -> None:
        known = self._jobs.get(view.job.id)
        self._jobs[view.job.id] = view
        if known is not None and known.state == view.state and known.place == view.place:
            self._view.update_job(self._row(view))
        else:
            self.show_jobs()

    @Slot()
    def show_jobs(self) -> None:
        """Show all rows anew: jobs or titles have changed."""
        live = sorted(self.active(), key=lambda view: (ORDER[view.state], view.place))
        ended = [view for view in reversed(self._jobs.values()) if view.state not in ORDER]
        self._view.set_jobs([self._row(view) for view in [*live, *ended[:FINISHED_SHOWN]]])

    def _row(self, view: JobView) -> QueueRow:
        job = view.job
        running = view.state in ("running", "stopping")
        time = ""
        if running and view.done > 0:
            time = f"{view.seconds * (1 - view.done) / view.done:.0f} s left"
        elif not running and view.seconds:
            time = f"{view.seconds:.1f} s"
        return QueueRow(
            id=job.id,
            title=f"{_asks(job)} “{self._title_of(job.work)}” · {_takes(view)}",
            state="running" if view.state == "stopping" else view.state,
            progress=(view.done or None) if running else (1.0 if view.state == "done" else None),
            rate=_rate(view),
            time="stopping…" if view.state == "stopping" else time,
            detail=view.error,
        )

    @Slot(str)
    def _cancel(self, job_id: str) -> None:
        self._engine.cancel(job_id)

    @Slot(str)
    def _retry(self, job_id: str) -> None:
        self._engine.retry(job_id)

    @Slot(str, int)
    def _move(self, job_id: str, delta: int) -> None:
        waiting = [
            view.job.id for view in sorted(self.active(), key=lambda v: v.place) if view.state == "waiting"
        ]
        if job_id not in waiting:
            return
        target = waiting.index(job_id) + delta
        if not 0 <= target < len(waiting):
            return
        waiting.remove(job_id)
        before = waiting[target] if target < len(waiting) else None
        self._engine.move(job_id, before)

    @Slot()
    def _clear(self) -> None:
        self._jobs = {job: view for job, view in self._jobs.items() if view.state in ORDER}
        self.show_jobs()


def _asks(job: Job) -> str:
    """What is asked of the model, as a row begins."""
    match job:
        case TextJob():
            return job.act.capitalize()
        case ImageJob():
            return MODES[job.mode]
        case PieceJob():
            return f"{job.task.capitalize()}, music"


def _takes(view: JobView) -> str:
    """How many takes; of pictures that are being drawn, at which step."""
    count = view.job.takes
    takes = f"{count} take{'s' if count > 1 else ''}"
    if not isinstance(view.job, ImageJob) or view.state not in ("running", "stopping") or not view.step:
        return takes
    return f"{takes}, step {view.step} of {view.steps}"


def _rate(view: JobView) -> str:
    if not view.rate:
        return ""
    if isinstance(view.job, PieceJob) and view.state in ("running", "stopping"):
        return f"{view.rate:.1f} bars/s"  # how many tokens is known at the end
    if not isinstance(view.job, ImageJob):
        return f"{view.rate:.0f} tokens/s"
    return f"{view.rate:.0f} steps/s" if view.rate >= 10 else f"{view.rate:.1f} steps/s"
