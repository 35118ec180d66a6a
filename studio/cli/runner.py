"""The engine without a window: submit a job, wait for its takes."""

import contextlib
import queue
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from studio.app.session import Session
from studio.catalog.card import ModelKind
from studio.catalog.inspect import inspect_model
from studio.core.errors import StoppedError, StudioError
from studio.core.jobs import Job
from studio.core.takes import Take
from studio.engine.thread import EngineThread
from studio.engine.views import Held, JobView, Problem, WorkerView
from studio.media.spans import SpanText

Said = Take | JobView | Problem | Held | WorkerView | list[tuple[str, str]]


class Runner:
    """One engine and one project, for the length of a command."""

    def __init__(self, engine: EngineThread, session: Session) -> None:
        self.engine = engine
        self.session = session
        self.problems: list[Problem] = []
        self._said: queue.SimpleQueue[Said] = queue.SimpleQueue()
        for signal in (
            engine.held,
            engine.take_started,
            engine.takes_grew,
            engine.take_ended,
            engine.job_changed,
            engine.problem,
            engine.worker_changed,
        ):
            signal.connect(self._said.put, Qt.ConnectionType.DirectConnection)

    def add_scene(self, title: str, text: str) -> str:
        """A new scene that holds this text; its id."""
        work = self.session.add_work("scene", title, "")
        self.session.revise(work, SpanText().edit(0, 0, text), "imported").result()
        return work

    def run(self, job: Job, heard: Callable[[Said], None] | None = None) -> list[Take]:
        """Submit and wait: the takes in order. Ctrl+C stops the job and raises StoppedError."""
        self.engine.submit(job).result()
        takes: dict[int, Take] = {}
        try:
            while True:
                said = self._said.get()
                if heard is not None:
                    heard(said)
                match said:
                    case Take() if said.job == job.id and said.status != "streaming":
                        takes[said.index] = said
                    case Problem():
                        self.problems.append(said)
                    case Held() if (refused := self._refused()) is not None:
                        raise refused
                    case JobView() if said.job.id == job.id and said.state in ("done", "stopped", "failed"):
                        return self._ended(said, takes)
                    case _:
                        pass
        except KeyboardInterrupt:
            self.engine.cancel(job.id)
            raise StoppedError(
                "Cancelled.", kept="What had streamed is kept where --project names one."
            ) from None

    def _refused(self) -> StudioError | None:
        """What the disk says, after something was held back; None when it takes it by now."""
        try:
            self.engine.keep(lambda _store: None).result()
        except StudioError as error:
            return StudioError(
                error.what, kept="The takes could not be written.", do=error.do, code=error.code
            )
        return None

    def _ended(self, view: JobView, takes: dict[int, Take]) -> list[Take]:
        if view.state == "failed":
            with contextlib.suppress(queue.Empty):
                while isinstance(said := self._said.get(timeout=1.0), Problem | JobView | WorkerView):
                    if isinstance(said, Problem):
                        error = StudioError(said.what, kept=said.kept, do=said.do)
                        error.add_note(said.details)  # shown by --debug
                        raise error
            raise StudioError(view.error)
        return [takes[index] for index in sorted(takes)]


@contextlib.contextmanager
def runner(project: Path | None, title: str = "Atelier") -> Iterator[Runner]:
    """An engine on this project (made when it does not exist), or on a throw-away one."""
    with tempfile.TemporaryDirectory(prefix="atelier-") as scratch:
        folder = project or Path(scratch, "Throwaway.atelier")
        engine = EngineThread(Path(scratch, "worker.log"))
        engine.start()
        session = None
        try:
            opening: Any = engine.open_project if folder.exists() else engine.create_project
            opening(*((folder,) if folder.exists() else (folder, title))).result()
            session = Session(engine, folder)
            yield Runner(engine, session)
        finally:
            if session is not None:
                session.close()
            engine.stop()


def checked_model(path: Path | None, starter: Path, kind: ModelKind = "text") -> str:
    """The model's folder or file, checked. Raises StudioError that names the file and the reason."""
    card = inspect_model(path or starter)
    if card.kind != kind:
        of = {
            "text": "a text model", "image": "an image model", "music": "a music model", "control": "a control net",
            "adapter": "an adapter, which is laid over a model", "reference": "a reference adapter",
            "vae": "a VAE, one part of a model",
        }  # fmt: skip
        raise StudioError(
            f"{card.path} is {of.get(card.kind, f'of the kind “{card.kind}”')}, not {of.get(kind, kind)}.",
            do="Choose another model.",
            code="wrong_kind",
        )
    return card.path


def device_of(takes: list[Take]) -> dict[str, Any] | None:
    """Where takes were computed, for the envelope."""
    made = next((take.recipe.made for take in takes if take.recipe.made), None)
    if made is None:
        return None
    return {"kind": made.device, "dtype": made.dtype, "threads": made.threads}
