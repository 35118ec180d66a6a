"""The tree of a work's revisions and where in it the person stands; pure logic, nothing here writes."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from studio.media.spans import Edit, SpanText
from studio.project.records import ROOT, Node, Revision

_FAR = 300  # edits; to a place further off than this the stored snapshots are the shorter way


class Source(Protocol):
    """Where a history fetches what it does not hold: stored revisions, by id."""

    def edits(self, ids: Sequence[str]) -> dict[str, Edit]:
        """The edits of these revisions."""
        ...

    def text_at(self, revision_id: str) -> SpanText:
        """The text at a stored revision."""
        ...


class History:
    """Undo, redo and branches over an append-only tree.

    `nodes` come parents first, `heads` is every place the head ever stood, oldest first: the last one
    is the head, the others say which child a redo goes to.
    """

    def __init__(self, work: str, nodes: Iterable[Node], heads: Sequence[str], source: Source) -> None:
        self.work = work
        self._source = source
        self._nodes: dict[str, Node] = {}
        self._children: dict[str, list[str]] = {ROOT: []}
        self._depth = {ROOT: 0}
        self._edits: dict[str, Edit] = {}
        self._added: set[str] = set()
        for node in nodes:
            self._place(node)
        self._head = heads[-1] if heads else ROOT
        self._latest = self._latest_children(heads)
        self._text = source.text_at(self._head) if self._head else SpanText()

    @property
    def head(self) -> str:
        """The revision the work stands at; ROOT for the empty text before the first."""
        return self._head

    @property
    def text(self) -> SpanText:
        """The text at the head."""
        return self._text

    @property
    def can_undo(self) -> bool:
        """Whether there is a parent to go back to."""
        return self._head != ROOT

    @property
    def can_redo(self) -> bool:
        """Whether there is a child to go on to."""
        return bool(self._children[self._head])

    def __contains__(self, revision_id: str) -> bool:
        return revision_id in self._depth

    def node(self, revision_id: str) -> Node:
        """One node. Raises KeyError for a stranger (ROOT has no node)."""
        return self._nodes[revision_id]

    def nodes(self) -> tuple[Node, ...]:
        """All nodes, oldest first."""
        return tuple(self._nodes.values())

    def children(self, revision_id: str) -> tuple[str, ...]:
        """What grew from a revision, oldest first."""
        return tuple(self._children[revision_id])

    def add(self, revision: Revision) -> None:
        """Grow the tree at the head and stand on the new revision.

        Raises ValueError when it does not grow from the head or its edit does not fit, KeyError when known.
        """
        if revision.work != self.work or revision.parent != self._head:
            raise ValueError(f"revision {revision.id} does not grow from the head")
        text = self._text.apply(revision.edit)
        self._place(Node.of(revision))
        self._edits[revision.id] = revision.edit
        self._added.add(revision.id)
        self._latest[self._head] = revision.id
        self._head, self._text = revision.id, text

    def undo(self) -> tuple[str, Edit] | None:
        """Step back: the new head and the edit that brings the shown text there; None at the root."""
        if not self.can_undo:
            return None
        (edit,) = self.goto(self._nodes[self._head].parent)
        return self._head, edit

    def redo(self) -> tuple[str, Edit] | None:
        """Step on to the child most recently stood on (else the newest); None at a leaf."""
        child = self.redo_child(self._head)
        if child is None:
            return None
        (edit,) = self.goto(child)
        return self._head, edit

    def redo_child(self, revision_id: str) -> str | None:
        """Where a redo from a revision goes; None at a leaf."""
        children = self._children[revision_id]
        return self._latest.get(revision_id) or children[-1] if children else None

    def goto(self, revision_id: str) -> tuple[Edit, ...]:
        """Stand on any revision; the edits that bring the shown text there, in order."""
        edits = self.path_edits(self._head, revision_id)
        text = self._far_text(revision_id) if len(edits) > _FAR else None
        self._text = _applied(self._text, edits) if text is None else text
        self._mark_path(revision_id)
        self._head = revision_id
        return edits

    def path_edits(self, from_id: str, to_id: str) -> tuple[Edit, ...]:
        """The edits from one revision's text to another's: up by inverses, then down."""
        up, down = self._path(from_id, to_id)
        edits = self._fetched([*up, *down])
        return (*(edits[id_].inverse() for id_ in up), *(edits[id_] for id_ in down))

    def text_at(self, revision_id: str) -> SpanText:
        """The text at any revision, without moving the head."""
        up, down = self._path(self._head, revision_id)
        text = self._far_text(revision_id) if len(up) + len(down) > _FAR else None
        return _applied(self._text, self.path_edits(self._head, revision_id)) if text is None else text

    def _far_text(self, revision_id: str) -> SpanText | None:
        """The text from the source's snapshots; None when the source may not have it yet."""
        if revision_id == ROOT:
            return SpanText()
        return None if revision_id in self._added else self._source.text_at(revision_id)

    def _place(self, node: Node) -> None:
        if node.id in self._depth:
            raise KeyError(f"revision {node.id} is in the history already")
        self._children[node.parent].append(node.id)
        self._children[node.id] = []
        self._depth[node.id] = self._depth[node.parent] + 1
        self._nodes[node.id] = node

    def _latest_children(self, heads: Sequence[str]) -> dict[str, str]:
        """For each revision the child most recently stood on or under; each node is climbed once."""
        latest: dict[str, str] = {}
        climbed = {ROOT}
        for id_ in reversed(heads):
            while id_ not in climbed:
                climbed.add(id_)
                parent = self._nodes[id_].parent
                latest.setdefault(parent, id_)
                id_ = parent
        return latest

    def _mark_path(self, revision_id: str) -> None:
        """Redo will come down this way: the path to the old head is marked already."""
        for id_ in self._path(self._head, revision_id)[1]:
            self._latest[self._nodes[id_].parent] = id_

    def _path(self, from_id: str, to_id: str) -> tuple[list[str], list[str]]:
        """Revisions to take back (deepest first), then to put on (in order)."""
        up: list[str] = []
        down: list[str] = []
        while from_id != to_id:
            if self._depth[from_id] >= self._depth[to_id]:
                up.append(from_id)
                from_id = self._nodes[from_id].parent
            else:
                down.append(to_id)
                to_id = self._nodes[to_id].parent
        return up, down[::-1]

    def _fetched(self, ids: Sequence[str]) -> dict[str, Edit]:
        missing = [id_ for id_ in ids if id_ not in self._edits]
        if missing:
            self._edits.update(self._source.edits(missing))
        return self._edits


def _applied(text: SpanText, edits: Iterable[Edit]) -> SpanText:
    for edit in edits:
        text = text.apply(edit)
    return text
