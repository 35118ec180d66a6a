"""The open project, for looking: a read-only connection of the window's own thread."""

from pathlib import Path
from typing import Self

from studio.project import schema
from studio.project.database import checked_file, connect_reader, storage
from studio.project.reads import Reads


class Reader(Reads):
    """Reads while a Store of the same folder writes; each question sees the newest commit.

    Raises StudioError: "no_project", "damaged", "newer", "read_only".
    """

    def __init__(self, folder: Path) -> None:
        folder = folder.absolute()
        path = checked_file(folder)
        with storage("Nothing was changed."):
            db = connect_reader(path)
            try:
                schema.check_version(db)
            except BaseException:
                db.close()
                raise
        super().__init__(folder, db)

    def close(self) -> None:
        """Close the connection. A second call does nothing."""
        if self._connection is not None:
            self._db.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
