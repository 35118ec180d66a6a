"""Checkpoints on disk: whole or not there at all, pruned, and passed over when they are damaged.

A checkpoint is written into a staged folder; its manifest, with the SHA-256 of every file, comes last; then one rename
gives it its name. What a power cut leaves is the older checkpoints and a staged folder that the next start clears away.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.core.files import from_os, sync_folder, write_whole
from studio.core.ids import new_id
from studio.core.tuning import RunSettings, TuneSettings
from studio.media.dataset.found import Survey

MANIFEST: Final = "manifest.json"
STAGED: Final = ".staged-"
VERSION: Final = 1


class Manifest(Struct, frozen=True, kw_only=True):
    """What a checkpoint holds. `identity` names the training it belongs to; `facts` are the trainer's own."""

    version: int = VERSION
    step: int
    identity: str = ""
    files: dict[str, str] = {}  # name relative to the folder -> SHA-256
    facts: dict[str, Any] = {}


class Checkpoint(Struct, frozen=True):
    """A whole one."""

    folder: Path
    manifest: Manifest

    @property
    def step(self) -> int:
        """After which step it was made."""
        return self.manifest.step

    @property
    def facts(self) -> dict[str, Any]:
        """What the trainer wrote down."""
        return self.manifest.facts


class Checkpoints:
    """The checkpoints of one run, or its best weights (`prefix` "best"): folders PREFIX-000100 in one folder.

    `keep` is how many stay; 0: all. `identity`: those of another training (another method, other data) are passed over.
    `damaged` is told the sentence about each folder that cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        keep: int = 2,
        identity: str = "",
        prefix: str = "step",
        damaged: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.folder, self.keep, self.identity, self.prefix = folder, keep, identity, prefix
        self._damaged = damaged

    def path(self, step: int) -> Path:
        """Where a step's checkpoint stands."""
        return self.folder / f"{self.prefix}-{step:06d}"

    def save(
        self, step: int, write: Callable[[Path], None], facts: dict[str, Any] | None = None
    ) -> Checkpoint:
        """Make one: `write` fills a folder. Raises StudioError ("full", "read_only", "io"); the older ones stay."""
        staged = self.folder / f"{STAGED}{new_id()}"
        try:
            staged.mkdir(parents=True)
            write(staged)
            files = {name: _synced(staged / name) for name in _names(staged)}
            manifest = Manifest(step=step, identity=self.identity, files=files, facts=facts or {})
            write_whole(staged / MANIFEST, msgspec.json.encode(manifest))
            final = self.path(step)
            if final.exists():  # of an earlier life of this run, beyond the step it was resumed from
                shutil.rmtree(final)
            staged.rename(final)
            sync_folder(self.folder)
        except BaseException as error:
            shutil.rmtree(staged, ignore_errors=True)
            known = _system_error(error)
            if known is None:
                raise
            raise from_os(
                known, f"write the checkpoint of step {step}", "The checkpoints before it are kept."
            ) from error
        return Checkpoint(final, manifest)

    def steps(self) -> list[int]:
        """The steps that have one, whole or not, rising."""
        found = (path.name.removeprefix(f"{self.prefix}-") for path in self.folder.glob(f"{self.prefix}-*"))
        return sorted(int(name) for name in found if name.isdecimal())

    def newest(self) -> Checkpoint | None:
        """The newest whole one; damaged ones are told and passed over. Every file is read."""
        return next(self.whole(), None)

    def whole(self) -> Iterator[Checkpoint]:
        """All whole ones, newest first."""
        for step in reversed(self.steps()):
            found = self.at(step)
            if found is not None:
                yield found

    def at(self, step: int) -> Checkpoint | None:
        """A step's; None where there is none that is whole and of this training."""
        folder = self.path(step)
        if not folder.is_dir():
            return None
        try:
            manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
            wrong = _wrong(folder, manifest)
        except (OSError, msgspec.DecodeError) as error:
            wrong = str(error)
        if not wrong and manifest.version > VERSION:
            wrong = "it is of a newer version of the studio"
        if not wrong and self.identity and manifest.identity != self.identity:
            wrong = "it is of another training (other settings, model or files)"
        if wrong:
            self._damaged(f"{folder.name} was passed over: {wrong}.")
            return None
        return Checkpoint(folder, manifest)

    def facts(self) -> dict[int, dict[str, Any]]:
        """What each one's manifest remembers, by step; files are not looked at."""
        found = {}
        for step in self.steps():
            try:
                manifest = msgspec.json.decode((self.path(step) / MANIFEST).read_bytes(), type=Manifest)
            except (OSError, msgspec.DecodeError):
                continue
            found[step] = manifest.facts
        return found

    def prune(self, needed: frozenset[int] = frozenset()) -> None:
        """Delete all but the newest `keep` and the steps in `needed`, and what earlier runs left staged."""
        for path in self.folder.glob(f"{STAGED}*"):
            shutil.rmtree(path, ignore_errors=True)
        for step in self.steps()[: -self.keep] if self.keep else ():
            if step not in needed:
                shutil.rmtree(self.path(step), ignore_errors=True)

    def drop_beyond(self, step: int) -> None:
        """Delete those of later steps: a run that was resumed at `step` makes them again."""
        for later in self.steps():
            if later > step:
                shutil.rmtree(self.path(later), ignore_errors=True)


def _names(folder: Path) -> list[str]:
    """All files below a folder, relative, with forward slashes."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _synced(file: Path) -> str:
    """Make a file durable; its SHA-256."""
    handle = os.open(file, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return _sha256(file)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _wrong(folder: Path, manifest: Manifest) -> str:
    """What is wrong with a checkpoint's files; "" where they are as they were written."""
    for name, sha256 in manifest.files.items():
        file = folder / name
        if not file.is_file():
            return f"{name} is missing"
        if _sha256(file) != sha256:
            return f"{name} is damaged"
    return ""


def _system_error(error: BaseException) -> OSError | None:
    """The refusal of the system behind an error, where there is one: libraries wrap a full disk in their own."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError):
            return seen
        seen = seen.__cause__ or seen.__context__
    words = str(error).lower()
    if not isinstance(error, StudioError) and ("no space left" in words or "os error 28" in words):
        return OSError(28, "No space left on device")
    if isinstance(error, RuntimeError) and ("pytorchstreamwriter" in words or "inline_container" in words):
        return OSError(28, "No space left on device")  # torch.save does not say what the system said
    return None


def identity_of(settings: TuneSettings, survey: Survey) -> str:
    """What a checkpoint must agree with to be gone on from: all that decides what is learnt, and from what.

    How often is validated or kept, how much is computed at once, names and places may change in between.
    """
    free = {"run": RunSettings(), "name": "", "out": "", "licence": "", "folder": ""}
    options = replace(settings.optimizer, micro_batch=0, checkpointing=False)
    decisive = replace(settings, optimizer=options, **free)
    documents = sorted((document.sha256, document.side) for document in survey.documents)
    return hashlib.sha256(msgspec.json.encode((decisive, documents))).hexdigest()
