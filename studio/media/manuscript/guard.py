"""Looks at a file before anything reads it: size, zip bombs, passwords, DRM."""

import re
import zipfile
import zlib
from pathlib import Path

from studio.core.errors import StudioError
from studio.core.files import told
from studio.media.manuscript.forms import NOTHING_CHANGED, Form

FILE_BYTES_MOST = 200 * 2**20
UNPACKED_BYTES_MOST = 400 * 2**20  # pictures included
XML_BYTES_MOST = 64 * 2**20  # of one part with text: 30 long novels
_ENTRIES_MOST = 20_000
_CHUNK_BYTES = 2**20
_ENCRYPTED_FLAG = 0x1
_FONT_ONLY = (b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC")
_ALGORITHM = re.compile(rb"""Algorithm\s*=\s*["']([^"']+)["']""")
_TEXT_PARTS = (".xml", ".xhtml", ".html", ".htm", ".opf", ".rels")


def read_bytes(path: Path) -> bytes:
    """A file's bytes. Raises StudioError "large" or "empty", or the system's refusal in words."""
    with told(f"read {path.name}", kept=NOTHING_CHANGED):
        size = path.stat().st_size
        if size > FILE_BYTES_MOST:
            raise _refused(
                path,
                f"is too large to import ({size // 2**20} MiB; {FILE_BYTES_MOST // 2**20} are read at most)",
                "Divide it, or take the pictures out.",
                "large",
            )
        data = path.read_bytes()
    if not data.strip():
        raise empty(path)
    return data


def empty(path: Path) -> StudioError:
    """The refusal of a file without words."""
    return _refused(path, "holds no words", "Choose another file.", "empty")


def check_archive(path: Path, form: Form) -> None:
    """Unpack a zip file's parts once, into nothing. Raises StudioError "bomb", "locked" or "damaged"."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
                raise _protected(path)
            _check_sizes(path, entries)
            _check_locks(path, archive, form)
            for entry in entries:
                with archive.open(entry) as part:  # a part longer than it says fails its checksum
                    while part.read(_CHUNK_BYTES):
                        pass
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, ValueError, RuntimeError) as error:
        raise damaged(path) from error
    except OSError as error:
        raise damaged(path) from error


def damaged(path: Path, details: str = "") -> StudioError:
    """The refusal of a file that cannot be understood."""
    error = _refused(
        path,
        "is damaged and cannot be read",
        "Open it in the program that made it, save it again, and import that.",
        "damaged",
    )
    if details:
        error.add_note(details)
    return error


def _check_sizes(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    """By what the headers say; reading proves them."""
    text_parts = [entry for entry in entries if entry.filename.lower().endswith(_TEXT_PARTS)]
    too_large = (
        len(entries) > _ENTRIES_MOST
        or sum(entry.file_size for entry in entries) > UNPACKED_BYTES_MOST
        or sum(entry.file_size for entry in text_parts) > XML_BYTES_MOST
    )
    if too_large:
        raise _refused(
            path,
            "would unpack to far more than a book",
            "If it is one, save it without pictures or in parts, and import those.",
            "bomb",
        )


def _check_locks(path: Path, archive: zipfile.ZipFile, form: Form) -> None:
    names = set(archive.namelist())
    manifest, encryption = "META-INF/manifest.xml", "META-INF/encryption.xml"
    if form == "odt" and manifest in names and b"encryption-data" in archive.read(manifest):
        raise _protected(path)
    if form == "epub":
        algorithms = _ALGORITHM.findall(archive.read(encryption)) if encryption in names else []
        if "META-INF/rights.xml" in names or any(found not in _FONT_ONLY for found in algorithms):
            raise _refused(
                path,
                "is an e-book with copy protection (DRM)",
                "Only books without it can be imported.",
                "locked",
            )


def _protected(path: Path) -> StudioError:
    return _refused(
        path, "is protected by a password", "Save it without one, then import that.", code="locked"
    )


def _refused(path: Path, what: str, do: str, code: str) -> StudioError:
    return StudioError(f"“{path.name}” {what}.", kept=NOTHING_CHANGED, do=do, code=code)
