"""Transactions of the one writing connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from studio.project.database import Owned, storage

_CHECKPOINT_PAGES = 1_000  # 4 MB of log: worth moving into the database at a quiet moment
_CHECKPOINT_PAGES_MOST = 8_000  # 32 MB: now, whatever is going on


class Writing(Owned):
    """A connection that writes in transactions."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        super().__init__(path, connection)
        self._depth = 0
        self._log_pages = 0
        connection.set_wal_hook(self._on_log)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Several operations in one commit: all of them are kept or none."""
        with self._transaction():
            yield

    @contextmanager
    def _transaction(self, *, urgent: bool = False, durable: bool = True) -> Iterator[apsw.Connection]:
        """One commit, on the disk when it returns unless not `durable`; inside another it joins that one.

        The log is checkpointed after it when long; never after an `urgent` one, which a person waits for.
        """
        db = self._db
        if self._depth:
            yield from self._inner(db)
            return
        with storage():
            db.pragma("synchronous", "FULL" if durable else "NORMAL")
            db.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                self._rolled_back()
                raise
            finally:
                self._depth = 0
        if self._log_pages > (_CHECKPOINT_PAGES_MOST if urgent else _CHECKPOINT_PAGES):
            self.checkpoint()

    def _inner(self, db: apsw.Connection) -> Iterator[apsw.Connection]:
        """An operation inside a batch: undone by itself when it fails, kept when the batch is."""
        db.execute("SAVEPOINT operation")
        try:
            yield db
        except BaseException:
            self._rolled_back()
            if db.in_transaction:  # a full disk has made SQLite take back the whole batch already
                db.execute("ROLLBACK TO operation")
                db.execute("RELEASE operation")
            raise
        db.execute("RELEASE operation")

    def checkpoint(self) -> None:
        """Move the log into the database, as far as readers let; a failure only leaves the log longer."""
        try:
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._log_pages = 0
        except (apsw.FullError, apsw.IOError, apsw.BusyError, apsw.LockedError):
            self._log_pages = 0  # everything is safe in the log; the next long one tries again

    def _changed_one(self, table_row: str) -> None:
        """Raises KeyError when the statement just run did not change exactly one row."""
        if self._db.changes() != 1:
            raise KeyError(table_row)

    def _rolled_back(self) -> None:
        """What was remembered about the transaction no longer holds."""

    def _on_log(self, _db: apsw.Connection, _name: str, pages: int) -> int:
        self._log_pages = pages
        return apsw.SQLITE_OK
