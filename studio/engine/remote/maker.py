"""Computes text jobs at endpoints: a thread of its own with an event loop; speaks the worker's events."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Mapping
from functools import partial

from studio.core.endpoint import Endpoint
from studio.core.errors import StudioError
from studio.core.events import Check, Checked, Event, JobEnd
from studio.core.jobs import TextJob
from studio.engine.remote.making import Making, failed
from studio.engine.remote.stream import Patience
from studio.engine.remote.trial import RemoteTrial
from studio.media.checks.judges import Answer

Send = Callable[[Event], None]


class RemoteMaker:
    """`run` and `cancel` may be called from any thread; events are sent from the maker's own.

    The thread starts with the first job: who adds no endpoint never has it.
    """

    def __init__(self, send: Send, patience: Patience | None = None) -> None:
        self._send = send
        self._patience = patience or Patience()
        self._endpoints: Mapping[str, Endpoint] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def use(self, endpoints: Mapping[str, Endpoint]) -> None:
        """The endpoints there are, by path."""
        self._endpoints = dict(endpoints)

    def run(self, job: TextJob) -> None:
        """Make this job's takes; ends in JobEnd or Failed, whatever happens."""
        self._running().call_soon_threadsafe(self._begin, job)

    def check(self, check: Check) -> None:
        """Try acts on an endpoint's model; ends in Checked or Failed, whatever happens."""
        self._running().call_soon_threadsafe(self._begin_check, check)

    def _running(self) -> asyncio.AbstractEventLoop:
        """The loop; its thread starts with the first use."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._work, args=(self._loop,), name="remote", daemon=True)
            self._thread.start()
        return self._loop

    def cancel(self, job_id: str) -> None:
        """Stop a job or a check at once; takes stay as far as they got."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop, job_id)

    def close(self) -> None:
        """Stop everything and end the thread."""
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(self._end, loop)
            thread.join()

    # -- on the maker's thread -------------------------------------------------------------------

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            asyncio.gather(*tasks, return_exceptions=True).add_done_callback(lambda _done: loop.stop())
        else:
            loop.stop()

    def _begin(self, job: TextJob) -> None:
        stopped = JobEnd(job=job.id, status="stopped", seconds=0.0, tokens_per_s=0.0)
        self._start(job.id, self._make(job), stopped)

    def _begin_check(self, check: Check) -> None:
        self._start(check.id, self._try(check), Checked(id=check.id, model="", model_sha256="", acts=()))

    def _start(self, task_id: str, work: Coroutine[None, None, None], unbegun: Event) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks[task_id] = task
        task.add_done_callback(partial(self._on_done, task_id, unbegun))

    def _on_done(self, task_id: str, unbegun: Event, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task_id, None)
        if task.cancelled():  # stopped before it began: nobody else tells
            self._send(unbegun)

    async def _make(self, job: TextJob) -> None:
        try:
            endpoint = self._endpoint(job.model)
        except StudioError as error:
            self._send(failed(job.id, error))
            return
        await Making(job, endpoint, self._send, self._patience).run()

    async def _try(self, check: Check) -> None:
        """A check of an endpoint's model; ends in Checked or Failed."""
        try:
            endpoint = self._endpoint(check.model)
            trial = RemoteTrial(check, endpoint.stamp, partial(self._answer, endpoint), self._send)
            with contextlib.suppress(asyncio.CancelledError):  # what was tried through counts
                await trial.run()
            self._send(trial.result())
        except StudioError as error:
            self._send(failed(check.id, error))

    async def _answer(self, endpoint: Endpoint, job: TextJob) -> Answer:
        making = Making(job, endpoint, lambda _event: None, self._patience)
        await making.make()
        return making.answer

    def _stop(self, job_id: str) -> None:
        if task := self._tasks.get(job_id):
            task.cancel()

    def _endpoint(self, model: str) -> Endpoint:
        """Where a job goes. Raises StudioError for an endpoint that is no longer there."""
        found = self._endpoints.get(model)
        if found is None:
            raise StudioError(
                "The endpoint this was asked of is no longer there.",
                do="Choose another model, or add it again in Other engines (Help menu).",
                code="no_endpoint",
            )
        return found
