"""Exported text is the text: txt to the byte, md as a reader shows it."""

import html
import re
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import example, given
from markdown_it import MarkdownIt

from studio.core.errors import StudioError
from studio.project.export import as_markdown, escaped, export_text
from studio.project.lines import kept_lines
from studio.project.records import Work, WorkKind

SIGNS = st.text(st.sampled_from(list("ab1 \n\t#-+*_.)>`~[]()!&<=|:\\\"'é字")), max_size=40)


def work(kind: WorkKind, id_: str, title: str = "", parent: str = "") -> Work:
    return Work(id=id_, kind=kind, title=title, parent=parent, created_ms=0)


def shown(markdown: str) -> list[str]:
    """The lines that a CommonMark reader shows of plain paragraphs, emphasis with its asterisks."""
    page = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown)
    page = re.sub(r"</?em>", "*", re.sub(r"</?strong>", "**", page))
    assert not re.search(r"<(?!p>|/p>)", page), page
    lines = re.sub(r"</p>\n<p>|</?p>", "\n", page)
    return [html.unescape(line).replace("\xa0", " ") for line in lines.split("\n") if line]


@given(SIGNS)
@example('a*"b"* *"c"*d **e***f* *-g*, *h-*i ***j*** *k**l* (*m*) é*!*')
@example("1. one\n- two\n# three\n> four\n    five\n===\n---\n~~~\n| a | b |\n|---|---|")
@example("a\n===\n\nb\n---\n\nc")
@example("a\\\nb  \nc &amp; <b>d</b> *e* __f__ [g](h) ![i](j) `k` ~~l~~")
def test_markdown_shows_every_sign_as_it_is(text: str) -> None:
    lines = [line.replace("\t", "    ").rstrip() if not line.strip() else line for line in text.split("\n")]
    expected = []
    for line in lines:
        start = len(line) - len(line.lstrip(" \t"))
        expected.append(line[:start].replace("\t", "    ") + line[start:].rstrip(" \t"))
    found = [line.rstrip(" \t") for line in shown(escaped(text)) if line.strip()]
    assert found == [line for line in expected if line.strip()]


def test_txt_is_exactly_the_text(tmp_path: Path) -> None:
    text = " \r\nZoë\u0000\u2028😀\t\n\n# not a heading \n"
    export_text([work("note", "n", "Title")], {"n": text}, tmp_path / "n.txt", "txt")
    assert (tmp_path / "n.txt").read_bytes() == text.encode()


def test_half_a_character_is_replaced(tmp_path: Path) -> None:
    export_text([work("note", "n")], {"n": "a\ud83d"}, tmp_path / "n.txt", "txt")
    assert (tmp_path / "n.txt").read_text(encoding="utf-8") == "a\ufffd"


def test_a_story_in_markdown_has_headings_and_scene_breaks() -> None:
    works = [
        work("story", "s", "My *Story*"),
        work("chapter", "c1", "One", "s"),
        work("scene", "a", "first", "c1"),
        work("scene", "b", "second", "c1"),
        work("scene", "empty", "", "c1"),
        work("chapter", "c2", "Two", "s"),
        work("scene", "c", "third", "c2"),
    ]
    texts = {"a": "Once.\nUpon.\n\nA time.\n", "b": "Then.", "c": "# End", "empty": ""}
    assert as_markdown(works, texts) == (
        "# My \\*Story\\*\n\n## One\n\nOnce.\n\nUpon.\n\n&nbsp;\n\nA time.\n\n* * *\n\nThen.\n\n## Two\n\n\\# End\n"
    )


def test_several_texts_in_txt_have_breaks_and_their_chapters_titles(tmp_path: Path) -> None:
    works = [work("scene", "a"), work("scene", "b"), work("scene", "c"), work("chapter", "k", "Chapter 2")]
    works += [work("scene", "d", "", "k"), work("scene", "e", "", "k")]
    texts = {"a": "One.", "c": "Two.", "d": "Three.", "e": "Four."}
    export_text(works, texts, tmp_path / "s.txt", "txt")
    assert (tmp_path / "s.txt").read_text(encoding="utf-8") == (
        "One.\n\n* * *\n\nTwo.\n\nChapter 2\n\nThree.\n\n* * *\n\nFour."
    )


def test_a_picture_is_no_part_of_a_text_file(tmp_path: Path) -> None:
    works = [work("scene", "a"), work("picture", "p", "Portrait"), work("scene", "b")]
    for form in ("txt", "md"):
        export_text(works, {"a": "One.", "p": "Brush\n{}", "b": "Two."}, tmp_path / "s", form)
        assert (tmp_path / "s").read_text("utf-8").strip() == "One.\n\n* * *\n\nTwo."


def test_emphasis_stays_emphasis_and_lone_asterisks_stay_asterisks() -> None:
    text = "He *ran* and **ran**, 5 * 3, s**t and f**k, un*frigging*likely."
    assert escaped(text) == "He *ran* and **ran**, 5 \\* 3, s\\*\\*t and f\\*\\*k, un*frigging*likely."


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a\nb", ["a", "b"]),
        ("a\n\nb\n\n\nc\n", ["a", "b", "c"]),  # parted everywhere: spacing
        ("\n a\nb\n\nc \n\n", [" a", "b", "", "c "]),  # once: meant
        ("a\r\nb\rc\u2028d\x85e", ["a", "b", "c", "d", "e"]),
        ("  \n\t\n", []),
        ("", []),
    ],
)
def test_a_line_is_a_paragraph_and_empty_ones_are_kept_where_they_were_meant(
    text: str, lines: list[str]
) -> None:
    assert [text[start:end] for start, end in kept_lines(text)] == lines


def test_an_export_replaces_the_old_file_or_leaves_it(tmp_path: Path) -> None:
    path = tmp_path / "s.md"
    path.write_text("old")
    export_text([work("scene", "a")], {"a": "new"}, path, "md")
    assert path.read_text(encoding="utf-8") == "new\n"
    with pytest.raises(StudioError, match="export to"):
        export_text([work("scene", "a")], {"a": "new"}, tmp_path / "nowhere" / "s.md", "md")
    assert [p.name for p in tmp_path.iterdir()] == ["s.md"]
