"""The jobs of an art as the engine tells them: which run or wait, and which failed before a take was born."""

from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from studio.core.jobs import ImageJob, PieceJob
from studio.core.takes import Take
from studio.engine.thread import EngineThread
from studio.engine.views import JobView

J = TypeVar("J", ImageJob, PieceJob)
LIVE = ("waiting", "running", "stopping")


class ArtJobs(QObject, Generic[J]):
    """Knows those of every work of the art, so that one that is opened again knows what runs for it."""

    changed = Signal(object)  # JobView of a job of this kind

    def __init__(self, engine: EngineThread, kind: type[J], parent: QObject) -> None:
        super().__init__(parent)
        self._engine: EngineThread = engine
        self._kind: type[J] = kind
        self._live: dict[str, JobView] = {}
        self._packing: dict[str, int] = {}
        self._stops: dict[str, int] = {}  # by work: how often it was stopped
        self._born: set[str] = set()
        self._unborn: dict[str, J] = {}  # by work: failed before its takes began; regenerate means it
        engine.job_changed.connect(self._on_job_changed)
        engine.take_started.connect(self._on_take_started)
        engine.tell_queue()  # what waits since the last launch

    def live(self, work: str) -> list[JobView]:
        """What runs or waits for a work."""
        return [view for view in self._live.values() if work and view.job.work == work]

    def packing(self, work: str, more: int) -> None:
        """So many more (-1: one less) requests of a work are being packed."""
        self._packing[work] = self._packing.get(work, 0) + more

    def stops(self, work: str) -> int:
        """How often a work was stopped: a request that was packed meanwhile is not made."""
        return self._stops.get(work, 0)

    def busy(self, work: str) -> bool:
        """Something is packed, waits or runs for a work."""
        return bool(self._packing.get(work)) or bool(self.live(work))

    def unborn(self, work: str) -> J | None:
        """The last job of a work when it failed before there was a take."""
        return self._unborn.get(work)

    def submit(self, job: J) -> None:
        """Queue a job."""
        self._live[job.id] = JobView(job=job, state="waiting")
        self._unborn.pop(job.work, None)
        self._engine.submit(job)

    def stop(self, work: str) -> bool:
        """Stop what is packed, waits or runs for a work; False when nothing did."""
        views, packing = self.live(work), bool(self._packing.get(work))
        self._stops[work] = self.stops(work) + 1
        for view in views:
            self._engine.cancel(view.job.id)
        return packing or bool(views)

    @Slot(object)
    def _on_take_started(self, take: Take) -> None:
        if take.job in self._live:
            self._born.add(take.job)

    @Slot(object)
    def _on_job_changed(self, view: JobView) -> None:
        job = view.job
        if not isinstance(job, self._kind):
            return
        if view.state in LIVE:
            self._live[job.id] = view
        else:
            self._live.pop(job.id, None)
            if view.state == "failed" and job.id not in self._born:
                self._unborn[job.work] = job
            self._born.discard(job.id)
        self.changed.emit(view)
