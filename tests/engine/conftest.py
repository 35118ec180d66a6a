"""An engine on a real project with a scripted worker."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.core.events import Told
from studio.core.ids import new_id, now_ms
from studio.core.jobs import ImageJob, TextJob
from studio.core.takes import Take
from studio.engine.thread import EngineThread
from studio.engine.views import JobView, Limits, PreviewView, Problem, WorkerView
from studio.project.records import Work

FAKE = Path(__file__).with_name("fake_worker.py")


class Heard:
    """Everything the engine said, in order."""

    def __init__(self, engine: EngineThread) -> None:
        self.takes: dict[str, Take] = {}
        self.streamed: dict[str, str] = {}
        self.jobs: list[JobView] = []
        self.problems: list[Problem] = []
        self.worker: list[WorkerView] = []
        engine.take_started.connect(self._take)
        engine.take_ended.connect(self._take)
        engine.takes_grew.connect(self._grew)
        engine.job_changed.connect(self.jobs.append)
        engine.problem.connect(self.problems.append)
        engine.worker_changed.connect(self.worker.append)
        self.previews: list[PreviewView] = []
        self.told: list[Told] = []
        engine.previewed.connect(self.previews.append)
        engine.told.connect(self.told.append)

    def _take(self, take: Take) -> None:
        self.takes[take.id] = take

    def _grew(self, pieces: list[tuple[str, str]]) -> None:
        for take_id, text in pieces:
            self.streamed[take_id] = self.streamed.get(take_id, "") + text

    def states(self, job_id: str) -> list[str]:
        """The states a job went through, without repeats."""
        out: list[str] = []
        for view in self.jobs:
            if view.job.id == job_id and out[-1:] != [view.state]:
                out.append(view.state)
        return out

    def ended(self, job_id: str) -> bool:
        """True when the job is over."""
        return self.states(job_id)[-1:] in (["done"], ["stopped"], ["failed"])


class Bench:
    """A running engine, its project, what it said."""

    def __init__(self, engine: EngineThread, folder: Path, work: str) -> None:
        self.engine, self.folder, self.work = engine, folder, work
        self.heard = Heard(engine)

    def job(self, takes: int = 3, seed: int = 1) -> TextJob:
        """A job for the project's only scene."""
        return TextJob(
            id=new_id(), work=self.work, prompt="Once", model="fake", seed=seed, takes=takes, tokens=8
        )

    def picture(self, takes: int = 4, seed: int = 1, **more: object) -> ImageJob:
        """A picture for the project's only work."""
        return ImageJob(
            id=new_id(),
            work=self.work,
            prompt="a red fox",
            model="fake",
            seed=seed,
            takes=takes,
            steps=5,
            width=16,
            height=16,
        ).changed(**more)


@pytest.fixture
def engine_with(tmp_path: Path, qapp: object) -> Iterator[Callable[..., Bench]]:
    """Start an engine with a scripted worker: engine_with("crash", Limits(...))."""
    engines: list[EngineThread] = []
    benches: list[Bench] = []  # a signal that is still on its way must find the one it was for

    def start(mode: str, limits: Limits | None = None, folder: Path | None = None) -> Bench:
        command = (sys.executable, str(FAKE), mode)
        engine = EngineThread(tmp_path / "worker.log", command=command, limits=limits)
        engines.append(engine)
        engine.start()
        if folder is not None:
            engine.open_project(folder).result()
            work = engine.write(lambda store: store.works()[0].id).result()
            benches.append(Bench(engine, folder, work))
            return benches[-1]
        folder = tmp_path / "Book.atelier"
        engine.create_project(folder, "Book").result()
        scene = Work(id=new_id(), kind="scene", title="Scene 1", created_ms=now_ms())
        engine.write(lambda store: store.add_work(scene)).result()
        benches.append(Bench(engine, folder, scene.id))
        return benches[-1]

    yield start
    for engine in engines:
        assert engine.stop(), "the engine's thread did not end"
