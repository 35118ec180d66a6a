"""Looks and checks in the real worker process: jobs go first, a look waits for none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.core.events import (
    Cancel,
    Check,
    Checked,
    Checking,
    Delta,
    Failed,
    JobEnd,
    Look,
    Quit,
    Run,
    Seen,
    Started,
)
from studio.core.jobs import ContextPart
from studio.core.resources import resource_path
from studio.media.frames import load_frames
from tests import tiny_models
from tests.worker.conftest import Models, job_for
from tests.worker.test_process import Child, child  # noqa: F401 - the fixture

FRAMES = tuple(load_frames([resource_path("acts")]).values())


@pytest.fixture(scope="module")
def roomy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A tiny model with room for worked examples."""
    yield tiny_models.make_model(tmp_path_factory.mktemp("roomy") / "model", max_position_embeddings=4096)


def test_a_look_before_the_model_is_loaded_tells_the_same_parts_as_the_job(
    child: Child, models: Models  # noqa: F811
) -> None:  # fmt: skip
    memory = ContextPart(kind="memory", text="A fable.")
    job = job_for(models["llama"], id="one", parts=(memory,), prompt="The fox sang. " * 30)
    child.tell(Look(job=job))
    before = child.until(Seen)
    assert (before.job, before.reused_tokens, before.context_tokens) == ("one", 0, 256)
    child.tell(Run(job=job))
    made = child.until(Started).made
    assert made.parts == before.parts
    assert made.prompt_tokens == before.prompt_tokens == sum(part.tokens for part in before.parts)
    child.until(JobEnd)
    child.tell(Look(job=job.changed(id="again")))
    assert child.until(Seen).reused_tokens == made.prompt_tokens
    child.tell(Look(job=job.changed(id="nowhere", model=str(models["llama"].parent / "nowhere"))))
    assert child.until(Failed).job == "nowhere"


def test_a_look_does_not_wait_for_a_running_job(child: Child, models: Models) -> None:  # noqa: F811
    child.tell(Run(job=job_for(models["llama"], id="long", takes=8, tokens=230)))
    child.until(Delta)
    child.tell(Look(job=job_for(models["llama"], id="look")))
    assert child.until(Seen).job == "look"
    child.tell(Cancel(job="long"))
    assert child.until(JobEnd).job == "long"


def test_jobs_go_before_a_check_and_a_stopped_check_ends(child: Child, roomy: Path) -> None:  # noqa: F811
    child.tell(Check(id="check", model=str(roomy), frames=FRAMES))
    child.until(Checking, lambda event: event.done > 0)
    child.tell(Run(job=job_for(roomy, id="job")))
    end = child.until((JobEnd, Checked))  # type: ignore[arg-type]
    assert isinstance(end, JobEnd)
    assert end.job == "job"
    child.until(Checking)
    child.tell(Cancel(job="check"))
    checked = child.until(Checked)
    assert checked.id == "check"
    assert len(checked.model_sha256) == 64
    assert {check.act for check in checked.acts} <= {"continue", "fill_in"}
    child.tell(Run(job=job_for(roomy, id="after")))
    assert child.until(JobEnd).job == "after"


def test_quit_ends_a_check(child: Child, roomy: Path) -> None:  # noqa: F811
    child.tell(Check(id="check", model=str(roomy), frames=FRAMES))
    child.until(Checking, lambda event: event.done > 0)
    child.tell(Quit())
    assert child.end() == 0


def test_a_check_of_no_model_fails_in_words(child: Child, models: Models) -> None:  # noqa: F811
    child.tell(Check(id="check", model=str(models["llama"].parent / "nowhere"), frames=()))
    failed = child.until(Failed)
    assert (failed.job, failed.code) == ("check", "missing_model")
    child.tell(Check(id="next", model=str(models["llama"]), frames=()))
    assert child.until(Checked).id == "next"
