"""The text at a stored revision: the nearest snapshot, then the edits after it."""

from collections.abc import Sequence

import apsw
import msgspec

from studio.media.spans import Edit, Runs, SpanText
from studio.project.records import ROOT, Node

_EDIT = msgspec.msgpack.Decoder(Edit)
_RUNS = msgspec.msgpack.Decoder(Runs)
_NODE = (
    "r.id, ifnull(r.parent, ''), r.kind, ifnull(r.take, ''), r.created_ms, r.inserted, r.removed, r.excerpt,"
    " r.words"
)
_UP = """
WITH RECURSIVE up (id, parent, depth) AS (
    SELECT id, parent, 0 FROM revision WHERE id = ?1
    UNION ALL
    SELECT r.id, r.parent, up.depth + 1 FROM up JOIN revision r ON r.id = up.parent
    WHERE NOT ?2 OR NOT EXISTS (SELECT 1 FROM snapshot s WHERE s.revision = up.id)
)
"""


def edit_of(blob: bytes) -> Edit:
    """An edit from its stored form."""
    return _EDIT.decode(blob)


def text_and_distance(db: apsw.Connection, revision_id: str) -> tuple[SpanText, int]:
    """The text at a stored revision and how many edits after the nearest snapshot (or the root) it lies.

    Raises KeyError for an unknown id.
    """
    if revision_id == ROOT:
        return SpanText(), 0
    rows = list(
        db.execute(
            _UP + "SELECT r.edit, s.text, s.runs FROM up JOIN revision r ON r.id = up.id"
            " LEFT JOIN snapshot s ON s.revision = up.id ORDER BY up.depth DESC",
            (revision_id, 1),
        )
    )
    if not rows:
        raise KeyError(revision_id)
    _, stored, runs = rows[0]
    text = SpanText()
    if stored is not None:
        text = SpanText(text=str(stored), runs=_RUNS.decode(runs))
        rows = rows[1:]
    for blob, _, _ in rows:
        text = text.apply(edit_of(blob))
    return text, len(rows)


def nodes_of(db: apsw.Connection, work_id: str) -> list[Node]:
    """All revisions of a work, oldest first."""
    rows = db.execute(f"SELECT {_NODE} FROM revision r WHERE r.work = ? ORDER BY r.seq", (work_id,))
    return [_node(row) for row in rows]


def lineage_of(db: apsw.Connection, revision_id: str) -> list[Node]:
    """From the first revision down to this one; empty for the root. Raises KeyError for an unknown id."""
    if revision_id == ROOT:
        return []
    rows = db.execute(
        _UP + f"SELECT {_NODE} FROM up JOIN revision r ON r.id = up.id ORDER BY up.depth DESC",
        (revision_id, 0),
    )
    nodes = [_node(row) for row in rows]
    if not nodes:
        raise KeyError(revision_id)
    return nodes


def _node(row: tuple[object, ...]) -> Node:
    return Node(**dict(zip(Node.__struct_fields__, row, strict=True)))  # type: ignore[arg-type]


class StoredEdits:
    """A history's source: the revisions of an open project. Used on the connection's thread only."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def edits(self, ids: Sequence[str]) -> dict[str, Edit]:
        """The edits of stored revisions. Raises KeyError when one is unknown."""
        asked = msgspec.json.encode(list(ids)).decode()
        rows = self._db.execute(
            "SELECT id, edit FROM revision WHERE id IN (SELECT value FROM json_each(?))", (asked,)
        )
        found = {str(id_): edit_of(blob) for id_, blob in rows}
        missing = [id_ for id_ in ids if id_ not in found]
        if missing:
            raise KeyError(missing[0])
        return found

    def text_at(self, revision_id: str) -> SpanText:
        """The text at a stored revision."""
        return text_and_distance(self._db, revision_id)[0]
