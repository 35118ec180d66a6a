"""Answers what a model would read, on a thread of its own: a running job need not be waited for."""

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from studio.catalog.adapters import read_adapter
from studio.catalog.inspect import inspect_model
from studio.core.adapter import at_work
from studio.core.errors import StudioError
from studio.core.events import Event, Failed
from studio.core.jobs import TextJob
from studio.worker.hashing import Stamp, stamp
from studio.worker.text.look import seen
from studio.worker.text.tokens import TextTokens, load_tokens

if TYPE_CHECKING:
    from studio.worker.shelf import Shelf


class Looker:
    """Only tokenizers are used; of the model in memory only which prompts it keeps is read."""

    def __init__(self, send: Callable[[Event], None], failure: Callable[[str, Exception], Failed]) -> None:
        """`failure` words what is a bug."""
        self._send = send
        self._failure = failure
        self._jobs: queue.SimpleQueue[TextJob] = queue.SimpleQueue()
        self._shelf: Shelf | None = None
        self._tokens: tuple[tuple[Stamp, ...], TextTokens, int] | None = None

    def start(self) -> None:
        """Begin to answer."""
        threading.Thread(target=self._run, name="looks", daemon=True).start()

    def use(self, shelf: "Shelf") -> None:
        """The models in memory, from when there are any."""
        self._shelf = shelf

    def look(self, job: TextJob) -> None:
        """Answer for this job when its turn comes."""
        self._jobs.put(job)

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                self._send(self._seen(job))
            except StudioError as error:
                self._send(Failed(job=job.id, what=error.what, kept=error.kept, do=error.do, code=error.code))
            except Exception as error:  # noqa: BLE001 - a bug in one look must not end the others
                self._send(self._failure(job.id, error))

    def _seen(self, job: TextJob) -> Event:
        runner = self._shelf.desk(job.model, job.adapters) if self._shelf is not None else None
        if runner is not None:
            return seen(job, runner.tokens, runner.model.context_tokens, runner.kept.reusable)
        tokens, context = self._from_disk(job.model)
        before = sum(read_adapter(path).virtual_tokens for path, _ in at_work(job.adapters))
        return seen(job, tokens, context - before, lambda _ids: 0)

    def _from_disk(self, model: str) -> tuple[TextTokens, int]:
        """Tokenizer and context of a model that is not loaded; the last one is kept."""
        folder = Path(model).expanduser()
        stamps = tuple(stamp(file) for file in sorted(folder.glob("*.json")))
        if self._tokens is None or self._tokens[0] != stamps:
            card = inspect_model(folder)
            self._tokens = (stamps, load_tokens(Path(card.path)), card.context_tokens)
        return self._tokens[1], self._tokens[2]
