"""One program at a time writes a project: the `lock` file that says which."""

import contextlib
import datetime
import os
import socket
from pathlib import Path

import msgspec
import psutil

from studio.core.errors import StudioError
from studio.core.files import told
from studio.core.ids import now_ms

LOCK = "lock"
_SAME_START_S = 2.0  # start times are known to a clock tick, and the clock may be set meanwhile
_YOUNG_MS = 10_000  # an unreadable lock younger than this is one that is just being written


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a lock: `started` is the process's start in Unix seconds, `at_ms` when it took the lock."""

    host: str
    pid: int
    started: float
    at_ms: int


class ProjectLock:
    """Held from its making until `release`. Raises StudioError "locked" when another program holds it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK
        self._guard = folder / f".{LOCK}.takeover"
        self._owner = Owner(
            host=socket.gethostname(),
            pid=os.getpid(),
            started=psutil.Process().create_time(),
            at_ms=now_ms(),
        )
        with told("open the project for writing", kept="Nothing was changed."):
            while not self._created():
                self._clear_if_stale()
        self._folder = _handle_of(folder)

    def release(self) -> None:
        """Remove the lock, if it is still ours; also where the project's folder was moved meanwhile."""
        folder, self._folder = self._folder, None
        with contextlib.suppress(OSError):
            if folder is None:
                if _read(self._path) == self._owner:
                    self._path.unlink()
            else:
                _remove_in(folder, self._owner)
        if folder is not None:
            os.close(folder)

    def _created(self) -> bool:
        try:
            handle = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        except FileExistsError:
            return False
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode(self._owner))
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            self._path.unlink()  # an empty lock would keep everyone out
            raise
        return True

    def _clear_if_stale(self) -> None:
        """Remove a dead program's lock. A guard file lets one program at a time judge and remove, so that
        none removes the lock of another that was quicker."""
        if not self._found():
            return
        try:
            os.close(os.open(self._guard, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        except FileExistsError:
            if _young(self._guard):
                raise _just_opening() from None
            self._guard.unlink(missing_ok=True)  # its maker died between two lines
            return
        try:
            if self._found():
                self._path.unlink()
        finally:
            self._guard.unlink(missing_ok=True)

    def _found(self) -> bool:
        """Whether a dead program's lock lies there; a live one's is refused."""
        try:
            owner = _read(self._path)
        except FileNotFoundError:
            return False
        self._refuse_if_live(owner)
        return True

    def _refuse_if_live(self, owner: Owner | None) -> None:
        if owner is None:
            if _young(self._path):
                raise _just_opening()
            return
        since = datetime.datetime.fromtimestamp(owner.at_ms / 1000).strftime("%Y-%m-%d %H:%M")
        if owner.host != self._owner.host:
            raise _locked(
                f"This project is open on the computer {owner.host} (process {owner.pid}, since {since}).",
                "Close it there. If that computer stopped without closing it,"
                f" delete {self._path} and try again.",
            )
        if owner.pid == self._owner.pid and _same_start(owner, self._owner.started):
            raise _locked("This project is already open in this program.", "Use the window that shows it.")
        if _alive(owner):
            raise _locked(
                f"This project is open in another Atelier (process {owner.pid} on {owner.host},"
                f" since {since}).",
                "Use that window, or close it first.",
            )


def _locked(what: str, do: str) -> StudioError:
    return StudioError(what, kept="Nothing was changed.", do=do, code="locked")


def _just_opening() -> StudioError:
    return _locked("Another program is just opening this project.", "Try again in a few seconds.")


def _read(path: Path) -> Owner | None:
    """The owner written in a lock; None when it is unreadable. Raises FileNotFoundError when it is gone."""
    return _owner_in(path.read_bytes())


def _owner_in(data: bytes) -> Owner | None:
    try:
        return msgspec.json.decode(data, type=Owner)
    except msgspec.DecodeError:
        return None


def _handle_of(folder: Path) -> int | None:
    """What names a folder wherever it is moved to; None where the system has no such thing (Windows: there a
    folder whose files are open cannot be moved)."""
    if os.name == "nt":
        return None
    with contextlib.suppress(OSError):
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    return None


def _remove_in(folder: int, owner: Owner) -> None:
    with open(LOCK, "rb", opener=lambda name, flags: os.open(name, flags, dir_fd=folder)) as file:
        data = file.read()
    if _owner_in(data) == owner:
        os.unlink(LOCK, dir_fd=folder)


def _young(path: Path) -> bool:
    try:
        return now_ms() - path.stat().st_mtime * 1000 < _YOUNG_MS
    except OSError:
        return False


def _alive(owner: Owner) -> bool:
    """Whether the very process that took the lock still runs (a pid may have gone to another one)."""
    try:
        process = psutil.Process(owner.pid)
        return process.status() != psutil.STATUS_ZOMBIE and _same_start(owner, process.create_time())
    except psutil.AccessDenied:
        return True
    except psutil.NoSuchProcess:
        return False


def _same_start(owner: Owner, started: float) -> bool:
    return abs(owner.started - started) < _SAME_START_S
