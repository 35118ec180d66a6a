"""The folder doctor on writing: what is read, what is left out and why, and that the folder stays as it is."""

import os
import sys
import time
import zipfile
from pathlib import Path
from threading import Event

import pytest

from studio.core.errors import StoppedError, StudioError
from studio.media.dataset import reading, texts
from studio.media.dataset import survey as surveying
from studio.media.dataset.found import Problem, Survey
from studio.media.dataset.survey import survey
from tests.media.dataset.folders import GERMAN, fill, looked, prose, state, wanted
from tests.project.exchange.books import write

ODT = "application/vnd.oasis.opendocument.text"
CONTENT = (
    '<office:document-content xmlns:office="o" xmlns:text="t"><text:p>{}</text:p></office:document-content>'
)


def files(found: Survey) -> list[str]:
    return [document.file for document in found.documents]


def problems(found: Survey) -> dict[str, str]:
    return {problem.file: problem.finding for problem in found.problems}


def only(found: Survey) -> Problem:
    (problem,) = found.problems
    return problem


def test_reads_every_form_and_passes_others_over(tmp_path: Path) -> None:
    folder = fill(
        tmp_path / "f", {"a.txt": prose(1), "sub/B.MD": f"# One\n\n{prose(2)}", "cover.jpg": b"\xff\xd8"}
    )
    for suffix in ("docx", "odt", "epub", "rtf", "html"):
        write(folder / f"book.{suffix}", title=f"A book as {suffix}")
    before = state(folder)
    found = looked(folder, drop_duplicates=False)
    assert files(found) == [
        "a.txt",
        *(f"book.{s}" for s in ("docx", "epub", "html", "odt", "rtf")),
        "sub/B.MD",
    ]
    assert found.seen == 8
    assert found.passed_over == 1
    assert found.notes[0] == "Most of it is in English."
    assert all(document.words > 20 and document.units > 100 for document in found.documents)
    assert state(folder) == before


def test_the_same_book_in_another_form_is_a_near_duplicate(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {f"{n}.txt": prose(n) for n in range(5)})
    fill(folder, {"draft.html": "<html><body>" + prose(3).replace("\n\n", "<p>") + "</body></html>"})
    found = looked(folder)
    assert problems(found) == {"draft.html": "near_duplicate"}
    assert only(found).other == "3.txt"
    assert "draft.html" not in files(found)


def test_copies_are_left_out_or_kept_together(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {f"{n}.txt": prose(n) for n in range(8)} | {"a/copy.txt": prose(5)})
    found = looked(folder)
    assert problems(found) == {"a/copy.txt": "duplicate"}  # the first by name stays
    assert only(found).left_out
    kept = looked(folder, drop_duplicates=False)
    assert len(kept.documents) == 9
    assert not only(kept).left_out
    side = {document.file: document.side for document in kept.documents}
    assert side["5.txt"] == side["a/copy.txt"]


def test_the_same_folder_gives_the_same_survey(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {f"{n}.txt": prose(n) for n in range(12)})
    assert looked(folder) == looked(folder)


def test_the_whole_survey_can_leave_out_files_and_folders(tmp_path: Path) -> None:
    folder = fill(
        tmp_path / "f", {n: prose(i) for i, n in enumerate(("a.txt", "b.txt", "old/c.txt", "older/d.txt"))}
    )
    assert files(looked(folder, skip=("b.txt", "old"))) == ["a.txt", "older/d.txt"]
    assert files(looked(folder, skip=("old/",))) == ["a.txt", "b.txt", "older/d.txt"]


