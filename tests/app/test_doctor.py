"""Every check can fail, says what it found and what to do about it."""

import importlib.metadata
import queue
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from studio.app import doctor
from studio.app.doctor import Check, doctor_words
from studio.app.places import Places
from studio.core.events import PROTOCOL, Beat, Failed, Hello, Ready
from tests.catalog.llama_folder import write_folder
from tests.engine.conftest import FAKE


@pytest.fixture
def places(own_home: Path) -> Places:
    return Places(data=own_home)


def versions(monkeypatch: pytest.MonkeyPatch, **known: str) -> None:
    """Only these packages are installed."""

    def version(name: str) -> str:
        if name.replace("-", "_") not in known:
            raise importlib.metadata.PackageNotFoundError(name)
        return known[name.replace("-", "_")]

    monkeypatch.setattr(importlib.metadata, "version", version)


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor._python().ok
    monkeypatch.setattr(sys, "version_info", (3, 10, 9))
    check = doctor._python()
    assert not check.ok and "3.11" in check.cure


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    versions(monkeypatch)
    check = doctor._package("tokenizers")
    assert (check.name, check.ok, check.found) == ("tokenizers", False, "not installed") and check.cure


@pytest.mark.parametrize(("version", "ok"), [("1.2.3", True), ("1.2.3+cpu", True), ("1.2.4", False)])
def test_a_package_of_another_version_than_the_pinned_one_is_named(
    monkeypatch: pytest.MonkeyPatch, version: str, ok: bool
) -> None:
    wanted = ["torch==1.2.3 ; python_version >= '3.11'", "qasync>=1", "pytest==9 ; extra == 'test'"]
    monkeypatch.setattr(importlib.metadata, "requires", lambda _name: wanted)
    versions(monkeypatch, torch=version, qasync="0.1")
    check = doctor._package("torch")
    assert check.ok is ok and bool(check.cure) is not ok
    assert ("1.2.3" in check.found) and version in check.found
    assert doctor._package("qasync").ok


def test_without_the_package_itself_nothing_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    def requires(name: str) -> list[str]:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", requires)
    versions(monkeypatch, torch="9.9")
    assert doctor._package("torch").ok


@pytest.mark.parametrize(
    ("qt", "python", "ok"), [("6.11.0", (3, 11), True), ("6.12.0", (3, 11), False), ("6.12.0", (3, 12), True)]
)
def test_the_qt_that_aborts_this_python_is_named(
    monkeypatch: pytest.MonkeyPatch, qt: str, python: tuple[int, int], ok: bool
) -> None:
    monkeypatch.setattr("PySide6.__version__", qt)
    monkeypatch.setattr(sys, "version_info", python)
    check = doctor._qt()
    assert check.ok is ok and bool(check.cure) is not ok and check.found == qt


@pytest.mark.parametrize(("free_mib", "ok"), [(doctor.FREE_MEMORY_MIB, True), (999, False)])
def test_little_memory_is_told(monkeypatch: pytest.MonkeyPatch, free_mib: int, ok: bool) -> None:
    memory = SimpleNamespace(available=free_mib << 20, total=4096 << 20)
    monkeypatch.setattr(doctor.psutil, "virtual_memory", lambda: memory)
    check = doctor._memory()
    assert check.ok is ok and bool(check.cure) is not ok and str(free_mib) in check.found


def test_a_data_folder_that_can_be_written_is_made(places: Places) -> None:
    assert doctor._writable(places).ok
    assert places.data.is_dir() and list(places.data.iterdir()) == []


def test_a_data_folder_that_cannot_be_written_is_named(places: Places) -> None:
    places.data.write_text("a file")
    check = doctor._writable(places)
    assert not check.ok and str(places.data) in check.found and "ATELIER_HOME" in check.cure


@pytest.mark.parametrize(
    ("free_mib", "ok"), [(doctor.FREE_DISK_MIB, True), (doctor.FREE_DISK_MIB - 1, False)]
)
def test_a_full_disk_is_told_even_before_the_data_folder_exists(
    places: Places, monkeypatch: pytest.MonkeyPatch, free_mib: int, ok: bool
) -> None:
    asked: list[Path] = []

    def usage(folder: Path) -> SimpleNamespace:
        asked.append(folder)
        return SimpleNamespace(free=free_mib << 20)

    monkeypatch.setattr(doctor.shutil, "disk_usage", usage)
    check = doctor._disk(places)
    assert check.ok is ok and bool(check.cure) is not ok
    assert asked == [places.data.parent]


def test_a_missing_starter_model_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_folder(tmp_path / "story")
    monkeypatch.setattr(doctor, "starter_model", lambda _kind: folder)
    assert doctor._starter().ok
    (folder / "model.safetensors").unlink()
    check = doctor._starter()
    assert not check.ok and check.found and check.cure


