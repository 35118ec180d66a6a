"""Walking a person's folder: what is found, what is passed over, what ends it."""

import os
import sys
from pathlib import Path

import pytest

from studio.core.errors import StoppedError, StudioError
from studio.media.dataset import walk as walking
from studio.media.dataset.walk import Walked, walk
from tests.media.dataset.folders import fill


def walked(folder: Path) -> Walked:
    return walk(folder, lambda _done, _words: None, lambda: False)


def test_finds_all_files_sorted_with_forward_slashes(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {"b.txt": "", "a/z.txt": "", "a/b/c.md": "", "ä.txt": ""})
    found = walked(folder)
    assert found.files == ("a/b/c.md", "a/z.txt", "b.txt", "ä.txt")
    assert found.seen == 4
    assert found.problems == ()


def test_hidden_files_and_what_systems_leave_behind_are_passed_over(tmp_path: Path) -> None:
    names = (".hidden.txt", ".git/config.txt", "__MACOSX/._a.txt", "Thumbs.db", "~$a.docx", "a.txt")
    assert walked(fill(tmp_path / "f", dict.fromkeys(names, ""))).files == ("a.txt",)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_loops_end_and_are_told(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {"a/one.txt": ""})
    (folder / "a" / "again").symlink_to(folder, target_is_directory=True)
    (folder / "b").symlink_to(folder / "a", target_is_directory=True)
    (folder / "out").symlink_to(tmp_path, target_is_directory=True)  # holds the folder itself
    found = walked(folder)
    assert found.files == ("a/one.txt",)
    assert [(problem.file, problem.finding) for problem in found.problems] == [
        ("a/again", "loop"),
        ("b", "loop"),
        ("out", "loop"),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_to_elsewhere_are_followed_once(tmp_path: Path) -> None:
    elsewhere = fill(tmp_path / "elsewhere", {"two.txt": ""})
    folder = fill(tmp_path / "f", {"one.txt": ""})
    (folder / "a").symlink_to(elsewhere, target_is_directory=True)
    (folder / "b").symlink_to(elsewhere, target_is_directory=True)
    (folder / "gone.txt").symlink_to(tmp_path / "nowhere")
    found = walked(folder)
    assert found.files == ("a/two.txt", "one.txt")
    assert [(problem.file, problem.finding) for problem in found.problems] == [
        ("b", "loop"),
        ("gone.txt", "unreadable"),
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes there")
def test_pipes_are_no_files(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {"a.txt": ""})
    os.mkfifo(folder / "pipe.txt")
    assert walked(folder).files == ("a.txt",)


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_a_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {"a.txt": ""})
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.txt")).write_text("")
    found = walked(folder)
    assert found.files == ("a.txt",)
    assert [(problem.file, problem.finding) for problem in found.problems] == [("?.txt", "unreadable")]


def test_a_shut_folder_inside_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fill(tmp_path / "f", {"a.txt": "", "shut/b.txt": ""})
    _shut(monkeypatch, folder / "shut")
    found = walked(folder)
    assert found.files == ("a.txt",)
    assert [(problem.file, problem.finding) for problem in found.problems] == [("shut", "denied")]


def test_a_shut_folder_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fill(tmp_path / "f", {})
    _shut(monkeypatch, folder)
    with pytest.raises(StudioError) as caught:
        walked(folder)
    assert caught.value.code == "denied"


def _shut(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """As the system refuses it: permissions do not bind who runs as root."""
    scandir = os.scandir

    def refusing(path: str) -> object:
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)


@pytest.mark.parametrize("name", ["missing", "file.txt"])
def test_what_is_no_folder_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.txt").write_text("")
    with pytest.raises(StudioError) as caught:
        walked(tmp_path / name)
    assert caught.value.code == "no_folder"


def test_more_files_than_can_be_looked_through_are_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "ENTRIES_MOST", 20)
    folder = fill(tmp_path / "f", {f"{n}.txt": "" for n in range(20)})
    assert len(walked(folder).files) == 20
    fill(folder, {".even/hidden.txt": ""})
    with pytest.raises(StudioError) as caught:
        walked(folder)
    assert caught.value.code == "too_many"


def test_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "_POLL_ENTRIES", 10)
    folder = fill(tmp_path / "f", {f"{n}.txt": "" for n in range(10)})
    with pytest.raises(StoppedError):
        walk(folder, lambda _done, _words: None, lambda: True)
