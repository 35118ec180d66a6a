"""The history of a picture and its takes as rows of the lineage view, with thumbnails."""

from collections.abc import Iterable, Mapping
from typing import Final

from studio.app.lineage import EXCERPT_CHARS, START, TITLES, author_of, representatives
from studio.core.pictures import ImageJob
from studio.core.takes import Take
from studio.media.picture.document import step_of
from studio.project.history import History
from studio.project.records import Node
from studio.widgets.lineage_tree import LineageNode, NodeKind
from studio.widgets.picture_words import recipe_rows, size_text

_RUNS: Final = ("painted", "adjusted", "arranged")  # many of them on one thing are one row
_ICONS: Final[dict[str, str]] = {
    "accepted": "accept",
    "painted": "brush",
    "arranged": "layers",
    "adjusted": "sliders",
    "cropped": "crop",
    "locked": "lock",
    "unlocked": "unlock",
    "imported": "import",
    "pasted": "paste",
}
_KINDS: Final[dict[str, NodeKind]] = {"accepted": "accepted", "imported": "imported", "pasted": "imported"}
_MODES: Final = {"text": "", "image": "from a picture", "inpaint": "redrawn part", "upscale": "enlarged"}


def picture_nodes(
    history: History, takes: Iterable[Take], model_titles: Mapping[str, str]
) -> list[LineageNode]:
    """One row a step; strokes on one layer without a branch are one row. Takes hang on the step they grew from."""
    by_id = {take.id: take for take in takes}
    accepted = {node.take for node in history.nodes() if node.take}
    shown = representatives(history, {take.parent for take in by_id.values()}, _goes_on)
    head = shown.get(history.head, history.head)
    start = LineageNode(
        id=START, parent="", kind="start", title="Start", current=head == START, icon="picture"
    )
    rows = [start]
    for node in history.nodes():
        if shown[node.id] == node.id:
            rows.append(_step_row(node, shown, head, by_id.get(node.take), model_titles, history))
    rows += [
        _take_row(take, shown, model_titles)
        for take in by_id.values()
        if take.id not in accepted and isinstance(take.recipe.job, ImageJob)
    ]
    return rows


def _goes_on(node: Node, child: Node) -> bool:
    """Whether two steps are told as one: the same was done to the same thing again."""
    return node.kind == child.kind and node.kind in _RUNS and step_of(node.excerpt) == step_of(child.excerpt)


def _step_row(
    node: Node,
    shown: Mapping[str, str],
    head: str,
    take: Take | None,
    model_titles: Mapping[str, str],
    history: History,
) -> LineageNode:
    parent, count = node.parent, 1
    while parent and shown[parent] == node.id:  # what is shown in this row as well
        parent, count = history.node(parent).parent, count + 1
    label = step_of(node.excerpt)
    job = take.recipe.job if take is not None else None
    drawn = take if isinstance(job, ImageJob) else None
    detail = _facts(drawn) if drawn else TITLES[node.kind] + (f", {count} times" if count > 1 else "")
    return LineageNode(
        id=node.id,
        parent=parent,
        kind=_KINDS.get(node.kind, "typed"),
        title=label[:EXCERPT_CHARS] or TITLES[node.kind],
        detail=detail,
        created_ms=node.created_ms,
        author=author_of(drawn, model_titles) if drawn else "",
        take=node.take,
        state="accepted" if node.take else "",
        current=node.id == head,
        words=_words(drawn) if drawn else "",
        icon=_ICONS.get(node.kind, "picture"),
        thumb=drawn is not None and drawn.picture is not None,
    )


def _take_row(take: Take, shown: Mapping[str, str], model_titles: Mapping[str, str]) -> LineageNode:
    prompt = " ".join(_prompt(take).split())
    return LineageNode(
        id=take.id,
        parent=shown.get(take.parent, take.parent),
        kind="take",
        title=prompt[:EXCERPT_CHARS] or "A picture without a prompt",
        detail=take.reason or take.error or _facts(take),
        created_ms=take.created_ms,
        author=author_of(take, model_titles),
        take=take.id,
        state=take.verdict or take.status,
        words=_words(take),
        icon="spark",
        thumb=take.picture is not None,
    )


def _prompt(take: Take) -> str:
    return take.recipe.drawing.prompt_of(take.recipe.index)


def _facts(take: Take) -> str:
    """The take in a line."""
    job = take.recipe.drawing
    parts = (f"Take {take.index + 1}", _MODES[job.mode], f"seed {take.seed}", size_text(take))
    return ", ".join(part for part in parts if part)


def _words(take: Take) -> str:
    """All that the search looks through."""
    job = take.recipe.drawing
    names = (_name(adapter.path) for adapter in job.adapters)
    return " ".join((job.prompt, _prompt(take), job.negative, _name(job.model), *names, str(take.seed)))


def recipe_words(take: Take, model_titles: Mapping[str, str]) -> str:
    """How a picture was made, line by line, and what became of it: for a tooltip."""
    rows = [f"{row.name}: {row.text}" for row in recipe_rows(take, model_titles)]
    ends = (f"Rejected: {take.reason}" if take.reason else "", take.error)
    return "\n".join((*rows, *(end for end in ends if end)))


def _name(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]
