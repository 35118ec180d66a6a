"""Files that are no manuscripts, or mean harm: a clear word, nothing changed, nothing that hangs."""

import io
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from studio.core.errors import StoppedError, StudioError
from studio.media.manuscript import guard, pandoc, read
from studio.media.manuscript.read import never, read_manuscript
from studio.project.exchange.keep import keep_manuscript
from studio.project.store import Store
from tests.project.exchange.books import write

CONTENT = (
    '<office:document-content xmlns:office="o" xmlns:text="t"><text:p>{}</text:p></office:document-content>'
)


def zipped(parts: dict[str, str | bytes], mimetype: str = "") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name, part in parts.items():
            archive.writestr(name, part)
    return data.getvalue()


ODT, EPUB = "application/vnd.oasis.opendocument.text", "application/epub+zip"
ENCRYPTED_OLE = b"\xd0\xcf\x11\xe0" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le")
DRM = '<encryption><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></encryption>'


@pytest.mark.parametrize(
    ("name", "data", "code", "words"),
    [
        ("empty.docx", b"", "empty", "holds no words"),
        ("blank.txt", b" \n\t\n", "empty", "holds no words"),
        ("signs.md", b"***\n\n* * *\n", "empty", "holds no words"),
        ("page.docx", b"<html><body>hi</body></html>", "form", "holds a web page"),
        ("rich.docx", b"{\\rtf1 hi}", "form", "holds rich text"),
        ("text.docx", b"only words", "form", "is not a Word document"),
        (
            "book.docx",
            zipped({"content.xml": CONTENT.format("hi")}, ODT),
            "form",
            "holds an OpenDocument text",
        ),
        ("book.odt", zipped({"word/document.xml": "<a/>"}), "form", "holds a Word document"),
        ("other.docx", zipped({"a.txt": "words"}), "form", "is not a Word document"),
        (
            "sheet.odt",
            zipped({"content.xml": "<a/>"}, "application/vnd.oasis.opendocument.spreadsheet"),
            "form",
            "is not an OpenDocument text",
        ),
        ("old.doc", b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "form", "old Word file"),
        ("secret.docx", ENCRYPTED_OLE, "locked", "password"),
        ("paper.pdf", b"%PDF-1.7 ...", "form", "is a PDF"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\x00", "form", "no kind that can be read"),
        ("numbers.txt", b"a\x00b\x00\x01\x02", "damaged", "damaged"),
        (
            "drm.epub",
            zipped({"META-INF/encryption.xml": DRM, "a.xhtml": "x"}, EPUB),
            "locked",
            "copy protection",
        ),
        ("rights.epub", zipped({"META-INF/rights.xml": "<r/>"}, EPUB), "locked", "copy protection"),
        ("secret.odt", zipped({"META-INF/manifest.xml": "<encryption-data/>"}, ODT), "locked", "password"),
        ("no-content.odt", zipped({"styles.xml": "<a/>"}, ODT), "damaged", "damaged"),
        ("no-book.epub", zipped({"a.xhtml": "<p>x</p>"}, EPUB), "damaged", "damaged"),
        ("wrong.docx", zipped({"word/document.xml": "<w:document><unclosed>"}), "damaged", "damaged"),
        ("cut.docx", zipped({"word/document.xml": "<a/>" * 50})[:-30], "form", "is not a Word document"),
    ],
)
def test_what_cannot_be_read_is_said(name: str, data: bytes, code: str, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(StudioError) as caught:
        read_manuscript(tmp_path / name)
    error = caught.value
    assert (error.code, words in error.what) == (code, True), error.what
    assert name in error.what and error.kept == "Nothing was changed." and error.do


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"read nothing.md"):
        read_manuscript(tmp_path / "nothing.md")
    with pytest.raises(StudioError, match=r"read folder.md"):
        (tmp_path / "folder.md").mkdir()
        read_manuscript(tmp_path / "folder.md")


def test_an_e_book_whose_fonts_only_are_hidden_is_no_drm(tmp_path: Path) -> None:
    write(tmp_path / "b.epub")
    data = io.BytesIO((tmp_path / "b.epub").read_bytes())
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("META-INF/encryption.xml", '<e Algorithm="http://www.idpf.org/2008/embedding"/>')
    (tmp_path / "b.epub").write_bytes(data.getvalue())
    assert read_manuscript(tmp_path / "b.epub").words > 10


def test_a_zip_bomb_is_seen_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    path.write_bytes(zipped({"word/document.xml": b" " * (guard.XML_BYTES_MOST + 1)}))
    assert path.stat().st_size < 200_000
    _refused_as(path, "bomb")


def test_a_zip_bomb_that_lies_about_its_size_is_seen_before_pandoc_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "run_pandoc", _not_asked)
    path = tmp_path / "liar.docx"
    data = bytearray(zipped({"word/document.xml": b" " * 5_000_000}))
    directory = data.rindex(b"PK\x01\x02")
    for at in (22, directory + 24):  # the size once unpacked, in both headers
        data[at : at + 4] = struct.pack("<I", 1_000)
    path.write_bytes(bytes(data))
    _refused_as(path, "damaged")


def _not_asked(*_arguments: object) -> bytes:
    raise AssertionError("pandoc was asked")


