"""How far a job is, counted from what its maker tells."""

import time

from studio.core.events import Delta, Preview, Started
from studio.core.jobs import Job, units_of


class Progress:
    """Tokens of a text job, denoising steps of an image job, bars of single tracks of a piece.

    `rate` is in units a second of all takes together.

    An image job may be drawn in batches, one after the other: `step` of `steps` is that of the present batch.
    """

    def __init__(self, job: Job) -> None:
        self.rate = 0.0
        self.done = 0.0
        self.step = 0
        self.steps = units_of(job)
        self._takes = job.takes
        self._first: tuple[float, float] | None = None  # when the first unit was told, how many there were
        self._batches: tuple[int, ...] = ()
        self._batch = 0  # takes that are drawn together now; 0: not known
        self._ended = 0

    def started(self, event: Started) -> None:
        """The maker may tell how it means to part the takes."""
        self._batches = event.made.drawn.batches if event.made.drawn is not None else ()

    def streamed(self, event: Delta) -> None:
        """All takes stream side by side."""
        self.step = max(self.step, event.step)
        self.done = max(self.done, min(1.0, self.step / self.steps))
        self._measure(self.step * self._takes)

    def drawn(self, event: Preview) -> None:
        """A step of the present batch."""
        self.step, self.steps = event.step, max(1, event.steps)
        self._batch = len(event.pictures) or self._batch or self._planned()
        units = self._ended * self.steps + self._batch * self.step
        self.done = max(self.done, min(1.0, units / (self._takes * self.steps)))
        self._measure(units)

    def ended(self) -> None:
        """One take is complete."""
        self._ended += 1
        self._batch = 0
        self.done = max(self.done, min(1.0, self._ended / self._takes))

    def _planned(self) -> int:
        """How many takes the batch after those that have ended holds."""
        before = 0
        for size in self._batches:
            if before == self._ended:
                return size
            before += size
        return max(1, self._takes - self._ended)

    def _measure(self, units: float) -> None:
        now_s = time.monotonic()
        if self._first is None:
            self._first = (now_s, units)
        elif now_s > self._first[0]:
            self.rate = max(0.0, (units - self._first[1]) / (now_s - self._first[0]))
