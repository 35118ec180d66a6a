"""The history of a work and its takes as rows of the lineage view."""

from collections.abc import Callable, Iterable, Mapping

from studio.core.jobs import ImageJob, PieceJob, TextJob
from studio.core.takes import Take
from studio.project.history import History
from studio.project.records import Node
from studio.widgets.lineage_view import LineageNode

START = ""
EXCERPT_CHARS = 80
TITLES = {
    "typed": "Written",
    "pasted": "Pasted",
    "replaced": "Replaced",
    "imported": "Imported",
    "accepted": "Accepted",
    "take-edit": "Edited",
    "locked": "Locked",
    "unlocked": "Unlocked",
    "tidied": "Tidied",
    "painted": "Painted",
    "arranged": "Arranged",
    "adjusted": "Adjusted",
    "cropped": "Cropped",
    "drawn": "Notes changed",
}


def lineage_nodes(
    history: History, takes: Iterable[Take], model_titles: Mapping[str, str]
) -> list[LineageNode]:
    """One row a step: typing without a branch is one row, takes hang on the revision they grew from."""
    takes = list(takes)
    accepted = {node.take for node in history.nodes() if node.take}
    shown = representatives(history, {take.parent for take in takes}, _goes_on)
    by_id = {take.id: take for take in takes}
    head = shown.get(history.head, history.head)
    rows = [LineageNode(id=START, parent="", kind="start", title="Start", current=head == START)]
    for node in history.nodes():
        if shown[node.id] == node.id:
            rows.append(_revision_row(node, shown, head, by_id.get(node.take), model_titles, history))
    rows += [_take_row(take, shown, model_titles) for take in takes if take.id not in accepted]
    return rows


def representatives(
    history: History, grown_from: set[str], goes_on: Callable[[Node, Node], bool]
) -> dict[str, str]:
    """For every revision the row it is shown in: the last of a run of steps that `goes_on` tells as one."""
    shown: dict[str, str] = {START: START}
    for node in reversed(history.nodes()):  # children come before their parents
        children = history.children(node.id)
        joins = (
            len(children) == 1
            and node.id not in grown_from
            and node.id != history.head
            and goes_on(node, history.node(children[0]))
        )
        shown[node.id] = shown[children[0]] if joins else node.id
    return shown


def _goes_on(node: Node, child: Node) -> bool:
    """Whether two steps are told as one: typing after typing, the next piece of the same take."""
    same_take = node.kind == "accepted" and node.take == child.take
    return node.kind == child.kind and (node.kind == "typed" or same_take)


def _revision_row(
    node: Node,
    shown: Mapping[str, str],
    head: str,
    take: Take | None,
    model_titles: Mapping[str, str],
    history: History,
) -> LineageNode:
    parent, inserted, removed, excerpt = node.parent, node.inserted, node.removed, node.excerpt
    while parent and shown[parent] == node.id:  # what is shown in this row as well
        earlier = history.node(parent)
        inserted, removed, parent = inserted + earlier.inserted, removed + earlier.removed, earlier.parent
        excerpt = earlier.excerpt + excerpt
    title = " ".join(excerpt.split())[-EXCERPT_CHARS:] or TITLES[node.kind]
    return LineageNode(
        id=node.id,
        parent=parent,
        kind="accepted" if node.kind == "accepted" else "imported" if node.kind == "imported" else "typed",
        title=title,
        detail=_detail(node.kind, inserted, removed),
        created_ms=node.created_ms,
        author=author_of(take, model_titles) if take else "",
        take=node.take,
        state="accepted" if node.take else "",
        current=node.id == head,
        words=excerpt,
    )


def _detail(kind: str, inserted: int, removed: int) -> str:
    """What was done, and how many characters of it."""
    if kind in ("locked", "unlocked"):  # the same text again, with another lock
        return f"{TITLES[kind]}: {inserted} characters"
    return f"{TITLES[kind]}: +{inserted}" + (f" −{removed}" if removed else "")


def _take_row(take: Take, shown: Mapping[str, str], model_titles: Mapping[str, str]) -> LineageNode:
    words = " ".join(take.text.split())
    return LineageNode(
        id=take.id,
        parent=shown.get(take.parent, take.parent),
        kind="take",
        title=words[:EXCERPT_CHARS] or "Empty take",
        detail=take.reason or take.error or f"Take {take.index + 1}, seed {take.recipe.job.seed}",
        created_ms=take.created_ms,
        author=author_of(take, model_titles),
        take=take.id,
        state=take.verdict or take.status,
        words=f"{take.text} {_instruction(take)}",
    )


def _instruction(take: Take) -> str:
    job = take.recipe.job
    match job:
        case TextJob():
            return job.instruction
        case ImageJob():
            return job.prompt
        case PieceJob():
            return job.task


def author_of(take: Take, model_titles: Mapping[str, str]) -> str:
    """The title of the model that made a take; of one that is gone, its folder's name."""
    model = take.recipe.job.model
    return model_titles.get(model, model.replace("\\", "/").rstrip("/").rpartition("/")[2])
