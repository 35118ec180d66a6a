"""The tree of revisions by itself: no disk, edits fetched only when needed."""

from collections.abc import Sequence

import pytest

from studio.media.spans import Edit, SpanText, moved
from studio.project.history import History
from studio.project.records import ROOT, Node, Revision


class Shelf:
    """A source that counts what it was asked for."""

    def __init__(self) -> None:
        self.revisions: dict[str, Revision] = {}
        self.asked: list[str] = []

    def edits(self, ids: Sequence[str]) -> dict[str, Edit]:
        self.asked += ids
        return {id_: self.revisions[id_].edit for id_ in ids}

    def text_at(self, revision_id: str) -> SpanText:
        if revision_id == ROOT:
            return SpanText()
        revision = self.revisions[revision_id]
        return self.text_at(revision.parent).apply(revision.edit)


def grow(history: History, shelf: Shelf, id_: str, text: str) -> Revision:
    edit = history.text.edit(len(history.text.text), 0, text)
    revision = Revision(id=id_, work="w", parent=history.head, kind="typed", edit=edit, created_ms=0)
    history.add(revision)
    shelf.revisions[id_] = revision
    return revision


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def tree(shelf: Shelf) -> History:
    """ROOT - a - b - c, and from a also x; the head is x."""
    history = History("w", [], [], shelf)
    for id_ in "abc":
        grow(history, shelf, id_, id_)
    history.goto("a")
    grow(history, shelf, "x", "x")
    return history


def test_a_branch_leaves_the_other_branch_as_it_was(tree: History) -> None:
    assert (tree.text.text, tree.children("a")) == ("ax", ("b", "x"))
    assert tree.text_at("c").text == "abc"
    assert (tree.head, tree.text.text) == ("x", "ax")


def test_goto_tells_the_edits_that_lead_there(tree: History) -> None:
    edits = tree.goto("c")
    assert [(edit.removed, edit.inserted) for edit in edits] == [("x", ""), ("", "b"), ("", "c")]
    assert moved(2, edits) == 3
    assert tree.goto("c") == ()


def test_redo_follows_the_branch_last_stood_on(tree: History) -> None:
    tree.goto("a")
    assert tree.redo_child("a") == "x"
    tree.goto("c")
    tree.goto(ROOT)
    steps = [tree.redo() for _ in range(4)]
    assert [step and step[0] for step in steps] == ["a", "b", "c", None]
    tree.goto("a")
    grown = Revision(id="y", work="w", parent="a", kind="typed", edit=tree.text.edit(1, 0, "y"), created_ms=0)
    tree.add(grown)
    assert tree.undo() == ("a", grown.edit.inverse())
    assert tree.redo() == ("y", grown.edit)


def test_redo_after_a_restart_follows_the_log_of_heads(tree: History, shelf: Shelf) -> None:
    heads = ["a", "b", "c", "a", "x", "c", ROOT]
    again = History("w", tree.nodes(), heads, shelf)
    assert [again.redo_child(id_) for id_ in (ROOT, "a", "b", "c", "x")] == ["a", "b", "c", None, None]
    assert (again.head, again.text) == (ROOT, SpanText())


def test_only_the_edits_on_the_way_are_fetched_and_only_once(tree: History, shelf: Shelf) -> None:
    again = History("w", tree.nodes(), ["c"], shelf)
    assert shelf.asked == []
    again.undo()
    again.redo()
    assert shelf.asked == ["c"]


def test_a_far_place_is_reached_by_the_stored_text(shelf: Shelf) -> None:
    history = History("w", [], [], shelf)
    for n in range(1_000):
        grow(history, shelf, f"r{n}", f"{n} ")
    assert history.text_at("r2").text == "0 1 2 "
    assert len(history.goto("r2")) == 997
    assert history.text.text == "0 1 2 "
    history.goto("r999")
    assert history.text.text == "".join(f"{n} " for n in range(1_000))


def test_what_does_not_grow_from_the_head_is_refused(tree: History) -> None:
    stray = Revision(id="z", work="w", parent="c", kind="typed", edit=Edit(at=0), created_ms=0)
    with pytest.raises(ValueError, match="does not grow"):
        tree.add(stray)
    again = Revision(id="x", work="w", parent="x", kind="typed", edit=Edit(at=0), created_ms=0)
    with pytest.raises(KeyError):
        tree.add(again)
    with pytest.raises(KeyError):
        tree.goto("nowhere")
    assert (tree.head, tree.text.text) == ("x", "ax")


def test_a_node_says_what_its_revision_did(tree: History) -> None:
    revision = Revision(
        id="n",
        work="w",
        parent="x",
        kind="replaced",
        take="t",
        edit=tree.text.edit(0, 2, "y" * 99),
        created_ms=5,
    )
    assert Node.of(revision) == Node(
        id="n",
        parent="x",
        kind="replaced",
        take="t",
        created_ms=5,
        inserted=99,
        removed=2,
        excerpt="y" * 60,
    )
