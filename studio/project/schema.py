"""The tables of a project, and the steps that bring an older file up to date."""

import apsw

from studio.core.errors import StudioError

APPLICATION_ID = 0x41544C52  # "ATLR"

_V1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;  -- value is JSON
CREATE TABLE work (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    parent TEXT REFERENCES work (id),
    position INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0
) STRICT;

-- from here on: append-only, nothing is ever changed or deleted
CREATE TABLE job (id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;  -- msgpack of core.jobs.Job
CREATE TABLE take (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    job TEXT NOT NULL REFERENCES job (id),
    work TEXT NOT NULL,
    parent TEXT NOT NULL,
    number INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    made BLOB,  -- msgpack of core.takes.Made
    created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX take_work ON take (work, seq);
CREATE INDEX take_job ON take (job, seq);
CREATE TABLE take_part (
    seq INTEGER PRIMARY KEY,
    take TEXT NOT NULL REFERENCES take (id),
    text TEXT NOT NULL
) STRICT;
CREATE INDEX take_part_take ON take_part (take, seq);
CREATE TABLE take_end (
    take TEXT PRIMARY KEY REFERENCES take (id),
    status TEXT NOT NULL CHECK (status IN ('done', 'stopped', 'failed')),
    text TEXT NOT NULL,
    error TEXT NOT NULL,
    seconds REAL NOT NULL,
    tokens BLOB NOT NULL,
    made BLOB,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE take_edit (
    seq INTEGER PRIMARY KEY,
    take TEXT NOT NULL REFERENCES take (id),
    edit BLOB NOT NULL,  -- msgpack of media.spans.Edit
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX take_edit_take ON take_edit (take, seq);
CREATE TABLE revision (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    work TEXT NOT NULL REFERENCES work (id),
    parent TEXT REFERENCES revision (id),
    kind TEXT NOT NULL,
    take TEXT REFERENCES take (id),
    edit BLOB NOT NULL,
    inserted INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    excerpt TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX revision_work ON revision (work, seq);
CREATE TABLE snapshot (
    revision TEXT PRIMARY KEY REFERENCES revision (id),
    text TEXT NOT NULL,
    runs BLOB NOT NULL
) STRICT;
CREATE TABLE head (
    seq INTEGER PRIMARY KEY,
    work TEXT NOT NULL REFERENCES work (id),
    revision TEXT REFERENCES revision (id),
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX head_work ON head (work, seq);
CREATE TABLE verdict (
    seq INTEGER PRIMARY KEY,
    take TEXT NOT NULL REFERENCES take (id),
    kind TEXT NOT NULL CHECK (kind IN ('accepted', 'rejected', 'restored')),
    reason TEXT NOT NULL,
    revision TEXT REFERENCES revision (id),
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX verdict_take ON verdict (take, seq);
CREATE TABLE asset (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL, created_ms INTEGER NOT NULL) STRICT;

-- the queue changes in place: it is a state, not a history
CREATE TABLE queue (
    job TEXT PRIMARY KEY REFERENCES job (id),
    priority INTEGER NOT NULL,
    position INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'stopped')),
    attempts INTEGER NOT NULL DEFAULT 0,
    what TEXT NOT NULL DEFAULT '',
    kept TEXT NOT NULL DEFAULT '',
    do TEXT NOT NULL DEFAULT '',
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT;
"""

_V2 = """
-- append-only: what is known of a work beside its text; the latest of a key holds, JSON null says it is gone
CREATE TABLE fact (
    seq INTEGER PRIMARY KEY,
    work TEXT NOT NULL REFERENCES work (id),
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX fact_latest ON fact (work, key, seq);
CREATE TABLE take_tokens (  -- apart from take_end: with alternatives they are most of a project's bytes
    take TEXT PRIMARY KEY REFERENCES take (id),
    tokens BLOB NOT NULL  -- msgpack of core.takes.Token, ...
) STRICT;

-- derived, made anew from the rest at any time: what can be searched
CREATE TABLE passage (
    id INTEGER PRIMARY KEY,  -- the rowid in `search`
    work TEXT NOT NULL,
    kind TEXT NOT NULL,
    entry TEXT NOT NULL,
    at INTEGER NOT NULL,  -- the character of the work's text it begins at
    folded TEXT NOT NULL  -- as long as the passage, without case and accents: parts of words are found in it
) STRICT;
CREATE INDEX passage_work ON passage (work);
CREATE TABLE indexed (work TEXT PRIMARY KEY, stamp TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE search USING fts5 (text, tokenize = "unicode61 remove_diacritics 2");
"""

_V3 = """
-- append-only: what image jobs made; prompt, model and so on are in the recipe too, here they are searched
CREATE TABLE take_picture (
    seq INTEGER PRIMARY KEY,
    take TEXT NOT NULL UNIQUE REFERENCES take (id),
    work TEXT NOT NULL,
    asset TEXT NOT NULL REFERENCES asset (name),
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    preview INTEGER NOT NULL,
    prompt TEXT NOT NULL,
    negative TEXT NOT NULL,
    model TEXT NOT NULL,
    adapters TEXT NOT NULL,  -- JSON list of paths
    seed INTEGER NOT NULL,
    folded TEXT NOT NULL,  -- the prompts without case and accents
    created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX take_picture_work ON take_picture (work, seq);
CREATE TABLE thumb (  -- apart: a gallery is listed without reading them
    take TEXT PRIMARY KEY REFERENCES take (id),
    image BLOB NOT NULL
) STRICT;
"""

_V4 = """
ALTER TABLE revision ADD COLUMN words TEXT NOT NULL DEFAULT '';  -- what was done, where the edit does not show it
"""

_GUARDED = ("job", "take", "take_part", "take_end", "take_edit", "revision", "snapshot", "head", "verdict")
_GUARDED_2 = ("fact", "take_tokens")
_GUARDED_3 = ("take_picture", "thumb")
_GUARD = """
CREATE TRIGGER {table}_{act} BEFORE {act} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
"""


def _guards(tables: tuple[str, ...]) -> str:
    return "".join(_GUARD.format(table=t, act=a) for t in tables for a in ("update", "delete"))


MIGRATIONS: tuple[str, ...] = (
    _V1 + _guards(_GUARDED),
    _V2 + _guards(_GUARDED_2),
    _V3 + _guards(_GUARDED_3),
    _V4,
)
VERSION = len(MIGRATIONS)


def migrate(db: apsw.Connection, steps: tuple[str, ...] = MIGRATIONS) -> None:
    """Bring a file forward to the newest version, all or nothing.

    Raises StudioError for a newer or foreign file.
    """
    check_version(db, len(steps))
    version = int(db.pragma("user_version"))
    if version == len(steps):
        return
    with db:
        for step in steps[version:]:
            db.execute(step)
        db.pragma("application_id", APPLICATION_ID)
        db.pragma("user_version", len(steps))


def check_version(db: apsw.Connection, newest: int = VERSION) -> None:
    """Raises StudioError "no_project" for another program's file, "newer" for a newer Atelier's."""
    application, version = int(db.pragma("application_id")), int(db.pragma("user_version"))
    empty = not list(db.execute("SELECT 1 FROM sqlite_schema LIMIT 1"))
    if application != APPLICATION_ID and not (empty and application == 0 and version == 0):
        raise StudioError(
            "This folder's project.db was not made by Atelier.",
            kept="It was not touched.",
            do="Choose another folder.",
            code="no_project",
        )
    if version > newest:
        raise StudioError(
            f"This project was last used by a newer Atelier (format {version}; this one knows {newest}).",
            kept="It was not touched.",
            do="Open it with the newer Atelier, or update this one.",
            code="newer",
        )
