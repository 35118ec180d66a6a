"""Writes works to a file in any of the forms, with or without the authors beside it."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from studio.core.errors import StoppedError, StudioError
from studio.core.files import told, write_whole
from studio.media.manuscript.forms import FORMS, Form
from studio.media.manuscript.manuscript import Origin
from studio.media.manuscript.pandoc import PandocError, Stopped, run_pandoc
from studio.media.manuscript.read import never
from studio.media.manuscript.sidecar import encoded, sidecar_of, sidecar_path
from studio.media.spans import SpanText
from studio.project.exchange.compose import composed
from studio.project.exchange.dress import dressed_docx, dressed_odt
from studio.project.export import as_markdown, as_plain
from studio.project.records import Work

_KEPT = "The project is as it was."


class Wanted(Struct, frozen=True, kw_only=True):
    """How to write: in which form, `title` on its first page ("" for none), whether the model's words are
    marked in it, and whether the authors go to `Name.authors.json` beside it."""

    form: Form
    title: str = ""
    authors: bool = False
    sidecar: bool = False


def write_manuscript(
    works: Sequence[Work],
    texts: Mapping[str, SpanText],
    path: Path,
    wanted: Wanted,
    origins: Mapping[str, Origin] | None = None,
    stopped: Stopped = never,
) -> tuple[Path, ...]:
    """Write works, in the order given, each file whole or not at all; the files written.

    `origins` says for the sidecar which model made which take. Raises StudioError when a file cannot be
    written or pandoc is missing, StoppedError; then the old file is as it was.
    """
    data = _made(works, texts, wanted, stopped)
    if stopped():
        raise StoppedError("Stopped.", kept="No file was written.")
    with told(f"export to {path}", kept=_KEPT):
        write_whole(path, data)
    if not wanted.sidecar:
        return (path,)
    beside = sidecar_path(path)
    held = [texts[work.id] for work in works if work.id in texts and texts[work.id].text]
    with told(f"write {beside.name}", kept=f"{path.name} was written."):
        write_whole(beside, encoded(sidecar_of(path, data, held, origins or {})))
    return path, beside


def _made(works: Sequence[Work], texts: Mapping[str, SpanText], wanted: Wanted, stopped: Stopped) -> bytes:
    info = FORMS[wanted.form]
    if not info.writer:
        plain = {work_id: text.text for work_id, text in texts.items()}
        write = as_markdown if wanted.form == "md" else as_plain
        return write(works, plain).encode()
    tree = composed(works, texts, wanted.title, wanted.authors and info.authors)
    data = _through_pandoc(tree, wanted, stopped)
    if wanted.form == "docx":
        return dressed_docx(data)
    return dressed_odt(data) if wanted.form == "odt" else data


def _through_pandoc(tree: bytes, wanted: Wanted, stopped: Stopped) -> bytes:
    arguments = ["--from=json", f"--to={FORMS[wanted.form].writer}", "--standalone", "--wrap=none"]
    if not wanted.title:
        arguments.append("--metadata=pagetitle: ")  # a web page has to have one
    with (
        told("export", kept=_KEPT),
        tempfile.TemporaryDirectory(prefix="atelier-", ignore_cleanup_errors=True) as folder,
    ):
        try:
            return run_pandoc(arguments, tree, Path(folder), stopped)
        except PandocError as error:
            refused = StudioError(
                f"The text could not be written as {FORMS[wanted.form].noun}.",
                kept=_KEPT,
                do="Export it as Markdown, and please report this.",
                code="pandoc",
            )
            refused.add_note(str(error))
            raise refused from error
