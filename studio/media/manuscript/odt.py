"""OpenDocument text: marks what pandoc's reader drops: whose words, the title, rules."""

import io
import zipfile
from typing import Literal, NamedTuple
from xml.parsers import expat

from studio.media.manuscript.gather import MODEL_STYLE

_CONTENT, _STYLES = "content.xml", "styles.xml"
_BREAK = "<text:p>* * *</text:p>"
_Mark = Literal["opening", "closing", "break"]
_PRIVATE = range(0xE000, 0xF8FF)  # signs that mean nothing to anyone


class Marked(NamedTuple):
    """The file with `marks` (opening, closing) around model-written text; `title` as its Title paragraph says."""

    data: bytes
    marks: tuple[str, str] | None
    title: str


class EntityError(Exception):
    """The file defines entities, which no office program writes: a bomb."""


def marked(data: bytes) -> Marked:
    """Raises EntityError, KeyError (no content), expat.ExpatError, zipfile.BadZipFile."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read(_CONTENT)
        styles = archive.read(_STYLES) if _STYLES in archive.namelist() else b""
        look = _Look()
        for part in (styles, content):
            if part:
                look.parse(part)
        if not look.places:
            return Marked(data, None, look.title)
        opening, closing = _unused(content)
        out = _with_marks(content, look.places, opening, closing)
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as rewritten:
            for entry in archive.infolist():
                rewritten.writestr(
                    entry.filename, out if entry.filename == _CONTENT else archive.read(entry.filename)
                )
    return Marked(target.getvalue(), (opening, closing), look.title)


class _Look:
    """Finds the spans of our style, or of automatic styles made from it, and the Title paragraph."""

    def __init__(self) -> None:
        self.places: list[tuple[int, _Mark]] = []  # the byte it goes before
        self.title = ""
        self._model_styles = {MODEL_STYLE, MODEL_STYLE.replace(" ", "_20_")}
        self._title_styles = {"Title"}
        self._break_styles = {"Horizontal_20_Line", "Horizontal Line"}
        self._spans: list[bool] = []
        self._depth = 0
        self._in_title = False
        self._parser: expat.XMLParserType = expat.ParserCreate()

    def parse(self, xml: bytes) -> None:
        self.places.clear()
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._words
        self._parser.EntityDeclHandler = _refuse_entity
        self._parser.Parse(xml, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        style = attributes.get("text:style-name", "")
        if name == "style:style":
            self._learn(attributes)
        elif name == "text:span":
            is_model = style in self._model_styles
            self._spans.append(is_model)
            self._depth += is_model
            if is_model and self._depth == 1:
                self.places.append((self._parser.CurrentByteIndex, "opening"))
        elif name == "text:p" and style in self._title_styles and not self.title:
            self._in_title = True
        elif name == "text:p" and style in self._break_styles:
            self.places.append((self._parser.CurrentByteIndex, "break"))

    def _learn(self, attributes: dict[str, str]) -> None:
        name, parent = attributes.get("style:name", ""), attributes.get("style:parent-style-name", "")
        if attributes.get("style:display-name") == MODEL_STYLE or parent in self._model_styles:
            self._model_styles.add(name)
        if parent in self._title_styles:
            self._title_styles.add(name)
        if parent in self._break_styles:
            self._break_styles.add(name)

    def _end(self, name: str) -> None:
        if name == "text:span" and self._spans.pop():
            self._depth -= 1
            if self._depth == 0:
                at = self._parser.CurrentByteIndex
                if self.places[-1][0] == at:
                    self.places.pop()  # <text:span/>: nothing is in it
                else:
                    self.places.append((at, "closing"))
        elif name == "text:p":
            self._in_title = False

    def _words(self, text: str) -> None:
        if self._in_title:
            self.title += text


def _refuse_entity(*_declaration: object) -> None:
    raise EntityError


def _unused(content: bytes) -> tuple[str, str]:
    """Two signs that the document does not use."""
    free = (chr(code) for code in _PRIVATE if chr(code).encode() not in content)
    return next(free), next(free)


def _with_marks(content: bytes, places: list[tuple[int, _Mark]], opening: str, closing: str) -> bytes:
    signs: dict[_Mark, str] = {"opening": opening, "closing": closing, "break": _BREAK}
    pieces: list[bytes] = []
    done = 0
    for at, mark in places:
        pieces += [content[done:at], signs[mark].encode()]
        done = at
    return b"".join((*pieces, content[done:]))
