"""Captions found in a folder, and caption files that are damaged."""

import json
from pathlib import Path

from studio.media.dataset.captions_given import TOLD_MOST, Given, given

PICTURES = ("a.png", "b.jpg", "sub/c.webp")


def read(folder: Path, pictures: tuple[str, ...] = PICTURES) -> Given:
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return given(folder, files, pictures)


def said(found: Given) -> dict[str, tuple[str, str]]:
    return {file: (caption.text, caption.source) for file, caption in found.captions.items()}


def test_a_text_beside_a_picture_is_its_caption_other_texts_are_not(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_text("\ufeffa cat,\r\n  black", "utf-8")
    (tmp_path / "b.txt").write_text("née", "cp1252")
    (tmp_path / "sub/c.caption").write_text("日本", "utf-16")
    (tmp_path / "readme.txt").write_text("about this folder")
    found = read(tmp_path)
    assert said(found) == {
        "a.png": ("a cat, black", "txt"),
        "b.jpg": ("née", "txt"),
        "sub/c.webp": ("日本", "txt"),
    }
    assert found.files == {"a.txt", "b.txt", "sub/c.caption"}
    assert not found.problems


def test_jsonl_and_csv_are_read_and_the_nearer_one_wins(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    rows = [
        {"file_name": "a.png", "text": "of jsonl"},
        {"file_name": "b.jpg", "caption": ["red", "boat"]},
        {"file_name": "sub/c.webp", "text": "from above"},
    ]
    (tmp_path / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n\n", "utf-8")
    (tmp_path / "metadata.csv").write_text('file_name,text\na.png,"of, csv"\n', "utf-8")
    (tmp_path / "sub/metadata.csv").write_text("file_name;caption\r\n.\\c.webp;from beside\r\n", "utf-8")
    (tmp_path / "b.txt").write_text("from txt")
    found = read(tmp_path)
    assert said(found) == {
        "a.png": ("of jsonl", "metadata.jsonl"),
        "b.jpg": ("from txt", "txt"),
        "sub/c.webp": ("from beside", "metadata.csv"),
    }
    assert not found.problems
    (tmp_path / "b.txt").write_text("  ")
    assert said(read(tmp_path))["b.jpg"] == ("red, boat", "metadata.jsonl")


def test_damaged_lines_and_missing_files_are_told_by_line_and_the_rest_is_used(tmp_path: Path) -> None:
    lines = [
        '{"file_name": "a.png", "text": "fine"}',
        '{"file_name": "b.jp',
        "[1, 2]",
        '{"text": "of what?"}',
    ]
    lines += ['{"file_name": "../b.jpg", "text": "outside"}', '{"file_name": "gone.png", "text": "x"}']
    (tmp_path / "metadata.jsonl").write_text(
        "\n".join([*lines, '{"file_name": "b.jpg", "text": "fine too"}'])
    )
    found = read(tmp_path)
    assert said(found) == {"a.png": ("fine", "metadata.jsonl"), "b.jpg": ("fine too", "metadata.jsonl")}
    words = [problem.words for problem in found.problems]
    assert [text.split(" ")[1] for text in words] == ["2", "3", "4", "5", "6"]
    assert "damaged" in words[0] and "no JSON object" in words[1] and "names no file" in words[2]
    assert "“../b.jpg”" in words[3] and "“gone.png”" in words[4]
    assert not any(problem.left_out for problem in found.problems)


def test_many_wrong_lines_are_told_in_few_words(tmp_path: Path) -> None:
    (tmp_path / "metadata.jsonl").write_text("nonsense\n" * 1_000)
    problems = read(tmp_path).problems
    assert len(problems) == TOLD_MOST + 1
    assert "995 more" in problems[-1].words


def test_damaged_csv_is_told(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text("picture,words\na.png,hello\n")
    assert "line 1 names no column" in read(tmp_path).problems[0].words
    (tmp_path / "metadata.csv").write_text("file_name,text\na.png,one,two\nb.jpg\na.png,good\n")
    found = read(tmp_path)
    assert [problem.words.split(" ")[1] for problem in found.problems] == ["2", "3"]
    assert said(found) == {"a.png": ("good", "metadata.csv")}
    (tmp_path / "metadata.csv").write_text("file_name,text\na.png,good\nb.jpg," + "x" * 200_000 + "\n")
    found = read(tmp_path)
    assert said(found) == {"a.png": ("good", "metadata.csv")}
    assert "line 3" in found.problems[0].words


def test_binary_and_huge_caption_files_are_told_and_not_used(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\x89PNG\0\0\0\r")
    (tmp_path / "b.txt").write_bytes(b"word " * 20_000)
    found = read(tmp_path)
    assert not found.captions
    assert [(one.file, one.finding) for one in found.problems] == [
        ("a.txt", "unreadable"),
        ("b.txt", "large"),
    ]


def test_signs_that_cannot_be_printed_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "metadata.jsonl").write_text(
        '{"file_name": "a.png", "text": "a\\u0000 \\u200bcat\\u001b[0m"}'
    )
    assert said(read(tmp_path))["a.png"][0] == "a cat [0m"
