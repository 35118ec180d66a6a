"""How far a job is, whatever the batches it is made in."""

import pytest

from studio.core.events import Delta, Preview, Small, Started
from studio.core.jobs import ImageJob, TextJob
from studio.core.takes import Drawn, Made
from studio.engine.progress import Progress


def picture(takes: int = 4, steps: int = 10) -> ImageJob:
    return ImageJob(id="j", prompt="a fox", model="m", seed=1, takes=takes, steps=steps)


def step(number: int, *takes: int, steps: int = 10) -> Preview:
    smalls = tuple(Small(index=take, width=1, height=1, rgb=b"abc") for take in takes)
    return Preview(job="j", step=number, steps=steps, pictures=smalls)


def began(*batches: int) -> Started:
    drawn = Drawn(scheduler="S", batches=batches)
    made = Made(model_sha256="", family="", device="cpu", dtype="", threads=1, drawn=drawn)
    return Started(job="j", made=made, seeds=(1, 2, 3, 4))


def test_a_text_is_as_far_as_its_tokens() -> None:
    progress = Progress(TextJob(id="j", prompt="", model="m", seed=1, takes=2, tokens=8))
    progress.streamed(Delta(job="j", pieces=(), step=2))
    assert (progress.done, progress.step, progress.steps) == (0.25, 2, 8)


def test_one_batch_is_as_far_as_its_steps() -> None:
    progress = Progress(picture())
    progress.drawn(step(5, 0, 1, 2, 3))
    assert (progress.done, progress.step, progress.steps) == (0.5, 5, 10)


def test_of_two_batches_the_first_is_half_and_done_never_falls() -> None:
    progress = Progress(picture())
    seen = []
    for takes in ((0, 1), (2, 3)):
        for number in (1, 5, 10):
            progress.drawn(step(number, *takes))
            seen.append(progress.done)
        for _ in takes:
            progress.ended()
            seen.append(progress.done)
    assert seen == sorted(seen) and seen[-1] == 1.0
    assert seen[:3] == [0.05, 0.25, 0.5]
    assert progress.step == 10


def test_steps_without_pictures_count_for_the_batch_that_is_known() -> None:
    progress = Progress(picture())
    progress.drawn(step(1, 0, 1))
    progress.drawn(step(6))
    assert progress.done == pytest.approx(0.3)


def test_with_previews_off_the_plan_tells_the_batch() -> None:
    progress = Progress(picture())
    progress.started(began(1, 3))
    progress.drawn(step(10))
    assert progress.done == 0.25
    progress.ended()
    progress.drawn(step(5))
    assert progress.done == pytest.approx(0.25 + 0.75 / 2)


def test_a_plan_of_several_batches_is_followed() -> None:
    progress = Progress(picture())
    progress.started(began(1, 2, 1))
    progress.drawn(step(10))
    progress.ended()
    progress.drawn(step(10))
    assert progress.done == 0.75


def test_without_a_plan_done_may_run_ahead_and_then_waits() -> None:
    progress = Progress(picture())
    progress.drawn(step(10))
    assert progress.done == 1.0
    progress.ended()
    progress.drawn(step(1))
    assert progress.done == 1.0


def test_tiles_make_more_steps_than_the_job_says() -> None:
    progress = Progress(picture(takes=1))
    progress.drawn(step(20, 0, steps=40))
    assert (progress.done, progress.step, progress.steps) == (0.5, 20, 40)


def test_the_rate_is_of_all_takes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter((100.0, 102.0))
    monkeypatch.setattr("studio.engine.progress.time.monotonic", lambda: next(clock))
    progress = Progress(picture())
    progress.drawn(step(1, 0, 1, 2, 3))
    assert progress.rate == 0.0
    progress.drawn(step(6, 0, 1, 2, 3))
    assert progress.rate == 10.0
