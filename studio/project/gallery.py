"""The pictures of a project: what takes became, their thumbnails, and the gallery that finds them again."""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec
from msgspec import Struct

from studio.core.takes import Picture
from studio.project.database import Owned, Row
from studio.project.passages import asked

Wanted = Literal["", "accepted", "rejected", "undecided"]
PICTURE_COLUMNS = ", p.asset, p.width, p.height, p.preview"
_ROWS = """
SELECT p.take, p.work, p.asset, p.width, p.height, p.prompt, p.model, p.seed, ifnull(v.kind, ''),
    p.created_ms, p.preview, p.adapters
FROM take_picture p
LEFT JOIN verdict v ON v.seq = (SELECT max(seq) FROM verdict WHERE take = p.take)
"""
_GONE = """
WITH RECURSIVE gone (id) AS (
    SELECT id FROM work WHERE removed
    UNION
    SELECT w.id FROM work w JOIN gone g ON w.parent = g.id
)
SELECT id FROM gone
"""


class GalleryFilter(Struct, frozen=True, kw_only=True):
    """Which pictures: all of them by default.

    `query`: every word, "phrase" or beginning* stands in the prompt, whatever the order, case and accents.
    `model` and `adapter` are paths as the jobs name them, `work` is a work's id.
    """

    query: str = ""
    verdict: Wanted = ""
    model: str = ""
    adapter: str = ""
    work: str = ""


class GalleryRow(Struct, frozen=True, gc=False):
    """One picture of the project. `verdict` is the person's latest word; `preview`: the take was stopped, and
    this is its last preview."""

    take: str
    work: str
    asset: str
    width: int
    height: int
    prompt: str
    model: str
    seed: int
    verdict: Literal["", "accepted", "rejected"]
    created_ms: int
    preview: bool
    adapters: tuple[str, ...] = ()


def picture_of(columns: tuple[Any, ...]) -> Picture | None:
    """A take's picture from PICTURE_COLUMNS; None when they are NULL."""
    asset, width, height, preview = columns
    if asset is None:
        return None
    return Picture(asset=asset, width=width, height=height, preview=bool(preview))


class GalleryReads(Owned):
    """Looking through the pictures."""

    def gallery(self, wanted: GalleryFilter = GalleryFilter()) -> list[GalleryRow]:  # noqa: B008 - frozen
        """The pictures that a filter lets through, the newest first.

        Those of removed works are left out unless the filter names their work.
        """
        conditions, values = self._conditions(wanted)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        rows = self._rows(f"{_ROWS}{where} ORDER BY p.seq DESC", *values)
        return [_row(row) for row in rows]

    def _conditions(self, wanted: GalleryFilter) -> tuple[list[str], list[object]]:
        conditions: list[str] = []
        values: list[object] = []
        for part in asked(wanted.query).parts:
            conditions.append("instr(p.folded, ?) > 0")
            values.append(part)
        for column, value in (("p.model", wanted.model), ("p.work", wanted.work)):
            if value:
                conditions.append(f"{column} = ?")
                values.append(value)
        if wanted.adapter:
            conditions.append("EXISTS (SELECT 1 FROM json_each(p.adapters) WHERE value = ?)")
            values.append(wanted.adapter)
        if wanted.verdict == "undecided":
            conditions.append("(v.kind IS NULL OR v.kind = 'restored')")
        elif wanted.verdict:
            conditions.append("v.kind = ?")
            values.append(wanted.verdict)
        gone = [row[0] for row in self._rows(_GONE)] if not wanted.work else []
        if gone:
            conditions.append("p.work NOT IN (SELECT value FROM json_each(?))")
            values.append(msgspec.json.encode(gone).decode())
        return conditions, values

    def gallery_models(self) -> list[str]:
        """The models that made pictures, as jobs name them; the one used last comes first."""
        rows = self._rows("SELECT model FROM take_picture GROUP BY model ORDER BY max(seq) DESC")
        return [str(model) for (model,) in rows]

    def gallery_adapters(self) -> list[str]:
        """The adapters that were laid over them; the one used last comes first."""
        rows = self._rows(
            "SELECT a.value FROM take_picture p, json_each(p.adapters) a"
            " WHERE p.adapters <> '[]' GROUP BY a.value ORDER BY max(p.seq) DESC"
        )
        return [str(path) for (path,) in rows]

    def thumb(self, take_id: str) -> bytes:
        """A take's thumbnail (WebP, at most 256 px a side); empty when it has none."""
        rows = self._rows("SELECT image FROM thumb WHERE take = ?", take_id)
        return bytes(rows[0][0]) if rows else b""

    def thumbs(self, take_ids: Iterable[str]) -> dict[str, bytes]:
        """The thumbnails of those takes that have one."""
        names = msgspec.json.encode(list(take_ids)).decode()
        rows = self._rows(
            "SELECT take, image FROM thumb WHERE take IN (SELECT value FROM json_each(?))", names
        )
        return {str(take): bytes(image) for take, image in rows}

    def prompts_of(self, work_id: str) -> dict[str, str]:
        """What the pictures of a work were made from, each prompt once, under its first take."""
        rows = self._rows(
            "SELECT take, prompt, min(seq) FROM take_picture WHERE work = ? GROUP BY prompt ORDER BY 3",
            work_id,
        )
        return {str(take): str(prompt) for take, prompt, _ in rows}


def _row(columns: Row) -> GalleryRow:
    take, work, asset, width, height, prompt, model, seed, kind, created_ms, preview, paths = columns
    verdict: Any = "" if kind == "restored" else kind
    adapters = () if paths == "[]" else tuple(msgspec.json.decode(paths))
    return GalleryRow(
        take, work, asset, width, height, prompt, model, seed, verdict, created_ms, bool(preview), adapters
    )
