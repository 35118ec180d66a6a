"""From what a trainer left staged to an adapter in the lists: in steps that a crash may fall between.

Each step is one rename or one small file written whole, and says enough to go on from it: a run that died here is
published when it is resumed, not trained again.
"""

import filecmp
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from studio.catalog.catalog import Catalog
from studio.core.errors import StudioError
from studio.core.files import from_os, sync_folder, told, write_whole
from studio.core.resources import starter_models
from studio.core.tune_events import Finished
from studio.core.tune_run import RunFolder

Note = Callable[[str, str, str], None]  # what, what to do, code
_LINKED_BYTES: Final = 64 * 2**20  # files from here on are linked, not copied, where the file system can
_KEPT: Final = "What was learnt is kept in the run's folder."


class Sealed(Struct, frozen=True, kw_only=True):
    """The finished.json of a run: what it will tell, and where its result lay staged (relative to the run)."""

    staged: str
    finished: Finished


def pending(run: RunFolder) -> bool:
    """Whether the run's result is whole already and only has to be put in its place."""
    sealed = _sealed(run)
    return sealed is not None and (run.result.is_dir() or (run.path / sealed.staged).is_dir())


def seal(run: RunFolder, staged: Path, finished: Finished) -> None:
    """From here on the run is not trained any more: `staged`, a folder inside it, is its result.

    `finished` has its card's name relative to `staged`. Raises StudioError ("full", "read_only", "io").
    """
    with told("keep the result", kept="Its checkpoints are kept."):
        sync_tree(staged)
        relative = staged.relative_to(run.path).as_posix()
        finished = replace(finished, adapter="")
        write_whole(run.finished_file, msgspec.json.encode(Sealed(staged=relative, finished=finished)))


def publish(run: RunFolder, out: str, models_file: Path | None, note: Note) -> Finished:
    """Put a sealed result into its place and into the list of models; what the run tells of it.

    The result is `run.result`, and a copy of it `out` where that is asked for: never over something that is there,
    but under the next free name. Where the copy or the list cannot be written, that is noted and the result stays in
    the run. Raises StudioError when not even that can be done.
    """
    sealed = _sealed(run)
    if sealed is None:
        raise ValueError(f"{run.path} was not sealed")
    with told("keep the result", kept="Its checkpoints are kept."):
        _place(run, run.path / sealed.staged)
    place = run.result
    if out:
        try:
            place = _put(run, sealed, Path(out))
        except OSError as error:
            wrong = from_os(error, f"write the result to {out}")
            note(wrong.what, f"It lies in {run.result}: copy it from there. {wrong.do}", wrong.code)
    if models_file is not None:
        _register(place, models_file, note)
    told_card = sealed.finished.card
    return replace(sealed.finished, adapter=str(place), card=str(place / told_card) if told_card else "")


def sync_tree(folder: Path) -> None:
    """Make every file below a folder and every name in it durable. Raises OSError."""

    def refuse(error: OSError) -> None:
        raise error

    for root, _, files in os.walk(folder, onerror=refuse):
        for name in files:
            handle = os.open(Path(root, name), os.O_RDWR)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        sync_folder(Path(root))


def _sealed(run: RunFolder) -> Sealed | None:
    try:
        return msgspec.json.decode(run.finished_file.read_bytes(), type=Sealed)
    except (OSError, msgspec.DecodeError):
        return None


def _place(run: RunFolder, staged: Path) -> None:
    """The staged folder becomes the run's result by one rename."""
    if not staged.is_dir():
        return  # it did, before a crash
    number = 1
    if run.result.exists():  # of an earlier end of this run
        while (aside := run.path / f"result-{number}").exists():
            number += 1
        run.result.rename(aside)
    staged.rename(run.result)
    sync_folder(run.path)


def _put(run: RunFolder, sealed: Sealed, out: Path) -> Path:
    """The copy of the result at `out` or beside it; the place is written down before it is used."""
    place = Path(sealed.finished.adapter) if sealed.finished.adapter else None
    while place is None or not _is_there(run.result, place):
        if place is None or not _free(place):
            place = _free_name(out)
            sealed = replace(sealed, finished=replace(sealed.finished, adapter=str(place)))
            write_whole(run.finished_file, msgspec.json.encode(sealed))
        staged = place.parent / f".{place.name}.{run.id}.staged"
        _copy(run.result, staged)
        if place.is_dir():
            with suppress(OSError):
                place.rmdir()  # an empty one
        try:
            staged.rename(place)
        except OSError:
            shutil.rmtree(staged, ignore_errors=True)
            if _free(place):
                raise
            continue  # somebody else took the name meanwhile
        sync_folder(place.parent)
    return place


def _free(place: Path) -> bool:
    """Whether nothing would be written over there."""
    return not place.exists() or (place.is_dir() and not any(place.iterdir()))


def _free_name(out: Path) -> Path:
    number, place = 1, out
    while not _free(place):
        number += 1
        place = out.with_name(f"{out.name} {number}")
    return place


def _copy(source: Path, staged: Path) -> None:
    """A whole and durable copy of a folder."""
    shutil.rmtree(staged, ignore_errors=True)
    staged.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copytree(source, staged, copy_function=_copy_file)
        sync_tree(staged)
    except shutil.Error as error:  # copytree gathers what went wrong, without the system's numbers
        shutil.rmtree(staged, ignore_errors=True)
        space = shutil.disk_usage(staged.parent).free < _size(source)
        raise OSError(28 if space else 5, str(error.args[0][0][2])) from error
    except OSError:
        shutil.rmtree(staged, ignore_errors=True)
        raise


def _copy_file(source: str, target: str) -> None:
    if Path(source).stat().st_size >= _LINKED_BYTES:
        with suppress(OSError):  # another disk, or a file system without links
            os.link(source, target)
            return
    shutil.copyfile(source, target)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _is_there(result: Path, place: Path) -> bool:
    """Whether `place` already holds this very result."""
    files = sorted(file.relative_to(result) for file in result.rglob("*") if file.is_file())
    return bool(files) and all(
        (place / file).is_file() and filecmp.cmp(place / file, result / file, shallow=False) for file in files
    )


def _register(place: Path, models_file: Path, note: Note) -> None:
    """Put the result into the list of models that the panes and `atelier models list` show."""
    try:
        Catalog(models_file, starter_models()).add(place)
    except StudioError as error:
        what = f"The result could not be put into the list of models: {error.what}"
        note(what, f"It lies in {place}. {error.do}", "not_listed")
