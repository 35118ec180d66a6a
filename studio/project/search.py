"""Searching the whole project: an index of passages, brought up to date when it is asked."""

from collections.abc import Iterator

import apsw
import msgspec

from studio.project.database import Row, storage
from studio.project.facts import FactReads
from studio.project.gallery import GalleryReads
from studio.project.passages import (
    HIT_END,
    HIT_START,
    Asked,
    Found,
    Passage,
    asked,
    folded,
    marked,
    passages_of,
    plain,
    snippet,
    title_in,
)
from studio.project.reads import WorkReads
from studio.project.records import NO_WORDS, Work
from studio.project.writing import Writing

_STAMPS = """
SELECT w.id, ifnull((SELECT max(seq) FROM head WHERE work = w.id), 0) || ' '
    || ifnull((SELECT max(seq) FROM fact WHERE work = w.id), 0) || ' '
    || ifnull((SELECT max(seq) FROM take_picture WHERE work = w.id) || ' ', '') || w.title AS stamp, i.stamp
FROM work w LEFT JOIN indexed i ON i.work = w.id
"""
_WORDS = """
SELECT p.id, p.work, p.kind, p.entry, p.at, highlight(search, 0, ?2, ?3)
FROM search CROSS JOIN passage p ON p.id = search.rowid WHERE search MATCH ?1 ORDER BY rank
"""
_PARTS = """
SELECT p.id, p.work, p.kind, p.entry, p.at, s.text
FROM passage p CROSS JOIN search s ON s.rowid = p.id
WHERE NOT EXISTS (SELECT 1 FROM json_each(?1) WHERE instr(p.folded, value) = 0) ORDER BY p.id
"""


class SearchWrites(WorkReads, FactReads, GalleryReads, Writing):
    """Full-text search with SQLite's FTS5. The index is derived: losing it loses nothing."""

    def search(self, query: str, limit: int = 50) -> tuple[Found, ...]:
        """Where all words of a query stand together in a passage; removed works are left out.

        Whole words come first, best first, then places where they are parts of words. "Phrases" in quotes
        and beginnings* are understood; any other sign is looked for as it is, and so is Chinese. What changed
        since the last search is indexed first: milliseconds for a scene, half a second for a new novel.
        """
        wanted = asked(query)
        if not wanted.parts or limit < 1:
            return ()
        self._index()
        visible = {work.id: work for work in self.works()}
        out: dict[int, Found] = {}
        for id_, found in self._hits(wanted, visible):
            out.setdefault(id_, found)
            if len(out) == limit:
                break
        return tuple(out.values())

    def _hits(self, wanted: Asked, visible: dict[str, Work]) -> Iterator[tuple[int, Found]]:
        with storage("Nothing was changed."):
            if wanted.match:
                for row in self._db.execute(_WORDS, (wanted.match, HIT_START, HIT_END)):
                    if row[1] in visible:
                        yield int(row[0]), self._found(row, str(row[5]), visible)
            parts = msgspec.json.encode(wanted.parts).decode()
            for row in self._db.execute(_PARTS, (parts,)):
                if row[1] in visible:
                    yield int(row[0]), self._found(row, marked(str(row[5]), wanted.parts), visible)

    def _found(self, row: Row, text: str, visible: dict[str, Work]) -> Found:
        _, work, kind, entry, place, _ = row
        line, at, end = snippet(text)
        title = visible[work].title
        if kind == "lore":
            title = title_in(self.facts(work).get(f"lore/{entry}")) or title
        inside = kind == "text"
        return Found(
            work=work,
            kind=kind,
            entry=entry,
            title=title,
            snippet=line,
            at=place + at if inside else -1,
            end=place + end if inside else -1,
        )

    def _index(self) -> None:
        """Bring the index up to date with the works whose head, facts or title changed."""
        stale = [(work, stamp) for work, stamp, seen in self._rows(_STAMPS) if stamp != seen]
        if not stale:
            return
        with self._transaction(durable=False) as db:  # derived: a power cut may take it back
            for work_id, stamp in stale:
                self._index_work(db, self.work(work_id))
                db.execute("INSERT OR REPLACE INTO indexed (work, stamp) VALUES (?,?)", (work_id, stamp))

    def _index_work(self, db: apsw.Connection, work: Work) -> None:
        """Only passages that are new or gone touch the index; the others at most move."""
        there: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
        for id_, kind, entry, at, text in db.execute(
            "SELECT p.id, p.kind, p.entry, p.at, s.text FROM passage p JOIN search s ON s.rowid = p.id"
            " WHERE p.work = ? ORDER BY p.at DESC",
            (work.id,),
        ):
            there.setdefault((str(kind), str(entry), str(text)), []).append((int(id_), int(at)))
        text = "" if work.kind in NO_WORDS else self.text_of(work.id).text
        prompts = self.prompts_of(work.id)
        for passage in passages_of(work.title, text, self.facts(work.id), prompts):
            same = there.get((passage.kind, passage.entry, plain(passage.text)))
            if not same:
                _add(db, work.id, passage)
                continue
            id_, at = same.pop()
            if at != passage.at:
                db.execute("UPDATE passage SET at = ? WHERE id = ?", (passage.at, id_))
        gone = [(id_,) for left in there.values() for id_, _ in left]
        db.executemany("DELETE FROM search WHERE rowid = ?", gone)
        db.executemany("DELETE FROM passage WHERE id = ?", gone)


def _add(db: apsw.Connection, work_id: str, passage: Passage) -> None:
    db.execute(
        "INSERT INTO passage (work, kind, entry, at, folded) VALUES (?,?,?,?,?)",
        (work_id, passage.kind, passage.entry, passage.at, folded(passage.text)),
    )
    db.execute("INSERT INTO search (rowid, text) VALUES (?,?)", (db.last_insert_rowid(), plain(passage.text)))
