"""Language and picture models on one shelf, and pictures through the real process."""

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.core.errors import StoppedError, StudioError
from studio.core.events import (
    Cancel,
    Failed,
    JobEnd,
    Loading,
    Look,
    Preview,
    Ready,
    Run,
    Started,
    TakeEnd,
)
from studio.core.pictures import ImageJob
from studio.worker import room
from studio.worker.image.runner import ImageRunner
from studio.worker.shelf import Shelf
from studio.worker.text.maker import TextRunner
from tests import tiny_models
from tests.tiny_pictures import make_pipeline
from tests.worker.conftest import never
from tests.worker.image.conftest import noise, png
from tests.worker.test_process import Child

SWITCH_S = 0.2


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.make_model(tmp_path_factory.mktemp("text") / "llama", "llama")


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pipeline(tmp_path_factory.mktemp("picture") / "sd1")


@pytest.fixture
def child() -> Iterator[Child]:
    worker = Child()
    yield worker
    worker.process.kill()
    worker.end()
    for pipe in (worker.process.stdin, worker.process.stdout, worker.process.stderr):
        assert pipe is not None
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


def job(model: Path, **changes: object) -> ImageJob:
    given = {"prompt": "a red fox", "seed": 3, "takes": 2, "steps": 2, "width": 64, "height": 64, "id": "job"}
    return ImageJob(model=str(model), **(given | changes))  # type: ignore[arg-type]


def test_both_kinds_stay_and_switching_back_is_quick(story: Path, picture: Path) -> None:
    heard: list[object] = []
    shelf = Shelf(heard.append)
    for _ in range(2):
        assert isinstance(shelf.runner(str(story), "", never), TextRunner)
        began = time.monotonic()
        assert isinstance(shelf.painter(str(picture), "", never), ImageRunner)
        switched_s = time.monotonic() - began
    assert switched_s < SWITCH_S
    ready = [event for event in heard if isinstance(event, Ready)]
    assert [event.family for event in ready] == ["llama", "sd1"] * 2  # which one is at work, each time
    loaded = [event.model for event in heard if isinstance(event, Loading) and event.done == 0]
    assert loaded == [str(story), str(picture)]
    assert (ready[1].device, ready[1].dtype, ready[1].model) == ("cpu", "float32", str(picture))
    assert shelf.desk(str(picture)) is None
    assert shelf.missing_kernels() == ""


def test_a_model_of_the_other_kind_is_told(story: Path, picture: Path) -> None:
    shelf = Shelf(lambda event: None)
    with pytest.raises(StudioError, match="cannot write"):
        shelf.runner(str(picture), "", never)
    with pytest.raises(StudioError, match="cannot draw"):
        shelf.painter(str(story), "", never)


def test_older_models_go_when_memory_is_short(
    story: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[object] = []
    shelf = Shelf(heard.append)
    shelf.runner(str(story), "", never)
    free = iter([0, 10**6])
    monkeypatch.setattr(room, "free_mib", lambda device: next(free))
    shelf.painter(str(picture), "", never)
    assert shelf.desk(str(story)) is None


def test_a_picture_model_larger_than_the_memory_is_refused(
    picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_SPARE_MIB", 10**9)
    with pytest.raises(StudioError, match="MiB are free"):
        Shelf(lambda event: None).painter(str(picture), "", never)


def test_a_load_can_be_cancelled_and_a_changed_model_is_read_again(picture: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(picture, tmp_path / "copied"))
    heard: list[object] = []
    shelf = Shelf(heard.append)
    asked = iter(range(100))
    with pytest.raises(StoppedError):
        shelf.painter(str(copied), "job", lambda: next(asked) > 3)
    for _ in range(2):
        shelf.painter(str(copied), "", never)
    assert len([event for event in heard if isinstance(event, Ready)]) == 1
    assert len([event for event in heard if isinstance(event, Loading)]) >= 2
    index = copied / "unet" / "config.json"
    index.write_text(index.read_text() + " ")
    shelf.painter(str(copied), "", never)
    assert len([event for event in heard if isinstance(event, Ready)]) == 2


def test_the_process_draws_pictures_and_sends_their_files(child: Child, picture: Path) -> None:
    files = {"init": png(noise(64, 64, 3))}
    child.tell(Run(job=job(picture, mode="image", init="init"), files=files))
    started = child.until(Started)
    assert len(started.made.model_sha256) == 64
    assert child.until(Preview).pictures[0].width == 32
    for index in range(2):
        end = child.until(TakeEnd)
        assert (end.index, end.status) == (index, "done")
        assert end.image is not None
        assert end.image.png.startswith(b"\x89PNG")
        assert end.image.thumb[8:12] == b"WEBP"
    assert child.until(JobEnd).status == "done"


def test_the_process_hears_a_cancel_and_goes_on(child: Child, picture: Path) -> None:
    child.tell(Run(job=job(picture, steps=150, width=256, height=256)))
    child.until(Preview)
    child.tell(Cancel(job="job"))
    assert child.until(TakeEnd).status == "stopped"
    assert child.until(JobEnd).status == "stopped"
    child.tell(Look(job=job(picture, id="look")))
    assert child.until(Failed).code == "no_look"
    child.tell(Run(job=job(picture, id="next")))
    assert child.until(JobEnd).status == "done"


def test_the_process_hears_a_cancel_while_a_model_is_loading_and_goes_on(child: Child, picture: Path) -> None:
    child.tell(Run(job=job(picture)))
    child.until(Loading)  # what draws has not been imported yet, nor one tensor read
    child.tell(Cancel(job="job"))
    came: list[object] = []
    end = child.until(object, lambda event: came.append(event) or isinstance(event, JobEnd | Failed))
    assert isinstance(end, JobEnd)
    assert (end.job, end.status) == ("job", "stopped")
    assert not [event for event in came if isinstance(event, Ready | Started | TakeEnd)]
    child.tell(Run(job=job(picture, id="next")))
    assert child.until(Ready).model == str(picture)
    assert child.until(JobEnd).status == "done"