@pytest.mark.parametrize(
    ("name", "data", "finding", "words"),
    [
        ("empty.txt", b"", "empty", "holds no words"),
        ("blank.txt", b" \n\n\t", "empty", "holds no words"),
        ("short.txt", b"Only a few words.", "small", "too few words"),
        ("binary.txt", b"abc\x00\x01\x02" * 100, "unreadable", "damaged"),
        ("text.docx", b"only words and nothing else", "not_this_kind", "is not a Word document"),
        ("paper.txt", b"%PDF-1.7 and so on", "not_this_kind", "is a PDF"),
        ("novel.doc", b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "not_this_kind", "save it as .docx"),
    ],
)
def test_a_file_that_cannot_be_learnt_from_is_left_out(
    tmp_path: Path, name: str, data: bytes, finding: str, words: str
) -> None:
    found = looked(fill(tmp_path / "f", {"good.txt": prose(1), name: data}))
    assert files(found) == ["good.txt"]
    assert problems(found) == {name: finding}
    assert words in only(found).words
    assert only(found).left_out


def test_a_haiku_without_spaces_is_not_too_short(tmp_path: Path) -> None:
    assert files(looked(fill(tmp_path / "f", {"h.txt": "古池や蛙飛びこむ水の音。夏草や兵どもが夢の跡"}))) == [
        "h.txt"
    ]


