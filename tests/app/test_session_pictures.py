"""A picture in the window: shown at once, on disk with its files, the same after any way through its steps."""

import hashlib
import random
import subprocess
import sys
from collections.abc import Iterator

import pytest

from studio.app.session import Session
from studio.core.errors import StudioError
from studio.core.ids import new_id, now_ms
from studio.media.picture.document import Adjust, Layer, PictureDoc, from_text, step_of
from studio.project.assets import Assets
from studio.project.reader import Reader
from studio.project.records import RevisionKind, Work
from tests.engine.conftest import Bench


def layer(name: str, **more: object) -> Layer:
    values: dict[str, object] = {"id": name, "name": name.title(), "width": 64, "height": 48, **more}
    return Layer(**values)  # type: ignore[arg-type]


def named(data: bytes) -> str:
    return f"{hashlib.sha256(data).hexdigest()}.png"


class Easel:
    """A session on an engine, with one picture."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        work = Work(id=new_id(), kind="picture", title="Fox", created_ms=now_ms())
        bench.engine.write(lambda store: store.add_work(work)).result()
        self.work = work.id
        self.session = Session(bench.engine, bench.folder)
        self.failures: list[BaseException] = []
        self.told: list[tuple[str, str]] = []
        self.session.failed.connect(self.failures.append)
        self.session.text_changed.connect(lambda work, _edit, kind: self.told.append((work, kind)))

    @property
    def doc(self) -> PictureDoc:
        return self.session.open_picture(self.work)

    def puts(self, added: Layer, kind: RevisionKind = "painted", step: str = "Brush", **files: bytes):
        assets = {named(data): data for data in files.values()}
        return self.session.revise_picture(self.work, self.doc.with_layer(added), step, kind, assets)

    def on_disk(self) -> PictureDoc:
        with Reader(self.bench.folder) as reader:
            return from_text(reader.text_of(self.work).text)


@pytest.fixture
def at(engine_with, qtbot) -> Iterator[Easel]:
    easel = Easel(engine_with("good"))
    yield easel
    easel.session.close()


def test_a_new_picture_is_an_empty_canvas(at: Easel) -> None:
    assert at.doc == PictureDoc()


def test_a_step_is_there_at_once_and_on_disk_with_its_files(at: Easel, qtbot) -> None:
    data = b"strokes"
    future = at.puts(layer("mask", kind="mask", asset=named(data)), file=data)
    assert at.doc.layer("mask").asset == named(data)
    assert not at.session.saved
    future.result()
    with Reader(at.bench.folder) as reader:
        assert reader.asset(named(data)) == data and reader.check() == ()
        (node,) = reader.history(at.work).nodes()
        assert (node.kind, step_of(node.excerpt)) == ("painted", "Brush")
    assert at.on_disk() == at.doc
    assert at.told == [(at.work, "painted")]


def test_an_accepted_take_is_layer_step_and_verdict_in_one(at: Easel, qtbot) -> None:
    job = at.bench.picture(takes=1, work=at.work)
    at.bench.engine.submit(job)
    qtbot.waitUntil(lambda: at.bench.heard.ended(job.id))
    (take,) = at.session.reader.takes_of(at.work)
    data = b"cut out"
    doc = at.doc.with_layer(layer("take", asset=take.picture.asset, take=take.id))
    doc = doc.with_layer(layer("cut", asset=named(data)))
    at.session.accept_picture(at.work, take.id, doc, "Take 1", {named(data): data}).result()
    assert at.on_disk() == doc
    with Reader(at.bench.folder) as reader:
        (verdict,) = reader.verdicts(take.id)
        assert (verdict.kind, verdict.revision) == ("accepted", reader.head(at.work))
        assert reader.asset(named(data)) == data
        assert [row.verdict for row in reader.gallery()] == ["accepted"]
    node = at.session.history(at.work).nodes()[-1]
    assert (node.kind, node.take) == ("accepted", take.id)


def test_on_a_full_disk_files_and_step_wait_together_and_in_order(
    at: Easel, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Assets.put

    def full(assets: Assets, data: bytes, extension: str) -> str:
        raise StudioError("The disk is full.", code="full")

    monkeypatch.setattr(Assets, "put", full)
    at.session._retry.setInterval(10)
    at.puts(layer("mask", asset=named(b"1")), file=b"1")
    at.session.revise_picture(at.work, at.doc.with_layer(layer("mask", opacity=0.5)), "Fade", "adjusted")
    qtbot.waitUntil(lambda: at.session.jammed)
    assert at.on_disk() == PictureDoc()
    shown = at.doc
    monkeypatch.setattr(Assets, "put", put)
    qtbot.waitUntil(lambda: at.session.saved)
    assert at.on_disk() == shown
    with Reader(at.bench.folder) as reader:
        assert reader.asset(named(b"1")) == b"1"
        assert [node.kind for node in reader.history(at.work).nodes()] == ["painted", "adjusted"]


@pytest.mark.parametrize("kind", ["painted", "arranged", "adjusted", "cropped", "pasted"])
def test_a_lock_cannot_come_go_or_change_by_another_step(at: Easel, kind: RevisionKind) -> None:
    at.puts(layer("lock", kind="lock", asset=named(b"1")), "locked", "Lock", file=b"1").result()
    before = at.doc
    for doc in (
        before.with_layer(layer("lock", kind="lock", asset=named(b"2"))),
        before.with_layer(layer("lock", kind="lock")),
        before.with_layer(layer("lock", kind="mask", asset=named(b"1"))),
        before.with_layer(layer("other", kind="lock", asset=named(b"2"))),
        before.without("lock"),
    ):
        with pytest.raises(StudioError) as caught:
            at.session.revise_picture(at.work, doc, "Step", kind)
        assert caught.value.code == "locked" and caught.value.do
    with pytest.raises(StudioError):
        at.session.accept_picture(at.work, "t", before.without("lock"), "Take")
    assert at.doc == before and len(at.session.history(at.work).nodes()) == 1


def test_a_lock_may_be_hidden_and_moved_and_unlocked(at: Easel) -> None:
    at.puts(layer("lock", kind="lock", asset=named(b"1")), "locked", "Lock", file=b"1")
    at.puts(layer("lock", kind="lock", asset=named(b"1"), visible=False, x=5), "arranged", "Hide")
    at.puts(layer("lock", kind="lock"), "unlocked", "Unlock")
    at.session.revise_picture(at.work, at.doc.without("lock"), "Remove", "arranged").result()
    assert at.on_disk() == PictureDoc()


def test_undoing_past_a_lock_is_no_change_of_it(at: Easel) -> None:
    at.puts(layer("a"))
    at.puts(layer("lock", kind="lock", asset=named(b"1")), "locked", "Lock", file=b"1")
    assert at.session.step_back(at.work) is not None
    assert [layer.id for layer in at.doc.layers] == ["a"]
    assert at.session.step_on(at.work) is not None
    assert at.doc.layer("lock").asset == named(b"1")


def test_a_damaged_document_is_told_and_the_steps_before_it_are_there(at: Easel) -> None:
    at.puts(layer("a")).result()
    value = at.session.history(at.work).text
    at.session.revise(at.work, value.edit(len(value.text) - 3, 3, ""), "typed")
    with pytest.raises(StudioError) as caught:
        at.session.open_picture(at.work)
    assert caught.value.code == "damaged"
    at.session.step_back(at.work)
    assert at.doc.layer("a")


@pytest.mark.parametrize("seed", range(4))
def test_any_way_through_the_steps_shows_what_was_shown_there(at: Easel, qtbot, seed: int) -> None:
    """Whatever is painted, undone, done again or branched from: the picture is the one of that step."""
    chance, session = random.Random(seed), at.session
    shown: dict[str, PictureDoc] = {"": PictureDoc()}
    for number in range(60):
        history = session.history(at.work)
        match chance.choice(["paint", "paint", "adjust", "crop", "remove", "undo", "undo", "redo", "branch"]):
            case "paint":
                data = f"{seed} {number}".encode()
                doc = at.doc.with_layer(layer(chance.choice("abc"), asset=named(data)))
                session.revise_picture(at.work, doc, f"Brush {number}", "painted", {named(data): data})
                shown[history.head] = doc
            case "adjust":
                doc = at.doc.with_layer(
                    layer(chance.choice("abc"), adjust=Adjust(gamma=chance.uniform(0.5, 2)))
                )
                session.revise_picture(at.work, doc, "Levels", "adjusted")
                shown[history.head] = doc
            case "crop":
                doc = at.doc.changed(width=chance.randint(1, 2_000), height=chance.randint(1, 2_000))
                session.revise_picture(at.work, doc, "Crop", "cropped")
                shown[history.head] = doc
            case "remove" if at.doc.layers:
                doc = at.doc.without(chance.choice(at.doc.layers).id)
                session.revise_picture(at.work, doc, "Remove", "arranged")
                shown[history.head] = doc
            case "undo":
                session.step_back(at.work)
            case "redo":
                session.step_on(at.work)
            case "branch":
                session.branch(at.work, chance.choice(list(shown)))
        assert at.doc == shown[history.head]
    qtbot.waitUntil(lambda: session.saved)
    history = session.history(at.work)
    with Reader(at.bench.folder) as reader:
        assert reader.head(at.work) == history.head
        for revision, doc in shown.items():
            assert from_text(reader.text_at(revision).text) == doc
            assert from_text(history.text_at(revision).text) == doc
        assert reader.check() == ()


def test_the_window_of_a_writer_reads_no_picture_code() -> None:
    """The document's module comes with the first picture."""
    code = "import sys, studio.app.session; sys.exit('studio.media.picture.document' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
