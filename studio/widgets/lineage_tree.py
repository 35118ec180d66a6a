"""Lays a tree of revisions and takes out in rows and rails, like `git log --graph`; no Qt."""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from typing import Literal

from msgspec import Struct

NodeKind = Literal["start", "typed", "accepted", "undone", "branched", "imported", "take", "edited"]
NodeState = Literal["", "streaming", "done", "stopped", "failed", "accepted", "rejected"]


class LineageNode(Struct, frozen=True, kw_only=True):
    """One thing that happened. `author` "" is the person, else the model's title; `parent` "" a beginning.

    `take` names the take a "take" or "accepted" node is about; `current` marks where the work stands.
    `words` is the whole text that the search looks through beside what is shown. `icon` names a small sign for
    the row; with `thumb` the take's thumbnail stands there.
    """

    id: str
    parent: str = ""
    kind: NodeKind
    title: str
    detail: str = ""
    created_ms: int = 0
    author: str = ""
    take: str = ""
    state: NodeState = ""
    current: bool = False
    words: str = ""
    icon: str = ""
    thumb: bool = False


class Row(Struct, frozen=True, kw_only=True):
    """A node and the rails beside it.

    `lane` is the node's rail; `above` and `below` are the rails that cross the row's upper and lower
    edge, the node's own among them when it has a child or a parent; `joins` are the other rails
    whose lines end in this node.
    """

    node: LineageNode
    lane: int
    above: tuple[int, ...] = ()
    below: tuple[int, ...] = ()
    joins: tuple[int, ...] = ()


def laid_out(nodes: Iterable[LineageNode]) -> list[Row]:
    """Rows from the newest to the oldest; a chain keeps its rail, only branches take another.

    The line of the current node has the first rail; takes of one revision hang on one rail. A node
    whose parent is not among them is a beginning. Costs about n log n.
    """
    by_id = {node.id: node for node in nodes}
    current = next((node.id for node in by_id.values() if node.current), "")
    lanes: list[str] = [current] if current else []  # lanes[i]: the node the rail leads to, "" when free
    reserved = bool(current)  # the first rail is kept free for the current node, and not drawn above it
    takes_rail: dict[str, int] = {}  # parent -> the rail its takes hang on, one below the other
    rows: list[Row] = []
    for node in _newest_first(by_id):
        above = tuple(i for i, wanted in enumerate(lanes) if wanted and (i or not reserved))
        waiting = [i for i, wanted in enumerate(lanes) if wanted == node.id]
        lane = waiting[0] if waiting else _rail_for(node, lanes, takes_rail)
        for i in waiting:
            lanes[i] = ""
        if node.id == current:
            reserved = False
        lanes[lane] = node.parent if node.parent in by_id else ""
        while lanes and not lanes[-1]:
            lanes.pop()
        below = tuple(i for i, wanted in enumerate(lanes) if wanted and (i or not reserved))
        rows.append(Row(node=node, lane=lane, above=above, below=below, joins=tuple(waiting[1:])))
    return rows


def _rail_for(node: LineageNode, lanes: list[str], takes_rail: dict[str, int]) -> int:
    """A rail for a node without children; takes of one revision share theirs."""
    shared = takes_rail.get(node.parent, -1)
    if node.kind == "take" and 0 <= shared < len(lanes) and lanes[shared] == node.parent:
        return shared
    lane = _free(lanes)
    if node.kind == "take":
        takes_rail[node.parent] = lane
    return lane


def _free(lanes: list[str]) -> int:
    if "" in lanes:
        return lanes.index("")
    lanes.append("")
    return len(lanes) - 1


def _newest_first(by_id: dict[str, LineageNode]) -> list[LineageNode]:
    """Newest first, but every parent below its children: clocks may jump."""
    children = dict.fromkeys(by_id, 0)
    for node in by_id.values():
        if node.parent in children:
            children[node.parent] += 1
    place = {node_id: i for i, node_id in enumerate(by_id)}
    heap = [(-by_id[i].created_ms, -place[i], i) for i, count in children.items() if not count]
    heapify(heap)
    out: list[LineageNode] = []
    while heap:
        node = by_id[heappop(heap)[2]]
        out.append(node)
        parent = node.parent
        if parent in children:
            children[parent] -= 1
            if not children[parent]:
                heappush(heap, (-by_id[parent].created_ms, -place[parent], parent))
    return out
