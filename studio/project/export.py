"""Works as plain text or Markdown."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

from studio.media.spans import whole
from studio.project.files import told, write_whole
from studio.project.records import Work, WorkKind

ExportForm = Literal["txt", "md"]
_LEVEL: dict[WorkKind, int] = {"story": 1, "note": 1, "picture": 1, "piece": 1, "chapter": 2}
_SCENE_BREAK = "* * *"
_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|])")  # what means something anywhere in a line
_LINE_START = re.compile(r"([#+=:-])")  # what means something at a line's start only
_LIST_START = re.compile(r"(\d{1,9})([.)])")


def export_text(works: Sequence[Work], texts: Mapping[str, str], path: Path, form: ExportForm) -> None:
    """Write works, in the order given, to one UTF-8 file, whole or not at all.

    "txt" holds the texts as they are (several are parted by an empty line). "md" has titles as headings,
    a break between scenes, hard line breaks where the text has them, and shows every character as it is.
    Raises StudioError when the file cannot be written.
    """
    text = as_markdown(works, texts) if form == "md" else as_plain(works, texts)
    with told(f"export to {path}", kept="The project is as it was."):
        write_whole(path, text.encode())


def as_plain(works: Sequence[Work], texts: Mapping[str, str]) -> str:
    """The texts, unchanged; several are parted by an empty line."""
    return "\n\n".join(whole(texts[work.id]) for work in works if texts.get(work.id))


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
            title = _in_line(" ".join(whole(work.title).split()))
            blocks.append(f"{'#' * _LEVEL.get(work.kind, 2)} {title}")
        if body:
            blocks.append(body)
        scene_before = (bool(body) and work.kind != "chapter") or (is_scene and scene_before)
    return "\n\n".join(blocks) + "\n" if blocks else ""


def escaped(text: str) -> str:
    """A text that Markdown shows as it is: its lines stay lines, its signs stay signs."""
    lines = [_line(line) for line in re.split(r"\r\n|\r|\n", whole(text))]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    ends = ["\\" if line and after else "" for line, after in pairwise([*lines, ""])]
    return "\n".join(line + end for line, end in zip(lines, ends, strict=True))


def _line(line: str) -> str:
    stripped = line.lstrip(" \t")
    if not stripped:
        return ""
    start = line[: len(line) - len(stripped)].replace("\t", "    ")
    return "&nbsp;" * len(start) + _in_line(stripped)


def _in_line(text: str) -> str:
    text = _SPECIAL.sub(r"\\\1", text)
    if _LINE_START.match(text):
        return "\\" + text
    if found := _LIST_START.match(text):
        return f"{found[1]}\\{text[found.end(1) :]}"
    return text
