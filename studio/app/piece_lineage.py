"""The history of a piece of music and its takes as rows of the lineage view."""

from collections.abc import Iterable, Mapping
from typing import Final

from studio.app.lineage import EXCERPT_CHARS, START, TITLES, author_of, representatives
from studio.core.pieces import PieceJob
from studio.core.takes import Take
from studio.project.history import History
from studio.project.records import Node
from studio.widgets.lineage_tree import LineageNode, NodeKind
from studio.widgets.picture_words import name_of
from studio.widgets.piece_words import count_words, job_words, recipe_rows

_ICONS: Final[dict[str, str]] = {
    "accepted": "accept",
    "drawn": "pen",
    "adjusted": "sliders",
    "arranged": "layers",
    "tidied": "tidy",
    "locked": "lock",
    "unlocked": "unlock",
    "imported": "import",
    "pasted": "paste",
}
_KINDS: Final[dict[str, NodeKind]] = {"accepted": "accepted", "imported": "imported", "pasted": "imported"}
Names = Mapping[str, str]


def piece_nodes(
    history: History, takes: Iterable[Take], model_titles: Names, tracks: Names | None = None
) -> list[LineageNode]:
    """One row a step; steps of one kind and words without a branch are one row. Takes hang on the step they grew from.

    `tracks`: the tracks' names by their ids.
    """
    by_id = {take.id: take for take in takes if isinstance(take.recipe.job, PieceJob)}
    names = dict(tracks or {})
    names |= {new.id: new.name for take in by_id.values() if (new := take.recipe.composing.new) is not None}
    accepted = {node.take for node in history.nodes() if node.take}
    shown = representatives(history, {take.parent for take in by_id.values()}, _goes_on)
    head = shown.get(history.head, history.head)
    rows = [LineageNode(id=START, kind="start", title="Start", current=head == START, icon="music")]
    for node in history.nodes():
        if shown[node.id] == node.id:
            rows.append(_step_row(node, shown, head, by_id.get(node.take), model_titles, history))
    rows += [
        _take_row(take, shown, model_titles, names) for take in by_id.values() if take.id not in accepted
    ]
    return rows


def _goes_on(node: Node, child: Node) -> bool:
    """Whether two steps are told as one: the same was done once more."""
    return not node.take and not child.take and node.kind == child.kind and node.words == child.words


def _step_row(
    node: Node,
    shown: Mapping[str, str],
    head: str,
    take: Take | None,
    model_titles: Names,
    history: History,
) -> LineageNode:
    parent, count = node.parent, 1
    while parent and shown[parent] == node.id:  # what is shown in this row as well
        parent, count = history.node(parent).parent, count + 1
    title = TITLES.get(node.kind, "Changed")
    detail = _facts(take) if take else title + (f", {count} times" if count > 1 else "")
    return LineageNode(
        id=node.id,
        parent=parent,
        kind=_KINDS.get(node.kind, "typed"),
        title=node.words[:EXCERPT_CHARS] or title,
        detail=detail,
        created_ms=node.created_ms,
        author=author_of(take, model_titles) if take else "",
        take=node.take,
        state="accepted" if node.take else "",
        current=node.id == head,
        words=_words(take) if take else "",
        icon=_ICONS.get(node.kind, "music"),
    )


def _take_row(take: Take, shown: Mapping[str, str], model_titles: Names, names: Names) -> LineageNode:
    return LineageNode(
        id=take.id,
        parent=shown.get(take.parent, take.parent),
        kind="take",
        title=job_words(take.recipe.composing, names)[:EXCERPT_CHARS],
        detail=take.reason or take.error or _facts(take),
        created_ms=take.created_ms,
        author=author_of(take, model_titles),
        take=take.id,
        state=take.verdict or take.status,
        words=_words(take),
        icon="spark",
    )


def _facts(take: Take) -> str:
    """The take in a line."""
    notes = take.text.count("\n") - take.text.count("track ") if take.text else 0
    return f"Take {take.index + 1}, {count_words(notes)}, seed {take.seed}"


def _words(take: Take) -> str:
    """All that the search looks through."""
    job = take.recipe.composing
    adapters = (name_of(adapter.path, {}) for adapter in job.adapters)
    return " ".join((job.task, name_of(job.model, {}), *adapters, str(take.seed)))


def recipe_words(take: Take, model_titles: Names, tracks: Names | None = None) -> str:
    """How a take of music was made, line by line, and what became of it: for a tooltip."""
    rows = [f"{row.name}: {row.text}" for row in recipe_rows(take, model_titles, tracks)]
    ends = (f"Rejected: {take.reason}" if take.reason else "", take.error)
    return "\n".join((*rows, *(end for end in ends if end)))
