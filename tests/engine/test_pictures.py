"""Image jobs in the engine: recorded, previewed, stopped, failed and brought back like texts."""

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, Qt

from studio.core.endpoint import SCHEME
from studio.core.errors import StudioError
from studio.core.events import Small
from studio.core.jobs import ImageJob
from studio.core.pictures import Inpaint
from studio.core.takes import Picture, Take
from studio.engine.latest import LatestPreview
from studio.engine.views import Held, JobView, Limits, PreviewView
from studio.project.reader import Reader
from tests.engine.conftest import Bench
from tests.engine.fake_pictures import MANY, colour, png
from tests.full_disk import FullDisk

Start = Callable[..., Bench]


def made(bench: Bench, qtbot, job: ImageJob) -> list[Take]:
    """Submit, wait, and read what is on disk."""
    bench.engine.submit(job)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    return takes_of(bench, job)


def takes_of(bench: Bench, job: ImageJob) -> list[Take]:
    with Reader(bench.folder) as reader:
        return reader.takes_of_job(job.id)


def put(bench: Bench, *data: bytes) -> list[str]:
    return [bench.engine.write(lambda store, d=d: store.put_asset(d, "png")).result() for d in data]


def stands_at(bench: Bench, qtbot, step: int) -> None:
    """Wait until the window has seen this step."""
    qtbot.waitUntil(lambda: [preview.step for preview in bench.heard.previews][-1:] == [step])


def views(bench: Bench, job: ImageJob) -> list[JobView]:
    return [view for view in bench.heard.jobs if view.job.id == job.id]


def test_pictures_are_on_disk_with_recipe_and_thumbnail_when_they_are_told(engine_with: Start, qtbot) -> None:
    bench = engine_with("good")
    job = bench.picture()
    on_disk: list[bytes] = []

    def look(take: Take) -> None:
        with Reader(bench.folder) as reader:
            on_disk.append(reader.asset(take.picture.asset) + reader.thumb(take.id))

    bench.engine.take_ended.connect(look)
    takes = made(bench, qtbot, job)
    assert bench.heard.states(job.id) == ["waiting", "running", "done"]
    files = [png(16, 16, *colour(job, i, {})) + png(8, 8, *colour(job, i, {})) for i in range(4)]
    assert on_disk == files
    assert [(take.index, take.seed, take.status) for take in takes] == [(i, 1 + i, "done") for i in range(4)]
    assert all(take.picture == Picture(asset=take.picture.asset, width=16, height=16) for take in takes)
    assert {take.picture for take in takes} == {take.picture for take in bench.heard.takes.values()}
    assert takes[0].recipe.job == job


def test_how_a_take_was_drawn_is_kept_where_only_its_end_tells(engine_with: Start, qtbot) -> None:
    bench = engine_with("good")
    takes = made(bench, qtbot, bench.picture())
    assert [take.recipe.made.drawn.batches for take in takes] == [(4,)] * 4
    told = list(bench.heard.takes.values())
    assert [take.recipe.made.drawn.batches for take in told] == [(4,)] * 4


def test_previews_name_takes_and_the_queue_counts_steps(engine_with: Start, qtbot) -> None:
    bench = engine_with("slow")
    job = bench.picture()
    bench.engine.submit(job)
    stands_at(bench, qtbot, 3)
    preview = bench.heard.previews[-1]
    takes = {take.index: take_id for take_id, take in bench.heard.takes.items()}
    smalls = tuple((takes[i], Small(index=i, width=1, height=1, rgb=bytes((i, 3, 0)))) for i in range(4))
    assert (preview.job, preview.steps, preview.pictures) == (job.id, 5, smalls)
    bench.engine.cancel(job.id)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    last = views(bench, job)[-1]
    assert (last.step, last.steps, last.done, last.state) == (3, 5, 0.6, "stopped")
    assert last.rate > 0