def test_a_cut_file_is_called_so(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    write(folder / "cut.docx")
    (folder / "cut.docx").write_bytes((folder / "cut.docx").read_bytes()[:-200])
    fill(folder, {"half.txt": b"\xff\xfe" + prose(1).encode("utf-16-le") + b"a"})
    found = looked(folder)
    assert problems(found) == {"cut.docx": "truncated", "half.txt": "truncated"}
    assert files(found) == ["half.txt"]  # what is there of it can be read


def test_bombs_and_giants_are_left_out_at_once(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {"good.txt": prose(1)})
    with zipfile.ZipFile(folder / "bomb.odt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODT)
        archive.writestr("content.xml", CONTENT.format(" " * (65 * 2**20)))
    with (folder / "giant.txt").open("wb") as stream:
        stream.truncate(2**30)  # takes no room
    began_s = time.process_time()
    found = looked(folder)
    assert time.process_time() - began_s < 2
    assert problems(found) == {"bomb.odt": "large", "giant.txt": "large"}
    assert "Divide it" in found.problems[1].words
    assert files(found) == ["good.txt"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not bind root")
def test_a_shut_file_is_told(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {"good.txt": prose(1), "shut.txt": prose(2)})
    (folder / "shut.txt").chmod(0)
    assert problems(looked(folder)) == {"shut.txt": "denied"}


def test_a_file_that_the_system_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fill(tmp_path / "f", {"good.txt": prose(1), "shut.txt": prose(2)})
    opened = Path.open

    def refusing(path: Path, *args: object, **kwargs: object) -> object:
        if path.name == "shut.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refusing)
    assert problems(looked(folder)) == {"shut.txt": "denied"}


def test_another_language_and_personal_data_are_told_but_stay(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {f"{n}.txt": prose(n) for n in range(4)})
    fill(folder, {"de.txt": GERMAN, "1.txt": prose(1) + "\n\nWrite to anna@mail.org."})
    found = looked(folder)
    assert problems(found) == {"de.txt": "language", "1.txt": "personal"}
    assert not any(problem.left_out for problem in found.problems)
    assert len(found.documents) == 5
    assert "German" in found.problems[1].words
    assert "anna" not in found.problems[0].words


def test_too_few_documents_are_told(tmp_path: Path) -> None:
    one = looked(fill(tmp_path / "one", {"a.txt": prose(1)}))
    assert [document.side for document in one.documents] == ["train"]
    assert sum("too few documents" in note for note in one.notes) == 2
    assert looked(fill(tmp_path / "none", {})).documents == ()


def test_old_encodings_and_wrapped_lines_are_read_as_they_were_meant(tmp_path: Path) -> None:
    wrapped = "\n\n".join(
        "the evening was long and the river lay still below the town\n" * 6 for _ in range(8)
    )
    folder = fill(
        tmp_path / "f", {"w.txt": wrapped, "e.txt": ("Ein schöner, grauer Tag. " * 9).encode("cp1252")}
    )
    found = {each.file: each.text for each in _read(folder, "w.txt", "e.txt")}
    assert found["w.txt"].split("\n\n")[0].count("town the evening") == 5
    assert found["e.txt"].startswith("Ein schöner")


def test_headings_and_scenes_come_in_reading_order(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    write(tmp_path / "f" / "b.docx")
    (found,) = _read(tmp_path / "f", "b.docx")
    lines = found.text.split("\n")
    assert lines[0] == "One: a *star*"
    assert "* * *" in lines
    assert lines.index("第二章") < lines.index("- Last.")


def test_is_stopped_at_once_while_a_document_is_read(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {"long.md": "some *words* here and there. " * 100_000})
    begun_s: list[float] = []

    def stopped() -> bool:  # a moment after the reading began
        begun_s.append(time.perf_counter())
        return begun_s[-1] - begun_s[0] > 0.3

    with pytest.raises(StoppedError):
        survey(wanted(folder), lambda _done, _words: None, stopped)
    assert time.perf_counter() - begun_s[0] < 0.3 + 1.0  # 0.1 where nothing else runs; reading it takes 8


def test_every_stage_asks_whether_to_go_on(tmp_path: Path) -> None:
    folder = fill(tmp_path / "f", {f"{n}.txt": prose(n, 80) for n in range(10)})
    asked = [0]

    def counted() -> bool:
        asked[0] += 1
        return False

    survey(wanted(folder), lambda _done, _words: None, counted)
    for last in range(asked[0]):
        left = [last]

        def stopped(left: list[int] = left) -> bool:
            left[0] -= 1
            return left[0] < 0

        try:
            survey(wanted(folder), lambda _done, _words: None, stopped)
        except StoppedError:
            continue
        assert left[0] >= 0, "it was told to stop and went on"


def test_is_stopped_at_once_whatever_a_reader_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on, begun, waited_for = Event(), Event(), Event()

    def deaf(*_args: object) -> None:
        begun.set()
        if not goes_on.wait(10):
            waited_for.set()
        raise StudioError("too late")

    monkeypatch.setattr(reading, "read_manuscript", deaf)
    folder = fill(tmp_path / "f", {"a.md": prose(1)})
    try:
        with pytest.raises(StoppedError):
            survey(wanted(folder), lambda _done, _words: None, begun.is_set)
        assert not waited_for.is_set()
    finally:
        goes_on.set()


def test_versions_of_versions_share_a_side(tmp_path: Path) -> None:
    words = prose(1, 1_000).split()
    parts = {"a.txt": words[:600], "b.txt": words[300:800], "c.txt": words[560:900]}  # c shares little with a
    folder = fill(tmp_path / "f", {name: " ".join(part) for name, part in parts.items()})
    fill(folder, {f"{n}.txt": prose(10 + n) for n in range(6)})
    for seed in range(8):
        found = looked(folder, drop_duplicates=False, seed=seed, validation=0.4, test=0.3)
        assert len({document.side for document in found.documents if document.file in parts}) == 1


def test_progress_goes_up_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in (surveying, texts):  # told each time, not ten times a second
        monkeypatch.setattr(part, "_TELL_S", 0.0)
    folder = fill(tmp_path / "f", {f"{n}.txt": prose(n, 80) for n in range(10)})
    told: list[float] = []
    survey(wanted(folder), lambda done, _words: told.append(done), lambda: False)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert len(told) > 10


def test_a_missing_pandoc_is_not_the_files_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_args: object) -> None:
        raise StudioError("gone", code="pandoc")

    monkeypatch.setattr(reading, "read_manuscript", missing)
    with pytest.raises(StudioError) as caught:
        looked(fill(tmp_path / "f", {"a.md": prose(1)}))
    assert caught.value.code == "pandoc"


def _read(folder: Path, *names: str) -> list[reading.Reading]:
    found = list(reading.readings(folder, names, lambda: False))
    assert all(isinstance(each, reading.Reading) for each in found)
    return found  # type: ignore[return-value]
