"""What must be right for Atelier to work here, checked for real: parts, starter model, disk, worker."""

import contextlib
import importlib.metadata
import os
import platform
import queue
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from msgspec import Struct

from studio.app.places import Places
from studio.catalog.inspect import inspect_model
from studio.core.errors import StudioError
from studio.core.events import Event, Failed, Ready, Warm
from studio.core.resources import starter_model
from studio.engine.worker_link import WORKER_COMMAND, WorkerLink

PACKAGES = (
    "PySide6-Essentials",
    "torch",
    "transformers",
    "diffusers",
    "peft",
    "pillow",
    "apsw",
    "msgspec",
    "tokenizers",
    "qasync",
)
REINSTALL = "Run “bash packaging/run.sh” again, or: pip install --upgrade atelier-studio"
FREE_DISK_MIB = 500
FREE_MEMORY_MIB = 1_000
WORKER_WAIT_S = 120.0
LOOK_S = 0.2


class Check(Struct, frozen=True, kw_only=True):
    """One thing looked at; `cure` says what to do when it is not ok."""

    name: str
    ok: bool
    found: str
    cure: str = ""


def check_installation(places: Places, cancelled: Callable[[], bool] = lambda: False) -> list[Check]:
    """All checks, in the order a person would ask. `cancelled` is asked while the model loads."""
    return [
        _python(),
        *(_package(name) for name in PACKAGES),
        _qt(),
        _memory(),
        _writable(places),
        _disk(places),
        _starter(),
        _picture_starter(),
        _picture_files(),
        *_worker(cancelled),
    ]


def doctor_words(checks: Sequence[Check]) -> tuple[str, str, str, bool]:
    """The checks as (what, what to do, one line each, all is well)."""
    bad = [check for check in checks if not check.ok]
    details = "\n".join(f"{'✓' if check.ok else '✗'} {check.name}: {check.found}" for check in checks)
    if not bad:
        return "Everything Atelier needs is here and works.", "", details, True
    what = "; ".join(f"{check.name}: {check.found}" for check in bad)
    return what, " ".join(check.cure for check in bad), details, False


def _python() -> Check:
    ok = sys.version_info >= (3, 11)
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return Check(name="Python", ok=ok, found=found, cure="" if ok else "Install Python 3.11 or newer.")


def _package(name: str) -> Check:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Check(name=name, ok=False, found="not installed", cure=REINSTALL)
    wanted = _pins().get(name.lower().replace("_", "-"), "")
    ok = not wanted or version.partition("+")[0] == wanted
    found = version if ok else f"{version}, but {wanted} is what Atelier was tested with"
    return Check(name=name, ok=ok, found=found, cure="" if ok else REINSTALL)


