"""Works as plain text or Markdown."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from studio.core.files import told, write_whole
from studio.media.manuscript.emphasis import Stretch, stretches
from studio.media.spans import whole
from studio.project.lines import kept_lines
from studio.project.records import NO_WORDS, Work, WorkKind

ExportForm = Literal["txt", "md"]
_LEVEL: dict[WorkKind, int] = {"story": 1, "note": 1, "chapter": 2}
_SCENE_BREAK = "* * *"
_EMPTY_LINE = "&nbsp;"
_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|])")  # what means something anywhere in a line
_LINE_START = re.compile(r"([#+=:-])")  # what means something at a line's start only
_LIST_START = re.compile(r"(\d{1,9})([.)])")


def export_text(works: Sequence[Work], texts: Mapping[str, str], path: Path, form: ExportForm) -> None:
    """Write works, in the order given, to one UTF-8 file, whole or not at all.

    "txt" holds one text as it is; of several, chapters have their titles, scenes a break between them. "md" has
    titles as headings and each line as a paragraph; *emphasis* stays emphasis, every other sign shows as it is.
    Raises StudioError when the file cannot be written.
    """
    works = [work for work in works if work.kind not in NO_WORDS]
    text = as_markdown(works, texts) if form == "md" else as_plain(works, texts)
    with told(f"export to {path}", kept="The project is as it was."):
        write_whole(path, text.encode())


def as_plain(works: Sequence[Work], texts: Mapping[str, str]) -> str:
    """One text unchanged; several with the titles of chapters and breaks between scenes."""
    held = [work for work in works if texts.get(work.id)]
    if len(held) == 1 and len(works) == 1:
        return whole(texts[held[0].id])
    blocks: list[str] = []
    scene_before = False
    for work in works:
        text = whole(texts.get(work.id, ""))
        if work.kind == "chapter" and work.title.strip():
            blocks.append(" ".join(whole(work.title).split()))
            scene_before = False
        if text:
            blocks += [_SCENE_BREAK, text] if scene_before else [text]
        scene_before = scene_before or bool(text)
    return "\n\n".join(blocks)


def as_markdown(works: Sequence[Work], texts: Mapping[str, str]) -> str:
    """The works as CommonMark; scenes carry no heading, a break stands between one and the next."""
    blocks: list[str] = []
    scene_before = False
    for work in works:
        body = escaped(texts.get(work.id, ""))
        is_scene = work.kind == "scene"
        if is_scene and scene_before and body:
            blocks.append(_SCENE_BREAK)
        if not is_scene and work.title.strip():
            title = _literal(_SPECIAL.sub(r"\\\1", " ".join(whole(work.title).split())))
            blocks.append(f"{'#' * _LEVEL.get(work.kind, 2)} {title}")
        if body:
            blocks.append(body)
        scene_before = (bool(body) and work.kind != "chapter") or (is_scene and scene_before)
    return "\n\n".join(blocks) + "\n" if blocks else ""


def escaped(text: str) -> str:
    """A text that Markdown shows as it is: its lines are paragraphs, its signs stay signs."""
    text = whole(text)
    return "\n\n".join(_line(text[start:end]) for start, end in kept_lines(text))


def _line(line: str) -> str:
    line = line.rstrip()
    stripped = line.lstrip(" \t")
    if not stripped:
        return _EMPTY_LINE
    start = line[: len(line) - len(stripped)].replace("\t", "    ")
    return "&nbsp;" * len(start) + _in_line(stripped)


def _in_line(text: str) -> str:
    return _literal("".join(_stretch(text, stretch) for stretch in stretches(text)))


def _literal(out: str) -> str:
    """A line whose beginning means nothing."""
    if _LINE_START.match(out):
        return "\\" + out
    if found := _LIST_START.match(out):
        return f"{found[1]}\\{out[found.end(1) :]}"
    return out


def _stretch(text: str, stretch: Stretch) -> str:
    stars = "*" * (stretch.emph + 2 * stretch.strong)
    words = _SPECIAL.sub(r"\\\1", text[stretch.start : stretch.end])
    return f"{stars}{words}{stars}"
