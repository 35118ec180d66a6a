"""What manuscripts of others become: chapters, scenes, plain words; what is lost is counted."""

import zipfile
from pathlib import Path

import pytest

from studio.media.manuscript.pandoc import run_pandoc
from studio.media.manuscript.read import never, read_manuscript
from tests.project.exchange.books import outline

RICH = """---
title: Rich
---

# One

**Bold** and *leaning* and ~~gone~~ and [a link](http://x.org) and a note[^1]. ![alt](p.png)
Same paragraph.

> Quoted.

- first
- second

1. one

| a | b |
|---|---|
| c | d |

    code here

<!-- silent -->

## A scene

Text. $5 and $6.

### Smaller

#

After a lone sign.

***

# Two

Line\\
break.

[^1]: The note.
"""


def md(tmp_path: Path, text: str, name: str = "book.md"):
    (tmp_path / name).write_text(text, "utf-8")
    return read_manuscript(tmp_path / name)


def test_everything_becomes_plain_lines_and_what_is_lost_is_counted(tmp_path: Path) -> None:
    found = md(tmp_path, RICH)
    assert found.title == "Rich"
    assert outline(found) == [
        (
            "One",
            [
                "**Bold** and *leaning* and gone and a link and a note [The note.].  Same paragraph."
                "\nQuoted.\n- first\n- second\n1. one\na | b\nc | d\ncode here",
                "Text. $5 and $6.\nSmaller",
                "After a lone sign.",
            ],
        ),
        ("Two", ["Line\nbreak."]),
    ]
    assert [scene.title for scene in found.scenes] == ["Scene 1", "A scene", "Scene 3", "Scene 1"]
    assert found.lost == {
        "footnotes (now in brackets)": 1,
        "indented quotations": 1,
        "links (their words stay)": 1,
        "lists (now plain lines)": 2,
        "pictures": 1,
        "smaller headings (now plain lines)": 1,
        "struck-out stretches": 1,
        "tables (now plain lines)": 1,
    }
    (told,) = found.told()
    assert told.startswith("Not kept as it was: 1 footnotes (now in brackets), ") and "1 pictures" in told


@pytest.mark.parametrize(
    "sign", ["***", "* * *", "---", "<hr>", "\\#", "#", "⁂", "~~ ~", "• • •", "\\*\\*\\*"]
)
def test_breaks_between_scenes_are_known(sign: str, tmp_path: Path) -> None:
    if sign == "<hr>":
        (tmp_path / "b.html").write_text("<p>One.</p><hr><p>Two.</p>", "utf-8")
        found = read_manuscript(tmp_path / "b.html")
    else:
        found = md(tmp_path, f"One.\n\n{sign.replace('~~ ~', '— — —')}\n\nTwo.\n")
    assert outline(found) == [("", ["One.", "Two."])]


@pytest.mark.parametrize(
    ("text", "title", "chapters"),
    [
        ("# Book\n\n## One\n\nA.\n\n## Two\n\nB.\n", "Book", ["One", "Two"]),
        ("# One\n\nA.\n\n# Two\n\nB.\n", "b", ["One", "Two"]),
        ("## One\n\nA.\n\n## Two\n\nB.\n", "b", ["One", "Two"]),
        ("Front.\n\n# One\n\nA.\n", "b", ["", "One"]),
        ("# Only\n\nA.\n", "b", ["Only"]),
        ("# Part\n\n# One\n\nA.\n", "b", ["Part", "One"]),
        ("A.\n\nB.\n", "b", [""]),
    ],
)
def test_headings_make_the_title_and_the_chapters(
    text: str, title: str, chapters: list[str], tmp_path: Path
) -> None:
    found = md(tmp_path, text, "b.md")
    assert (found.title, [chapter.title for chapter in found.chapters]) == (title, chapters)
    assert all(chapter.scenes for chapter in found.chapters)


def test_a_bold_line_at_the_beginning_is_the_title_when_there_is_no_other(tmp_path: Path) -> None:
    found = md(tmp_path, "**The Sea**\n\nA.\n")
    assert (found.title, outline(found)) == ("The Sea", [("", ["A."])])
    found = md(tmp_path, "---\ntitle: Other\n---\n\n**The Sea**\n\nA.\n")
    assert (found.title, outline(found)) == ("Other", [("", ["**The Sea**\nA."])])
    found = md(tmp_path, "**All there is**\n")
    assert outline(found) == [("", ["**All there is**"])]


@pytest.mark.parametrize(
    ("data", "text", "told"),
    [
        ("Zoë “is” here.".encode(), "Zoë “is” here.", False),
        ("Zoë “is” here.".encode("utf-8-sig"), "Zoë “is” here.", False),
        ("Zoë “is” here.".encode("utf-16"), "Zoë “is” here.", False),
        ("Zoë “is” here.".encode("utf-16-be"), None, False),
        (b"\xfe\xff" + "Zoë “is” here.".encode("utf-16-be"), "Zoë “is” here.", False),
        ("Zoë “is” here.".encode("cp1252"), "Zoë “is” here.", True),
        (b"one\r\ntwo\rthree\x0c\x1b", "one\ntwo\nthree", False),
    ],
)
def test_the_encoding_is_found_and_a_guess_is_told(
    data: bytes, text: str | None, told: bool, tmp_path: Path
) -> None:
    (tmp_path / "b.txt").write_bytes(data)
    if text is None:
        with pytest.raises(Exception, match="damaged"):
            read_manuscript(tmp_path / "b.txt")
        return
    found = read_manuscript(tmp_path / "b.txt")
    assert outline(found) == [("", [text])]
    assert bool(found.notes) is told and (not told or "Windows-1252" in found.notes[0])


