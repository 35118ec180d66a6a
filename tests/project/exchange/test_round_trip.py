"""What is exported comes back: chapters, scenes, every word, emphasis, whose words, in every form."""

import re
import zipfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, example, given, settings

from studio.media.manuscript.forms import FORMS
from studio.media.manuscript.gather import MODEL_STYLE
from studio.media.manuscript.read import read_manuscript
from studio.media.spans import IMPORTED
from tests.project.exchange.books import BOOK, MARKED, TEXTS, again, by_models, outline, work, write, written

DOCUMENTS = ("docx", "odt", "epub", "html", "rtf", "md")
WITH_AUTHORS = [form for form, info in FORMS.items() if info.authors]
LINES = st.lists(
    st.text(st.sampled_from(list("ab1 .,-#>*_[]()<&\\\"'“”é字|~`=+:!")), max_size=20).map(
        lambda line: " ".join(line.split())
    ),
    max_size=5,
)


@pytest.mark.parametrize("form", DOCUMENTS)
def test_a_book_comes_back_as_it_was(form: str, tmp_path: Path) -> None:
    found = again(tmp_path / f"book.{form}")
    expected = BOOK
    if form == "rtf":  # pandoc's reader drops empty paragraphs there
        expected = [(title, [text.replace("\n\n", "\n") for text in texts]) for title, texts in BOOK]
    assert found.title == "The Öld Book & Co."
    assert outline(found) == expected
    assert found.lost == {} and found.notes == ()


def test_plain_text_keeps_words_and_scenes_and_chapters_that_are_called_so(tmp_path: Path) -> None:
    works = [work("story", "s", "Book"), work("chapter", "k", "Chapter 1", "s")]
    works += [
        work("scene", "a", "", "k"),
        work("scene", "b", "", "k"),
        work("chapter", "l", "Chapter 2", "s"),
    ]
    works += [work("scene", "c", "", "l")]
    found = again(tmp_path / "book.txt", works=works)
    assert [title for title, _ in outline(found)] == ["Chapter 1", "Chapter 2"]
    assert [texts for _, texts in outline(found)] == [texts for _, texts in BOOK]


@pytest.mark.parametrize("form", WITH_AUTHORS)
def test_the_models_words_are_known_again(form: str, tmp_path: Path) -> None:
    found = again(tmp_path / f"book.{form}")
    words = [[stretch.strip() for stretch in by_models(scene.text)] for scene in found.scenes]
    assert words == [[stretch.strip() for stretch in scene] for scene in MARKED]
    assert {run.author for scene in found.scenes for run in scene.text.runs} == {"", IMPORTED}


@pytest.mark.parametrize("form", WITH_AUTHORS)
def test_without_authors_nobody_is_told_apart(form: str, tmp_path: Path) -> None:
    found = again(tmp_path / f"book.{form}", authors=False)
    assert not any(by_models(scene.text) for scene in found.scenes)


@pytest.mark.parametrize("form", ["docx", "odt", "epub", "html", "rtf"])
@given(lines=LINES)
@example(lines=["*a* *b*c", "un*frigging*real", "s**t and f**k", "**a** *b*", "***c***"])
@example(lines=["", "a", "", "b", "c", ""])
@example(lines=["a fox 😀 ran", "𠀀狐 👨‍👩‍👧", "\\u55357\\u56832 is no sign"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_lines_come_back(form: str, lines: list[str], tmp_path: Path) -> None:
    text = "\n".join(line for line in lines if not re.fullmatch(r"[\W_]*", line))
    if not text:
        return
    works = [work("scene", "a")]
    found = again(tmp_path / f"any.{form}", works=works, texts={"a": written(text)}, title="")
    assert outline(found) == [("", [text])]


@given(lines=LINES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_lines_come_back_from_plain_text(lines: list[str], tmp_path: Path) -> None:
    text = "\n".join(line for line in lines if not re.fullmatch(r"[\W_]*", line))
    if text:
        found = again(tmp_path / "any.txt", works=[work("scene", "a")], texts={"a": written(text)}, title="")
        assert outline(found) == [("", [text])]


def test_the_models_words_have_a_colour_in_documents(tmp_path: Path) -> None:
    write(tmp_path / "b.docx")
    with zipfile.ZipFile(tmp_path / "b.docx") as archive:
        styles = archive.read("word/styles.xml").decode()
    style = next(s for s in re.findall(r"<w:style .*?</w:style>", styles, re.S) if f'"{MODEL_STYLE}"' in s)
    assert '<w:color w:val="2F6F9F"/>' in style
    write(tmp_path / "b.odt")
    with zipfile.ZipFile(tmp_path / "b.odt") as archive:
        assert archive.namelist()[0] == "mimetype"
        assert archive.getinfo("mimetype").compress_type == zipfile.ZIP_STORED
        assert f'style:display-name="{MODEL_STYLE}"' in archive.read("styles.xml").decode()
        assert 'text:style-name="Atelier_20_model"' in archive.read("content.xml").decode()


def test_one_scene_or_chapter_can_be_written_alone(tmp_path: Path) -> None:
    found = again(tmp_path / "scene.docx", works=[work("scene", "b")], title="")
    assert (found.title, outline(found)) == ("scene", [("", [TEXTS["b"].text])])
    chapter = [work("chapter", "k", "Two"), work("scene", "c", "", "k")]
    found = again(tmp_path / "chapter.odt", works=chapter, title="")
    assert (found.title, outline(found)) == ("chapter", [("Two", [TEXTS["c"].text])])


def test_an_export_replaces_the_old_file_or_leaves_it(tmp_path: Path) -> None:
    path = tmp_path / "book.docx"
    path.write_bytes(b"old")
    write(path)
    assert outline(read_manuscript(path)) == BOOK
    assert [p.name for p in tmp_path.iterdir()] == ["book.docx"]