def never() -> bool:
    """Nobody cancels."""
    return False


def said(*events: object) -> "queue.SimpleQueue":
    heard: queue.SimpleQueue = queue.SimpleQueue()
    for event in events:
        heard.put((event, "it ended with exit code 3") if event is None else (event, ""))
    return heard


READY = Ready(
    model="m",
    family="f",
    parameters=1,
    context_tokens=8,
    fill_in=False,
    device="cpu",
    dtype="float32",
    seconds=1.5,
)


def test_a_worker_that_loads_is_well_after_whatever_it_says_before() -> None:
    check = doctor._loaded(said(Hello(protocol=PROTOCOL, pid=1), Beat(rss_mib=1.0), READY), never)
    assert check.ok and "cpu" in check.found and "1.5 s" in check.found


def test_a_model_that_cannot_be_loaded_is_told_in_the_workers_words() -> None:
    failed = Failed(job="", what="The weights are cut short.", do="Fetch them again.")
    check = doctor._loaded(said(failed), never)
    assert (check.ok, check.found, check.cure) == (False, "The weights are cut short.", "Fetch them again.")
    assert doctor._loaded(said(Failed(job="", what="Odd.")), never).cure == doctor.REINSTALL


def test_a_worker_that_dies_or_is_never_ready_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "exit code 3" in doctor._loaded(said(None), never).found
    monkeypatch.setattr(doctor, "LOOK_S", 0.001)
    monkeypatch.setattr(doctor, "WORKER_WAIT_S", 0.02)
    check = doctor._loaded(said(Hello(protocol=PROTOCOL, pid=1)), never)
    assert not check.ok and "not ready" in check.found and check.cure


def test_waiting_for_the_worker_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LOOK_S", 0.001)
    check = doctor._loaded(said(Hello(protocol=PROTOCOL, pid=1)), lambda: True)
    assert not check.ok and check.found == "cancelled"


@pytest.mark.parametrize(("mode", "ok"), [("good", True), ("unborn", False)])
def test_a_real_process_is_started_and_ended(monkeypatch: pytest.MonkeyPatch, mode: str, ok: bool) -> None:
    monkeypatch.setattr(doctor, "WORKER_COMMAND", (sys.executable, str(FAKE), mode))
    checks = doctor._worker(never)
    assert all(check.ok for check in checks) is ok
    assert len(checks) == (2 if ok else 1), "a process that is not born loads no second model"


def test_all_checks_are_made_in_order_and_put_into_words(
    places: Places, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor, "WORKER_COMMAND", (sys.executable, str(FAKE), "good"))
    folder = write_folder(tmp_path / "story")
    monkeypatch.setattr(doctor, "starter_model", lambda _kind: folder)
    checks = doctor.check_installation(places)
    names = [check.name for check in checks]
    rest = ["Qt for Python", "Memory", "Data folder", "Free disk", "Starter story model"]
    drawn = ["Starter picture model", "Picture files"]
    assert names == ["Python", *doctor.PACKAGES, *rest, *drawn, "Model process", "Model process for pictures"]
    wrong = {check.name: check.found for check in checks if not check.ok}
    assert "text" in wrong["Starter picture model"], "a text model stands where the picture model should"


def test_a_codec_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor._picture_files().ok
    from PIL import WebPImagePlugin, features

    monkeypatch.setattr(WebPImagePlugin, "_save", lambda *_: (_ for _ in ()).throw(OSError("no WebP")))
    monkeypatch.setitem(__import__("PIL.Image").Image.SAVE, "WEBP", WebPImagePlugin._save)
    monkeypatch.setattr(features, "check", lambda _name: False)
    check = doctor._picture_files()
    assert not check.ok and "webp" in check.found and "colour profiles" in check.found and check.cure


def test_a_missing_picture_model_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert doctor._picture_starter().ok
    monkeypatch.setattr(doctor, "starter_model", lambda _kind: tmp_path / "gone")
    check = doctor._picture_starter()
    assert not check.ok and "gone" in check.found and check.cure


def test_words_name_what_is_wrong_and_every_cure() -> None:
    fine = Check(name="Python", ok=True, found="3.11")
    what, do, details, sound = doctor_words([fine])
    assert sound and do == "" and details == "✓ Python: 3.11" and what
    bad = [
        Check(name="Memory", ok=False, found="10 MiB", cure="Close some."),
        Check(name="Free disk", ok=False, found="1 MiB", cure="Delete some."),
    ]
    what, do, details, sound = doctor_words([fine, *bad])
    assert (sound, what, do) == (False, "Memory: 10 MiB; Free disk: 1 MiB", "Close some. Delete some.")
    assert details.splitlines() == ["✓ Python: 3.11", "✗ Memory: 10 MiB", "✗ Free disk: 1 MiB"]
