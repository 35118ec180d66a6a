"""A project's disk that is full, and has room again."""

import errno
from pathlib import Path

import pytest

from studio.engine.thread import EngineThread
from studio.project import assets


class FullDisk:
    """For the database SQLite's own limit, for files the system's refusal."""

    def __init__(self, engine: EngineThread, patch: pytest.MonkeyPatch) -> None:
        self._engine, self._full = engine, False
        write = assets.write_whole

        def refused(path: Path, data: bytes) -> None:
            if self._full:
                raise OSError(errno.ENOSPC, "No space left on device")
            write(path, data)

        patch.setattr(assets, "write_whole", refused)

    def fill(self, *_when: object) -> None:
        """Nothing more fits; from the engine's own thread."""
        store = self._engine._engine.jobs.project()
        store._db.pragma("max_page_count", int(store._db.pragma("page_count")))
        self._full = True

    def fill_now(self) -> None:
        """The same from any thread."""
        self._engine.write(self.fill).result()

    def has_room(self) -> None:
        """Something was deleted elsewhere."""
        self._full = False
        self._engine.write(lambda store: store._db.pragma("max_page_count", 1_000_000)).result()
