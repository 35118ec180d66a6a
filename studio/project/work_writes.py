"""Writing works and their revisions."""

from pathlib import Path

import apsw
import msgspec

from studio.core.ids import now_ms
from studio.media.spans import SpanText, whole
from studio.project import replay
from studio.project.reads import WorkReads
from studio.project.records import ROOT, Node, Revision, Work
from studio.project.writing import Writing

_SNAPSHOT_EDITS = 100  # replaying this many is quick whatever the text
_SNAPSHOT_EDITS_MOST = 1_000
_SNAPSHOT_CHARS_PER_EDIT = 200  # long texts get rarer snapshots, so that they do not fill the disk
_TIPS = 4  # texts remembered at their last revision


class WorkWrites(WorkReads, Writing):
    """Works change in place and are only marked when removed; revisions and heads are only added."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        super().__init__(path, connection)
        self._tips: dict[str, tuple[str, SpanText, int]] = {}  # work: revision, text, edits since a snapshot

    def add_work(self, work: Work) -> Work:
        """A new work at the end of its siblings; returned with its place."""
        with self._transaction() as db:
            position = len(self._siblings(work.parent))
            db.execute(
                "INSERT INTO work (id, kind, title, parent, position, created_ms, removed)"
                " VALUES (?,?,?,?,?,?,?)",
                (
                    work.id,
                    work.kind,
                    whole(work.title),
                    work.parent or None,
                    position,
                    work.created_ms,
                    work.removed,
                ),
            )
        return msgspec.structs.replace(work, position=position, title=whole(work.title))

    def rename_work(self, work_id: str, title: str) -> None:
        """Another title. Raises KeyError when unknown, as all of these do."""
        with self._transaction() as db:
            db.execute("UPDATE work SET title = ? WHERE id = ?", (whole(title), work_id))
            self._changed_one(work_id)

    def remove_work(self, work_id: str) -> None:
        """Out of sight with all below it; nothing is deleted."""
        self._set_removed(work_id, True)

    def restore_work(self, work_id: str) -> None:
        """Back where it was."""
        self._set_removed(work_id, False)

    def move_work(self, work_id: str, parent_id: str, before_id: str | None = None) -> None:
        """Under a parent ("" for the top), before one of its children or (None) last.

        Raises ValueError when a work would come to lie inside itself, KeyError for strangers.
        """
        with self._transaction() as db:
            self.work(work_id)
            above = parent_id
            while above:
                if above == work_id:
                    raise ValueError("a work cannot lie inside itself")
                above = self.work(above).parent
            siblings = [id_ for id_ in self._siblings(parent_id) if id_ != work_id]
            if before_id is not None and before_id not in siblings:
                raise KeyError(before_id)
            siblings.insert(len(siblings) if before_id is None else siblings.index(before_id), work_id)
            db.execute("UPDATE work SET parent = ? WHERE id = ?", (parent_id or None, work_id))
            db.executemany(
                "UPDATE work SET position = ? WHERE id = ?", [(at, id_) for at, id_ in enumerate(siblings)]
            )

    def add_revision(self, revision: Revision) -> None:
        """One step of a work's text, durable when this returns; the head moves to it.

        Raises KeyError for an unknown parent, ValueError when the edit does not fit the parent's text.
        """
        with self._transaction():
            self._append_revision(revision)

    def move_head(self, work_id: str, revision_id: str) -> None:
        """Undo, redo, branch: the work now stands at a revision of its own (or ROOT)."""
        with self._transaction():
            if revision_id != ROOT:
                self._require_revision(work_id, revision_id)
            self._append_head(work_id, revision_id)

    def _append_revision(self, revision: Revision) -> None:
        text, distance = self._text_at_parent(revision)
        text = text.apply(revision.edit)
        node = Node.of(revision)
        self._db.execute(
            "INSERT INTO revision (id, work, parent, kind, take, edit, inserted, removed, excerpt,"
            " words, created_ms) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (
                revision.id,
                revision.work,
                revision.parent or None,
                revision.kind,
                revision.take or None,
                msgspec.msgpack.encode(revision.edit),
                node.inserted,
                node.removed,
                node.excerpt,
                node.words,
                revision.created_ms,
            ),
        )
        self._append_head(revision.work, revision.id)
        self._remember(revision, text, distance + 1)

    def _text_at_parent(self, revision: Revision) -> tuple[SpanText, int]:
        tip, text, distance = self._tips.get(revision.work, (ROOT, SpanText(), 0))
        if tip == revision.parent:
            return text, distance
        if revision.parent != ROOT:
            self._require_revision(revision.work, revision.parent)
        return replay.text_and_distance(self._db, revision.parent)

    def _remember(self, revision: Revision, text: SpanText, distance: int) -> None:
        """Keep the text at the tip; write a snapshot now and then, so that opening replays little."""
        due = min(_SNAPSHOT_EDITS_MOST, max(_SNAPSHOT_EDITS, len(text.text) // _SNAPSHOT_CHARS_PER_EDIT))
        if distance >= due:
            self._db.execute(
                "INSERT INTO snapshot (revision, text, runs) VALUES (?,?,?)",
                (revision.id, text.text, msgspec.msgpack.encode(text.runs)),
            )
            distance = 0
        self._tips.pop(revision.work, None)
        self._tips[revision.work] = (revision.id, text, distance)
        if len(self._tips) > _TIPS:
            del self._tips[next(iter(self._tips))]

    def _append_head(self, work_id: str, revision_id: str) -> None:
        self._db.execute(
            "INSERT INTO head (work, revision, at_ms) VALUES (?,?,?)",
            (work_id, revision_id or None, now_ms()),
        )

    def _require_revision(self, work_id: str, revision_id: str) -> None:
        if not self._rows("SELECT 1 FROM revision WHERE id = ? AND work = ?", revision_id, work_id):
            raise KeyError(revision_id)

    def _siblings(self, parent_id: str) -> list[str]:
        rows = self._rows(
            "SELECT id FROM work WHERE ifnull(parent, '') = ? ORDER BY position, created_ms, id", parent_id
        )
        return [str(row[0]) for row in rows]

    def _set_removed(self, work_id: str, removed: bool) -> None:
        with self._transaction() as db:
            db.execute("UPDATE work SET removed = ? WHERE id = ?", (removed, work_id))
            self._changed_one(work_id)

    def _rolled_back(self) -> None:
        self._tips.clear()
