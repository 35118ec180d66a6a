"""Save a copy: a whole, proved project in a new folder, taken from a live one."""

from collections.abc import Sequence
from pathlib import Path

import apsw

from studio.core.errors import StudioError
from studio.core.files import sync_folder
from studio.core.ids import new_id
from studio.project.assets import Assets
from studio.project.database import DATABASE, storage
from studio.project.places import new_folder

_KEPT = "The project itself is as it was; no copy was made."


def save_copy(db: apsw.Connection, folder: Path, names: Sequence[str], to: Path) -> tuple[str, ...]:
    """Copy the open project `db` of `folder` to `to`, with the assets of these names and a new project id.

    Returns a sentence for each asset that could not be read whole. Raises StudioError; then there is no copy.
    """
    with new_folder(to, "save a copy") as making:
        with storage(_KEPT):
            _copy_database(db, making / DATABASE)
        (making / "assets").mkdir()
        problems = _copy_assets(Assets(folder), Assets(making), names)
        sync_folder(making)
    return tuple(problems)


def _copy_database(db: apsw.Connection, path: Path) -> None:
    """Through SQLite's backup, so that what lies in the log comes too."""
    copy = apsw.Connection(str(path))
    try:
        with copy.backup("main", db, "main") as backup:
            while not backup.done:
                backup.step(1_000)
        found = copy.pragma("integrity_check")
        if found != "ok":
            raise StudioError(
                f"The copy is not sound ({found}).",
                kept=_KEPT,
                do="Check the disk it was to go to.",
                code="damaged",
            )
        copy.execute("UPDATE meta SET value = ? WHERE key = 'id'", (new_id(),))
        copy.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    finally:
        copy.close()


def _copy_assets(source: Assets, target: Assets, names: Sequence[str]) -> list[str]:
    problems = []
    for name in names:
        try:
            data = source.read(name)
        except StudioError as error:
            problems.append(error.what)
            continue
        target.put(data, name.rpartition(".")[2])
        target.read(name)
    return problems
