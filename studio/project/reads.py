"""What a project can be asked: works, histories, takes, the queue, settings. Shared by Store and Reader."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from studio.core.jobs import Job, files_of
from studio.core.takes import Made, Recipe, Take, Token
from studio.media.spans import SpanText, runs_of
from studio.project import replay
from studio.project.assets import ASSET_NAME, Assets
from studio.project.database import Owned, Row, storage
from studio.project.facts import FactReads
from studio.project.gallery import PICTURE_COLUMNS, GalleryReads, picture_of
from studio.project.history import History
from studio.project.records import Node, QueueItem, Verdict, Work

JOB: msgspec.msgpack.Decoder[Job] = msgspec.msgpack.Decoder(Job)
_MADE = msgspec.msgpack.Decoder(Made)
_TOKENS = msgspec.msgpack.Decoder(tuple[Token, ...])
_TAKE = f"""
SELECT t.id, t.job, t.work, t.parent, t.number, t.seed, t.created_ms, j.body, ifnull(e.made, t.made),
    e.status, e.text, e.error, e.seconds, v.kind, v.reason,
    CASE WHEN e.take IS NULL THEN
        (SELECT group_concat(text, '') FROM (SELECT text FROM take_part WHERE take = t.id ORDER BY seq)) END
    {PICTURE_COLUMNS}
FROM take t JOIN job j ON j.id = t.job
LEFT JOIN take_end e ON e.take = t.id
LEFT JOIN take_picture p ON p.take = t.id
LEFT JOIN verdict v ON v.seq = (SELECT max(seq) FROM verdict WHERE take = t.id)
"""
_QUEUE = """
SELECT j.body, q.priority, q.position, q.state, q.attempts, q.what, q.kept, q.do, q.created_ms, q.changed_ms
FROM queue q JOIN job j ON j.id = q.job
"""
_WORK = "SELECT id, kind, title, ifnull(parent, ''), position, created_ms, removed FROM work"
_WAITING_ORDER = "ORDER BY q.priority DESC, q.position"


class WorkReads(Owned):
    """Works, their revisions and their texts."""

    def works(self, removed: bool = False) -> list[Work]:
        """All works in reading order: parents before children, siblings by position.

        Removed ones, with all below them, only on request.
        """
        rows = self._rows(_WORK + " ORDER BY position, created_ms, id")
        children: dict[str, list[Work]] = {}
        for row in rows:
            work = _work(row)
            if removed or not work.removed:
                children.setdefault(work.parent, []).append(work)
        out: list[Work] = []
        ahead = children.get("", [])[::-1]
        while ahead:
            out.append(ahead.pop())
            ahead.extend(children.get(out[-1].id, [])[::-1])
        return out

    def work(self, work_id: str) -> Work:
        """One work. Raises KeyError when unknown."""
        return _work(self._row(work_id, _WORK + " WHERE id = ?", work_id))

    def head(self, work_id: str) -> str:
        """The revision a work stands at; "" for the root."""
        rows = self._rows("SELECT revision FROM head WHERE work = ? ORDER BY seq DESC LIMIT 1", work_id)
        return (rows[0][0] or "") if rows else ""

    def history(self, work_id: str) -> History:
        """A work's tree of revisions. Raises KeyError when the work is unknown."""
        self.work(work_id)
        with storage("Nothing was changed."), self._db:  # one state of the file for both queries
            heads = self._rows("SELECT ifnull(revision, '') FROM head WHERE work = ? ORDER BY seq", work_id)
            nodes = replay.nodes_of(self._db, work_id)
        return History(work_id, nodes, [row[0] for row in heads], replay.StoredEdits(self._db))

    def text_at(self, revision_id: str) -> SpanText:
        """The text at a revision. Raises KeyError when unknown."""
        with storage("Nothing was changed."):
            return replay.text_and_distance(self._db, revision_id)[0]

    def text_of(self, work_id: str) -> SpanText:
        """A work's text as it stands."""
        return self.text_at(self.head(work_id))

    def lineage(self, revision_id: str) -> list[Node]:
        """A revision and all before it, oldest first. Raises KeyError when unknown."""
        with storage("Nothing was changed."):
            return replay.lineage_of(self._db, revision_id)


