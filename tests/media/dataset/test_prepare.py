"""What a trainer reads is what was surveyed, whole, once, and told where it is not."""

from pathlib import Path

import pytest

from studio.core.errors import StoppedError, StudioError
from studio.media.dataset.found import Document, Survey, kept
from studio.media.dataset.prepare import TEXTS, Prepared, check, prepare, texts
from tests.media.dataset.folders import fill, looked, prose, state


def prepared(found: Survey, data: Path) -> Prepared:
    return prepare(found, data, lambda _done, _words: None, lambda: False)


def test_the_texts_of_each_side_are_written_in_order(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {f"{n}.txt": prose(n) for n in range(10)})
    before = state(folder)
    found = looked(folder)
    assert prepared(found, tmp_path / "data") == (found, ())
    for side in ("train", "validation", "test"):
        rows = list(texts(tmp_path / "data", side))  # type: ignore[arg-type]
        assert [row.file for row in rows] == [d.file for d in found.documents if d.side == side]
        assert all(row.text == prose(int(row.file[0])) and row.part == 0 for row in rows)
    assert kept(tmp_path / "data") == found
    assert state(folder) == before


def test_a_line_of_the_end_sign_divides_a_file(tmp_path: Path) -> None:
    story = "\n<|endoftext|>\n".join(prose(n, 40) for n in range(3)) + "\n<|endoftext|>\n"
    prepared(looked(fill(tmp_path / "f", {"a.txt": story})), tmp_path / "data")
    assert [(row.part, row.text) for row in texts(tmp_path / "data", "train")] == [
        (n, prose(n, 40)) for n in range(3)
    ]


def test_nothing_is_done_twice(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {f"{n}.txt": prose(n) for n in range(4)})
    prepared(looked(folder), tmp_path / "data")
    written = (tmp_path / "data" / TEXTS).stat().st_ino
    fill(folder, {"0.txt": "changed afterwards"})
    left, notes = prepared(kept(tmp_path / "data"), tmp_path / "data")
    assert (tmp_path / "data" / TEXTS).stat().st_ino == written
    assert (left, notes) == (kept(tmp_path / "data"), ())


def test_files_that_changed_since_the_survey_are_left_out_and_told(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {f"{n}.txt": prose(n) for n in range(6)})
    found = looked(folder, validation=0.0, test=0.0)
    (folder / "2.txt").unlink()
    fill(folder, {"4.txt": prose(44)})
    left, notes = prepared(found, tmp_path / "data")
    assert [document.file for document in left.documents] == ["0.txt", "1.txt", "3.txt", "5.txt"]
    assert [row.file for row in texts(tmp_path / "data", "train")] == ["0.txt", "1.txt", "3.txt", "5.txt"]
    assert [note.split(" ")[0] for note in notes] == ["“2.txt”", "“4.txt”"]
    assert kept(tmp_path / "data") == left
    written = (tmp_path / "data" / TEXTS).stat().st_ino
    assert prepared(left, tmp_path / "data") == (left, ())
    assert (tmp_path / "data" / TEXTS).stat().st_ino == written


def test_a_folder_without_texts_is_an_error_that_says_why(tmp_path: Path) -> None:
    with pytest.raises(StudioError) as caught:
        prepared(looked(fill(tmp_path / "f", {"a.txt": "short"})), tmp_path / "data")
    assert caught.value.code == "no_data"
    assert "too few words" in caught.value.what


def test_stopped_it_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    found = looked(fill(tmp_path / "f", {f"{n}.txt": prose(n) for n in range(4)}))
    asked = iter([False] * 5)
    with pytest.raises(StoppedError):
        prepare(found, tmp_path / "data", lambda _done, _words: None, lambda: next(asked, True))
    assert list((tmp_path / "data").iterdir()) == []


def test_other_files_are_checked_when_they_are_read(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {"a.png": b"one"})
    sha256 = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    document = Document(file="a.png", side="train", sha256=sha256, units=1)
    found = Survey(art="image", folder=str(folder), documents=(document,))
    assert check(found, document) == folder / "a.png"
    fill(folder, {"a.png": b"two"})
    with pytest.raises(StudioError) as caught:
        check(found, document)
    assert caught.value.code == "changed"
    (folder / "a.png").unlink()
    with pytest.raises(StudioError):
        check(found, document)
