"""From pandoc's document tree to lines, headings and breaks; what a plain text cannot hold is counted."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from studio.media.manuscript.emphasis import typed
from studio.media.spans import HUMAN, IMPORTED, Run, SpanText, merged, whole

MODEL_STYLE = "Atelier model"
NOTES = "footnotes (now in brackets)"
Node = dict[str, Any]
_STYLE_KEYS = ("custom-style", "data-custom-style")
_PART_ID = re.compile(r"[^#\s]+\.x?html?")
_SIGNS_BEFORE = re.compile(r"[ \t\u00a0]+")
_LINE_ENDS = str.maketrans(dict.fromkeys("\r\x0b\x0c\x85\u2028\u2029", "\n") | {"\x00": None})

# what only sets words differently, and what it is called when it is told
_DRESS = {
    "Underline": "underlined stretches",
    "Strikeout": "struck-out stretches",
    "Superscript": "raised stretches",
    "Subscript": "lowered stretches",
    "SmallCaps": "small capitals",
}


class Event(Struct, frozen=True):
    """One thing in reading order; `level` is a heading's, "part" is where another file of an e-book begins."""

    kind: Literal["line", "heading", "break", "part"]
    text: SpanText = SpanText()
    level: int = 0
    bold: bool = False  # a line that is strong as a whole


class _Style(NamedTuple):
    emph: bool = False
    strong: bool = False
    author: str = HUMAN


_Part = tuple[str, bool, bool, str]


