"""What a file of music in text form must be before it is read: no bomb, no endless archive, of a size that ends."""

import io
import re
import zipfile
import zlib
from typing import Final, Never

from studio.core.errors import StudioError

TEXT_MOST_BYTES: Final = 64 * 1024 * 1024
ABC_MOST_BYTES: Final = 2 * 1024 * 1024
NOTES_MOST: Final = 100_000  # about three minutes of reading
FILES_MOST: Final = 1_000
_ROOT_FILE: Final = re.compile(rb"<rootfile\b[^>]*?\bfull-path\s*=\s*[\"']([^\"']+)[\"']")
_ENCODING: Final = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_MARKS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


def musicxml_text(data: bytes, name: str) -> str:
    """The XML of a MusicXML file, packed (.mxl) or not, without its document type. Raises StudioError."""
    if data[:4] == b"PK\x03\x04":
        data = _unpacked(data, name)
    if len(data) > TEXT_MOST_BYTES:
        refuse(
            name, f"it has {len(data) // 2**20} MiB and {TEXT_MOST_BYTES // 2**20} MiB can be read", "too big"
        )
    text = _decoded(data, name)
    if "<!ENTITY" in text:
        refuse(
            name, "it defines entities of its own, as files do that are to overload a reader", "unsupported"
        )
    if "<score-partwise" not in text and "<score-timewise" not in text:
        refuse(name, "it is no MusicXML")
    count = text.count("<note")
    if count > NOTES_MOST:
        refuse(name, f"it has {count:,} notes and {NOTES_MOST:,} can be read", "too big")
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)


def abc_text(data: bytes, name: str) -> tuple[str, int]:
    """The first tune of an ABC file, and how many tunes there are. Raises StudioError."""
    if len(data) > ABC_MOST_BYTES:
        refuse(
            name, f"it has {len(data) // 2**20} MiB and {ABC_MOST_BYTES // 2**20} MiB can be read", "too big"
        )
    text = _decoded(data, name).replace("\r\n", "\n").replace("\r", "\n")
    head, *tunes = re.split(r"^(?=X:)", text, flags=re.MULTILINE)
    if not tunes:
        if not re.search(r"^K:", text, re.MULTILINE):
            refuse(name, "it is no ABC: it names no key (K:)")
        return "X:1\n" + text, 1
    fields = "".join(re.findall(r"^[LMQ]:.*\n", head, re.MULTILINE))  # a file's own defaults
    first, _, rest = tunes[0].partition("\n")
    tune = rest.split("\n\n", 1)[0]  # an empty line ends a tune
    return f"{first}\n{fields}{tune}\n", len(tunes)


def _decoded(data: bytes, name: str) -> str:
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "")
    if not encoding:
        told = _ENCODING.match(data)
        encoding = told[1].decode() if told else "utf-8"
    try:
        return data.decode(encoding)
    except LookupError:
        refuse(name, f"it says that it is written in “{encoding}”, which nobody knows")
    except UnicodeError:
        return data.decode("latin-1")


def _unpacked(data: bytes, name: str) -> bytes:
    """The score of an .mxl file: what META-INF/container.xml names, never more than TEXT_MOST_BYTES."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if len(names) > FILES_MOST:
                refuse(name, f"it holds {len(names):,} files", "too big")
            path = ""
            if "META-INF/container.xml" in names:
                found = _ROOT_FILE.search(_read(archive, "META-INF/container.xml", name))
                path = found[1].decode("utf-8", "replace") if found else ""
            if path not in names:
                scores = [
                    n for n in names if n.endswith((".xml", ".musicxml")) and not n.startswith("META-INF")
                ]
                if not scores:
                    refuse(name, "it holds no score")
                path = scores[0]
            return _read(archive, path, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        refuse(name, f"its archive is damaged ({error})")


def _read(archive: zipfile.ZipFile, path: str, name: str) -> bytes:
    with archive.open(path) as file:
        data = file.read(TEXT_MOST_BYTES + 1)  # whatever size it says it has
    if len(data) > TEXT_MOST_BYTES:
        refuse(name, f"unpacked it has over {TEXT_MOST_BYTES // 2**20} MiB", "too big")
    return data


def refuse(name: str, why: str, code: str = "damaged") -> Never:
    """Raises the StudioError of a file that is not taken in."""
    raise StudioError(
        f"“{name}” cannot be read: {why}.",
        kept="Nothing was changed.",
        do="Open it in the program it came from, and export it again or as MIDI.",
        code=code,
    )
