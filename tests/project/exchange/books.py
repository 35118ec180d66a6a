"""Books for the tests of import and export, and hands that write and read them."""

from collections.abc import Sequence
from pathlib import Path

from studio.media.manuscript.manuscript import Manuscript, Origin
from studio.media.manuscript.read import read_manuscript
from studio.media.spans import HUMAN, Run, SpanText, merged
from studio.project.exchange.write import Wanted, write_manuscript
from studio.project.records import Work, WorkKind

ORIGINS = {"take1": Origin(model="story", seed=7), "take2": Origin(model="other", seed=8)}


def written(*parts: str | tuple[str, str]) -> SpanText:
    """A text of pieces; a pair is (text, author)."""
    pairs = [(part, HUMAN) if isinstance(part, str) else part for part in parts]
    return SpanText(
        text="".join(text for text, _ in pairs),
        runs=merged(Run(length=len(text), author=author) for text, author in pairs),
    )


def work(kind: WorkKind, id_: str, title: str = "", parent: str = "") -> Work:
    """A work of a book."""
    return Work(id=id_, kind=kind, title=title, parent=parent, created_ms=0)


WORKS = [
    work("story", "s", "The Öld Book & Co."),
    work("chapter", "c1", "One: a *star*", "s"),
    work("scene", "a", "first", "c1"),
    work("scene", "b", "second", "c1"),
    work("chapter", "c2", "第二章", "s"),
    work("scene", "c", "third", "c2"),
]
TEXTS = {
    "a": written(
        "Hello there. ",
        ("The *model wrote", "take1"),
        " this* bit.",
        ("\nA new line, 狐. ", "take2"),
        "Mine.\n\nEnd.",
    ),
    "b": written(
        ("“Second” **scene** with <b> & \\ 5 * 3 = 15 [x](y) `z` # _u_ ~~s~~.\nMore, it’s me…", "take1")
    ),
    "c": written("- Last.\n1. Very last."),
}


def write(
    path: Path,
    works: Sequence[Work] = WORKS,
    texts: dict[str, SpanText] = TEXTS,
    *,
    authors: bool = True,
    sidecar: bool = False,
    title: str = "The Öld Book & Co.",
) -> None:
    """Export to a file whose ending says the form."""
    form = path.suffix.removeprefix(".")
    wanted = Wanted(form=form, title=title, authors=authors, sidecar=sidecar)  # type: ignore[arg-type]
    write_manuscript(works, texts, path, wanted, ORIGINS)


def again(path: Path, **how: object) -> Manuscript:
    """Export and import."""
    write(path, **how)  # type: ignore[arg-type]
    return read_manuscript(path)


def outline(found: Manuscript) -> list[tuple[str, list[str]]]:
    """Chapters with the texts of their scenes."""
    return [(chapter.title, [scene.text.text for scene in chapter.scenes]) for chapter in found.chapters]


def by_models(text: SpanText) -> list[str]:
    """The stretches that models wrote."""
    out, place = [], 0
    for run in text.runs:
        if run.author:
            out.append(text.text[place : place + run.length])
        place += run.length
    return out


BOOK = [
    ("One: a *star*", [TEXTS["a"].text, TEXTS["b"].text]),
    ("第二章", [TEXTS["c"].text]),
]
MARKED = [
    ["The *model wrote", "\nA new line, 狐. "],
    [TEXTS["b"].text],
    [],
]
