"""Connections to a project's database, SQLite's refusals in a person's words."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from studio.core.errors import StudioError

DATABASE = "project.db"
Row = tuple[Any, ...]
_HEADER = b"SQLite format 3\x00"
_BUSY_MS = 2_000
_KEPT = "Everything saved before is still there; only the last change was not written."


@contextmanager
def storage(kept: str = _KEPT) -> Iterator[None]:
    """Turn SQLite's refusals inside the block into StudioErrors; broken rules of ours stay bugs."""
    try:
        yield
    except apsw.FullError as error:
        raise StudioError(
            "The disk is full.", kept=kept, do="Free some space, then try again.", code="full"
        ) from error
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise StudioError(
            f"The project's database is damaged ({error}).",
            kept="Nothing was changed.",
            do="Open the newest copy of this project, and keep the damaged folder.",
            code="damaged",
        ) from error
    except (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError, apsw.AuthError) as error:
        raise StudioError(
            "The project's folder may not be written to.",
            kept=kept,
            do="Change its permissions, or copy the project to a place of your own.",
            code="read_only",
        ) from error
    except (apsw.IOError, apsw.BusyError, apsw.LockedError, apsw.ProtocolError) as error:
        raise StudioError(
            f"The disk did not take or give the project's data ({error}).",
            kept=kept,
            do="Check the disk and its connection, then try again.",
            code="io",
        ) from error


def checked_file(folder: Path) -> Path:
    """The database of a project folder. Raises StudioError when there is none or it is no database."""
    path = folder / DATABASE
    try:
        with path.open("rb") as file:
            start = file.read(len(_HEADER))
    except (FileNotFoundError, NotADirectoryError):
        raise StudioError(
            f"There is no Atelier project at {folder}.",
            do="Choose a folder whose name ends in .atelier.",
            code="no_project",
        ) from None
    except OSError as error:
        raise StudioError(
            f"{path} cannot be read: {error.strerror}.",
            do="Check its permissions and the disk.",
            code="read_only",
        ) from error
    if start != _HEADER:
        raise StudioError(
            f"{path} is damaged: it does not begin like a database.",
            kept="Nothing was changed.",
            do="Open the newest copy of this project, and keep the damaged folder.",
            code="damaged",
        )
    return path


def connect_writer(path: Path) -> apsw.Connection:
    """The writing connection: WAL, every commit on the disk before it returns, checkpoints left to us."""
    db = apsw.Connection(str(path))
    try:
        db.set_busy_timeout(_BUSY_MS)
        db.pragma("journal_mode", "wal")
        db.pragma("synchronous", "FULL")
        db.pragma("foreign_keys", True)
        db.pragma("trusted_schema", False)
        db.wal_autocheckpoint(0)
    except BaseException:
        db.close()
        raise
    return db


def connect_reader(path: Path) -> apsw.Connection:
    """A read-only connection. In a folder that may not be written to, the file is read as it stands."""
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    uri = path.resolve().as_uri() + "?mode=ro"
    try:
        return _proved(apsw.Connection(uri, flags=flags))
    except (apsw.CantOpenError, apsw.ReadOnlyError):
        log = path.with_name(path.name + "-wal")
        if log.exists() and log.stat().st_size:
            raise  # the newest changes lie in the log: without it an old state would pass for the truth
        return _proved(apsw.Connection(uri + "&immutable=1", flags=flags))


def _proved(db: apsw.Connection) -> apsw.Connection:
    try:
        db.set_busy_timeout(_BUSY_MS)
        db.pragma("query_only", True)
        list(db.execute("SELECT count(*) FROM sqlite_schema"))
    except BaseException:
        db.close()
        raise
    return db


class Owned:
    """A connection with one owner: the thread that opened it. `path` is the project's folder."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self.path = path
        self._connection: apsw.Connection | None = connection
        self._thread = threading.get_ident()

    @property
    def _db(self) -> apsw.Connection:
        """The connection. Raises RuntimeError on another thread or after the end: a bug."""
        if threading.get_ident() != self._thread:
            raise RuntimeError("a project's connection is used only on the thread that opened it")
        if self._connection is None:
            raise RuntimeError("this project is closed")
        return self._connection

    def _rows(self, sql: str, *values: Any) -> list[Row]:
        """All rows of a query."""
        with storage("Nothing was changed."):
            return list(self._db.execute(sql, values))

    def _row(self, key: str, sql: str, *values: Any) -> Row:
        """The one row of a query. Raises KeyError(key) when there is none."""
        rows = self._rows(sql, *values)
        if not rows:
            raise KeyError(key)
        return rows[0]