def test_a_document_that_defines_entities_is_refused_before_pandoc_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "laughs.odt"
    write(path)
    whole = path.read_bytes()
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><office:document-content'
    path.write_bytes(_inside(whole, lambda part: part.replace(b"<office:document-content", laughs, 1)))
    monkeypatch.setattr(read, "run_pandoc", _not_asked)
    _refused_as(path, "damaged")
    path.write_bytes(_inside(whole, lambda part: part))
    with pytest.raises(AssertionError, match="was asked"):
        read_manuscript(path)


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(guard.FILE_BYTES_MOST + 1)
    _refused_as(path, "large")


def _refused_as(path: Path, code: str) -> None:
    with pytest.raises(StudioError) as caught:
        read_manuscript(path)
    assert caught.value.code == code and caught.value.kept


@given(data=st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("form", ["docx", "odt", "epub"])
def test_mutilated_documents_are_read_or_refused_and_nothing_else(form: str, data, tmp_path: Path) -> None:
    """Bytes of the archive, or of the text inside a sound archive, are changed, cut or doubled."""
    path = tmp_path / f"book.{form}"
    write(path)
    whole = path.read_bytes()
    if data.draw(st.booleans(), "inside"):
        path.write_bytes(_inside(whole, lambda part: _mutilated(part, data)))
    else:
        path.write_bytes(_mutilated(whole, data))
    with Store.create(tmp_path / f"{time.monotonic_ns()}.atelier") as store:
        try:
            found = read_manuscript(path)
        except StudioError as error:
            assert error.what and error.kept and error.do
            assert store.works() == []
            return
        keep_manuscript(store, found)
        assert store.check() == ()


def _mutilated(raw: bytes, data) -> bytes:
    out = bytearray(raw)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(out) - 1)))
        how = data.draw(st.sampled_from(["flip", "cut", "drop", "double"]))
        if how == "flip" and out:
            out[at] ^= data.draw(st.integers(1, 255))
        elif how == "cut":
            del out[at:]
        elif how == "drop":
            del out[at : at + data.draw(st.integers(1, 60))]
        else:
            out[at:at] = out[at : at + data.draw(st.integers(1, 200))]
    return bytes(out)


def _inside(whole: bytes, change: Callable[[bytes], bytes]) -> bytes:
    parts = {}
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        for name in archive.namelist():
            part = archive.read(name)
            parts[name] = (
                change(part)
                if name.endswith(("document.xml", "content.xml", "ch001.xhtml", "styles.xml"))
                else part
            )
    return zipped(parts)  # type: ignore[arg-type]


@given(raw=st.binary(max_size=400), form=st.sampled_from(["md", "html", "txt", "rtf", "docx"]))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused(raw: bytes, form: str, tmp_path: Path) -> None:
    path = tmp_path / f"any.{form}"
    path.write_bytes(b"{\\rtf1 " + raw if form == "rtf" else raw)
    try:
        read_manuscript(path)
    except StudioError as error:
        assert error.what and error.kept and error.do


# -- pandoc itself --------------------------------------------------------------------------------


def test_a_stop_ends_the_converting_at_once(tmp_path: Path) -> None:
    asked = []

    def stopped() -> bool:
        asked.append(1)
        return True

    start = time.monotonic()
    with pytest.raises(StoppedError):
        pandoc.run_pandoc(["--from=markdown", "--to=docx"], b"word *word* \n\n" * 200_000, tmp_path, stopped)
    assert asked and time.monotonic() - start < 5.0
    assert not (tmp_path / "output").exists() or (tmp_path / "output").stat().st_size == 0


def test_converting_has_a_time_limit(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="more time") as caught:
        pandoc.run_pandoc(
            ["--from=markdown", "--to=docx"], b"word *word* \n\n" * 200_000, tmp_path, never, seconds_most=0.2
        )
    assert caught.value.code == "large"


def test_converting_has_a_memory_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pandoc, "MEMORY_MIB_MOST", 30)
    with pytest.raises(StudioError, match="more memory") as caught:
        pandoc.run_pandoc(["--from=markdown", "--to=json"], b"word *word* \n\n" * 200_000, tmp_path, never)
    assert caught.value.code == "large"


def test_a_document_cannot_read_other_files(tmp_path: Path) -> None:
    """`--sandbox`: an include of a file of this computer brings nothing of it."""
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    (tmp_path / "x").mkdir()
    for source, form in ((f"\\input{{{secret}}}", "latex"), (f".. include:: {secret}", "rst")):
        for old in (tmp_path / "x").iterdir():
            old.unlink()
        try:
            out = pandoc.run_pandoc([f"--from={form}", "--to=plain"], source.encode(), tmp_path / "x", never)
        except pandoc.PandocError:
            continue
        assert b"the secret" not in out


def test_a_missing_pandoc_is_said_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pandoc, "find_spec", lambda _name: None)
    (tmp_path / "b.md").write_text("words")
    with pytest.raises(StudioError) as caught:
        read_manuscript(tmp_path / "b.md")
    assert caught.value.code == "pandoc" and "Install Atelier again" in caught.value.do
    (tmp_path / "b.txt").write_text("words")
    assert read_manuscript(tmp_path / "b.txt").words == 1
    write(tmp_path / "out.md")
