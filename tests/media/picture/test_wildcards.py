"""Wildcard lists in a folder."""

from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.media.picture.prompting import expand
from studio.media.picture.wildcards import FILE_BYTES_MOST, Wildcards


def test_files_are_lists_and_folders_part_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "sea").mkdir()
    (tmp_path / "colour.txt").write_text("# warm ones\nred\n\n  orange \n#no\n", "utf-8")
    (tmp_path / "sea" / "fish.TXT").write_bytes("\ufeffcod\r\neel\r\n".encode())
    (tmp_path / "notes.md").write_text("no list")
    lists = Wildcards(tmp_path)
    assert sorted(lists) == ["colour", "sea/fish"] and len(lists) == 2
    assert lists["colour"] == ("red", "orange") and lists["sea/fish"] == ("cod", "eel")
    assert expand("a __colour__ __sea/fish__", 3, lists).split()[1] in ("red", "orange")


def test_a_folder_that_is_not_there_has_no_lists(tmp_path: Path) -> None:
    assert not Wildcards(tmp_path / "gone") and "x" not in Wildcards(tmp_path / "gone")


def test_old_encodings_are_read_and_huge_files_refused(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes("caf\xe9\n".encode("latin-1"))
    (tmp_path / "huge.txt").write_bytes(b"a\n" * (FILE_BYTES_MOST // 2 + 1))
    lists = Wildcards(tmp_path)
    assert lists["old"] == ("café",)
    with pytest.raises(StudioError, match="huge") as caught:
        lists["huge"]
    assert caught.value.code == "wildcard"


def test_a_list_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").write_text("a")
    lists = Wildcards(tmp_path)
    assert "gone" in list(lists)
    (tmp_path / "gone.txt").unlink()
    with pytest.raises(StudioError, match="gone") as caught:
        lists["gone"]
    assert caught.value.do


def test_links_back_up_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert list(Wildcards(tmp_path)) == ["a"]
