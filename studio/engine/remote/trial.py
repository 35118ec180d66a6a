"""Tries acts on an endpoint's model: the same passages and judges as for a model on this computer."""

from collections.abc import Awaitable, Callable

from studio.core.events import Check, Checked, Checking, Event
from studio.core.jobs import TextJob
from studio.media.checks.judges import Answer
from studio.media.checks.passages import Passage, load_passages
from studio.media.checks.tally import Tally, fault_of, tallies, trial_job

Ask = Callable[[TextJob], Awaitable[Answer]]


class RemoteTrial:
    """One check: a request a passage, one after the other, so that a job meanwhile is not kept waiting long."""

    def __init__(
        self,
        check: Check,
        stamp: str,
        ask: Ask,
        send: Callable[[Event], None],
        passages: tuple[Passage, ...] = (),
    ) -> None:
        """`stamp` says which model at which address it was; `ask` raises StudioError when the server fails."""
        self._check = check
        self._stamp = stamp
        self._ask = ask
        self._send = send
        self._passages = passages or load_passages()
        self._tallies: list[Tally] = tallies(check, len(self._passages), fill_in=False)

    async def run(self) -> None:
        """Try every passage of every act. Raises StudioError when the server fails, CancelledError when stopped."""
        total = len(self._tallies) * len(self._passages)
        done = 0
        for tally in self._tallies:
            for passage in self._passages:
                self._send(Checking(id=self._check.id, done=done / total))
                answer = await self._ask(trial_job(self._check, tally.frame, passage))
                tally.note(fault_of(tally.frame, passage, answer))
                done += 1

    def result(self) -> Checked:
        """What came of it: of a check that was stopped, the acts that were tried through."""
        through = [tally.result() for tally in self._tallies if tally.tried == len(self._passages)]
        return Checked(id=self._check.id, model=self._stamp, model_sha256="", acts=tuple(through))
