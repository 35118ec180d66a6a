"""The open project, for writing: one connection, one thread, one transaction an operation."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import apsw
import msgspec

from studio.core.files import sync_folder
from studio.core.ids import new_id, now_ms
from studio.media.spans import whole
from studio.project import schema
from studio.project.assets import Assets
from studio.project.backup import save_copy
from studio.project.database import DATABASE, checked_file, connect_writer, storage
from studio.project.facts import FactWrites
from studio.project.lock import ProjectLock
from studio.project.places import new_folder
from studio.project.queue_writes import QueueWrites
from studio.project.reads import Reads
from studio.project.records import Recovered
from studio.project.search import SearchWrites
from studio.project.take_writes import TakeWrites


class Store(TakeWrites, QueueWrites, FactWrites, SearchWrites, Reads):
    """A project opened for writing. It belongs to the thread that opened it and holds the project's lock.

    Refusals of the user's world are StudioErrors; unknown ids (KeyError), edits that do not fit
    (ValueError) and another thread's call (RuntimeError) are bugs.
    """

    def __init__(self, path: Path, connection: apsw.Connection, lock: ProjectLock) -> None:
        super().__init__(path, connection)
        self._lock = lock
        self.recovered = Recovered()

    @classmethod
    def create(cls, folder: Path, title: str = "") -> "Store":
        """Make a new project and open it. Raises StudioError "exists" over anything but an empty folder.

        It is made under a temporary name and appears complete or not at all.
        """
        folder = folder.absolute()
        with new_folder(folder, "make the project") as making:
            (making / "assets").mkdir()
            with storage("Nothing was made."):
                db = connect_writer(making / DATABASE)
                try:
                    schema.migrate(db)
                    meta = {"id": new_id(), "title": whole(title or folder.stem), "created_ms": str(now_ms())}
                    db.executemany("INSERT INTO meta (key, value) VALUES (?,?)", list(meta.items()))
                    db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
                finally:
                    db.close()
            sync_folder(making)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> "Store":
        """Open a project for writing and end what a crash left unfinished.

        Raises StudioError: "no_project", "locked" (names the owner), "newer", "damaged", "read_only".
        """
        folder = folder.absolute()
        path = checked_file(folder)
        lock = ProjectLock(folder)
        try:
            with storage("Nothing was changed."):
                db = connect_writer(path)
                try:
                    schema.migrate(db)
                    store = cls(folder, db, lock)
                    store.recovered = store.recover()
                except BaseException:
                    db.close()
                    raise
        except BaseException:
            lock.release()
            raise
        return store

    def recover(self) -> Recovered:
        """End the takes and jobs that the last owner left unfinished, keeping what they had.

        `open` does it; a second call would end what runs now.
        """
        with self._transaction():
            return Recovered(takes=self._end_orphans(), jobs=self._fail_orphans())

    def close(self) -> None:
        """Checkpoint, close, give up the lock. A second call does nothing."""
        if self._connection is None:
            return
        db = self._db
        try:
            db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except (apsw.BusyError, apsw.LockedError, apsw.FullError, apsw.IOError):
            self._log_pages = 0  # everything is safe in the log; the next opening reads it
        finally:
            db.close()
            self._connection = None
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def set_title(self, title: str) -> None:
        """The project's title."""
        with self._transaction() as db:
            db.execute("UPDATE meta SET value = ? WHERE key = 'title'", (whole(title),))
            self._changed_one("title")

    def set_setting(self, key: str, value: Any) -> None:
        """Keep a JSON-able value with the project."""
        text = msgspec.json.encode(value).decode()
        with self._transaction() as db:
            db.execute(
                "INSERT INTO setting (key, value) VALUES (?,?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, text),
            )

    def put_asset(self, data: bytes, extension: str) -> str:
        """Keep a file with the project; its name, to refer to it. On the disk before it is referred to."""
        name = Assets(self.path).put(data, extension)
        with self._transaction() as db:
            db.execute(
                "INSERT INTO asset (name, bytes, created_ms) VALUES (?,?,?) ON CONFLICT DO NOTHING",
                (name, len(data), now_ms()),
            )
        return name

    def put_assets(self, assets: Mapping[str, bytes]) -> None:
        """Keep files under the names they are referred to by; all of them or none.

        Raises ValueError when a name is not that of its bytes.
        """
        with self.batch():
            for name, data in assets.items():
                if self.put_asset(data, name.rpartition(".")[2]) != name:
                    raise ValueError(f"{name} is not the name of these {len(data)} bytes")

    def backup(self, to_folder: Path) -> tuple[str, ...]:
        """Save a copy that is a project of its own, proved before it appears.

        Returns a sentence for each asset that was lost or damaged here already (the copy has the others).
        Raises StudioError "exists" over anything but an empty folder.
        """
        if self._depth:
            raise RuntimeError("a copy is not saved inside a batch")
        names = sorted({*self.asset_names(), *self.assets_referred_to()})
        return save_copy(self._db, self.path, names, to_folder.absolute())
