"""A person who writes in a project: the hands of the project's tests."""

from studio.core.ids import new_id, now_ms
from studio.core.jobs import TextJob
from studio.core.takes import Recipe, Take
from studio.media.spans import Runs, runs_of
from studio.project.history import History
from studio.project.records import Revision, Work
from studio.project.store import Store


class Person:
    """Writes in one work, telling the history and the store the same, as the window does."""

    def __init__(self, store: Store, work: Work) -> None:
        self.store = store
        self.work = work
        self.history: History = store.history(work.id)

    def revision(
        self, at: int, removed: int, text: str, *, take: str = "", runs: Runs | None = None
    ) -> Revision:
        return Revision(
            id=new_id(),
            work=self.work.id,
            parent=self.history.head,
            kind="accepted" if take else "typed",
            take=take,
            edit=self.history.text.edit(at, removed, text, runs),
            created_ms=now_ms(),
        )

    def types(self, text: str, at: int | None = None, removed: int = 0) -> Revision:
        revision = self.revision(len(self.history.text.text) if at is None else at, removed, text)
        self.history.add(revision)
        self.store.add_revision(revision)
        return revision

    def undoes(self) -> None:
        step = self.history.undo()
        assert step is not None
        self.store.move_head(self.work.id, step[0])

    def job(self, **changes: object) -> TextJob:
        return TextJob(id=new_id(), work=self.work.id, prompt="Once", model="m", seed=7).changed(**changes)

    def streams(self, *parts: str, job: TextJob | None = None) -> Take:
        job = job or self.job()
        take = Take(
            id=new_id(),
            job=job.id,
            work=self.work.id,
            parent=self.history.head,
            index=0,
            seed=7,
            status="streaming",
            recipe=Recipe(job=job, index=0),
            created_ms=now_ms(),
        )
        self.store.start_take(take)
        for part in parts:
            self.store.add_part(take.id, part)
        return take

    def gets(self, text: str) -> Take:
        take = self.streams(text)
        self.store.end_take(take.id, "done", text)
        return self.store.take(take.id)

    def accepts(self, take: Take) -> Revision:
        at = len(self.history.text.text)
        revision = self.revision(at, 0, take.text, take=take.id, runs=runs_of(take.text, take.id))
        self.history.add(revision)
        self.store.accept(take.id, revision)
        return revision