class Gatherer:
    """Walks one document. `marks` are the two signs that stand around model-written text, if any."""

    def __init__(self, marks: tuple[str, str] | None = None) -> None:
        self.events: list[Event] = []
        self.lost: Counter[str] = Counter()
        self.title = ""
        self._marks = re.compile(f"([{marks[0]}{marks[1]}])") if marks else None
        self._opening = marks[0] if marks else ""
        self._marked = False
        self._blocks: dict[str, Callable[[Any], None]] = {
            "Para": self._para,
            "Plain": self._para,
            "Header": self._header,
            "HorizontalRule": lambda _content: self.events.append(Event("break")),
            "Div": self._div,
            "BlockQuote": self._quote,
            "LineBlock": self._lines,
            "CodeBlock": lambda content: self._words(content[1]),
            "BulletList": lambda content: self._list(content, lambda _number: "- "),
            "OrderedList": lambda content: self._list(
                content[1], lambda number: f"{number}. ", content[0][0]
            ),
            "DefinitionList": self._definitions,
            "Table": self._table,
            "Figure": lambda content: self.walk(content[2]),
        }

    def walk(self, blocks: Sequence[Node]) -> None:
        """Take in blocks, in order; kinds this pandoc may yet invent are counted as lost."""
        for block in blocks:
            kind = block["t"]
            if kind in self._blocks:
                self._blocks[kind](block.get("c"))
            elif not (kind == "RawBlock" and _is_silent(block["c"][1])):
                self.lost["raw passages"] += 1

    # -- blocks ----------------------------------------------------------------------------------

    def _para(self, content: Sequence[Node]) -> None:
        part = _part_of(content)
        if part:
            self.events.append(Event("part"))
            return
        parts = list(self._inline(content, _Style()))
        bold = bool(parts) and all(strong or not text.strip() for text, _, strong, _ in parts)
        self._add_lines(parts, bold)

    def _header(self, content: Any) -> None:
        level, (_, classes, _), inlines = content
        text = _span_text([(text, author) for text, _, _, author in self._inline(inlines, _Style())])
        line = " ".join(text.text.split())
        if "title" in classes:
            self.title = self.title or line
        elif line:
            self.events.append(Event("heading", SpanText().apply(SpanText().edit(0, 0, line)), int(level)))
        else:
            self.events.append(Event("break"))  # a lone # between scenes

    def _div(self, content: Any) -> None:
        (id_, classes, _), blocks = content
        if id_ == "title-block-header" or "titlepage" in classes:
            headers = [block for block in blocks if block["t"] == "Header"]
            if headers and not self.title:
                self.title = "".join(text for text, *_ in self._inline(headers[0]["c"][2], _Style()))
            return
        self.walk(blocks)

    def _quote(self, blocks: Sequence[Node]) -> None:
        self.lost["indented quotations"] += 1
        self.walk(blocks)

    def _lines(self, lines: Sequence[Sequence[Node]]) -> None:
        for line in lines:
            self._para(line)

    def _words(self, text: str) -> None:
        self._add_lines([(text, False, False, HUMAN)])

    def _list(self, items: Any, mark: Callable[[int], str], first: int = 1) -> None:
        """Lists stay as lines that begin with a dash or their number."""
        self.lost["lists (now plain lines)"] += 1
        for number, blocks in enumerate(items, first):
            begin = len(self.events)
            self.walk(blocks)
            if len(self.events) > begin and self.events[begin].kind == "line":
                event = self.events[begin]
                text = event.text.apply(event.text.edit(0, 0, mark(number)))
                self.events[begin] = Event("line", text)

    def _definitions(self, items: Any) -> None:
        self.lost["lists (now plain lines)"] += 1
        for term, definitions in items:
            self._para(term)
            for blocks in definitions:
                self.walk(blocks)

    def _table(self, content: Any) -> None:
        """A row is a line, its cells are parted by bars: no word is lost."""
        self.lost["tables (now plain lines)"] += 1
        _, _, _, head, bodies, foot = content
        rows = [*head[1], *(row for body in bodies for row in (*body[2], *body[3])), *foot[1]]
        for _, cells in rows:
            inner = Gatherer()
            words = []
            for cell in cells:
                inner.events.clear()
                inner.walk(cell[4])
                words.append(" ".join(event.text.text for event in inner.events if event.text.text))
            self.lost.update(inner.lost)
            self._words(" | ".join(words))

    # -- inlines ---------------------------------------------------------------------------------

    def _inline(self, nodes: Sequence[Node], style: _Style) -> Iterator[_Part]:
        for node in nodes:
            kind: str = node["t"]
            content: Any = node.get("c")
            if kind == "Str":
                yield from self._string(content, style)
            elif kind in ("Space", "SoftBreak"):
                yield self._part(" ", style)
            elif kind == "LineBreak":
                yield self._part("\n", style)
            elif kind == "Emph":
                yield from self._inline(content, style._replace(emph=True))
            elif kind == "Strong":
                yield from self._inline(content, style._replace(strong=True))
            elif kind == "Span":
                yield from self._span(content, style)
            else:
                yield from self._rarer(kind, content, style)

    def _rarer(self, kind: str, content: Any, style: _Style) -> Iterator[_Part]:
        if kind in _DRESS:
            self.lost[_DRESS[kind]] += 1
            yield from self._inline(content, style)
        elif kind == "Quoted":
            left, right = "“”" if content[0]["t"] == "DoubleQuote" else "‘’"
            yield self._part(left, style)
            yield from self._inline(content[1], style)
            yield self._part(right, style)
        elif kind == "Cite":
            yield from self._inline(content[1], style)
        elif kind == "Link":
            self.lost["links (their words stay)"] += 1
            yield from self._inline(content[1], style)
        elif kind in ("Code", "Math"):
            if kind == "Math":
                self.lost["formulas (as typed)"] += 1
            yield from self._string(content[1], style)
        elif kind == "Image":
            self.lost["pictures"] += 1
        elif kind == "Note":
            yield from self._note(content, style)
        elif not (kind == "RawInline" and _is_silent(content[1])):
            self.lost["raw passages"] += 1

    def _span(self, content: Any, style: _Style) -> Iterator[_Part]:
        (_, _, pairs), inlines = content
        if any(key in _STYLE_KEYS and value == MODEL_STYLE for key, value in pairs):
            style = style._replace(author=IMPORTED)
        yield from self._inline(inlines, style)

    def _note(self, blocks: Sequence[Node], style: _Style) -> Iterator[_Part]:
        """A footnote's words stay, in brackets where its number stood."""
        self.lost[NOTES] += 1
        inner = Gatherer()
        inner.walk(blocks)
        self.lost.update(inner.lost)
        words = " ".join(event.text.text for event in inner.events if event.text.text)
        yield self._part(f" [{words.strip()}]", style)

    def _string(self, text: str, style: _Style) -> Iterator[_Part]:
        if self._marks is None:
            yield self._part(text, style)
            return
        for piece in self._marks.split(text):
            if piece and self._marks.fullmatch(piece):
                self._marked = piece == self._opening
            elif piece:
                yield self._part(piece, style)

    def _part(self, text: str, style: _Style) -> _Part:
        return text, style.emph, style.strong, IMPORTED if self._marked else style.author

    # -- lines -----------------------------------------------------------------------------------

    def _add_lines(self, parts: Sequence[_Part], bold: bool = False) -> None:
        """A paragraph is a line; breaks in it begin others."""
        line: list[_Part] = []
        for text, emph, strong, author in parts:
            pieces = text.translate(_LINE_ENDS).split("\n")
            for index, piece in enumerate(pieces):
                if index:
                    self._add_line(line, bold)
                    line = []
                line.append((piece, emph, strong, author))
        self._add_line(line, bold)

    def _add_line(self, parts: list[_Part], bold: bool) -> None:
        text = _span_text(typed(parts))
        if found := _SIGNS_BEFORE.match(text.text):  # hard spaces at a line's start were an indent
            spaces = found[0].replace("\u00a0", " ")
            text = text.apply(text.edit(0, found.end(), spaces, text.slice_runs(0, found.end())))
        end = len(text.text.rstrip())
        text = text.apply(text.edit(end, len(text.text) - end, ""))
        self.events.append(Event("line", text, bold=bold))


def _span_text(parts: Sequence[tuple[str, str]]) -> SpanText:
    return SpanText(
        text=whole("".join(text for text, _ in parts)),
        runs=merged(Run(length=len(text), author=author) for text, author in parts),
    )


def _part_of(content: Sequence[Node]) -> bool:
    """Whether a paragraph is only pandoc's mark of an e-book's next file."""
    if len(content) != 1 or content[0]["t"] != "Span":
        return False
    (id_, _, _), inlines = content[0]["c"]
    return not inlines and _PART_ID.fullmatch(id_) is not None


def _is_silent(raw: str) -> bool:
    """A comment or a mark without words."""
    return raw.lstrip().startswith("<")
