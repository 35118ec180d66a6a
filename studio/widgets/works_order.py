"""Where in the list of works something may go."""

from collections.abc import Collection, Sequence
from typing import Final, Literal

from msgspec import Struct

WorkKind = Literal["story", "chapter", "scene", "note", "picture", "piece"]
Where = Literal["above", "on", "below"]
Landing = tuple[str, int]  # the new parent; the place among its children when what moves is gone
INSIDE: Final[dict[str, tuple[str, ...]]] = {
    "story": ("chapter", "scene", "note"),
    "chapter": ("scene", "note"),
}
AT_THE_TOP: Final = ("story", "note", "picture", "piece")


class WorkRow(Struct, frozen=True, kw_only=True):
    """A work of the project; `parent` "" stands at the top."""

    id: str
    parent: str = ""
    kind: WorkKind
    title: str
    detail: str = ""


class WorksOrder:
    """The rows as a tree, siblings in the order given."""

    def __init__(self, rows: Sequence[WorkRow]) -> None:
        self._rows = {row.id: row for row in rows}
        self._children: dict[str, list[str]] = {}
        for row in rows:
            self._children.setdefault(row.parent if row.parent in self._rows else "", []).append(row.id)

    def tops(self, ids: Collection[str]) -> list[str]:
        """Those of `ids` that lie in no other of them, in reading order."""
        return [row for row in self._rows if row in ids and not any(up in ids for up in self._above(row))]

    def dropped(
        self, ids: Collection[str], target: str, where: Where, opened: Collection[str] = ()
    ) -> Landing | None:
        """Where `ids` land when they are let go at a row (target "": below all); None where they can't go."""
        moving = self.tops(ids)
        if not moving or target in moving:
            return None
        if not target:
            return self._landing(moving, "", len(self._children.get("", ())))
        if where == "on" and self._takes(target, moving):
            return self._landing(moving, target, len(self._children.get(target, ())))
        if where == "below" and target in opened and self._takes(target, moving):
            return self._landing(moving, target, 0)
        parent = self._parent(target)
        return self._landing(moving, parent, self._place(target) + (where != "above"))

    def stepped(self, ids: Collection[str], step: int, opened: Collection[str] = ()) -> Landing | None:
        """One step up (-1) or down (1): past a sibling, into an open chapter, out of one; None at the end."""
        moving = self.tops(ids)
        if not moving or len({self._parent(row) for row in moving}) > 1:
            return None
        parent = self._parent(moving[0])
        siblings = self._children[parent]
        edge = siblings.index(moving[0] if step < 0 else moving[-1]) + step
        if not 0 <= edge < len(siblings):
            if not parent:
                return None
            return self._landing(moving, self._parent(parent), self._place(parent) + (step > 0))
        beside = siblings[edge]
        if beside in opened and self._takes(beside, moving):
            return self._landing(moving, beside, len(self._children.get(beside, ())) if step < 0 else 0)
        return self._landing(moving, parent, edge if step < 0 else edge + 1)

    def _landing(self, moving: list[str], parent: str, gap: int) -> Landing | None:
        """Into the gap before the child that is now at `gap`; None when that is no place or nothing new."""
        children = self._children.get(parent, [])
        if not self._takes(parent, moving):
            return None
        index = sum(child not in moving for child in children[:gap])
        rest = [child for child in children if child not in moving]
        if [*rest[:index], *moving, *rest[index:]] == children:
            return None
        return parent, index

    def _takes(self, parent: str, moving: list[str]) -> bool:
        kinds = INSIDE.get(self._rows[parent].kind, ()) if parent else AT_THE_TOP
        return all(self._rows[row].kind in kinds or self._parent(row) == parent for row in moving)

    def _parent(self, row: str) -> str:
        parent = self._rows[row].parent
        return parent if parent in self._rows else ""

    def _place(self, row: str) -> int:
        return self._children[self._parent(row)].index(row)

    def _above(self, row: str) -> list[str]:
        line: list[str] = []
        while row in self._rows and (row := self._parent(row)) and row not in line:
            line.append(row)
        return line
