"""Random days at a picture: painted, accepted, undone, branched, reopened; every step shows what it showed."""

import hashlib
import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from studio.media.picture.document import PictureDoc, from_text, step_of
from studio.project.reader import Reader
from studio.project.records import ROOT
from studio.project.store import Store
from tests.project.painter import Painter

NAMES = st.sampled_from(["sky", "fox", "mask"])
STEPS = st.text("Brush on “”\n{}", max_size=70)


class Pictures(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "Days.atelier"
        self.store = Store.create(self.path)
        self.painter = Painter(self.store)
        self.shown: dict[str, PictureDoc] = {ROOT: PictureDoc()}
        self.takes = 0

    @rule(name=NAMES, data=st.binary(min_size=1, max_size=3), step=STEPS)
    def paints(self, name: str, data: bytes, step: str) -> None:
        asset = f"{hashlib.sha256(data).hexdigest()}.png"
        self.painter.paints(step, id=name, asset=asset, assets={asset: data})
        self.shown[self.painter.history.head] = self.painter.doc
        assert self.painter.doc.layer(name).asset == asset
        assert step_of(self.painter.history.text.text) == " ".join(step.split())

    @rule(name=NAMES, opacity=st.floats(0, 1), x=st.integers(-50, 50))
    def arranges(self, name: str, opacity: float, x: int) -> None:
        self.painter.paints("Move", "arranged", id=name, opacity=opacity, x=x)
        self.shown[self.painter.history.head] = self.painter.doc

    @precondition(lambda self: self.takes < 5)
    @rule()
    def accepts(self) -> None:
        self.takes += 1
        take = self.painter.gets(data=bytes([self.takes]))
        self.painter.accepts(take)
        self.shown[self.painter.history.head] = self.painter.doc
        assert self.painter.doc.layers[-1].take == take.id

    @rule()
    def undoes(self) -> None:
        if self.painter.history.can_undo:
            self.painter.undoes()

    @rule()
    def redoes(self) -> None:
        if (step := self.painter.history.redo()) is not None:
            self.store.move_head(self.painter.work.id, step[0])

    @rule(data=st.data())
    def branches(self, data: st.DataObject) -> None:
        target = data.draw(st.sampled_from(list(self.shown)))
        self.painter.history.goto(target)
        self.store.move_head(self.painter.work.id, target)

    @rule()
    def restarts(self) -> None:
        self.store.close()
        self.store = Store.open(self.path)
        self.painter.store = self.store
        self.painter.history = self.store.history(self.painter.work.id)

    @rule()
    def looks_from_the_window(self) -> None:
        with Reader(self.path) as reader:
            for revision, doc in self.shown.items():
                assert from_text(reader.text_at(revision).text) == doc
            assert reader.check() == ()
            assert len(reader.gallery()) == self.takes

    @invariant()
    def the_picture_is_the_one_of_its_step(self) -> None:
        assert self.painter.doc == self.shown[self.painter.history.head]

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


TestPictures = Pictures.TestCase
TestPictures.settings = settings(
    max_examples=20,
    stateful_step_count=20,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
