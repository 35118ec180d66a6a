"""Writing the queue of jobs, which survives a restart."""

from studio.core.ids import now_ms
from studio.core.jobs import Job
from studio.media.spans import whole
from studio.project.reads import QueueReads
from studio.project.records import QueueItem, QueueState
from studio.project.take_writes import put_job
from studio.project.writing import Writing

_CUT_SHORT = "The program ended while this was being made."
_CUT_KEPT = "What had been written was kept."
_CUT_DO = "Retry it."


class QueueWrites(QueueReads, Writing):
    """Jobs are added, change their state and their order; none is deleted."""

    def queue_put(self, job: Job, priority: int = 0) -> QueueItem:
        """A new job, after the waiting ones of its priority (higher goes first)."""
        with self._transaction() as db:
            put_job(db, job)
            at_ms = now_ms()
            db.execute(
                "INSERT INTO queue (job, priority, position, state, created_ms, changed_ms)"
                " VALUES (?,?,?,'waiting',?,?)",
                (job.id, priority, self._last_position() + 1, at_ms, at_ms),
            )
            return self.queue_item(job.id)

    def queue_set(
        self, job_id: str, state: QueueState, *, what: str = "", kept: str = "", do: str = ""
    ) -> QueueItem:
        """Another state, with a reason where it has one; "running" counts an attempt.

        Raises KeyError when the job is unknown or done (that is final).
        """
        with self._transaction() as db:
            db.execute(
                "UPDATE queue SET state = ?2, what = ?3, kept = ?4, do = ?5, changed_ms = ?6,"
                " attempts = attempts + (?2 = 'running') WHERE job = ?1 AND state <> 'done'",
                (job_id, state, whole(what), whole(kept), whole(do), now_ms()),
            )
            self._changed_one(job_id)
            return self.queue_item(job_id)

    def queue_move(self, job_id: str, before_job_id: str | None) -> None:
        """A waiting job before another waiting one, taking its priority; None puts it last.

        Raises KeyError when either does not wait.
        """
        with self._transaction() as db:
            waiting = [item for item in self.queue(finished=0) if item.state == "waiting"]
            order = [item.job.id for item in waiting if item.job.id != job_id]
            priorities = {item.job.id: item.priority for item in waiting}
            if job_id not in priorities or (before_job_id is not None and before_job_id not in order):
                raise KeyError(before_job_id if job_id in priorities else job_id)
            at = len(order) if before_job_id is None else order.index(before_job_id)
            neighbour = before_job_id or (order[-1] if order else job_id)
            priorities[job_id] = priorities[neighbour]
            order.insert(at, job_id)
            db.executemany(
                "UPDATE queue SET position = ?, priority = ? WHERE job = ?",
                [(index, priorities[id_], id_) for index, id_ in enumerate(order)],
            )

    def queue_retry(self, job_id: str) -> QueueItem:
        """A failed or stopped job waits again, last of its priority. Raises KeyError for any other."""
        with self._transaction() as db:
            db.execute(
                "UPDATE queue SET state = 'waiting', what = '', kept = '', do = '', position = ?,"
                " changed_ms = ? WHERE job = ? AND state IN ('failed', 'stopped')",
                (self._last_position() + 1, now_ms(), job_id),
            )
            self._changed_one(job_id)
            return self.queue_item(job_id)

    def queue_cancel(self, job_id: str) -> bool:
        """Take a waiting job out; False when it does not wait (any more)."""
        with self._transaction() as db:
            db.execute(
                "UPDATE queue SET state = 'stopped', changed_ms = ? WHERE job = ? AND state = 'waiting'",
                (now_ms(), job_id),
            )
            return self._db.changes() == 1

    def _fail_orphans(self) -> int:
        """A job that ran when the program died has failed; how many there were."""
        self._db.execute(
            "UPDATE queue SET state = 'failed', what = ?, kept = ?, do = ?, changed_ms = ?"
            " WHERE state = 'running'",
            (_CUT_SHORT, _CUT_KEPT, _CUT_DO, now_ms()),
        )
        return self._db.changes()

    def _last_position(self) -> int:
        (highest,) = self._row("queue", "SELECT ifnull(max(position), -1) FROM queue WHERE state = 'waiting'")
        return int(highest)
