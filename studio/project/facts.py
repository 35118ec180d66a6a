"""Facts: what is known of a work beside its text (synopsis, memory, lore, goals); only ever added."""

from typing import Any

import msgspec

from studio.core.ids import now_ms
from studio.media.spans import whole
from studio.project.database import Owned
from studio.project.writing import Writing

_LATEST = """
SELECT work, key, value FROM fact f
WHERE seq = (SELECT max(seq) FROM fact WHERE work = f.work AND key = f.key)
"""
_GONE = "null"


class FactReads(Owned):
    """The latest value of every key of a work; older ones stay in the file."""

    def facts(self, work_id: str) -> dict[str, Any]:
        """What is known of a work, by key, as plain JSON values; nothing of a stranger."""
        rows = self._rows(_LATEST + " AND work = ? ORDER BY key", work_id)
        return {str(key): msgspec.json.decode(value) for _, key, value in rows if value != _GONE}

    def all_facts(self, prefix: str = "") -> dict[str, dict[str, Any]]:
        """For every work the facts whose key begins with `prefix`; works without any are not named."""
        rows = self._rows(_LATEST + " AND substr(key, 1, ?1) = ?2 ORDER BY key", len(prefix), prefix)
        out: dict[str, dict[str, Any]] = {}
        for work, key, value in rows:
            if value != _GONE:
                out.setdefault(str(work), {})[str(key)] = msgspec.json.decode(value)
        return out


class FactWrites(FactReads, Writing):
    """Keeping facts."""

    def set_fact(self, work_id: str, key: str, value: Any) -> None:
        """Keep a JSON-able value (a Struct will do) under a work's key; None takes it away.

        What is so already is not written again. Raises KeyError when the work is unknown.
        """
        text = _encoded(value)
        with self._transaction() as db:
            self._row(work_id, "SELECT 1 FROM work WHERE id = ?", work_id)
            rows = self._rows(
                "SELECT value FROM fact WHERE work = ? AND key = ? ORDER BY seq DESC LIMIT 1", work_id, key
            )
            if text != (rows[0][0] if rows else _GONE):
                db.execute(
                    "INSERT INTO fact (work, key, value, at_ms) VALUES (?,?,?,?)",
                    (work_id, key, text, now_ms()),
                )


def _encoded(value: Any) -> str:
    """JSON; half a character in it, which no file can hold, becomes U+FFFD."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        return msgspec.json.encode(_whole(msgspec.to_builtins(value))).decode()


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, list | tuple) else value