def _pins() -> dict[str, str]:
    """Exact versions the installed program asks for, by package."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        lines = importlib.metadata.requires("atelier-studio") or []
        pairs = [line.partition(";")[0].split("==") for line in lines if "==" in line.partition(";")[0]]
        return {name.strip().lower(): version.strip() for name, version in pairs}
    return {}


def _qt() -> Check:
    from PySide6 import __version__ as version  # however it was installed

    major, minor = (int(part) for part in version.split(".")[:2])
    bad = (major, minor) >= (6, 12) and sys.version_info < (3, 12)
    cure = "PySide6 6.12 aborts Python 3.11 after some thousand calls. " + REINSTALL if bad else ""
    return Check(name="Qt for Python", ok=not bad, found=version, cure=cure)


def _memory() -> Check:
    memory = psutil.virtual_memory()
    free_mib = memory.available >> 20
    ok = free_mib >= FREE_MEMORY_MIB
    found = f"{free_mib} MiB free of {memory.total >> 20} MiB, {os.cpu_count()} processor cores"
    return Check(name="Memory", ok=ok, found=found, cure="" if ok else "Close other programs.")


def _writable(places: Places) -> Check:
    try:
        places.data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=places.data):
            pass
    except OSError as error:
        cure = "Allow writing there, or set ATELIER_HOME to a folder of yours."
        return Check(name="Data folder", ok=False, found=f"{places.data}: {error.strerror}", cure=cure)
    return Check(name="Data folder", ok=True, found=str(places.data))


def _disk(places: Places) -> Check:
    folder = next(path for path in (places.data, *places.data.parents) if path.exists())
    free_mib = shutil.disk_usage(folder).free >> 20
    ok = free_mib >= FREE_DISK_MIB
    return Check(name="Free disk", ok=ok, found=f"{free_mib} MiB", cure="" if ok else "Free some disk space.")


def _starter() -> Check:
    try:
        card = inspect_model(starter_model("story"))
    except StudioError as error:
        return Check(name="Starter story model", ok=False, found=error.what, cure=REINSTALL)
    found = f"{card.parameters / 1e6:.1f} M parameters, context {card.context_tokens} tokens"
    return Check(name="Starter story model", ok=True, found=found)


def _picture_starter() -> Check:
    try:
        card = inspect_model(starter_model("picture"))
    except StudioError as error:
        return Check(name="Starter picture model", ok=False, found=error.what, cure=REINSTALL)
    if not card.usable or card.kind != "image":
        found = card.why_not or f"it is of the kind “{card.kind}”"
        return Check(name="Starter picture model", ok=False, found=found, cure=REINSTALL)
    found = f"{card.parameters / 1e6:.1f} M parameters, {card.size[0]} × {card.size[1]} pixels"
    return Check(name="Starter picture model", ok=True, found=found)


def _picture_files() -> Check:
    """Each codec by writing a small picture and reading it back."""
    name, bad = "Picture files", []
    try:
        from PIL import Image, features

        from studio.media.picture.files import open_picture
        from studio.media.picture.recipes import WRITTEN, write_picture
    except ImportError as error:
        return Check(name=name, ok=False, found=str(error), cure=REINSTALL)
    for kind in WRITTEN:
        try:
            open_picture(write_picture(Image.new("RGB", (8, 8), (200, 60, 40)), kind))
        except (OSError, KeyError, StudioError) as error:
            bad.append(f"{kind} ({error})")
    if not features.check("littlecms2"):
        bad.append("colour profiles")
    found = f"cannot be handled: {', '.join(bad)}" if bad else "PNG, JPEG, WebP and TIFF are read and written"
    return Check(name=name, ok=not bad, found=found, cure=REINSTALL if bad else "")


def _worker(cancelled: Callable[[], bool]) -> list[Check]:
    """Start a real worker and have it load the starter models, one after the other."""
    heard: queue.SimpleQueue[tuple[Event | None, str]] = queue.SimpleQueue()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "worker.log")
        link = WorkerLink(WORKER_COMMAND, log, lambda _link, event, error: heard.put((event, error)))
        try:
            checks = []
            for kind, name in (("story", "Model process"), ("picture", "Model process for pictures")):
                if starter_model(kind).is_dir():
                    link.send(Warm(model=str(starter_model(kind))))
                    checks.append(_loaded(heard, cancelled, name))
                if checks and not checks[-1].ok:
                    break
            return checks
        finally:
            link.close(1_000)


def _loaded(
    heard: "queue.SimpleQueue[tuple[Event | None, str]]",
    cancelled: Callable[[], bool],
    name: str = "Model process",
) -> Check:
    deadline_s = time.monotonic() + WORKER_WAIT_S
    while True:
        try:
            event, error = heard.get(timeout=LOOK_S)
        except queue.Empty:
            if not cancelled() and time.monotonic() < deadline_s:
                continue
            event, error = None, "cancelled" if cancelled() else f"not ready after {WORKER_WAIT_S:.0f} s"
        match event:
            case Ready():
                found = f"loads on {event.device} in {event.dtype}, {event.seconds:.1f} s"
                return Check(name=name, ok=True, found=found)
            case Failed():
                return Check(name=name, ok=False, found=event.what, cure=event.do or REINSTALL)
            case None:
                return Check(name=name, ok=False, found=error, cure=REINSTALL)
            case _:
                pass