class TakeReads(Owned):
    """Takes, the person's edits of them, and verdicts."""

    def take(self, take_id: str) -> Take:
        """One take with its tokens. Raises KeyError when unknown."""
        return self._with_tokens(_take(self._row(take_id, _TAKE + "WHERE t.id = ?", take_id), {}))

    def takes_of(self, work_id: str) -> list[Take]:
        """A work's takes, oldest first, with their text so far and latest verdict, without their tokens:
        `take_tokens` reads those of one."""
        jobs: dict[str, Job] = {}
        rows = self._rows(_TAKE + "WHERE t.work = ? ORDER BY t.seq", work_id)
        return [_take(row, jobs) for row in rows]

    def takes_of_job(self, job_id: str) -> list[Take]:
        """What came of one job, in the order it began, with tokens."""
        jobs: dict[str, Job] = {}
        rows = self._rows(_TAKE + "WHERE t.job = ? ORDER BY t.seq", job_id)
        return [self._with_tokens(_take(row, jobs)) for row in rows]

    def take_tokens(self, take_id: str) -> tuple[Token, ...]:
        """A take's tokens with their alternatives; none when it streams still or is unknown."""
        rows = self._rows(
            "SELECT tokens FROM take_tokens WHERE take = ?1"
            " UNION ALL SELECT tokens FROM take_end WHERE take = ?1 LIMIT 1",  # version 1 kept them there
            take_id,
        )
        return _TOKENS.decode(rows[0][0]) if rows else ()

    def _with_tokens(self, take: Take) -> Take:
        return msgspec.structs.replace(take, tokens=self.take_tokens(take.id))

    def origins(self, take_ids: Iterable[str]) -> dict[str, tuple[str, int]]:
        """The model (as the job named it) and the seed of takes; strangers are left out."""
        asked = msgspec.json.encode(sorted(set(take_ids))).decode()
        rows = self._rows(
            "SELECT t.id, j.body, t.seed FROM take t JOIN job j ON j.id = t.job"
            " WHERE t.id IN (SELECT value FROM json_each(?))",
            asked,
        )
        return {str(id_): (JOB.decode(body).model, int(seed)) for id_, body, seed in rows}

    def recipe_of(self, take_id: str) -> Recipe:
        """All that is needed to make a take again."""
        return self.take(take_id).recipe

    def take_draft(self, take_id: str) -> SpanText:
        """A take as the person has edited it; the model's characters carry the take's id."""
        text = self.take(take_id).text
        draft = SpanText(text=text, runs=runs_of(text, take_id))
        for (blob,) in self._rows("SELECT edit FROM take_edit WHERE take = ? ORDER BY seq", take_id):
            draft = draft.apply(replay.edit_of(blob))
        return draft

    def verdicts(self, take_id: str | None = None) -> list[Verdict]:
        """Every word said on takes (or on one), oldest first."""
        rows = self._rows(
            "SELECT take, kind, reason, ifnull(revision, ''), at_ms FROM verdict"
            " WHERE ?1 IS NULL OR take = ?1 ORDER BY seq",
            take_id,
        )
        return [Verdict(take=t, kind=k, reason=r, revision=v, at_ms=ms) for t, k, r, v, ms in rows]


class QueueReads(Owned):
    """The jobs and where they stand."""

    def queue(self, finished: int = 50) -> list[QueueItem]:
        """Running jobs, then waiting ones in order, then the newest `finished` of the others."""
        running = self._rows(_QUEUE + "WHERE q.state = 'running' ORDER BY q.changed_ms, q.job")
        waiting = self._rows(_QUEUE + "WHERE q.state = 'waiting' " + _WAITING_ORDER)
        others = self._rows(
            _QUEUE
            + "WHERE q.state NOT IN ('running', 'waiting') ORDER BY q.changed_ms DESC, q.job DESC LIMIT ?",
            finished,
        )
        return [_item(row) for row in (*running, *waiting, *others)]

    def queue_item(self, job_id: str) -> QueueItem:
        """One job of the queue. Raises KeyError when unknown."""
        return _item(self._row(job_id, _QUEUE + "WHERE q.job = ?", job_id))


