"""New folders that appear complete or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.core.errors import StudioError
from studio.core.files import sync_folder, told
from studio.core.ids import new_id


@contextmanager
def new_folder(folder: Path, doing: str) -> Iterator[Path]:
    """A temporary folder beside `folder` that becomes it when the block ends well, else is removed.

    Raises StudioError "exists" when there is something at `folder` (an empty folder is nothing); system
    errors in the block become StudioErrors that say `doing` ("make the project").
    """
    _refuse_taken(folder, doing)
    making = folder.with_name(f".{folder.name[:80]}.{new_id()}.tmp")
    try:
        with told(doing, kept="Nothing was changed."):
            folder.parent.mkdir(parents=True, exist_ok=True)
            making.mkdir()
            yield making
            _refuse_taken(folder, doing)
            if folder.is_dir():
                folder.rmdir()
            making.rename(folder)
            sync_folder(folder.parent)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _refuse_taken(folder: Path, doing: str) -> None:
    with told(doing, kept="Nothing was changed."):
        taken = folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))
    if taken:
        raise StudioError(
            f"Could not {doing}: there is something at {folder} already.",
            kept="It was not touched.",
            do="Choose another name.",
            code="exists",
        )