def test_a_slow_window_is_shown_the_latest_preview_only(engine_with: Start, qtbot) -> None:
    bench = engine_with("many")
    job = bench.picture(takes=1)
    bench.engine.submit(job)
    ended = threading.Event()
    while bench.engine.write(lambda store: store.queue_item(job.id).state).result() != "done":
        ended.wait(0.02)  # the window does nothing meanwhile
    assert not bench.heard.previews
    QCoreApplication.processEvents()
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    (preview,) = bench.heard.previews
    assert preview.step == 5 and MANY > 1


def test_the_place_of_a_preview_tells_once_until_it_is_emptied() -> None:
    place = LatestPreview()
    small = Small(index=0, width=1, height=1, rgb=b"abc")
    assert place.take() is None
    assert place.put(PreviewView(job="a", step=1, steps=3, pictures=(("t", small),)))
    assert not place.put(PreviewView(job="a", step=2, steps=3))
    assert place.take() == PreviewView(job="a", step=2, steps=3, pictures=(("t", small),))
    assert place.take() is None
    assert place.put(PreviewView(job="a", step=3, steps=3, pictures=(("t", small),)))
    assert not place.put(PreviewView(job="b", step=1, steps=3))
    assert place.take() == PreviewView(job="b", step=1, steps=3)


def test_what_the_worker_says_meanwhile_is_told(engine_with: Start, qtbot) -> None:
    bench = engine_with("short")
    job = bench.picture()
    takes = made(bench, qtbot, job)
    assert [(told.job, told.code) for told in bench.heard.told] == [(job.id, "smaller_batch")]
    assert [take.status for take in takes] == ["done"] * 4
    done = [view.done for view in views(bench, job) if view.state == "running"]
    assert done == sorted(done)


def test_the_files_a_job_names_go_to_the_worker(engine_with: Start, qtbot) -> None:
    bench = engine_with("good")
    init, mask = png(16, 16, 9, 9, 9), png(16, 16, 255, 255, 255)
    names = put(bench, init, mask)
    job = bench.picture(takes=1, mode="inpaint", init=names[0], inpaint=Inpaint(mask=names[1]))
    (take,) = made(bench, qtbot, job)
    with Reader(bench.folder) as reader:
        drawn = reader.asset(take.picture.asset)
    assert drawn == png(16, 16, *colour(job, 0, {names[0]: init, names[1]: mask}))


@pytest.mark.parametrize("harm", ["lost", "damaged", "stranger"])
def test_a_file_that_is_not_there_fails_its_job_and_the_queue_goes_on(
    engine_with: Start, qtbot, harm: str
) -> None:
    bench = engine_with("good")
    (name,) = put(bench, png(16, 16, 1, 2, 3))
    path = bench.folder / "assets" / name[:2] / name
    if harm == "lost":
        path.unlink()
    elif harm == "damaged":
        path.write_bytes(b"other")
    else:
        name = "no name of a file"
    broken, after = bench.picture(mode="image", init=name), bench.picture()
    bench.engine.submit(broken)
    bench.engine.submit(after)
    qtbot.waitUntil(lambda: bench.heard.ended(after.id))
    assert bench.heard.states(broken.id) == ["waiting", "running", "failed"]
    assert bench.heard.states(after.id)[-1] == "done"
    (problem,) = bench.heard.problems
    assert problem.job == broken.id and "is not there" in problem.what and problem.do
    assert takes_of(bench, broken) == []
    with Reader(bench.folder) as reader:
        item = reader.queue_item(broken.id)
        assert (item.state, item.what, item.do) == ("failed", problem.what, problem.do)


def test_what_waits_behind_a_job_that_cannot_be_handed_over_begins_by_itself(
    engine_with: Start, qtbot
) -> None:
    bench = engine_with("slow")
    running, broken, after = bench.picture(), bench.picture(mode="image", init="no file"), bench.picture()
    for job in (running, broken, after):
        bench.engine.submit(job)
    stands_at(bench, qtbot, 3)
    bench.engine.cancel(running.id)
    qtbot.waitUntil(lambda: bench.heard.states(after.id)[-1:] == ["running"])
    assert bench.heard.states(broken.id)[-1] == "failed"
    bench.engine.cancel(after.id)
    qtbot.waitUntil(lambda: bench.heard.ended(after.id))


