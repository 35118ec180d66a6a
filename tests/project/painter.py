"""A person who makes pictures in a project: the hands of the tests of pictures."""

from collections.abc import Mapping

from studio.core.ids import new_id, now_ms
from studio.core.jobs import ImageJob
from studio.core.takes import Picture, Recipe, Take
from studio.media.picture.document import Layer, PictureDoc, from_text, revision
from studio.project.history import History
from studio.project.records import Revision, RevisionKind, Work
from studio.project.store import Store


class Painter:
    """Works at one picture, telling the history and the store the same, as the window does."""

    def __init__(self, store: Store, title: str = "Fox", parent: str = "") -> None:
        self.store = store
        work = Work(id=new_id(), kind="picture", title=title, parent=parent, created_ms=now_ms())
        self.work = store.add_work(work)
        self.history: History = store.history(work.id)

    @property
    def doc(self) -> PictureDoc:
        return from_text(self.history.text.text)

    def job(self, **changes: object) -> ImageJob:
        values = {"id": new_id(), "work": self.work.id, "parent": self.history.head}
        return ImageJob(prompt="a red fox", model="/models/m", seed=7, **values).changed(**changes)

    def begins(self, job: ImageJob | None = None, index: int = 0) -> Take:
        job = job or self.job()
        take = Take(
            id=new_id(),
            job=job.id,
            work=self.work.id,
            parent=self.history.head,
            index=index,
            seed=job.seed + index,
            status="streaming",
            recipe=Recipe(job=job, index=index),
            created_ms=now_ms(),
        )
        self.store.start_take(take)
        return take

    def gets(self, job: ImageJob | None = None, data: bytes = b"png", index: int = 0) -> Take:
        """A finished take."""
        take = self.begins(job, index)
        with self.store.batch():
            asset = self.store.put_asset(data, "png")
            self.store.end_take(
                take.id,
                "done",
                "",
                picture=Picture(asset=asset, width=64, height=48),
                thumb=b"thumb of " + data,
            )
        return self.store.take(take.id)

    def step(self, doc: PictureDoc, step: str, kind: RevisionKind = "painted", take: str = "") -> Revision:
        grown = Revision(
            id=new_id(),
            work=self.work.id,
            parent=self.history.head,
            kind=kind,
            take=take,
            edit=revision(self.history.text, doc, step, take),
            created_ms=now_ms(),
        )
        self.history.add(grown)
        return grown

    def paints(
        self,
        step: str = "Brush on “Mask”",
        kind: RevisionKind = "painted",
        assets: Mapping[str, bytes] | None = None,
        **layer: object,
    ) -> Revision:
        """One layer more, or another state of it."""
        values: dict[str, object] = {"id": "mask", "name": "Mask", "width": 64, "height": 48, **layer}
        grown = self.step(self.doc.with_layer(Layer(**values)), step, kind)  # type: ignore[arg-type]
        with self.store.batch():
            self.store.put_assets(assets or {})
            self.store.add_revision(grown)
        return grown

    def accepts(self, take: Take) -> Revision:
        assert take.picture is not None
        layer = Layer(id=new_id(), name="Take", asset=take.picture.asset, width=64, height=48, take=take.id)
        grown = self.step(self.doc.with_layer(layer), f"Take {take.index + 1}", "accepted", take.id)
        self.store.accept(take.id, grown)
        return grown

    def undoes(self) -> None:
        step = self.history.undo()
        assert step is not None
        self.store.move_head(self.work.id, step[0])
