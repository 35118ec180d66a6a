"""The kinds of files a manuscript may come in, told by content, and what each can carry."""

import zipfile
import zlib
from pathlib import Path
from typing import Literal

from msgspec import Struct

from studio.core.errors import StudioError

Form = Literal["docx", "odt", "epub", "rtf", "html", "md", "txt"]
NOTHING_CHANGED = "Nothing was changed."


class FormInfo(Struct, frozen=True, kw_only=True):
    """One kind, named alone and in a sentence: `reader` and `writer` are pandoc's names for it, `authors` says
    whether it can show who wrote what."""

    form: Form
    title: str
    noun: str
    suffixes: tuple[str, ...]
    reader: str = ""
    writer: str = ""
    authors: bool = False


FORMS: dict[Form, FormInfo] = {
    info.form: info
    for info in (
        FormInfo(
            form="docx",
            title="Word document",
            noun="a Word document",
            suffixes=(".docx",),
            reader="docx+styles+empty_paragraphs",
            writer="docx+empty_paragraphs",
            authors=True,
        ),
        FormInfo(
            form="odt",
            title="OpenDocument text",
            noun="an OpenDocument text",
            suffixes=(".odt",),
            reader="odt",
            writer="odt+empty_paragraphs",
            authors=True,
        ),
        FormInfo(
            form="epub",
            title="E-book",
            noun="an e-book",
            suffixes=(".epub",),
            reader="epub",
            writer="epub3",
            authors=True,
        ),
        FormInfo(
            form="rtf", title="Rich text", noun="rich text", suffixes=(".rtf",), reader="rtf", writer="rtf"
        ),
        FormInfo(
            form="html",
            title="Web page",
            noun="a web page",
            suffixes=(".html", ".htm", ".xhtml"),
            reader="html+empty_paragraphs",
            writer="html+empty_paragraphs",
            authors=True,
        ),
        FormInfo(
            form="md",
            title="Markdown",
            noun="Markdown",
            suffixes=(".md", ".markdown"),
            reader="commonmark+footnotes+pipe_tables+strikeout+yaml_metadata_block",
        ),
        FormInfo(form="txt", title="Plain text", noun="plain text", suffixes=(".txt", ".text")),
    )
}
_MIMETYPES: dict[bytes, Form] = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/epub+zip": "epub",
}
_ZIP, _OLE, _PDF, _RTF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf"
_START_BYTES = 4_096
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")


def form_named(path: Path) -> Form | None:
    """The kind that a name's ending stands for."""
    suffix = path.suffix.lower()
    return next((form for form, info in FORMS.items() if suffix in info.suffixes), None)


def form_of(path: Path, data: bytes) -> Form:
    """The kind of a file, by what is in it. Raises StudioError "form" when it is none, or not what it is called."""
    named, found = form_named(path), _found(path, data)
    if named is None and found is None:
        known = ", ".join(info.suffixes[0] for info in FORMS.values())
        raise _refused(path, "is of no kind that can be read", f"Save it as one of {known}.")
    texts = ("md", "txt", "html")
    if found is None or named == found or (named in texts and found == "html"):
        if named not in texts and found is None:
            assert named is not None
            what = f"is called {path.suffix} but is not {FORMS[named].noun}, or it is damaged"
            raise _refused(path, what, "Open it in the program that made it, save it again, and import that.")
        assert named is not None
        return named
    if named is None:
        return found
    what = f"is called {path.suffix} but holds {FORMS[found].noun}"
    raise _refused(path, what, f"Give it the ending {FORMS[found].suffixes[0]}, then import it.")


def _found(path: Path, data: bytes) -> Form | None:
    """What the content says for sure; None for plain text and the unknown."""
    if data.startswith(_ZIP):
        return _in_zip(path)
    if data.startswith(_OLE):
        if _ENCRYPTED_STREAM in data:
            raise _refused(
                path, "is protected by a password", "Take the password off in Word, then import it.", "locked"
            )
        raise _refused(path, "is an old Word file (.doc)", "Save it as .docx, then import that.")
    if data.startswith(_PDF):
        raise _refused(path, "is a PDF", "Import the document the PDF was made from.")
    start = data[:_START_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_RTF):
        return "rtf"
    if start.startswith((b"<!doctype html", b"<html")) or (start.startswith(b"<?xml") and b"<html" in start):
        return "html"
    return None


def _in_zip(path: Path) -> Form | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "word/document.xml" in names:
                return "docx"
            if "mimetype" in names and archive.getinfo("mimetype").file_size < _START_BYTES:
                return _MIMETYPES.get(archive.read("mimetype").strip())
            return None
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error):
        return None


def _refused(path: Path, what: str, do: str, code: str = "form") -> StudioError:
    return StudioError(f"“{path.name}” {what}.", kept=NOTHING_CHANGED, do=do, code=code)
