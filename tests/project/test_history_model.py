"""Random days of writing, undoing, branching and restarting, held against a plain model."""

import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from studio.core.ids import new_id, now_ms
from studio.media.spans import SpanText, moved, runs_of
from studio.project.reader import Reader
from studio.project.records import ROOT, Revision, Work
from studio.project.store import Store

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
Letters = tuple[tuple[str, str], ...]  # (character, author)


def letters(text: SpanText) -> Letters:
    authors = [run.author for run in text.runs for _ in range(run.length)]
    return tuple(zip(text.text, authors, strict=True))


class Days(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "Days.atelier"
        self.store = Store.create(self.path)
        self.work = self.store.add_work(Work(id=new_id(), kind="scene", title="", created_ms=now_ms()))
        self.history = self.store.history(self.work.id)
        self.parents: dict[str, str] = {}
        self.texts: dict[str, Letters] = {ROOT: ()}
        self.heads = [ROOT]

    @rule(data=st.data(), text=TEXT, author=st.sampled_from(["", "", "t1", "t2"]))
    def writes(self, data: st.DataObject, text: str, author: str) -> None:
        before = self.texts[self.heads[-1]]
        at = data.draw(st.integers(0, len(before)))
        removed = data.draw(st.integers(0, len(before) - at))
        revision = Revision(
            id=new_id(),
            work=self.work.id,
            parent=self.heads[-1],
            kind="typed",
            edit=self.history.text.edit(at, removed, text, runs_of(text, author)),
            created_ms=now_ms(),
        )
        self.history.add(revision)
        self.store.add_revision(revision)
        self.parents[revision.id] = self.heads[-1]
        self.texts[revision.id] = (*before[:at], *((c, author) for c in text), *before[at + removed :])
        self.heads.append(revision.id)

    @rule()
    def undoes(self) -> None:
        head, shown = self.heads[-1], self.history.text
        step = self.history.undo()
        if head == ROOT:
            assert step is None
            return
        assert step is not None and step[0] == self.parents[head]
        assert shown.apply(step[1]) == self.history.text
        self.stands_at(step[0])

    @rule()
    def redoes(self) -> None:
        expected, shown = self.child_last_stood_on(self.heads[-1]), self.history.text
        step = self.history.redo()
        if expected is None:
            assert step is None
            return
        assert step is not None and step[0] == expected
        assert shown.apply(step[1]) == self.history.text
        self.stands_at(expected)

    @rule(data=st.data())
    def branches(self, data: st.DataObject) -> None:
        target = data.draw(st.sampled_from([ROOT, *self.parents]))
        shown = self.history.text
        assert letters(self.history.text_at(target)) == self.texts[target]
        edits = self.history.goto(target)
        for edit in edits:
            shown = shown.apply(edit)
        assert shown == self.history.text
        assert 0 <= moved(0, edits) <= len(shown.text)
        self.stands_at(target)

    @rule()
    def restarts(self) -> None:
        self.store.close()
        self.store = Store.open(self.path)
        self.history = self.store.history(self.work.id)

    @precondition(lambda self: self.parents)
    @rule(data=st.data())
    def looks_from_the_window(self, data: st.DataObject) -> None:
        target = data.draw(st.sampled_from(list(self.parents)))
        with Reader(self.path) as reader:
            assert letters(reader.text_at(target)) == self.texts[target]
            assert reader.head(self.work.id) == self.heads[-1]
            assert [node.id for node in reader.history(self.work.id).nodes()] == list(self.parents)

    @invariant()
    def head_and_text_are_the_models(self) -> None:
        assert self.history.head == self.heads[-1]
        assert letters(self.history.text) == self.texts[self.heads[-1]]

    @invariant()
    def every_redo_goes_where_the_person_last_stood(self) -> None:
        for id_ in self.texts:
            assert self.history.redo_child(id_) == self.child_last_stood_on(id_)

    def stands_at(self, revision_id: str) -> None:
        self.store.move_head(self.work.id, revision_id)
        self.heads.append(revision_id)

    def child_last_stood_on(self, revision_id: str) -> str | None:
        for head in reversed(self.heads):
            while head != ROOT:
                if self.parents[head] == revision_id:
                    return head
                head = self.parents[head]
        return None

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


TestDays = Days.TestCase
TestDays.settings = settings(
    max_examples=30,
    stateful_step_count=30,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