def test_a_job_whose_file_came_back_can_be_retried(engine_with: Start, qtbot) -> None:
    bench = engine_with("good")
    data = png(16, 16, 1, 2, 3)
    (name,) = put(bench, data)
    path = bench.folder / "assets" / name[:2] / name
    path.unlink()
    job = bench.picture(takes=1, mode="image", init=name)
    assert made(bench, qtbot, job) == []
    put(bench, data)
    bench.engine.retry(job.id)
    qtbot.waitUntil(lambda: bench.heard.states(job.id)[-1] == "done")
    assert len(takes_of(bench, job)) == 1


def test_a_crash_in_the_middle_keeps_what_was_finished(engine_with: Start, qtbot) -> None:
    bench = engine_with("crash")
    job = bench.picture(takes=3)
    takes = made(bench, qtbot, job)
    assert [(take.status, take.picture is not None) for take in takes] == [
        ("done", True),
        ("failed", False),
        ("failed", False),
    ]
    assert "exit code 9" in takes[1].error
    qtbot.waitUntil(lambda: bool(bench.heard.problems))
    assert "finished are kept" in bench.heard.problems[0].kept
    bench.engine.retry(job.id)
    qtbot.waitUntil(lambda: bench.heard.states(job.id).count("failed") == 2)
    assert len(takes_of(bench, job)) == 6


@pytest.mark.parametrize("mode", ["deaf", "loading", "decoding"])
def test_a_stop_that_is_not_heard_is_enforced_wherever_the_worker_is(
    engine_with: Start, qtbot, mode: str
) -> None:
    bench = engine_with(mode, Limits(cancel_kill_ms=200))
    job = bench.picture()
    bench.engine.submit(job)
    if mode == "loading":
        qtbot.waitUntil(lambda: [view.phase for view in bench.heard.worker][-1:] == ["loading"])
    else:
        stands_at(bench, qtbot, 3 if mode == "deaf" else 5)
    deaf = bench.engine.worker_pid()
    bench.engine.cancel(job.id)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    assert bench.heard.states(job.id)[-2:] == ["stopping", "stopped"]
    assert not bench.heard.problems
    assert {(take.status, take.picture) for take in takes_of(bench, job)} <= {("stopped", None)}
    qtbot.waitUntil(lambda: bench.engine.worker_pid() not in (None, deaf))


def test_a_stopped_take_keeps_its_last_preview_and_says_that_it_is_one(engine_with: Start, qtbot) -> None:
    bench = engine_with("slow")
    job = bench.picture(takes=2)
    bench.engine.submit(job)
    stands_at(bench, qtbot, 3)
    bench.engine.cancel(job.id)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    first, second = takes_of(bench, job)
    assert first.status == second.status == "stopped"
    assert first.picture is not None and first.picture.preview
    assert second.picture is None


def test_waiting_pictures_survive_a_restart(engine_with: Start, qtbot) -> None:
    bench = engine_with("slow")
    (name,) = put(bench, png(16, 16, 4, 5, 6))
    running, waiting = bench.picture(), bench.picture(mode="image", init=name)
    bench.engine.submit(running)
    bench.engine.submit(waiting).result()
    stands_at(bench, qtbot, 3)
    assert bench.engine.stop()
    again = engine_with("good", folder=bench.folder)
    qtbot.waitUntil(lambda: again.heard.ended(waiting.id))
    assert [take.status for take in takes_of(again, waiting)] == ["done"] * 4
    assert {(take.status, take.picture) for take in takes_of(again, running)} == {("stopped", None)}


def test_texts_and_pictures_share_one_queue(engine_with: Start, qtbot) -> None:
    bench = engine_with("good")
    jobs = [bench.picture(), bench.job(), bench.picture(seed=9)]
    for job in jobs:
        bench.engine.submit(job)
    qtbot.waitUntil(lambda: all(bench.heard.ended(job.id) for job in jobs))
    assert [bench.heard.states(job.id)[-1] for job in jobs] == ["done"] * 3
    running = [view.job.id for view in bench.heard.jobs if view.state == "done"]
    assert running == [job.id for job in jobs]


