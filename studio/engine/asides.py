"""What the worker is asked beside the queue: what a model would read (looks), what it can do (checks), weighings."""

import time

from studio.core.endpoint import is_remote
from studio.core.events import (
    Cancel,
    Check,
    Checked,
    Checking,
    Event,
    Failed,
    Look,
    Seen,
    Weighed,
)
from studio.core.jobs import TextJob
from studio.engine.job_flow import Outlet
from studio.engine.remote.door import RemoteDoor
from studio.engine.supervisor import Supervisor
from studio.engine.views import Limits, Problem
from studio.engine.weighings import Weighings

_REMOTE = "Atelier cannot look into a model that runs elsewhere: what it reads is laid out there."


class Asides:
    """Looks, checks and weighings under way; everything on the engine thread. They are not kept across a restart of
    Atelier."""

    def __init__(self, outlet: Outlet, supervisor: Supervisor, remote: RemoteDoor, limits: Limits) -> None:
        self._outlet = outlet
        self._supervisor = supervisor
        self._remote = remote
        self._limits = limits
        self._looks: dict[str, TextJob] = {}
        self._checks: dict[str, Check] = {}
        self.weighings = Weighings(outlet, supervisor)
        self._asked_s: dict[str, float] = {}  # when a check was asked to stop

    def look(self, job: TextJob) -> None:
        """Ask what the model would read; answered by `looked` or `look_failed`."""
        self._looks[job.id] = job
        if is_remote(job.model):
            self._look_failed(job.id, Problem(what=_REMOTE, job=job.id))
        elif self._supervisor.view.phase == "broken":  # typing must not start it again and again
            self._look_failed(job.id, Problem(what=self._supervisor.view.detail, job=job.id))
        else:
            self._supervisor.send(Look(job=job))  # a worker that is gone tells so by its end

    def check(self, check: Check) -> None:
        """Begin to try a model's acts; answered by `checking`, then `checked` or `check_failed`."""
        self._checks[check.id] = check
        if is_remote(check.model):
            self._remote.check(check)
        elif not self._supervisor.send(check) and self._supervisor.pid is None:
            self._check_failed(check.id, self._supervisor.view.detail)

    def cancel(self, check_id: str) -> bool:
        """Stop a check: what was tried through is told by `checked`. False when there is no such check."""
        if check_id not in self._checks:
            return False
        if is_remote(self._checks[check_id].model):
            self._remote.cancel(check_id)
        elif check_id not in self._asked_s:
            self._asked_s[check_id] = time.monotonic()
            self._supervisor.send(Cancel(job=check_id))
        return True

    def heard(self, event: Event) -> bool:
        """A frame from the worker; True when it was for a look, a check or a weighing."""
        match event:
            case Seen(job=job):
                if self._looks.pop(job, None) is not None:
                    self._outlet.looked(event)
            case Checking(id=check_id):
                if check_id in self._checks:
                    self._outlet.checking(event)
            case Checked(id=check_id):
                if self._drop(check_id):
                    self._outlet.checked(event)
            case Weighed():
                self.weighings.done(event)
            case Failed(job=job) if job in self.weighings:
                self._supervisor.load_failed(event.what)
                self.weighings.failed(_told(event))
            case Failed(job=job) if job in self._looks:
                self._look_failed(job, _told(event))
            case Failed(job=job) if job in self._checks:
                if not is_remote(self._checks[job].model):
                    self._supervisor.load_failed(event.what)
                self._drop(job)
                self._outlet.check_failed(_told(event))
                self._outlet.problem(_told(event))
            case _:
                return False
        return True

    def worker_died(self, reason: str, details: str) -> None:
        """The worker is gone: a check is not begun again by itself, it may be what killed it."""
        for job_id in tuple(self._looks):
            self._look_failed(job_id, Problem(what=f"The model's process stopped: {reason}.", job=job_id))
        self.weighings.fail_all(f"The model's process stopped: {reason}.")
        for check_id, check in tuple(self._checks.items()):
            if is_remote(check.model):
                continue
            if check_id in self._asked_s:
                self._drop(check_id)
                self._outlet.checked(Checked(id=check_id, model=check.model, model_sha256="", acts=()))
            else:
                self._check_failed(check_id, f"its process stopped, {reason}", details)

    def worker_replaced(self) -> None:
        """A fresh worker stands in for one that was ended on purpose: it is asked the same."""
        for job in self._looks.values():
            self._supervisor.send(Look(job=job))
        self.weighings.ask_again()
        for check_id, check in self._checks.items():
            if is_remote(check.model):
                continue
            self._supervisor.send(check)
            if check_id in self._asked_s:
                self._supervisor.send(Cancel(job=check_id))

    def on_time(self, *, job_runs: bool) -> None:
        """Enforce the stop of a check that was not heard; while a job runs, the check waits anyhow."""
        if job_runs:
            self._asked_s = dict.fromkeys(self._asked_s, time.monotonic())
        elif self.due_in_ms(job_runs=False) == 0.0:
            self._supervisor.kill()

    def due_in_ms(self, *, job_runs: bool) -> float | None:
        """Milliseconds until `on_time` has something to do; None when it has nothing."""
        if job_runs or not self._asked_s:
            return None
        waited_ms = (time.monotonic() - min(self._asked_s.values())) * 1000
        return max(0.0, self._limits.cancel_kill_ms - waited_ms)

    def _drop(self, check_id: str) -> bool:
        self._asked_s.pop(check_id, None)
        return self._checks.pop(check_id, None) is not None

    def _look_failed(self, job_id: str, problem: Problem) -> None:
        if self._looks.pop(job_id, None) is not None:
            self._outlet.look_failed(problem)

    def _check_failed(self, check_id: str, why: str, details: str = "") -> None:
        if self._drop(check_id):
            problem = Problem(
                what=f"The model could not be checked: {why.rstrip('.')}.",
                kept="What was known about this model is unchanged; your texts are safe.",
                do="Check it again; if it happens again, choose a smaller model.",
                details=details,
                job=check_id,
            )
            self._outlet.check_failed(problem)
            self._outlet.problem(problem)


def _told(failed: Failed) -> Problem:
    return Problem(what=failed.what, kept=failed.kept, do=failed.do, details=failed.details, job=failed.job)
