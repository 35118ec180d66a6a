"""A new folder that is there whole or not at all: written beside its place under a hidden name, then renamed."""

import shutil
from collections.abc import Callable
from pathlib import Path

from studio.core.errors import StudioError
from studio.core.files import sync_folder, told
from studio.core.ids import new_id
from studio.worker.tune.publish import sync_tree


def written_whole(place: Path, doing: str, write: Callable[[Path], None]) -> Path:
    """Have `write` fill a folder that then becomes `place`; `doing` completes "Could not ...".

    Raises StudioError "exists" when something is there already (nothing is ever written over), and for what the disk
    refuses; whatever goes wrong, nothing is left behind.
    """
    if place.exists() and not (place.is_dir() and not any(place.iterdir())):
        raise StudioError(
            f"There is something in {place} already.",
            kept="It was left as it is.",
            do="Choose another name or folder.",
            code="exists",
        )
    staged = place.parent / f".{place.name}.{new_id()}.staged"
    with told(doing, kept="Nothing was changed."):
        try:
            staged.mkdir(parents=True)
            write(staged)
            sync_tree(staged)
            if place.is_dir():
                place.rmdir()
            staged.rename(place)
            sync_folder(place.parent)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
    return place
