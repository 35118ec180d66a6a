"""Stories and pictures in turn through one worker process: each as if it had been alone, and no memory lost."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from studio.core.events import Failed, JobEnd, Run, TakeEnd
from studio.core.jobs import ImageJob, TextJob
from studio.core.resources import starter_model
from tests.worker.test_process import Child

ROUNDS = 5
GROWTH = 0.03
STORY = {"prompt": "Once upon a time, a fox", "seed": 5, "takes": 2, "tokens": 24}
PICTURE = {"prompt": "a red heart", "seed": 3, "takes": 2, "steps": 3, "width": 128, "height": 128}
Takes = list[tuple[int, str, bytes]]


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Child]]:
    """Workers that are ended with the test. None finds compiled kernels halfway: they could change a last bit."""
    (tmp_path / "no_folder").touch()
    monkeypatch.setenv("ATELIER_KERNELS", str(tmp_path / "no_folder" / "kernels"))
    made: list[Child] = []
    yield made
    for worker in made:
        worker.process.kill()
        worker.end()
        for pipe in (worker.process.stdin, worker.process.stdout, worker.process.stderr):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def takes_of(worker: Child, job: TextJob | ImageJob) -> Takes:
    """What a job makes."""
    ends: list[object] = []
    worker.tell(Run(job=job))
    last = worker.until(object, lambda event: ends.append(event) or isinstance(event, JobEnd | Failed))
    assert isinstance(last, JobEnd), last
    return [
        (end.index, end.text, end.image.png if end.image else b"") for end in ends if isinstance(end, TakeEnd)
    ]


def story(**changes: object) -> TextJob:
    return TextJob(id="story", model=str(starter_model("story")), **(STORY | changes))  # type: ignore[arg-type]


def picture(**changes: object) -> ImageJob:
    return ImageJob(id="picture", model=str(starter_model("picture")), **(PICTURE | changes))  # type: ignore[arg-type]


def test_takes_in_turn_are_those_made_alone_and_memory_stays(children: list[Child]) -> None:
    children += [Child(), Child()]
    alone = [takes_of(children[0], story()), takes_of(children[1], picture())]
    assert [len(takes) for takes in alone] == [2, 2]
    for worker in children:
        worker.process.kill()
    both = Child()
    children.append(both)
    rss = []
    for number in range(ROUNDS):
        assert takes_of(both, story()) == alone[0], number
        assert takes_of(both, picture()) == alone[1], number
        assert takes_of(both, story(seed=number + 10, prompt="The hill"))
        assert takes_of(both, picture(seed=number + 10, prompt="a blue fish", tiling="both"))
        rss.append(psutil.Process(both.process.pid).memory_info().rss)
    settled = 2  # one round alone may stand lower: what is free is given back now and then
    assert max(rss[settled:]) / max(rss[:settled]) - 1 <= GROWTH, rss
