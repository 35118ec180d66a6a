"""How much notes surprise a model, asked beside the queue: only the latest request is answered."""

from studio.core.endpoint import is_remote
from studio.core.events import Weigh, Weighed
from studio.engine.job_flow import Outlet
from studio.engine.supervisor import Supervisor
from studio.engine.views import Problem

_REMOTE = "Atelier cannot ask a model that runs elsewhere what it thinks of single notes."
_KEPT = "The piece is as it was."


class Weighings:
    """Requests under way, by their ids; everything on the engine thread."""

    def __init__(self, outlet: Outlet, supervisor: Supervisor) -> None:
        self._outlet = outlet
        self._supervisor = supervisor
        self._asked: dict[str, Weigh] = {}  # the latest last; those before it are not answered any more

    def __contains__(self, weigh_id: str) -> bool:
        return weigh_id in self._asked

    def ask(self, weigh: Weigh) -> None:
        """Have notes weighed; answered by `weighed` or `weigh_failed`, unless another is asked meanwhile."""
        self._asked.pop(weigh.id, None)
        self._asked[weigh.id] = weigh
        if is_remote(weigh.model):
            self.failed(
                Problem(what=_REMOTE, kept=_KEPT, do="Choose a model on this computer.", job=weigh.id)
            )
        elif self._supervisor.view.phase == "broken":
            # what is asked at every edit must not start it over and over
            self.fail_all(self._supervisor.view.detail)
        else:
            self._supervisor.send(weigh)  # a worker that is gone tells so by its end

    def done(self, weighed: Weighed) -> None:
        """An answer came; one for an older request is passed over."""
        if self._ended(weighed.id):
            self._outlet.weighed(weighed)

    def failed(self, problem: Problem) -> None:
        """A request cannot be answered."""
        if self._ended(problem.job):
            self._outlet.weigh_failed(problem)

    def fail_all(self, what: str) -> None:
        """None of them will be answered."""
        for weigh_id in tuple(self._asked):
            self.failed(Problem(what=what, kept=_KEPT, job=weigh_id))

    def ask_again(self) -> None:
        """Another worker stands in for one that was ended: it is asked the same."""
        for weigh in tuple(self._asked.values())[-1:]:
            self._supervisor.send(weigh)

    def _ended(self, weigh_id: str) -> bool:
        """Forget a request, and those before it: the worker answers in order. Whether it was the latest."""
        latest = next(reversed(self._asked), None)
        if weigh_id not in self._asked:
            return False
        if weigh_id == latest:
            self._asked.clear()
        else:
            del self._asked[weigh_id]
        return weigh_id == latest
