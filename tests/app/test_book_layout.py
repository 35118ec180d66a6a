"""A story as a book: pages, numbers, chapters on pages of their own, stop."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMarginsF, QRectF
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter
from PySide6.QtWidgets import QApplication

from studio.app.book_layout import _Setter, print_book
from studio.core.errors import StoppedError, StudioError
from studio.project.records import Work, WorkKind


def work(kind: WorkKind, id_: str, title: str = "", parent: str = "") -> Work:
    return Work(id=id_, kind=kind, title=title, parent=parent, created_ms=0)


WORKS = [
    work("story", "s", "Book"),
    work("chapter", "c", "One", "s"),
    work("scene", "a", "", "c"),
    work("scene", "b", "", "c"),
    work("chapter", "d", "Two", "s"),
    work("scene", "e", "", "d"),
]
TEXTS = {"a": "First *words*.\nSecond **words**.", "b": "After the break.", "e": "Long. " * 3_000}


@pytest.fixture
def writer(qapp: QApplication, tmp_path: Path) -> QPdfWriter:
    writer = QPdfWriter(str(tmp_path / "b.pdf"))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A5))
    writer.setPageMargins(QMarginsF(18, 16, 18, 14), QPageLayout.Unit.Millimeter)
    writer.setResolution(150)
    return writer


def pages(writer: QPdfWriter, texts: dict[str, str], title: str = "Book", works: list[Work] = WORKS) -> int:
    return print_book(works, texts, title, writer, lambda: False)


def test_title_and_chapters_have_pages_of_their_own(writer: QPdfWriter) -> None:
    assert pages(writer, TEXTS | {"e": "Short."}) == 3


@pytest.mark.parametrize("dpi", [96, 150, 300, 1200])
def test_pages_are_the_same_at_any_resolution(writer: QPdfWriter, dpi: int) -> None:
    writer.setResolution(dpi)
    texts = {"a": "Only.", "b": "This."}
    assert (
        pages(
            writer,
            texts,
            works=[work("story", "s", "Untitled story"), work("scene", "a"), work("scene", "b")],
        )
        == 2
    )


def test_without_a_title_the_first_chapter_begins_the_book(writer: QPdfWriter) -> None:
    assert pages(writer, TEXTS | {"e": "Short."}, title="") == 2


def test_a_long_chapter_goes_over_many_pages(writer: QPdfWriter) -> None:
    assert 10 < pages(writer, TEXTS) < 60


def test_only_the_pages_asked_for_are_painted(writer: QPdfWriter) -> None:
    assert print_book(WORKS, TEXTS, "Book", writer, lambda: False, (2, 4)) == 3
    assert print_book(WORKS, TEXTS, "Book", writer, lambda: False, (900, 901)) == 0


def test_a_stop_ends_it(writer: QPdfWriter) -> None:
    with pytest.raises(StoppedError):
        print_book(WORKS, TEXTS, "Book", writer, lambda: True)


@pytest.mark.qt_log_ignore("QPainter::begin")
def test_a_place_that_takes_no_file_is_told(qapp: QApplication, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="cannot be written"):
        print_book(WORKS, TEXTS, "Book", QPdfWriter(str(tmp_path / "no" / "b.pdf")), lambda: False)


def test_paragraphs_are_indented_but_the_first_and_emphasis_is_set(writer: QPdfWriter) -> None:
    document = _Setter(WORKS, TEXTS, "", writer, QRectF(0, 0, 600, 900)).document
    blocks = {}
    block = document.begin()
    while block.isValid():
        blocks[block.text()] = block
        block = block.next()
    assert list(blocks)[:5] == ["One", "First words.", "Second words.", "* * *", "After the break."]
    assert (
        blocks["First words."].blockFormat().textIndent()
        == 0
        < blocks["Second words."].blockFormat().textIndent()
    )
    assert blocks["After the break."].blockFormat().textIndent() == 0
    italic = [found.format.fontItalic() for found in blocks["First words."].textFormats()]
    bold = [found.format.fontWeight() >= 600 for found in blocks["Second words."].textFormats()]
    assert italic == bold == [False, True, False]