def test_an_endpoint_refuses_a_picture_in_clear_words(engine_with: Start, qtbot) -> None:
    bench = engine_with("good")
    job = bench.picture(model=SCHEME + "somewhere")
    after = bench.picture()
    bench.engine.submit(job)
    bench.engine.submit(after)
    qtbot.waitUntil(lambda: bench.heard.ended(after.id))
    assert bench.heard.states(job.id)[-1] == "failed" and bench.heard.states(after.id)[-1] == "done"
    assert "cannot draw" in bench.heard.problems[0].what


# -- the disk is full at the moment a take ends ------------------------------------------------------


def fills_when_takes_begin(bench: Bench, patch: pytest.MonkeyPatch) -> FullDisk:
    disk = FullDisk(bench.engine, patch)
    bench.engine.take_started.connect(disk.fill, Qt.ConnectionType.DirectConnection)
    return disk


def test_takes_that_end_on_a_full_disk_are_kept_and_written_when_there_is_room(
    engine_with: Start, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = engine_with("good")
    disk = fills_when_takes_begin(bench, monkeypatch)
    held: list[Held] = []
    bench.engine.held.connect(held.append)
    job = bench.picture(takes=3)
    on_disk = made(bench, qtbot, job)
    assert bench.heard.states(job.id)[-1] == "done", "nothing was lost, so the job is well"
    assert [take.picture for take in on_disk] == [None] * 3
    shown = sorted(bench.heard.takes.values(), key=lambda take: take.index)
    assert [take.status for take in shown] == ["done"] * 3
    for index, take in enumerate(shown):
        assert take.picture is not None
        kept = next(one for one in held if one.take == take)
        assert kept.files == {take.picture.asset: png(16, 16, *colour(job, index, {}))}
    (problem,) = bench.heard.problems
    assert "full" in problem.what and "kept in memory" in problem.kept and "Free some space" in problem.do
    with pytest.raises(StudioError, match="full"):
        bench.engine.keep(lambda _store: None).result()
    disk.has_room()
    bench.engine.keep(lambda _store: None).result()
    assert takes_of(bench, job) == shown
    with Reader(bench.folder) as reader:
        assert reader.check() == () and reader.queue_item(job.id).state == "done"
        assert all(reader.thumb(take.id) for take in shown)


def test_the_next_job_waits_for_room_and_begins_by_itself(
    engine_with: Start, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = engine_with("slow")
    disk = fills_when_takes_begin(bench, monkeypatch)
    first, second = bench.picture(takes=1), bench.picture(takes=1)
    bench.engine.submit(first)
    bench.engine.submit(second)
    stands_at(bench, qtbot, 3)
    bench.engine.cancel(first.id)
    qtbot.waitUntil(lambda: bench.heard.ended(first.id))
    assert bench.heard.states(second.id) == ["waiting"]
    assert len(bench.heard.problems) == 1, "told once"
    disk.has_room()
    bench.engine.keep(lambda _store: None).result()
    qtbot.waitUntil(lambda: bench.heard.states(second.id)[-1] == "running")
    assert takes_of(bench, first)[0].picture is not None
    bench.engine.cancel(second.id)
    qtbot.waitUntil(lambda: bench.heard.ended(second.id))


def test_what_streams_while_the_disk_is_full_is_written_with_the_takes_end(
    engine_with: Start, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = engine_with("good", Limits(part_flush_ms=0))
    disk = fills_when_takes_begin(bench, monkeypatch)
    job = bench.job(takes=2)
    bench.engine.submit(job)
    qtbot.waitUntil(lambda: bench.heard.ended(job.id))
    assert bench.heard.states(job.id)[-1] == "done"
    shown = sorted(bench.heard.takes.values(), key=lambda take: take.index)
    assert all(take.text for take in shown)
    disk.has_room()
    bench.engine.keep(lambda _store: None).result()
    with Reader(bench.folder) as reader:
        assert [take.text for take in reader.takes_of_job(job.id)] == [take.text for take in shown]
