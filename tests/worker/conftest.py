"""Tiny models shared by the worker's tests, and a runner for each."""

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.core.events import Event
from studio.core.jobs import Sampling, TextJob
from tests import tiny_models

Models = dict[str, Path]
RunJob = Callable[..., list[Event]]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """A tiny random model folder for each family."""
    base = tmp_path_factory.mktemp("models")
    return {family: tiny_models.make_model(base / family, family) for family in tiny_models.FAMILIES}


def never() -> bool:
    """The job is not stopped."""
    return False


def job_for(model: Path, prompt: str = "Once upon a time", **changes: object) -> TextJob:
    """A small job with no trimming."""
    given: dict[str, object] = {"takes": 3, "tokens": 16, "seed": 5, "trim": "none", "id": "job", **changes}
    return TextJob(prompt=prompt, model=str(model), **given)  # type: ignore[arg-type]


@pytest.fixture
def run_job(make_run: Callable[[], RunJob]) -> RunJob:
    """Run jobs on one fresh shelf; the events of each."""
    return make_run()


@pytest.fixture
def make_run() -> Callable[[], RunJob]:
    """Makes `run_job`s, each with a shelf of its own."""
    return new_run


def new_run() -> RunJob:
    """A function that runs jobs on a fresh shelf."""
    from studio.worker.shelf import Shelf

    heard: list[Event] = []
    shelf = Shelf(heard.append)

    def run(job: TextJob, stopped: Callable[[], bool] = never) -> list[Event]:
        heard.clear()
        shelf.runner(job.model, job.id, stopped, job.adapters).run(job, heard.append, stopped)
        return list(heard)

    return run


GREEDY = Sampling(temperature=0.0, repetition_penalty=1.0)