class Reads(TakeReads, WorkReads, QueueReads, FactReads, GalleryReads):
    """Everything a project can be asked."""

    @property
    def title(self) -> str:
        """The project's title."""
        return self._meta("title")

    @property
    def project_id(self) -> str:
        """The project's own id; a saved copy has another."""
        return self._meta("id")

    @property
    def created_ms(self) -> int:
        """When the project was made."""
        return int(self._meta("created_ms"))

    def get_setting(self, key: str, default: Any = None) -> Any:
        """A setting of the project, as it was set."""
        rows = self._rows("SELECT value FROM setting WHERE key = ?", key)
        return msgspec.json.decode(rows[0][0]) if rows else default

    def asset(self, name: str) -> bytes:
        """The bytes of an asset, proved against its name. Raises StudioError "asset" when lost or damaged."""
        return Assets(self.path).read(name)

    def asset_path(self, name: str) -> Path:
        """Where an asset lies."""
        return Assets(self.path).path(name)

    def asset_names(self) -> list[str]:
        """All assets the project refers to."""
        return [str(name) for (name,) in self._rows("SELECT name FROM asset ORDER BY name")]

    def assets_referred_to(self) -> set[str]:
        """The assets that jobs read and that pictures' documents show, in any of their steps."""
        jobs = (JOB.decode(body) for (body,) in self._rows("SELECT body FROM job"))
        names = {name for job in jobs for name in files_of(job)}
        edits = self._rows(
            "SELECT r.edit FROM revision r JOIN work w ON w.id = r.work WHERE w.kind = 'picture'"
        )
        for (blob,) in edits:
            names.update(ASSET_NAME.findall(replay.edit_of(blob).inserted))
        return names

    def check(self) -> tuple[str, ...]:
        """What is wrong with the project; nothing when it is sound. SQLite's check cannot see damaged
        assets, their names can."""
        problems = [str(row[0]) for row in self._rows("PRAGMA integrity_check(20)") if row[0] != "ok"]
        problems += [
            f"A row of {row[0]} refers to nothing." for row in self._rows("PRAGMA foreign_key_check")
        ]
        names = sorted({*self.asset_names(), *self.assets_referred_to()})
        return (*problems, *Assets(self.path).problems(names))

    def _meta(self, key: str) -> str:
        return str(self._row(key, "SELECT value FROM meta WHERE key = ?", key)[0])


def _work(row: Row) -> Work:
    id_, kind, title, parent, position, created_ms, removed = row
    return Work(
        id=id_,
        kind=kind,
        title=title,
        parent=parent,
        position=position,
        created_ms=created_ms,
        removed=bool(removed),
    )


def _take(row: Row, jobs: dict[str, Job]) -> Take:
    (id_, job_id, work, parent, index, seed, created_ms, body, made), rest = row[:9], row[9:]
    status, text, error, seconds, verdict, reason, parts, *picture = rest
    job = jobs.get(job_id) or JOB.decode(body)
    jobs[job_id] = job
    return Take(
        id=id_,
        job=job_id,
        work=work,
        parent=parent,
        index=index,
        seed=seed,
        status=status or "streaming",
        recipe=Recipe(job=job, index=index, made=_MADE.decode(made) if made else None),
        created_ms=created_ms,
        text=(text if status else parts) or "",
        error=error or "",
        seconds=seconds or 0.0,
        verdict=None if verdict == "restored" else verdict,
        reason=reason or "",
        picture=picture_of(tuple(picture)),
    )


def _item(row: Row) -> QueueItem:
    return QueueItem(
        job=JOB.decode(row[0]), **dict(zip(QueueItem.__struct_fields__[1:], row[1:], strict=True))
    )
