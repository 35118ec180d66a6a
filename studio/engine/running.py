"""The job the worker is at: its recorder, its clock, how far it is."""

import time

from studio.core.events import Delta, Preview
from studio.core.jobs import Job
from studio.engine.progress import Progress
from studio.engine.recorder import Recorder
from studio.engine.views import JobState, JobView, Limits

SHOW_EVERY_S = 0.2


class RunningJob:
    """Progress and deadlines of one job; on the engine thread."""

    def __init__(self, job: Job, recorder: Recorder) -> None:
        self.job = job
        self.recorder = recorder
        self.state: JobState = "running"
        self.progress = Progress(job)
        self._started_s = time.monotonic()
        self._shown_s = 0.0
        self._flushed_s = self._started_s
        self._asked_s: float | None = None

    def ask_to_stop(self) -> bool:
        """Note that the person wants it stopped; False when that was known."""
        if self._asked_s is not None:
            return False
        self._asked_s = time.monotonic()
        self.state = "stopping"
        return True

    def count(self, event: Delta | Preview) -> bool:
        """Note progress; True when it is time to show it again."""
        now_s = time.monotonic()
        if isinstance(event, Delta):
            self.progress.streamed(event)
        else:
            self.progress.drawn(event)
        if now_s - self._shown_s < SHOW_EVERY_S:
            return False
        self._shown_s = now_s
        return True

    def flush_when_due(self, limits: Limits) -> None:
        """Put streamed text on disk when the last time is long enough ago."""
        now_s = time.monotonic()
        if (now_s - self._flushed_s) * 1000 >= limits.part_flush_ms:
            self._flushed_s = now_s
            self.recorder.flush()

    def kill_is_due(self, limits: Limits) -> bool:
        """A stop was asked for and not heard in time."""
        return self._asked_s is not None and self._ms_since(self._asked_s) >= limits.cancel_kill_ms

    def due_in_ms(self, limits: Limits) -> float:
        """Milliseconds until a flush or a kill is due."""
        due = [limits.part_flush_ms - self._ms_since(self._flushed_s)]
        if self._asked_s is not None:
            due.append(limits.cancel_kill_ms - self._ms_since(self._asked_s))
        return max(0.0, min(due))

    def view(self, state: JobState, error: str = "") -> JobView:
        """This job as a row of the queue."""
        now = self.progress
        return JobView(
            job=self.job,
            state=state,
            done=1.0 if state == "done" else now.done,
            rate=now.rate,
            seconds=time.monotonic() - self._started_s,
            error=error,
            step=now.step,
            steps=now.steps,
        )

    @staticmethod
    def _ms_since(moment_s: float) -> float:
        return (time.monotonic() - moment_s) * 1000