def test_a_web_page_says_its_encoding_itself(tmp_path: Path) -> None:
    page = "<html><head><meta charset='iso-8859-15'></head><body><p>Zoë €</p></body></html>"
    (tmp_path / "b.html").write_bytes(page.encode("iso-8859-15"))
    found = read_manuscript(tmp_path / "b.html")
    assert outline(found) == [("", ["Zoë €"])] and found.notes == ()


def test_an_old_e_text_is_unwrapped_and_its_chapters_are_found(tmp_path: Path) -> None:
    words = [f"word{n}" for n in range(30)]
    paragraph = [" ".join(words[n % 18 : n % 18 + 13]) for n in range(8)]
    text = ["CHAPTER I. The Period", ""]
    for _ in range(6):
        text += [*paragraph, ""]
    text += ["Chapter Two", "", *paragraph, "", "* * *", "", *paragraph]
    (tmp_path / "old.txt").write_text("\n".join(text), "utf-8")
    found = read_manuscript(tmp_path / "old.txt")
    assert [(chapter.title, len(chapter.scenes)) for chapter in found.chapters] == [
        ("CHAPTER I. The Period", 1),
        ("Chapter Two", 2),
    ]
    assert found.scenes[0].text.text == "\n".join([" ".join(paragraph)] * 6)
    assert "fixed width" in found.notes[0]


def test_a_poem_is_not_unwrapped(tmp_path: Path) -> None:
    text = "\n".join(f"A line of {'many ' * (n % 3)}words" for n in range(40)) + "\n\nEnd."
    (tmp_path / "poem.txt").write_text(text, "utf-8")
    assert outline(read_manuscript(tmp_path / "poem.txt")) == [("", [text])]


def test_spacing_paragraphs_are_not_lines_but_a_single_empty_one_is(tmp_path: Path) -> None:
    page = "<p>A.</p><p>&nbsp;</p><p>B.</p><p>&nbsp;</p><p>C.</p>"
    (tmp_path / "b.html").write_text(page, "utf-8")
    assert outline(read_manuscript(tmp_path / "b.html")) == [("", ["A.\nB.\nC."])]
    (tmp_path / "b.html").write_text(page + "<p>D.</p>", "utf-8")
    assert outline(read_manuscript(tmp_path / "b.html")) == [("", ["A.\n\nB.\n\nC.\nD."])]


def test_an_e_book_without_headings_has_a_chapter_a_file(tmp_path: Path) -> None:
    pages = [f"<html><body><p>Words of part {n}.</p></body></html>" for n in (1, 2)]
    path = tmp_path / "b.epub"
    _epub(path, pages)
    found = read_manuscript(path)
    assert outline(found) == [("Chapter 1", ["Words of part 1."]), ("Chapter 2", ["Words of part 2."])]
    assert found.title == "An e-book"


def _epub(path: Path, pages: list[str]) -> None:
    items = "".join(
        f'<item id="p{n}" href="p{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(pages))
    )
    spine = "".join(f'<itemref idref="p{n}"/>' for n in range(len(pages)))
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>An e-book</dc:title></metadata>'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
        '<rootfile full-path="c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("c.opf", opf)
        for number, page in enumerate(pages):
            archive.writestr(f"p{number}.xhtml", page)


@pytest.mark.parametrize("form", ["docx", "odt", "epub", "html", "rtf"])
def test_what_pandoc_writes_of_a_markdown_book_is_read(form: str, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    data = run_pandoc(
        ["--from=markdown", f"--to={form}", "--standalone"], RICH.encode(), tmp_path / "x", never
    )
    (tmp_path / f"book.{form}").write_bytes(data)
    found = read_manuscript(tmp_path / f"book.{form}")
    assert found.title == "Rich"
    assert [chapter.title for chapter in found.chapters] == ["One", "Two"]
    whole = "\n".join(scene.text.text for scene in found.scenes)
    for words in ("**Bold**", "*leaning*", "gone", "a link", "Quoted.", "c | d", "Smaller"):
        assert words in whole, words
    if form == "rtf":  # pandoc's reader leaves them out
        assert "1 footnotes could not be read" in found.notes[0]
    else:
        assert (
            "[The note.]" in whole and "- first" in whole and found.lost["footnotes (now in brackets)"] == 1
        )


@pytest.mark.parametrize(
    "halves",
    [
        b"\\u55357?\\u56832?",
        b"\\u-10179?\\u-8704?",
        b"\\uc0\\u-10179\\u-8704 ",
        b"\\u-10179\\'3f\\u-8704\\'3f",
    ],
)
def test_rich_text_s_halves_of_a_character_are_read_as_one(halves: bytes, tmp_path: Path) -> None:
    """As pandoc, Word and LibreOffice write them; an escaped backslash is none."""
    file = tmp_path / "book.rtf"
    file.write_bytes(rb"{\rtf1\ansi a" + halves + rb"b \\u55357 c}")
    assert read_manuscript(file).scenes[0].text.text == "a\U0001f600b \\u55357 c"
