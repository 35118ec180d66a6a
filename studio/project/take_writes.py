"""Writing takes as they stream, the person's edits of them, and verdicts."""

from collections.abc import Sequence
from typing import Literal

import apsw
import msgspec

from studio.core.errors import StudioError
from studio.core.ids import now_ms
from studio.core.jobs import Job
from studio.core.takes import Made, Picture, Take, Token
from studio.media.spans import Edit, whole
from studio.project.passages import folded
from studio.project.reads import JOB, TakeReads
from studio.project.records import Revision
from studio.project.work_writes import WorkWrites

_CUT_SHORT = "The program ended while this take was being written."

_NO_TOKENS = b"\x90"  # msgpack of (): they lie in take_tokens


def put_job(db: apsw.Connection, job: Job) -> None:
    """Store a job once. Raises ValueError when another job has its id."""
    rows = list(db.execute("SELECT body FROM job WHERE id = ?", (job.id,)))
    if not rows:
        db.execute("INSERT INTO job (id, body) VALUES (?,?)", (job.id, msgspec.msgpack.encode(job)))
    elif JOB.decode(rows[0][0]) != job:
        raise ValueError(f"two different jobs have the id {job.id}")


class TakeWrites(TakeReads, WorkWrites):
    """Takes, parts, ends, edits and verdicts are only ever added."""

    def start_take(self, take: Take) -> None:
        """A take is born. Its text, end and verdict are told later, whatever the value holds."""
        made = take.recipe.made
        with self._transaction() as db:
            put_job(db, take.recipe.job)
            db.execute(
                "INSERT INTO take (id, job, work, parent, number, seed, made, created_ms)"
                " VALUES (?,?,?,?,?,?,?,?)",
                (
                    take.id,
                    take.recipe.job.id,
                    take.work,
                    take.parent,
                    take.index,
                    take.seed,
                    msgspec.msgpack.encode(made) if made else None,
                    take.created_ms,
                ),
            )

    def add_part(self, take_id: str, text: str) -> None:
        """What has streamed since the last part. In the file at once, on the disk with the next commit.

        Raises KeyError when the take is unknown or has ended.
        """
        with self._transaction(durable=False) as db:
            db.execute(
                "INSERT INTO take_part (take, text) SELECT id, ?2 FROM take WHERE id = ?1"
                " AND NOT EXISTS (SELECT 1 FROM take_end WHERE take = ?1)",
                (take_id, whole(text)),
            )
            self._changed_one(take_id)

    def end_take(
        self,
        take_id: str,
        status: Literal["done", "stopped", "failed"],
        text: str,
        *,
        error: str = "",
        seconds: float = 0.0,
        tokens: Sequence[Token] = (),
        made: Made | None = None,
        picture: Picture | None = None,
        thumb: bytes = b"",
    ) -> None:
        """A take is complete; `text` is the whole of it and replaces what streamed.

        `made` says how it was computed where that was not known at its start. `picture` names an asset that
        was put before (`put_asset`; one batch makes both one write), `thumb` is a small file of it.
        Raises KeyError when the take is unknown, apsw.ConstraintError when it has ended already.
        """
        with self._transaction() as db:
            db.execute(
                "INSERT INTO take_end (take, status, text, error, seconds, tokens, made, at_ms)"
                " SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM take WHERE id = ?1",
                (
                    take_id,
                    status,
                    whole(text),
                    whole(error),
                    float(seconds),
                    _NO_TOKENS,
                    msgspec.msgpack.encode(made) if made else None,
                    now_ms(),
                ),
            )
            self._changed_one(take_id)
            if tokens:
                db.execute(
                    "INSERT INTO take_tokens (take, tokens) VALUES (?,?)",
                    (take_id, msgspec.msgpack.encode(tuple(tokens))),
                )
            if picture is not None:
                self._put_picture(db, self.take(take_id), picture, thumb)

    def _put_picture(self, db: apsw.Connection, take: Take, picture: Picture, thumb: bytes) -> None:
        job = take.recipe.drawing
        prompt = whole(job.prompt_of(take.index))
        db.execute(
            "INSERT INTO take_picture (take, work, asset, width, height, preview, prompt, negative, model,"
            " adapters, seed, folded, created_ms) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                take.id,
                take.work,
                picture.asset,
                picture.width,
                picture.height,
                picture.preview,
                prompt,
                whole(job.negative),
                job.model,
                msgspec.json.encode([adapter.path for adapter in job.adapters]).decode(),
                take.seed,
                folded(prompt),
                take.created_ms,
            ),
        )
        if thumb:
            db.execute("INSERT INTO thumb (take, image) VALUES (?,?)", (take.id, thumb))

    def edit_take(self, take_id: str, edit: Edit) -> None:
        """The person changes a take's draft. Raises ValueError when the edit does not fit it."""
        with self._transaction() as db:
            if self.take(take_id).status == "streaming":
                raise StudioError(
                    "This take is still being written.",
                    kept="It goes on.",
                    do="Stop it or wait for its end, then edit it.",
                )
            self.take_draft(take_id).apply(edit)
            db.execute(
                "INSERT INTO take_edit (take, edit, at_ms) VALUES (?,?,?)",
                (take_id, msgspec.msgpack.encode(edit), now_ms()),
            )

    def accept(self, take_id: str, revision: Revision) -> None:
        """The take becomes part of its work: the revision, the head and the verdict, all or nothing.

        On the disk when this returns.
        """
        if revision.take != take_id:
            raise ValueError("the revision that accepts a take names it")
        with self._transaction(urgent=True):
            self._append_revision(revision)
            self._append_verdict(take_id, "accepted", "", revision.id)

    def reject(self, take_id: str, reason: str = "") -> None:
        """The person does not want it; it stays, greyed, and can be accepted later."""
        with self._transaction(urgent=True):
            self._append_verdict(take_id, "rejected", whole(reason), "")

    def restore_take(self, take_id: str) -> None:
        """The person takes a rejection back: the take is undecided again."""
        with self._transaction(urgent=True):
            self._append_verdict(take_id, "restored", "", "")

    def _append_verdict(self, take_id: str, kind: str, reason: str, revision_id: str) -> None:
        self._db.execute(
            "INSERT INTO verdict (take, kind, reason, revision, at_ms)"
            " SELECT id, ?2, ?3, ?4, ?5 FROM take WHERE id = ?1",
            (take_id, kind, reason, revision_id or None, now_ms()),
        )
        self._changed_one(take_id)

    def _end_orphans(self) -> int:
        """Give every take without an end one that keeps what had streamed; how many there were."""
        self._db.execute(
            "INSERT INTO take_end (take, status, text, error, seconds, tokens, at_ms)"
            " SELECT t.id, 'failed', ifnull((SELECT group_concat(text, '') FROM"
            " (SELECT text FROM take_part WHERE take = t.id ORDER BY seq)), ''), ?1, 0.0, ?2, ?3"
            " FROM take t WHERE NOT EXISTS (SELECT 1 FROM take_end WHERE take = t.id)",
            (_CUT_SHORT, _NO_TOKENS, now_ms()),
        )
        return self._db.changes()
